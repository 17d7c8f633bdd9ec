package disclosure.basis.disab_abuse_report_test

import rego.v1

import data.checks.cast

_basis := "disab_abuse_report"

_case(changes) := cast.changed(_basis, changes)

inputs := {
	"at work": cast.known(_basis),
	"at work, to the city": _case(data.checks.cast.to_city),
	"at home, to the city": _case(object.union(data.checks.cast.to_city, {"/asserted/0/value": "abused_disabled"})),
	"at home, to the prefecture": _case({"/asserted/0/value": "abused_disabled"}),
	"named, to the prefecture": _case({"/request/basis": _basis, "/asserted": []}),
	"word not told": _case({"/asserted": []}),
	"to the council": _case({
		"/request/basis": _basis,
		"/request/recipient": cast.known("consent_private").request.recipient,
		"/registered/recipient": cast.known("consent_private").registered.recipient,
	}),
}

test_abuse_by_an_employer_reaches_the_prefecture_or_the_city if {
	cast.permits(inputs["at work"], _basis)
	cast.permits(inputs["at work, to the city"], _basis)
}

test_other_abuse_reaches_the_city if cast.permits(inputs["at home, to the city"], _basis)

test_other_abuse_is_not_for_the_prefecture if {
	cast.denies(inputs["at home, to the prefecture"], "BASIS_NOT_FOR_RECIPIENT")
	cast.denies(inputs["named, to the prefecture"], "BASIS_NOT_FOR_RECIPIENT")
}

test_no_report_when_word_absent_and_not_named if {
	cast.permitted(inputs["word not told"]) == []
	cast.grounds(inputs["word not told"]) == []
}

test_no_report_to_an_agency_that_takes_none if {
	cast.denies(inputs["to the council"], "BASIS_NOT_FOR_RECIPIENT")
}
