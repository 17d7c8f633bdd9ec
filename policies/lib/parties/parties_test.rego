package lib.parties_test

import rego.v1

import data.checks.cast

_case(changes) := cast.changed("consent_private", changes)

inputs := {
	"in order": cast.known("consent_private"),
	"agency alone": _case({"/request/recipient/actor": "", "/registered/recipient/actor": null}),
	"sender unknown": _case({"/registered/sender/agency": null}),
	"sender suspended": _case({"/registered/sender/agency/status": "suspended"}),
	"sender's membership ended": _case({"/registered/sender/agency/valid_to": 1776214800000}),
	"sender's actor unknown": _case({"/registered/sender/actor": null}),
	"sender's actor suspended": _case({"/registered/sender/actor/status": "suspended"}),
	"sender's actor of another agency": _case({"/registered/sender/actor/agency": "aoba-shakyo"}),
	"sender's term ended": _case({"/registered/sender/actor/term_to": 1776214800000}),
	"recipient unknown": _case({"/registered/recipient/agency": null}),
	"recipient has left": _case({"/registered/recipient/agency/status": "left"}),
	"another recipient's entry": _case({"/registered/recipient/agency/id": "aoba-gas"}),
	"recipient's membership to begin": _case({"/registered/recipient/agency/valid_from": 1776214800001}),
	"recipient's actor unknown": _case({"/registered/recipient/actor": null}),
	"recipient's actor suspended": _case({"/registered/recipient/actor/status": "suspended"}),
	"recipient's actor of another agency": _case({"/registered/recipient/actor/agency": "aoba-gas"}),
	"recipient's term to begin": _case({"/registered/recipient/actor/term_from": 1776214800001}),
	"midnight before the first of April": _case({
		"/registered/recipient/actor/term_to": 1806505200000,
		"/registered/consents/0/valid_to": null,
		"/registered/consents/0/review_on": null,
		"/registered/sender/actor/term_to": null,
		"/computed/law_at": 1806505199999,
		"/computed/now": 1806505199999,
	}),
	"first of April": _case({
		"/registered/recipient/actor/term_to": 1806505200000,
		"/registered/consents/0/valid_to": null,
		"/registered/consents/0/review_on": null,
		"/registered/sender/actor/term_to": null,
		"/computed/law_at": 1806505200000,
		"/computed/now": 1806505200000,
	}),
}

_not_today := {
	"sender unknown",
	"sender suspended",
	"sender's membership ended",
	"sender's actor unknown",
	"sender's actor suspended",
	"sender's actor of another agency",
	"sender's term ended",
	"recipient unknown",
	"recipient has left",
	"another recipient's entry",
	"recipient's membership to begin",
	"recipient's actor unknown",
	"recipient's actor suspended",
	"recipient's actor of another agency",
	"recipient's term to begin",
	"first of April",
}

test_registered_parties_pass if cast.permits(inputs["in order"], "consent_private")

test_an_agency_may_receive_as_a_whole if cast.permits(inputs["agency alone"], "consent_private")

test_term_lasts_until_midnight_in_japan if {
	cast.permits(inputs["midnight before the first of April"], "consent_private")
}

test_whoever_is_not_a_member_today_is_refused if {
	every name in _not_today {
		cast.denies(inputs[name], "NOT_MEMBER_TODAY")
	}
}

test_actor_of_another_agency_is_no_recipient if {
	cast.denies(inputs["recipient's actor of another agency"], "BASIS_NOT_FOR_RECIPIENT")
}
