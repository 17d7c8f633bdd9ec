package disclosure.basis.inbound_notice_test

import rego.v1

import data.checks.cast

_basis := "inbound_notice"

_case(changes) := cast.changed(_basis, changes)

_meter(changes) := cast.changed("inbound_notice_meter", changes)

_police := {"/registered/recipient/agency/kind": "police", "/registered/recipient/actor/roles": ["police_fire"]}

_danger := {"/asserted": [cast.told("danger", "life")], "/request/purpose": "emerg"}

inputs := {
	"supporter": cast.known(_basis),
	"supporter in danger of a life": _case(_danger),
	"supporter whose term is over": _case({"/registered/sender/actor/term_to": 1776214800000}),
	"supporter nobody knows": _case({"/registered/sender/actor": null}),
	"supporter who says who they are": _case({
		"/registered/subjects/-": {"id": "s-me", "person": "p-me", "relation": "reporter"},
		"/request/fields/-": {
			"id": "awareness_report.reporter_ref",
			"classes": ["REP"], "about": ["s-me"], "share_ready_by": "",
			"my_number": "clear", "screener": "screen-1", "origin": "own",
		},
	}),
	"supporter with an address": _case({"/request/fields/0/id": "subject.address_actual"}),
	"meter reader": _meter({}),
	"meter reader from the files": _meter({"/request/fields/0/origin": "own"}),
	"meter reader from the files, danger": _meter(object.union(_danger, {"/request/fields/0/origin": "own"})),
	"meter reader from the mail, danger": _meter(object.union(_danger, {"/request/fields/0/origin": "mail"})),
	"to the police": _case(_police),
	"to the police, danger": _case(object.union(_police, _danger)),
	"to the police, danger to property": _case(object.union(_police, {"/asserted": [cast.told("danger", "property")]})),
	"to the council": _case({
		"/request/basis": _basis,
		"/request/recipient": cast.known("consent_private").request.recipient,
		"/registered/recipient": cast.known("consent_private").registered.recipient,
	}),
	"suspicion under no article": _case({"/request/purpose": "abuse", "/request/profile": ""}),
	"for another purpose": _case({"/request/basis": _basis, "/request/purpose": "watch", "/request/profile": ""}),
	"what became of it": cast.known("inbound_notice_reply"),
}

test_supporter_is_heard if {
	cast.permits(inputs.supporter, _basis)
	cast.owes(inputs.supporter, "ack_receipt")
}

test_danger_is_heard_from_whoever_tells if {
	every name in ["supporter in danger of a life", "supporter whose term is over", "supporter nobody knows"] {
		cast.permits(inputs[name], _basis)
	}
	cast.owes(inputs["supporter whose term is over"], "quarantine_review")
}

test_who_told_stays_hidden if {
	cast.withholds(inputs["supporter who says who they are"], "awareness_report.reporter_ref", "REPORTER_EXPOSED")
}

test_only_what_was_noticed_goes_in if {
	cast.withholds(inputs["supporter with an address"], "subject.address_actual", "NO_BASIS")
}

test_what_staff_saw_at_the_door_goes_in if cast.permits(inputs["meter reader"], _basis)

test_what_stands_in_files_does_not if {
	cast.withholds(inputs["meter reader from the files"], "awareness_report.where_seen", "NO_BASIS")
}

test_what_stands_in_files_goes_in_for_danger if cast.permits(inputs["meter reader from the files, danger"], _basis)

test_police_are_told_of_danger_to_life_or_body_alone if {
	cast.permits(inputs["to the police, danger"], _basis)
	cast.refuses(inputs["to the police"], "BASIS_NOT_FOR_RECIPIENT")
	cast.refuses(inputs["to the police, danger to property"], "BASIS_NOT_FOR_RECIPIENT")
}

test_no_notice_to_another_agency if cast.denies(inputs["to the council"], "BASIS_NOT_FOR_RECIPIENT")

test_suspicion_that_names_no_article_is_taken_all_the_same if cast.permits(inputs["suspicion under no article"], _basis)

test_no_notice_for_another_purpose if cast.denies(inputs["for another purpose"], "PURPOSE_FORBIDDEN")

test_nothing_goes_back if cast.denies(inputs["what became of it"], "BASIS_NOT_FOR_RECIPIENT")
