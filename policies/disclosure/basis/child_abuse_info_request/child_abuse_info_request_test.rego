package disclosure.basis.child_abuse_info_request_test

import rego.v1

import data.checks.cast

_basis := "child_abuse_info_request"

_case(changes) := cast.changed(_basis, object.union({"/request/basis": _basis}, changes))

_request(member, value) := _case({sprintf("/registered/statutory_requests/0/%s", [member]): value})

inputs := {
	"asked": cast.known(_basis),
	"asked and named": _case({"/request/refs/statutory_request": "request-1"}),
	"another named": _case({"/request/refs/statutory_request": "request-2"}),
	"not asked": _case({"/registered/statutory_requests": []}),
	"asked on another basis": _request("basis", "victim_ledger"),
	"asked by somebody else": _request("asked_by", "aoba-city"),
	"somebody else was asked": _request("asked", "aoba-clinic"),
	"asked about somebody else": _request("persons", ["p-sato"]),
	"asked for less": _request("fields", ["subject.name_original", "awareness_report.signs"]),
	"asked for another purpose": _request("purpose", "refer"),
	"asked without reasons": _request("necessity_chars", 2),
	"over": _request("valid_to", 1776214800000),
	"to come": _request("requested_at", 1776214800001),
	"harm not excluded": _case({"/asserted": []}),
	"somebody harmed": _case({"/asserted/0/value": false}),
	"recipient refused": _case({"/registered/consents": [cast.consent({
		"person": "p-tanaka",
		"recipients_refused": ["midori-jiso"],
	})]}),
	"company": _case({"/registered/sender/agency/kind": "company"}),
	"to an NPO": _case({
		"/request/recipient": cast.known("consent_public").request.recipient,
		"/registered/recipient/agency/kind": "npo",
		"/registered/recipient/agency/regime": "private",
	}),
	"everyday purpose": _case({"/request/purpose": "refer"}),
}

test_school_answers_what_it_was_asked if {
	cast.permits(inputs.asked, _basis)
	cast.permits(inputs["asked and named"], _basis)
	cast.owes(inputs.asked, "seal_reporter")
	"statutory_request:request-1" in cast.facts(inputs.asked)
}

test_no_ground_when_nobody_asked if {
	every name in ["not asked", "another named", "asked on another basis", "asked by somebody else", "somebody else was asked"] {
		cast.denies(inputs[name], "NO_BASIS")
	}
}

test_no_ground_about_another_person if cast.denies(inputs["asked about somebody else"], "NO_BASIS")

test_what_was_not_asked_is_withheld if {
	cast.withholds(inputs["asked for less"], "child_ledger_entry.grade", "FIELD_NOT_NEEDED")
}

test_no_ground_for_another_purpose if {
	cast.denies(inputs["asked for another purpose"], "PURPOSE_FORBIDDEN")
	cast.denies(inputs["everyday purpose"], "PURPOSE_FORBIDDEN")
}

test_no_ground_without_reasons if cast.denies(inputs["asked without reasons"], "REASON_MISSING")

test_no_ground_out_of_time if {
	cast.denies(inputs.over, "BASIS_EXPIRED")
	cast.denies(inputs["to come"], "BASIS_EXPIRED")
}

test_no_ground_when_nobody_looked_for_harm if cast.denies(inputs["harm not excluded"], "REASON_MISSING")

test_no_ground_when_somebody_would_be_harmed if cast.denies(inputs["somebody harmed"], "IMPROPER_USE")

test_refused_recipient_is_held if {
	cast.holds(inputs["recipient refused"], "RECIPIENT_REFUSED_BY_SUBJECT", ["approver"])
}

test_no_ground_for_a_company if cast.denies(inputs.company, "BASIS_NOT_FOR_SENDER")

test_no_ground_for_another_recipient if cast.denies(inputs["to an NPO"], "BASIS_NOT_FOR_RECIPIENT")
