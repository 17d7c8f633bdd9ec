# METADATA
# title: May this pass?
# description: |
#   提供可否の判断。Stops first, then parties, then the grounds for every person that a field
#   is about, then only the fields that are needed. The default is refusal.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律27条・69条
# entrypoint: true
# custom:
#   code: main
#   article: "個人情報の保護に関する法律27条1項・69条1項"
#   title_ja: "提供可否の判断"
#   title_en: "Decision on a disclosure"
package disclosure.main

import rego.v1

import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_basis := data.basis

_meta := data.meta

_stops := data.stops

# METADATA
# title: The decision for one unit
# description: |
#   Its shape is `schemas/policy-decision.json`. Undefined when the tables lack a text or a
#   duty that the decision would need, which refuses.
# entrypoint: true
decision := {
	"outcome": outcome,
	"fields_permitted": permitted,
	"fields_withheld": withheld,
	"grounds": shown_grounds,
	"stops": shown_stops,
	"reasons": shown_reasons,
	"obligations": obligations,
	"held_by": held_by,
	"alert": alert,
	"asserted_only": sort(object.keys(data.lib.facts.asserted)),
	"policy_pack": input.registered.tenant.pack,
} if {
	count(shown_reasons) == count(_told)
}

default outcome := "deny"

outcome := "permit" if count(permitted) > 0

# METADATA
# title: It is a report, which is never turned away
# description: |
#   通告・通報・届出、気づきの連絡。A report to the authority that takes it: whatever must not pass is
#   taken out, and whoever cannot be verified is set apart for the desk.
reported if {
	some h in _report_grounds
	h.subject == data.lib.facts.main_subject
}

# METADATA
# title: Fields that the report itself carries, for everybody they are about
reported_fields := {f.id | some f in data.lib.facts.fields} - {f.id |
	some f in data.lib.facts.fields
	some s in f.about
	not [s, f.id] in _told_in_report
}

_told_in_report := {[h.subject, f] | some h in _report_grounds; some f in h.fields}

_report_grounds := [h | some h in grounds; _basis[h.basis].report == true]

outcome := "not_applicable" if {
	count(_whole) == 0
	count(data.lib.registry.candidates) == 0
}

# METADATA
# title: Fields that pass
# description: Grounded for everybody they are about, and nothing stands against them.
permitted := [f |
	count(_whole) == 0
	some f in sort(_grounded - _blocked)
]

# METADATA
# title: Fields that do not pass, with every code against them and who may lift that
withheld := [{"field": f, "codes": sort(_codes(f)), "by": _lifted_by(f)} |
	some f in sort(data.lib.facts.field_ids)
	not f in permitted
]

# METADATA
# title: Whatever stands against a field, with the rule that says so
blocks contains [f, h.code, h.stop, h.by] if {
	some h in stops
	some f in h.fields
}

# In a report a stop that would refuse the whole takes out what leads to where somebody is.
blocks contains [f, h.code, h.stop, []] if {
	reported
	some h in stops
	h.whole
	some f in _led
}

# What other grounds would add to a report stands or falls as it would without it.
blocks contains [f, code, rule, []] if {
	some [code, rule] in _set_aside
	some f in (data.lib.facts.field_ids - reported_fields)
}

blocks contains [f, a.code, a.rule, a.by] if {
	some a in _guards
	some f in a.fields
}

blocks contains [f, _no_basis, "main", []] if {
	some f in _ungrounded
	not f in _explained
}

blocks contains [f.id, _code(a.code, s), a.rule, a.by] if {
	some [s, f] in _open_pairs
	some a in against
	a.rule in _primary
	_touches(a, s, f.id)
}

# METADATA
# title: Another person is concerned for whom nothing allows it
# description: 項目に本人以外の人の情報が含まれ、その人についての根拠がない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: THIRD_PERSON_INCLUDED
#   article: "個人情報の保護に関する法律27条1項・69条2項"
#   title_ja: "ほかの方(家族・関係者)の情報が含まれている"
#   title_en: "It holds information about somebody else"
#   next_step_ja: "その方の情報を外してお送りください。必要なときは、その方ご自身にも同意をお願いするか、世帯の課題として支援会議で共有できないかをご検討ください。"
#   next_step_en: "Please leave out what concerns the other person. If it is needed, ask that person too, or share it as a household matter in the support conference."
#   side: controller
#   lawful_alternatives: [reduce_fields, ask_consent, bring_to_support_conference]
_code(_, subject) := "THIRD_PERSON_INCLUDED" if subject != data.lib.facts.main_subject

_code(code, subject) := code if subject == data.lib.facts.main_subject

