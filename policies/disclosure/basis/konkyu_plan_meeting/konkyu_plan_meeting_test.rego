package disclosure.basis.konkyu_plan_meeting_test

import rego.v1

import data.checks.cast

_basis := "konkyu_plan_meeting"

_case(changes) := cast.changed(_basis, changes)

inputs := {
	"at the item": cast.known(_basis),
	"named": _case({"/request/basis": _basis}),
	"no item named": _case({"/request/basis": _basis, "/request/refs/agenda_item": ""}),
	"item under another basis": _case({"/request/basis": _basis, "/registered/agenda_items/0/basis": "housing_council"}),
	"meeting under another basis": _case({"/registered/conferences/0/basis": "housing_council"}),
	"anonymous item": _case({"/registered/agenda_items/0/nature": "anonymous"}),
	"no founding rule": _case({"/registered/conferences/0/founding_rule": ""}),
	"organised by a council": _case({"/registered/conferences/0/organiser": "npo-hidamari"}),
	"meeting abolished": _case({"/registered/conferences/0/valid_to": 1776214800000}),
	"meeting to be founded": _case({"/registered/conferences/0/valid_from": 1776214800001}),
	"item closed": _case({"/registered/agenda_items/0/closes_at": 1776214800000, "/registered/information_requests": []}),
	"item to open": _case({"/registered/agenda_items/0/opens_at": 1776214800001, "/registered/information_requests": []}),
	"recipient not on the roster": _case({"/registered/participants/0/actor": "actor-other"}),
	"recipient invited later": _case({"/registered/participants/0/invited_from": 1776214800001}),
	"sender not on the roster": _case({"/registered/participants/1/actor": "actor-other"}),
	"recipient without undertaking": _case({"/registered/undertakings/0/actor": "actor-other"}),
	"proxy with the principal's undertaking": _case({
		"/registered/participants/0/proxy_of": "actor-principal",
		"/registered/undertakings/0/actor": "actor-principal",
	}),
	"sender's undertaking ended": _case({"/registered/undertakings/1/valid_to": 1776214800000}),
	"person not on the agenda": _case({"/registered/agenda_items/0/persons": ["p-other"]}),
	"another purpose": _case({"/request/basis": _basis, "/request/purpose": "missing", "/request/profile": ""}),
	"disabled by the pack": _case({"/request/basis": _basis, "/registered/tenant/pack": "uwajima"}),
	"no consent": _case({"/registered/consents": []}),
	"consent withdrawn": _case({"/registered/consents/0/withdrawn_at": 1776214800000}),
	"consent of somebody else": _case({"/registered/consents/0/person": "p-son"}),
	"consent to another agency": _case({"/registered/consents/0/recipient_classes": ["npo"]}),
	"consent ended": _case({"/registered/consents/0/valid_to": 1776214800000}),
	"one field refused": _case({"/registered/consents/0/items_refused": ["support_plan.lead_body"]}),
	"told under secrecy before": _case({
		"/request/fields/0/origin": "meeting",
		"/request/fields/0/told_under": "shien_kaigi_swa",
	}),
	"told under secrecy, then put on the consent": _case({
		"/request/fields/0/origin": "meeting",
		"/request/fields/0/told_under": "shien_kaigi_swa",
		"/registered/rebasings": [{
			"id": "rebasing-1",
			"person": "p-sato",
			"agency": "npo-hidamari",
			"from_basis": "shien_kaigi_swa",
			"consent": cast.known(_basis).registered.consents[0].id,
			"fields": ["support_plan.plan_id"],
			"rebased_at": 1776128400000,
		}],
	}),
}

test_participants_exchange_at_the_item if cast.permits(inputs["at the item"], _basis)

test_named_basis_carries if cast.permits(inputs.named, _basis)

test_no_ground_without_an_item if _no_ground(inputs["no item named"], "NO_BASIS")

test_basis_is_the_items_own if _no_ground(inputs["item under another basis"], "NO_BASIS")

