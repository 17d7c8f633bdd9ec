# METADATA
# title: What an agency has approved and what an officer has lifted
# description: |
#   決裁と担当者の判断。Both are registered facts about one person, recipient and purpose,
#   with an expiry; neither releases anything by itself.
package lib.approval

import rego.v1

import data.lib.facts
import data.lib.time

# Tables are read once; each look-up of base data costs more than one in a rule.
_reasons := data.reasons

# METADATA
# title: Approvals of the sending agency for this recipient and purpose, in force
# description: Nobody approves their own request.
in_force := [a |
	some a in input.registered.approvals
	a.agency == input.request.sender.agency
	a.approver != input.request.sender.actor
	facts.is_recipient(a.recipient)
	a.purpose == input.request.purpose
	time.within(a.approved_at, a.expires_at, input.computed.law_at)
]

# METADATA
# title: Verdicts on this recipient and purpose by two persons, in force
verdicts := [v |
	some v in input.registered.verdicts
	v.officer != v.second_person
	v.officer != input.request.sender.actor
	facts.is_recipient(v.recipient)
	v.purpose == input.request.purpose
	time.within(v.agreed_at, v.expires_at, input.computed.law_at)
]

# METADATA
# title: Approval of a kind for one person, whatever the fields
approvals(kind, person) := [a |
	some a in in_force
	a.kind == kind
	a.person == person
]

# METADATA
# title: An approval of a kind names the field of a person
approved(kind, person, field) if {
	some a in approvals(kind, person)
	_names(a.fields, field)
}

# METADATA
# title: Every person a field is about is covered by an approval of a kind
covers(kind, field) if {
	every subject in field.about {
		_approved_about(kind, subject, field.id)
	}
}

# A person is looked up before anything is asked about them: engines differ in what a call
# with an undefined argument is.
_approved_about(kind, subject, field) if {
	person := data.lib.facts.persons[subject]
	approved(kind, person, field)
}

# METADATA
# title: Two persons have lifted a code for the field of a person
lifted_on(code, person, field) if {
	_reasons.liftable[code]
	some v in verdicts
	v.person == person
	code in v.lifts
	_names(v.fields, field)
}

# METADATA
# title: A code is lifted for a field and every person it is about
lifted(code, field) if {
	every subject in field.about {
		_lifted_about(code, subject, field.id)
	}
}

_lifted_about(code, subject, field) if {
	person := data.lib.facts.persons[subject]
	lifted_on(code, person, field)
}

# METADATA
# title: A code is lifted for one person, whatever the fields
lifted_for(code, person) if {
	_reasons.liftable[code]
	some v in verdicts
	v.person == person
	code in v.lifts
}

# An empty list means every field that is asked for.
_names(fields, _) if count(fields) == 0

_names(fields, field) if field in fields
