package disclosure.basis.shien_kaigi_swa_test

import rego.v1

import data.checks.cast

# The item is open for an hour before and after 1776214800000.
_item := "/registered/agenda_items/0"

_conference := "/registered/conferences/0"

_request := {
	"id": "request-1",
	"item": "item-1",
	"conference": "conf-aoba",
	"asked_by": "aoba-city",
	"asked": "npo-hidamari",
	"persons": ["p-sato", "p-son"],
	"fields": ["subject.name_original", "assessment.household_members", "assessment.arrears_kinds"],
	"requested_at": 1776128400000,
	"valid_to": 1776819600000,
}

_closed := {"/registered/agenda_items/0/closes_at": 1776214800000}

_case(changes) := cast.changed("shien_kaigi_swa", changes)

inputs := {
	"at the item": cast.known("shien_kaigi_swa"),
	"named": _case({"/request/basis": "shien_kaigi_swa"}),
	"no item named": _case({"/request/refs/agenda_item": ""}),
	"another meeting named": _case({"/request/refs/conference": "conf-other"}),
	"item unknown": _case({"/registered/agenda_items": []}),
	"meeting unknown": _case({"/registered/conferences": []}),
	"item under another basis": _case({"/registered/agenda_items/0/basis": "juso_consent_meeting"}),
	"meeting under another basis": _case({"/registered/conferences/0/basis": "juso_consent_meeting"}),
	"anonymous item": _case({"/registered/agenda_items/0/nature": "anonymous"}),
	"no founding rule": _case({"/registered/conferences/0/founding_rule": ""}),
	"organised by a council": _case({"/registered/conferences/0/organiser": "aoba-shakyo"}),
	"organised by another municipality": cast.changed("shien_kaigi_swa", {"/registered/conferences/0/organiser": "midori-city"}),
	"organised by the sending municipality": _case({
		"/registered/tenant/municipality": "",
		"/request/sender": cast.known("consent_public").request.sender,
		"/registered/sender": cast.known("consent_public").registered.sender,
		"/registered/participants/1/agency": "aoba-city",
		"/registered/participants/1/actor": "actor-city",
		"/registered/undertakings/1/actor": "actor-city",
	}),
	"organised by the receiving municipality": _case({
		"/registered/tenant/municipality": "",
		"/request/recipient": cast.known("vital_interest_private").request.recipient,
		"/registered/recipient": cast.known("vital_interest_private").registered.recipient,
		"/registered/participants/0/agency": "aoba-city",
		"/registered/participants/0/actor": "actor-city",
		"/registered/undertakings/0/actor": "actor-city",
	}),
	"programme not known to run": _case({"/request/basis": "shien_kaigi_swa", "/registered/tenant/pack": "tottori_city"}),
	"outsider asks, person on the agenda": _case({"/registered/participants/1/actor": "actor-other"}),
	"outsider asks, person not on the agenda": _case({
		"/registered/participants/1/actor": "actor-other",
		"/registered/agenda_items/0/persons": ["p-tanaka"],
	}),
	"meeting abolished": _case({"/registered/conferences/0/valid_to": 1776214800000}),
	"item closed": _case(_closed),
	"item not yet open": _case({"/registered/agenda_items/0/opens_at": 1776214800001}),
	"closed but asked for": _case(object.union(_closed, {"/registered/information_requests": [_request]})),
	"asked for fewer fields": _case(object.union(_closed, {"/registered/information_requests": [object.union(
		_request,
		{"fields": ["subject.name_original"]},
	)]})),
	"asked about somebody else": _case(object.union(_closed, {"/registered/information_requests": [object.union(
		_request,
		{"persons": ["p-tanaka"]},
	)]})),
	"asked by a member": _case(object.union(_closed, {"/registered/information_requests": [object.union(
		_request,
		{"asked_by": "aoba-shakyo"},
	)]})),
	"asked of somebody else": _case(object.union(_closed, {"/registered/information_requests": [object.union(
		_request,
		{"asked": "kodomo-tsukushi"},
	)]})),
	"request ended": _case(object.union(_closed, {"/registered/information_requests": [object.union(
		_request,
		{"valid_to": 1776214800000},
	)]})),
	"recipient not on the roster": _case({"/registered/participants/0/actor": "actor-other"}),
	"recipient agency alone": _case({"/request/recipient/actor": "", "/registered/recipient/actor": null}),
	"recipient invited later": _case({"/registered/participants/0/invited_from": 1776214800001}),
	"recipient on another item": _case({"/registered/participants/0/item": "item-2"}),
	"sender not on the roster": _case({"/registered/participants/1/actor": "actor-other"}),
	"sender has left": _case({"/registered/participants/1/invited_to": 1776214800000}),
	"recipient without undertaking": _case({"/registered/undertakings/0/actor": "actor-other"}),
	"proxy with the principal's undertaking": _case({
		"/registered/participants/0/proxy_of": "actor-principal",
		"/registered/undertakings/0/actor": "actor-principal",
	}),
	"undertaking ended": _case({"/registered/undertakings/0/valid_to": 1776214800000}),
	"undertaking of another meeting": _case({"/registered/undertakings/0/conference": "conf-other"}),
	"undertaking for every meeting": _case({"/registered/undertakings/0/conference": null}),
	"sender without undertaking": _case({"/registered/undertakings/1/actor": "actor-other"}),
	"person not on the agenda": _case({"/registered/agenda_items/0/persons": ["p-tanaka"]}),
	"third person in a field": _case({"/registered/subjects/1/relation": "third_party"}),
	"third person on the agenda": _case({
		"/registered/subjects/1/relation": "third_party",
		"/registered/agenda_items/0/persons": ["p-sato", "p-son"],
	}),
	"member without a profile": _case({"/registered/participants/0/profile": ""}),
	"watcher": _case({"/registered/participants/0/profile": "conf_watcher"}),
	"watcher told the address": _case({
		"/registered/participants/0/profile": "conf_watcher",
		"/request/fields/0/id": "subject.address_actual",
		"/request/fields/0/classes": ["CON"],
	}),
	"recipient refused": _case({"/registered/consents": [cast.consent({"recipients_refused": ["aoba-shakyo"]})]}),
	"recipient refused by both": _case({"/registered/consents": [
		cast.consent({"recipients_refused": ["aoba-shakyo"]}),
		cast.consent({"id": "consent-son", "person": "p-son", "recipients_refused": ["aoba-shakyo"]}),
	]}),
	"recipient refused, approved": _case({
		"/registered/consents": [cast.consent({"recipients_refused": ["aoba-shakyo"]})],
		"/registered/approvals": [cast.approval({
			"kind": "refused_recipient",
			"agency": "npo-hidamari",
			"recipient": "aoba-shakyo",
			"purpose": "conf",
		})],
	}),
	"person refuses consent": _case({"/registered/consents": [cast.consent({"withdrawn_at": 1})]}),
	"another purpose": _case({"/request/basis": "shien_kaigi_swa", "/request/purpose": "refer", "/request/profile": ""}),
	"disabled by the pack": _case({"/request/basis": "shien_kaigi_swa", "/registered/tenant/pack": "uwajima"}),
}

