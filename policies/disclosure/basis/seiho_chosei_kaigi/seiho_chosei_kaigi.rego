# METADATA
# title: Coordination conference (Public Assistance Act)
# description: |
#   調整会議(生活保護法27条の3)。Members whom the office for public assistance recognises exchange what
#   support of somebody who receives assistance now takes.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=325AC0000000144
#     description: 生活保護法27条の3
# custom:
#   code: seiho_chosei_kaigi
#   article: "生活保護法27条の3"
#   title_ja: "調整会議(生活保護)"
#   title_en: "Coordination conference (Public Assistance Act)"
#   effective_from: "2025-04-01"
package disclosure.basis.seiho_chosei_kaigi

import rego.v1

import data.lib.conference

# METADATA
# title: Fields that may be told at the item
# description: 議題の対象者について、出席者に伝えてよい項目。
hits := conference.grounds("seiho_chosei_kaigi")

# METADATA
# title: Why the item gives no ground
# description: 会議・議題・出席者・誓約・対象の足りないところ。
reasons := conference.reasons("seiho_chosei_kaigi")
