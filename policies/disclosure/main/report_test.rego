package disclosure.main_test

import rego.v1

import data.checks.cast

# What holds for every report, whichever article asks for it: the row of one basis says so here.
_reported := "vital_interest_private"

_row := object.union(data.basis[_reported], {"report": true})

_report(changes) := decision if {
	decision := data.disclosure.main.decision with input as cast.changed(_reported, changes)
		with data.basis.vital_interest_private as _row
}

_suspected := {"/asserted/-": cast.told("inappropriate_purpose_suspected", true)}

test_report_of_a_sender_out_of_office_is_taken_and_set_apart if {
	decision := _report({"/registered/sender/actor/term_to": 1776214800000})
	decision.outcome == "permit"
	"quarantine_review" in {o.code | some o in decision.obligations}
}

test_same_words_that_are_no_report_are_refused if {
	cast.refuses(cast.changed(_reported, {"/registered/sender/actor/term_to": 1776214800000}), "NOT_MEMBER_TODAY")
}

test_report_of_a_sender_in_office_is_not_set_apart if {
	decision := _report({})
	decision.outcome == "permit"
	not "quarantine_review" in {o.code | some o in decision.obligations}
}

test_report_that_a_stop_would_refuse_as_a_whole_loses_whereabouts_only if {
	decision := _report(_suspected)
	decision.outcome == "permit"
	"quarantine_review" in {o.code | some o in decision.obligations}
	every w in decision.fields_withheld {
		"IMPROPER_USE" in w.codes
	}
	"subject.address_actual" in {w.field | some w in decision.fields_withheld}
}

test_report_to_an_agency_that_left_is_refused if {
	decision := _report({"/registered/recipient/agency/status": "left"})
	decision.outcome == "deny"
}

test_report_with_unread_words_arrives if {
	decision := _report({"/request/fields/0/classes": ["NAR"], "/request/fields/0/share_ready_by": ""})
	decision.outcome == "permit"
	decision.fields_withheld == []
}

# A unit in which a consent carries more than the report does.
_beside := {
	"/request/purpose": "find",
	"/request/profile": "need_report",
	"/request/fields/-": object.union(
		cast.known("inbound_notice").request.fields[0],
		{"id": "outreach_visit.words", "classes": ["NAR"], "origin": "meeting"},
	),
	"/registered/consents": [cast.consent({
		"taken_by": "aoba-supporters",
		"recipient_classes": ["municipality"],
		"purposes": ["find"],
		"item_classes": ["SYS", "IDN", "CON", "HEA", "ABU", "NAR"],
	})],
}

_mixed := cast.changed("inbound_notice", object.union(_beside, {
	"/request/sender/capacity/kind": "own_business",
	"/registered/sender/actor/roles": ["npo_worker"],
	"/registered/sender/agency/kind": "npo",
	"/request/fields/0/origin": "door",
	"/request/fields/1/origin": "door",
	"/request/fields/2/origin": "own",
	"/request/fields/3/origin": "own",
}))

_more(changes) := decision if {
	given := json.patch(_mixed, [
	{"op": "add", "path": path, "value": value} |
		some path, value in changes
	])
	decision := data.disclosure.main.decision with input as given
}

test_consent_adds_what_the_report_does_not_carry if {
	decision := _more({"/request/fields/3/share_ready_by": "actor-supporter"})
	decision.fields_withheld == []
}

test_words_beside_the_report_are_read_first if {
	decision := _more({})
	[["FREE_TEXT_IDENTIFIER"], "outreach_visit.words"] == [[w.codes, w.field] | some w in decision.fields_withheld][0]
}

test_what_stands_beside_a_report_needs_a_sender_in_office if {
	decision := _more({
		"/request/fields/3/share_ready_by": "actor-supporter",
		"/registered/sender/actor/term_to": 1776214800000,
	})
	decision.outcome == "permit"
	{"awareness_report.signs", "outreach_visit.words"} == {w.field |
		some w in decision.fields_withheld
		"NOT_MEMBER_TODAY" in w.codes
	}
}
