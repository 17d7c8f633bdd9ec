package disclosure.basis.ordinance28_test

import rego.v1

import data.checks.cast

_basis := "ordinance28"

_case(changes) := cast.changed(_basis, changes)

inputs := {
	"ordinance alone": cast.known(_basis),
	"with consent": cast.changed("consent_private", {"/request/basis": _basis}),
	"by a city": _case({"/request/sender": cast.known("consent_public").request.sender, "/registered/sender": cast.known("consent_public").registered.sender}),
}

test_opens_nothing if cast.denies(inputs["ordinance alone"], "NO_BASIS")

test_opens_nothing_for_a_city_either if cast.denies(inputs["by a city"], "NO_BASIS")

test_says_why_and_what_comes_first if {
	decision := data.disclosure.main.decision with input as inputs["ordinance alone"]
	some r in decision.reasons
	r.rule == _basis
	contains(r.next_step_ja, "それだけでは提供の根拠になりません")
	not "BASIS_DISABLED" in {told.code | some told in decision.reasons}
}

test_consent_carries_where_it_is_named if cast.grounds(inputs["with consent"]) == ["consent_private"]
