package disclosure.basis.cooperate_public_task_test

import rego.v1

import data.checks.cast

_basis := "cooperate_public_task"

_case(changes) := cast.changed(_basis, changes)

_to_council := {
	"/request/recipient": cast.known("consent_private").request.recipient,
	"/registered/recipient": cast.known("consent_private").registered.recipient,
}

_to_contractor(changes) := object.union(_to_council, {"/registered/entrustments": [object.union(
	cast.known("entrustment").registered.entrustments[0],
	object.union({"purposes": ["refer"]}, changes),
)]})

inputs := {
	"city's task": cast.known(_basis),
	"task absent": cast.without(_basis, "/asserted/0"),
	"task by guideline": _case({"/asserted/0/value": "rule"}),
	"task in a word": _case({"/asserted/0/text_chars": 2}),
	"hindrance absent": cast.without(_basis, "/asserted/1"),
	"hindrance denied": _case({"/asserted/1/value": false}),
	"hindrance in a word": _case({"/asserted/1/text_chars": 2}),
	"nothing said, unnamed": _case({"/asserted": [], "/request/basis": ""}),
	"to a private body": _case(_to_council),
	"to a private body, unnamed": _case(object.union(_to_council, {"/request/basis": ""})),
	"to a contractor": _case(_to_contractor({})),
	"to a contractor of somebody else": _case(_to_contractor({"entruster": "midori-pref"})),
	"contract for another purpose": _case(_to_contractor({"purposes": ["plan"]})),
	"contract ended": _case(_to_contractor({"valid_to": 1776214800000})),
	"agreement without contract": _case(_to_contractor({"kind": "cooperation_agreement"})),
	"another's contract": _case(_to_contractor({"contractor": "aoba-gas"})),
	"recipient refused": _case({"/registered/consents": [cast.consent({"recipients_refused": [cast.known(_basis).request.recipient.agency]})]}),
	"by a city": _case({"/request/sender": cast.known("consent_public").request.sender, "/registered/sender": cast.known("consent_public").registered.sender}),
}

test_city_receives if cast.permits(inputs["city's task"], _basis)

test_contractor_receives if cast.permits(inputs["to a contractor"], _basis)

test_no_ground_when_task_absent if cast.denies(inputs["task absent"], "REASON_MISSING")

test_guideline_is_no_task if cast.denies(inputs["task by guideline"], "REASON_MISSING")

test_no_ground_when_task_is_one_word if cast.denies(inputs["task in a word"], "REASON_MISSING")

test_no_ground_when_asking_hinders_nothing if {
	cast.denies(inputs["hindrance absent"], "REASON_MISSING")
	cast.denies(inputs["hindrance denied"], "REASON_MISSING")
	cast.denies(inputs["hindrance in a word"], "REASON_MISSING")
}

test_silent_when_nobody_spoke_of_it if {
	decision := data.disclosure.main.decision with input as inputs["nothing said, unnamed"]
	decision.outcome == "deny"
	not _basis in {r.rule | some r in decision.reasons}
}

test_private_body_is_no_public_task if cast.denies(inputs["to a private body"], "BASIS_NOT_FOR_RECIPIENT")

test_silent_towards_private_bodies_unless_named if {
	decision := data.disclosure.main.decision with input as inputs["to a private body, unnamed"]
	decision.outcome == "deny"
	not _basis in {r.rule | some r in decision.reasons}
}

test_only_the_municipalitys_contractor if {
	every name in ["to a contractor of somebody else", "contract for another purpose", "contract ended", "agreement without contract", "another's contract"] {
		cast.denies(inputs[name], "BASIS_NOT_FOR_RECIPIENT")
	}
}

test_refused_recipient_is_held if cast.holds(inputs["recipient refused"], "RECIPIENT_REFUSED_BY_SUBJECT", ["approver"])

test_public_bodies_have_no_such_article if cast.denies(inputs["by a city"], "BASIS_NOT_FOR_SENDER")
