# METADATA
# title: What a valid consent covers
# description: |
#   有効な同意の範囲。Shared by the private and the public basis. Each condition is stated
#   positively, so an absent fact makes a consent faulty; a consent covers fields only when
#   it has no fault at all.
package lib.consent

import rego.v1

import data.lib.facts
import data.lib.result
import data.lib.time

# Tables are read once; each look-up of base data costs more than one in a rule.
_index := data.index

# METADATA
# title: What consents cover, per subject
grants contains {"subject": s, "fields": covered, "facts": [sprintf("consent:%s", [c.id])]} if {
	some [s, c] in _pairs
	not [s, c.id] in _faulty
	covered := [f.id | some f in data.lib.facts.fields; s in f.about; _covers(c, f)]
	count(covered) > 0
}

# METADATA
# title: Why a subject's consents do not cover a field
# description: A consent in order speaks for the person; the faults of others then say nothing.
against(rule) := {result.against(rule, code, s, [], []) |
	some [s, id, code] in faults
	not s in _in_order
	_speaks(id)
} | {result.against(rule, "CONSENT_MISSING", s, fields, []) |
	some s in data.lib.facts.concerned
	_silent_or_in_order(s)
	fields := sort(facts.about(s) - _granted(s))
	count(fields) > 0
}

# METADATA
# title: No consent covers it
# description: その提供先・目的・項目をすべて覆う同意の記録がない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: CONSENT_MISSING
#   article: "個人情報の保護に関する法律27条1項・69条2項1号"
#   title_ja: "この提供先・目的・項目についての同意がない"
#   title_en: "There is no consent for this recipient, purpose and field"
#   next_step_ja: "ご本人に、どこへ・何のために・どの項目を渡すかを説明し、同意をお願いしてみてください。同意をいただけた項目だけを先に渡すこともできます。ご本人が相談先へ直接連絡できるよう、紹介する方法もあります。"
#   next_step_en: "Explain to the person to whom, for what and which items would pass, and ask for consent; agreed items can pass first. You may also introduce the person to the agency."
#   side: controller
#   lawful_alternatives: [ask_consent, reduce_fields, bring_to_support_conference, introduce_person_themselves]
faults contains [s, c.id, "CONSENT_MISSING"] if {
	some [s, c] in _pairs
	not _in_scope(c)
}

# METADATA
# title: The consent was withdrawn
# description: 撤回は将来に向かって効く。撤回の時から後は、その同意では渡さない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: CONSENT_WITHDRAWN
#   article: "個人情報の保護に関する法律27条1項・69条2項1号"
#   title_ja: "同意が撤回されている"
#   title_en: "The consent has been withdrawn"
#   next_step_ja: "ご本人のお考えが変わったということです。理由を無理に聞かず、今後の支援で何を誰に伝えてよいかを、あらためてご相談ください。"
#   next_step_en: "The person has changed their mind. Without pressing for reasons, talk again about what may be told to whom."
#   side: controller
#   lawful_alternatives: [ask_consent, bring_to_support_conference, introduce_person_themselves]
faults contains [s, c.id, "CONSENT_WITHDRAWN"] if {
	some [s, c] in _pairs
	not _standing(c)
}

faults contains [s, c.id, "BASIS_EXPIRED"] if {
	some [s, c] in _pairs
	not _current(c)
}

# METADATA
# title: Whoever agreed had no authority to
# description: 本人に代わる権限のない家族の署名や、判断する力の確かめられない同意は数えない。
# related_resources:
#   - ref: https://www.ppc.go.jp/personalinfo/legal/guidelines_tsusoku/
# custom:
#   code: CONSENTER_NO_AUTHORITY
#   article: "個人情報の保護に関する法律27条1項・69条2項1号(ガイドライン通則編2-16)"
#   title_ja: "同意した人に、ご本人に代わって同意する権限がない"
#   title_en: "Whoever agreed had no authority to agree for the person"
#   next_step_ja: "大人の方については、ご家族でも代わりに同意できません。ご本人に直接お尋ねになるか、成年後見人など権限のある方にお願いしてください。お子さんの場合は、親権者などの同意が必要なことがあります。"
#   next_step_en: "For an adult not even the family can agree in their place. Ask the person, or a guardian with authority. For a child a parent or guardian may have to agree."
#   side: controller
#   lawful_alternatives: [ask_consent, bring_to_support_conference]
faults contains [s, c.id, "CONSENTER_NO_AUTHORITY"] if {
	some [s, c] in _pairs
	not _authority(s, c)
}

