# METADATA
# title: Individual evacuation plan in a disaster
# description: |
#   個別避難計画の災害時の提供。While disaster mode is on, to supporters and others, for those in the
#   area, where life or body make it necessary; it ends with the mode.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=336AC0000000223
#     description: 災害対策基本法49条の15第3項・49条の17
# custom:
#   code: indiv_plan_emergency
#   article: "災害対策基本法49条の15第3項"
#   title_ja: "個別避難計画の提供(災害時)"
#   title_en: "Individual evacuation plan in a disaster"
#   effective_from: "2021-05-20"
package disclosure.basis.indiv_plan_emergency

import rego.v1

import data.lib.disaster

# METADATA
# title: Items of the list
# description: 災害時に提供できる項目。
hits contains h if some h in disaster.during("indiv_plan_emergency")

# METADATA
# title: Why the list does not go out
# description: 災害時の切替・地域・必要性・名簿の合わないところ。
reasons contains a if some a in disaster.against_during("indiv_plan_emergency")
