# METADATA
# title: Entrustment
# description: |
#   委託(27条5項1号・66条2項)。The entruster must itself be the controller of exactly these data.
#   An agreement to cooperate and an order from a third party are no entrustment.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律25条・27条5項1号・66条2項
# custom:
#   code: entrustment
#   article: "個人情報の保護に関する法律27条5項1号・66条2項"
#   title_ja: "委託"
#   title_en: "Entrustment"
#   effective_from: "2022-04-01"
package disclosure.basis.entrustment

import rego.v1

import data.lib.entrusting

# METADATA
# title: Fields of the records that were entrusted
# description: 委託の対象となる記録の項目。
hits := entrusting.grounds("entrustment", "entrustment")

# METADATA
# title: Why there is no such entrustment
# description: 委託の種類・当事者・目的・期間・対象の合わないところ。
reasons := entrusting.reasons("entrustment", "entrustment")
