# METADATA
# title: A recipient abroad
# description: |
#   外国にある相手への提供。A recipient that is not in Japan, or of which nobody knows where it is,
#   receives only what the agency has formally approved after the test of the law.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律28条・71条
# custom:
#   code: stop_foreign
#   article: "個人情報の保護に関する法律28条・71条"
#   title_ja: "外国にある相手への提供"
#   title_en: "Recipients abroad"
#   effective_from: "2022-04-01"
#   verified: text
package disclosure.stop.stop_foreign

import rego.v1

import data.lib.approval
import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_stops := data.stops

# METADATA
# title: The test for a recipient abroad has not been made
# description: 28条・71条の要件(ご本人の同意、同等の保護など)を確かめた決裁がない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: FOREIGN_RECIPIENT
#   article: "個人情報の保護に関する法律28条・71条"
#   title_ja: "外国にある相手への提供の要件が確かめられていない"
#   title_en: "The requirements for a recipient abroad have not been confirmed"
#   next_step_ja: "国内の機関を通すか、外国への提供についてご本人の同意をいただいてください。要件を確かめたうえで決裁を登録すれば、あらためて判断できます。"
#   next_step_en: "Go through an agency in Japan, or obtain consent to provision abroad. Once the requirements are confirmed and the approval is registered, ask again."
#   side: controller
#   lawful_alternatives: [ask_consent, ask_officer, seek_approval]
hits contains result.stop_fields("stop_foreign", "FOREIGN_RECIPIENT", fields, []) if {
	not _in_japan
	fields := sort({f.id | some f in data.lib.facts.fields; not _approved(f)})
	count(fields) > 0
}

_in_japan if input.registered.recipient.agency.country == _stops.home_country

_approved(field) if {
	count(field.about) > 0
	approval.covers("foreign_transfer", field)
}
