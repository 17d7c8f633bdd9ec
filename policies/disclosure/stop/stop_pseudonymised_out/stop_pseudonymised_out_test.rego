package disclosure.stop.stop_pseudonymised_out_test

import rego.v1

import data.checks.cast

_pseudonymised := {
	"/request/fields/0/origin": "pseudonymised",
	"/request/fields/1/origin": "pseudonymised",
	"/request/fields/2/origin": "pseudonymised",
}

inputs := {
	"not pseudonymised": cast.known("consent_private"),
	"anonymised": cast.changed("consent_private", {"/request/fields/1/origin": "anonymised"}),
	"to a third party": cast.known("stop_pseudonymised_out"),
	"one field": cast.changed("consent_private", {"/request/fields/1/origin": "pseudonymised"}),
	"origin absent": cast.without("consent_private", "/request/fields/1/origin"),
	"to a processor": cast.changed("entrustment", _pseudonymised),
	"about absent": json.patch(cast.changed("entrustment", _pseudonymised), [{
		"op": "remove",
		"path": "/request/fields/1/about",
	}]),
}

test_other_information_passes if cast.permits(inputs["not pseudonymised"], "consent_private")

test_anonymised_information_is_another_matter if cast.permits(inputs.anonymised, "consent_private")

test_third_party_is_refused_in_spite_of_consent if {
	cast.denies(inputs["to a third party"], "PSEUDONYMISED_DATA")
}

test_only_the_pseudonymised_field_is_withheld if {
	cast.withholds(inputs["one field"], "subject.phones", "PSEUDONYMISED_DATA")
}

test_absent_origin_is_withheld if {
	cast.withholds(inputs["origin absent"], "subject.phones", "PSEUDONYMISED_DATA")
}

test_processor_is_no_third_party if cast.permits(inputs["to a processor"], "entrustment")

test_field_about_nobody_is_withheld if {
	cast.withholds(inputs["about absent"], "subject.phones", "PSEUDONYMISED_DATA")
}
