package disclosure.basis.public_internal_use_test

import rego.v1

import data.checks.cast

_basis := "public_internal_use"

_case(changes) := cast.changed(_basis, changes)

inputs := {
	"needed by the other unit": cast.known(_basis),
	"third time": _case({"/computed/ad_hoc_count": 3}),
	"once more when lifted": _case({"/computed/ad_hoc_count": 3, "/registered/verdicts": [cast.verdict({"recipient": cast.known(_basis).request.recipient.agency, "lifts": ["AD_HOC_REPEATED"]})]}),
	"necessity absent": cast.without(_basis, "/asserted/0"),
	"necessity in a word": _case({"/asserted/0/text_chars": 2}),
	"necessity denied": _case({"/asserted/0/value": false}),
	"harm not excluded": cast.without(_basis, "/asserted/1"),
	"somebody harmed": _case({"/asserted/1/value": false}),
	"nothing said, unnamed": _case({"/request/basis": "", "/asserted": []}),
	"necessity said, unnamed": _case({"/request/basis": "", "/asserted/0/text_chars": 2}),
	"recipient refused": _case({"/registered/consents": [cast.consent({"recipients_refused": [cast.known(_basis).request.recipient.agency]})]}),
	"another organ": _case({"/request/recipient": data.checks.cast.education.request, "/registered/recipient": data.checks.cast.education.registered}),
	"within one unit": _case({"/request/refs/recipient_department": "unit-child", "/registered/recipient/actor/department": "unit-child"}),
	"sending unit not named": _case({"/request/refs/sender_department": ""}),
	"sender of another unit": _case({"/registered/sender/actor/department": "unit-other"}),
	"sending unit unknown": cast.without(_basis, "/registered/departments/0"),
	"receiving unit unknown": cast.without(_basis, "/registered/departments/1"),
	"receiving person of another unit": _case({"/registered/recipient/actor/department": "unit-child"}),
	"receiving unit as a whole": _case({"/request/recipient/actor": "", "/registered/recipient/actor": null}),
	"receiving unit ended": _case({"/registered/departments/1/valid_to": 1776214800000}),
	"receiving unit to begin": _case({"/registered/departments/1/valid_from": 1776214800001}),
	"receiving unit of another agency": _case({"/registered/departments/1/agency": "midori-pref"}),
	"no task of theirs": _case({"/registered/departments/1/purposes": ["watch"]}),
	"task by guideline": _case({"/registered/departments/1/ground_level": "rule"}),
	"task without text": _case({"/registered/departments/1/ground_ja": ""}),
	"private sender": cast.changed("consent_private", {"/request/basis": _basis}),
	"not named between agencies": cast.changed("public_to_public", {"/request/basis": ""}),
}

test_other_unit_receives if cast.permits(inputs["needed by the other unit"], _basis)

test_named_staff_alone_handle_it if cast.owes(inputs["needed by the other unit"], "named_handlers")

test_another_organ_is_no_unit if cast.denies(inputs["another organ"], "OTHER_ENTITY")

test_one_unit_needs_no_article if cast.refuses(inputs["within one unit"], "NO_BASIS")

test_no_ground_when_the_sending_unit_is_not_named if cast.denies(inputs["sending unit not named"], "BASIS_NOT_FOR_SENDER")

test_no_ground_for_a_sender_of_another_unit if cast.denies(inputs["sender of another unit"], "BASIS_NOT_FOR_SENDER")

test_no_ground_for_an_unknown_sending_unit if cast.denies(inputs["sending unit unknown"], "BASIS_NOT_FOR_SENDER")

test_no_ground_for_an_unknown_unit if cast.denies(inputs["receiving unit unknown"], "BASIS_NOT_FOR_RECIPIENT")

test_no_ground_for_somebody_of_another_unit if cast.denies(inputs["receiving person of another unit"], "BASIS_NOT_FOR_RECIPIENT")

test_no_ground_for_nobody_in_particular if cast.denies(inputs["receiving unit as a whole"], "BASIS_NOT_FOR_RECIPIENT")

test_no_ground_after_reorganisation if cast.denies(inputs["receiving unit ended"], "BASIS_NOT_FOR_RECIPIENT")

test_no_ground_before_reorganisation if cast.denies(inputs["receiving unit to begin"], "BASIS_NOT_FOR_RECIPIENT")

test_no_ground_for_a_unit_of_another_agency if cast.denies(inputs["receiving unit of another agency"], "BASIS_NOT_FOR_RECIPIENT")

test_no_ground_without_a_task if cast.denies(inputs["no task of theirs"], "PURPOSE_FORBIDDEN")

test_guideline_gives_no_task if cast.denies(inputs["task by guideline"], "PURPOSE_FORBIDDEN")

test_task_needs_its_text if cast.denies(inputs["task without text"], "PURPOSE_FORBIDDEN")

test_private_bodies_have_no_such_article if cast.grounds(inputs["private sender"]) == ["consent_private"]

test_is_no_candidate_between_agencies if {
	candidates := data.lib.registry.candidates with input as inputs["not named between agencies"]
	not _basis in candidates
}

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
