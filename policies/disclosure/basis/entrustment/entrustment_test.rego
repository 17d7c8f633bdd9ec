package disclosure.basis.entrustment_test

import rego.v1

import data.checks.cast

_basis := "entrustment"

_case(changes) := cast.changed(_basis, object.union({"/request/basis": _basis}, changes))

_handed_on(changes) := cast.changed("entrustment_back", {
	"/request/recipient": cast.known("public_special_reason").request.recipient,
	"/registered/recipient": cast.known("public_special_reason").registered.recipient,
	"/request/refs/agreement": "entrustment-2",
	"/registered/entrustments": [
		object.union(
			cast.known(_basis).registered.entrustments[0],
			object.union({"sub_processing": true}, changes),
		),
		object.union(
			cast.known(_basis).registered.entrustments[0],
			{"id": "entrustment-2", "entruster": "aoba-shakyo", "contractor": "npo-hidamari"},
		),
	],
})

inputs := {
	"entrusted": cast.known(_basis),
	"found without being named": cast.changed(_basis, {"/request/refs/agreement": ""}),
	"absent": _case({"/registered/entrustments": []}),
	"another one named": _case({"/request/refs/agreement": "entrustment-2"}),
	"agreement to cooperate": _case({"/registered/entrustments/0/kind": "cooperation_agreement"}),
	"order of a model project": _case({"/registered/entrustments/0/kind": "model_project_order"}),
	"data of another controller": _case({"/registered/entrustments/0/controller": "midori-pref"}),
	"another contractor": _case({"/registered/entrustments/0/contractor": "npo-hidamari"}),
	"another entruster": _case({"/registered/entrustments/0/entruster": "midori-pref"}),
	"another purpose": _case({"/registered/entrustments/0/purposes": ["watch"]}),
	"ended": _case({"/registered/entrustments/0/valid_to": 1776214800000}),
	"to begin": _case({"/registered/entrustments/0/valid_from": 1776214800001}),
	"another record": _case({"/registered/entrustments/0/records": ["subject"]}),
	"held as a contractor": _case({"/request/sender/capacity/kind": "contractor"}),
	"handed back": cast.known("entrustment_back"),
	"handed back to a private entruster": cast.changed("entrustment_back", {
		"/request/basis": _basis,
		"/registered/recipient/agency/regime": "private",
	}),
	"handed back, another's data": cast.changed("entrustment_back", {"/registered/entrustments/0/controller": "midori-pref"}),
	"handed back as its own business": cast.changed("entrustment_back", {
		"/request/basis": _basis,
		"/request/sender/capacity": {"kind": "own_business", "ref": ""},
	}),
	"handed on": _handed_on({}),
	"handed on without leave": _handed_on({"sub_processing": false}),
	"handed on, another's data": _handed_on({"controller": "midori-pref"}),
	"handed on after the end": _handed_on({"valid_to": 1776214800000}),
	"son in a field": _case({"/registered/subjects": data.checks.cast.household, "/request/fields/1/about": ["s-sato", "s-son"]}),
	"recipient refused": _case({"/registered/consents": [cast.consent({"recipients_refused": ["aoba-shakyo"]})]}),
}

test_entrusted_records_pass if cast.permits(inputs.entrusted, _basis)

test_registered_contract_is_found if cast.permits(inputs["found without being named"], _basis)

test_everybody_in_the_record_is_covered if cast.permits(inputs["son in a field"], _basis)

test_contractors_duties_are_attached if {
	cast.owes(inputs.entrusted, "destroy_by")
	cast.owes(inputs.entrusted, "secrecy_notice")
}

test_no_ground_when_contract_absent if cast.denies(inputs.absent, "NO_BASIS")

test_no_ground_when_another_is_named if cast.denies(inputs["another one named"], "NO_BASIS")

test_agreement_to_cooperate_is_none if cast.denies(inputs["agreement to cooperate"], "BASIS_NOT_FOR_SENDER")

test_order_of_a_model_project_is_none if cast.denies(inputs["order of a model project"], "BASIS_NOT_FOR_SENDER")

test_entruster_must_be_the_controller if cast.denies(inputs["data of another controller"], "BASIS_NOT_FOR_SENDER")

test_no_ground_for_another_contractor if cast.denies(inputs["another contractor"], "NO_BASIS")

test_no_ground_from_another_entruster if cast.denies(inputs["another entruster"], "NO_BASIS")

test_no_ground_for_another_purpose if cast.denies(inputs["another purpose"], "PURPOSE_FORBIDDEN")

test_no_ground_after_the_end if cast.denies(inputs.ended, "BASIS_EXPIRED")

test_no_ground_before_the_start if cast.denies(inputs["to begin"], "BASIS_EXPIRED")

test_other_records_are_withheld if cast.withholds(inputs["another record"], "referral.urgency", "FIELD_NOT_NEEDED")

test_contractor_does_not_entrust_what_is_not_its_own if {
	cast.denies(inputs["held as a contractor"], "BASIS_NOT_FOR_SENDER")
}

test_result_goes_back_to_the_entruster if {
	cast.permits(inputs["handed back"], _basis)
	not cast.owes(inputs["handed back"], "destroy_by")
}

test_only_a_public_entruster_gets_it_back if {
	cast.refuses(inputs["handed back to a private entruster"], "NO_BASIS")
}

test_only_the_controllers_data_come_back if {
	cast.denies(inputs["handed back, another's data"], "BASIS_NOT_FOR_SENDER")
}

test_own_business_hands_nothing_back if {
	cast.refuses(inputs["handed back as its own business"], "NO_BASIS")
}

test_contract_may_let_it_go_on if cast.permits(inputs["handed on"], _basis)

test_nothing_goes_on_without_leave if {
	cast.denies(inputs["handed on without leave"], "BASIS_NOT_FOR_SENDER")
}

test_nothing_of_another_controller_goes_on if {
	cast.denies(inputs["handed on, another's data"], "BASIS_NOT_FOR_SENDER")
}

test_nothing_goes_on_after_the_contract if cast.denies(inputs["handed on after the end"], "BASIS_EXPIRED")

test_refused_recipient_is_held if {
	cast.holds(inputs["recipient refused"], "RECIPIENT_REFUSED_BY_SUBJECT", ["approver"])
}
