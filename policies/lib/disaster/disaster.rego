# METADATA
# title: Lists made for disasters
# description: |
#   避難行動要支援者名簿・個別避難計画・被災者台帳。In ordinary times they go to the supporters that the
#   local plan names, with consent or by the municipality's own ordinance; once disaster mode is
#   on, to whoever is needed, for the area and the time of that order.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=336AC0000000223
#     description: 災害対策基本法49条の10〜49条の17・90条の3・90条の4
package lib.disaster

import rego.v1

import data.lib.facts
import data.lib.office
import data.lib.refusal
import data.lib.registry
import data.lib.result
import data.lib.time

# Tables are read once; each look-up of base data costs more than one in a rule.
_disaster := data.disaster

_index := data.index

# METADATA
# title: Entries about a subject on the sender's own list, in force
# description: A supporter stands on the entry of the person they support.
entries(id, subject) := [e |
	row := _disaster[id]
	some e in input.registered.list_entries
	e.list == row.list
	e.held_by == input.request.sender.agency
	_entered(row, e, subject)
	time.within(e.valid_from, e.valid_to, input.computed.law_at)
]

_entered(_, entry, subject) if {
	data.lib.facts.relations[subject] != "supporter"
	entry.person == data.lib.facts.persons[subject]
}

_entered(row, entry, subject) if {
	row.supporter_agrees == true
	data.lib.facts.relations[subject] == "supporter"
	entry.supporter_person == data.lib.facts.persons[subject]
	main := data.lib.facts.main_subject
	entry.person == data.lib.facts.persons[main]
}

# METADATA
# title: Items of the list about a subject
# description: What helpers themselves saw in a drill is theirs, and no information from the list.
items(id, subject) := {f.id |
	row := _disaster[id]
	some f in input.request.fields
	subject in f.about
	f.origin != "drill_seen"
	_index.profile_fields[row.profile][f.id]
}

# METADATA
# title: Grounds in ordinary times
before(id) := {result.ground(id, s, fields, facts_of) |
	some s in _in_scope(id)
	not s in _refused(id)
	some e in entries(id, s)
	_agreed(id, e)
	_serves(id, e)
	fields := sort(registry.within_class(id) & items(id, s))
	count(fields) > 0
	facts_of := sort({sprintf("list_entry:%s", [e.id])} | _recipient_facts)
}

# METADATA
# title: Why the list does not go to this recipient in ordinary times
against_before(id) := (({result.against(id, "BASIS_NOT_FOR_RECIPIENT", "", [], []) | not _supporter(id)} | against_entries(id)) | {result.against(id, "CONSENT_MISSING", s, [], []) |
	some s in _on_list(id)
	count([e | some e in entries(id, s); _agreed(id, e)]) == 0
}) | ({result.against(id, "NO_BASIS", s, [], []) |
	some s in _on_list(id)
	count([e | some e in entries(id, s); _serves(id, e)]) == 0
} | refusal.standing(id, {"refused_recipient"}))

# METADATA
# title: Grounds while disaster mode is on
during(id) := {result.ground(id, s, fields, facts_of) |
	needed
	some s in _in_scope(id)
	some e in entries(id, s)
	some m in switches
	_affected(s, e, m)
	fields := sort(registry.within_class(id) & items(id, s))
	count(fields) > 0
	facts_of := ["asserted:necessity", sprintf("list_entry:%s", [e.id]), sprintf("mode_switch:%s", [m.id])]
}

# METADATA
# title: Why the list does not go out now
against_during(id) := (off(id) | against_entries(id)) | {result.against(id, "REASON_MISSING", "", [], []) |
	count(switches) > 0
	not needed
}

# METADATA
# title: Disaster mode is not on, or not for where the person is
# description: 災害時の切替が入っていない、または対象の地域ではない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=336AC0000000223
# custom:
#   code: MODE_OFF
#   article: "災害対策基本法49条の11第3項・49条の15第3項"
#   title_ja: "災害時の提供に切り替わっていない"
#   title_en: "Disaster mode is not on"
#   next_step_ja: "平常時は、ご本人の同意がある方の情報だけを提供できます。災害時の切替えは市町村長の判断によります。"
#   next_step_en: "In ordinary times only those who agreed can be shared. The head of the municipality decides on disaster mode."
#   side: controller
#   lawful_alternatives: [ask_consent, ask_officer]
off(id) := {result.against(id, "MODE_OFF", "", [], []) | count(switches) == 0} | {result.against(id, "MODE_OFF", s, [], []) |
	count(switches) > 0
	some s in _on_list(id)
	count([e | some e in entries(id, s); some m in switches; _affected(s, e, m)]) == 0
}

