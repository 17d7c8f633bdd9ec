# METADATA
# title: What an entrusting contract covers
# description: |
#   委託契約の範囲。The entruster must itself be the controller of exactly these data. An agreement
#   to cooperate and an order from a third party are no entrustment, and a contract under one
#   law is none under another. A contractor hands back to the public body that entrusted it, and on to
#   another only where its own contract lets it.
package lib.entrusting

import rego.v1

import data.lib.facts
import data.lib.refusal
import data.lib.registry
import data.lib.result
import data.lib.time

# METADATA
# title: Fields of the records that were entrusted
# description: 委託の対象となる記録の項目。
grounds(basis, kind) := {result.ground(basis, s, fields, [sprintf("entrustment:%s", [e.id])]) |
	some e in _valid(kind)
	some s in data.lib.facts.concerned
	not s in {a.subject | some a in _refusals(basis)}
	fields := sort(registry.within_class(basis) & _entrusted(e, s))
	count(fields) > 0
}

# METADATA
# title: Why there is no such entrustment
# description: 委託の種類・当事者・目的・期間・対象の合わないところ。
reasons(basis, kind) := ({result.against(basis, code, "", [], []) | some code in _faults(kind)} | _uncovered(basis, kind)) | _refusals(basis)

_faults(_) := {"NO_BASIS"} if count(_between) == 0

_faults(kind) := {"BASIS_NOT_FOR_SENDER"} if {
	count(_between) > 0
	count(_own(kind)) == 0
}

_faults(kind) := {"PURPOSE_FORBIDDEN"} if {
	count(_own(kind)) > 0
	count(_for_purpose(kind)) == 0
}

_faults(kind) := {"BASIS_EXPIRED"} if {
	count(_for_purpose(kind)) > 0
	count(_valid(kind)) == 0
}

_faults(kind) := set() if count(_valid(kind)) > 0

_uncovered(basis, kind) := {result.against(basis, "FIELD_NOT_NEEDED", s, fields, []) |
	count(_valid(kind)) > 0
	some s in data.lib.facts.concerned
	fields := sort(facts.about(s) - {f | some e in _valid(kind); some f in _entrusted(e, s)})
	count(fields) > 0
}

_refusals(basis) := refusal.standing(basis, {"refused_recipient"})

_between := [e |
	some e in input.registered.entrustments
	_named(e)
	_parties(e)
]

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

_named(_) if input.request.refs.agreement == ""

_named(e) if e.id == input.request.refs.agreement

_own(kind) := [e |
	some e in _between
	e.kind == kind
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

# What goes on belongs to the same controller, whose contract lets it go on (66条2項5号).
_of_the_controller(e) if {
	some c in data.lib.capacity.in_force
	c.sub_processing == true
	c.controller == e.controller
	e.entruster == input.request.sender.agency
}

_for_purpose(kind) := [e | some e in _own(kind); input.request.purpose in e.purposes]

_valid(kind) := [e | some e in _for_purpose(kind); time.within(e.valid_from, e.valid_to, input.computed.law_at)]

_entrusted(e, subject) := {f |
	some f in facts.about(subject)
	split(f, ".")[0] in e.records
}
