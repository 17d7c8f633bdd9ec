package disclosure.basis.yotaikyo_test

import rego.v1

import data.checks.cast

_basis := "yotaikyo"

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
	"no statutory word": _case({"/asserted": []}),
	"another statutory word": _case({"/asserted": [cast.told("subject_group", "hihogosha")]}),
	"word about somebody else": _case({"/asserted": [cast.told_about("s-other", "subject_group", "yohogo_jido")]}),
	"recipient refused": _case({"/registered/consents": [cast.consent({"person": "p-tanaka", "recipients_refused": ["aoba-school"]})]}),
	"not announced": _case({"/registered/council_notices": []}),
	"announced later": _case({"/registered/council_notices/0/announced_at": 1776214800001}),
	"notice ended": _case({"/registered/council_notices/0/valid_to": 1776214800000}),
	"notice to take effect": _case({"/registered/council_notices/0/valid_from": 1776214800001}),
	"notice of another meeting": _case({"/registered/council_notices/0/conference": "conf-other"}),
	"notice of another basis": _case({"/registered/council_notices/0/basis": "housing_council"}),
	"notice of somebody else": _case({"/registered/council_notices/0/publisher": "npo-hidamari"}),
	"recipient not announced": _case({"/registered/council_notices/0/members": ["npo-hidamari"]}),
	"sender not announced": _case({"/registered/council_notices/0/members": [cast.known(_basis).request.recipient.agency]}),
	"no coordinator": _case({"/registered/council_notices/0/coordinator": ""}),
	"case not registered": _case({"/registered/list_entries": []}),
	"case on another list": _case({"/registered/list_entries/0/list": "victim_ledger"}),
	"case on the list of somebody else": _case({"/registered/list_entries/0/held_by": "npo-hidamari"}),
	"case closed": _case({"/registered/list_entries/0/valid_to": 1776214800000}),
	"another case registered": _case({"/registered/list_entries/0/person": "p-other"}),
}

test_participants_exchange_at_the_item if cast.permits(inputs["at the item"], _basis)

test_named_basis_carries if cast.permits(inputs.named, _basis)

test_secrecy_and_its_penalty_are_told if {
	notice := cast.duty(inputs["at the item"], "secrecy_notice")
	notice.params == {
		"article": "児童福祉法25条の5",
		"penalty": "1年以下の拘禁刑又は50万円以下の罰金(同法61条の3)",
	}
}

test_article_of_a_missing_undertaking_is_the_secrecy_of_this_law if {
	decision := data.disclosure.main.decision with input as inputs["recipient without undertaking"]
	"児童福祉法25条の5" in {r.article | some r in decision.reasons; r.code == "NO_UNDERTAKING"}
}

test_no_ground_without_an_item if cast.refuses(inputs["no item named"], "NO_BASIS")

test_basis_is_the_items_own if cast.refuses(inputs["item under another basis"], "NO_BASIS")

test_no_ground_when_the_meeting_has_another_basis if cast.refuses(inputs["meeting under another basis"], "NO_BASIS")

test_no_ground_at_an_anonymous_item if cast.refuses(inputs["anonymous item"], "NO_BASIS")

test_no_ground_without_a_founding_rule if cast.refuses(inputs["no founding rule"], "NO_BASIS")

test_no_ground_when_the_law_names_no_such_organiser if cast.refuses(inputs["organised by a council"], "NO_BASIS")

test_no_ground_when_the_meeting_was_abolished if cast.denies(inputs["meeting abolished"], "BASIS_EXPIRED")

test_no_ground_before_the_meeting_exists if cast.denies(inputs["meeting to be founded"], "BASIS_EXPIRED")

test_no_ground_when_the_item_is_closed if cast.denies(inputs["item closed"], "BASIS_EXPIRED")

test_no_ground_before_the_item_opens if cast.denies(inputs["item to open"], "BASIS_EXPIRED")

