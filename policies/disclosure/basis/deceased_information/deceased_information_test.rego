package disclosure.basis.deceased_information_test

import rego.v1

import data.checks.cast

_basis := "deceased_information"

_case(changes) := cast.changed(_basis, changes)

_prefectural := {
	"id": "deceased",
	"level": "prefectural",
	"seen": true,
	"from_at": 1743433200000,
	"to_at": null,
}

inputs := {
	"rule and approval": cast.known(_basis),
	"not said to have died": _case({"/asserted": []}),
	"only heard": _case({"/asserted/0/evidence": "heard"}),
	"alive": _case({"/asserted/0/value": false}),
	"not approved": _case({"/registered/approvals": []}),
	"approved in part": _case({"/registered/approvals/0/fields": ["subject.name_original"]}),
	"approved for somebody else": _case({"/registered/approvals/0/person": "p-tanaka"}),
	"approval ended": _case({"/registered/approvals/0/expires_at": 1776214800000}),
	"by a prefecture": cast.known("deceased_information_pref"),
	"by a prefecture with its ordinance": cast.changed("deceased_information_pref", {"/registered/approvals/0/agency": "midori-pref"}),
	"living son in a field": _case({"/registered/subjects": data.checks.cast.household, "/request/fields/1/about": ["s-sato", "s-son"]}),
	"a stranger who died": _case({"/registered/subjects": [{"id": "s-sato", "person": "p-sato", "relation": "main"}, {"id": "s-son", "person": "p-son", "relation": "third_party"}], "/request/fields/1/about": ["s-sato", "s-son"], "/asserted/-": cast.told_about("s-son", "deceased", true)}),
	"private sender": _case({"/request/sender": cast.known("consent_private").request.sender, "/registered/sender": cast.known("consent_private").registered.sender}),
}

test_rule_and_approval_carry if cast.permits(inputs["rule and approval"], _basis)

test_officer_looks_afterwards if cast.owes(inputs["rule and approval"], "officer_review")

test_no_ground_unless_death_is_vouched_for if {
	every name in ["not said to have died", "only heard", "alive"] {
		cast.denies(inputs[name], "NO_BASIS")
	}
}

test_held_until_approved if cast.holds(inputs["not approved"], "APPROVAL_REQUIRED", ["approver"])

test_only_approved_fields_pass if cast.withholds(inputs["approved in part"], "subject.alive_status", "APPROVAL_REQUIRED")

test_approval_is_about_one_person if cast.holds(inputs["approved for somebody else"], "APPROVAL_REQUIRED", ["approver"])

test_approval_ends if cast.holds(inputs["approval ended"], "APPROVAL_REQUIRED", ["approver"])

test_prefecture_needs_its_own_ordinance if cast.denies(inputs["by a prefecture"], "NO_BASIS")

test_prefecture_with_its_ordinance if {
	decision := data.disclosure.main.decision with input as inputs["by a prefecture with its ordinance"]
		with data.packs.default.ordinances as [_prefectural]
	decision.outcome == "permit"
}

test_unread_ordinance_settles_nothing if {
	decision := data.disclosure.main.decision with input as inputs["by a prefecture with its ordinance"]
		with data.packs.default.ordinances as [object.union(_prefectural, {"seen": false})]
	decision.outcome == "deny"
}

test_ordinance_to_come_settles_nothing if {
	decision := data.disclosure.main.decision with input as inputs["by a prefecture with its ordinance"]
		with data.packs.default.ordinances as [object.union(_prefectural, {"from_at": 1776214800001})]
	decision.outcome == "deny"
}

test_municipality_without_a_rule_gives_nothing if {
	decision := data.disclosure.main.decision with input as inputs["rule and approval"]
		with data.packs.default.ordinances as []
	decision.outcome == "deny"
	some r in decision.reasons
	contains(r.next_step_ja, "条例や要綱")
}

test_living_family_is_judged_for_itself if cast.withholds(inputs["living son in a field"], "subject.alive_status", "THIRD_PERSON_INCLUDED")

test_strangers_are_withheld if cast.withholds(inputs["a stranger who died"], "subject.alive_status", "THIRD_PERSON_INCLUDED")

test_private_bodies_have_no_such_rule if cast.denies(inputs["private sender"], "BASIS_NOT_FOR_SENDER")
