# METADATA
# title: Multi-layered support meeting (by consent)
# description: |
#   重層的支援会議。No statute founds it: it hears what the person has agreed to, from seat to seat. Its
#   name resembles the support conference of the Act, its rule is the opposite.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=326AC0000000045
#     description: 重層的支援体制整備事業実施要綱(重層的支援会議)
# custom:
#   code: juso_consent_meeting
#   article: "重層的支援体制整備事業実施要綱(重層的支援会議)"
#   title_ja: "重層的支援会議(本人の同意による)"
#   title_en: "Multi-layered support meeting (by consent)"
#   effective_from: "2021-04-01"
package disclosure.basis.juso_consent_meeting

import rego.v1

import data.lib.conference
import data.lib.consent
import data.lib.result

# METADATA
# title: Fields that the person has agreed to and that a seat of the item may be told
# description: 本人が同意し、議題の出席者に伝えてよい項目。
hits contains result.ground("juso_consent_meeting", g.subject, fields, relied_on) if {
	some g in conference.grounds("juso_consent_meeting")
	some agreed in data.lib.consent.grants
	agreed.subject == g.subject
	fields := [f | some f in g.fields; f in agreed.fields]
	count(fields) > 0
	relied_on := sort({f | some f in g.facts} | {f | some f in agreed.facts})
}

# METADATA
# title: Why it gives no ground
# description: 会議・議題・出席者・誓約、または同意の足りないところ。
reasons := conference.reasons("juso_consent_meeting") | consent.against("juso_consent_meeting")
