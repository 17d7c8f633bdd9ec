# METADATA
# title: Regional council for consumer safety
# description: |
#   消費者安全確保地域協議会(消費者安全法11条の3から11条の6まで)。Members exchange what watching over a
#   consumer who needs special care takes, and nothing else. Its secrecy knows no good reason.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=421AC0000000050
#     description: 消費者安全法11条の3・11条の4
# custom:
#   code: consumer_council
#   article: "消費者安全法11条の3・11条の4"
#   title_ja: "消費者安全確保地域協議会"
#   title_en: "Regional council for consumer safety"
#   effective_from: "2016-04-01"
package disclosure.basis.consumer_council

import rego.v1

import data.lib.conference

# METADATA
# title: Fields that may be told at the item
# description: 議題の対象者について、出席者に伝えてよい項目。
hits := conference.grounds("consumer_council")

# METADATA
# title: Why the item gives no ground
# description: 会議・議題・出席者・誓約・対象の足りないところ。
reasons := conference.reasons("consumer_council")
