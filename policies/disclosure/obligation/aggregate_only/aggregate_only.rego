# METADATA
# title: Figures only
# description: |
#   集計した数だけ。With the number below which a cell has to be suppressed, and the mark that it
#   also has to stand up to subtraction from earlier tables.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律69条2項4号
# custom:
#   code: aggregate_only
#   article: "個人情報の保護に関する法律69条2項4号"
#   title_ja: "集計した数だけ"
#   title_en: "Figures only"
package disclosure.obligation.aggregate_only

import rego.v1

import data.lib.result

# METADATA
# title: With the municipality's threshold
# description: 自治体のしきい値を示す。
due contains result.duty("aggregate_only", {"k": data.lib.registry.thresholds.small_cell}, null)
