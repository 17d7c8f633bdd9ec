# METADATA
# title: Evacuation roster in a disaster
# description: |
#   名簿情報の災害時の提供。While disaster mode is on, to supporters and others, for those in the
#   area, where life or body make it necessary; it ends with the mode.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=336AC0000000223
#     description: 災害対策基本法49条の11第3項・49条の13
# custom:
#   code: evac_roster_emergency
#   article: "災害対策基本法49条の11第3項"
#   title_ja: "避難行動要支援者名簿の提供(災害時)"
#   title_en: "Evacuation roster in a disaster"
#   effective_from: "2014-04-01"
package disclosure.basis.evac_roster_emergency

import rego.v1

import data.lib.disaster

# METADATA
# title: Items of the list
# description: 災害時に提供できる項目。
hits contains h if some h in disaster.during("evac_roster_emergency")

# METADATA
# title: Why the list does not go out
# description: 災害時の切替・地域・必要性・名簿の合わないところ。
reasons contains a if some a in disaster.against_during("evac_roster_emergency")
