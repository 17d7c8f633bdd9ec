package disclosure.basis.elder_abuse_response_test

import rego.v1

import data.checks.cast

_basis := "elder_abuse_response"

_case(changes) := cast.changed(_basis, object.union({"/request/basis": _basis}, changes))

_back := object.union(data.checks.cast.to_city, {
	"/request/sender": {
		"agency": "aoba-shakyo", "actor": "actor-shakyo", "system": "system-shakyo",
		"capacity": {"kind": "own_business", "ref": ""},
	},
	"/registered/sender": cast.known("consent_private").registered.recipient,
})

_appointment := {
	"id": "appointment-1", "actor": "actor-shakyo", "office": "elder_abuse_cooperator",
	"ward": "", "term_from": 1743433200000, "term_to": 1806505200000,
}

inputs := {
	"cooperator": cast.known(_basis),
	"person appointed": _case({"/registered/designations": [], "/registered/appointments": [_appointment]}),
	"cooperator answers": _case(_back),
	"somebody else answers": _case(object.union(_back, {"/registered/designations": []})),
	"not designated": _case({"/registered/designations": []}),
	"designated for something else": _case({"/registered/designations/0/office": "evac_supporter_body"}),
	"designated by another city": _case({"/registered/designations/0/designated_by": "wakaba-city"}),
	"designated as a prefecture": _case({"/registered/designations/0/designated_by_kind": "prefecture"}),
	"another was designated": _case({"/registered/designations/0/agency": "npo-hidamari"}),
	"designation over": _case({"/registered/designations/0/valid_to": 1776214800000}),
	"designation to come": _case({"/registered/designations/0/valid_from": 1776214800001}),
	"no elder abuse": _case({"/asserted": []}),
	"recipient refused": _case({"/registered/consents": [cast.consent({"recipients_refused": ["aoba-shakyo"]})]}),
	"another purpose": _case({"/request/purpose": "refer"}),
}

test_cooperator_learns_the_facts_without_the_reporter if {
	[_basis] == cast.grounds(inputs.cooperator)
	cast.withholds(inputs.cooperator, "awareness_report.reporter_ref", "REPORTER_EXPOSED")
	cast.owes(inputs.cooperator, "secrecy_notice")
}

test_appointed_person_is_a_cooperator if {
	[_basis] == cast.grounds(inputs["person appointed"])
	"appointment:appointment-1" in cast.facts(inputs["person appointed"])
}

test_cooperator_answers_the_city if [_basis] == cast.grounds(inputs["cooperator answers"])

test_what_anybody_else_tells_is_a_report if {
	["elder_abuse_report"] == cast.grounds(inputs["somebody else answers"])
	reasons := data.disclosure.basis.elder_abuse_response.reasons with input as inputs["somebody else answers"]
	"BASIS_NOT_FOR_SENDER" in {r.code | some r in reasons}
}

test_no_ground_for_whoever_is_not_designated if {
	every name in [
		"not designated", "designated for something else", "designated by another city", "designated as a prefecture",
		"another was designated", "designation over", "designation to come",
	] {
		cast.denies(inputs[name], "BASIS_NOT_FOR_RECIPIENT")
	}
}

test_no_ground_without_elder_abuse if cast.denies(inputs["no elder abuse"], "NO_BASIS")

test_refused_recipient_is_held if {
	cast.holds(inputs["recipient refused"], "RECIPIENT_REFUSED_BY_SUBJECT", ["approver"])
}

test_no_ground_for_another_purpose if cast.denies(inputs["another purpose"], "PURPOSE_FORBIDDEN")
