package disclosure.basis.child_suicide_council_test

import rego.v1

import data.checks.cast

_basis := "child_suicide_council"

inputs := {
	"named": cast.known(_basis),
	"not named": cast.changed(_basis, {"/request/basis": ""}),
	"no statutory word": cast.changed(_basis, {"/asserted": []}),
}

test_council_carries_nothing_before_its_text_was_read if {
	cast.denies(inputs.named, "BASIS_DISABLED")
	cast.refuses(inputs["not named"], "NO_BASIS")
}

test_refusal_shows_other_lawful_ways if {
	decision := data.disclosure.main.decision with input as inputs.named
	some reason in decision.reasons
	reason.rule == _basis
	"ask_consent" in reason.lawful_alternatives
}

# What it will say once somebody has read the text.
_enabled(given) := decision if {
	decision := data.disclosure.main.decision with input as given
		with data.packs.default.bases.child_suicide_council as {"enabled_at": 1775012400000, "disabled_at": null}
}

test_rule_itself_is_that_of_the_other_councils if {
	decision := _enabled(inputs.named)
	decision.outcome == "permit"
	refused := _enabled(inputs["no statutory word"])
	"SUBJECT_NOT_IN_SCOPE" in {r.code | some r in refused.reasons}
}
