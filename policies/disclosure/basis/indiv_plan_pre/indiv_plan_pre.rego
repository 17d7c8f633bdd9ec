# METADATA
# title: Individual evacuation plan in ordinary times
# description: |
#   個別避難計画の平常時の提供。To the same supporters, with the consent of the person and of the one
#   who helps them, or by this municipality's own ordinance where neither has refused.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=336AC0000000223
#     description: 災害対策基本法49条の14〜49条の17
# custom:
#   code: indiv_plan_pre
#   article: "災害対策基本法49条の15第2項"
#   title_ja: "個別避難計画の提供(平常時)"
#   title_en: "Individual evacuation plan in ordinary times"
#   effective_from: "2021-05-20"
package disclosure.basis.indiv_plan_pre

import rego.v1

import data.lib.disaster

# METADATA
# title: Items of the list
# description: 平常時に提供できる項目。
hits contains h if some h in disaster.before("indiv_plan_pre")

# METADATA
# title: Why the list does not go out
# description: 提供先・同意・条例・名簿の合わないところ。
reasons contains a if some a in disaster.against_before("indiv_plan_pre")
