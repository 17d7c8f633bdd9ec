package disclosure.basis.public_within_purpose_test

import rego.v1

import data.checks.cast

_basis := "public_within_purpose"

_case(changes) := cast.changed(_basis, changes)

inputs := {
	"named in the purpose": cast.known(_basis),
	"recipient named": _case({"/registered/use_purposes/0/recipient_kinds": [], "/registered/use_purposes/0/recipient_agencies": ["aoba-shakyo"]}),
	"nobody named": _case({"/request/basis": ""}),
	"no purpose registered": _case({"/registered/use_purposes": []}),
	"another agency's purpose": _case({"/registered/use_purposes/0/agency": "midori-pref"}),
	"another purpose": _case({"/registered/use_purposes/0/purposes": ["plan"]}),
	"another purpose, unnamed": _case({"/request/basis": "", "/registered/use_purposes/0/purposes": ["plan"]}),
	"another recipient": _case({"/registered/use_purposes/0/recipient_kinds": ["npo"]}),
	"another recipient, unnamed": _case({"/request/basis": "", "/registered/use_purposes/0/recipient_kinds": ["npo"]}),
	"not a regular recipient": _case({"/registered/use_purposes/0/regular": false}),
	"not published": _case({"/registered/use_purposes/0/published_at": null}),
	"published later": _case({"/registered/use_purposes/0/published_at": 1776214800001}),
	"to begin": _case({"/registered/use_purposes/0/valid_from": 1776214800001}),
	"ended": _case({"/registered/use_purposes/0/valid_to": 1776214800000}),
	"another file": _case({"/registered/use_purposes/0/records": ["assessment"]}),
	"one record of the file": _case({"/registered/use_purposes/0/records": ["subject"], "/request/fields/1/id": "assessment.housing_condition", "/request/fields/1/classes": ["ECO", "HEA"]}),
	"suspected abuser in a field": _case({"/registered/subjects": [{"id": "s-sato", "person": "p-sato", "relation": "main"}, {"id": "s-son", "person": "p-son", "relation": "alleged_perpetrator"}], "/request/fields/1/about": ["s-sato", "s-son"]}),
	"somebody harmed": _case({"/asserted": [cast.told("no_third_party_harm", false)]}),
	"recipient refused": _case({"/registered/consents": [cast.consent({"recipients_refused": [cast.known(_basis).request.recipient.agency]})]}),
	"refused, approved": _case({"/registered/consents": [cast.consent({"recipients_refused": ["aoba-shakyo"]})], "/registered/approvals": [cast.approval({"kind": "refused_recipient", "recipient": "aoba-shakyo", "purpose": "watch"})]}),
	"private sender": cast.changed("consent_private", {"/request/basis": _basis}),
}

test_regular_recipient_receives if cast.permits(inputs["named in the purpose"], _basis)

test_named_recipient_receives if cast.permits(inputs["recipient named"], _basis)

test_nobody_has_to_name_it if cast.permits(inputs["nobody named"], _basis)

test_conditions_are_attached if cast.owes(inputs["named in the purpose"], "art70_conditions")

test_no_ground_without_a_registered_purpose if cast.denies(inputs["no purpose registered"], "PURPOSE_FORBIDDEN")

test_no_ground_in_another_agencys_purpose if cast.denies(inputs["another agency's purpose"], "PURPOSE_FORBIDDEN")

test_no_ground_for_another_purpose if cast.denies(inputs["another purpose"], "PURPOSE_FORBIDDEN")

test_silent_when_nobody_relied_on_the_purpose if {
	decision := data.disclosure.main.decision with input as inputs["another purpose, unnamed"]
	decision.outcome == "deny"
	not _basis in {r.rule | some r in decision.reasons}
}

test_no_ground_for_another_recipient if cast.denies(inputs["another recipient"], "BASIS_NOT_FOR_RECIPIENT")

test_silent_when_nobody_relied_on_the_recipient if {
	decision := data.disclosure.main.decision with input as inputs["another recipient, unnamed"]
	decision.outcome == "deny"
	not _basis in {r.rule | some r in decision.reasons}
}

test_no_ground_for_an_irregular_recipient if cast.denies(inputs["not a regular recipient"], "BASIS_NOT_FOR_RECIPIENT")

test_no_ground_before_publication if {
	cast.denies(inputs["not published"], "BASIS_EXPIRED")
	cast.denies(inputs["published later"], "BASIS_EXPIRED")
}

test_no_ground_before_it_begins if cast.denies(inputs["to begin"], "BASIS_EXPIRED")

test_no_ground_after_it_ends if cast.denies(inputs.ended, "BASIS_EXPIRED")

test_no_ground_for_another_file if cast.denies(inputs["another file"], "FIELD_NOT_NEEDED")

test_another_record_is_withheld if cast.withholds(inputs["one record of the file"], "assessment.housing_condition", "FIELD_NOT_NEEDED")

test_others_in_the_file_are_the_household_only if cast.withholds(inputs["suspected abuser in a field"], "subject.address_actual", "THIRD_PERSON_INCLUDED")

test_nothing_passes_that_harms_somebody if cast.denies(inputs["somebody harmed"], "IMPROPER_USE")

test_refused_recipient_is_held if cast.holds(inputs["recipient refused"], "RECIPIENT_REFUSED_BY_SUBJECT", ["approver"])

test_refused_recipient_with_approval if cast.permits(inputs["refused, approved"], _basis)

test_private_bodies_have_no_such_article if cast.grounds(inputs["private sender"]) == ["consent_private"]

test_next_step_is_its_own if {
	decision := data.disclosure.main.decision with input as inputs["another recipient"]
	some r in decision.reasons
	contains(r.next_step_ja, "ファイル簿")
	"seek_approval" in r.lawful_alternatives
}
