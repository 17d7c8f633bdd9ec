package disclosure.main_test

import rego.v1

import data.checks.cast

_case(changes) := cast.changed("consent_private", changes)

inputs := {
	"permitted": cast.known("consent_private"),
	"no candidate": cast.known("main"),
	"pack unknown": _case({"/registered/tenant/pack": "nowhere"}),
	"basis unknown": _case({"/request/basis": "good_will", "/registered/consents": []}),
	"main subject missing": _case({"/registered/subjects/0/relation": "household"}),
	"handle of nobody": _case({"/request/subject": "s-nobody"}),
	"same field twice, once unread": _case({"/request/fields": array.concat(
		cast.known("consent_private").request.fields,
		[object.union(cast.known("consent_private").request.fields[0], {"my_number": "found"})],
	)}),
	"two grounds": cast.changed("entrustment", {"/registered/consents": [cast.consent({
		"recipient_classes": ["shakyo"],
		"taken_by": "aoba-city",
	})]}),
	"two grounds, one named": cast.changed("entrustment", {
		"/request/basis": "consent_public",
		"/registered/consents": [cast.consent({"recipient_classes": ["shakyo"], "taken_by": "aoba-city"})],
	}),
	"empty": {},
	"null": null,
}

test_permit if cast.permits(inputs.permitted, "consent_private")

test_not_applicable_names_the_next_step if {
	decision := data.disclosure.main.decision with input as inputs["no candidate"]
	decision.outcome == "not_applicable"
	some reason in decision.reasons
	reason.code == "NO_BASIS"
	"ask_consent" in reason.lawful_alternatives
}

test_unknown_pack_enables_nothing if cast.refuses(inputs["pack unknown"], "NO_BASIS")

test_unknown_basis_is_none if cast.refuses(inputs["basis unknown"], "CONSENT_MISSING")

test_refused_without_a_main_subject if cast.denies(inputs["main subject missing"], "NO_BASIS")

test_refused_when_the_handle_is_nobodys if cast.denies(inputs["handle of nobody"], "NO_BASIS")

test_strictest_governs_a_field_asked_twice if {
	cast.withholds(inputs["same field twice, once unread"], "subject.name_original", "MY_NUMBER_FOUND")
}

test_statute_comes_before_consent if cast.grounds(inputs["two grounds"]) == ["entrustment"]

test_named_basis_comes_first if cast.grounds(inputs["two grounds, one named"]) == ["consent_public"]

test_withheld_field_of_a_permit_says_who_may_lift_it if {
	decision := data.disclosure.main.decision with input as cast.known("stop_protected_address")
	decision.held_by == []
	[["approver", "second_person"]] == [w.by | some w in decision.fields_withheld]
}

test_refusal_as_a_whole_may_be_lifted_by_nobody if {
	decision := data.disclosure.main.decision with input as cast.known("stop_protected_address_counterpart")
	every w in decision.fields_withheld {
		w.by == []
	}
}

test_nothing_is_never_permitted if {
	not cast.permitted(inputs.empty)
	not cast.permitted(inputs["null"])
}
