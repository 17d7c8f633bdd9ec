# METADATA
# title: Which duties a permit brings
# description: |
#   提供に付す条件の集め方。The union of what the basis, the purpose, the classes that pass, the
#   recipient's kind, the way of telling and the stops that fired demand; of several due days
#   the earliest counts.
package lib.duties

import rego.v1

import data.lib.facts
import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_basis := data.basis

_obligations := data.obligations

# METADATA
# title: Bases that carry the permit
bases := {h.basis | some h in data.disclosure.main.governing}

codes contains code if {
	some basis in bases
	row := _basis[basis]
	some code in row.obligations
}

codes contains code if {
	input.registered.recipient.agency.regime == "private"
	some basis in bases
	row := _basis[basis]
	some code in row.obligations_private_recipient
}

codes contains code if {
	input.registered.sender.agency.regime == "public"
	some basis in bases
	row := _basis[basis]
	some code in row.obligations_public_sender
}

# Where somebody's whereabouts are protected the duty stays, even if the mask was lifted.
codes contains "protect_address" if count(data.disclosure.stop.stop_protected_address.protected) > 0

# Whoever reports need not be registered, in office or beyond doubt; the desk looks first.
codes contains "quarantine_review" if {
	data.disclosure.main.reported
	count(data.lib.parties.sender_against) > 0
}

codes contains "quarantine_review" if {
	data.disclosure.main.reported
	some h in data.disclosure.main.stops
	h.whole
}

codes contains code if {
	some c in _consents
	some code in _obligations.by_capacity[c.capacity]
}

# Told in time, and withdrawn since: what was told stays told, and those who have it hear of it.
codes contains code if {
	some c in _consents
	is_number(c.withdrawn_at)
	c.withdrawn_at <= input.computed.now
	some code in _obligations.on_withdrawal
}

codes contains code if {
	some a in facts.told(data.lib.facts.main_subject, "subject_wishes")
	some code in _obligations.by_wish[a.value]
}

codes contains code if some code in _obligations.by_purpose[input.request.purpose]

codes contains code if some code in _obligations.by_recipient_kind[input.registered.recipient.agency.kind]

codes contains code if some code in _obligations.by_direction[input.request.direction]

codes contains code if {
	some class in _classes_passing
	some code in _obligations.by_class[class]
}

codes contains code if {
	some h in data.disclosure.main.stops
	some code in _obligations.by_stop[h.stop]
}

# METADATA
# title: Duties whose parameters are in the table
due contains result.duty(code, row.params, _due_at(row)) if {
	some code in codes
	row := _obligations.duties[code]
	row.computed == false
}

_consents := [c |
	some c in input.registered.consents
	fact := sprintf("consent:%s", [c.id])
	some h in data.disclosure.main.governing
	fact in h.facts
]

_classes_passing := {class |
	some f in data.lib.facts.fields
	f.id in data.disclosure.main.permitted
	some class in f.classes
}

_due_at(row) := null if row.due == null

_due_at(row) := input.computed.now + data.lib.registry.thresholds[row.due] if row.due != null
