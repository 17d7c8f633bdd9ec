package disclosure.stop.stop_protected_address_test

import rego.v1

import data.checks.cast

_case(changes) := cast.changed("consent_private", changes)

_flagged(changes) := {"/registered/protection_flags": [cast.flag(changes)]}

_lift := cast.approval({
	"kind": "address_lift",
	"agency": "npo-hidamari",
	"recipient": "aoba-shakyo",
	"purpose": "refer",
})

_second := cast.verdict({"lifts": ["PROTECTED_ADDRESS"]})

inputs := {
	"no flag": cast.known("consent_private"),
	"expired but not lifted": cast.known("stop_protected_address"),
	"in force from the application": _case(_flagged({"provisional": true, "effective_from": 1776214800000})),
	"not yet applied for": _case(_flagged({"effective_from": 1776214800001})),
	"start unknown": _case({"/registered/protection_flags": [object.remove(cast.flag({}), ["effective_from"])]}),
	"flags unread": cast.without("consent_private", "/registered/protection_flags"),
	"person unknown": _case({"/registered/protection_flags": [object.remove(cast.flag({}), ["person"])]}),
	"lifted": _case(_flagged({"lifted_at": 1776214800000})),
	"lifted later": _case(_flagged({"lifted_at": 1776214800001})),
	"flagged since it was told": _case(object.union(
		_flagged({"effective_from": 1776214800000}),
		{"/computed/law_at": 1776128400000, "/request/direction": "oral"},
	)),
	"lifted since it was told": _case(object.union(
		_flagged({"lifted_at": 1776214800000}),
		{"/computed/law_at": 1776128400000, "/request/direction": "oral"},
	)),
	"of somebody not concerned": _case(_flagged({"person": "p-suzuki"})),
	"son is protected": _case(object.union(
		_flagged({"person": "p-son"}),
		{"/registered/subjects": data.checks.cast.household},
	)),
	"acquaintance is protected": _case(object.union(_flagged({"person": "p-son"}), {"/registered/subjects": [
		data.checks.cast.household[0],
		{"id": "s-son", "person": "p-son", "relation": "third_party"},
	]})),
	"controller vouches": _case({"/asserted": [cast.told("protection_status", "dv")]}),
	"controller vouches for the son": _case({
		"/registered/subjects": data.checks.cast.household,
		"/asserted": [cast.told_about("s-son", "protection_status", "dv")],
	}),
	"controller vouches for an acquaintance": _case({
		"/registered/subjects": [
			data.checks.cast.household[0],
			{"id": "s-son", "person": "p-son", "relation": "third_party"},
		],
		"/asserted": [cast.told_about("s-son", "protection_status", "dv")],
	}),
	"controller vouches for nobody known": _case({"/asserted": [cast.told_about(
		"s-nobody",
		"protection_status",
		"dv",
	)]}),
	"controller vouches expressly for her": _case({"/asserted": [cast.told_about("s-sato", "protection_status", "dv")]}),
	"she who cares is protected": _case(object.union(
		_flagged({"person": "p-son"}),
		{"/registered/subjects": [
			data.checks.cast.household[0],
			{"id": "s-son", "person": "p-son", "relation": "supporter"},
		]},
	)),
	"other side is asking": _case({"/asserted": [cast.told("asked_by_counterpart", true)]}),
	"other side is not asking": _case({"/asserted": [cast.told("asked_by_counterpart", false)]}),
	"alleged perpetrator in the record": _case(object.union(
		_flagged({"counterpart_persons": ["p-son"]}),
		{"/registered/subjects": [
			data.checks.cast.household[0],
			{"id": "s-son", "person": "p-son", "relation": "alleged_perpetrator"},
		]},
	)),
	"agency as a whole, where the other side works": _case(object.union(
		_flagged({"counterpart_actors": ["actor-other"], "counterpart_actor_agencies": ["aoba-shakyo"]}),
		{"/request/recipient/actor": "", "/registered/recipient/actor": null},
	)),
	"a colleague of the other side, by name": _case(_flagged({
		"counterpart_actors": ["actor-other"],
		"counterpart_actor_agencies": ["aoba-shakyo"],
	})),
	"controller denies": _case({"/asserted": [cast.told("protection_status", "none")]}),
	"recipient is the other side": _case(_flagged({"counterpart_agencies": ["aoba-shakyo"]})),
	"recipient's actor is the other side": cast.known("stop_protected_address_counterpart"),
	"sender's actor is the other side": _case(_flagged({"counterpart_actors": ["actor-hidamari"]})),
	"other side in the record": _case(object.union(
		_flagged({"counterpart_persons": ["p-son"]}),
		{"/registered/subjects": data.checks.cast.household},
	)),
	"other side alone": _case(_flagged({
		"person": "p-suzuki",
		"counterpart_persons": ["p-sato"],
		"counterpart_agencies": ["aoba-shakyo"],
	})),
	"approved alone": _case(object.union(_flagged({}), {"/registered/approvals": [_lift]})),
	"second person alone": _case(object.union(_flagged({}), {"/registered/verdicts": [_second]})),
	"approved and agreed": _case(object.union(
		_flagged({}),
		{"/registered/approvals": [_lift], "/registered/verdicts": [_second]},
	)),
	"one person twice": _case(object.union(_flagged({}), {
		"/registered/approvals": [_lift],
		"/registered/verdicts": [object.union(_second, {"second_person": "actor-officer"})],
	})),
	"agreed for another field": _case(object.union(_flagged({}), {
		"/registered/approvals": [_lift],
		"/registered/verdicts": [object.union(_second, {"fields": ["subject.name_original"]})],
	})),
	"counterpart in spite of a lift": _case(object.union(
		_flagged({"counterpart_actors": ["actor-shakyo"]}),
		{"/registered/approvals": [_lift], "/registered/verdicts": [_second]},
	)),
	"nothing but whereabouts": _case(object.union(
		_flagged({}),
		{"/request/fields": [cast.known("consent_private").request.fields[1]]},
	)),
}

