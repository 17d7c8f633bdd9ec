# METADATA
# title: Council on suicide of children
# description: |
#   こどもの自殺対策の協議会(自殺対策基本法23条から25条まで、令和7年法律64号による改正後)。Known from the
#   bill alone; nobody may enable it before text and penalty have been read.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=418AC1000000085
#     description: 自殺対策基本法23条
# custom:
#   code: child_suicide_council
#   article: "自殺対策基本法23条"
#   title_ja: "こどもの自殺対策の協議会"
#   title_en: "Council on suicide of children"
#   effective_from: "2026-04-01"
package disclosure.basis.child_suicide_council

import rego.v1

import data.lib.conference

# METADATA
# title: Fields that may be told at the item
# description: 議題の対象者について、出席者に伝えてよい項目。
hits := conference.grounds("child_suicide_council")

# METADATA
# title: Why the item gives no ground
# description: 会議・議題・出席者・誓約・対象の足りないところ。
reasons := conference.reasons("child_suicide_council")
