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
	occasional
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

# METADATA
# title: It has become a habit
# description: 69条2項は臨時の提供のための規定。繰り返すときは、利用目的や会議、同意で備える。
# related_resources:
#   - ref: https://www.ppc.go.jp/all_faq_index/faq7-q3-3-2/
# custom:
#   code: AD_HOC_REPEATED
#   article: "個人情報の保護に関する法律69条2項(臨時の提供)"
#   title_ja: "臨時のはずの提供が、この方について繰り返されている"
#   title_en: "What is meant to be occasional has been repeated for this person"
#   next_step_ja: "続けて共有する必要があるなら、ご本人の同意をいただくか、支援会議の議題にしてください。今回だけはどうしても必要というときは、担当の方の判断を受けてください。"
#   next_step_en: "If sharing has to go on, obtain consent or bring it to the support conference. If it is needed just this once more, ask the officer to decide."
#   side: controller
#   lawful_alternatives: [ask_consent, bring_to_support_conference, ask_officer]
reasons contains result.against(_id, "AD_HOC_REPEATED", "", [], ["officer"]) if not occasional

reasons contains a if some a in harm.against(_id)

reasons contains a if some a in refusals

# METADATA
# title: A special reason, in enough words
told_reason if {
	some a in facts.told(data.lib.facts.main_subject, "special_reason")
	a.value in {"clear_benefit", "special"}
	a.text_chars >= data.lib.registry.thresholds.min_reason_chars
}

# METADATA
# title: Not yet a habit, or allowed for once more
occasional if input.computed.ad_hoc_count < data.lib.registry.thresholds.ad_hoc_limit

occasional if data.lib.registry.thresholds.ad_hoc_repeat == "flag"

occasional if approval.lifted_for("AD_HOC_REPEATED", data.lib.facts.persons[data.lib.facts.main_subject])

# METADATA
# title: The limit is reached, whatever follows from it
repeated if input.computed.ad_hoc_count >= data.lib.registry.thresholds.ad_hoc_limit

_approved(subject) := {f |
	some f in facts.about(subject)
	approval.approved(_id, data.lib.facts.persons[subject], f)
}

refusals := refusal.standing(_id, {"refused_recipient"})

_refused := {a.subject | some a in refusals}