# METADATA
# title: The consent was not free
# description: 利害の対立する相手がその場にいた同意は、自由な意思によるものと扱わない。
# related_resources:
#   - ref: https://www.ppc.go.jp/personalinfo/legal/guidelines_tsusoku/
# custom:
#   code: CONFLICT_OF_INTEREST
#   article: "個人情報の保護に関する法律27条1項・69条2項1号(ガイドライン通則編2-16)"
#   title_ja: "ご本人が自由に答えられる場での同意ではない"
#   title_en: "The consent was not given freely"
#   next_step_ja: "利害の対立する方がいない場所と時間をつくり、ご本人だけにあらためてお尋ねください。"
#   next_step_en: "Please ask the person again, alone, at a time and place where nobody with opposing interests is present."
#   side: officer
#   lawful_alternatives: [ask_consent, ask_officer]
faults contains [s, c.id, "CONFLICT_OF_INTEREST"] if {
	some [s, c] in _pairs
	not _free(c)
}

faults contains [s, c.id, "RECIPIENT_REFUSED_BY_SUBJECT"] if {
	some [s, c] in _pairs
	s in data.lib.refusal.subjects
}

faults contains [s, c.id, "CONSENT_WITHDRAWN"] if {
	some [s, c] in _pairs
	_unwilling(s)
}

faults contains [s, c.id, "BASIS_EXPIRED"] if {
	some [s, c] in _pairs
	not _living(s)
}

_pairs := [[s, c] |
	some s in data.lib.facts.concerned
	person := data.lib.facts.persons[s]
	some c in input.registered.consents
	c.person == person
]

_faulty contains [s, id] if some [s, id, _] in faults

_in_order := {s | some [s, c] in _pairs; not [s, c.id] in _faulty}

_with_record := {s | some [s, _] in _pairs}

_granted(subject) := {f |
	some g in grants
	g.subject == subject
	some f in g.fields
}

_silent_or_in_order(subject) if subject in _in_order

_silent_or_in_order(subject) if not subject in _with_record

# When the request names a consent, only that one's faults are told.
_speaks(_) if input.request.refs.consent == ""

_speaks(id) if input.request.refs.consent == id

_speaks(_) if not _named_is_known

_named_is_known if {
	some [_, c] in _pairs
	c.id == input.request.refs.consent
}

_free(c) if {
	c.counterpart_present == false
	c.interpreter in {"none", "independent"}
	_gains_nothing(c)
	_no_opponent(c)
}

# Whoever agrees for the person is not the one who would receive it. Where an agency is addressed
# as a whole, anybody there might be.
_gains_nothing(c) if c.given_by_actor == ""

_gains_nothing(c) if {
	input.request.recipient.actor != ""
	c.given_by_actor != input.request.recipient.actor
}

_no_opponent(c) if c.capacity in _own_capacities

_no_opponent(c) if {
	c.given_by != ""
	not c.given_by in _opponents
	not c.given_by_actor in _opposing_actors
}

_no_opponent(c) if {
	c.given_by == ""
	count(_opponents) == 0
	not c.given_by_actor in _opposing_actors
}

# From whom the person hides, and who is said to have harmed them.
_opponents contains person if {
	some s, person in data.lib.facts.persons
	data.lib.facts.relations[s] == "alleged_perpetrator"
}

_opponents contains person if {
	some flag in data.disclosure.stop.stop_protected_address.flags
	some person in flag.counterpart_persons
}

_opposing_actors contains actor if {
	some flag in data.disclosure.stop.stop_protected_address.flags
	some actor in flag.counterpart_actors
}

_standing(c) if time.not_yet(c.withdrawn_at, input.computed.law_at)

# A consent whose review day has passed has to be confirmed before it carries again.
_current(c) if {
	time.within(c.valid_from, c.valid_to, input.computed.law_at)
	time.not_yet(c.review_on, input.computed.law_at)
	_blanket_current(c)
}

# The person's no of today counts, whoever had agreed.
_unwilling(subject) if {
	some a in facts.told(subject, "subject_wishes")
	a.value in {"refuses", false}
}

# Nobody agrees for the dead; what they had agreed to was about their life.
_living(subject) if {
	every a in facts.told(subject, "deceased") {
		a.value == false
	}
}

_own_capacities := {"self", "self_minor_capable"}

_authority(subject, c) if {
	c.capacity == "self"
	not _below_age(subject)
	not _not_competent(subject)
}

# A child counts as able only when its age is vouched for.
_authority(subject, c) if {
	c.capacity == "self_minor_capable"
	count(facts.told(subject, "subject_age")) > 0
	not _below_age(subject)
	not _not_competent(subject)
}

