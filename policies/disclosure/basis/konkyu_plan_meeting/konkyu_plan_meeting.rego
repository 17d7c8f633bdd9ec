# METADATA
# title: Plan coordination meeting (by consent)
# description: |
#   支援調整会議(プランの適否)。No statute founds it: it hears what the applicant has agreed to. It is neither
#   the support conference of article 9 nor the women's conference of the same name.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=427AC0000000105
#     description: 生活困窮者自立相談支援事業の通知(支援調整会議)
# custom:
#   code: konkyu_plan_meeting
#   article: "生活困窮者自立相談支援事業の通知(支援調整会議)"
#   title_ja: "支援調整会議(生活困窮者のプラン、本人の同意による)"
#   title_en: "Plan coordination meeting (by consent)"
#   effective_from: "2015-04-01"
package disclosure.basis.konkyu_plan_meeting

import rego.v1

import data.lib.conference
import data.lib.consent
import data.lib.result

# METADATA
# title: Fields that the person has agreed to and that a seat of the item may be told
# description: 本人が同意し、議題の出席者に伝えてよい項目。
hits contains result.ground("konkyu_plan_meeting", g.subject, fields, relied_on) if {
	some g in conference.grounds("konkyu_plan_meeting")
	some agreed in data.lib.consent.grants
	agreed.subject == g.subject
	fields := [f | some f in g.fields; f in agreed.fields]
	count(fields) > 0
	relied_on := sort({f | some f in g.facts} | {f | some f in agreed.facts})
}

# METADATA
# title: Why it gives no ground
# description: 会議・議題・出席者・誓約、または同意の足りないところ。
reasons := conference.reasons("konkyu_plan_meeting") | consent.against("konkyu_plan_meeting")