# METADATA
# title: Nothing allows it
# description: 法令の根拠も、ご本人の同意も見当たらない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: NO_BASIS
#   article: "個人情報の保護に関する法律27条1項・69条1項"
#   title_ja: "提供できる根拠が見当たらない"
#   title_en: "Nothing in law or consent allows it"
#   next_step_ja: "まずはご本人に同意をお願いできないかをご検討ください。むずかしいときは支援会議の議題にする方法があります。虐待の疑いは通告・通報として、命の危険は緊急時の提供として、ためらわずにご連絡ください。"
#   next_step_en: "First consider asking the person. Otherwise the matter can be brought to the support conference. Suspected abuse is always reported, danger to life goes the emergency way: please do not hesitate."
#   side: controller
#   lawful_alternatives: [ask_consent, bring_to_support_conference, abuse_notice, emergency_rule, ask_officer]
_no_basis := "NO_BASIS"

# What refuses the unit as a whole, whatever the fields.
_whole contains [code, rule] if {
	not reported
	some [code, rule] in _unless_reported
}

# What would refuse the whole, were it no report.
_set_aside := {w | reported; some w in _unless_reported}

_unless_reported contains [h.code, h.stop] if {
	some h in stops
	h.whole
}

_unless_reported contains [a.code, a.rule] if some a in data.lib.parties.sender_against

_whole contains [a.code, a.rule] if some a in data.lib.parties.recipient_against

# A unit is about one main subject, by a handle that is known.
_whole contains [_no_basis, "main"] if not _main_known

_main_known if data.lib.facts.main_subject != ""

# Statements that cannot be read may be the very ones that restrict.
_whole contains [_no_basis, "main"] if not data.lib.facts.statements_read

# A field passes only with a ground for every person it is about.
_covered contains [h.subject, f] if {
	some h in grounds
	some f in h.fields
}

_open_pairs := [[s, f] |
	some f in data.lib.facts.fields
	some s in f.about
	not [s, f.id] in _covered
]

_grounded := {f.id | some f in data.lib.facts.fields; count(f.about) > 0} - {f.id | some [_, f] in _open_pairs}

_ungrounded := data.lib.facts.field_ids - _grounded

_blocked := ({f | some h in stops; some f in h.fields} | {f | some a in _guards; some f in a.fields}) | (_led | _beside)

_beside := {f | count(_set_aside) > 0; some f in (data.lib.facts.field_ids - reported_fields)}

# What limits every ground alike.
_guards contains a if some a in data.lib.minimise.against

_guards contains a if some a in data.lib.safeguards.against

_led := {f.id |
	reported
	some h in stops
	h.whole
	some f in data.lib.facts.fields
	_whereabouts(f)
}

_whereabouts(field) if {
	some class in field.classes
	class in _stops.whereabouts_classes
}

_explained := {f.id |
	some [s, f] in _open_pairs
	some a in against
	a.rule in _primary
	_touches(a, s, f.id)
}

# Which bases speak about a withheld field: the named one, else those that hold, else all.
_primary := {data.lib.registry.named} if _named_is_candidate

_primary := _holding if {
	not _named_is_candidate
	count(_holding) > 0
}

_primary := _outspoken if {
	not _named_is_candidate
	count(_holding) == 0
}

_named_is_candidate if data.lib.registry.named in data.lib.registry.candidates

# Of bases that nobody named, those that only lack everything have nothing to say, unless
# all are like that.
_outspoken := outspoken if {
	outspoken := {a.rule | some a in against; a.code != "NO_BASIS"}
	count(outspoken) > 0
} else := data.lib.registry.candidates

_holding := {h.basis | some h in grounds}

_touches(a, subject, field) if {
	a.subject in {"", subject}
	_about(a.fields, field)
}

_about(fields, _) if count(fields) == 0

_about(fields, field) if field in fields

_codes(field) := {code | some [f, code, _, _] in blocks; f == field} | {code | some [code, _] in _whole}

# METADATA
# title: Whatever stands against a basis
# description: What the registry, the basis and its class limit say, in one set.
against contains a if some a in data.lib.registry.against

against contains a if some a in data.lib.registry.too_high

# Grounds that carry the decision: the one named, else the first in order of the law.
governing contains h if {
	outcome == "permit"
	some h in grounds
	some f in h.fields
	f in permitted
	not _overtaken(h, f)
}

_overtaken(h, field) if {
	some other in grounds
	other.subject == h.subject
	field in other.fields
	_rank(other.basis) < _rank(h.basis)
}

_rank(basis) := 0 if basis == data.lib.registry.named

_rank(basis) := row.rank if {
	basis != data.lib.registry.named
	row := _basis[basis]
}

