# METADATA
# title: What the way something became known allows
# description: |
#   知った経緯による限定。Some origins bind what came from them: a list made for evacuation may
#   serve evacuation and no everyday purpose; what was told under a meeting's secrecy goes on
#   under the same basis, on another meeting's own request, or once it was put on a new basis,
#   item by item. A report is never bound.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=336AC0000000223
#     description: 災害対策基本法49条の13・49条の17・90条の6
package lib.origin

import rego.v1

import data.lib.conference
import data.lib.time

# Tables are read once; each look-up of base data costs more than one in a rule.
_basis := data.basis

_conferences := data.conferences

_origins := data.origins

# METADATA
# title: A basis may carry what became known in this way
free(_, field) if not _origins[field.origin]

free(id, field) if {
	_origins[field.origin]
	_basis[id].report == true
}

free(id, field) if {
	row := _origins[field.origin]
	id in row.bases
	_for_purpose(row, id)
	_yields(field)
}

free(id, field) if {
	_told_at(field)
	_conferences[id]
	field.told_under == id
}

# Another meeting hears it only where it has asked for it itself.
free(id, field) if {
	_told_at(field)
	_conferences[id]
	data.lib.conference.item.basis == id
	every subject in field.about {
		field.id in conference.requested(subject)
	}
}

# Put on another basis, for everybody it is about.
free(_, field) if {
	_told_at(field)
	count(field.about) > 0
	every subject in field.about {
		_rebased(subject, field)
	}
}

# METADATA
# title: The reason why something is bound
code(field) := _origins[field.origin].code

_told_at(field) if field.origin == "meeting"

_for_purpose(row, id) if not row.purposes[id]

_for_purpose(row, id) if input.request.purpose in row.purposes[id]

# A secrecy article that knows no good reason does not yield to one.
_yields(field) if not _strict(field)

_strict(field) if _conferences[field.told_under].justified_reason == false

# The sender did so with a consent of the person that still stands.
_rebased(subject, field) if {
	person := data.lib.facts.persons[subject]
	some r in input.registered.rebasings
	r.person == person
	r.agency == input.request.sender.agency
	field.id in r.fields
	_same_meeting(r, field)
	time.within(r.rebased_at, null, input.computed.law_at)
	some c in input.registered.consents
	c.id == r.consent
	c.person == person
	time.not_yet(c.withdrawn_at, input.computed.law_at)
}

# Where the sender says at which meeting it was told, the re-basing is of that one.
_same_meeting(_, field) if object.get(field, "told_under", "") == ""

_same_meeting(rebasing, field) if rebasing.from_basis == field.told_under
