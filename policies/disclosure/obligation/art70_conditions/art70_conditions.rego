# METADATA
# title: Conditions under article 70
# description: |
#   70条の措置要求。The public sender asks the recipient to use the fields for this purpose
#   alone, to hand nothing on and to keep them safe.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律70条
# custom:
#   code: art70_conditions
#   article: "個人情報の保護に関する法律70条"
#   title_ja: "利用目的・方法の制限と安全管理の求め(70条)"
#   title_en: "Conditions under article 70"
package disclosure.obligation.art70_conditions

import rego.v1

import data.lib.result

# METADATA
# title: The conditions, with the purpose and fields they speak of
# description: 目的と項目を示して、利用の制限と安全管理を求める。
due contains result.duty(
	"art70_conditions",
	{
		"purpose": input.request.purpose,
		"fields": data.disclosure.main.permitted,
		"no_onward": true,
		"safety_measures": true,
	},
	null,
)
