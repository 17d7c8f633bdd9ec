package lib.vouched_test

import rego.v1

import data.checks.cast

inputs := {
	"known to nobody": cast.changed("law_private", {"/request/subject": "s-nobody"}),
}

test_nothing_is_said_about_nobody if count(data.lib.vouched.of_main("law_provision")) == 0 with input as inputs["known to nobody"]

test_statement_about_the_main_person_counts if count(data.lib.vouched.of_main("law_provision")) == 1 with input as cast.known("law_private")
