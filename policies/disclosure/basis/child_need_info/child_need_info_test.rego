package disclosure.basis.child_need_info_test

import rego.v1

import data.checks.cast

_basis := "child_need_info"

_case(changes) := cast.changed(_basis, changes)

inputs := {
	"kitchen": cast.known(_basis),
	"kitchen that does not say what it is": cast.without(_basis, "/asserted/1"),
	"kitchen of another task": _case({"/asserted/1/value": "law"}),
	"school": json.patch(cast.without(_basis, "/asserted/1"), [
		{"op": "replace", "path": "/registered/sender/agency/kind", "value": "school"},
		{"op": "replace", "path": "/registered/sender/actor/roles", "value": ["school_staff"]},
	]),
	"gas company": _case({"/request/basis": _basis, "/registered/sender/agency/kind": "company"}),
	"from the city": _case({
		"/request/basis": _basis,
		"/request/sender": cast.known("consent_public").request.sender,
		"/registered/sender": cast.known("consent_public").registered.sender,
	}),
	"to the council": _case({
		"/request/basis": _basis,
		"/request/recipient": cast.known("consent_private").request.recipient,
		"/registered/recipient": cast.known("consent_private").registered.recipient,
	}),
	"word not told": cast.without(_basis, "/asserted/0"),
	"debts": _case({"/request/fields/3/id": "assessment.debt_kinds", "/request/fields/3/classes": ["ECO"]}),
	"neighbour in a field": _case({
		"/registered/subjects/-": {"id": "s-other", "person": "p-other", "relation": "third_party"},
		"/request/fields/2/about": ["s-tanaka", "s-other"],
	}),
	"for another purpose": _case({"/request/basis": _basis, "/request/purpose": "serve"}),
}

test_kitchen_that_works_for_children_tells_the_city if {
	cast.permits(inputs.kitchen, _basis)
	cast.owes(inputs.kitchen, "seal_reporter")
}

test_kitchen_has_to_say_what_it_is if {
	cast.denies(inputs["kitchen that does not say what it is"], "BASIS_NOT_FOR_SENDER")
	cast.denies(inputs["kitchen of another task"], "BASIS_NOT_FOR_SENDER")
}

test_school_is_what_it_is if cast.permits(inputs.school, _basis)

test_no_ground_for_a_company if cast.refuses(inputs["gas company"], "BASIS_NOT_FOR_SENDER")

test_it_goes_one_way if {
	cast.refuses(inputs["from the city"], "BASIS_NOT_FOR_SENDER")
	cast.denies(inputs["to the council"], "BASIS_NOT_FOR_RECIPIENT")
}

test_no_ground_when_word_absent_and_not_named if {
	cast.permitted(inputs["word not told"]) == []
	cast.grounds(inputs["word not told"]) == []
}

test_debts_are_withheld if cast.withholds(inputs.debts, "assessment.debt_kinds", "CLASS_TOO_HIGH")

test_third_person_is_withheld if {
	cast.withholds(inputs["neighbour in a field"], "assessment.household_members", "THIRD_PERSON_INCLUDED")
}

test_no_ground_for_another_purpose if cast.denies(inputs["for another purpose"], "PURPOSE_FORBIDDEN")
