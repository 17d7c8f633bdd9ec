# METADATA
# title: Council on violence by spouses
# description: |
#   配偶者からの暴力に関する協議会(配偶者暴力防止法5条の2から5条の4まで)。Announced members exchange about
#   the victim. No seat on the side of whoever did violence hears anything.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=413AC0100000031
#     description: 配偶者暴力防止法5条の2
# custom:
#   code: dv_council
#   article: "配偶者暴力防止法5条の2"
#   title_ja: "DV協議会"
#   title_en: "Council on violence by spouses"
#   effective_from: "2024-04-01"
package disclosure.basis.dv_council

import rego.v1

import data.lib.conference

# METADATA
# title: Fields that may be told at the item
# description: 議題の対象者について、出席者に伝えてよい項目。
hits := conference.grounds("dv_council")

# METADATA
# title: Why the item gives no ground
# description: 会議・議題・出席者・誓約・対象の足りないところ。
reasons := conference.reasons("dv_council")
