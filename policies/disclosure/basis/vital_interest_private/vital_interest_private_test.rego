package disclosure.basis.vital_interest_private_test

import rego.v1

import data.checks.cast

_basis := "vital_interest_private"

_case(changes) := cast.changed(_basis, changes)

_urgent(kind, agency) := {
	"/request/recipient": {"agency": agency, "actor": ""},
	"/registered/recipient/agency/id": agency,
	"/registered/recipient/agency/kind": kind,
	"/registered/recipient/actor": null,
	"/registered/emergency_agreements/0/recipient": agency,
}

_anonymous(agreements) := _case({
	"/request/profile": "intake_anonymous",
	"/request/fields": [object.union(
		cast.known(_basis).request.fields[0],
		{"id": "anonymous_contact.deanonymise_request", "classes": data.records["anonymous_contact.deanonymise_request"].classes},
	)],
	"/registered/emergency_agreements": agreements,
})

inputs := {
	"danger": cast.known(_basis),
	"danger not told": cast.without(_basis, "/asserted/0"),
	"difficulty not told": cast.without(_basis, "/asserted/1"),
	"danger in one word": _case({"/asserted/0/text_chars": 2}),
	"difficulty in one word": _case({"/asserted/1/text_chars": 2}),
	"danger to nothing known": _case({"/asserted/0/value": "reputation"}),
	"difficulty of no known kind": _case({"/asserted/1/value": "busy"}),
	"nobody agreed": _case({"/registered/emergency_agreements": []}),
	"agreed with oneself": _case({"/registered/emergency_agreements/0/second_person": "actor-hidamari"}),
	"starter agreed with themselves": _case({
		"/registered/emergency_agreements/0/started_by": "actor-other",
		"/registered/emergency_agreements/0/second_person": "actor-other",
	}),
	"agreed about somebody else": _case({"/registered/emergency_agreements/0/person": "p-tanaka"}),
	"agreed for another recipient": _case({"/registered/emergency_agreements/0/recipient": "aoba-gas"}),
	"agreement ended": _case({"/registered/emergency_agreements/0/expires_at": 1776214800000}),
	"lifted by two": _case({
		"/registered/emergency_agreements": [],
		"/registered/verdicts": [cast.verdict({
			"recipient": "aoba-city",
			"purpose": "emerg",
			"lifts": ["APPROVAL_REQUIRED"],
		})],
	}),
	"son in a field": _case({"/registered/subjects": data.checks.cast.household, "/request/fields/2/about": ["s-sato", "s-son"]}),
	"son in danger too": _case({
		"/registered/subjects": data.checks.cast.household,
		"/request/fields/2/about": ["s-sato", "s-son"],
		"/asserted/2": cast.told("household_urgent", true),
	}),
	"recipient refused": _case({"/registered/consents": [cast.consent({"recipients_refused": ["aoba-city"]})]}),
	"recipient refused, approved": _case({
		"/registered/consents": [cast.consent({"recipients_refused": ["aoba-city"]})],
		"/registered/approvals": [cast.approval({
			"kind": "vital_interest",
			"agency": "npo-hidamari",
			"recipient": "aoba-city",
			"purpose": "emerg",
		})],
	}),
	"public sender": _case({
		"/request/basis": _basis,
		"/request/sender": cast.known("consent_public").request.sender,
		"/registered/sender": cast.known("consent_public").registered.sender,
		"/request/recipient": cast.known("consent_private").request.recipient,
		"/registered/recipient": cast.known("consent_private").registered.recipient,
	}),
	"police": _case(_urgent("police", "midori-police")),
	"fire brigade": _case(_urgent("fire", "aoba-fire")),
	"meter reader with files": _case({
		"/registered/sender/agency/kind": "company",
		"/registered/sender/actor/roles": ["biz_watcher"],
	}),
	"anonymous caller": _anonymous([cast.known(_basis).registered.emergency_agreements[0]]),
	"anonymous caller, one person alone": _anonymous([]),
	"everyday purpose": _case({"/request/basis": _basis, "/request/purpose": "serve"}),
}

