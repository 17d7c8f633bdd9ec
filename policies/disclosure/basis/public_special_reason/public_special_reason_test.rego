package disclosure.basis.public_special_reason_test

import rego.v1

import data.checks.cast

_basis := "public_special_reason"

_case(changes) := cast.changed(_basis, changes)

inputs := {
	"approved": cast.known(_basis),
	"emergency": cast.known("public_special_reason_emergency"),
	"emergency, not approved": cast.changed("public_special_reason_emergency", {"/registered/approvals": []}),
	"reason absent": cast.without(_basis, "/asserted/0"),
	"reason in one word": _case({"/asserted/0/text_chars": 2}),
	"reason of no known kind": _case({"/asserted/0/value": "convenient"}),
	"harm not excluded": cast.without(_basis, "/asserted/1"),
	"somebody harmed": _case({"/asserted/1/value": false}),
	"not approved": _case({"/registered/approvals": []}),
	"approved by another agency": _case({"/registered/approvals/0/agency": "aoba-shakyo"}),
	"approved by oneself": _case({"/registered/approvals/0/approver": "actor-city"}),
	"approved for somebody else": _case({"/registered/approvals/0/person": "p-tanaka"}),
	"approved for another recipient": _case({"/registered/approvals/0/recipient": "aoba-gas"}),
	"approved for another purpose": _case({"/registered/approvals/0/purpose": "watch"}),
	"another kind of approval": _case({"/registered/approvals/0/kind": "refused_recipient"}),
	"approval ended": _case({"/registered/approvals/0/expires_at": 1776214800000}),
	"approval to come": _case({"/registered/approvals/0/approved_at": 1776214800001}),
	"some fields approved": _case({"/registered/approvals/0/fields": ["subject.name_original"]}),
	"no field set named": _case({"/request/profile": ""}),
	"third time done": _case({"/computed/ad_hoc_count": 2}),
	"fourth time": _case({"/computed/ad_hoc_count": 3}),
	"fourth time, lifted": _case({
		"/computed/ad_hoc_count": 3,
		"/registered/verdicts": [cast.verdict({
			"recipient": "npo-hidamari",
			"purpose": "serve",
			"lifts": ["AD_HOC_REPEATED"],
		})],
	}),
	"son in a field": _case({"/registered/subjects": data.checks.cast.household, "/request/fields/1/about": ["s-sato", "s-son"]}),
	"recipient refused": _case({"/registered/consents": [cast.consent({"recipients_refused": ["npo-hidamari"]})]}),
	"private sender": cast.changed("consent_private", {"/request/basis": _basis}),
}

test_approved_fields_pass if cast.permits(inputs.approved, _basis)

test_conditions_and_review_are_attached if {
	cast.owes(inputs.approved, "art70_conditions")
	cast.owes(inputs.approved, "officer_review")
}

test_conditions_name_purpose_and_fields if {
	conditions := cast.duty(inputs.approved, "art70_conditions")
	conditions.params.purpose == "serve"
	conditions.params.fields == cast.permitted(inputs.approved)
}

test_emergency_of_a_public_body_passes_when_approved if {
	cast.permits(inputs.emergency, _basis)
	cast.owes(inputs.emergency, "officer_review")
	cast.owes(inputs.emergency, "notify_subject")
}

test_emergency_of_a_public_body_is_held_until_approved if {
	cast.holds(inputs["emergency, not approved"], "APPROVAL_REQUIRED", ["approver"])
}

test_third_time_still_passes if cast.permits(inputs["third time done"], _basis)

test_once_more_when_lifted if cast.permits(inputs["fourth time, lifted"], _basis)

test_no_ground_when_reason_absent if cast.denies(inputs["reason absent"], "REASON_MISSING")

test_no_ground_when_reason_is_one_word if cast.denies(inputs["reason in one word"], "REASON_MISSING")

test_no_ground_for_another_reason if cast.denies(inputs["reason of no known kind"], "REASON_MISSING")

test_no_ground_when_harm_is_not_excluded if cast.denies(inputs["harm not excluded"], "REASON_MISSING")

test_no_ground_when_somebody_would_be_harmed if cast.denies(inputs["somebody harmed"], "IMPROPER_USE")

test_held_until_approved if cast.holds(inputs["not approved"], "APPROVAL_REQUIRED", ["approver"])

test_another_agency_cannot_approve if cast.refuses(inputs["approved by another agency"], "APPROVAL_REQUIRED")

test_nobody_approves_their_own_request if cast.refuses(inputs["approved by oneself"], "APPROVAL_REQUIRED")

test_approval_is_about_one_person if cast.refuses(inputs["approved for somebody else"], "APPROVAL_REQUIRED")

test_approval_is_for_one_recipient if cast.refuses(inputs["approved for another recipient"], "APPROVAL_REQUIRED")

test_approval_is_for_one_purpose if cast.refuses(inputs["approved for another purpose"], "APPROVAL_REQUIRED")

test_approval_is_of_one_kind if cast.refuses(inputs["another kind of approval"], "APPROVAL_REQUIRED")

test_approval_ends if cast.refuses(inputs["approval ended"], "APPROVAL_REQUIRED")

test_approval_comes_first if cast.refuses(inputs["approval to come"], "APPROVAL_REQUIRED")

test_only_approved_fields_pass if {
	cast.withholds(inputs["some fields approved"], "assessment.allergy", "APPROVAL_REQUIRED")
}

test_no_ground_without_a_named_field_set if cast.denies(inputs["no field set named"], "FIELD_NOT_NEEDED")

test_habit_is_an_officers_decision if cast.holds(inputs["fourth time"], "AD_HOC_REPEATED", ["officer"])

test_third_person_is_withheld if {
	cast.withholds(inputs["son in a field"], "subject.address_actual", "THIRD_PERSON_INCLUDED")
}

test_refused_recipient_is_held if {
	cast.holds(inputs["recipient refused"], "RECIPIENT_REFUSED_BY_SUBJECT", ["approver"])
}

test_private_bodies_have_no_such_article if cast.grounds(inputs["private sender"]) == ["consent_private"]

test_habit_is_flagged_where_the_pack_says_so if {
	decision := data.disclosure.main.decision with input as inputs["fourth time"]
		with data.packs.default.thresholds.ad_hoc_repeat as "flag"
	decision.outcome == "permit"
	decision.alert == true
}
