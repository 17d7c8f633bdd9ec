# METADATA
# title: Regional council for children and young people
# description: |
#   子ども・若者支援地域協議会(子ども・若者育成支援推進法19条から24条まで)。Announced members exchange about
#   a young person in difficulty, young carers among them, after hearing what that person wants.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=421AC0000000071
#     description: 子ども・若者育成支援推進法19条・20条
# custom:
#   code: kowaka_council
#   article: "子ども・若者育成支援推進法19条・20条"
#   title_ja: "子ども・若者支援地域協議会"
#   title_en: "Regional council for children and young people"
#   effective_from: "2010-04-01"
package disclosure.basis.kowaka_council

import rego.v1

import data.lib.conference

# METADATA
# title: Fields that may be told at the item
# description: 議題の対象者について、出席者に伝えてよい項目。
hits := conference.grounds("kowaka_council")

# METADATA
# title: Why the item gives no ground
# description: 会議・議題・出席者・誓約・対象の足りないところ。
reasons := conference.reasons("kowaka_council")
