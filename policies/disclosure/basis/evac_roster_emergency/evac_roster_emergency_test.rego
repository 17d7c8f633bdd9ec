package disclosure.basis.evac_roster_emergency_test

import rego.v1

import data.checks.cast

_basis := "evac_roster_emergency"

_case(changes) := cast.changed(_basis, object.union({"/request/basis": _basis}, changes))

_mode(member, value) := _case({sprintf("/registered/mode_switches/0/%s", [member]): value})

inputs := {
	"in the area": cast.known(_basis),
	"imminent": _mode("mode", "disaster_imminent"),
	"mode off": _case({"/registered/mode_switches": []}),
	"mode over": _mode("ends_at", 1776214800000),
	"mode ended": _mode("ended_at", 1776214800000),
	"mode ends later": _mode("ended_at", 1776214800001),
	"mode to come": _mode("starts_at", 1776214800001),
	"another area": _mode("areas", ["第4地区"]),
	"no area on the list": _case({
		"/registered/mode_switches/0/areas": [""],
		"/registered/list_entries/0/area": "",
	}),
	"found in the area": _case({
		"/registered/mode_switches/0/areas": ["第4地区"],
		"/asserted/-": cast.told("in_affected_area", true),
	}),
	"found elsewhere": _case({
		"/registered/mode_switches/0/areas": ["第4地区"],
		"/asserted/-": cast.told("in_affected_area", false),
	}),
	"mode of another municipality": _case({"/registered/tenant/municipality": "wakaba-city"}),
	"not necessary": _case({"/asserted/0/value": false}),
	"necessity not told": _case({"/asserted": []}),
	"necessity in one word": _case({"/asserted/0/text_chars": 2}),
	"refused before": _case({"/registered/list_entries/0/consent": "refused"}),
	"not on the list": _case({"/registered/list_entries": []}),
	"seen in a drill": _case({"/request/fields/0/origin": "drill_seen"}),
	"ordinary times": _case({"/request/purpose": "dprep"}),
	"from the prefecture": _case({"/registered/sender/agency/kind": "prefecture"}),
	"to the firm that counts": _case({"/registered/recipient/actor/roles": ["researcher_contractor"]}),
}

test_rescuers_learn_who_is_in_the_area if {
	cast.permits(inputs["in the area"], _basis)
	cast.permits(inputs.imminent, _basis)
	cast.permits(inputs["mode ends later"], _basis)
	cast.permits(inputs["found in the area"], _basis)
}

test_it_ends_with_the_mode if {
	view := cast.duty(inputs["in the area"], "view_only_until")
	view.due_at == 1776474000000
}

test_outcome_and_return_are_owed if {
	cast.owes(inputs["in the area"], "destroy_by")
	cast.owes(inputs["in the area"], "report_outcome")
}

test_consent_plays_no_part_in_a_disaster if cast.permits(inputs["refused before"], _basis)

test_no_ground_while_mode_is_off if {
	every name in ["mode off", "mode over", "mode ended", "mode to come", "mode of another municipality"] {
		cast.denies(inputs[name], "MODE_OFF")
	}
}

test_no_ground_outside_the_area if {
	every name in ["another area", "no area on the list", "found elsewhere"] {
		cast.denies(inputs[name], "MODE_OFF")
	}
}

test_no_ground_without_necessity if {
	every name in ["not necessary", "necessity not told", "necessity in one word"] {
		cast.denies(inputs[name], "REASON_MISSING")
	}
}

test_no_ground_without_an_entry if cast.denies(inputs["not on the list"], "NO_BASIS")

test_what_was_seen_in_a_drill_is_not_from_the_list if {
	cast.withholds(inputs["seen in a drill"], "evac_roster_entry.name", "FIELD_NOT_NEEDED")
}

test_no_ground_in_ordinary_times if cast.denies(inputs["ordinary times"], "PURPOSE_FORBIDDEN")

test_no_ground_from_another_sender if cast.denies(inputs["from the prefecture"], "BASIS_NOT_FOR_SENDER")

test_no_ground_for_whoever_does_not_rescue if {
	cast.denies(inputs["to the firm that counts"], "BASIS_NOT_FOR_RECIPIENT")
}
