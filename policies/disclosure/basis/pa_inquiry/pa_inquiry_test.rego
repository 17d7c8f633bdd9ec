package disclosure.basis.pa_inquiry_test

import rego.v1

import data.checks.cast

inputs := {"reused": cast.known("pa_inquiry")}

test_inquiry_is_never_a_ground_and_the_refusal_names_it if {
	decision := data.disclosure.main.decision with input as inputs.reused
	decision.outcome == "deny"
	["pa_inquiry"] == [r.rule | some r in decision.reasons; r.code == "NO_BASIS"]
}

test_inquiry_holds_nothing if {
	hits := data.disclosure.basis.pa_inquiry.hits with input as inputs.reused
	count(hits) == 0
}
