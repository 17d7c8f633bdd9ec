package disclosure.basis.elder_abuse_report_test

import rego.v1

import data.checks.cast

_basis := "elder_abuse_report"

_case(changes) := cast.changed(_basis, changes)

_to_pref := {
	"/request/recipient": cast.known("disab_abuse_report").request.recipient,
	"/registered/recipient": cast.known("disab_abuse_report").registered.recipient,
}

_from_city := {
	"/request/sender": cast.known("consent_public").request.sender,
	"/registered/sender": cast.known("consent_public").registered.sender,
}

inputs := {
	"suspected": cast.known(_basis),
	"word alone": _case({"/request/basis": ""}),
	"neither": _case({"/request/basis": "", "/asserted": []}),
	"said to be false": _case({"/asserted/-": cast.told("report_false", true)}),
	"to the prefecture": _case(_to_pref),
	"passed on by the city": _case(object.union(
		object.union(_to_pref, _from_city),
		{"/asserted/-": cast.told("same_notice", true)},
	)),
	"sent on by the city": _case(object.union(_to_pref, _from_city)),
	"term over": _case({"/registered/sender/actor/term_to": 1776214800000}),
	"for another purpose": _case({"/request/purpose": "refer"}),
}

test_suspicion_reaches_the_municipality if cast.permits(inputs.suspected, _basis)

test_statutory_word_is_enough if cast.permits(inputs["word alone"], _basis)

test_no_report_when_neither_named_nor_told if not _basis in cast.grounds(inputs.neither)

test_report_said_to_be_false_is_taken_and_the_desk_sees_it if {
	cast.permits(inputs["said to be false"], _basis)
	"asserted:report_false" in cast.facts(inputs["said to be false"])
}

test_no_report_to_the_prefecture if cast.denies(inputs["to the prefecture"], "BASIS_NOT_FOR_RECIPIENT")

test_city_passes_the_same_notice_on if cast.permits(inputs["passed on by the city"], _basis)

test_city_sends_nothing_on_as_a_report_of_its_own if {
	cast.denies(inputs["sent on by the city"], "BASIS_NOT_FOR_RECIPIENT")
}

test_sender_out_of_office_is_set_apart if cast.owes(inputs["term over"], "quarantine_review")

test_no_report_for_another_purpose if cast.denies(inputs["for another purpose"], "PURPOSE_FORBIDDEN")
