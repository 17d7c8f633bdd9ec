package lib.minimise_test

import rego.v1

import data.checks.cast

_case(changes) := cast.changed("consent_private", object.union(
	{"/registered/consents/0/item_classes": [
		"IDN",
		"CON",
		"NAR",
	]},
	changes,
))

_told := {
	"/request/fields/1/id": "referral.heard_summary",
	"/request/fields/1/classes": ["NAR"],
}

inputs := {
	"field set named": cast.known("consent_private"),
	"no field set named": _case({"/request/profile": ""}),
	"field outside the set": _case({"/request/fields/1/id": "assessment.health_state"}),
	"field outside every set": _case({"/request/profile": "", "/request/fields/1/id": "assessment.health_state"}),
	"set of another purpose": _case({"/request/profile": "food_delivery"}),
	"set unknown": _case({"/request/profile": "everything"}),
	"unread": _case(_told),
	"read": _case(object.union(_told, {"/request/fields/1/share_ready_by": "actor-hidamari"})),
	"approved unread": _case(object.union(_told, {"/registered/approvals": [cast.approval({
		"kind": "unread_narrative",
		"agency": "npo-hidamari",
		"recipient": "aoba-shakyo",
		"purpose": "refer",
	})]})),
	"lifted": _case(object.union(_told, {"/registered/verdicts": [cast.verdict({"lifts": ["FREE_TEXT_IDENTIFIER"]})]})),
	"lifted for another field": _case(object.union(_told, {"/registered/verdicts": [cast.verdict({
		"lifts": ["FREE_TEXT_IDENTIFIER"],
		"fields": ["subject.phones"],
	})]})),
	"lift ended": _case(object.union(_told, {"/registered/verdicts": [cast.verdict({
		"lifts": ["FREE_TEXT_IDENTIFIER"],
		"expires_at": 1776214800000,
	})]})),
	"lifted for another purpose": _case(object.union(_told, {"/registered/verdicts": [cast.verdict({
		"lifts": ["FREE_TEXT_IDENTIFIER"],
		"purpose": "serve",
	})]})),
	"lifted for somebody else": _case(object.union(_told, {"/registered/verdicts": [cast.verdict({
		"lifts": ["FREE_TEXT_IDENTIFIER"],
		"person": "p-tanaka",
	})]})),
	"necessity cannot be lifted": _case({
		"/request/fields/1/id": "assessment.health_state",
		"/registered/verdicts": [cast.verdict({"lifts": ["FIELD_NOT_NEEDED"]})],
	}),
	"nothing but unread text": _case({"/request/fields": [object.union(
		cast.known("consent_private").request.fields[0],
		{"id": "referral.heard_summary", "classes": ["NAR"]},
	)]}),
	"welfare receipt for watching": cast.changed("minsei_iin", {
		"/request/fields/1/id": "assessment.welfare_receipt",
		"/request/fields/1/classes": ["IDN"],
	}),
}

_unneeded(name, field) if cast.withholds(inputs[name], field, "FIELD_NOT_NEEDED")

_unread(name) if cast.withholds(inputs[name], "referral.heard_summary", "FREE_TEXT_IDENTIFIER")

test_fields_of_the_set_pass if cast.permits(inputs["field set named"], "consent_private")

test_fields_of_the_purpose_pass if cast.permits(inputs["no field set named"], "consent_private")

test_field_outside_the_set_is_withheld if _unneeded("field outside the set", "assessment.health_state")

test_field_outside_every_set_is_withheld if _unneeded("field outside every set", "assessment.health_state")

test_set_of_another_purpose_carries_nothing if cast.denies(inputs["set of another purpose"], "FIELD_NOT_NEEDED")

test_unknown_set_carries_nothing if cast.denies(inputs["set unknown"], "FIELD_NOT_NEEDED")

test_welfare_receipt_is_never_for_watching if {
	_unneeded("welfare receipt for watching", "assessment.welfare_receipt")
}

test_read_text_passes if cast.permits(inputs.read, "consent_private")

test_unread_text_is_withheld if _unread("unread")

test_approved_text_passes if cast.permits(inputs["approved unread"], "consent_private")

test_lifted_text_passes if cast.permits(inputs.lifted, "consent_private")

test_lift_is_for_its_fields if _unread("lifted for another field")

test_lift_ends if _unread("lift ended")

test_lift_is_for_its_purpose if _unread("lifted for another purpose")

test_lift_is_for_its_person if _unread("lifted for somebody else")

test_necessity_cannot_be_lifted if _unneeded("necessity cannot be lifted", "assessment.health_state")

test_nothing_but_unread_text_is_held if {
	cast.holds(inputs["nothing but unread text"], "FREE_TEXT_IDENTIFIER", ["officer"])
}
