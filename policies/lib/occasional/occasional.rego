# METADATA
# title: What is lawful only now and then
# description: |
#   臨時的な利用・提供(69条2項)。Permits by such a basis are counted per sender, recipient and
#   person; at the municipality's limit an officer decides, or is told.
# related_resources:
#   - ref: https://www.ppc.go.jp/all_faq_index/faq7-q3-3-2/
#     description: 個人情報保護委員会Q&A(行政機関等編)3-3-2
package lib.occasional

import rego.v1

import data.lib.approval
import data.lib.result

# METADATA
# title: Not yet a habit, or allowed for once more
allowed if input.computed.ad_hoc_count < data.lib.registry.thresholds.ad_hoc_limit

allowed if data.lib.registry.thresholds.ad_hoc_repeat == "flag"

allowed if {
	person := data.lib.facts.persons[data.lib.facts.main_subject]
	approval.lifted_for("AD_HOC_REPEATED", person)
}

# METADATA
# title: The limit is reached, whatever follows from it
repeated if input.computed.ad_hoc_count >= data.lib.registry.thresholds.ad_hoc_limit

# METADATA
# title: It has become a habit
# description: 69条2項は臨時の利用・提供のための規定。繰り返すときは、利用目的や会議、同意で備える。
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
against(rule) := {result.against(rule, "AD_HOC_REPEATED", "", [], ["officer"]) | not allowed}
