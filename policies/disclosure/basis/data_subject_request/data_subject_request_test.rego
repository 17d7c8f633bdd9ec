package disclosure.basis.data_subject_request_test

import rego.v1

import data.checks.cast

_basis := "data_subject_request"

_case(changes) := cast.changed(_basis, changes)

inputs := {
	"own request": cast.known(_basis),
	"records of provision": cast.known("data_subject_request_records"),
	"more than the records": cast.changed("data_subject_request_records", {"/request/fields/1": cast.known("data_subject_request").request.fields[0]}),
	"by an agent": _case({"/registered/rights_requests/0/applicant": "agent", "/registered/rights_requests/0/authority_checked": true}),
	"agent's authority unchecked": _case({"/registered/rights_requests/0/applicant": "agent"}),
	"identity unchecked": _case({"/registered/rights_requests/0/identity_checked": false}),
	"parent in conflict": cast.known("data_subject_request_parent"),
	"conflict possible": _case({"/registered/rights_requests/0/conflict": "possible"}),
	"existence confidential": cast.known("data_subject_request_existence"),
	"not named": _case({"/request/refs/rights_request": ""}),
	"somebody else's request": _case({"/registered/rights_requests/0/person": "p-tanaka"}),
	"request to another agency": _case({"/registered/rights_requests/0/agency": "midori-pref"}),
	"correction": _case({"/registered/rights_requests/0/kind": "correction"}),
	"request to come": _case({"/registered/rights_requests/0/received_at": 1776214800001}),
	"request closed": _case({"/registered/rights_requests/0/valid_to": 1776214800000}),
	"to another agency": _case({"/request/recipient": cast.known("consent_private").request.recipient, "/registered/recipient": cast.known("consent_private").registered.recipient}),
	"third persons' views": _case({"/request/fields/3/id": "rights_request.third_party_views"}),
	"minutes": _case({"/request/profile": "", "/request/fields/0/id": "consent_record.method", "/request/fields/0/classes": ["SYS"], "/request/fields/3/id": "minutes.minutes_text"}),
}

test_person_sees_what_is_about_them if {
	cast.grounds(inputs["own request"]) == [_basis]
	cast.permitted(inputs["own request"]) == ["consent_record.recipients_named", "subject.name_original"]
}

test_third_persons_are_withheld if cast.withholds(inputs["own request"], "minutes.subject_informed", "THIRD_PERSON_INCLUDED")

test_operations_are_withheld if cast.withholds(inputs["own request"], "rights_request.conflict_check", "WITHHELD_ON_REQUEST")

test_views_of_third_persons_are_withheld if cast.withholds(inputs["third persons' views"], "rights_request.third_party_views", "WITHHELD_ON_REQUEST")

test_deliberation_is_withheld if cast.withholds(inputs.minutes, "minutes.minutes_text", "WITHHELD_ON_REQUEST")

test_records_of_provision_pass if cast.permits(inputs["records of provision"], _basis)

test_nothing_but_records_answers_a_request_for_records if cast.withholds(inputs["more than the records"], "subject.name_original", "WITHHELD_ON_REQUEST")

test_agent_with_authority_receives if cast.grounds(inputs["by an agent"]) == [_basis]

test_agent_without_authority_receives_nothing if cast.denies(inputs["agent's authority unchecked"], "CONSENTER_NO_AUTHORITY")

test_nobody_unidentified_receives if cast.denies(inputs["identity unchecked"], "CONSENTER_NO_AUTHORITY")

test_parent_in_conflict_receives_nothing if cast.denies(inputs["parent in conflict"], "WITHHELD_ON_REQUEST")

test_possible_conflict_is_enough if cast.denies(inputs["conflict possible"], "WITHHELD_ON_REQUEST")

test_existence_is_neither_confirmed_nor_denied if {
	cast.denies(inputs["existence confidential"], "WITHHELD_ON_REQUEST")
	decision := data.disclosure.main.decision with input as inputs["existence confidential"]
	every r in decision.reasons {
		r.code == "WITHHELD_ON_REQUEST"
		r.side == "officer"
	}
}

test_no_ground_unless_the_request_is_named if cast.denies(inputs["not named"], "NO_BASIS")

test_no_ground_in_somebody_elses_request if cast.denies(inputs["somebody else's request"], "NO_BASIS")

test_no_ground_in_a_request_to_another_agency if cast.denies(inputs["request to another agency"], "NO_BASIS")

test_correction_hands_nothing_over if cast.denies(inputs.correction, "NO_BASIS")

test_no_ground_before_the_request if cast.denies(inputs["request to come"], "NO_BASIS")

test_no_ground_after_it_is_closed if cast.denies(inputs["request closed"], "NO_BASIS")

test_goes_through_the_holders_own_desk if cast.denies(inputs["to another agency"], "BASIS_NOT_FOR_RECIPIENT")
