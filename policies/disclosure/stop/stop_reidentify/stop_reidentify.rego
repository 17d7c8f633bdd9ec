# METADATA
# title: Nobody is identified again
# description: |
#   匿名・仮名加工情報の照合の禁止。Where the controller says that matching is intended, nothing that
#   was anonymised or pseudonymised passes.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律41条7項・43条5項・73条3項・121条・123条
# custom:
#   code: stop_reidentify
#   article: "個人情報の保護に関する法律41条7項・43条5項・73条3項・121条・123条"
#   title_ja: "加工した情報からの割り出し"
#   title_en: "Re-identification"
#   effective_from: "2022-04-01"
#   verified: text
package disclosure.stop.stop_reidentify

import rego.v1

import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_stops := data.stops

# METADATA
# title: It was processed so that nobody is known, and matching is intended
# description: 加工された情報を、だれのことか割り出すために照合しようとしている。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: REIDENTIFICATION
#   article: "個人情報の保護に関する法律41条7項・43条5項・73条3項・121条・123条"
#   title_ja: "だれのことかを割り出す照合に当たる"
#   title_en: "It would amount to re-identification"
#   next_step_ja: "照合はできません。必要なら、ご本人の同意をいただいた情報をお使いください。"
#   next_step_en: "No matching. If it is needed, use data to which the person has agreed."
#   side: controller
#   lawful_alternatives: [ask_consent, deidentify, reduce_fields]
hits contains result.stop_fields("stop_reidentify", "REIDENTIFICATION", fields, []) if {
	_matching_intended
	fields := sort({f.id | some f in data.lib.facts.fields; not _free(f)})
	count(fields) > 0
}

_matching_intended if {
	some a in data.lib.facts.asserted.matching_intended
	a.value != false
}

_free(field) if {
	row := _stops.origins[field.origin]
	row.processed == false
}
