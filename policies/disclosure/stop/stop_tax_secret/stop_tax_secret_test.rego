package disclosure.stop.stop_tax_secret_test

import rego.v1

import data.checks.cast

inputs := {
	"known otherwise": cast.known("consent_private"),
	"known from a tax inquiry": cast.known("stop_tax_secret"),
	"origin absent": cast.without("consent_private", "/request/fields/1/origin"),
	"danger to life": cast.changed("vital_interest_private", {"/request/fields/1/origin": "tax_inquiry"}),
	"nothing but taxes": cast.changed("consent_private", {
		"/request/fields/0/origin": "tax_inquiry",
		"/request/fields/1/origin": "tax_inquiry",
		"/request/fields/2/origin": "tax_inquiry",
	}),
}

_withheld(name) if cast.withholds(inputs[name], "subject.phones", "TAX_SECRET")

test_what_is_known_otherwise_passes if cast.permits(inputs["known otherwise"], "consent_private")

test_tax_inquiry_is_withheld_in_spite_of_consent if _withheld("known from a tax inquiry")

test_absent_origin_is_withheld if _withheld("origin absent")

test_danger_is_told_without_the_tax_inquiry if {
	cast.withholds(inputs["danger to life"], "subject.address_actual", "TAX_SECRET")
}

test_nothing_but_taxes_is_refused if cast.denies(inputs["nothing but taxes"], "TAX_SECRET")
