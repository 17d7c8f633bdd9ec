# METADATA
# title: Entrustment
# description: |
#   委託(27条5項1号・66条2項)。The entruster must itself be the controller of exactly these data.
#   An agreement to cooperate and an order from a third party are no entrustment. A contractor hands
#   back to the public body that entrusted it, and on to another only where its own contract lets it
#   (66条2項5号).
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律25条・27条5項1号・66条2項
# custom:
#   code: entrustment
#   article: "個人情報の保護に関する法律27条5項1号・66条2項"
#   title_ja: "委託"
#   title_en: "Entrustment"
#   effective_from: "2022-04-01"
package disclosure.basis.entrustment

import rego.v1

import data.lib.facts
import data.lib.refusal
import data.lib.registry
import data.lib.result
import data.lib.time

# METADATA
# title: Fields of the records that were entrusted
# description: 委託の対象となる記録の項目。
hits contains result.ground("entrustment", s, fields, [sprintf("entrustment:%s", [e.id])]) if {
	some e in _valid
	some s in data.lib.facts.concerned
	not s in _refused
	fields := sort(registry.within_class("entrustment") & _entrusted(e, s))
	count(fields) > 0
}

# METADATA
# title: Why there is no such entrustment
# description: 委託の種類・当事者・目的・期間・対象の合わないところ。
reasons contains result.against("entrustment", "NO_BASIS", "", [], []) if count(_between) == 0

reasons contains result.against("entrustment", "BASIS_NOT_FOR_SENDER", "", [], []) if {
	count(_between) > 0
	count(_own) == 0
}

reasons contains result.against("entrustment", "PURPOSE_FORBIDDEN", "", [], []) if {
	count(_own) > 0
	count(_for_purpose) == 0
}

reasons contains result.against("entrustment", "BASIS_EXPIRED", "", [], []) if {
	count(_for_purpose) > 0
	count(_valid) == 0
}

reasons contains result.against("entrustment", "FIELD_NOT_NEEDED", s, fields, []) if {
	count(_valid) > 0
	some s in data.lib.facts.concerned
	fields := sort(facts.about(s) - {f | some e in _valid; some f in _entrusted(e, s)})
	count(fields) > 0
}

reasons contains a if some a in refusals

_between := [e |
	some e in input.registered.entrustments
	_named(e)
	_parties(e)
]

_named(_) if input.request.refs.agreement == ""

_named(e) if e.id == input.request.refs.agreement

# Out to the contractor, or back to the public body that entrusted it.
_parties(e) if {
	e.entruster == input.request.sender.agency
	e.contractor == input.request.recipient.agency
}

_parties(e) if {
	input.request.sender.capacity.kind == "contractor"
	input.registered.recipient.agency.regime == "public"
	e.contractor == input.request.sender.agency
	e.entruster == input.request.recipient.agency
}

_own := [e |
	some e in _between
	e.kind == "entrustment"
	_of_the_controller(e)
]

_of_the_controller(e) if {
	input.request.sender.capacity.kind == "own_business"
	e.controller == input.request.sender.agency
}

# What comes back belongs to whoever entrusted it.
_of_the_controller(e) if {
	e.contractor == input.request.sender.agency
	e.controller == e.entruster
}

# What goes on belongs to the same controller, whose contract lets it go on.
_of_the_controller(e) if {
	some c in data.lib.capacity.in_force
	c.sub_processing == true
	c.controller == e.controller
	e.entruster == input.request.sender.agency
}

_for_purpose := [e | some e in _own; input.request.purpose in e.purposes]

_valid := [e | some e in _for_purpose; time.within(e.valid_from, e.valid_to, input.computed.law_at)]

_entrusted(e, subject) := {f |
	some f in facts.about(subject)
	split(f, ".")[0] in e.records
}

refusals := refusal.standing("entrustment", {"refused_recipient"})

_refused := {a.subject | some a in refusals}