_basis := "shien_kaigi_swa"

test_participants_exchange_at_the_item if cast.permits(inputs["at the item"], _basis)

test_named_basis_carries if cast.permits(inputs.named, _basis)

test_request_under_paragraph_three_carries_outside_the_item if {
	cast.permits(inputs["closed but asked for"], _basis)
	facts := cast.facts(inputs["closed but asked for"])
	"information_request:request-1" in facts
}

test_undertaking_for_every_meeting_counts if cast.permits(inputs["undertaking for every meeting"], _basis)

test_anybody_on_the_agenda_is_covered if cast.permits(inputs["third person on the agenda"], _basis)

test_no_consent_is_needed if cast.permits(inputs["person refuses consent"], _basis)

test_secrecy_is_told if {
	notice := cast.duty(inputs["at the item"], "secrecy_notice")
	notice.params.article == "社会福祉法106条の6第6項"
}

test_view_ends_with_the_item if {
	view := cast.duty(inputs["at the item"], "view_only_until")
	view.due_at == 1776218400000
}

test_no_ground_without_an_item if cast.refuses(inputs["no item named"], "NO_BASIS")

test_no_ground_under_another_meetings_name if cast.refuses(inputs["another meeting named"], "NO_BASIS")

test_no_ground_when_item_unknown if cast.refuses(inputs["item unknown"], "NO_BASIS")

