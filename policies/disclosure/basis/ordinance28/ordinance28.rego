# METADATA
# title: The ordinance on mutual support is no ground
# description: |
#   鳥取県条例第28号(協力の定め)。The default behind every decision, law first and else consent, and
#   never itself a ground: for a public body an ordinance is no law under article 69(1), and a
#   duty to endeavour to cooperate allows a private body nothing. Its operative articles have
#   not been read.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律27条1項・69条1項
# custom:
#   code: ordinance28
#   article: "個人情報の保護に関する法律27条1項・69条1項、鳥取県条例第28号(条番号は未確認)"
#   title_ja: "鳥取県条例第28号(協力の定め)"
#   title_en: "Tottori Prefectural Ordinance No. 28"
#   effective_from: "2023-01-01"
package disclosure.basis.ordinance28

import rego.v1

import data.lib.result

# METADATA
# title: Why it opens nothing
# description: まず法令の根拠、なければご本人の同意という基本の考え方を示すだけである。
reasons contains result.against("ordinance28", "NO_BASIS", "", [], [])
