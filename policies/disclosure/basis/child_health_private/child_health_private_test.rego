package disclosure.basis.child_health_private_test

import rego.v1

import data.checks.cast

_basis := "child_health_private"

_case(changes) := cast.changed(_basis, changes)

inputs := {
	"needed by the child": cast.known(_basis),
	"no child": cast.without(_basis, "/asserted/2"),
	"necessity absent": cast.without(_basis, "/asserted/0"),
	"necessity in a word": _case({"/asserted/0/text_chars": 2}),
	"difficulty absent": cast.without(_basis, "/asserted/1"),
	"difficulty in a word": _case({"/asserted/1/text_chars": 2}),
	"mother not said to bring the child up": cast.without(_basis, "/asserted/3"),
	"nothing said, unnamed": _case({"/asserted": [], "/request/basis": ""}),
	"mother as a stranger": _case({"/registered/subjects/1/relation": "third_party"}),
	"recipient refused": _case({"/registered/consents": [cast.consent({"person": "p-tanaka", "recipients_refused": ["aoba-shakyo"]})]}),
	"by a city": _case({"/request/sender": cast.known("consent_public").request.sender, "/registered/sender": cast.known("consent_public").registered.sender}),
}

test_child_and_carer_pass if cast.permits(inputs["needed by the child"], _basis)

test_officer_looks_afterwards if cast.owes(inputs["needed by the child"], "officer_review")

test_no_ground_without_a_child if cast.denies(inputs["no child"], "NO_BASIS")

test_no_ground_when_necessity_absent if cast.denies(inputs["necessity absent"], "REASON_MISSING")

test_no_ground_when_necessity_is_one_word if cast.denies(inputs["necessity in a word"], "REASON_MISSING")

test_no_ground_when_consent_could_be_asked if cast.denies(inputs["difficulty absent"], "REASON_MISSING")

test_no_ground_when_difficulty_is_one_word if cast.denies(inputs["difficulty in a word"], "REASON_MISSING")

test_carer_is_vouched_for if cast.withholds(inputs["mother not said to bring the child up"], "referral.reason_codes", "THIRD_PERSON_INCLUDED")

test_silent_when_nobody_spoke_of_it if {
	decision := data.disclosure.main.decision with input as inputs["nothing said, unnamed"]
	decision.outcome == "deny"
	not _basis in {r.rule | some r in decision.reasons}
}

test_strangers_are_withheld if cast.withholds(inputs["mother as a stranger"], "referral.reason_codes", "THIRD_PERSON_INCLUDED")

test_refused_recipient_is_held if cast.refuses(inputs["recipient refused"], "RECIPIENT_REFUSED_BY_SUBJECT")

test_public_bodies_have_no_such_article if cast.denies(inputs["by a city"], "BASIS_NOT_FOR_SENDER")
