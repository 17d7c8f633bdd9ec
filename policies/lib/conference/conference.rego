# METADATA
# title: A statutory meeting, seen at one agenda item
# description: |
#   会議の議題ごとの確認。The basis, the roster and the persons belong to the item, not to the
#   meeting or its name. What is told at the open item is exchange; outside of it a logged
#   request for information is needed.
package lib.conference

import rego.v1

import data.lib.facts
import data.lib.refusal
import data.lib.registry
import data.lib.result
import data.lib.time

# Tables are read once; each look-up of base data costs more than one in a rule.
_conferences := data.conferences

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
# description: Asked by whoever speaks for the meeting, of the sender, about this item.
requests := [r |
	some r in input.registered.information_requests
	r.item == item.id
	r.conference == conference.id
	r.asked_by in data.lib.council.speakers
	r.asked == input.request.sender.agency
	time.within(r.requested_at, r.valid_to, input.computed.law_at)
]

# METADATA
# title: The item is open, so that its participants exchange
open if time.within(item.opens_at, item.closes_at, input.computed.law_at)

# METADATA
# title: What the law of the item's basis demands
# description: Undefined for whatever is no meeting of the law.
demands := _conferences[item.basis]

# METADATA
# title: What may be told at the item
# description: |
#   会議の議題として伝えてよい項目。A ground for each subject whom the item and the law are about:
#   what the recipient's seat holds and, outside of the open item, what was asked for. An item
#   has one basis, so that only this one is ever answered.
grounds(basis) := _grounds if _this(basis)

grounds(basis) := set() if not _this(basis)

# METADATA
# title: Why the meeting gives no ground
reasons(basis) := _reasons if _this(basis)

reasons(basis) := {result.against(basis, "NO_BASIS", "", [], [])} if not _this(basis)

_this(basis) if {
	item.basis == basis
	demands
}

_grounds contains result.ground(item.basis, s, fields, relied_on) if {
	count(_faults) == 0
	some s in ((_on_item & _in_scope) & _heard)
	not s in _refusing
	fields := sort((registry.within_class(item.basis) & _in_profile) & _asked(s))
	count(fields) > 0
}

_reasons contains result.against(item.basis, code, "", [], []) if some code in _faults

_reasons contains a if some a in _refusals

# Who has no seat at the item hears nothing about persons: whether somebody is on an agenda is
# itself a secret of the meeting.
_reasons contains result.against(item.basis, code, s, fields, []) if {
	count(senders) > 0
	some [s, code, fields] in _against
}

# METADATA
# title: The registered facts on which the exchange stands
relied_on := sort(((((_meeting | _people) | {sprintf("undertaking:%s", [u.id]) | some u in _undertakings}) | _asked_for) | {sprintf("council_notice:%s", [n.id]) | some n in data.lib.council.notices}))

_meeting := {sprintf("agenda_item:%s", [item.id]), sprintf("conference:%s", [conference.id])}

_people := {sprintf("participant:%s", [p.id]) | some p in _seats}

_asked_for := {sprintf("information_request:%s", [r.id]) | some r in requests}

_faults contains "NO_BASIS" if not _convened

_faults contains "NOT_ANNOUNCED" if not data.lib.council.announced

_faults contains "BASIS_EXPIRED" if not _in_force

_faults contains "NOT_MEMBER_TODAY" if not _both_seated

_faults contains "NO_UNDERTAKING" if not _both_bound

# The item is individual, at the meeting named and one that the law of its basis knows.
_convened if {
	item.nature == "individual"
	input.request.refs.conference in {"", conference.id}
	data.lib.council.founded
}

_in_force if {
	time.within(conference.valid_from, conference.valid_to, input.computed.law_at)
	_open_or_asked
}

_open_or_asked if _open_to_all

_open_or_asked if count(requests) > 0

# Some councils hear about persons only what they have asked for, in session too.
_open_to_all if {
	open
	demands.on_request_only == false
}

_seats := array.concat(recipients, senders)

_both_seated if {
	count(recipients) > 0
	count(senders) > 0
	every p in _seats {
		_member(p.agency)
		_safe_seat(p)
	}
}

# Where no notice is wanted the roster of the item alone says who is in.
_member(_) if demands.announced == false

_member(agency) if agency in data.lib.council.members

_safe_seat(_) if demands.counterpart_checked == false

