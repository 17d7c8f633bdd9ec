package disclosure.basis.consent_private_test

import rego.v1

import data.checks.cast

_one(changes) := cast.changed("consent_private", {"/registered/consents": [cast.consent(changes)]})

_aged(age, changes) := cast.changed("consent_private", {
	"/registered/consents": [cast.consent(changes)],
	"/asserted": [cast.told("subject_age", age)],
})

_guardian(changes, more) := cast.changed("consent_private", object.union(
	{"/registered/consents": [cast.consent(object.union(
		{"capacity": "legal_guardian", "given_by": "p-koken"},
		changes,
	))]},
	more,
))

_with_perpetrator(person) := {"/registered/subjects": [
	data.checks.cast.household[0],
	{"id": "s-perpetrator", "person": person, "relation": "alleged_perpetrator"},
]}

_other(relation) := cast.changed("consent_private", {
	"/registered/subjects": [
		data.checks.cast.household[0],
		{"id": "s-other", "person": "p-other", "relation": relation},
	],
	"/request/fields/1/about": ["s-sato", "s-other"],
})

_rebasing(changes) := object.union(
	{
		"id": "rebasing-1",
		"person": "p-sato",
		"agency": "npo-hidamari",
		"from_basis": "shien_kaigi_swa",
		"consent": "consent-sato",
		"fields": ["subject.phones"],
		"rebased_at": 1776211200000,
	},
	changes,
)

_flagged(changes) := {"/registered/protection_flags": [cast.flag(changes)]}

_taken_by_entruster(changes) := cast.changed("consent_private", {
	"/registered/consents": [cast.consent({"taken_by": "aoba-city"})],
	"/registered/entrustments": [object.union(
		cast.known("entrustment").registered.entrustments[0],
		object.union({"contractor": "npo-hidamari"}, changes),
	)],
})

