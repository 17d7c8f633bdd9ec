package disclosure.basis.indiv_plan_emergency_test

import rego.v1

import data.checks.cast

_basis := "indiv_plan_emergency"

_case(changes) := cast.changed(_basis, object.union({"/request/basis": _basis}, changes))

inputs := {
	"in the area": cast.known(_basis),
	"mode off": _case({"/registered/mode_switches": []}),
	"another area": _case({"/registered/mode_switches/0/areas": ["第4地区"]}),
	"necessity not told": _case({"/asserted": []}),
	"another supporter": _case({"/registered/list_entries/0/supporter_person": "p-other"}),
	"not in a plan": _case({"/registered/list_entries": []}),
}

test_plan_goes_out_while_mode_is_on if {
	cast.permits(inputs["in the area"], _basis)
	cast.owes(inputs["in the area"], "view_only_until")
}

test_no_ground_while_mode_is_off if {
	cast.denies(inputs["mode off"], "MODE_OFF")
	cast.denies(inputs["another area"], "MODE_OFF")
}

test_no_ground_without_necessity if cast.denies(inputs["necessity not told"], "REASON_MISSING")

test_another_supporter_is_withheld if {
	cast.withholds(inputs["another supporter"], "evac_plan.supporter_phone", "THIRD_PERSON_INCLUDED")
}

test_no_ground_without_a_plan if cast.denies(inputs["not in a plan"], "NO_BASIS")
