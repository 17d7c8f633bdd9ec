package disclosure.basis.evac_roster_pre_test

import rego.v1

import data.checks.cast

_basis := "evac_roster_pre"

_case(changes) := cast.changed(_basis, changes)

_entry(member, value) := _case({sprintf("/registered/list_entries/0/%s", [member]): value})

_plan(member, value) := _case({sprintf("/registered/designations/0/%s", [member]): value})

_body := {
	"/registered/recipient/agency/kind": "other_private",
	"/registered/recipient/actor/roles": ["chiku_shakyo"],
	"/registered/designations/0/office": "evac_supporter_body",
}

_minsei := {
	"/request/recipient": cast.known("minsei_iin").request.recipient,
	"/registered/recipient": cast.known("minsei_iin").registered.recipient,
	"/registered/appointments": cast.known("minsei_iin").registered.appointments,
	"/registered/designations/0/agency": "aoba-minsei",
}

_neighbour := {
	"/registered/designations": [],
	"/registered/appointments": [{
		"id": "appointment-1", "actor": "actor-shakyo", "office": "evac_supporter",
		"ward": "第3地区", "term_from": 1743433200000, "term_to": 1806505200000,
	}],
}

inputs := {
	"agreed": cast.known(_basis),
	"did not agree": _entry("consent", "none"),
	"refused": _entry("consent", "refused"),
	"list of another city": _entry("held_by", "wakaba-city"),
	"another person's entry": _entry("person", "p-sato"),
	"another list": _entry("list", "evac_plan"),
	"entry over": _entry("valid_to", 1776214800000),
	"entry to come": _entry("valid_from", 1776214800001),
	"not on the list": _case({"/registered/list_entries": []}),
	"plan names nobody": _case({"/registered/designations": []}),
	"plan of a prefecture": _plan("designated_by_kind", "prefecture"),
	"plan of another city": _plan("designated_by", "wakaba-city"),
	"plan names somebody else": _plan("agency", "npo-hidamari"),
	"plan over": _plan("valid_to", 1776214800000),
	"plan to come": _plan("valid_from", 1776214800001),
	"another office": _plan("office", "registered_relief_group"),
	"district in the plan": _plan("ward", "第3地区"),
	"another district in the plan": _plan("ward", "第4地区"),
	"neighbourhood group": _case(_body),
	"neighbourhood group of the plan alone": _case(object.union(
		_body,
		{"/registered/designations/0/office": "regional_disaster_plan"},
	)),
	"volunteer of the ward": _case(_minsei),
	"volunteer of another ward": _case(object.union(_minsei, {"/registered/appointments/0/ward": "第4地区"})),
	"neighbour": _case(_neighbour),
	"neighbour of another district": _case(object.union(_neighbour, {"/registered/appointments/0/ward": "第4地区"})),
	"seen in a drill": _case({"/request/fields/0/origin": "drill_seen"}),
	"more than the list": _case({"/request/profile": "", "/request/fields/0/id": "evac_plan.refuge"}),
	"recipient refused": _case({"/registered/consents": [cast.consent({
		"person": "p-takahashi",
		"recipients_refused": ["aoba-shakyo"],
	})]}),
	"neighbour in a field": _case({
		"/registered/subjects/-": {"id": "s-other", "person": "p-other", "relation": "third_party"},
		"/request/fields/1/about": ["s-takahashi", "s-other"],
	}),
	"watching over": _case({"/request/basis": _basis, "/request/purpose": "watch", "/request/profile": ""}),
	"from the prefecture": _case({"/request/basis": _basis, "/registered/sender/agency/kind": "prefecture"}),
	"passed to a company as a habit": _case({
		"/request/sender": cast.known("vital_interest_private").request.sender,
		"/registered/sender": cast.known("vital_interest_private").registered.sender,
		"/request/purpose": "watch",
		"/request/profile": "",
		"/registered/consents": [cast.consent({"person": "p-takahashi", "taken_by": "npo-hidamari", "purposes": ["watch"], "recipient_classes": ["shakyo"]})],
	}),
}

_ordinance := {
	"id": "evac_roster", "level": "municipal", "title_ja": "あおば市避難行動要支援者名簿条例",
	"article": "5条", "from_on": "2026-01-01", "from_at": 1767193200000, "to_on": null, "to_at": null,
	"seen": true, "row": "",
}

