# METADATA
# title: Handover between child guidance centres when a child moves
# description: |
#   児童の転居に伴う引継ぎ。A child guidance centre passes on what it knows when an abused child moves
#   into another district; that is its duty, whatever anybody wishes.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=412AC1000000082
#     description: 児童虐待の防止等に関する法律4条6項
# custom:
#   code: child_case_transfer
#   article: "児童虐待防止法4条6項"
#   title_ja: "児童の転居に伴う児童相談所の引継ぎ"
#   title_en: "Handover between child guidance centres when a child moves"
#   effective_from: "2020-04-01"
package disclosure.basis.child_case_transfer

import rego.v1

import data.lib.facts
import data.lib.registry
import data.lib.report
import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_basis := data.basis

# METADATA
# title: What the next authority needs
# description: 転居先の児童相談所・市町村に引き継ぐ項目。
hits contains result.ground("child_case_transfer", s, fields, ["asserted:moved", "asserted:subject_group"]) if {
	_abused
	_moved
	some s in data.lib.facts.concerned
	data.lib.facts.relations[s] in _basis.child_case_transfer.subject_relations
	fields := sort(registry.within_class("child_case_transfer") & facts.about(s))
	count(fields) > 0
}

# METADATA
# title: Why there is nothing to hand over
# description: 児童虐待を受けた児童であること、または転居が述べられていない。
reasons contains result.against("child_case_transfer", "NO_BASIS", "", [], []) if not _abused

reasons contains result.against("child_case_transfer", "REASON_MISSING", "", [], []) if {
	_abused
	not _moved
}

_abused if report.grouped(_basis.child_case_transfer.subject_groups)

_moved if {
	some a in facts.told(data.lib.facts.main_subject, "moved")
	a.value == true
}