test_no_ground_when_the_meeting_has_another_basis if _no_ground(inputs["meeting under another basis"], "NO_BASIS")

test_no_ground_at_an_anonymous_item if _no_ground(inputs["anonymous item"], "NO_BASIS")

test_no_ground_without_a_founding_rule if _no_ground(inputs["no founding rule"], "NO_BASIS")

test_no_ground_when_the_law_names_no_such_organiser if _no_ground(inputs["organised by a council"], "NO_BASIS")

test_no_ground_when_the_meeting_was_abolished if _no_ground(inputs["meeting abolished"], "BASIS_EXPIRED")

test_no_ground_before_the_meeting_exists if _no_ground(inputs["meeting to be founded"], "BASIS_EXPIRED")

test_no_ground_when_the_item_is_closed if _no_ground(inputs["item closed"], "BASIS_EXPIRED")

test_no_ground_before_the_item_opens if _no_ground(inputs["item to open"], "BASIS_EXPIRED")

test_no_ground_when_the_recipient_has_no_seat if _no_ground(inputs["recipient not on the roster"], "NOT_MEMBER_TODAY")

test_no_ground_before_the_invitation if _no_ground(inputs["recipient invited later"], "NOT_MEMBER_TODAY")

test_no_ground_when_the_sender_has_no_seat if _no_ground(inputs["sender not on the roster"], "NOT_MEMBER_TODAY")

test_no_ground_without_undertaking if _no_ground(inputs["recipient without undertaking"], "NO_UNDERTAKING")

test_proxy_needs_an_own_undertaking if _no_ground(inputs["proxy with the principal's undertaking"], "NO_UNDERTAKING")

test_sender_is_bound_too if _no_ground(inputs["sender's undertaking ended"], "NO_UNDERTAKING")

test_no_ground_when_the_person_is_not_on_the_agenda if {
	_no_ground(inputs["person not on the agenda"], "SUBJECT_NOT_ON_AGENDA")
}

test_no_ground_for_another_purpose if cast.denies(inputs["another purpose"], "PURPOSE_FORBIDDEN")

test_no_ground_when_the_pack_has_not_enabled_it if cast.denies(inputs["disabled by the pack"], "BASIS_DISABLED")

# By consent alone another basis may still carry it; the meeting does not.
_no_ground(given, code) if {
	data.disclosure.basis.konkyu_plan_meeting.hits == set() with input as given
	code in {a.code | some a in data.disclosure.basis.konkyu_plan_meeting.reasons} with input as given
}

test_no_ground_without_consent if cast.denies(inputs["no consent"], "CONSENT_MISSING")

test_no_ground_when_consent_was_withdrawn if cast.denies(inputs["consent withdrawn"], "CONSENT_WITHDRAWN")

test_no_ground_by_consent_of_somebody_else if cast.denies(inputs["consent of somebody else"], "CONSENT_MISSING")

test_no_ground_for_an_agency_not_agreed_to if cast.denies(inputs["consent to another agency"], "CONSENT_MISSING")

test_no_ground_when_consent_has_ended if cast.denies(inputs["consent ended"], "BASIS_EXPIRED")

test_refused_field_is_withheld if cast.withholds(inputs["one field refused"], "support_plan.lead_body", "CONSENT_MISSING")

test_consent_and_seat_are_both_relied_on if {
	facts := cast.facts(inputs["at the item"])
	"consent:consent-sato" in facts
	"agenda_item:item-1" in facts
}

test_what_was_told_under_secrecy_is_no_plan_material if {
	cast.withholds(inputs["told under secrecy before"], "support_plan.plan_id", "BASIS_NOT_FOR_SENDER")
}

test_what_was_put_on_the_consent_is_plan_material if {
	cast.permits(inputs["told under secrecy, then put on the consent"], _basis)
}

test_no_statute_no_penalty_is_told if not cast.duty(inputs["at the item"], "secrecy_notice")