# 15 April 2026, 10:00 in Japan, is 1776214800000; a day has 86400000 milliseconds.
inputs := {
	"agreed": cast.known("consent_private"),
	"absent": cast.changed("consent_private", {"/registered/consents": []}),
	"of somebody else": cast.changed("consent_private", {"/registered/consents/0/person": "p-son"}),
	"withdrawn": cast.changed("consent_private", {"/registered/consents/0/withdrawn_at": 1776214800000}),
	"withdrawn later": cast.changed("consent_private", {"/registered/consents/0/withdrawn_at": 1776214800001}),
	"ended": cast.changed("consent_private", {"/registered/consents/0/valid_to": 1776214800000}),
	"not begun": cast.changed("consent_private", {"/registered/consents/0/valid_from": 1776214800001}),
	"review due": cast.changed("consent_private", {"/registered/consents/0/review_on": 1776214800000}),
	"signed by family": cast.changed("consent_private", {"/registered/consents/0/capacity": "family_no_authority"}),
	"signed by guardian": cast.changed("consent_private", {"/registered/consents/0/capacity": "legal_guardian"}),
	"child of ten": cast.changed("consent_private", {"/asserted": [cast.told("subject_age", 10)]}),
	"child of fifteen": cast.changed("consent_private", {"/asserted": [cast.told("subject_age", 15)]}),
	"child of sixteen": cast.changed("consent_private", {"/asserted": [cast.told("subject_age", 16)]}),
	"child of seventeen": cast.changed("consent_private", {"/asserted": [cast.told("subject_age", 17)]}),
	"parent of a child of ten": cast.changed("consent_private", {
		"/asserted": [cast.told("subject_age", 10)],
		"/registered/consents/0/capacity": "guardian_parent",
	}),
	"not competent": cast.changed("consent_private", {"/asserted": [cast.told("subject_competent", false)]}),
	"guardian without proof": _one({"capacity": "legal_guardian", "proof_seen": false}),
	"curator within the scope": _one({"capacity": "curator_assist_scope"}),
	"curator without proof": _one({"capacity": "curator_assist_scope", "proof_seen": false}),
	"curator on a blanket form": cast.changed("consent_private", object.union(
		data.checks.cast.to_city,
		{"/registered/consents": [cast.consent(object.union(
			data.checks.cast.blanket,
			{"capacity": "curator_assist_scope"},
		))]},
	)),
	"parent of a child of seventeen": _aged(17, {"capacity": "guardian_parent"}),
	"parent of somebody of unknown age": _one({"capacity": "guardian_parent"}),
	"able child of seventeen": _aged(17, {"capacity": "self_minor_capable"}),
	"able child of ten": _aged(10, {"capacity": "self_minor_capable"}),
	"able child of unknown age": _one({"capacity": "self_minor_capable"}),
	"able child said not to be competent": cast.changed("consent_private", {
		"/registered/consents": [cast.consent({"capacity": "self_minor_capable"})],
		"/asserted": [cast.told("subject_age", 17), cast.told("subject_competent", false)],
	}),
	"parent agrees, child says no": cast.changed("consent_private", {
		"/registered/consents": [cast.consent({"capacity": "guardian_parent"})],
		"/asserted": [cast.told("subject_age", 14), cast.told("subject_wishes", "refuses")],
	}),
	"parent agrees, child had refused the recipient": cast.changed("consent_private", {
		"/registered/consents": [
			cast.consent({"capacity": "guardian_parent"}),
			cast.consent({
				"id": "consent-child",
				"capacity": "self_minor_capable",
				"recipients_refused": ["aoba-shakyo"],
			}),
		],
		"/asserted": [cast.told("subject_age", 14)],
	}),
	"child agrees and asks not to tell the parents": cast.changed("consent_private", {
		"/registered/consents": [cast.consent({"capacity": "self_minor_capable"})],
		"/asserted": [cast.told("subject_age", 17), cast.told("subject_wishes", "not_tell_parents")],
	}),
	"told before it was withdrawn": cast.changed("consent_private", {
		"/registered/consents/0/withdrawn_at": 1776214800000,
		"/computed/law_at": 1776214799999,
		"/request/direction": "oral",
	}),
	"in order for nothing, beside one that ended": cast.changed("consent_private", {
		"/registered/consents": [
			cast.consent({"item_classes": ["HEA"]}),
			cast.consent({"id": "consent-old", "valid_to": 1776214800000}),
		],
		"/request/fields": [cast.known("consent_private").request.fields[1]],
	}),
	"person says no now": cast.changed("consent_private", {"/asserted": [cast.told("subject_wishes", false)]}),
	"person has died": cast.changed("consent_private", {"/asserted": [cast.told("deceased", true)]}),
	"person lives": cast.changed("consent_private", {"/asserted": [cast.told("deceased", false)]}),
	"counterpart interpreted": _one({"interpreter": "counterpart"}),
	"recipient interpreted": _one({"interpreter": "recipient"}),
	"unknown interpreter": _one({"interpreter": "unknown"}),
	"independent interpreter": _one({"interpreter": "independent"}),
	"guardian is the recipient": _guardian({"given_by_actor": "actor-shakyo"}, {}),
	"guardian acts, agency receives as a whole": _guardian(
		{"given_by_actor": "actor-koken"},
		{"/request/recipient/actor": "", "/registered/recipient/actor": null},
	),
	"guardian acts, somebody else receives": _guardian({"given_by_actor": "actor-koken"}, {}),
	"guardian is the alleged perpetrator": _guardian({}, _with_perpetrator("p-koken")),
	"guardian is not the alleged perpetrator": _guardian({}, _with_perpetrator("p-nephew")),
	"nameless guardian beside an alleged perpetrator": _guardian({"given_by": ""}, _with_perpetrator("p-koken")),
	"person agrees beside an alleged perpetrator": cast.changed("consent_private", _with_perpetrator("p-koken")),
	"guardian is whom she hides from": _guardian({}, _flagged({"counterpart_persons": ["p-koken"]})),
	"guardian acts as whom she hides from": _guardian(
		{"given_by_actor": "actor-koken"},
		_flagged({"counterpart_actors": ["actor-koken"]}),
	),
	"nameless guardian acts as whom she hides from": _guardian(
		{"given_by": "", "given_by_actor": "actor-koken"},
		_flagged({"counterpart_actors": ["actor-koken"]}),
	),
	"nobody said a word": _one({"method": "silence"}),
	"oral": _one({"method": "oral_scripted"}),
	"oral without a text": _one({"method": "oral_scripted", "text_version": ""}),
	"taken by another agency": _one({"taken_by": "aoba-gas"}),
	"taken by another, sender within its range": _one({
		"taken_by": "aoba-gas",
		"recipient_classes": ["npo", "shakyo"],
	}),
	"taken by another, sender named": _one({"taken_by": "aoba-gas", "recipients_named": ["npo-hidamari"]}),
	"blanket taken by another": cast.changed("consent_private", object.union(
		data.checks.cast.to_city,
		{"/registered/consents": [cast.consent(object.union(
			data.checks.cast.blanket,
			{"taken_by": "aoba-gas", "recipients_named": ["npo-hidamari"], "recipient_classes": ["npo", "municipality"]},
		))]},
	)),
	"taken by the entruster": _taken_by_entruster({}),
	"entrustment ended": _taken_by_entruster({"valid_to": 1776214800000}),
	"cooperation agreement": _taken_by_entruster({"kind": "cooperation_agreement"}),
	"recipient joined after the consent": cast.changed(
		"consent_private",
		{"/registered/recipient/agency/valid_from": 1773622800001},
	),
	"recipient joined later but was named": cast.changed("consent_private", {
		"/registered/consents": [cast.consent({"recipients_named": ["aoba-shakyo"]})],
		"/registered/recipient/agency/valid_from": 1773622800001,
	}),
	"recipient's beginning unknown": cast.without("consent_private", "/registered/recipient/agency/valid_from"),
	"not alone": cast.changed("consent_private", {"/registered/consents/0/counterpart_present": true}),
	"other recipient": cast.changed("consent_private", {"/registered/consents/0/recipient_classes": ["npo"]}),
	"named recipient": cast.changed("consent_private", {
		"/registered/consents/0/recipient_classes": [],
		"/registered/consents/0/recipients_named": ["aoba-shakyo"],
	}),
	"refused recipient": cast.changed("consent_private", {"/registered/consents/0/recipients_refused": ["aoba-shakyo"]}),
	"refused in an older record": cast.changed("consent_private", {"/registered/consents": [
		cast.consent({}),
		cast.consent({"id": "consent-old", "recipients_refused": ["aoba-shakyo"], "withdrawn_at": 1}),
	]}),
	"other purpose": cast.changed("consent_private", {"/registered/consents/0/purposes": ["serve"]}),
	"item class missing": cast.changed("consent_private", {"/registered/consents/0/item_classes": ["IDN"]}),
	"item refused": cast.changed("consent_private", {"/registered/consents/0/items_refused": ["subject.phones"]}),
	"brother in a field": cast.changed("consent_private", {
		"/registered/subjects": data.checks.cast.household,
		"/request/fields/1/about": ["s-sato", "s-son"],
	}),
	"cared for by somebody in a field": _other("supporter"),
	"acquaintance in a field": _other("third_party"),
	"alleged perpetrator in a field": _other("alleged_perpetrator"),
	"acquaintance in hiding": json.patch(_other("third_party"), [
		{"op": "add", "path": "/registered/protection_flags", "value": [cast.flag({"person": "p-other"})]},
		{"op": "add", "path": "/registered/consents/-", "value": cast.consent({
			"id": "consent-other",
			"person": "p-other",
		})},
	]),
	"told in a meeting": cast.changed("consent_private", {"/request/fields/1/origin": "meeting"}),
	"told in a meeting, put on the consent": cast.changed("consent_private", {
		"/request/fields/1/origin": "meeting",
		"/registered/rebasings": [_rebasing({})],
	}),
	"told in a meeting, another item put on the consent": cast.changed("consent_private", {
		"/request/fields/1/origin": "meeting",
		"/registered/rebasings": [_rebasing({"fields": ["subject.name_original"]})],
	}),
	"brother agreed too": cast.changed("consent_private", {
		"/registered/subjects": data.checks.cast.household,
		"/registered/consents": [cast.consent({}), cast.consent({"id": "consent-son", "person": "p-son"})],
		"/request/fields/1/about": ["s-sato", "s-son"],
	}),
	"stranger in a field": cast.changed("consent_private", {"/request/fields/1/about": ["s-nobody"]}),
	"blanket": cast.changed("consent_private", {"/registered/consents": [cast.consent(data.checks.cast.blanket)]}),
	"blanket to a public body": cast.changed("consent_private", object.union(
		data.checks.cast.to_city,
		{"/registered/consents": [cast.consent(data.checks.cast.blanket)]},
	)),
	"blanket after ninety days": cast.changed("consent_private", object.union(
		data.checks.cast.to_city,
		{"/registered/consents": [cast.consent(object.union(data.checks.cast.blanket, {"imported_at": 1768438800000}))]},
	)),
	"blanket for health": cast.changed("consent_private", object.union(
		data.checks.cast.to_city,
		{
			"/registered/consents": [cast.consent(data.checks.cast.blanket)],
			"/request/fields/1/classes": ["CON", "HEA"],
		},
	)),
	"one of two named": cast.changed("consent_private", {
		"/request/refs/consent": "consent-sato",
		"/registered/consents": [
			cast.consent({"withdrawn_at": 1}),
			cast.consent({"id": "consent-old", "valid_to": 1776214800000}),
		],
	}),
	"an unknown one named": cast.changed("consent_private", {
		"/request/refs/consent": "consent-lost",
		"/registered/consents/0/withdrawn_at": 1,
	}),
	"named and good": cast.changed("consent_private", {"/request/refs/consent": "consent-sato"}),
	"supporter as recipient": cast.changed("consent_private", {"/registered/recipient/actor/roles": ["tsunagari_supporter"]}),
	"held as a member of a meeting": cast.changed("consent_private", {
		"/request/basis": "consent_private",
		"/request/sender/capacity/kind": "conference_member",
	}),
	"public sender": cast.changed("consent_public", {"/request/basis": "consent_private"}),
	"before the text was verified": cast.changed("consent_private", {
		"/computed/law_at": 1748703599999,
		"/request/basis": "consent_private",
	}),
}

