# METADATA
# title: Pseudonymised information stays in the house
# description: |
#   仮名加工情報の第三者提供の禁止。It does not go to third parties, not even with consent; a
#   processor and a joint user are no third parties.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律41条6項・42条1項・73条1項
# custom:
#   code: stop_pseudonymised_out
#   article: "個人情報の保護に関する法律41条6項・42条1項・73条1項"
#   title_ja: "仮名加工情報の提供"
#   title_en: "Handing over pseudonymised information"
#   effective_from: "2022-04-01"
#   verified: text
package disclosure.stop.stop_pseudonymised_out

import rego.v1

import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_stops := data.stops

# METADATA
# title: It is pseudonymised, and the recipient is a third party
# description: 委託や共同利用によらない、仮名加工情報の提供。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: PSEUDONYMISED_DATA
#   article: "個人情報の保護に関する法律41条6項・42条1項・73条1項"
#   title_ja: "仮名加工情報は第三者に渡せない"
#   title_en: "Pseudonymised information may not go to third parties"
#   next_step_ja: "集計した数字にするか、委託・共同利用の枠組みをご検討ください。"
#   next_step_en: "Use aggregate figures, or consider entrustment or joint use."
#   side: controller
#   lawful_alternatives: [deidentify, register_entrustment, reduce_fields]
hits contains result.stop_fields("stop_pseudonymised_out", "PSEUDONYMISED_DATA", fields, []) if {
	fields := sort({f.id | some f in data.lib.facts.fields; not _free(f)})
	count(fields) > 0
}

_free(field) if {
	row := _stops.origins[field.origin]
	row.pseudonymised == false
}

_free(field) if {
	count(field.about) > 0
	every subject in field.about {
		[subject, field.id] in _within_the_house
	}
}

_within_the_house contains [h.subject, f] if {
	some h in data.disclosure.main.grounds
	h.basis in _stops.pseudonymised_bases
	some f in h.fields
}
