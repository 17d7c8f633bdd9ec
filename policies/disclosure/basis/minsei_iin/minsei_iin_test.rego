package disclosure.basis.minsei_iin_test

import rego.v1

import data.checks.cast

_basis := "minsei_iin"

_case(changes) := cast.changed(_basis, changes)

inputs := {
	"own ward": cast.known(_basis),
	"no appointment": _case({"/registered/appointments": []}),
	"appointment of somebody else": _case({"/registered/appointments/0/actor": "actor-other"}),
	"term over": _case({"/registered/appointments/0/term_to": 1776214800000}),
	"term to come": _case({"/registered/appointments/0/term_from": 1776214800001}),
	"another ward": _case({"/asserted/0/value": "第4地区"}),
	"ward not told": _case({"/asserted": []}),
	"two wards told": _case({"/asserted/1": cast.told("subject_ward", "第4地区")}),
	"other role": _case({"/registered/recipient/actor/roles": ["npo_worker"]}),
	"head of a neighbourhood": _case({
		"/request/basis": _basis,
		"/registered/recipient/agency/kind": "chiku_shakyo",
		"/registered/recipient/actor/roles": ["chiku_shakyo"],
	}),
	"agency as a whole": _case({"/request/recipient/actor": "", "/registered/recipient/actor": null}),
	"illness": _case({"/request/fields/0/classes": ["IDN", "HEA"]}),
	"son in a field": _case({"/registered/subjects": data.checks.cast.household, "/request/fields/1/about": ["s-sato", "s-son"]}),
	"neighbour in a field": _case({
		"/registered/subjects": [data.checks.cast.household[0], {"id": "s-son", "person": "p-son", "relation": "third_party"}],
		"/request/fields/1/about": ["s-sato", "s-son"],
	}),
	"somebody harmed": _case({"/asserted/1": cast.told("no_third_party_harm", false)}),
	"recipient refused": _case({"/registered/consents": [cast.consent({"recipients_refused": ["actor-minsei"]})]}),
	"another purpose": _case({"/request/basis": _basis, "/request/purpose": "refer"}),
}

test_volunteer_of_the_ward_may_know if cast.permits(inputs["own ward"], _basis)

test_household_of_the_ward_is_covered if cast.permits(inputs["son in a field"], _basis)

test_secrecy_is_told if cast.owes(inputs["own ward"], "secrecy_notice")

test_no_ground_without_appointment if cast.denies(inputs["no appointment"], "BASIS_NOT_FOR_RECIPIENT")

test_no_ground_by_somebody_elses_appointment if {
	cast.denies(inputs["appointment of somebody else"], "BASIS_NOT_FOR_RECIPIENT")
}

test_no_ground_after_the_term if cast.denies(inputs["term over"], "NOT_MEMBER_TODAY")

test_no_ground_before_the_term if cast.denies(inputs["term to come"], "NOT_MEMBER_TODAY")

test_no_ground_in_another_ward_and_whoever_asks_learns_nothing if {
	cast.permitted(inputs["another ward"]) == []
	decision := data.disclosure.main.decision with input as inputs["another ward"]
	every r in decision.reasons {
		r.rule != "minsei_iin"
	}
}

test_no_ground_when_ward_absent if cast.denies(inputs["ward not told"], "REASON_MISSING")

test_no_ground_when_wards_contradict if cast.denies(inputs["two wards told"], "REASON_MISSING")

test_no_ground_for_another_role if cast.denies(inputs["other role"], "BASIS_NOT_FOR_RECIPIENT")

test_head_of_a_neighbourhood_is_somebody_else if {
	cast.denies(inputs["head of a neighbourhood"], "BASIS_NOT_FOR_RECIPIENT")
}

test_no_ground_for_an_agency_as_a_whole if cast.denies(inputs["agency as a whole"], "BASIS_NOT_FOR_RECIPIENT")

test_illness_is_withheld if cast.withholds(inputs.illness, "subject.name_original", "CLASS_TOO_HIGH")

test_third_person_is_withheld if {
	cast.withholds(inputs["neighbour in a field"], "subject.address_actual", "THIRD_PERSON_INCLUDED")
}

test_no_ground_when_somebody_would_be_harmed if cast.denies(inputs["somebody harmed"], "IMPROPER_USE")

test_refused_volunteer_is_held if {
	cast.holds(inputs["recipient refused"], "RECIPIENT_REFUSED_BY_SUBJECT", ["approver"])
}

test_no_ground_for_another_purpose if cast.denies(inputs["another purpose"], "PURPOSE_FORBIDDEN")