test_agreed_fields_pass if cast.permits(inputs.agreed, "consent_private")

test_passes_until_the_instant_of_withdrawal if cast.permits(inputs["withdrawn later"], "consent_private")

test_guardian_may_agree if cast.permits(inputs["signed by guardian"], "consent_private")

test_child_of_seventeen_may_agree if cast.permits(inputs["child of seventeen"], "consent_private")

test_parent_agrees_for_a_young_child if cast.permits(inputs["parent of a child of ten"], "consent_private")

test_named_recipient_passes if cast.permits(inputs["named recipient"], "consent_private")

test_everybody_concerned_agreed if cast.permits(inputs["brother agreed too"], "consent_private")

test_blanket_passes_to_a_public_body if cast.permits(inputs["blanket to a public body"], "consent_private")

test_no_ground_when_consent_absent if cast.denies(inputs.absent, "CONSENT_MISSING")

test_no_ground_when_somebody_else_agreed if cast.denies(inputs["of somebody else"], "CONSENT_MISSING")

test_no_ground_when_consent_withdrawn if cast.denies(inputs.withdrawn, "CONSENT_WITHDRAWN")

test_no_ground_when_consent_ended if cast.denies(inputs.ended, "BASIS_EXPIRED")

test_no_ground_before_consent_begins if cast.denies(inputs["not begun"], "BASIS_EXPIRED")