# A parent agrees for a child below the age, and for nobody older.
_authority(subject, c) if {
	c.capacity == "guardian_parent"
	_below_age(subject)
}

# A guardian, curator or assistant has shown the register's certificate; what it leaves to the
# person is not agreed to on an old blanket form.
_authority(_, c) if {
	c.capacity == "legal_guardian"
	c.proof_seen == true
}

_authority(_, c) if {
	c.capacity == "curator_assist_scope"
	c.proof_seen == true
	c.method != "imported_blanket"
}

_below_age(subject) if {
	some a in facts.told(subject, "subject_age")
	not _of_age(a)
}

# Of the ages in force on the day the highest counts; where none is, nobody is of age.
_of_age(a) if {
	is_number(a.value)
	ages := {row.age |
		some row in data.lib.registry.thresholds.minor_consent_age
		time.within(row.from_at, row.to_at, input.computed.law_at)
	}
	count(ages) > 0
	every age in ages {
		a.value >= age
	}
}

_not_competent(subject) if {
	some a in facts.told(subject, "subject_competent")
	a.value != true
}

_in_scope(c) if {
	input.request.purpose in c.purposes
	_expressed(c)
	_recognised(c)
	_for_recipient(c)
	_blanket_scope(c)
}

# Silence agrees to nothing: somebody said or wrote it, and words read aloud have a version.
_expressed(c) if c.method in {"paper", "electronic", "imported_blanket"}

_expressed(c) if {
	c.method == "oral_scripted"
	c.text_version != ""
}

# Whoever relies on it took it, works with who took it under a contract between them, or is one
# of those to whom the person agreed; a consent that others took says nothing of this sender.
_recognised(c) if c.taken_by == input.request.sender.agency

_recognised(c) if {
	some e in input.registered.entrustments
	e.kind == "entrustment"
	{e.entruster, e.contractor} == {c.taken_by, input.request.sender.agency}
	time.within(e.valid_from, e.valid_to, input.computed.law_at)
}

_recognised(c) if {
	c.method != "imported_blanket"
	agency := input.registered.sender.agency
	_range_holds(c, agency)
}

_recognised(c) if {
	c.method != "imported_blanket"
	input.request.sender.agency in c.recipients_named
}

_for_recipient(c) if {
	agency := input.registered.recipient.agency
	_range_holds(c, agency)
}

_for_recipient(c) if {
	some id in c.recipients_named
	facts.is_recipient(id)
}

# A kind of agency was told to the person as it was then: whoever joined later gets nothing.
_range_holds(c, agency) if {
	agency.kind in c.recipient_classes
	agency.valid_from <= c.valid_from
}

_covers(c, field) if {
	not field.id in c.items_refused
	every class in field.classes {
		_class_given(c, class)
	}
	_blanket_covers(c, field)
}

# System values say nothing about anybody.
_class_given(_, class) if class == "SYS"

_class_given(c, class) if class in c.item_classes

# Whereabouts of somebody nobody hides from are contact data like others.
_class_given(c, class) if {
	class == "PAD"
	"CON" in c.item_classes
	count(data.disclosure.stop.stop_protected_address.protected) == 0
}

# Blanket consents taken over from paper forms: capped, public bodies only, soon to end.
_blanket_current(c) if c.method != "imported_blanket"

_blanket_current(c) if {
	c.method == "imported_blanket"
	is_number(c.imported_at)
	input.computed.law_at < c.imported_at + data.lib.registry.thresholds.imported_blanket_ms
}

_blanket_scope(c) if c.method != "imported_blanket"

_blanket_scope(c) if {
	c.method == "imported_blanket"
	input.request.purpose in data.lib.registry.thresholds.imported_blanket_purposes
	_public_or_contractor
}

_blanket_covers(c, _) if c.method != "imported_blanket"

_blanket_covers(c, field) if {
	c.method == "imported_blanket"
	every class in field.classes {
		_blanket_or_code(class, field.id)
	}
}

_blanket_or_code(class, _) if class in data.lib.registry.thresholds.imported_blanket_classes

_blanket_or_code(class, field) if {
	class == "ECO"
	_index.code_fields[field]
}

_public_or_contractor if input.registered.recipient.agency.regime == "public"

_public_or_contractor if {
	input.registered.sender.agency.regime == "public"
	some e in input.registered.entrustments
	e.kind == "entrustment"
	e.entruster == input.request.sender.agency
	e.contractor == input.request.recipient.agency
	time.within(e.valid_from, e.valid_to, input.computed.law_at)
}
