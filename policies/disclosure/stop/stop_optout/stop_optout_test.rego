package disclosure.stop.stop_optout_test

import rego.v1

import data.checks.cast

_opt_out(value) := {"/asserted": [cast.told("opt_out", value)]}

_without_consent(changes) := cast.changed("consent_private", object.union(
	{"/registered/consents": []},
	changes,
))

_health := {"/request/fields/1/classes": ["CON", "HEA"]}

inputs := {
	"sensitive by opt-out": cast.known("stop_optout"),
	"no opt-out": cast.changed("consent_private", _health),
	"opt-out denied": cast.changed("consent_private", object.union(_health, _opt_out(false))),
	"opt-out unclear": cast.changed("consent_private", object.union(_health, _opt_out("filed"))),
	"plain by opt-out": _without_consent(_opt_out(true)),
	"plain by opt-out beside a consent": cast.changed("consent_private", _opt_out(true)),
	"municipality's own class": cast.changed("consent_private", object.union(
		_opt_out(true),
		{"/request/fields/1/classes": ["CON", "ECO"]},
	)),
	"unread text": cast.changed("consent_private", object.union(
		_opt_out(true),
		{"/request/fields/1/classes": ["CON", "NAR"], "/request/fields/1/share_ready_by": "actor-hidamari"},
	)),
}

_withheld(name) if cast.withholds(inputs[name], "subject.phones", "OPT_OUT_SENSITIVE")

_silent(name) if {
	hits := data.disclosure.stop.stop_optout.hits with input as inputs[name]
	count(hits) == 0
}

test_sensitive_information_never_passes_by_opt_out if {
	cast.denies(inputs["sensitive by opt-out"], "OPT_OUT_SENSITIVE")
}

test_silent_where_nobody_relies_on_opt_out if {
	cast.permits(inputs["no opt-out"], "consent_private")
	cast.permits(inputs["opt-out denied"], "consent_private")
}

test_unclear_word_counts_as_opt_out if _withheld("opt-out unclear")

test_opt_out_is_no_ground if {
	cast.denies(inputs["plain by opt-out"], "CONSENT_MISSING")
	_silent("plain by opt-out")
}

test_plain_information_stands_on_its_own_ground if {
	cast.permits(inputs["plain by opt-out beside a consent"], "consent_private")
}

test_municipalitys_own_classes_count if _withheld("municipality's own class")

test_free_text_may_hold_anything if _withheld("unread text")
