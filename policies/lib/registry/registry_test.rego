package lib.registry_test

import rego.v1

import data.checks.cast
import data.lib.registry

_row := object.union(
	data.basis.shien_kaigi_swa,
	{"subject_groups": ["young_carer"], "subject_relations": ["main", "household"]},
)

inputs := {
	"nobody in a group": cast.known("shien_kaigi_swa"),
	"son in the group": cast.changed("shien_kaigi_swa", {"/asserted": [cast.told_about("s-son", "subject_group", "young_carer")]}),
	"main in the group": cast.changed("shien_kaigi_swa", {"/asserted": [cast.told("subject_group", "young_carer")]}),
	"main in another group": cast.changed("shien_kaigi_swa", {"/asserted": [cast.told("subject_group", "hihogosha")]}),
	"son no longer of the household": cast.changed("shien_kaigi_swa", {
		"/registered/subjects/1/relation": "third_party",
		"/asserted": [cast.told_about("s-son", "subject_group", "young_carer")],
	}),
}

_in_scope(name, subject) if {
	registry.in_scope("shien_kaigi_swa", subject) with input as inputs[name]
		with data.basis.shien_kaigi_swa as _row
}

test_basis_without_groups_is_for_anybody if {
	registry.in_scope("shien_kaigi_swa", "s-son") with input as inputs["nobody in a group"]
}

test_nobody_is_in_scope_without_the_laws_word if not _in_scope("nobody in a group", "s-sato")

test_person_of_the_group_is_in_scope if _in_scope("main in the group", "s-sato")

test_the_word_is_about_that_person_alone if {
	_in_scope("son in the group", "s-son")
	not _in_scope("son in the group", "s-sato")
}

test_another_word_does_not_count if not _in_scope("main in another group", "s-sato")

test_another_relation_is_out_of_scope if not _in_scope("son no longer of the household", "s-son")

test_unknown_handle_is_out_of_scope if not _in_scope("main in the group", "s-nobody")

test_unknown_basis_has_no_scope if {
	not registry.in_scope("no_such_basis", "s-sato") with input as inputs["main in the group"]
}
