package disclosure.basis.statistics_public_test

import rego.v1

import data.checks.cast

_basis := "statistics_public"

_case(changes) := cast.changed(_basis, changes)

inputs := {
	"suppressed": cast.known(_basis),
	"small cell": cast.known("statistics_public_small"),
	"just below": _case({"/asserted/0/value": 9}),
	"a word for a number": _case({"/asserted/0/value": "many"}),
	"two tables": _case({"/asserted/-": cast.told("smallest_cell", 3)}),
	"not told": _case({"/asserted": []}),
	"not told, unnamed": _case({"/asserted": [], "/request/basis": ""}),
	"about a relative": _case({"/registered/subjects": data.checks.cast.household, "/request/fields/1/about": ["s-sato", "s-son"]}),
	"a name among figures": _case({"/request/fields/1": cast.known("consent_private").request.fields[0]}),
	"pseudonymised": _case({"/request/purpose": "refer"}),
	"private sender": _case({"/request/sender": cast.known("consent_private").request.sender, "/registered/sender": cast.known("consent_private").registered.sender}),
}

test_figures_pass if cast.permits(inputs.suppressed, _basis)

test_threshold_is_told if {
	duty := cast.duty(inputs.suppressed, "aggregate_only")
	duty.params.k == 10
}

test_nobody_may_be_found_from_them if cast.owes(inputs.suppressed, "no_reidentification")

test_small_cell_is_refused if cast.denies(inputs["small cell"], "SMALL_CELL")

test_one_less_than_the_threshold_is_small if cast.denies(inputs["just below"], "SMALL_CELL")

test_only_numbers_count if cast.denies(inputs["a word for a number"], "SMALL_CELL")

test_every_table_counts if cast.denies(inputs["two tables"], "SMALL_CELL")

test_no_ground_when_not_told if cast.denies(inputs["not told"], "REASON_MISSING")

test_silent_when_nobody_spoke_of_it if cast.denies(inputs["not told, unnamed"], "NO_BASIS")

test_relatives_are_no_figure if cast.withholds(inputs["about a relative"], "aggregate_extract.cells", "THIRD_PERSON_INCLUDED")

test_names_are_no_figures if cast.refuses(inputs["a name among figures"], "PURPOSE_FORBIDDEN")

test_not_for_support if cast.denies(inputs.pseudonymised, "PURPOSE_FORBIDDEN")

test_private_bodies_have_no_such_article if cast.denies(inputs["private sender"], "BASIS_NOT_FOR_SENDER")
