package disclosure.basis.dv_report_test

import rego.v1

import data.checks.cast

_basis := "dv_report"

_case(changes) := cast.changed(_basis, changes)

_victim := cast.known(_basis).asserted[0]

inputs := {
	"against her will": cast.known(_basis),
	"against her will, without reasons": _case({"/asserted/1/text_chars": 2}),
	"with her will": _case({"/asserted": [_victim, cast.told("victims_will", "agrees")]}),
	"will not to be learnt": _case({"/asserted": [_victim, cast.told("victims_will", "unknown")]}),
	"will not asked": cast.without(_basis, "/asserted/1"),
	"will not asked, danger": _case({"/asserted": [_victim, cast.told("danger", "body")]}),
	"will not asked, danger to property": _case({"/asserted": [_victim, cast.told("danger", "property")]}),
	"will of no known kind": _case({"/asserted": [_victim, cast.told("victims_will", "maybe")]}),
	"from an NPO": json.patch(cast.without(_basis, "/asserted/1"), [
		{"op": "add", "path": "/request/sender", "value": cast.known("consent_private").request.sender},
		{"op": "add", "path": "/registered/sender", "value": cast.known("consent_private").registered.sender},
	]),
	"to the police": _case({
		"/registered/recipient/agency/kind": "police",
		"/registered/recipient/actor/roles": ["police_fire"],
	}),
	"to the city": _case(object.union(data.checks.cast.to_city, {"/request/basis": _basis})),
	"word not told": _case({"/asserted/0/value": "young_carer"}),
}

test_doctor_reports_against_her_will_with_reasons if {
	cast.permits(inputs["against her will"], _basis)
	cast.owes(inputs["against her will"], "safe_contact_only")
	"asserted:victims_will" in cast.facts(inputs["against her will"])
}

test_doctor_does_not_report_against_her_will_without_reasons if {
	cast.denies(inputs["against her will, without reasons"], "REASON_MISSING")
}

test_doctor_reports_once_her_will_is_recorded if {
	cast.permits(inputs["with her will"], _basis)
	cast.permits(inputs["will not to be learnt"], _basis)
}

test_doctor_asks_first if {
	every name in ["will not asked", "will of no known kind", "will not asked, danger to property"] {
		cast.denies(inputs[name], "REASON_MISSING")
	}
}

test_doctor_need_not_ask_in_danger if cast.permits(inputs["will not asked, danger"], _basis)

test_others_need_not_ask if cast.permits(inputs["from an NPO"], _basis)

test_police_take_it if cast.permits(inputs["to the police"], _basis)

test_no_report_to_an_agency_that_takes_none if cast.denies(inputs["to the city"], "BASIS_NOT_FOR_RECIPIENT")

test_no_report_when_word_absent_and_not_named if {
	cast.permitted(inputs["word not told"]) == []
	cast.grounds(inputs["word not told"]) == []
}
