package disclosure.basis.housing_council_test

import rego.v1

import data.checks.cast

inputs := {
	"named": cast.known("housing_council"),
	"with consent": cast.changed("housing_council", {"/registered/consents": [cast.consent({
		"purposes": ["refer"],
		"item_classes": ["IDN", "HEA"],
	})]}),
	"consent named": cast.changed("consent_private", {"/request/basis": "consent_private"}),
}

test_council_without_secrecy_is_never_a_ground if {
	cast.denies(inputs.named, "NO_BASIS")
}

test_refusal_names_the_council if {
	decision := data.disclosure.main.decision with input as inputs.named
	some reason in decision.reasons
	reason.rule == "housing_council"
	"ask_consent" in reason.lawful_alternatives
}

test_consent_does_not_make_the_council_a_ground if cast.denies(inputs["with consent"], "NO_BASIS")

test_consent_itself_carries if cast.permits(inputs["consent named"], "consent_private")

test_no_pack_makes_it_a_ground if {
	decision := data.disclosure.main.decision with input as inputs.named
		with data.packs.default.bases.housing_council as {"enabled_at": 0, "disabled_at": null}
	decision.outcome == "deny"
}
