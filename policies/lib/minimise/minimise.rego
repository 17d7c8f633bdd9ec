# METADATA
# title: Only what the purpose needs, only what has been read
# description: |
#   必要な項目だけに絞る。The profile decides which fields a purpose needs; free text passes
#   only after somebody has read it and cleared it.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: minimise
#   article: "個人情報の保護に関する法律18条・61条・69条(必要な範囲)"
#   title_ja: "必要な範囲の項目"
#   title_en: "Only the fields that are needed"
package lib.minimise

import rego.v1

import data.lib.approval
import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_index := data.index

# METADATA
# title: The purpose does not need this field
# description: 提供範囲(項目の組)に含まれない項目。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: FIELD_NOT_NEEDED
#   article: "個人情報の保護に関する法律18条・61条・69条(必要な範囲)"
#   title_ja: "その目的に必要な項目ではない"
#   title_en: "The purpose does not need this field"
#   next_step_ja: "この項目を外してお送りください。ほかの項目はそのまま提供できます。どうしても必要なときは、目的と提供範囲の選び方をご確認ください。"
#   next_step_en: "Please leave this field out; the others can still pass. If it is truly needed, check the purpose and the named field set."
#   side: controller
#   lawful_alternatives: [reduce_fields, ask_officer]
against contains result.against("minimise", "FIELD_NOT_NEEDED", "", fields, []) if {
	fields := sort({f.id | some f in data.lib.facts.fields; not _needed(f.id)})
	count(fields) > 0
}

# METADATA
# title: Free text that nobody has read and cleared
# description: 自由記述は、責任ある人が読んで「共有してよい」と確かめるまで渡さない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: FREE_TEXT_IDENTIFIER
#   article: "個人情報の保護に関する法律18条・61条・69条(必要な範囲)"
#   title_ja: "自由記述が、まだ読まれて確認されていない"
#   title_en: "Free text that nobody has read and cleared yet"
#   next_step_ja: "書いた方か担当の方が本文を読み、第三者の名前や余計な事情がないことを確かめてから「共有してよい」としてください。急ぐときは、この項目を外して先にお送りいただけます。"
#   next_step_en: "Let the author or a responsible person read the text and mark it share-ready. If it is urgent, send the rest now without it."
#   side: controller
#   lawful_alternatives: [reduce_fields, ask_officer, seek_approval]
against contains result.against("minimise", "FREE_TEXT_IDENTIFIER", "", fields, ["officer"]) if {
	fields := sort({f.id | some f in _unread; not _cleared(f)})
	count(fields) > 0
}

# METADATA
# title: Not what this capacity may send
# description: 委託の対象でない記録や、職員として知った情報は、その立場では渡せない。
against contains result.against("capacity", "BASIS_NOT_FOR_SENDER", "", sort(data.lib.capacity.outside), []) if {
	count(data.lib.capacity.outside) > 0
}

_needed(field) if _profile[field]

# The fields of the named set, or of every set for this purpose where none is named.
_profile := _index.purpose_fields[input.request.purpose] if input.request.profile == ""

_profile := _index.profile_fields[input.request.profile] if {
	_index.profile_purposes[input.request.profile][input.request.purpose]
}

_unread := [f |
	some f in data.lib.facts.fields
	"NAR" in f.classes
	not _share_ready(f)
]

_share_ready(field) if field.share_ready_by != ""

# Whoever reports writes the words that have to arrive.
_share_ready(field) if field.id in data.disclosure.main.reported_fields

_cleared(field) if approval.covers("unread_narrative", field)

_cleared(field) if approval.lifted("FREE_TEXT_IDENTIFIER", field)
