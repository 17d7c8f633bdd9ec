package lib.facts_test

import rego.v1

import data.checks.cast
import data.lib.facts

_case(changes) := cast.changed("consent_private", changes)

inputs := {
	"statements absent": cast.without("consent_private", "/asserted"),
	"statement without a value": _case({"/asserted": [object.remove(cast.told("opt_out", true), ["value"])]}),
	"statement without a name": _case({"/asserted": [object.remove(cast.told("opt_out", true), ["fact"])]}),
	"statement of no": _case({"/asserted": [cast.told("opt_out", false)]}),
	"reporter called ordinary": _case({
		"/request/profile": "",
		"/request/fields/1/id": "awareness_report.reporter_ref",
		"/request/fields/1/classes": ["SYS"],
	}),
	"text called ordinary": _case({
		"/request/fields/1/id": "referral.heard_summary",
		"/request/fields/1/classes": ["SYS"],
	}),
	"address called ordinary": cast.changed("stop_protected_address", {
		"/request/fields/1/id": "subject.contact_ok",
		"/request/fields/1/classes": ["SYS"],
	}),
	"class by value": _case({
		"/request/fields/1/id": "consultation_intake.trouble_codes",
		"/request/fields/1/classes": ["HEA"],
	}),
	"class by value not said": _case({
		"/request/fields/1/id": "consultation_intake.trouble_codes",
		"/request/fields/1/classes": ["SYS"],
	}),
	"address of an unprotected person": cast.changed("public_special_reason", {
		"/request/basis": "consent_public",
		"/registered/consents": [cast.consent({
			"purposes": ["serve"],
			"recipient_classes": ["npo"],
			"taken_by": "aoba-city",
		})],
	}),
	"asserted twice": _case({"/asserted": [cast.told("subject_age", 30), cast.told("subject_age", 10)]}),
}

test_reporter_is_not_called_ordinary if {
	cast.withholds(inputs["reporter called ordinary"], "awareness_report.reporter_ref", "REPORTER_EXPOSED")
}

test_text_is_not_called_ordinary if {
	cast.withholds(inputs["text called ordinary"], "referral.heard_summary", "FREE_TEXT_IDENTIFIER")
}

test_whereabouts_are_not_called_ordinary if {
	cast.withholds(inputs["address called ordinary"], "subject.contact_ok", "PROTECTED_ADDRESS")
}

test_class_by_value_is_the_senders_word if cast.permits(inputs["class by value"], "consent_private")

test_class_by_value_not_said_is_the_whole_set if {
	cast.withholds(inputs["class by value not said"], "consultation_intake.trouble_codes", "CONSENT_MISSING")
}

test_address_is_contact_data_where_nobody_is_hidden_from if {
	cast.permits(inputs["address of an unprotected person"], "consent_public")
}

test_the_worst_of_two_assertions_counts if cast.denies(inputs["asserted twice"], "CONSENTER_NO_AUTHORITY")

test_statement_that_names_nobody_is_about_the_main_subject if {
	"hikikomori" in facts.groups("s-sato") with input as _grouped
	not "hikikomori" in facts.groups("s-son") with input as _grouped
}

test_statement_about_another_is_about_that_subject_alone if {
	facts.groups("s-son") == {"youth"} with input as _grouped
}

test_statements_that_cannot_be_read_refuse if {
	every name in {"statements absent", "statement without a value", "statement without a name"} {
		cast.denies(inputs[name], "NO_BASIS")
	}
}

test_statement_of_no_is_read if cast.permits(inputs["statement of no"], "consent_private")

test_whoever_says_nothing_belongs_to_no_group if {
	facts.groups("s-sato") == set() with input as cast.known("consent_private")
}

_grouped := _case({
	"/registered/subjects": data.checks.cast.household,
	"/asserted": [
		cast.told("subject_group", "hikikomori"),
		cast.told_about("s-son", "subject_group", "youth"),
	],
})
