package disclosure.stop.stop_my_number_test

import rego.v1

import data.checks.cast

inputs := {
	"clear": cast.known("consent_private"),
	"found": cast.known("stop_my_number"),
	"not screened": cast.known("stop_my_number_unscreened"),
	"screener unknown": cast.changed("consent_private", {"/request/fields/1/screener": ""}),
	"screening absent": cast.without("consent_private", "/request/fields/1/my_number"),
	"found everywhere": cast.changed("consent_private", {
		"/request/fields/0/my_number": "found",
		"/request/fields/1/my_number": "found",
		"/request/fields/2/my_number": "found",
	}),
}

_withheld(name) if cast.withholds(inputs[name], "subject.phones", "MY_NUMBER_FOUND")

test_clear_fields_pass if cast.permits(inputs.clear, "consent_private")

test_number_found_is_withheld if _withheld("found")

test_unscreened_counts_as_found if _withheld("not screened")

test_unknown_screener_counts_as_found if _withheld("screener unknown")

test_absent_screening_counts_as_found if _withheld("screening absent")

test_gateway_takes_the_field_out if cast.owes(inputs.found, "strip_my_number")

test_nothing_lawful_is_left if cast.denies(inputs["found everywhere"], "MY_NUMBER_FOUND")
