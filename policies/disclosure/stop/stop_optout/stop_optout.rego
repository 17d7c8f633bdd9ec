# METADATA
# title: No special-care information by opt-out
# description: |
#   オプトアウトによる要配慮個人情報の提供の禁止。A controller that says it relies on opt-out hands
#   over nothing sensitive; and since opt-out is no ground here, nothing else on it either.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律27条2項ただし書
# custom:
#   code: stop_optout
#   article: "個人情報の保護に関する法律27条2項ただし書"
#   title_ja: "オプトアウトによる提供"
#   title_en: "Provision by opt-out"
#   effective_from: "2022-04-01"
#   verified: text
package disclosure.stop.stop_optout

import rego.v1

import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_stops := data.stops

# METADATA
# title: It is special-care information, and opt-out is relied on
# description: 病歴・障害などの要配慮個人情報(自治体が同じように扱う区分を含む)。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: OPT_OUT_SENSITIVE
#   article: "個人情報の保護に関する法律27条2項ただし書"
#   title_ja: "要配慮個人情報はオプトアウトでは渡せない"
#   title_en: "Special-care information never passes by opt-out"
#   next_step_ja: "ご本人に説明し、あらかじめ同意をいただいてください。"
#   next_step_en: "Explain to the person and obtain consent beforehand."
#   side: controller
#   lawful_alternatives: [ask_consent, reduce_fields]
hits contains result.stop_fields("stop_optout", "OPT_OUT_SENSITIVE", fields, []) if {
	_relied_on
	fields := sort({f.id | some f in data.lib.facts.fields; not _plain(f)})
	count(fields) > 0
}

_relied_on if {
	some a in data.lib.facts.asserted.opt_out
	a.value != false
}

_plain(field) if {
	every class in field.classes {
		_ordinary(class)
	}
}

_ordinary(class) if not class in _sensitive

_sensitive contains class if some class in _stops.special_care_classes

_sensitive contains class if some class in data.lib.registry.thresholds.own_sensitive_classes
