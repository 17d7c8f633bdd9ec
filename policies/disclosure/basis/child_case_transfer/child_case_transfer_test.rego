package disclosure.basis.child_case_transfer_test

import rego.v1

import data.checks.cast

_basis := "child_case_transfer"

_case(changes) := cast.changed(_basis, object.union({"/request/basis": _basis}, changes))

inputs := {
	"moved": cast.known(_basis),
	"to the city": _case(data.checks.cast.to_city),
	"did not move": _case({"/asserted/1/value": false}),
	"move not told": _case({"/asserted": [cast.known(_basis).asserted[0]]}),
	"abuse not told": _case({"/asserted": [cast.known(_basis).asserted[1]]}),
	"recipient refused": _case({"/registered/consents": [cast.consent({
		"person": "p-tanaka",
		"recipients_refused": ["midori-jiso-2"],
	})]}),
	"with the reporter": _case({
		"/registered/subjects/-": {"id": "s-reporter", "person": "p-reporter", "relation": "reporter"},
		"/request/fields/2/about": ["s-tanaka", "s-reporter"],
	}),
	"from the city": _case({
		"/request/sender": cast.known("consent_public").request.sender,
		"/registered/sender": cast.known("consent_public").registered.sender,
	}),
	"to a school": _case({"/registered/recipient/agency/kind": "school"}),
	"another purpose": _case({"/request/purpose": "refer"}),
}

test_next_centre_learns_what_it_needs if {
	cast.permits(inputs.moved, _basis)
	cast.permits(inputs["to the city"], _basis)
}

test_no_ground_when_nobody_moved if {
	cast.denies(inputs["did not move"], "REASON_MISSING")
	cast.denies(inputs["move not told"], "REASON_MISSING")
}

test_no_ground_when_abuse_absent if cast.denies(inputs["abuse not told"], "NO_BASIS")

test_nobody_can_refuse_the_handover if cast.permits(inputs["recipient refused"], _basis)

test_reporter_stays_behind if {
	cast.withholds(inputs["with the reporter"], "transfer_case.from_lg_code", "REPORTER_EXPOSED")
}

test_no_ground_from_another_sender if cast.denies(inputs["from the city"], "BASIS_NOT_FOR_SENDER")

test_no_ground_for_another_recipient if cast.denies(inputs["to a school"], "BASIS_NOT_FOR_RECIPIENT")

test_no_ground_for_another_purpose if cast.denies(inputs["another purpose"], "PURPOSE_FORBIDDEN")
