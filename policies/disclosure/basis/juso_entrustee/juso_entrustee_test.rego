package disclosure.basis.juso_entrustee_test

import rego.v1

import data.checks.cast

_basis := "juso_entrustee"

_case(changes) := cast.changed(_basis, object.union({"/request/basis": _basis}, changes))

inputs := {
	"entrusted": cast.known(_basis),
	"named": _case({}),
	"absent": _case({"/registered/entrustments": []}),
	"another contract": _case({"/registered/entrustments/0/kind": "entrustment"}),
	"another contractor": _case({"/registered/entrustments/0/contractor": "npo-hidamari"}),
	"data of another controller": _case({"/registered/entrustments/0/controller": "midori-pref"}),
	"another purpose": _case({"/registered/entrustments/0/purposes": ["watch"]}),
	"another record": _case({"/registered/entrustments/0/records": ["subject"]}),
	"ended": _case({"/registered/entrustments/0/valid_to": 1776214800000}),
	"to begin": _case({"/registered/entrustments/0/valid_from": 1776214800001}),
	"another municipality": _case({"/registered/tenant/municipality": "midori-city"}),
	"programme not known to run": _case({"/registered/tenant/pack": "tottori_city"}),
	"private sender": cast.changed("consent_private", {"/request/basis": _basis, "/registered/consents": []}),
	"public recipient": _case({"/registered/recipient/agency/regime": "public"}),
	"recipient refused": _case({"/registered/consents": [cast.consent({"recipients_refused": ["aoba-shakyo"]})]}),
}

test_contractor_of_the_programme_is_told if cast.permits(inputs.entrusted, _basis)

test_named_basis_carries if cast.permits(inputs.named, _basis)

test_contractor_hears_its_own_penalty if {
	notice := cast.duty(inputs.entrusted, "secrecy_notice")
	notice.params.article == "社会福祉法106条の4第6項"
}

test_no_ground_without_a_contract if cast.denies(inputs.absent, "NO_BASIS")

test_contract_of_another_kind_is_another_basis if cast.permits(inputs["another contract"], "entrustment")

test_no_ground_for_another_contractor if cast.denies(inputs["another contractor"], "NO_BASIS")

test_entruster_must_be_the_controller if cast.denies(inputs["data of another controller"], "BASIS_NOT_FOR_SENDER")

test_no_ground_for_another_purpose if cast.denies(inputs["another purpose"], "PURPOSE_FORBIDDEN")

test_other_records_are_withheld if cast.withholds(inputs["another record"], "referral.urgency", "FIELD_NOT_NEEDED")

test_no_ground_after_the_end if cast.denies(inputs.ended, "BASIS_EXPIRED")

test_no_ground_before_the_start if cast.denies(inputs["to begin"], "BASIS_EXPIRED")

test_no_ground_from_another_municipality if cast.denies(inputs["another municipality"], "NO_BASIS")

test_no_ground_where_the_programme_is_not_known_to_run if {
	cast.refuses(inputs["programme not known to run"], "BASIS_DISABLED")
	decision := data.disclosure.main.decision with input as inputs.named
		with data.packs.default.municipality.runs_juso_from_at as null
	decision.outcome == "deny"
	"NO_BASIS" in {r.code | some r in decision.reasons}
}

test_no_ground_from_a_private_sender if cast.denies(inputs["private sender"], "BASIS_NOT_FOR_SENDER")

test_no_ground_for_a_public_recipient if cast.denies(inputs["public recipient"], "BASIS_NOT_FOR_RECIPIENT")

test_refused_recipient_is_an_approvers_decision if {
	cast.holds(inputs["recipient refused"], "RECIPIENT_REFUSED_BY_SUBJECT", ["approver"])
}
