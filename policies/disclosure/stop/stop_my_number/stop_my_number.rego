# METADATA
# title: No My Number passes
# description: |
#   個人番号(マイナンバー)は通さない。A field that was not screened counts as one in which a
#   number was found. The stop acts on the field; the rest may still pass.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=425AC0000000027
#     description: 番号法19条・20条
# custom:
#   code: stop_my_number
#   article: "行政手続における特定の個人を識別するための番号の利用等に関する法律19条・20条"
#   title_ja: "個人番号(マイナンバー)"
#   title_en: "My Number"
#   effective_from: "2015-10-05"
#   verified: text
package disclosure.stop.stop_my_number

import rego.v1

import data.lib.result

# METADATA
# title: A number was found, or nobody looked
# description: 個人番号が見つかった、または確認されていない項目。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=425AC0000000027
# custom:
#   code: MY_NUMBER_FOUND
#   article: "行政手続における特定の個人を識別するための番号の利用等に関する法律19条・20条"
#   title_ja: "個人番号(マイナンバー)らしき番号がある、または確認が済んでいない"
#   title_en: "A number that looks like a My Number was found, or the field was not screened"
#   next_step_ja: "12桁の番号を消してから、もう一度確認してお送りください。運転免許証などの番号だったときも、番号を書かずに内容を伝えられないかをご検討ください。"
#   next_step_en: "Remove the 12-digit number, screen the field again and send it. If it was a driving licence or similar, see whether the matter can be told without the number."
#   side: controller
#   lawful_alternatives: [reduce_fields]
hits contains result.stop_fields("stop_my_number", "MY_NUMBER_FOUND", fields, []) if {
	fields := sort({f.id | some f in data.lib.facts.fields; not _clear(f)})
	count(fields) > 0
}

_clear(field) if {
	field.my_number == "clear"
	field.screener != ""
}
