package lib.capacity_test

import rego.v1

import data.checks.cast

_as_contractor := {"/request/sender/capacity": {"kind": "contractor", "ref": "contract-consultation"}}

_contract(changes) := cast.changed("consent_private", object.union(
	_as_contractor,
	{"/registered/entrustments": [object.union(
		object.union(
			cast.known("entrustment").registered.entrustments[0],
			{
				"id": "contract-consultation",
				"contractor": "npo-hidamari",
				"purposes": ["refer"],
				"records": ["subject", "referral"],
			},
		),
		changes,
	)]},
))

_supporter(roles, origin) := cast.changed("vital_interest_private", object.union(
	{
		"/request/sender/capacity": {"kind": "supporter", "ref": ""},
		"/registered/sender/actor/roles": roles,
	},
	{sprintf("/request/fields/%d/origin", [i]): origin |
		some i, _ in cast.known("vital_interest_private").request.fields
	},
))

inputs := {
	"under a contract": _contract({}),
	"no contract": cast.changed("consent_private", _as_contractor),
	"another contract": _contract({"id": "contract-other"}),
	"an agreement": _contract({"kind": "cooperation_agreement"}),
	"another's contract": _contract({"contractor": "aoba-gas"}),
	"contract ended": _contract({"valid_to": 1776214800000}),
	"contract to begin": _contract({"valid_from": 1776214800001}),
	"another purpose": _contract({"purposes": ["watch"]}),
	"another record": _contract({"records": ["subject"]}),
	"supporter who is staff": _supporter(["npo_worker", "tsunagari_supporter"], "own"),
	"supporter at the door": _supporter(["npo_worker", "tsunagari_supporter"], "door"),
	"supporter alone": _supporter(["tsunagari_supporter"], "own"),
	"staff as staff": cast.known("vital_interest_private"),
}

test_contract_lets_a_contractor_send if cast.permits(inputs["under a contract"], "consent_private")

test_no_contractor_without_its_contract if {
	every name in ["no contract", "another contract", "an agreement", "another's contract"] {
		cast.denies(inputs[name], "BASIS_NOT_FOR_SENDER")
	}
}

test_contract_ends if cast.denies(inputs["contract ended"], "BASIS_EXPIRED")

test_contract_begins if cast.denies(inputs["contract to begin"], "BASIS_EXPIRED")

test_contract_is_for_its_purpose if cast.denies(inputs["another purpose"], "PURPOSE_FORBIDDEN")

test_contract_is_for_its_records if cast.withholds(inputs["another record"], "referral.urgency", "BASIS_NOT_FOR_SENDER")

test_contract_is_whose_data_it_names if {
	entrusters := data.lib.capacity.entrusters with input as inputs["under a contract"]
	entrusters == {"aoba-city"}
}

test_staff_knowledge_is_not_a_supporters if cast.denies(inputs["supporter who is staff"], "BASIS_NOT_FOR_SENDER")

test_what_was_seen_at_the_door_is if count(data.lib.capacity.outside) == 0 with input as inputs["supporter at the door"]

test_supporter_alone_knows_nothing_as_staff if count(data.lib.capacity.outside) == 0 with input as inputs["supporter alone"]

test_staff_tell_as_staff if cast.permits(inputs["staff as staff"], "vital_interest_private")