_safe_seat(seat) if {
	demands.counterpart_checked == true
	seat.counterpart_checked == true
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

_on_item contains s if {
	some s in data.lib.facts.concerned
	person := data.lib.facts.persons[s]
	person in item.persons
}

_on_item contains s if {
	demands.household == true
	main := data.lib.facts.persons[data.lib.facts.main_subject]
	main in item.persons
	some s in data.lib.facts.concerned
	data.lib.facts.relations[s] == "household"
}

_in_scope contains s if {
	_listed
	some s in data.lib.facts.concerned
	registry.in_scope(item.basis, s)
}

# The case is on its list: of any person on the item whom the request concerns.
_listed if demands.ledger == ""

_listed if {
	some e in input.registered.list_entries
	e.list == demands.ledger
	e.held_by in data.lib.council.speakers
	e.person in item.persons
	time.within(e.valid_from, e.valid_to, input.computed.law_at)
}

# Whose will was heard, where the law tells to respect it.
_heard := {s |
	some s in data.lib.facts.concerned
	_will_heard(s)
} if {
	demands.wishes_heard
}

_will_heard(_) if count(demands.wishes_heard) == 0

_will_heard(subject) if {
	some a in facts.told(subject, "subject_wishes")
	a.value in demands.wishes_heard
	a.evidence != "assumed"
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
_against contains [s, "SUBJECT_NOT_ON_AGENDA", []] if some s in (data.lib.facts.concerned - _on_item)

# METADATA
# title: Nothing says that the law is about this person
# description: その根拠の対象(生活困窮者、要保護児童など)に当たることや登録が、確かめられていない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=427AC0000000105
#     description: 生活困窮者自立支援法9条
# custom:
#   code: SUBJECT_NOT_IN_SCOPE
#   article: "生活困窮者自立支援法9条、児童福祉法25条の2、孤独・孤立対策推進法16条など(対象となる人の定め)"
#   title_ja: "この方が、その根拠の対象に当たることが確かめられていない"
#   title_en: "Nothing says that this basis is about the person"
#   next_step_ja: "この方がどの区分(生活困窮者、要保護児童など)に当たるか、登録が済んでいるかをご確認ください。当たらないときは、ご本人の同意か、対象の合う会議での共有をご検討ください。"
#   next_step_en: "Check into which of the law's groups the person falls and whether the case is registered. If none fits, consider consent or a meeting that is about such persons."
#   side: controller
#   lawful_alternatives: [ask_consent, bring_to_support_conference, ask_officer]
_against contains [s, "SUBJECT_NOT_IN_SCOPE", []] if some s in (_on_item - _in_scope)

# METADATA
# title: Nobody has heard what the young person wants
# description: 子ども・若者本人の意思を尊重する定めがあるのに、本人の意思が確かめられていない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=421AC0000000071
#     description: 子ども・若者育成支援推進法2条7号・15条
# custom:
#   code: WISHES_NOT_HEARD
#   article: "子ども・若者育成支援推進法2条7号・15条1項(本人の意思の尊重)"
#   title_ja: "ご本人がどうしたいかが、まだ確かめられていない"
#   title_en: "What the person wants has not been heard yet"
#   next_step_ja: "まず、ご本人にどうしたいかをお尋ねください。会えない・聞けないときは、その事情を「意思を聞けない」として残せば、会議で共有できます。"
#   next_step_en: "First ask what the person wants. If nobody can reach or ask them, record that; the council may then go on."
#   side: controller
#   lawful_alternatives: [ask_consent, ask_officer]
_against contains [s, "WISHES_NOT_HEARD", []] if some s in ((_on_item & _in_scope) - _heard)

_against contains [s, "FIELD_NOT_NEEDED", [f]] if {
	some s in _on_item
	some f in (facts.about(s) - _in_profile)
}

_against contains [s, "BASIS_EXPIRED", [f]] if {
	some s in _on_item
	some f in ((facts.about(s) & _in_profile) - _asked(s))
}

# Who was refused, by a record of the person's or by the will that the law tells to respect, is
# an approver's decision.
_refusals contains a if some a in refusal.standing(item.basis, _approvals)

_refusals contains a if {
	some s in data.lib.facts.concerned
	some said in facts.told(s, "subject_wishes")
	said.value in demands.wishes_against
	some a in refusal.unless_approved(item.basis, s, _approvals)
}

_approvals := {"refused_recipient"}

_refusing := {a.subject | some a in _refusals}

# Of several rows for one person the narrowest profile counts; a row without one sets no limit,
# unless persons and families sit in the council.
_in_profile := {f |
	some f in data.lib.facts.field_ids
	every p in recipients {
		_profile_holds(p.profile, f)
	}
}

_profile_holds(profile, _) if {
	profile == ""
	demands.profile_required == false
}

_profile_holds(profile, field) if _index.profile_fields[profile][field]

# At the open item everything may be spoken of; outside of it, what was asked for.
_asked(subject) := facts.about(subject) if _open_to_all

_asked(subject) := requested(subject) if not _open_to_all

# METADATA
# title: Fields about a subject that the meeting has asked the sender for
requested(subject) := {f |
	person := data.lib.facts.persons[subject]
	some r in requests
	person in r.persons
	some f in r.fields
}
