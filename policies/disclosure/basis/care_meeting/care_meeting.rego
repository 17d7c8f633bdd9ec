# METADATA
# title: Community care conference
# description: |
#   地域ケア会議(介護保険法115条の48)。Members of a municipality's conference exchange what support of an
#   insured person takes.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=409AC0000000123
#     description: 介護保険法115条の48
# custom:
#   code: care_meeting
#   article: "介護保険法115条の48"
#   title_ja: "地域ケア会議"
#   title_en: "Community care conference"
#   effective_from: "2015-04-01"
package disclosure.basis.care_meeting

import rego.v1

import data.lib.conference

# METADATA
# title: Fields that may be told at the item
# description: 議題の対象者について、出席者に伝えてよい項目。
hits := conference.grounds("care_meeting")

# METADATA
# title: Why the item gives no ground
# description: 会議・議題・出席者・誓約・対象の足りないところ。
reasons := conference.reasons("care_meeting")
