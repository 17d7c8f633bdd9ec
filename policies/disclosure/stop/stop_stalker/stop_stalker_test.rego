package disclosure.stop.stop_stalker_test

import rego.v1

import data.checks.cast

_notice(changes) := {"/registered/stalker_notices": [object.union(
	cast.known("stop_stalker").registered.stalker_notices[0],
	changes,
)]}

_case(changes) := cast.changed("consent_private", changes)

_flag(changes) := {"/registered/protection_flags": [object.union(
	cast.known("stop_stalker_flag").registered.protection_flags[0],
	changes,
)]}

inputs := {
	"recipient's actor warned of": cast.known("stop_stalker"),
	"recipient's agency warned of": _case(_notice({"actors": [], "agencies": ["aoba-shakyo"]})),
	"sender's actor warned of": _case(_notice({"actors": ["actor-hidamari"]})),
	"warned of a person in the record": _case(object.union(
		_notice({"actors": [], "persons": ["p-son"]}),
		{"/registered/subjects": data.checks.cast.household},
	)),
	"agency as a whole, where the warned works": _case(object.union(
		_notice({"actor_agencies": ["aoba-shakyo"], "actors": ["actor-other"]}),
		{"/request/recipient/actor": "", "/registered/recipient/actor": null},
	)),
	"another actor of that agency": _case(_notice({"actor_agencies": ["aoba-shakyo"], "actors": ["actor-other"]})),
	"about somebody else": _case(_notice({"person": "p-suzuki"})),
	"about nobody known": _case({"/registered/stalker_notices": [object.remove(
		cast.known("stop_stalker").registered.stalker_notices[0],
		["person"],
	)]}),
	"notices unread": cast.without("consent_private", "/registered/stalker_notices"),
	"not yet notified": _case(_notice({"notified_at": 1776214800001})),
	"ended": _case(_notice({"ended_at": 1776214800000})),
	"ended since it was told": _case(object.union(
		_notice({"ended_at": 1776214800000}),
		{"/computed/law_at": 1776128400000, "/request/direction": "oral"},
	)),
	"in danger to life": cast.changed("vital_interest_private", _notice({"actors": ["actor-city"]})),
	"flag with the recipient": cast.known("stop_stalker_flag"),
	"flag of another kind": _case(_flag({"kind": "dv"})),
	"flag with another actor": _case(_flag({"counterpart_actors": ["actor-other"]})),
}

_refused(name) if {
	cast.denies(inputs[name], "STALKER_NOTICE")
	cast.alerts(inputs[name])
}

_passes(name) if cast.permits(inputs[name], "consent_private")

test_refused_whoever_of_them_is_warned_of if {
	every name in {
		"recipient's actor warned of",
		"recipient's agency warned of",
		"sender's actor warned of",
		"warned of a person in the record",
	} {
		_refused(name)
	}
}

test_agency_as_a_whole_is_refused_where_the_warned_works if {
	_refused("agency as a whole, where the warned works")
}

test_colleague_by_name_may_receive if _passes("another actor of that agency")

test_notice_about_somebody_else_stops_nothing if _passes("about somebody else")

test_notice_about_nobody_known_stops if _refused("about nobody known")

test_unread_notices_stop if _refused("notices unread")

test_nothing_is_stopped_before_the_notice if _passes("not yet notified")

test_ended_notice_stops_nothing if _passes("ended")

test_notice_of_then_stops_although_ended_since if _refused("ended since it was told")

test_no_basis_overrides_it if _refused("in danger to life")

test_flag_against_stalking_stops_too if _refused("flag with the recipient")

test_flag_of_another_kind_is_no_stalker_notice if {
	hits := data.disclosure.stop.stop_stalker.hits with input as inputs["flag of another kind"]
	count(hits) == 0
	cast.denies(inputs["flag of another kind"], "PROTECTED_ADDRESS")
}

test_flag_with_another_actor_masks_alone if {
	cast.withholds(inputs["flag with another actor"], "subject.phones", "PROTECTED_ADDRESS")
}

# What the outside hears of either refusal is one and the same text.
test_reason_is_for_officers_alone if {
	decision := data.disclosure.main.decision with input as inputs["recipient's actor warned of"]
	["officer"] == [r.side | some r in decision.reasons]
}
