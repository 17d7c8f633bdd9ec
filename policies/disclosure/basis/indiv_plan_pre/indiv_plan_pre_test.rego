package disclosure.basis.indiv_plan_pre_test

import rego.v1

import data.checks.cast

_basis := "indiv_plan_pre"

_case(changes) := cast.changed(_basis, changes)

_entry(member, value) := _case({sprintf("/registered/list_entries/0/%s", [member]): value})

inputs := {
	"both agreed": cast.known(_basis),
	"supporter did not agree": _entry("supporter_consent", "none"),
	"supporter refused": _entry("supporter_consent", "refused"),
	"person did not agree": _entry("consent", "none"),
	"person refused": _entry("consent", "refused"),
	"another supporter": _entry("supporter_person", "p-other"),
	"supporter of somebody else": _entry("person", "p-sato"),
	"roster is no plan": _entry("list", "evac_roster"),
	"supporter on the roster": cast.changed("evac_roster_pre", {
		"/registered/subjects/-": {"id": "s-helper", "person": "p-helper", "relation": "supporter"},
		"/registered/list_entries/0/supporter_person": "p-helper",
		"/request/fields/0/about": ["s-takahashi", "s-helper"],
	}),
}

_ordinance := {
	"id": "evac_plan", "level": "municipal", "title_ja": "あおば市個別避難計画条例", "article": "3条",
	"from_on": "2026-01-01", "from_at": 1767193200000, "to_on": null, "to_at": null, "seen": true, "row": "",
}

_outcome(name) := decision.outcome if {
	decision := data.disclosure.main.decision with input as inputs[name]
		with data.packs.default.ordinances as [_ordinance]
}

test_plan_goes_out_when_both_agreed if {
	cast.permits(inputs["both agreed"], _basis)
	cast.owes(inputs["both agreed"], "named_handlers")
}

test_no_ground_when_one_of_two_did_not_agree if {
	every name in ["supporter did not agree", "supporter refused", "person did not agree", "person refused"] {
		cast.refuses(inputs[name], "CONSENT_MISSING")
	}
}

test_own_ordinance_stands_for_both if {
	every name in ["supporter did not agree", "person did not agree"] {
		_outcome(name) == "permit"
	}
}

test_refusal_of_either_stops_in_spite_of_the_ordinance if {
	every name in ["supporter refused", "person refused"] {
		_outcome(name) == "deny"
	}
}

test_another_supporter_is_withheld if {
	cast.withholds(inputs["another supporter"], "evac_plan.supporter_phone", "THIRD_PERSON_INCLUDED")
}

test_no_ground_by_somebody_elses_plan if cast.refuses(inputs["supporter of somebody else"], "NO_BASIS")

test_roster_is_no_plan if {
	cast.withholds(inputs["roster is no plan"], "evac_plan.refuge", "FIELD_NOT_NEEDED")
	cast.grounds(inputs["roster is no plan"]) == ["evac_roster_pre"]
}

test_supporter_is_not_on_the_roster if {
	cast.withholds(inputs["supporter on the roster"], "evac_roster_entry.name", "THIRD_PERSON_INCLUDED")
}
