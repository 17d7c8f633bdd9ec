package lib.safeguards_test

import rego.v1

import data.checks.cast

_now := 1776214800000

_day := 86400000

_source(agency, checked_at) := {"/registered/flag_sources": [{
	"id": "source-1",
	"agency": agency,
	"checked_at": checked_at,
}]}

_case(changes) := cast.changed("consent_private", changes)

_lately(count) := {"/computed/lately_count": count}

inputs := {
	"never compared": cast.known("consent_private"),
	"compared by the municipality": _case(_source("aoba-city", _now - (_day - 1))),
	"compared by the sender": _case(_source("npo-hidamari", _now)),
	"compared by somebody else": _case(_source("aoba-shakyo", _now)),
	"compared too long ago": _case(_source("aoba-city", _now - _day)),
	"compared in the future": _case(_source("aoba-city", _now + 1)),
	"day of comparison absent": _case({"/registered/flag_sources": [{"id": "source-1", "agency": "aoba-city"}]}),
	"danger to life": cast.changed("vital_interest_private", _lately(3)),
	"danger to property": cast.changed("vital_interest_private", object.union(
		_lately(3),
		{"/asserted/0/value": "property"},
	)),
	"danger about nobody": json.patch(cast.changed("vital_interest_private", _lately(3)), [{
		"op": "remove",
		"path": "/request/fields/1/about",
	}]),
	"below the limit": _case(_lately(2)),
	"at the limit": _case(_lately(3)),
	"count absent": cast.without("consent_private", "/computed/lately_count"),
	"lifted": _case(object.union(_lately(3), {"/registered/verdicts": [cast.verdict({"lifts": ["RATE_UNUSUAL"]})]})),
	"lifted for somebody else": _case(object.union(_lately(3), {"/registered/verdicts": [cast.verdict({
		"lifts": ["RATE_UNUSUAL"],
		"person": "p-suzuki",
	})]})),
}

_fresh(name) if {
	cast.permits(inputs[name], "consent_private") with data.packs.default.thresholds.flags_fresh_ms as 86400000
}

_stale(name) if {
	cast.withholds(inputs[name], "subject.phones", "FLAG_STALE") with data.packs.default.thresholds.flags_fresh_ms as 86400000
}

_held(name) if {
	cast.holds(inputs[name], "RATE_UNUSUAL", ["officer"]) with data.packs.default.thresholds.rate_limit as 3
}

test_nothing_waits_where_no_limit_is_set if {
	cast.permits(inputs["never compared"], "consent_private")
	cast.permits(inputs["at the limit"], "consent_private")
}

test_fresh_flags_let_whereabouts_pass if {
	_fresh("compared by the municipality")
	_fresh("compared by the sender")
}

test_whereabouts_wait_where_nobody_has_compared if {
	every name in {
		"never compared",
		"compared by somebody else",
		"compared too long ago",
		"compared in the future",
		"day of comparison absent",
	} {
		_stale(name)
	}
}

test_danger_to_life_does_not_wait if {
	cast.permits(inputs["danger to life"], "vital_interest_private") with data.packs.default.thresholds.flags_fresh_ms as 86400000
	cast.permits(inputs["danger to life"], "vital_interest_private") with data.packs.default.thresholds.rate_limit as 3
}

test_report_does_not_wait if {
	decision := data.disclosure.main.decision with input as inputs["danger to property"]
		with data.basis.vital_interest_private as object.union(data.basis.vital_interest_private, {"report": true})
		with data.packs.default.thresholds.rate_limit as 3
	decision.outcome == "permit"
	decision.fields_withheld == []
}

test_danger_to_property_waits if {
	cast.withholds(inputs["danger to property"], "subject.address_actual", "FLAG_STALE") with data.packs.default.thresholds.flags_fresh_ms as 86400000
	cast.holds(inputs["danger to property"], "RATE_UNUSUAL", ["officer"]) with data.packs.default.thresholds.rate_limit as 3
}

test_field_about_nobody_waits if {
	cast.withholds(inputs["danger about nobody"], "subject.address_actual", "FLAG_STALE") with data.packs.default.thresholds.flags_fresh_ms as 86400000
}

test_passes_below_the_limit if {
	cast.permits(inputs["below the limit"], "consent_private") with data.packs.default.thresholds.rate_limit as 3
}

test_held_at_the_limit if _held("at the limit")

test_absent_count_is_held if _held("count absent")

test_two_persons_may_lift_it if {
	cast.permits(inputs.lifted, "consent_private") with data.packs.default.thresholds.rate_limit as 3
}

test_lift_is_for_its_person if _held("lifted for somebody else")