test_no_ground_when_review_is_due if cast.denies(inputs["review due"], "BASIS_EXPIRED")

test_no_ground_when_family_signed if cast.denies(inputs["signed by family"], "CONSENTER_NO_AUTHORITY")

# Ages that the municipality knows: one in force, one that begins a millisecond later, one that ended.
_age(age, from_at, to_at) := {"age": age, "from_at": from_at, "to_at": to_at}

test_child_of_the_very_age_may_agree if cast.permits(inputs["child of sixteen"], "consent_private")

test_no_ground_a_year_below_the_age if cast.denies(inputs["child of fifteen"], "CONSENTER_NO_AUTHORITY")

test_no_ground_where_no_age_is_in_force if {
	cast.denies(inputs["child of seventeen"], "CONSENTER_NO_AUTHORITY") with data.packs.default.thresholds.minor_consent_age as []
	ages := [_age(12, null, null), _age(13, 1776214800001, null), _age(14, 0, 1776214800000)]
	cast.denies(inputs["child of seventeen"], "CONSENTER_NO_AUTHORITY") with data.packs.default.thresholds.minor_consent_age as ages
}

test_highest_age_in_force_counts if {
	ages := [_age(18, 1776214800000, null), _age(16, 0, null)]
	cast.denies(inputs["child of seventeen"], "CONSENTER_NO_AUTHORITY") with data.packs.default.thresholds.minor_consent_age as ages
}

test_guardian_curator_and_assistant_show_proof if {
	cast.permits(inputs["curator within the scope"], "consent_private")
	cast.denies(inputs["guardian without proof"], "CONSENTER_NO_AUTHORITY")
	cast.denies(inputs["curator without proof"], "CONSENTER_NO_AUTHORITY")
}

test_proof_of_authority_is_kept if {
	cast.owes(inputs["signed by guardian"], "keep_proof")
	not cast.owes(inputs.agreed, "keep_proof")
}

