# METADATA
# title: Who holds an office or stands on a law's list
# description: |
#   委嘱と指定。A person is commissioned, an agency is named in a plan or registered; both for a
#   term, and each by somebody. An agency is designated by the kind of body that the law names.
package lib.office

import rego.v1

import data.lib.time

_designations := data.designations

# METADATA
# title: Commissions of the receiving person for an office, in force
commissions(office) := [a |
	some a in input.registered.appointments
	a.office == office
	a.actor == input.request.recipient.actor
	time.within(a.term_from, a.term_to, input.computed.law_at)
]

# METADATA
# title: Designations of an agency for an office, in force
designations(agency, office) := [d |
	some d in input.registered.designations
	d.office == office
	d.agency == agency
	d.designated_by_kind in _designations[office].designators
	time.within(d.valid_from, d.valid_to, input.computed.law_at)
]
