package disclosure.stop.stop_foreign_test

import rego.v1

import data.checks.cast

_abroad(changes) := cast.changed("consent_private", object.union(
	{"/registered/recipient/agency/country": "US"},
	changes,
))

_approved(changes) := {"/registered/approvals": [cast.approval(object.union(
	{
		"kind": "foreign_transfer",
		"agency": "npo-hidamari",
		"recipient": "aoba-shakyo",
		"purpose": "refer",
	},
	changes,
))]}

inputs := {
	"in Japan": cast.known("consent_private"),
	"abroad": cast.known("stop_foreign"),
	"country unknown": cast.without("consent_private", "/registered/recipient/agency/country"),
	"recipient unknown": cast.changed("consent_private", {"/registered/recipient/agency": null}),
	"approved": _abroad(_approved({})),
	"approved for one field": _abroad(_approved({"fields": ["subject.phones"]})),
	"approved for another recipient": _abroad(_approved({"recipient": "aoba-gas"})),
	"approved for another purpose": _abroad(_approved({"purpose": "serve"})),
	"approved for somebody else": _abroad(_approved({"person": "p-suzuki"})),
	"approval of another kind": _abroad(_approved({"kind": "address_lift"})),
	"approval ended": _abroad(_approved({"expires_at": 1776214800000})),
	"approval to begin": _abroad(_approved({"approved_at": 1776214800001})),
	"about absent": json.patch(_abroad(_approved({})), [{"op": "remove", "path": "/request/fields/1/about"}]),
}

_refused(name) if cast.denies(inputs[name], "FOREIGN_RECIPIENT")

test_recipient_in_japan_passes if cast.permits(inputs["in Japan"], "consent_private")

test_recipient_abroad_is_refused_until_the_test_is_made if _refused("abroad")

test_unknown_country_counts_as_abroad if _refused("country unknown")

test_unknown_recipient_counts_as_abroad if {
	hits := data.disclosure.stop.stop_foreign.hits with input as inputs["recipient unknown"]
	count(hits) == 1
}

test_approved_transfer_passes if cast.permits(inputs.approved, "consent_private")

test_approval_is_for_its_fields if {
	cast.permitted(inputs["approved for one field"]) == ["subject.phones"]
}

test_approval_must_fit_in_every_way if {
	every name in {
		"approved for another recipient",
		"approved for another purpose",
		"approved for somebody else",
		"approval of another kind",
		"approval ended",
		"approval to begin",
	} {
		_refused(name)
	}
}

test_field_about_nobody_is_withheld if {
	cast.withholds(inputs["about absent"], "subject.phones", "FOREIGN_RECIPIENT")
}
