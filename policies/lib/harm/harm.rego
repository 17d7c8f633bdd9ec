# METADATA
# title: The proviso of article 69(2)
# description: |
#   69条2項ただし書。Even a ground closes where the person or somebody else would unjustly
#   be harmed.
package lib.harm

import rego.v1

import data.lib.result

# METADATA
# title: The controller itself says that somebody would be harmed
known if {
	some a in data.lib.facts.asserted.no_third_party_harm
	a.value != true
}

# METADATA
# title: The controller has confirmed that nobody would be harmed
excluded if {
	not known
	some a in data.lib.facts.asserted.no_third_party_harm
	a.value == true
}

# METADATA
# title: Unjust harm to the person or somebody else
# description: 本人または第三者の権利利益を不当に侵害するおそれがある。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: IMPROPER_USE
#   article: "個人情報の保護に関する法律19条・63条・69条2項ただし書"
#   title_ja: "ご本人や第三者を不当に害するおそれがある"
#   title_en: "It might unjustly harm the person or somebody else"
#   next_step_ja: "だれの、どのような不利益が心配かを整理し、渡す項目や相手を変えられないかを個人情報保護の担当とご相談ください。"
#   next_step_en: "Write down whose harm is feared and, with the privacy officer, see whether other fields or another recipient would avoid it."
#   side: officer
#   lawful_alternatives: [ask_officer, reduce_fields]
against(rule) := {result.against(rule, "IMPROPER_USE", "", [], []) | known}
