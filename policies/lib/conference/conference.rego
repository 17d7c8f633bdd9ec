# METADATA
# title: A statutory meeting, seen at one agenda item
# description: |
#   会議の議題ごとの確認。The basis, the roster and the persons belong to the item, not to the
#   meeting or its name. What is told at the open item is exchange; outside of it a logged
#   request for information is needed.
package lib.conference

import rego.v1

import data.lib.facts
import data.lib.result
import data.lib.time

# Tables are read once; each look-up of base data costs more than one in a rule.
_index := data.index

# METADATA
# title: The agenda item that the request names
item := i if {
	some i in input.registered.agenda_items
	i.id == input.request.refs.agenda_item
}

# METADATA
# title: The meeting to which the item belongs
conference := c if {
	some c in input.registered.conferences
	c.id == item.conference
}

# METADATA
# title: Rows of the item's roster for the recipient, in force
recipients := [p |
	some p in _roster
	p.agency == input.request.recipient.agency
	p.actor == input.request.recipient.actor
]

# METADATA
# title: Rows of the item's roster for the sender, in force
senders := [p |
	some p in _roster
	p.agency == input.request.sender.agency
	p.actor == input.request.sender.actor
]

# METADATA
# title: Requests for information under the meeting's third paragraph, in force
# description: Asked by the organiser of the sender, about this item.
requests := [r |
	some r in input.registered.information_requests
	r.item == item.id
	r.conference == conference.id
	r.asked_by == conference.organiser
	r.asked == input.request.sender.agency
	time.within(r.requested_at, r.valid_to, input.computed.law_at)
]

# METADATA
# title: The item is open, so that its participants exchange
open if time.within(item.opens_at, item.closes_at, input.computed.law_at)

# METADATA
# title: Subjects on the item, its persons and their household
subjects := {s |
	some s, person in data.lib.facts.persons
	_on_item(s, person)
}

# METADATA
# title: Fields about a subject that may be told
# description: |
#   Those that the recipient's own profile on the roster holds and, outside the item, those
#   that the request for information names.
tellable(subject) := {f |
	some f in facts.about(subject)
	_in_profile(f)
	f in _asked(subject)
}

# METADATA
# title: The registered facts on which the exchange stands
relied_on := sort((((_meeting | _people) | {sprintf("undertaking:%s", [u.id]) | some u in _undertakings}) | _asked_for))

_meeting := {sprintf("agenda_item:%s", [item.id]), sprintf("conference:%s", [conference.id])}

_people := {sprintf("participant:%s", [p.id]) | some p in array.concat(recipients, senders)}

_asked_for := {sprintf("information_request:%s", [r.id]) |
	not open
	some r in requests
}

# METADATA
# title: Why the meeting gives no ground
against(basis) := {result.against(basis, code, "", [], []) | some code in _faults(basis)} | {a |
	some s in data.lib.facts.concerned
	some a in _against_subject(basis, s)
}

# METADATA
# title: Everything about the meeting itself is in order
in_order(basis) if count(_faults(basis)) == 0

_faults(basis) := (({"NO_BASIS" | not _convened(basis)} | {"BASIS_EXPIRED" | not _in_force}) | {"NOT_MEMBER_TODAY" | not _both_on_roster}) | {"NO_UNDERTAKING" | not _both_bound}

# The item exists under this very basis, individually, at a meeting founded by a rule.
_convened(basis) if {
	item.basis == basis
	item.nature == "individual"
	conference.basis == basis
	conference.founding_rule != ""
	input.request.refs.conference in {"", conference.id}
	_organised_by_municipality
}

_organised_by_municipality if conference.organiser == input.registered.tenant.municipality

_organised_by_municipality if _is_municipality(input.registered.sender.agency)

_organised_by_municipality if _is_municipality(input.registered.recipient.agency)

_is_municipality(agency) if {
	agency.kind == "municipality"
	conference.organiser == agency.id
}

_in_force if {
	time.within(conference.valid_from, conference.valid_to, input.computed.law_at)
	_open_or_asked
}

_open_or_asked if open

_open_or_asked if count(requests) > 0

_both_on_roster if {
	count(recipients) > 0
	count(senders) > 0
}

# METADATA
# title: Somebody has not given the undertaking
# description: 守秘の誓約書がない、または期限が切れている(代理で出る人も、自分の誓約書が要る)。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=326AC0000000045
# custom:
#   code: NO_UNDERTAKING
#   article: "社会福祉法106条の6第6項"
#   title_ja: "守秘の誓約書がまだない"
#   title_en: "The undertaking of secrecy is missing"
#   next_step_ja: "誓約書(1枚)に署名をいただければ、すぐに続けられます。代理で出席する方も、ご自分の誓約書が必要です。"
#   next_step_en: "Once the one-page undertaking is signed you can go on at once. Whoever attends as a proxy needs their own."
#   side: asker
#   lawful_alternatives: [obtain_undertaking]
_both_bound if {
	bound := {u.actor | some u in _undertakings}
	input.request.recipient.actor in bound
	input.request.sender.actor in bound
}

_undertakings := [u |
	some u in input.registered.undertakings
	_for_this_meeting(u)
	time.within(u.signed_at, u.valid_to, input.computed.law_at)
]

_for_this_meeting(u) if u.conference == null

_for_this_meeting(u) if u.conference == conference.id

_roster := [p |
	some p in input.registered.participants
	p.item == item.id
	p.conference == conference.id
	time.within(p.invited_from, p.invited_to, input.computed.law_at)
]

_on_item(_, person) if person in item.persons

_on_item(subject, _) if {
	data.lib.facts.relations[subject] == "household"
	main := data.lib.facts.persons[data.lib.facts.main_subject]
	main in item.persons
}

# METADATA
# title: The person is not on the agenda item
# description: その人(またはその世帯)は、この議題の対象ではない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=326AC0000000045
# custom:
#   code: SUBJECT_NOT_ON_AGENDA
#   article: "社会福祉法106条の6第2項・第3項"
#   title_ja: "この方は、その議題の対象になっていない"
#   title_en: "The person is not on that agenda item"
#   next_step_ja: "支援会議で共有する必要があれば、招集者に議題への追加をお願いしてください。背景を知るためだけの提供はできません。"
#   next_step_en: "If it has to be shared in the meeting, ask the convener to put it on the agenda. Background knowledge alone is no reason."
#   side: controller
#   lawful_alternatives: [bring_to_support_conference, ask_consent]
_against_subject(basis, subject) := {result.against(basis, "SUBJECT_NOT_ON_AGENDA", subject, [], [])} if {
	not subject in subjects
}

_against_subject(basis, subject) := {result.against(basis, code, subject, [f], []) |
	some f in facts.about(subject)
	some code in _field_faults(subject, f)
} if {
	subject in subjects
}

_field_faults(_, field) := {"FIELD_NOT_NEEDED"} if not _in_profile(field)

_field_faults(subject, field) := {"BASIS_EXPIRED"} if {
	_in_profile(field)
	not field in _asked(subject)
}

# Of several rows for one person the narrowest profile counts; a row without one sets no limit.
_in_profile(field) if {
	every p in recipients {
		_profile_holds(p.profile, field)
	}
}

_profile_holds(profile, _) if profile == ""

_profile_holds(profile, field) if _index.profile_fields[profile][field]

# At the open item everything may be spoken of; outside of it, what was asked for.
_asked(subject) := facts.about(subject) if open

_asked(subject) := {f |
	some r in requests
	data.lib.facts.persons[subject] in r.persons
	some f in r.fields
} if {
	not open
}
