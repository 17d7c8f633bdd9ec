# METADATA
# title: Consultation with registered cooperators on elder abuse
# description: |
#   高齢者虐待対応協力者との協議。The municipality that took a report consults those whom it has
#   registered as cooperators, and they answer it. Who reported stays with the municipality.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=417AC1000000124
#     description: 高齢者虐待防止法8条・9条・16条・17条
# custom:
#   code: elder_abuse_response
#   article: "高齢者虐待防止法9条・16条"
#   title_ja: "高齢者虐待対応協力者との協議"
#   title_en: "Consultation with registered cooperators on elder abuse"
#   effective_from: "2006-04-01"
package disclosure.basis.elder_abuse_response

import rego.v1

import data.lib.facts
import data.lib.office
import data.lib.refusal
import data.lib.registry
import data.lib.report
import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_basis := data.basis

_id := "elder_abuse_response"

_municipality := "municipality"

# METADATA
# title: What is consulted about
# description: 協議する事案の項目。
hits contains result.ground(_id, s, fields, sort({"asserted:subject_group"} | _cooperation)) if {
	_abused
	count(_cooperation) > 0
	some s in data.lib.facts.concerned
	not s in _refused
	data.lib.facts.relations[s] in _basis[_id].subject_relations
	fields := sort(registry.within_class(_id) & facts.about(s))
	count(fields) > 0
}

# METADATA
# title: Why it is no such consultation
# description: 高齢者虐待の事案でない、または登録された協力者ではない。
reasons contains result.against(_id, "NO_BASIS", "", [], []) if not _abused

reasons contains result.against(_id, "BASIS_NOT_FOR_RECIPIENT", "", [], []) if {
	_abused
	input.registered.sender.agency.kind == _municipality
	count(_cooperation) == 0
}

reasons contains result.against(_id, "BASIS_NOT_FOR_SENDER", "", [], []) if {
	_abused
	input.registered.sender.agency.kind != _municipality
	count(_cooperation) == 0
}

reasons contains a if some a in refusals

_abused if report.grouped(_basis[_id].subject_groups)

# What makes the other side a cooperator of this municipality.
_cooperation contains sprintf("designation:%s", [d.id]) if {
	input.registered.sender.agency.kind == _municipality
	some d in office.designations(input.request.recipient.agency, "elder_abuse_cooperator")
	d.designated_by == input.request.sender.agency
}

_cooperation contains sprintf("designation:%s", [d.id]) if {
	input.registered.recipient.agency.kind == _municipality
	some d in office.designations(input.request.sender.agency, "elder_abuse_cooperator")
	d.designated_by == input.request.recipient.agency
}

_cooperation contains sprintf("appointment:%s", [a.id]) if {
	input.registered.sender.agency.kind == _municipality
	some a in office.commissions("elder_abuse_cooperator")
}

refusals := refusal.standing(_id, {"refused_recipient"})

_refused := {a.subject | some a in refusals}
