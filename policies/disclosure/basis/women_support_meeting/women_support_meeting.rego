# METADATA
# title: Support coordination conference (women facing difficult problems)
# description: |
#   支援調整会議(困難な問題を抱える女性への支援に関する法律15条)。Members exchange what support of a woman
#   facing difficult problems takes. It is no plan meeting of the same name.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=504AC0100000052
#     description: 困難な問題を抱える女性への支援に関する法律15条
# custom:
#   code: women_support_meeting
#   article: "困難な問題を抱える女性への支援に関する法律15条"
#   title_ja: "支援調整会議(困難な問題を抱える女性)"
#   title_en: "Support coordination conference (women facing difficult problems)"
#   effective_from: "2024-04-01"
package disclosure.basis.women_support_meeting

import rego.v1

import data.lib.conference

# METADATA
# title: Fields that may be told at the item
# description: 議題の対象者について、出席者に伝えてよい項目。
hits := conference.grounds("women_support_meeting")

# METADATA
# title: Why the item gives no ground
# description: 会議・議題・出席者・誓約・対象の足りないところ。
reasons := conference.reasons("women_support_meeting")