shown_grounds := [ground |
	some basis in sort({h.basis | some h in governing})
	row := _basis[basis]
	rule := _meta.rules[basis]
	ground := {
		"basis": basis,
		"article": rule.article,
		"title_ja": rule.title_ja,
		"title_en": rule.title_en,
		"fields": [f | some f in permitted; f in _carried(basis)],
		"facts": sort({fact | some h in governing; h.basis == basis; some fact in h.facts}),
		"verified": row.verified,
	}
]

_carried(basis) := {f |
	some h in governing
	h.basis == basis
	some f in h.fields
}

# Sorted by plain words: engines order objects each in its own way.
shown_stops := [{"stop": stop, "code": code, "whole": whole, "fields": fields} |
	some [stop, code, whole, fields] in sort({[h.stop, h.code, h.whole, h.fields] | some h in stops})
]

# Reasons: [order, code, rule]; the named basis speaks first, the whole before the parts.
_told contains [0, code, rule] if some [code, rule] in _whole

_told contains [_order(rule), code, rule] if {
	count(_whole) == 0
	some [_, code, rule, _] in blocks
}

_told contains [_order(a.rule), a.code, a.rule] if {
	outcome == "deny"
	count(_whole) == 0
	some a in against
	_told_aloud(a.rule)
	_speaks_for_main(a)
}

_told_aloud(rule) if rule == data.lib.registry.named

# Where a basis holds, what other bases lack is nobody's reason.
_told_aloud(rule) if {
	count(_holding) == 0
	rule in _outspoken
}

_speaks_for_main(a) if a.subject in {"", data.lib.facts.main_subject}

_order(rule) := 1 if rule == data.lib.registry.named

_order(rule) := 2 if {
	rule != data.lib.registry.named
	not _basis[rule]
}

_order(rule) := 3 if {
	rule != data.lib.registry.named
	_basis[rule]
}

shown_reasons := [result.reason(code, rule, _reason_fields(code, rule)) | some [_, code, rule] in sort(_told)]

_reason_fields(code, rule) := [] if [code, rule] in _whole

_reason_fields(code, rule) := fields if {
	not [code, rule] in _whole
	fields := sort(_told_fields(code, rule))
	count(fields) < count(data.lib.facts.field_ids)
}

_reason_fields(code, rule) := [] if {
	not [code, rule] in _whole
	count(_told_fields(code, rule)) == count(data.lib.facts.field_ids)
}

_told_fields(code, rule) := {f | some [f, c, r, _] in blocks; c == code; r == rule}

# METADATA
# title: Who may lift a refusal
# description: |
#   Only when a field exists against which nothing but liftable things stand, seen from one
#   candidate basis. Empty on a permit and on whatever refuses as a whole.
held_by := sort({who | some [_, by] in _liftable; some who in by}) if outcome == "deny"

held_by := [] if outcome != "deny"

# In a permit too: a field that was withheld may be lifted like a whole refusal.
_lifted_by(field) := sort({who | some [f, by] in _liftable; f == field; some who in by})

_liftable contains [f.id, by] if {
	count(_whole) == 0
	some f in data.lib.facts.fields
	not f.id in _hopeless_fields
	some basis in data.lib.registry.eligible
	not [basis, f.id] in _hopeless_bases
	not [basis, f.id] in _unanswered
	some by in _lifters(basis, f)
}

_hopeless_fields := {f | some [f, _, rule, by] in blocks; rule in _common; by == []}

# Blocks that stand whatever the basis.
_common := {a.rule | some a in _guards} | {h.stop | some h in stops}

_hopeless_bases := {[a.rule, f.id] |
	some [s, f] in _open_pairs
	some a in against
	a.by == []
	_touches(a, s, f.id)
}

# A basis that says nothing about an open field gives no hope for it either.
_unanswered := {[basis, f.id] |
	some [s, f] in _open_pairs
	some basis in data.lib.registry.eligible
	count([a | some a in against; a.rule == basis; _touches(a, s, f.id)]) == 0
}

_lifters(basis, field) := {by | some [f, _, rule, by] in blocks; f == field.id; rule in _common} | {a.by |
	some a in against
	a.rule == basis
	some s in field.about
	_touches(a, s, field.id)
}

default alert := false

alert if {
	some h in stops
	h.alert
}

alert if {
	data.lib.occasional.repeated
	some basis in data.lib.duties.bases
	row := _basis[basis]
	row.ad_hoc == true
}

# METADATA
# title: Duties that come with a permit
# description: Undefined when a table lacks one of them, so that nothing passes without it.
obligations := [] if outcome != "permit"

obligations := sort(due) if {
	outcome == "permit"
	{d.code | some d in due} == data.lib.duties.codes
}

# Duties that a table describes in full; those that are computed have packages of their own.
due contains d if some d in data.lib.duties.due