test_no_ground_when_meeting_unknown if cast.refuses(inputs["meeting unknown"], "NO_BASIS")

test_no_ground_when_item_has_another_basis if cast.refuses(inputs["item under another basis"], "NO_BASIS")

test_no_ground_when_meeting_has_another_basis if cast.refuses(inputs["meeting under another basis"], "NO_BASIS")

test_no_ground_at_an_anonymous_item if cast.refuses(inputs["anonymous item"], "NO_BASIS")

test_no_ground_without_a_founding_rule if cast.refuses(inputs["no founding rule"], "NO_BASIS")

test_no_ground_when_not_organised_by_a_municipality if cast.refuses(inputs["organised by a council"], "NO_BASIS")

test_no_ground_when_organised_by_another_municipality if {
	cast.refuses(inputs["organised by another municipality"], "NO_BASIS")
}

test_what_is_known_of_one_municipality_is_not_known_of_the_sender if {
	cast.refuses(inputs["organised by the sending municipality"], "NO_BASIS")
}

test_what_is_known_of_one_municipality_is_not_known_of_the_recipient if {
	cast.refuses(inputs["organised by the receiving municipality"], "NO_BASIS")
}

test_no_ground_where_the_programme_is_not_known_to_run if {
	cast.denies(inputs["programme not known to run"], "NO_BASIS")
}

test_no_ground_before_the_programme_begins if {
	decision := data.disclosure.main.decision with input as inputs["at the item"]
		with data.packs.default.municipality.runs_juso_from_at as 1776214800001
	decision.outcome == "deny"
}

test_local_body_that_the_pack_maps_is_this_meeting if {
	decision := _with_body({})
	decision.outcome == "permit"
}

test_local_body_of_a_trial_has_no_basis if _refused_with_body({"trial": true})

test_local_body_whose_rule_nobody_has_seen_has_no_basis if _refused_with_body({"rule_seen": false})

test_local_body_without_a_day_has_no_basis if _refused_with_body({"from_at": null})

test_local_body_that_has_ended_has_no_basis if _refused_with_body({"to_at": 1776214800000})

test_local_body_of_another_basis_has_no_basis if _refused_with_body({"basis": "kodoku_council"})

test_platform_has_no_basis if _refused_with_body({"basis": null})

test_body_that_the_pack_does_not_name_has_no_basis if _refused_with_body({"name_ja": "官民連携プラットフォーム"})

_refused_with_body(changes) if {
	decision := _with_body(changes)
	decision.outcome == "deny"
	"NO_BASIS" in {r.code | some r in decision.reasons}
}

_with_body(changes) := decision if {
	decision := data.disclosure.main.decision with input as inputs["at the item"]
		with data.packs.default.local_bodies as [object.union(_body, changes)]
}

_body := {
	"name_ja": "あおば市支援会議",
	"basis": "shien_kaigi_swa",
	"rule_seen": true,
	"trial": false,
	"from_at": 1743433200000,
	"to_at": null,
}

test_outsider_hears_the_same_whoever_is_on_the_agenda if {
	_outsider["person on the agenda"] == _outsider["person not on the agenda"]
	"NOT_MEMBER_TODAY" in _outsider["person on the agenda"]
	not "SUBJECT_NOT_ON_AGENDA" in _outsider["person not on the agenda"]
}

_outsider[name] := codes if {
	some name in {"person on the agenda", "person not on the agenda"}
	decision := data.disclosure.main.decision with input as inputs[sprintf("outsider asks, %s", [name])]
	codes := {r.code | some r in decision.reasons} | {c | some w in decision.fields_withheld; some c in w.codes}
}

