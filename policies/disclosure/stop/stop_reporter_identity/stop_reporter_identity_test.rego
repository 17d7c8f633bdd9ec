package disclosure.stop.stop_reporter_identity_test

import rego.v1

import data.checks.cast

inputs := {
	"nobody reported": cast.known("consent_private"),
	"reporter's class": cast.known("stop_reporter_identity"),
	"field about a reporter": cast.changed("consent_private", {
		"/registered/subjects": array.concat(data.checks.cast.household, [{
			"id": "s-neighbour",
			"person": "p-neighbour",
			"relation": "reporter",
		}]),
		"/request/fields/1/about": ["s-sato", "s-neighbour"],
	}),
	"about absent": cast.without("consent_private", "/request/fields/1/about"),
	"in an emergency": cast.changed("vital_interest_private", {"/request/fields/1/classes": ["CON", "REP"]}),
}

test_other_fields_pass if cast.permits(inputs["nobody reported"], "consent_private")

test_reporter_is_withheld if cast.withholds(inputs["reporter's class"], "subject.phones", "REPORTER_EXPOSED")

test_every_field_about_a_reporter_is_withheld if {
	cast.withholds(inputs["field about a reporter"], "subject.phones", "REPORTER_EXPOSED")
}

test_absent_subjects_count_as_a_reporter if {
	cast.withholds(inputs["about absent"], "subject.phones", "REPORTER_EXPOSED")
}

test_danger_to_life_is_told_without_the_reporter if {
	cast.withholds(inputs["in an emergency"], "subject.address_actual", "REPORTER_EXPOSED")
}

test_reporter_is_sealed_apart if cast.owes(inputs["reporter's class"], "seal_reporter")