test_no_ground_when_the_recipient_has_no_seat if cast.denies(inputs["recipient not on the roster"], "NOT_MEMBER_TODAY")

test_no_ground_before_the_invitation if cast.denies(inputs["recipient invited later"], "NOT_MEMBER_TODAY")

test_no_ground_when_the_sender_has_no_seat if cast.denies(inputs["sender not on the roster"], "NOT_MEMBER_TODAY")

test_no_ground_without_undertaking if cast.denies(inputs["recipient without undertaking"], "NO_UNDERTAKING")

test_proxy_needs_an_own_undertaking if cast.denies(inputs["proxy with the principal's undertaking"], "NO_UNDERTAKING")

test_sender_is_bound_too if cast.denies(inputs["sender's undertaking ended"], "NO_UNDERTAKING")

test_no_ground_when_the_person_is_not_on_the_agenda if {
	cast.denies(inputs["person not on the agenda"], "SUBJECT_NOT_ON_AGENDA")
}

test_no_ground_for_another_purpose if cast.denies(inputs["another purpose"], "PURPOSE_FORBIDDEN")

test_no_ground_when_the_pack_has_not_enabled_it if cast.denies(inputs["disabled by the pack"], "BASIS_DISABLED")

test_no_ground_when_nothing_says_the_law_is_about_the_person if {
	cast.denies(inputs["no statutory word"], "SUBJECT_NOT_IN_SCOPE")
}

test_another_laws_word_does_not_count if cast.denies(inputs["another statutory word"], "SUBJECT_NOT_IN_SCOPE")

test_word_about_somebody_else_does_not_count if {
	cast.denies(inputs["word about somebody else"], "SUBJECT_NOT_IN_SCOPE")
}

test_refused_recipient_is_an_approvers_decision if {
	decision := data.disclosure.main.decision with input as inputs["recipient refused"]
	"RECIPIENT_REFUSED_BY_SUBJECT" in {c | some w in decision.fields_withheld; some c in w.codes}
}

test_no_ground_without_a_public_notice if cast.denies(inputs["not announced"], "NOT_ANNOUNCED")

test_no_ground_before_the_public_notice if cast.denies(inputs["announced later"], "NOT_ANNOUNCED")

test_no_ground_when_the_notice_has_ended if cast.denies(inputs["notice ended"], "NOT_ANNOUNCED")

test_no_ground_before_the_notice_takes_effect if cast.denies(inputs["notice to take effect"], "NOT_ANNOUNCED")

test_notice_of_another_meeting_does_not_count if cast.denies(inputs["notice of another meeting"], "NOT_ANNOUNCED")

test_notice_of_another_basis_does_not_count if cast.denies(inputs["notice of another basis"], "NOT_ANNOUNCED")

test_notice_is_the_organisers if cast.denies(inputs["notice of somebody else"], "NOT_ANNOUNCED")

test_recipient_must_be_an_announced_member if cast.denies(inputs["recipient not announced"], "NOT_MEMBER_TODAY")

test_sender_must_be_an_announced_member if cast.denies(inputs["sender not announced"], "NOT_MEMBER_TODAY")

test_notice_is_relied_on if "council_notice:notice-1" in cast.facts(inputs["at the item"])

test_no_ground_without_a_coordinating_body if cast.denies(inputs["no coordinator"], "NOT_ANNOUNCED")

test_no_ground_when_the_case_is_not_registered if {
	cast.denies(inputs["case not registered"], "SUBJECT_NOT_IN_SCOPE")
	cast.denies(inputs["case on another list"], "SUBJECT_NOT_IN_SCOPE")
	cast.denies(inputs["another case registered"], "SUBJECT_NOT_IN_SCOPE")
}

test_ledger_is_the_councils_own if cast.denies(inputs["case on the list of somebody else"], "SUBJECT_NOT_IN_SCOPE")

test_no_ground_when_the_case_is_closed if cast.denies(inputs["case closed"], "SUBJECT_NOT_IN_SCOPE")
