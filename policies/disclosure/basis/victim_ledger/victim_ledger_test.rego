package disclosure.basis.victim_ledger_test

import rego.v1

import data.checks.cast

_basis := "victim_ledger"

_case(changes) := cast.changed(_basis, object.union({"/request/basis": _basis}, changes))

_group(changes) := cast.changed("victim_ledger_registered", object.union({"/request/basis": _basis}, changes))

_npo := {
	"/request/recipient": cast.known("victim_ledger_registered").request.recipient,
	"/registered/recipient": cast.known("victim_ledger_registered").registered.recipient,
}

_consent := cast.consent({
	"person": "p-takahashi",
	"taken_by": "aoba-city",
	"recipient_classes": ["npo"],
	"purposes": ["dresp"],
	"item_classes": ["SYS", "IDN", "CON", "PAD", "HEA", "YOH", "ECO"],
})

inputs := {
	"neighbouring city": cast.known(_basis),
	"prefecture": _case({"/registered/recipient/agency/kind": "prefecture"}),
	"relief not told": _case({"/asserted": []}),
	"relief in one word": _case({"/asserted/0/text_chars": 2}),
	"no relief": _case({"/asserted/0/value": false}),
	"not in the ledger": _case({"/registered/list_entries": []}),
	"ledger of another city": _case({"/registered/list_entries/0/held_by": "wakaba-city"}),
	"registered group": cast.known("victim_ledger_registered"),
	"group without registration": _group({"/registered/designations": []}),
	"group without a number": _group({"/registered/designations/0/reference": ""}),
	"registered by a city": _group({"/registered/designations/0/designated_by": "aoba-city", "/registered/designations/0/designated_by_kind": "municipality"}),
	"registered by the state": _group({"/registered/designations/0/designated_by": "cabinet-office", "/registered/designations/0/designated_by_kind": "other_public"}),
	"registration over": _group({"/registered/designations/0/valid_to": 1776214800000}),
	"registration to come": _group({"/registered/designations/0/valid_from": 1776214800001}),
	"registration of another group": _group({"/registered/designations/0/agency": "tsukushi"}),
	"group without an application": _group({"/registered/statutory_requests": []}),
	"application about somebody else": _group({"/registered/statutory_requests/0/persons": ["p-sato"]}),
	"application for less": _group({"/registered/statutory_requests/0/fields": ["victim_ledger_entry.name"]}),
	"no danger": _group({"/asserted": [cast.known("victim_ledger_registered").asserted[1]]}),
	"danger to property": _group({"/asserted/0/value": "property"}),
	"not necessary": _group({"/asserted": [cast.known("victim_ledger_registered").asserted[0]]}),
	"volunteers with consent": _case(object.union(_npo, {"/registered/consents": [_consent], "/asserted": []})),
	"volunteers without consent": _case(object.union(_npo, {"/asserted": []})),
	"my number": _case({"/request/fields/0/my_number": "found"}),
	"recipient refused": _case({"/registered/consents": [cast.consent({
		"person": "p-takahashi",
		"recipients_refused": ["wakaba-city"],
	})]}),
	"son in a field": _case({
		"/registered/subjects/-": {"id": "s-son", "person": "p-son", "relation": "household"},
		"/request/fields/0/about": ["s-takahashi", "s-son"],
	}),
	"another purpose": _case({"/request/purpose": "serve"}),
}

test_other_local_bodies_learn_what_relief_needs if {
	cast.permits(inputs["neighbouring city"], _basis)
	cast.permits(inputs.prefecture, _basis)
	cast.owes(inputs["neighbouring city"], "strip_my_number")
	cast.owes(inputs["neighbouring city"], "secrecy_notice")
}

test_no_ground_without_relief if {
	every name in ["relief not told", "relief in one word", "no relief"] {
		cast.denies(inputs[name], "REASON_MISSING")
	}
}

test_no_ground_without_an_entry if {
	cast.denies(inputs["not in the ledger"], "NO_BASIS")
	cast.denies(inputs["ledger of another city"], "NO_BASIS")
}

test_registered_group_learns_what_it_applied_for if {
	cast.permits(inputs["registered group"], _basis)
	cast.owes(inputs["registered group"], "strip_my_number")
	"designation:designation-1" in cast.facts(inputs["registered group"])
}

test_state_registers_groups_too if cast.permits(inputs["registered by the state"], _basis)

test_no_ground_for_a_group_that_is_not_registered if {
	every name in [
		"group without registration", "group without a number", "registered by a city", "registration over",
		"registration to come", "registration of another group", "volunteers without consent",
	] {
		cast.denies(inputs[name], "BASIS_NOT_FOR_RECIPIENT")
	}
}

test_registered_group_applies_first if {
	cast.denies(inputs["group without an application"], "NO_BASIS")
	cast.denies(inputs["application about somebody else"], "NO_BASIS")
	cast.withholds(inputs["application for less"], "victim_ledger_entry.damage", "FIELD_NOT_NEEDED")
}

test_registered_group_is_told_in_danger_alone if {
	every name in ["no danger", "danger to property", "not necessary"] {
		cast.denies(inputs[name], "REASON_MISSING")
	}
}

test_consent_opens_the_ledger if cast.permits(inputs["volunteers with consent"], _basis)

test_my_number_never_goes_along if {
	cast.withholds(inputs["my number"], "victim_ledger_entry.name", "MY_NUMBER_FOUND")
}

test_refused_recipient_is_held if {
	cast.holds(inputs["recipient refused"], "RECIPIENT_REFUSED_BY_SUBJECT", ["approver"])
}

test_household_needs_an_entry_of_its_own if {
	cast.withholds(inputs["son in a field"], "victim_ledger_entry.name", "THIRD_PERSON_INCLUDED")
}

test_no_ground_for_another_purpose if cast.denies(inputs["another purpose"], "PURPOSE_FORBIDDEN")
