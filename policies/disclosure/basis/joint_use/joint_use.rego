# METADATA
# title: Joint use within a range made known beforehand
# description: |
#   共同利用(27条5項3号)。Among private bodies of a named range; the fact, the items, the range, the
#   purpose and the responsible body told or published beforehand by whoever provides: what
#   another user of the data has told its own persons does not count. It does not free a public
#   body from article 69.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律27条5項3号・6項
# custom:
#   code: joint_use
#   article: "個人情報の保護に関する法律27条5項3号"
#   title_ja: "共同利用"
#   title_en: "Joint use"
#   effective_from: "2022-04-01"
package disclosure.basis.joint_use

import rego.v1

import data.lib.facts
import data.lib.refusal
import data.lib.registry
import data.lib.result
import data.lib.time

_id := "joint_use"

_to_be_told := {"fact", "items", "range", "purpose", "responsible"}

# METADATA
# title: Fields of the items that are used jointly
# description: 共同利用する項目として知らせてある項目。
hits contains result.ground(_id, s, fields, [sprintf("joint_use_notice:%s", [n.id])]) if {
	some n in _in_force
	some s in data.lib.facts.concerned
	registry.in_scope(_id, s)
	not s in _refused
	fields := sort(registry.within_class(_id) & _covered(n, s))
	count(fields) > 0
}

# METADATA
# title: Not told beforehand
# description: 共同利用や匿名加工情報の提供で、あらかじめの通知・公表が確かめられない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: NOT_TOLD_BEFOREHAND
#   article: "個人情報の保護に関する法律27条5項3号・43条"
#   title_ja: "あらかじめ知らせ、公表する手続が確かめられていない"
#   title_en: "What has to be told or published beforehand has not been confirmed"
#   next_step_ja: "何を・だれに・何のために渡すかを、あらかじめご本人に知らせるか公表した記録をご確認ください。それまでは、ご本人の同意をご検討ください。"
#   next_step_en: "Check the record of what was told or published beforehand: what, to whom and for what. Until then consider consent."
#   side: controller
#   lawful_alternatives: [ask_consent, ask_officer]
reasons contains result.against(_id, "NOT_TOLD_BEFOREHAND", "", [], []) if {
	count(_for_purpose) > 0
	count(_told) == 0
}

reasons contains result.against(_id, "NO_BASIS", "", [], []) if count(_among) == 0

reasons contains result.against(_id, "PURPOSE_FORBIDDEN", "", [], []) if {
	count(_among) > 0
	count(_for_purpose) == 0
}

reasons contains result.against(_id, "BASIS_EXPIRED", "", [], []) if {
	count(_told) > 0
	count(_in_force) == 0
}

reasons contains result.against(_id, "FIELD_NOT_NEEDED", s, fields, []) if {
	count(_in_force) > 0
	some s in data.lib.facts.concerned
	fields := sort(facts.about(s) - {f | some n in _in_force; some f in _covered(n, s)})
	count(fields) > 0
}

reasons contains result.against(_id, "NO_BASIS", s, [], []) if {
	some s in data.lib.facts.concerned
	not registry.in_scope(_id, s)
}

reasons contains a if some a in refusals

refusals := refusal.standing(_id, {"refused_recipient"})

_refused := {a.subject | some a in refusals}

_among := [n |
	some n in input.registered.joint_use_notices
	_in_range(n, input.request.sender.agency)
	_in_range(n, input.request.recipient.agency)
]

_in_range(n, agency) if agency == n.publisher

_in_range(n, agency) if agency in n.members

# The provider's own notice, or the one for which it is responsible.
_answers_for(agency, n) if agency == n.publisher

_answers_for(agency, n) if agency == n.responsible

_for_purpose := [n | some n in _among; input.request.purpose in n.purposes]

_told := [n |
	some n in _for_purpose
	_answers_for(input.request.sender.agency, n)
	count(_to_be_told - {item | some item in n.told_items}) == 0
	n.responsible != ""
	time.within(n.published_at, null, input.computed.law_at)
]

_in_force := [n | some n in _told; time.within(n.valid_from, n.valid_to, input.computed.law_at)]

_covered(n, subject) := {f.id |
	some f in data.lib.facts.fields
	subject in f.about
	split(f.id, ".")[0] in n.records
	count([class | some class in f.classes; not class in n.item_classes]) == 0
}
