package disclosure.basis.joint_use_test

import rego.v1

import data.checks.cast

_basis := "joint_use"

_case(changes) := cast.changed(_basis, changes)

_notice := cast.known(_basis).registered.joint_use_notices[0]

_published_by(publisher, members) := {
	"/registered/joint_use_notices/0/publisher": publisher,
	"/registered/joint_use_notices/0/members": members,
	"/registered/joint_use_notices/0/responsible": publisher,
}

inputs := {
	"told beforehand": cast.known(_basis),
	"by the responsible": _case(object.union(_published_by("tsukushi", ["npo-hidamari", "aoba-shakyo"]), {"/registered/joint_use_notices/0/responsible": "npo-hidamari"})),
	"by the recipient": _case(_published_by("aoba-shakyo", ["npo-hidamari", "tsukushi"])),
	"by a third member": _case(_published_by("tsukushi", ["npo-hidamari", "aoba-shakyo"])),
	"responsible for another": _case({"/registered/joint_use_notices": [
		object.union(_notice, {"publisher": "aoba-shakyo", "members": ["npo-hidamari"], "responsible": "aoba-shakyo"}),
		object.union(_notice, {"id": "joint-other", "members": ["tsukushi"]}),
	]}),
	"no notice": _case({"/registered/joint_use_notices": []}),
	"sender out of range": _case(_published_by("aoba-shakyo", ["tsukushi"])),
	"recipient out of range": _case({"/registered/joint_use_notices/0/members": ["tsukushi"]}),
	"another purpose": _case({"/registered/joint_use_notices/0/purposes": ["watch"]}),
	"one item untold": _case({"/registered/joint_use_notices/0/told_items": ["fact", "items", "range", "purpose"]}),
	"nobody responsible": _case({"/registered/joint_use_notices/0/responsible": ""}),
	"published later": _case({"/registered/joint_use_notices/0/published_at": 1776214800001}),
	"to begin": _case({"/registered/joint_use_notices/0/valid_from": 1776214800001}),
	"ended": _case({"/registered/joint_use_notices/0/valid_to": 1776214800000}),
	"health not among the items": _case({"/registered/joint_use_notices/0/item_classes": ["SYS", "IDN", "CON", "PAD"]}),
	"another record": _case({"/registered/joint_use_notices/0/records": ["subject"]}),
	"stranger in a field": _case({"/registered/subjects": [{"id": "s-sato", "person": "p-sato", "relation": "main"}, {"id": "s-son", "person": "p-son", "relation": "third_party"}], "/request/fields/1/about": ["s-sato", "s-son"]}),
	"recipient refused": _case({"/registered/consents": [cast.consent({"recipients_refused": [cast.known(_basis).request.recipient.agency]})]}),
	"by a city": cast.known("joint_use_city"),
}

test_range_receives if cast.permits(inputs["told beforehand"], _basis)

test_responsible_provider_has_told if cast.permits(inputs["by the responsible"], _basis)

test_what_others_have_told_does_not_count if {
	cast.denies(inputs["by the recipient"], "NOT_TOLD_BEFOREHAND")
	cast.denies(inputs["by a third member"], "NOT_TOLD_BEFOREHAND")
	cast.denies(inputs["responsible for another"], "NOT_TOLD_BEFOREHAND")
}

test_no_ground_without_a_notice if cast.denies(inputs["no notice"], "NO_BASIS")

test_no_ground_out_of_range if {
	cast.denies(inputs["sender out of range"], "NO_BASIS")
	cast.denies(inputs["recipient out of range"], "NO_BASIS")
}

test_no_ground_for_another_purpose if cast.denies(inputs["another purpose"], "PURPOSE_FORBIDDEN")

test_all_five_items_are_told if cast.denies(inputs["one item untold"], "NOT_TOLD_BEFOREHAND")

test_somebody_is_responsible if cast.denies(inputs["nobody responsible"], "NOT_TOLD_BEFOREHAND")

test_told_beforehand if cast.denies(inputs["published later"], "NOT_TOLD_BEFOREHAND")

test_no_ground_before_it_begins if cast.denies(inputs["to begin"], "BASIS_EXPIRED")

test_no_ground_after_it_ends if cast.denies(inputs.ended, "BASIS_EXPIRED")

test_only_the_items_named if cast.withholds(inputs["health not among the items"], "assessment.allergy", "FIELD_NOT_NEEDED")

test_only_the_records_named if cast.withholds(inputs["another record"], "assessment.allergy", "FIELD_NOT_NEEDED")

test_strangers_are_withheld if cast.withholds(inputs["stranger in a field"], "subject.address_actual", "THIRD_PERSON_INCLUDED")

test_refused_recipient_is_held if cast.holds(inputs["recipient refused"], "RECIPIENT_REFUSED_BY_SUBJECT", ["approver"])

test_city_is_not_freed_from_article_69 if {
	cast.denies(inputs["by a city"], "BASIS_NOT_FOR_SENDER")
	decision := data.disclosure.main.decision with input as inputs["by a city"]
	some r in decision.reasons
	contains(r.next_step_ja, "69条")
}
