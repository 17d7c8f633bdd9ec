package lib.origin_test

import rego.v1

import data.checks.cast

_from(origin) := cast.changed("consent_private", {"/request/fields/1/origin": origin})

inputs := {
	"own": _from("own"),
	"roster": _from("roster"),
	"seen in a drill": _from("drill_seen"),
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
