package disclosure.basis.consent_public_test

import rego.v1

import data.checks.cast

_blanket := object.union(data.checks.cast.blanket, {"recipient_classes": ["npo"], "item_classes": ["IDN", "CON", "ECO"]})

inputs := {
	"agreed": cast.known("consent_public"),
	"absent": cast.changed("consent_public", {"/registered/consents": []}),
	"withdrawn": cast.changed("consent_public", {"/registered/consents/0/withdrawn_at": 1}),
	"nobody harmed": cast.changed("consent_public", {"/asserted": [cast.told("no_third_party_harm", true)]}),
	"somebody harmed": cast.changed("consent_public", {"/asserted": [cast.told("no_third_party_harm", false)]}),
	"private sender": cast.changed("consent_private", {"/request/basis": "consent_public"}),
	"acting as contractor": cast.changed("consent_public", {
		"/request/basis": "consent_public",
		"/request/sender/capacity/kind": "contractor",
	}),
	"volunteer, food": cast.changed("consent_public", object.union(data.checks.cast.food, {
		"/registered/consents/0/purposes": ["serve"],
		"/registered/consents/0/item_classes": ["IDN", "CON", "HEA", "PAD"],
		"/registered/recipient/actor/roles": ["npo_volunteer"],
	})),
	"blanket to a stranger": cast.changed("consent_public", {"/registered/consents": [cast.consent(_blanket)]}),
	"blanket to a contractor": cast.changed("consent_public", {
		"/registered/consents": [cast.consent(_blanket)],
		"/registered/entrustments": [object.union(
			cast.known("entrustment").registered.entrustments[0],
			{"contractor": "npo-hidamari", "purposes": ["watch"]},
		)],
	}),
	"blanket for a coded item": cast.changed("consent_public", {
		"/request/fields/1/id": "consultation_intake.trouble_codes",
		"/request/fields/1/classes": ["ECO"],
		"/registered/consents": [cast.consent(_blanket)],
		"/registered/entrustments": [object.union(
			cast.known("entrustment").registered.entrustments[0],
			{"contractor": "npo-hidamari", "purposes": ["watch"]},
		)],
	}),
	"volunteer, referral": cast.changed("consent_public", {"/registered/recipient/actor/roles": ["npo_volunteer"]}),
}

test_agreed_fields_pass if cast.permits(inputs.agreed, "consent_public")

test_passes_when_nobody_is_harmed if cast.permits(inputs["nobody harmed"], "consent_public")

test_volunteer_may_serve if cast.permits(inputs["volunteer, food"], "consent_public")

test_blanket_passes_to_a_contractor if cast.permits(inputs["blanket to a contractor"], "consent_public")

test_blanket_carries_coded_items if cast.permits(inputs["blanket for a coded item"], "consent_public")

test_blanket_reaches_no_stranger if cast.denies(inputs["blanket to a stranger"], "CONSENT_MISSING")

test_conditions_are_attached if cast.owes(inputs.agreed, "art70_conditions")

test_no_provider_record_under_article_29 if not cast.owes(inputs.agreed, "art29_record")

test_no_ground_when_consent_absent if cast.denies(inputs.absent, "CONSENT_MISSING")

test_no_ground_when_consent_withdrawn if cast.denies(inputs.withdrawn, "CONSENT_WITHDRAWN")

test_no_ground_when_somebody_would_be_harmed if cast.denies(inputs["somebody harmed"], "IMPROPER_USE")

test_private_sender_rests_on_its_own_article if {
	cast.grounds(inputs["private sender"]) == ["consent_private"]
}

test_no_ground_for_what_a_contractor_holds if cast.denies(inputs["acting as contractor"], "BASIS_NOT_FOR_SENDER")

test_volunteer_gets_no_referral if cast.denies(inputs["volunteer, referral"], "BASIS_NOT_FOR_RECIPIENT")
