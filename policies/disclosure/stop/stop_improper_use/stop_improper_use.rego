# METADATA
# title: Purposes for which nothing passes
# description: |
#   不適正な利用の禁止。Purposes that are forbidden or unknown, and uses that the controller
#   itself suspects, refuse the whole unit.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律19条・63条
# custom:
#   code: stop_improper_use
#   article: "個人情報の保護に関する法律19条・63条"
#   title_ja: "不適正な利用の禁止"
#   title_en: "Improper use"
#   effective_from: "2022-04-01"
#   verified: text
package disclosure.stop.stop_improper_use

import rego.v1

import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_index := data.index

# METADATA
# title: The purpose is not one for which case information may pass
# description: 支援の目的一覧にない、または禁じられた目的。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: PURPOSE_FORBIDDEN
#   article: "個人情報の保護に関する法律18条・19条・63条・69条1項"
#   title_ja: "その目的のための提供はできない"
#   title_en: "Nothing may pass for that purpose"
#   next_step_ja: "支援のための目的を選び直してください。名前の要らない集計や社会資源の照会で足りることもあります。取立て・調査・営業などのためには、この仕組みはお使いになれません。"
#   next_step_en: "Please choose a purpose of support. Figures or a resource enquiry without names may be enough. Collection, investigation or sales are not what this gateway is for."
#   side: asker
#   lawful_alternatives: [deidentify, ask_officer]
hits contains result.stop_whole("stop_improper_use", "PURPOSE_FORBIDDEN", false) if not _purpose_allowed

hits contains result.stop_whole("stop_improper_use", "IMPROPER_USE", true) if {
	some a in data.lib.facts.asserted.inappropriate_purpose_suspected
	a.value != false
}

_purpose_allowed if _index.purposes[input.request.purpose]

# Where nobody is known, only classes that tell of nobody.
_purpose_allowed if {
	classes := _index.purposes_without_persons[input.request.purpose]
	count([class | some f in data.lib.facts.fields; some class in f.classes; not classes[class]]) == 0
}
