package disclosure.basis.anonymised_provision_test

import rego.v1

import data.checks.cast

_basis := "anonymised_provision"

_case(changes) := cast.changed(_basis, changes)

_city(purposes) := {
	"/request/sender": cast.known("consent_public").request.sender,
	"/registered/sender": cast.known("consent_public").registered.sender,
	"/registered/use_purposes": purposes,
}

_use(changes) := object.union(
	object.union(
		cast.known("public_within_purpose").registered.use_purposes[0],
		{"purposes": ["study"], "recipient_agencies": ["aoba-shakyo"]},
	),
	changes,
)

inputs := {
	"published and marked": cast.known(_basis),
	"masked only": cast.known("anonymised_provision_leaflet"),
	"masked only, named": cast.changed("anonymised_provision_leaflet", {"/request/basis": _basis}),
	"one field not anonymised": _case({"/request/fields/1/origin": "own"}),
	"items not published": cast.without(_basis, "/asserted/0"),
	"not marked": cast.without(_basis, "/asserted/1"),
	"not marked after all": _case({"/asserted/1/value": false}),
	"only heard": _case({"/asserted/0/evidence": "heard"}),
	"about a relative": _case({"/registered/subjects": data.checks.cast.household, "/request/fields/1/about": ["s-sato", "s-son"]}),
	"another purpose": _case({"/request/purpose": "refer"}),
	"by a city": _case(_city([])),
	"by a city within its purpose": _case(_city([_use({})])),
	"city's purpose another": _case(_city([_use({"purposes": ["watch"]})])),
	"city's recipient another": _case(_city([_use({"recipient_agencies": []})])),
	"city's purpose unpublished": _case(_city([_use({"published_at": null})])),
	"city's purpose ended": _case(_city([_use({"valid_to": 1776214800000})])),
	"purpose of another body": _case(_city([_use({"agency": "midori-pref"})])),
}

test_anonymised_information_passes if cast.permits(inputs["published and marked"], _basis)

test_nobody_is_to_be_found_from_it if cast.owes(inputs["published and marked"], "no_reidentification")

test_masked_story_is_personal_information if {
	cast.denies(inputs["masked only"], "NO_BASIS")
	cast.denies(inputs["masked only, named"], "NO_BASIS")
}

test_next_step_is_consent_or_fiction if {
	decision := data.disclosure.main.decision with input as inputs["masked only"]
	some r in decision.reasons
	contains(r.next_step_ja, "作り話")
}

test_one_field_is_withheld if cast.withholds(inputs["one field not anonymised"], "case_study.theme_codes", "NO_BASIS")

test_items_are_published if cast.denies(inputs["items not published"], "NOT_TOLD_BEFOREHAND")

test_recipient_is_told if {
	cast.denies(inputs["not marked"], "NOT_TOLD_BEFOREHAND")
	cast.denies(inputs["not marked after all"], "NOT_TOLD_BEFOREHAND")
}

test_publication_is_seen if cast.denies(inputs["only heard"], "NOT_TOLD_BEFOREHAND")

test_relatives_are_withheld if cast.withholds(inputs["about a relative"], "case_study.theme_codes", "THIRD_PERSON_INCLUDED")

test_not_for_support if cast.denies(inputs["another purpose"], "PURPOSE_FORBIDDEN")

test_public_body_needs_its_purpose if cast.denies(inputs["by a city"], "BASIS_NOT_FOR_SENDER")

test_public_body_within_its_purpose if cast.permits(inputs["by a city within its purpose"], _basis)

test_public_body_only_so if {
	every name in ["city's purpose another", "city's recipient another", "city's purpose unpublished", "city's purpose ended", "purpose of another body"] {
		cast.denies(inputs[name], "BASIS_NOT_FOR_SENDER")
	}
}
