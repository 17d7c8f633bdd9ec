package disclosure.basis.child_abuse_report_test

import rego.v1

import data.checks.cast

_basis := "child_abuse_report"

_case(changes) := cast.changed(_basis, changes)

_minsei := {
	"/request/recipient": cast.known("minsei_iin").request.recipient,
	"/registered/recipient": cast.known("minsei_iin").registered.recipient,
	"/registered/appointments": cast.known("minsei_iin").registered.appointments,
}

_passed_on := "child_abuse_passed_on"

inputs := {
	"named": cast.known(_basis),
	"named alone": _case({"/asserted": []}),
	"word alone": _case({"/request/basis": ""}),
	"neither": _case({"/request/basis": "", "/asserted": []}),
	"word of another kind": _case({"/request/basis": "", "/asserted/0/value": "young_carer"}),
	"word about somebody else": _case({"/request/basis": "", "/asserted/0/subject": "s-reporter"}),
	"of age": _case({"/asserted/-": cast.told("subject_age", 18)}),
	"under age": _case({"/asserted/-": cast.told("subject_age", 17)}),
	"age of no number": _case({"/asserted/-": cast.told("subject_age", "unknown")}),
	"through the volunteer": _case(_minsei),
	"through a volunteer not commissioned": _case(object.union(_minsei, {"/registered/appointments": []})),
	"through a volunteer out of office": _case(object.union(_minsei, {"/registered/appointments/0/term_to": 1776214800000})),
	"to the council": _case({
		"/request/recipient": cast.known("consent_private").request.recipient,
		"/registered/recipient": cast.known("consent_private").registered.recipient,
	}),
	"for another purpose": _case({"/request/purpose": "refer"}),
	"sender nobody knows": _case({"/registered/sender/actor": null}),
	"sender without a role": _case({"/registered/sender/actor/roles": []}),
	"recipient refused": _case({"/registered/consents": [cast.consent({
		"person": "p-tanaka",
		"recipients_refused": ["aoba-city"],
	})]}),
	"about a neighbour's child too": _case({
		"/registered/subjects/-": {"id": "s-brother", "person": "p-brother", "relation": "third_party"},
		"/request/fields/2/about": ["s-tanaka", "s-brother"],
	}),
	"passed on": cast.known(_passed_on),
	"passed on, not the same notice": cast.changed(_passed_on, {"/asserted": []}),
	"passed on, said not to be the same": cast.changed(_passed_on, {"/asserted/0/value": false}),
	"passed on to the prefecture": cast.changed(_passed_on, {"/registered/recipient/agency/kind": "prefecture"}),
	"passed on by somebody else": cast.changed(_passed_on, {
		"/registered/sender/agency/kind": "npo",
		"/registered/sender/agency/regime": "private",
	}),
	"passed on with the case": cast.changed(_passed_on, {"/request/fields": cast.known(_basis).request.fields}),
	"passed on under another name": cast.changed(_passed_on, {"/request/basis": "dv_report"}),
}

_taken(name) if "child_abuse_report" in cast.grounds(inputs[name])

_not_taken(name) if not _taken(name)

test_report_is_taken_without_the_reporter if {
	_taken("named")
	cast.withholds(inputs.named, "awareness_report.reporter_ref", "REPORTER_EXPOSED")
	cast.owes(inputs.named, "seal_reporter")
	cast.owes(inputs.named, "ack_receipt")
}

test_unread_words_of_the_reporter_arrive if "awareness_report.words_verbatim" in cast.permitted(inputs.named)

test_report_is_taken_when_word_absent_and_report_named if _taken("named alone")

test_report_is_taken_when_not_named_and_word_told if _taken("word alone")

test_no_report_when_neither_named_nor_told if _not_taken("neither")

test_no_report_by_another_word if _not_taken("word of another kind")

test_no_report_by_a_word_about_somebody_else if _not_taken("word about somebody else")

test_no_report_about_somebody_of_age if _not_taken("of age")

test_child_under_age_is_reported if _taken("under age")

test_age_that_nobody_knows_stops_no_report if _taken("age of no number")

test_report_goes_through_the_commissioned_volunteer if _taken("through the volunteer")

test_no_report_through_whoever_is_not_commissioned if {
	cast.denies(inputs["through a volunteer not commissioned"], "BASIS_NOT_FOR_RECIPIENT")
	cast.denies(inputs["through a volunteer out of office"], "BASIS_NOT_FOR_RECIPIENT")
}

test_no_report_to_an_agency_that_takes_none if {
	cast.denies(inputs["to the council"], "BASIS_NOT_FOR_RECIPIENT")
}

test_no_report_for_another_purpose if cast.denies(inputs["for another purpose"], "PURPOSE_FORBIDDEN")

test_sender_nobody_knows_is_set_apart_and_not_refused if {
	every name in ["sender nobody knows", "sender without a role"] {
		_taken(name)
	}
	cast.owes(inputs["sender nobody knows"], "quarantine_review")
}

test_nobody_can_refuse_that_abuse_is_reported if _taken("recipient refused")

test_others_in_the_report_are_covered if {
	"awareness_report.signs" in cast.permitted(inputs["about a neighbour's child too"])
}

test_who_takes_the_notice_over_learns_the_reporter_apart if cast.permits(inputs["passed on"], _basis)

test_reporter_stays_hidden_where_it_is_not_the_same_notice if {
	every name in ["passed on, not the same notice", "passed on, said not to be the same"] {
		cast.denies(inputs[name], "REPORTER_EXPOSED")
	}
}

test_reporter_stays_hidden_from_whoever_does_not_take_the_notice_over if {
	every name in ["passed on to the prefecture", "passed on by somebody else"] {
		cast.denies(inputs[name], "REPORTER_EXPOSED")
	}
}

test_reporter_never_goes_along_with_the_case if {
	cast.withholds(inputs["passed on with the case"], "awareness_report.reporter_ref", "REPORTER_EXPOSED")
}

test_reporter_stays_hidden_under_another_report if {
	cast.denies(inputs["passed on under another name"], "REPORTER_EXPOSED")
}