test_what_was_told_in_time_stays_lawful_and_the_withdrawal_is_passed_on if {
	cast.permits(inputs["told before it was withdrawn"], "consent_private")
	cast.owes(inputs["told before it was withdrawn"], "correction_propagate")
	cast.owes(inputs["told before it was withdrawn"], "retention")
	not cast.owes(inputs["withdrawn later"], "correction_propagate")
}

test_childs_wish_not_to_tell_the_parents_is_a_duty if {
	cast.owes(inputs["child agrees and asks not to tell the parents"], "safe_contact_only")
	not cast.owes(inputs["able child of seventeen"], "safe_contact_only")
}

test_consent_in_order_that_covers_nothing_is_missing if {
	cast.denies(inputs["in order for nothing, beside one that ended"], "CONSENT_MISSING")
	not cast.refuses(inputs["in order for nothing, beside one that ended"], "BASIS_EXPIRED")
}

test_curators_scope_is_not_an_old_blanket_form if {
	cast.denies(inputs["curator on a blanket form"], "CONSENTER_NO_AUTHORITY")
}

test_parent_agrees_for_a_young_child_alone if {
	cast.denies(inputs["parent of a child of seventeen"], "CONSENTER_NO_AUTHORITY")
	cast.denies(inputs["parent of somebody of unknown age"], "CONSENTER_NO_AUTHORITY")
}

test_able_child_agrees_where_its_age_is_told if {
	cast.permits(inputs["able child of seventeen"], "consent_private")
	cast.permits(inputs["child agrees and asks not to tell the parents"], "consent_private")
}

test_child_not_shown_to_be_able_does_not_agree if {
	every name in {"able child of ten", "able child of unknown age", "able child said not to be competent"} {
		cast.denies(inputs[name], "CONSENTER_NO_AUTHORITY")
	}
}

test_childs_no_beats_the_parents_yes if {
	cast.denies(inputs["parent agrees, child says no"], "CONSENT_WITHDRAWN")
	cast.denies(inputs["parent agrees, child had refused the recipient"], "RECIPIENT_REFUSED_BY_SUBJECT")
}

test_persons_no_of_today_counts if cast.denies(inputs["person says no now"], "CONSENT_WITHDRAWN")

test_consent_ends_with_life if {
	cast.denies(inputs["person has died"], "BASIS_EXPIRED")
	cast.permits(inputs["person lives"], "consent_private")
}

test_interpreter_must_be_independent if {
	cast.permits(inputs["independent interpreter"], "consent_private")
	every name in {"counterpart interpreted", "recipient interpreted", "unknown interpreter"} {
		cast.denies(inputs[name], "CONFLICT_OF_INTEREST")
	}
}

test_whoever_agrees_does_not_receive if {
	cast.denies(inputs["guardian is the recipient"], "CONFLICT_OF_INTEREST")
	cast.denies(inputs["guardian acts, agency receives as a whole"], "CONFLICT_OF_INTEREST")
	cast.permits(inputs["guardian acts, somebody else receives"], "consent_private")
}

test_alleged_perpetrator_never_agrees if {
	cast.denies(inputs["guardian is the alleged perpetrator"], "CONFLICT_OF_INTEREST")
	cast.denies(inputs["nameless guardian beside an alleged perpetrator"], "CONFLICT_OF_INTEREST")
	cast.permits(inputs["guardian is not the alleged perpetrator"], "consent_private")
	cast.permits(inputs["person agrees beside an alleged perpetrator"], "consent_private")
}

test_whom_she_hides_from_never_agrees if {
	every name in {
		"guardian is whom she hides from",
		"guardian acts as whom she hides from",
		"nameless guardian acts as whom she hides from",
	} {
		cast.denies(inputs[name], "CONFLICT_OF_INTEREST")
	}
}

test_silence_is_never_consent if cast.denies(inputs["nobody said a word"], "CONSENT_MISSING")

test_words_read_aloud_are_consent if {
	cast.permits(inputs.oral, "consent_private")
	cast.denies(inputs["oral without a text"], "CONSENT_MISSING")
}

test_consent_that_others_took_is_not_the_senders if {
	cast.denies(inputs["taken by another agency"], "CONSENT_MISSING")
	cast.denies(inputs["blanket taken by another"], "CONSENT_MISSING")
	cast.denies(inputs["entrustment ended"], "CONSENT_MISSING")
	cast.denies(inputs["cooperation agreement"], "CONSENT_MISSING")
}

