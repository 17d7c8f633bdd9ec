package disclosure.basis.law_public_test

import rego.v1

import data.checks.cast

_basis := "law_public"

_case(changes) := cast.changed(_basis, changes)

inputs := {
	"provision seen": cast.known(_basis),
	"authorised only": _case({"/asserted/0/value": "law_authorises"}),
	"nothing said": _case({"/asserted": []}),
	"nothing said, unnamed": _case({"/asserted": [], "/request/basis": ""}),
	"duty to endeavour": _case({"/asserted/0/value": "law_effort"}),
	"provision not seen": _case({"/asserted/0/evidence": "heard"}),
	"provision in a word": _case({"/asserted/0/text_chars": 3}),
	"recipient refused": _case({"/registered/consents": [cast.consent({"recipients_refused": [cast.known(_basis).request.recipient.agency]})]}),
	"ordinance": _case({"/asserted/0/value": "ordinance_requires"}),
}

test_provision_that_requires_it_carries if cast.permits(inputs["provision seen"], _basis)

test_provision_that_allows_it_carries if cast.permits(inputs["authorised only"], _basis)

test_officer_looks_afterwards if cast.owes(inputs["provision seen"], "officer_review")

test_no_ground_when_none_is_named if cast.denies(inputs["nothing said"], "REASON_MISSING")

test_silent_when_nobody_spoke_of_it if {
	decision := data.disclosure.main.decision with input as inputs["nothing said, unnamed"]
	decision.outcome == "deny"
	not _basis in {r.rule | some r in decision.reasons}
}

test_duty_to_endeavour_is_not_enough if cast.denies(inputs["duty to endeavour"], "REASON_MISSING")

test_hearsay_is_not_enough if cast.denies(inputs["provision not seen"], "REASON_MISSING")

test_one_word_is_not_enough if cast.denies(inputs["provision in a word"], "REASON_MISSING")

test_refused_recipient_is_held if cast.holds(inputs["recipient refused"], "RECIPIENT_REFUSED_BY_SUBJECT", ["approver"])

test_ordinance_is_no_law_for_public_bodies if cast.denies(inputs.ordinance, "BASIS_NOT_FOR_SENDER")

test_ordinance_that_allows_is_no_law_either if {
	given := cast.known("law_public_ordinance")
	cast.denies(given, "BASIS_NOT_FOR_SENDER")
}

test_conditions_are_attached if cast.owes(inputs["provision seen"], "art70_conditions")