_by_ordinance(name, changes) := decision if {
	ordinances := [object.union(_ordinance, changes)]
	decision := data.disclosure.main.decision with input as inputs[name]
		with data.packs.default.ordinances as ordinances
}

_not_by(changes) if {
	decision := _by_ordinance("did not agree", changes)
	decision.outcome == "deny"
	"CONSENT_MISSING" in {r.code | some r in decision.reasons}
}

test_seven_items_reach_the_supporters_of_the_plan if {
	cast.permits(inputs.agreed, _basis)
	cast.permits(inputs["district in the plan"], _basis)
	cast.owes(inputs.agreed, "purpose_only")
	cast.owes(inputs.agreed, "storage_place")
	cast.owes(inputs.agreed, "secrecy_notice")
	"designation:designation-1" in cast.facts(inputs.agreed)
}

test_no_ground_without_consent if {
	cast.refuses(inputs["did not agree"], "CONSENT_MISSING")
	cast.refuses(inputs.refused, "CONSENT_MISSING")
}

test_own_ordinance_stands_for_consent if {
	decision := _by_ordinance("did not agree", {})
	decision.outcome == "permit"
	decision.fields_withheld == []
}

test_refusal_stops_in_spite_of_the_ordinance if {
	decision := _by_ordinance("refused", {})
	decision.outcome == "deny"
}

test_ordinance_of_the_prefecture_settles_nothing if _not_by({"level": "prefectural"})

test_ordinance_that_nobody_has_read_settles_nothing if {
	_not_by({"seen": false})
	_not_by({"article": ""})
}

test_ordinance_on_something_else_settles_nothing if _not_by({"id": "evac_plan"})

test_ordinance_out_of_time_settles_nothing if {
	_not_by({"from_at": null})
	_not_by({"from_at": 1776214800001})
	_not_by({"to_at": 1776214800000})
}

test_ordinance_of_another_municipality_settles_nothing if {
	decision := data.disclosure.main.decision with input as object.union(
		inputs["did not agree"],
		{"registered": {"tenant": {"municipality": "wakaba-city"}}},
	)
		with data.packs.default.ordinances as [_ordinance]
	decision.outcome == "deny"
}

test_no_ground_without_an_entry if {
	every name in [
		"not on the list", "list of another city", "another person's entry",
		"another list", "entry over", "entry to come",
	] {
		cast.refuses(inputs[name], "NO_BASIS")
	}
}

test_no_ground_for_whoever_the_plan_does_not_name if {
	every name in [
		"plan names nobody", "plan of another city", "plan of a prefecture", "plan names somebody else",
		"plan over", "plan to come", "another office", "neighbourhood group of the plan alone",
	] {
		cast.refuses(inputs[name], "BASIS_NOT_FOR_RECIPIENT")
	}
}

test_each_for_its_own_district if {
	cast.refuses(inputs["another district in the plan"], "NO_BASIS")
	cast.refuses(inputs["volunteer of another ward"], "NO_BASIS")
	cast.refuses(inputs["neighbour of another district"], "NO_BASIS")
}

test_designated_group_may_know if cast.permits(inputs["neighbourhood group"], _basis)

test_volunteer_of_the_ward_may_know if cast.permits(inputs["volunteer of the ward"], _basis)

test_commissioned_neighbour_may_know if cast.permits(inputs.neighbour, _basis)

test_what_was_seen_in_a_drill_is_not_from_the_list if {
	cast.withholds(inputs["seen in a drill"], "evac_roster_entry.name", "FIELD_NOT_NEEDED")
}

test_what_is_not_on_the_list_is_withheld if {
	cast.withholds(inputs["more than the list"], "evac_plan.refuge", "FIELD_NOT_NEEDED")
}

test_refused_recipient_is_held if {
	cast.refuses(inputs["recipient refused"], "RECIPIENT_REFUSED_BY_SUBJECT")
}

test_third_person_is_withheld if {
	cast.withholds(inputs["neighbour in a field"], "evac_roster_entry.birth_date", "THIRD_PERSON_INCLUDED")
}

test_list_is_not_for_watching_over if {
	cast.denies(inputs["watching over"], "PURPOSE_FORBIDDEN")
	cast.refuses(inputs["passed to a company as a habit"], "PURPOSE_FORBIDDEN")
}

test_no_ground_from_another_sender if cast.denies(inputs["from the prefecture"], "BASIS_NOT_FOR_SENDER")
