# METADATA
# title: Provision within the registered purpose of use
# description: |
#   利用目的内の提供(69条1項)。What passes day by day stands in the published purpose of use and in
#   the register of files: this purpose, these records, this recipient as a regular one (61条,
#   74条1項7号, 75条).
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律61条・69条1項・74条・75条
# custom:
#   code: public_within_purpose
#   article: "個人情報の保護に関する法律61条・69条1項"
#   title_ja: "利用目的内の提供"
#   title_en: "Provision within the purpose of use"
#   effective_from: "2023-04-01"
package disclosure.basis.public_within_purpose

import rego.v1

import data.lib.facts
import data.lib.harm
import data.lib.refusal
import data.lib.registry
import data.lib.result
import data.lib.time
import data.lib.vouched

_id := "public_within_purpose"

# METADATA
# title: Fields of records whose purpose covers this recipient
# description: 公表した利用目的と経常的提供先に当たる記録の項目。
hits contains result.ground(_id, s, fields, [sprintf("use_purpose:%s", [u.id])]) if {
	some u in _in_force
	not data.lib.harm.known
	some s in data.lib.facts.concerned
	registry.in_scope(_id, s)
	not s in _refused
	fields := sort(registry.within_class(_id) & _covered(u, s))
	count(fields) > 0
}

# METADATA
# title: Why it is not within the purpose
# description: 利用目的・提供先・期間・記録の合わないところ。
reasons contains result.against(_id, vouched.aloud(_id, "PURPOSE_FORBIDDEN"), "", [], []) if {
	count(_for_purpose) == 0
}

reasons contains result.against(_id, vouched.aloud(_id, "BASIS_NOT_FOR_RECIPIENT"), "", [], []) if {
	count(_for_purpose) > 0
	count(_for_recipient) == 0
}

reasons contains result.against(_id, "BASIS_EXPIRED", "", [], []) if {
	count(_for_recipient) > 0
	count(_in_force) == 0
}

reasons contains result.against(_id, "FIELD_NOT_NEEDED", s, fields, []) if {
	count(_in_force) > 0
	some s in data.lib.facts.concerned
	fields := sort(facts.about(s) - {f | some u in _in_force; some f in _covered(u, s)})
	count(fields) > 0
}

reasons contains result.against(_id, "NO_BASIS", s, [], []) if {
	some s in data.lib.facts.concerned
	not registry.in_scope(_id, s)
}

reasons contains a if some a in harm.against(_id)

reasons contains a if some a in refusals

refusals := refusal.standing(_id, {"refused_recipient"})

_refused := {a.subject | some a in refusals}

_for_purpose := [u |
	some u in input.registered.use_purposes
	u.agency == input.request.sender.agency
	input.request.purpose in u.purposes
]

_for_recipient := [u |
	some u in _for_purpose
	u.regular == true
	_names_recipient(u)
]

_names_recipient(u) if input.request.recipient.agency in u.recipient_agencies

_names_recipient(u) if input.registered.recipient.agency.kind in u.recipient_kinds

_in_force := [u |
	some u in _for_recipient
	time.within(u.published_at, null, input.computed.law_at)
	time.within(u.valid_from, u.valid_to, input.computed.law_at)
]

_covered(u, subject) := {f |
	some f in facts.about(subject)
	split(f, ".")[0] in u.records
}
