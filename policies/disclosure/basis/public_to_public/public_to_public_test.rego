package disclosure.basis.public_to_public_test

import rego.v1

import data.checks.cast

_basis := "public_to_public"

_case(changes) := cast.changed(_basis, changes)

_unit := {
	"/request/refs/recipient_department": "unit-health",
	"/registered/departments": [{
		"id": "unit-health",
		"agency": "midori-pref",
		"name_ja": "保健所",
		"purposes": ["refer"],
		"ground_level": "law",
		"ground_ja": "地域保健法の事務",
		"valid_from": 1743433200000,
		"valid_to": null,
	}],
}

inputs := {
	"needed by the other body": cast.known(_basis),
	"third time": _case({"/computed/ad_hoc_count": 3}),
	"once more when lifted": _case({"/computed/ad_hoc_count": 3, "/registered/verdicts": [cast.verdict({"recipient": cast.known(_basis).request.recipient.agency, "lifts": ["AD_HOC_REPEATED"]})]}),
	"necessity absent": cast.without(_basis, "/asserted/1"),
	"necessity in a word": _case({"/asserted/1/text_chars": 2}),
	"necessity denied": _case({"/asserted/1/value": false}),
	"harm not excluded": cast.without(_basis, "/asserted/2"),
	"somebody harmed": _case({"/asserted/2/value": false}),
	"nothing said, unnamed": _case({"/request/basis": "", "/asserted": []}),
	"necessity said, unnamed": _case({"/request/basis": "", "/asserted/1/text_chars": 2}),
	"recipient refused": _case({"/registered/consents": [cast.consent({"recipients_refused": [cast.known(_basis).request.recipient.agency]})]}),
	"task absent": cast.without(_basis, "/asserted/0"),
	"task by guideline": _case({"/asserted/0/value": "rule"}),
	"task in a word": _case({"/asserted/0/text_chars": 2}),
	"task of the recipient's unit": json.patch(cast.changed(_basis, _unit), [{"op": "remove", "path": "/asserted/0"}]),
	"to a social welfare council": cast.known("public_to_public_shakyo"),
	"to itself": _case({"/request/recipient/agency": "aoba-city", "/registered/recipient/agency": cast.known(_basis).registered.sender.agency, "/request/recipient/actor": "", "/registered/recipient/actor": null}),
	"private sender": cast.changed("vital_interest_private", {"/request/basis": _basis}),
}

test_other_body_receives if cast.permits(inputs["needed by the other body"], _basis)

test_registered_task_of_the_recipient_counts if cast.permits(inputs["task of the recipient's unit"], _basis)

test_conditions_are_attached if cast.owes(inputs["needed by the other body"], "art70_conditions")

test_no_ground_when_task_absent if cast.denies(inputs["task absent"], "REASON_MISSING")

test_guideline_is_no_task if cast.denies(inputs["task by guideline"], "REASON_MISSING")

test_no_ground_when_task_is_one_word if cast.denies(inputs["task in a word"], "REASON_MISSING")

test_council_is_no_public_body if cast.denies(inputs["to a social welfare council"], "BASIS_NOT_FOR_RECIPIENT")

test_next_step_names_the_fourth_item_and_consent if {
	decision := data.disclosure.main.decision with input as inputs["to a social welfare council"]
	some r in decision.reasons
	contains(r.next_step_ja, "69条2項4号")
	"ask_consent" in r.lawful_alternatives
}

test_one_body_is_not_another if cast.refuses(inputs["to itself"], "BASIS_NOT_FOR_RECIPIENT")

test_private_bodies_have_no_such_article if cast.grounds(inputs["private sender"]) == ["vital_interest_private"]

test_habit_is_an_officers_decision if cast.holds(inputs["third time"], "AD_HOC_REPEATED", ["officer"])

test_habit_once_more_when_lifted if cast.permits(inputs["once more when lifted"], _basis)

test_no_ground_when_necessity_absent if cast.denies(inputs["necessity absent"], "REASON_MISSING")

test_no_ground_when_necessity_is_one_word if cast.denies(inputs["necessity in a word"], "REASON_MISSING")

test_no_ground_when_it_is_not_needed if cast.denies(inputs["necessity denied"], "REASON_MISSING")

test_no_ground_when_harm_is_not_excluded if cast.denies(inputs["harm not excluded"], "REASON_MISSING")

test_no_ground_when_somebody_would_be_harmed if cast.denies(inputs["somebody harmed"], "IMPROPER_USE")

test_silent_when_nobody_spoke_of_it if {
	decision := data.disclosure.main.decision with input as inputs["nothing said, unnamed"]
	not "REASON_MISSING" in {r.code | some r in decision.reasons; r.rule == _basis}
	decision.outcome == "deny"
}

test_speaks_when_necessity_was_told if cast.denies(inputs["necessity said, unnamed"], "REASON_MISSING")

test_refused_recipient_is_held if cast.holds(inputs["recipient refused"], "RECIPIENT_REFUSED_BY_SUBJECT", ["approver"])
