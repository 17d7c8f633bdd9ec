# METADATA
# title: A second person's agreement in an emergency
# description: |
#   緊急時の二人目の同意。Given in person, in the system or by call-back; valid for one person
#   and recipient and for a limited time.
package lib.emergency

import rego.v1

import data.lib.facts
import data.lib.time

# METADATA
# title: Agreements on the main subject and this recipient, in force
agreements := [a |
	some a in input.registered.emergency_agreements
	a.person == data.lib.facts.persons[data.lib.facts.main_subject]
	facts.is_recipient(a.recipient)
	a.second_person != a.started_by
	a.second_person != input.request.sender.actor
	time.within(a.agreed_at, a.expires_at, input.computed.law_at)
]
