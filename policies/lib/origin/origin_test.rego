package lib.origin_test

import rego.v1

import data.checks.cast

_from(origin) := cast.changed("consent_private", {"/request/fields/1/origin": origin})

_at_item(changes) := cast.changed("shien_kaigi_swa", object.union({"/request/fields/0/origin": "meeting"}, changes))

_agreed(changes) := cast.changed("consent_private", object.union({"/request/fields/1/origin": "meeting"}, changes))

_request := {
	"id": "request-1",
	"item": "item-1",
	"conference": "conf-aoba",
	"asked_by": "aoba-city",
	"asked": "npo-hidamari",
	"persons": ["p-sato"],
	"fields": ["subject.name_original"],
	"requested_at": 1776128400000,
	"valid_to": 1776819600000,
}

_rebasing := {
	"id": "rebasing-1",
	"person": "p-sato",
	"agency": "npo-hidamari",
	"from_basis": "shien_kaigi_swa",
	"consent": cast.known("consent_private").registered.consents[0].id,
	"fields": ["subject.phones"],
	"rebased_at": 1776214800000,
}

inputs := {
	"own": _from("own"),
	"roster": _from("roster"),
	"seen in a drill": _from("drill_seen"),
	"told at the same kind of meeting": _at_item({"/request/fields/0/told_under": "shien_kaigi_swa"}),
	"told at another meeting": _at_item({"/request/fields/0/told_under": "yotaikyo"}),
	"told at a meeting nobody names": _at_item({}),
	"told at another meeting, asked for": _at_item({
		"/request/fields/0/told_under": "yotaikyo",
		"/registered/information_requests": [_request],
	}),
	"told at another meeting, asked about somebody else": _at_item({
		"/request/fields/0/told_under": "yotaikyo",
		"/registered/information_requests": [object.union(_request, {"persons": ["p-son"]})],
	}),
	"told at a meeting, then agreed to": _agreed({}),
	"told at a meeting, put on the consent": _agreed({"/registered/rebasings": [_rebasing]}),
	"put on the consent by somebody else": _agreed({"/registered/rebasings": [object.union(_rebasing, {"agency": "aoba-shakyo"})]}),
	"put on the consent for another person": _agreed({"/registered/rebasings": [object.union(_rebasing, {"person": "p-son"})]}),
	"another item put on the consent": _agreed({"/registered/rebasings": [object.union(_rebasing, {"fields": ["referral.urgency"]})]}),
	"put on the consent later": _agreed({"/registered/rebasings": [object.union(_rebasing, {"rebased_at": 1776214800001})]}),
	"put on a consent withdrawn since": _agreed({
		"/registered/rebasings": [object.union(_rebasing, {"consent": "consent-old"})],
		"/registered/consents/1": cast.consent({"id": "consent-old", "withdrawn_at": 1776214800000}),
	}),
	"put on an unknown consent": _agreed({"/registered/rebasings": [object.union(_rebasing, {"consent": "consent-x"})]}),
	"told at that meeting, put on the consent": _agreed({
		"/request/fields/1/told_under": "shien_kaigi_swa",
		"/registered/rebasings": [_rebasing],
	}),
	"told at another meeting, put on the consent": _agreed({
		"/request/fields/1/told_under": "yotaikyo",
		"/registered/rebasings": [_rebasing],
	}),
	"told at a meeting, danger": cast.changed("vital_interest_private", {"/request/fields/0/origin": "meeting"}),
	"told at a strict meeting, danger": cast.changed("vital_interest_private", {
		"/request/fields/0/origin": "meeting",
		"/request/fields/0/told_under": "consumer_council",
	}),
	"told at a meeting, clear benefit": cast.changed("public_special_reason", {"/request/fields/0/origin": "meeting"}),
	"told at a meeting, clear benefit in an emergency": cast.changed("public_special_reason", {
		"/request/purpose": "emerg",
		"/request/profile": "visit_safety",
		"/request/fields": [object.union(cast.known("consent_private").request.fields[0], {"origin": "meeting"})],
		"/registered/approvals/0/purpose": "emerg",
		"/registered/approvals/0/fields": [],
	}),
	"danger": cast.changed("vital_interest_private", {"/request/fields/0/origin": "roster"}),
}

test_own_knowledge_is_not_bound if cast.permits(inputs.own, "consent_private")

test_roster_is_not_for_everyday_purposes_even_by_consent if {
	cast.withholds(inputs.roster, "subject.phones", "PURPOSE_FORBIDDEN")
}

test_what_was_seen_in_a_drill_is_not_roster_information if {
	cast.permits(inputs["seen in a drill"], "consent_private")
}

test_danger_to_life_is_a_good_reason if cast.permits(inputs.danger, "vital_interest_private")

test_report_is_not_bound if {
	decision := data.disclosure.main.decision with input as inputs.roster
		with data.basis.consent_private.report as true
	decision.fields_withheld == []
}

test_what_was_told_is_told_again_under_the_same_basis if {
	cast.permits(inputs["told at the same kind of meeting"], "shien_kaigi_swa")
}

test_secret_of_one_meeting_does_not_pass_to_another if {
	cast.withholds(inputs["told at another meeting"], "subject.name_original", "BASIS_NOT_FOR_SENDER")
}

test_secret_of_an_unknown_meeting_does_not_pass if {
	cast.withholds(inputs["told at a meeting nobody names"], "subject.name_original", "BASIS_NOT_FOR_SENDER")
}

test_another_meeting_hears_what_it_has_asked_for if {
	cast.permits(inputs["told at another meeting, asked for"], "shien_kaigi_swa")
}

test_request_about_somebody_else_frees_nothing if {
	cast.withholds(
		inputs["told at another meeting, asked about somebody else"],
		"subject.name_original", "BASIS_NOT_FOR_SENDER",
	)
}

test_consent_alone_does_not_free_what_was_told_in_a_meeting if {
	_kept("told at a meeting, then agreed to")
}

test_item_put_on_the_consent_passes if {
	cast.permits(inputs["told at a meeting, put on the consent"], "consent_private")
	cast.permits(inputs["told at that meeting, put on the consent"], "consent_private")
}

test_rebasing_of_another_agency_does_not_count if _kept("put on the consent by somebody else")

test_rebasing_for_another_person_does_not_count if _kept("put on the consent for another person")

test_rebasing_is_item_by_item if _kept("another item put on the consent")

test_rebasing_does_not_look_back if _kept("put on the consent later")

test_rebasing_ends_with_its_consent if _kept("put on a consent withdrawn since")

test_rebasing_on_an_unknown_consent_does_not_count if _kept("put on an unknown consent")

test_rebasing_is_of_the_meeting_where_it_was_told if _kept("told at another meeting, put on the consent")

_kept(name) if cast.withholds(inputs[name], "subject.phones", "BASIS_NOT_FOR_SENDER")

test_danger_to_life_frees_what_was_told_in_a_meeting if {
	cast.permits(inputs["told at a meeting, danger"], "vital_interest_private")
}

test_secrecy_without_a_good_reason_stays_even_in_danger if {
	cast.withholds(
		inputs["told at a strict meeting, danger"],
		cast.known("vital_interest_private").request.fields[0].id, "BASIS_NOT_FOR_SENDER",
	)
}

test_clear_benefit_frees_it_in_an_emergency_only if {
	field := cast.known("public_special_reason").request.fields[0].id
	cast.withholds(inputs["told at a meeting, clear benefit"], field, "BASIS_NOT_FOR_SENDER")
	cast.permits(inputs["told at a meeting, clear benefit in an emergency"], "public_special_reason")
}