test_sender_within_the_range_of_a_consent_may_rely_on_it if {
	cast.permits(inputs["taken by another, sender within its range"], "consent_private")
	cast.permits(inputs["taken by another, sender named"], "consent_private")
	cast.permits(inputs["taken by the entruster"], "consent_private")
}

test_whoever_joined_later_gets_nothing if {
	cast.denies(inputs["recipient joined after the consent"], "CONSENT_MISSING")
	faults := data.lib.consent.faults with input as inputs["recipient's beginning unknown"]
	["s-sato", "consent-sato", "CONSENT_MISSING"] in faults
}

test_whoever_was_named_may_join_later if {
	cast.permits(inputs["recipient joined later but was named"], "consent_private")
}

test_no_ground_when_young_child_agreed if cast.denies(inputs["child of ten"], "CONSENTER_NO_AUTHORITY")

test_no_ground_when_not_competent if cast.denies(inputs["not competent"], "CONSENTER_NO_AUTHORITY")

test_no_ground_when_counterpart_listened if cast.denies(inputs["not alone"], "CONFLICT_OF_INTEREST")

test_no_ground_for_another_recipient if cast.denies(inputs["other recipient"], "CONSENT_MISSING")

test_refused_recipient_beats_class if cast.denies(inputs["refused recipient"], "RECIPIENT_REFUSED_BY_SUBJECT")

test_refused_recipient_beats_later_text if {
	cast.denies(inputs["refused in an older record"], "RECIPIENT_REFUSED_BY_SUBJECT")
}

test_no_ground_for_another_purpose if cast.denies(inputs["other purpose"], "CONSENT_MISSING")

test_item_class_not_agreed_is_withheld if {
	cast.withholds(inputs["item class missing"], "subject.phones", "CONSENT_MISSING")
}

test_refused_item_is_withheld if cast.withholds(inputs["item refused"], "subject.phones", "CONSENT_MISSING")

test_third_person_is_withheld if {
	cast.withholds(inputs["brother in a field"], "subject.phones", "THIRD_PERSON_INCLUDED")
}

test_every_other_person_needs_a_ground_of_their_own if {
	every name in {
		"cared for by somebody in a field",
		"acquaintance in a field",
		"alleged perpetrator in a field",
	} {
		cast.withholds(inputs[name], "subject.phones", "THIRD_PERSON_INCLUDED")
	}
}

test_strictest_of_several_persons_governs_the_field if {
	cast.withholds(inputs["acquaintance in hiding"], "subject.phones", "PROTECTED_ADDRESS")
}

# What was told under secrecy does not become free when a consent arrives.
test_what_a_meeting_told_passes_once_it_was_put_on_the_consent if {
	cast.permits(inputs["told in a meeting, put on the consent"], "consent_private")
	not "subject.phones" in cast.permitted(inputs["told in a meeting"])
	not "subject.phones" in cast.permitted(inputs["told in a meeting, another item put on the consent"])
}

test_unknown_person_is_withheld if {
	cast.withholds(inputs["stranger in a field"], "subject.phones", "THIRD_PERSON_INCLUDED")
}

test_blanket_reaches_no_private_body if cast.denies(inputs.blanket, "CONSENT_MISSING")

test_blanket_ends_after_ninety_days if cast.denies(inputs["blanket after ninety days"], "BASIS_EXPIRED")

test_blanket_carries_no_health if {
	cast.withholds(inputs["blanket for health"], "subject.phones", "CONSENT_MISSING")
}

test_named_consent_carries if cast.permits(inputs["named and good"], "consent_private")

test_only_the_named_consent_is_spoken_of if {
	cast.denies(inputs["one of two named"], "CONSENT_WITHDRAWN")
	not cast.denies(inputs["one of two named"], "BASIS_EXPIRED")
}

test_unknown_name_lets_all_speak if cast.denies(inputs["an unknown one named"], "CONSENT_WITHDRAWN")

test_no_ground_for_a_supporter if {
	cast.denies(inputs["supporter as recipient"], "BASIS_NOT_FOR_RECIPIENT")
}

test_no_ground_for_what_a_meeting_told if {
	cast.denies(inputs["held as a member of a meeting"], "BASIS_NOT_FOR_SENDER")
}

test_no_ground_for_a_public_sender if {
	some g in cast.grounds(inputs["public sender"])
	g == "consent_public"
}

test_no_ground_before_the_verified_text if {
	cast.denies(inputs["before the text was verified"], "LAW_NOT_VERIFIED_FOR_DATE")
}
