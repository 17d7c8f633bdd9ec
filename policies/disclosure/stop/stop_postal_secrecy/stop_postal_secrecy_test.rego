package disclosure.stop.stop_postal_secrecy_test

import rego.v1

import data.checks.cast

_post := {
	"/request/sender/agency": "aoba-post",
	"/registered/sender/agency": object.union(
		cast.known("consent_private").registered.sender.agency,
		{"id": "aoba-post", "kind": "post_office", "name_ja": "あおば郵便局", "name_en": "Aoba Post Office"},
	),
	"/registered/sender/actor/agency": "aoba-post",
}

_from_post(id, origin) := cast.changed(id, object.union(_post, {
	"/registered/consents": [cast.consent({"taken_by": "aoba-post"})],
	"/request/fields/0/origin": "door",
	"/request/fields/1/origin": origin,
	"/request/fields/2/origin": "door",
}))

_case(changes) := cast.changed("consent_private", changes)

inputs := {
	"known otherwise": cast.known("consent_private"),
	"known from mail": cast.known("stop_postal_secrecy"),
	"origin absent": cast.without("consent_private", "/request/fields/1/origin"),
	"origin unknown": _case({"/request/fields/1/origin": "hearsay"}),
	"post office, at the door": _from_post("consent_private", "door"),
	"post office, does not say": _from_post("consent_private", "own"),
	"post office, from mail": _from_post("consent_private", "mail"),
	"sender's kind absent": cast.without("consent_private", "/registered/sender/agency/kind"),
	"danger to life": _from_post("vital_interest_private", "mail"),
	"danger to property": json.patch(_from_post("vital_interest_private", "mail"), [{
		"op": "replace",
		"path": "/asserted/0/value",
		"value": "property",
	}]),
	"danger without a second person": json.patch(_from_post("vital_interest_private", "mail"), [{
		"op": "replace",
		"path": "/registered/emergency_agreements",
		"value": [],
	}]),
	"danger told beside a consent": json.patch(_from_post("consent_private", "mail"), [{
		"op": "replace",
		"path": "/asserted",
		"value": [cast.told("danger", "life")],
	}]),
	"nothing but mail": _case({
		"/request/fields/0/origin": "mail",
		"/request/fields/1/origin": "mail",
		"/request/fields/2/origin": "mail",
	}),
}

_withheld(name) if cast.withholds(inputs[name], "subject.phones", "POSTAL_SECRECY")

test_what_is_known_otherwise_passes if cast.permits(inputs["known otherwise"], "consent_private")

test_what_is_known_from_mail_is_withheld if _withheld("known from mail")

test_absent_origin_is_withheld if _withheld("origin absent")

test_unknown_origin_is_withheld if _withheld("origin unknown")

test_what_was_seen_at_the_door_is_no_such_secret if {
	cast.permits(inputs["post office, at the door"], "consent_private")
}

test_post_office_that_does_not_say_knows_it_from_mail if _withheld("post office, does not say")

test_post_office_does_not_tell_of_mail if _withheld("post office, from mail")

test_danger_to_life_overrides_the_secrecy if {
	cast.permits(inputs["danger to life"], "vital_interest_private")
}

test_danger_to_property_does_not if {
	cast.withholds(inputs["danger to property"], "subject.address_actual", "POSTAL_SECRECY")
}

test_danger_alone_without_its_ground_does_not if {
	hits := data.disclosure.stop.stop_postal_secrecy.hits with input as inputs["danger without a second person"]
	[["subject.address_actual"]] == [h.fields | some h in hits]
}

test_word_of_danger_beside_a_consent_does_not if _withheld("danger told beside a consent")

test_nothing_but_mail_is_refused if cast.denies(inputs["nothing but mail"], "POSTAL_SECRECY")