# METADATA
# title: Who is not on the list, and what does not stand on it
against_entries(id) := {result.against(id, "NO_BASIS", s, [], []) |
	some s in data.lib.facts.concerned
	not s in _on_list(id)
} | {result.against(id, "FIELD_NOT_NEEDED", s, fields, []) |
	some s in _on_list(id)
	fields := sort(facts.about(s) - items(id, s))
	count(fields) > 0
}

# METADATA
# title: Orders by which disaster mode is on in the sender's own municipality
switches := [m |
	_own
	some m in input.registered.mode_switches
	time.within(m.starts_at, m.ends_at, input.computed.law_at)
	time.not_yet(m.ended_at, input.computed.law_at)
]

# METADATA
# title: The controller says why life or body make it necessary, in enough words
needed if {
	main := data.lib.facts.main_subject
	some a in facts.told(main, "necessity")
	a.value == true
	a.text_chars >= data.lib.registry.thresholds.min_reason_chars
}

_own if input.request.sender.agency == input.registered.tenant.municipality

_in_scope(id) := {s | some s in data.lib.facts.concerned; registry.in_scope(id, s)}

_on_list(id) := {s | some s in _in_scope(id); count(entries(id, s)) > 0}

# Everybody on the entry agreed, or the municipality's own ordinance settles it and nobody on the
# entry has filed a refusal. An ordinance of the prefecture does not.
_agreed(id, entry) if {
	entry.consent == "given"
	_supporter_agreed(_disaster[id], entry)
}

_agreed(id, entry) if {
	count(_ordinances(id)) > 0
	entry.consent in {"given", "none"}
	entry.supporter_consent in {"given", "none"}
}

_supporter_agreed(row, _) if row.supporter_agrees == false

_supporter_agreed(row, entry) if {
	row.supporter_agrees == true
	entry.supporter_consent == "given"
}

_ordinances(id) := [o |
	_own
	some o in data.lib.registry.pack.ordinances
	o.id == _disaster[id].ordinance
	o.level == "municipal"
	o.seen == true
	o.article != ""
	time.within(o.from_at, o.to_at, input.computed.law_at)
]

# Supporters (避難支援等関係者): those that the article names, once the local plan names them too,
# and others whom the municipality designated; each for its own district.
_serves(id, entry) if {
	some d in _named(id)
	d.ward in {"", entry.area}
	_in_own_district(entry)
}

_serves(_, entry) if {
	some a in office.commissions("evac_supporter")
	a.ward == entry.area
}

_supporter(id) if count(_named(id)) > 0

_supporter(_) if count(office.commissions("evac_supporter")) > 0

_named(id) := array.concat(
	[d |
		input.registered.recipient.agency.kind in _disaster[id].plan_kinds
		some d in office.designations(input.request.recipient.agency, "regional_disaster_plan")
		d.designated_by == input.request.sender.agency
	],
	[d |
		some d in office.designations(input.request.recipient.agency, "evac_supporter_body")
		d.designated_by == input.request.sender.agency
	],
)

_in_own_district(_) if input.registered.recipient.agency.kind != "minsei"

_in_own_district(entry) if {
	input.registered.recipient.agency.kind == "minsei"
	some a in office.commissions("minsei_iin")
	a.ward == entry.area
}

_affected(_, entry, order) if {
	entry.area != ""
	entry.area in order.areas
}

_affected(subject, _, _) if {
	some a in facts.told(subject, "in_affected_area")
	a.value == true
}

_recipient_facts := {sprintf("designation:%s", [d.id]) |
	some d in input.registered.designations
	d.agency == input.request.recipient.agency
	d.designated_by == input.request.sender.agency
} | {sprintf("appointment:%s", [a.id]) |
	some a in input.registered.appointments
	a.actor == input.request.recipient.actor
}

_refused(id) := {a.subject | some a in refusal.standing(id, {"refused_recipient"})}
