# METADATA
# title: A report and whoever takes it
# description: |
#   通告・通報・連絡。Anybody may report; the report is taken by the authorities that its article
#   names and, when the same notice is passed on, by the next one. Whoever names the report has
#   said what it is; else the controller vouches for the statutory word.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=412AC1000000082
#     description: 児童虐待の防止等に関する法律6条
package lib.report

import rego.v1

import data.lib.facts
import data.lib.office
import data.lib.registry
import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_basis := data.basis

_reports := data.reports

# METADATA
# title: The grounds of a report that is made to the authority that takes it
# description: For everybody it tells of; who reported is kept apart by a stop.
grounds(id) := {result.ground(id, s, fields, relied_on(id)) |
	stated(id)
	taken(id)
	some s in (data.lib.facts.concerned & _told_of(id))
	fields := sort(registry.within_class(id) & facts.about(s))
	count(fields) > 0
}

# METADATA
# title: Why it is no report of this kind, or not one for this recipient
against(id) := ({result.against(id, "NO_BASIS", "", [], []) | not stated(id)} | {result.against(id, "BASIS_NOT_FOR_RECIPIENT", "", [], []) |
	stated(id)
	not taken(id)
}) | {result.against(id, "NO_BASIS", s, [], []) |
	some s in (data.lib.facts.concerned - _told_of(id))
}

# METADATA
# title: The sender says that it is this report
stated(id) if data.lib.registry.named == id

stated(id) if grouped(_basis[id].subject_groups)

# METADATA
# title: The main person is said to be one of these statutory groups
grouped(groups) if {
	main := data.lib.facts.main_subject
	some group in facts.groups(main)
	group in groups
}

# METADATA
# title: The recipient is an authority that takes it
taken(id) if {
	some row in _reports[id].direct
	row.kind == input.registered.recipient.agency.kind
	_commissioned(row.office)
	_for_group(row.groups)
	_for_danger(row.danger)
}

taken(id) if passed_on(id)

# METADATA
# title: The authority that took the notice passes the same notice on
passed_on(id) if {
	some row in _reports[id].passed_on
	row.from == input.registered.sender.agency.kind
	row.to == input.registered.recipient.agency.kind
	main := data.lib.facts.main_subject
	some a in facts.told(main, "same_notice")
	a.value == true
}

# METADATA
# title: The controller vouches for danger to somebody's life or body
danger if {
	main := data.lib.facts.main_subject
	some a in facts.told(main, "danger")
	a.value in {"life", "body"}
}

# METADATA
# title: What the sender says of it, by name
# description: A report that somebody calls false is taken all the same; the desk sees that it was said.
relied_on(id) := sort({sprintf("asserted:%s", [fact]) | some fact in _said(id)})

_said(id) := {"subject_group" | grouped(_basis[id].subject_groups)} | ({"same_notice" | passed_on(id)} | _remarks)

_remarks := {fact |
	some fact in ["danger", "report_false", "victims_will"]
	data.lib.facts.asserted[fact]
}

# Whose fields the report may carry, by how they stand to the main person.
_told_of(id) := {s |
	some s, relation in data.lib.facts.relations
	relation in _basis[id].subject_relations
}

_commissioned(name) if name == ""

_commissioned(name) if count(office.commissions(name)) > 0

_for_group(groups) if count(groups) == 0

_for_group(groups) if grouped(groups)

_for_danger(needed) if needed == false

_for_danger(needed) if {
	needed == true
	danger
}
