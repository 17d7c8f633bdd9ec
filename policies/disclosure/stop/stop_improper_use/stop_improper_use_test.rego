package disclosure.stop.stop_improper_use_test

import rego.v1

import data.checks.cast

inputs := {
	"support": cast.known("consent_private"),
	"tax collection": cast.known("stop_improper_use"),
	"purpose without persons": cast.changed("consent_private", {"/request/purpose": "match"}),
	"purpose for figures": cast.changed("consent_private", {"/request/purpose": "stats"}),
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

test_suspicion_stops_everything if cast.denies(inputs.suspected, "IMPROPER_USE")

test_suspicion_is_told_to_an_officer if cast.alerts(inputs.suspected)
