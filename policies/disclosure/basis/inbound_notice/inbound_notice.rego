# METADATA
# title: Notice of a need or a danger
# description: |
#   気づきの連絡。A supporter, a meter reader or a community kitchen tells the municipality's desk what
#   was seen or heard; in danger to life also police and fire brigade. It goes in only: whoever told
#   gets a receipt. Private persons are bound by no article here, and what staff see at a door is no
#   file of the agency's; that reading has not been confirmed.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律27条・61条・64条
# custom:
#   code: inbound_notice
#   article: "個人情報の保護に関する法律27条・61条・64条"
#   title_ja: "気づきの連絡"
#   title_en: "Notice of a need or a danger"
#   effective_from: "2023-04-01"
package disclosure.basis.inbound_notice

import rego.v1

import data.lib.facts
import data.lib.registry
import data.lib.report
import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_index := data.index

_reports := data.reports

_row := _reports.inbound_notice

# METADATA
# title: What was seen or heard
# description: 見聞きしたことの項目。連絡した人が分かる項目は停止により外れる。
hits contains result.ground("inbound_notice", s, fields, report.relied_on("inbound_notice")) if {
	report.taken("inbound_notice")
	some s in data.lib.facts.concerned
	fields := sort(registry.within_class("inbound_notice") & _noticed(s))
	count(fields) > 0
}

# METADATA
# title: Why it is no such notice
# description: 受け手が連絡先でない、または見聞きしたことの項目ではない。
reasons contains result.against("inbound_notice", "BASIS_NOT_FOR_RECIPIENT", "", [], []) if {
	not report.taken("inbound_notice")
}

reasons contains result.against("inbound_notice", "NO_BASIS", s, fields, []) if {
	some s in data.lib.facts.concerned
	fields := sort(facts.about(s) - _noticed(s))
	count(fields) > 0
}

_noticed(subject) := {f.id |
	some f in input.request.fields
	subject in f.about
	_index.profile_fields[_row.profile][f.id]
	_seen(f)
}

_seen(field) if field.origin in _row.origins

# A supporter has no files to look things up in.
_seen(field) if {
	input.request.sender.capacity.kind == "supporter"
	field.origin == "own"
}

_seen(field) if {
	data.lib.report.danger
	field.origin == "own"
}
