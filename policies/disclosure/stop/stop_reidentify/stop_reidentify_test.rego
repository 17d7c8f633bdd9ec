package disclosure.stop.stop_reidentify_test

import rego.v1

import data.checks.cast

_case(origin, value) := cast.changed("consent_private", {
	"/request/fields/1/origin": origin,
	"/asserted": [cast.told("matching_intended", value)],
})

inputs := {
	"anonymised, nobody will match": cast.changed("consent_private", {"/request/fields/1/origin": "anonymised"}),
	"anonymised, to be matched": cast.known("stop_reidentify"),
	"anonymised, matching denied": _case("anonymised", false),
	"anonymised, unclear": _case("anonymised", "perhaps"),
	"not processed": _case("own", true),
	"origin absent": json.patch(_case("own", true), [{"op": "remove", "path": "/request/fields/1/origin"}]),
	"pseudonymised, to a processor": cast.changed("entrustment", {
		"/request/fields/1/origin": "pseudonymised",
		"/asserted": [cast.told("matching_intended", true)],
	}),
}

_withheld(name) if cast.withholds(inputs[name], "subject.phones", "REIDENTIFICATION")

test_passes_where_nobody_will_match if {
	cast.permits(inputs["anonymised, nobody will match"], "consent_private")
}

test_passes_where_matching_is_denied if cast.permits(inputs["anonymised, matching denied"], "consent_private")

test_matching_is_stopped if _withheld("anonymised, to be matched")

test_unclear_word_counts_as_intended if _withheld("anonymised, unclear")

test_unprocessed_field_is_not_matched_back if cast.permits(inputs["not processed"], "consent_private")

test_absent_origin_is_withheld if _withheld("origin absent")

test_processor_may_not_match_either if _withheld("pseudonymised, to a processor")