test_danger_opens_the_door if cast.permits(inputs.danger, _basis)

test_police_and_fire_brigade_are_told if {
	cast.permits(inputs.police, _basis)
	cast.permits(inputs["fire brigade"], _basis)
	cast.owes(inputs.police, "officer_review")
}

test_company_may_tell_in_danger if cast.permits(inputs["meter reader with files"], _basis)

test_two_persons_let_an_anonymous_caller_be_found if {
	cast.permits(inputs["anonymous caller"], _basis)
	cast.holds(inputs["anonymous caller, one person alone"], "APPROVAL_REQUIRED", ["second_person"])
}

test_review_is_due_when_the_second_person_said if {
	review := cast.duty(inputs.danger, "officer_review")
	review.due_at == 1776286800000
}

test_the_person_is_told_later if cast.owes(inputs.danger, "notify_subject")

test_view_ends_with_the_agreement if {
	view := cast.duty(inputs.danger, "view_only_until")
	view.due_at == 1776258000000
}

test_two_persons_may_stand_in_for_the_agreement if cast.permits(inputs["lifted by two"], _basis)

test_household_is_covered_when_said if cast.permits(inputs["son in danger too"], _basis)

test_refused_recipient_passes_once_approved if cast.permits(inputs["recipient refused, approved"], _basis)

test_no_ground_when_danger_absent if cast.denies(inputs["danger not told"], "REASON_MISSING")

test_no_ground_when_difficulty_absent if cast.denies(inputs["difficulty not told"], "REASON_MISSING")

test_urgent_alone_is_no_reason if cast.denies(inputs["danger in one word"], "REASON_MISSING")

test_difficulty_wants_words_too if cast.denies(inputs["difficulty in one word"], "REASON_MISSING")

test_no_ground_for_another_danger if cast.denies(inputs["danger to nothing known"], "REASON_MISSING")

test_no_ground_for_another_difficulty if cast.denies(inputs["difficulty of no known kind"], "REASON_MISSING")

test_held_until_a_second_person_agrees if {
	cast.holds(inputs["nobody agreed"], "APPROVAL_REQUIRED", ["second_person"])
}

test_nobody_agrees_with_themselves if {
	cast.holds(inputs["agreed with oneself"], "APPROVAL_REQUIRED", ["second_person"])
	cast.holds(inputs["starter agreed with themselves"], "APPROVAL_REQUIRED", ["second_person"])
}

test_agreement_is_about_one_person if cast.refuses(inputs["agreed about somebody else"], "APPROVAL_REQUIRED")

test_agreement_is_for_one_recipient if cast.refuses(inputs["agreed for another recipient"], "APPROVAL_REQUIRED")

test_agreement_ends if cast.refuses(inputs["agreement ended"], "APPROVAL_REQUIRED")

test_third_person_is_withheld if {
	cast.withholds(inputs["son in a field"], "assessment.suicide_risk", "THIRD_PERSON_INCLUDED")
}

test_refused_recipient_is_held if {
	cast.holds(inputs["recipient refused"], "RECIPIENT_REFUSED_BY_SUBJECT", ["approver"])
}

test_one_person_is_enough_where_the_pack_says_so if {
	decision := data.disclosure.main.decision with input as inputs["nobody agreed"]
		with data.packs.default.thresholds.emergency_second_person as false
	decision.outcome == "permit"
}

test_public_bodies_have_no_such_article if cast.denies(inputs["public sender"], "BASIS_NOT_FOR_SENDER")

test_no_ground_for_everyday_purposes if cast.denies(inputs["everyday purpose"], "PURPOSE_FORBIDDEN")

test_public_body_is_told_of_its_own_article if {
	decision := data.disclosure.main.decision with input as inputs["public sender"]
	some r in decision.reasons
	contains(r.next_step_ja, "69条2項4号")
}