_masked(name) if cast.withholds(inputs[name], "subject.phones", "PROTECTED_ADDRESS")

_passes(name) if cast.permits(inputs[name], "consent_private")

_refused(name) if {
	cast.denies(inputs[name], "PROTECTED_ADDRESS")
	cast.alerts(inputs[name])
}

test_whereabouts_pass_without_a_flag if _passes("no flag")

test_expiry_does_not_unmask if _masked("expired but not lifted")

test_flag_holds_from_the_application if _masked("in force from the application")

test_flag_does_not_hold_before_the_application if _passes("not yet applied for")

test_unknown_start_counts_as_begun if _masked("start unknown")

test_unread_flags_mask if _masked("flags unread")

test_flag_about_nobody_known_masks if _masked("person unknown")

test_lifting_unmasks if _passes("lifted")

test_flag_holds_until_the_instant_of_lifting if _masked("lifted later")

test_flag_of_today_masks_what_was_told_before if _masked("flagged since it was told")

test_flag_of_then_masks_although_lifted_since if _masked("lifted since it was told")

test_flag_of_somebody_else_masks_nothing if _passes("of somebody not concerned")

test_household_leads_to_the_protected_person if _masked("son is protected")

test_acquaintances_whereabouts_do_not_lead_there if _passes("acquaintance is protected")

test_controllers_word_is_enough if _masked("controller vouches")

test_controllers_word_about_the_household_is_enough if _masked("controller vouches for the son")

test_controllers_word_about_an_acquaintance_masks_nothing_else if {
	_passes("controller vouches for an acquaintance")
}

test_controllers_word_about_nobody_known_masks if _masked("controller vouches for nobody known")

test_controllers_word_about_her_masks if _masked("controller vouches expressly for her")

test_whoever_cares_for_them_leads_there if _masked("she who cares is protected")

test_refused_when_the_other_side_asks if _refused("other side is asking")

test_passes_when_the_other_side_does_not_ask if _passes("other side is not asking")

test_alleged_perpetrator_in_the_record_masks_alone if _masked("alleged perpetrator in the record")

test_agency_as_a_whole_is_refused_where_the_other_side_works if {
	_refused("agency as a whole, where the other side works")
}

test_colleague_of_the_other_side_hears_no_whereabouts if _masked("a colleague of the other side, by name")

test_controllers_denial_masks_nothing if _passes("controller denies")

test_refused_when_recipient_is_the_other_side if _refused("recipient is the other side")

test_refused_when_recipients_actor_is_the_other_side if _refused("recipient's actor is the other side")

test_refused_when_senders_actor_is_the_other_side if _refused("sender's actor is the other side")

test_refused_when_the_other_side_is_in_the_record if _refused("other side in the record")

test_help_for_the_other_side_alone_is_not_refused if _passes("other side alone")

test_approval_alone_lifts_nothing if _masked("approved alone")

test_second_person_alone_lifts_nothing if _masked("second person alone")

test_one_person_twice_lifts_nothing if _masked("one person twice")

test_lift_of_another_field_lifts_nothing if _masked("agreed for another field")

test_approval_and_second_person_lift_the_mask if {
	_passes("approved and agreed")
	cast.owes(inputs["approved and agreed"], "protect_address")
}

test_nothing_lifts_the_refusal_of_the_other_side if _refused("counterpart in spite of a lift")

test_nothing_but_whereabouts_is_held if {
	cast.holds(inputs["nothing but whereabouts"], "PROTECTED_ADDRESS", ["approver", "second_person"])
}

test_mask_is_a_duty_of_the_recipient if cast.owes(inputs["expired but not lifted"], "protect_address")

test_flags_hold_where_no_instant_is_given if {
	flags := data.disclosure.stop.stop_protected_address.flags with input as {"registered": {"protection_flags": [cast.flag({})]}}
	count(flags) == 1
}
