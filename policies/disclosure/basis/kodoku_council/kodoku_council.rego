# METADATA
# title: Regional council on loneliness and isolation
# description: |
#   孤独・孤立対策地域協議会(孤独・孤立対策推進法15条から18条まで)。Only the announced members exchange,
#   about those concerned and their family; outside of a session only on the council's own request.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=505AC0000000045
#     description: 孤独・孤立対策推進法15条・16条
# custom:
#   code: kodoku_council
#   article: "孤独・孤立対策推進法15条・16条"
#   title_ja: "孤独・孤立対策地域協議会"
#   title_en: "Regional council on loneliness and isolation"
#   effective_from: "2024-04-01"
package disclosure.basis.kodoku_council

import rego.v1

import data.lib.conference

# METADATA
# title: Fields that may be told at the item
# description: 議題の対象者について、出席者に伝えてよい項目。
hits := conference.grounds("kodoku_council")

# METADATA
# title: Why the item gives no ground
# description: 会議・議題・出席者・誓約・対象の足りないところ。
reasons := conference.reasons("kodoku_council")
