# METADATA
# title: Evacuation roster in ordinary times
# description: |
#   名簿情報の平常時の提供。To the supporters whom the local disaster plan names, for those who
#   agreed, or by this municipality's own ordinance for all who have not refused.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=336AC0000000223
#     description: 災害対策基本法49条の10〜49条の13
# custom:
#   code: evac_roster_pre
#   article: "災害対策基本法49条の11第2項"
#   title_ja: "避難行動要支援者名簿の提供(平常時)"
#   title_en: "Evacuation roster in ordinary times"
#   effective_from: "2014-04-01"
package disclosure.basis.evac_roster_pre

import rego.v1

import data.lib.disaster

# METADATA
# title: Items of the list
# description: 平常時に提供できる項目。
hits contains h if some h in disaster.before("evac_roster_pre")

# METADATA
# title: Why the list does not go out
# description: 提供先・同意・条例・名簿の合わないところ。
reasons contains a if some a in disaster.against_before("evac_roster_pre")