test_article_of_the_undertaking_is_the_secrecy_of_the_meeting if {
	decision := data.disclosure.main.decision with input as inputs["recipient without undertaking"]
	some reason in decision.reasons
	reason.code == "NO_UNDERTAKING"
	reason.article == "社会福祉法106条の6第6項"
}

test_no_ground_when_meeting_abolished if cast.denies(inputs["meeting abolished"], "BASIS_EXPIRED")

test_no_ground_when_item_closed if cast.denies(inputs["item closed"], "BASIS_EXPIRED")

test_no_ground_before_item_opens if cast.denies(inputs["item not yet open"], "BASIS_EXPIRED")

test_only_what_was_asked_for if {
	cast.withholds(inputs["asked for fewer fields"], "assessment.arrears_kinds", "THIRD_PERSON_INCLUDED")
}

test_no_ground_when_somebody_else_was_asked_about if cast.denies(inputs["asked about somebody else"], "BASIS_EXPIRED")

test_no_ground_when_a_member_asked if cast.denies(inputs["asked by a member"], "BASIS_EXPIRED")

test_no_ground_when_another_agency_was_asked if cast.denies(inputs["asked of somebody else"], "BASIS_EXPIRED")

test_no_ground_when_the_request_ended if cast.denies(inputs["request ended"], "BASIS_EXPIRED")

test_no_ground_when_recipient_not_on_roster if cast.denies(inputs["recipient not on the roster"], "NOT_MEMBER_TODAY")

test_no_ground_for_an_agency_as_a_whole if cast.denies(inputs["recipient agency alone"], "NOT_MEMBER_TODAY")

test_no_ground_before_the_invitation if cast.denies(inputs["recipient invited later"], "NOT_MEMBER_TODAY")

test_roster_is_per_item if cast.denies(inputs["recipient on another item"], "NOT_MEMBER_TODAY")

test_no_ground_when_sender_not_on_roster if cast.denies(inputs["sender not on the roster"], "NOT_MEMBER_TODAY")

test_no_ground_when_sender_has_left if cast.denies(inputs["sender has left"], "NOT_MEMBER_TODAY")

test_no_ground_without_undertaking if cast.denies(inputs["recipient without undertaking"], "NO_UNDERTAKING")

test_proxy_needs_an_own_undertaking if {
	cast.denies(inputs["proxy with the principal's undertaking"], "NO_UNDERTAKING")
}

test_no_ground_when_undertaking_ended if cast.denies(inputs["undertaking ended"], "NO_UNDERTAKING")

test_undertaking_of_another_meeting_does_not_count if {
	cast.denies(inputs["undertaking of another meeting"], "NO_UNDERTAKING")
}

test_sender_is_bound_too if cast.denies(inputs["sender without undertaking"], "NO_UNDERTAKING")

test_no_ground_when_person_not_on_agenda if cast.denies(inputs["person not on the agenda"], "SUBJECT_NOT_ON_AGENDA")

test_third_person_is_withheld if {
	cast.withholds(inputs["third person in a field"], "assessment.arrears_kinds", "THIRD_PERSON_INCLUDED")
}

test_member_without_a_profile_is_limited_by_the_purpose if {
	cast.permits(inputs["member without a profile"], _basis)
}

test_watcher_does_not_see_everything if cast.denies(inputs.watcher, "FIELD_NOT_NEEDED")

test_watcher_sees_what_the_profile_holds if {
	cast.withholds(inputs["watcher told the address"], "assessment.arrears_kinds", "THIRD_PERSON_INCLUDED")
}

test_refused_recipient_is_an_approvers_decision if {
	cast.withholds(inputs["recipient refused"], "subject.name_original", "RECIPIENT_REFUSED_BY_SUBJECT")
	cast.holds(inputs["recipient refused by both"], "RECIPIENT_REFUSED_BY_SUBJECT", ["approver"])
}

test_refused_recipient_passes_once_approved if {
	"subject.name_original" in cast.permitted(inputs["recipient refused, approved"])
}

test_no_ground_for_another_purpose if cast.denies(inputs["another purpose"], "PURPOSE_FORBIDDEN")

test_no_ground_when_the_pack_has_not_enabled_it if cast.denies(inputs["disabled by the pack"], "BASIS_DISABLED")
