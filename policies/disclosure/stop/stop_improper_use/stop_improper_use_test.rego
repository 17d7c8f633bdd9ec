package disclosure.stop.stop_improper_use_test

import rego.v1

import data.checks.cast

inputs := {
	"support": cast.known("consent_private"),
	"tax collection": cast.known("stop_improper_use"),
	"purpose without persons": cast.changed("consent_private", {"/request/purpose": "match"}),
	"purpose for figures": cast.changed("consent_private", {"/request/purpose": "stats"}),
	"figures alone": cast.changed("consent_private", {
		"/request/purpose": "stats",
		"/request/fields": [object.union(
			cast.known("consent_private").request.fields[0],
			{"id": "aggregate_extract.cells", "classes": ["SYS"]},
		)],
	}),
	"contacts called figures": cast.changed("consent_private", {
		"/request/purpose": "stats",
		"/request/fields": [object.union(
			cast.known("consent_private").request.fields[0],
			{"id": "subject.phones", "classes": ["SYS"]},
		)],
	}),
	"suspected": cast.known("stop_improper_use_suspected"),
	"suspicion cleared": cast.changed("consent_private", {"/asserted": [cast.told(
		"inappropriate_purpose_suspected",
		false,
	)]}),
}

test_support_passes if cast.permits(inputs.support, "consent_private")

test_cleared_suspicion_passes if cast.permits(inputs["suspicion cleared"], "consent_private")

test_forbidden_purpose_stops_everything if cast.denies(inputs["tax collection"], "PURPOSE_FORBIDDEN")

test_nobody_is_named_for_resources if cast.denies(inputs["purpose without persons"], "PURPOSE_FORBIDDEN")

test_nobody_is_named_for_figures if cast.denies(inputs["purpose for figures"], "PURPOSE_FORBIDDEN")

test_figures_alone_are_not_stopped_yet_need_a_basis if {
	cast.denies(inputs["figures alone"], "NO_BASIS")
	hits := data.disclosure.stop.stop_improper_use.hits with input as inputs["figures alone"]
	count(hits) == 0
}

test_contacts_called_figures_are_stopped if cast.denies(inputs["contacts called figures"], "PURPOSE_FORBIDDEN")

test_suspicion_stops_everything if cast.denies(inputs.suspected, "IMPROPER_USE")

test_suspicion_is_told_to_an_officer if cast.alerts(inputs.suspected)
