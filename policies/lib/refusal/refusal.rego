# METADATA
# title: Recipients whom the person has refused
# description: |
#   本人が「ここには渡さないで」と断った提供先。Under consent it closes the door; under a
#   statutory basis it becomes an approver's decision, never a silent override.
package lib.refusal

import rego.v1

import data.lib.approval
import data.lib.facts
import data.lib.result

# METADATA
# title: Subjects who have refused this recipient in any record of theirs
# description: |
#   A refusal stands, whatever later and broader texts say, until the person changes the
#   very record that holds it.
subjects := {s |
	some s in data.lib.facts.concerned
	person := data.lib.facts.persons[s]
	some c in input.registered.consents
	c.person == person
	some id in c.recipients_refused
	facts.is_recipient(id)
}

# METADATA
# title: Refusals over which the agency has not decided formally
# description: 法令の根拠があっても、本人が断った提供先へは決裁なしに渡さない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: RECIPIENT_REFUSED_BY_SUBJECT
#   article: "個人情報の保護に関する法律27条1項・69条2項"
#   title_ja: "ご本人が、この提供先への提供を断っている"
#   title_en: "The person has refused this recipient"
#   next_step_ja: "ご本人のお気持ちを大切に、別の機関や方法をご検討ください。お気持ちが変わったときは、同意記録の「提供を断る相手」を改めてもらってください。法令の根拠でどうしても必要なときは、理由を付して決裁を受けてください。"
#   next_step_en: "Respect the person's wish and look for another agency or way. If the wish has changed, have the record amended. Where a statute makes it necessary, obtain a reasoned approval."
#   side: controller
#   lawful_alternatives: [ask_consent, seek_approval, introduce_person_themselves]
standing(rule, kinds) := {a |
	some s in subjects
	some a in unless_approved(rule, s, kinds)
}

# METADATA
# title: The refusal of one subject, unless somebody has approved going on
unless_approved(rule, subject, kinds) := {result.against(rule, "RECIPIENT_REFUSED_BY_SUBJECT", subject, [], ["approver"]) |
	person := data.lib.facts.persons[subject]
	not _approved(kinds, person)
}

_approved(kinds, person) if {
	some kind in kinds
	count(approval.approvals(kind, person)) > 0
}
