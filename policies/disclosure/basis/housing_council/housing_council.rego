# METADATA
# title: Council on housing support
# description: |
#   居住支援協議会(81条・82条)。Its law knows no secrecy and no penalty: it is asked to work with the
#   meetings that have them, and is never a ground itself. Only consent carries.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=419AC1000000112
#     description: 住宅確保要配慮者に対する賃貸住宅の供給の促進に関する法律81条
# custom:
#   code: housing_council
#   article: "住宅確保要配慮者に対する賃貸住宅の供給の促進に関する法律81条"
#   title_ja: "居住支援協議会"
#   title_en: "Council on housing support"
#   effective_from: "2025-10-01"
package disclosure.basis.housing_council

import rego.v1

import data.lib.result

# METADATA
# title: Why it opens nothing
# description: 守秘と罰則の定めがなく、連携に努めることだけを定めるため、根拠にならない。
reasons contains result.against("housing_council", "NO_BASIS", "", [], [])
