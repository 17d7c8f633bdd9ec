package lib.municipality_test

import rego.v1

import data.checks.cast
import data.lib.municipality

inputs := {"any": cast.known("consent_private")}

_at := 1776214800000

_kind(changes) := object.union(data.packs.default.municipality, changes)

_ordinance(changes) := object.union(
	{
		"id": "evac_roster",
		"level": "municipal",
		"seen": true,
		"from_at": _at,
		"to_at": null,
	},
	changes,
)

test_kind_as_the_pack_says_it if {
	data.lib.municipality.municipality with input as inputs.any
	data.lib.municipality.welfare_office with input as inputs.any
	data.lib.municipality.runs_juso with input as inputs.any
	not data.lib.municipality.prefecture with input as inputs.any
	not data.lib.municipality.core_city with input as inputs.any
}

test_prefecture_and_core_city_when_the_pack_says_so if {
	data.lib.municipality.prefecture with input as inputs.any
		with data.packs.default.municipality as _kind({"kind": "prefecture"})
	not data.lib.municipality.municipality with input as inputs.any
		with data.packs.default.municipality as _kind({"kind": "prefecture"})
	data.lib.municipality.core_city with input as inputs.any
		with data.packs.default.municipality as _kind({"core_city": true})
}

test_what_nobody_knows_is_not_so if {
	not data.lib.municipality.core_city with input as inputs.any
		with data.packs.default.municipality as _kind({"core_city": null})
	not data.lib.municipality.welfare_office with input as inputs.any
		with data.packs.default.municipality as _kind({"has_welfare_office": null})
	not data.lib.municipality.runs_juso with input as inputs.any
		with data.packs.default.municipality as _kind({"runs_juso_from_at": null})
}

test_programme_begins_on_its_day if {
	data.lib.municipality.runs_juso with input as inputs.any
		with data.packs.default.municipality as _kind({"runs_juso_from_at": _at})
	not data.lib.municipality.runs_juso with input as inputs.any
		with data.packs.default.municipality as _kind({"runs_juso_from_at": _at + 1})
}

test_own_ordinance_holds_on_its_day if {
	municipality.own_ordinance("evac_roster") with input as inputs.any
		with data.packs.default.ordinances as [_ordinance({})]
}

test_ordinance_of_another_kind_or_level_settles_nothing if {
	not municipality.own_ordinance("evac_plan") with input as inputs.any
		with data.packs.default.ordinances as [_ordinance({})]
	not municipality.own_ordinance("evac_roster") with input as inputs.any
		with data.packs.default.ordinances as [_ordinance({"level": "prefectural"})]
}

test_ordinance_unread_undated_or_ended_settles_nothing if {
	not municipality.own_ordinance("evac_roster") with input as inputs.any
		with data.packs.default.ordinances as [
			_ordinance({"seen": false}),
			_ordinance({"from_at": null}),
			_ordinance({"from_at": _at + 1}),
			_ordinance({"from_at": 0, "to_at": _at}),
		]
}

test_no_ordinance_settles_nothing if {
	not municipality.own_ordinance("evac_roster") with input as inputs.any
		with data.packs.default.ordinances as []
}

test_unknown_pack_is_of_no_kind if {
	given := cast.changed("consent_private", {"/registered/tenant/pack": "nowhere"})
	not data.lib.municipality.municipality with input as given
	not municipality.own_ordinance("evac_roster") with input as given
}

test_sensitive_by_the_act_or_by_own_choice if {
	found := {class | some class, _ in data.classes; municipality.sensitive(class)} with input as inputs.any
	found == {"HEA", "YOH", "ABU", "ECO"}
	not municipality.sensitive("ECO") with input as inputs.any
		with data.packs.default.thresholds.own_sensitive_classes as []
	municipality.sensitive("HEA") with input as inputs.any
		with data.packs.default.thresholds.own_sensitive_classes as []
}
