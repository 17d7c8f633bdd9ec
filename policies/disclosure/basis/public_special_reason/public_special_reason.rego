# METADATA
# title: Clear benefit to the person, or another special reason
# description: |
#   明らかに本人の利益になるとき・特別の理由(69条2項4号)。The last door of a public body: a
#   written reason, a formal approval, nobody unjustly harmed, a named field set, and not as
#   a habit.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律69条2項4号
# custom:
#   code: public_special_reason
#   article: "個人情報の保護に関する法律69条2項4号"
#   title_ja: "明らかに本人の利益になるとき・特別の理由"
#   title_en: "Clear benefit to the person or special reason"
#   effective_from: "2022-04-01"
package disclosure.basis.public_special_reason

import rego.v1

import data.lib.approval
import data.lib.facts
import data.lib.harm
import data.lib.occasional
import data.lib.refusal
import data.lib.registry
import data.lib.result

_id := "public_special_reason"

# METADATA
# title: Fields that the agency has approved
# description: 決裁を受けた項目。
hits contains result.ground(_id, s, fields, relied_on) if {
	told_reason
	data.lib.harm.excluded
	data.lib.occasional.allowed
	input.request.profile != ""
	some s in data.lib.facts.concerned
	not s in _refused
	approvals := approval.approvals(_id, data.lib.facts.persons[s])
	count(approvals) > 0
	fields := sort(registry.within_class(_id) & _approved(s))
	count(fields) > 0
	relied_on := array.concat(
		["asserted:no_third_party_harm", "asserted:special_reason"],
		[sprintf("approval:%s", [a.id]) | some a in approvals],
	)
}

# METADATA
# title: Why article 69(2)(iv) does not carry
# description: 理由・決裁・必要最小限・臨時性の足りないところ。
reasons contains result.against(_id, "REASON_MISSING", "", [], []) if not told_reason

reasons contains result.against(_id, "REASON_MISSING", "", [], []) if not data.lib.harm.excluded

reasons contains result.against(_id, "FIELD_NOT_NEEDED", "", [], []) if input.request.profile == ""

reasons contains result.against(_id, "APPROVAL_REQUIRED", s, fields, ["approver"]) if {
	some s in data.lib.facts.concerned
	fields := sort(facts.about(s) - _approved(s))
	count(fields) > 0
}

reasons contains a if some a in occasional.against(_id)

reasons contains a if some a in harm.against(_id)

reasons contains a if some a in refusals

# METADATA
# title: A special reason, in enough words
told_reason if {
	some a in facts.told(data.lib.facts.main_subject, "special_reason")
	a.value in {"clear_benefit", "special"}
	a.text_chars >= data.lib.registry.thresholds.min_reason_chars
}

_approved(subject) := {f |
	some f in facts.about(subject)
	approval.approved(_id, data.lib.facts.persons[subject], f)
}

refusals := refusal.standing(_id, {"refused_recipient"})

_refused := {a.subject | some a in refusals}
