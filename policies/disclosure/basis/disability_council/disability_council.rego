# METADATA
# title: Council on support of persons with disabilities
# description: |
#   協議会(障害者総合支援法89条の3)。It speaks of systems; about one person it hears only what it has asked
#   for, and since persons and families sit in it each seat has its own set of fields.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=417AC0000000123
#     description: 障害者総合支援法89条の3
# custom:
#   code: disability_council
#   article: "障害者総合支援法89条の3"
#   title_ja: "(自立支援)協議会"
#   title_en: "Council on support of persons with disabilities"
#   effective_from: "2024-04-01"
package disclosure.basis.disability_council

import rego.v1

import data.lib.conference

# METADATA
# title: Fields that may be told at the item
# description: 議題の対象者について、出席者に伝えてよい項目。
hits := conference.grounds("disability_council")

# METADATA
# title: Why the item gives no ground
# description: 会議・議題・出席者・誓約・対象の足りないところ。
reasons := conference.reasons("disability_council")
