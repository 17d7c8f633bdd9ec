# METADATA
# title: Whether the person somebody hides from is party to the unit
# description: |
#   相手方(加害者・つきまといをする人)が、提供先・担当者・記録の関係者に含まれるか。The counterpart
#   is a subject too: as recipient, as somebody acting, as staff of an agency addressed as a
#   whole, or as another person of the same record.
package lib.counterpart

import rego.v1

# METADATA
# title: Somebody of those named would receive it, send it or be told of in it
# description: |
#   `named` has `agencies`, `actors`, `actor_agencies` (where those actors work) and `persons`.
#   A named person at an agency where the counterpart works may receive; the agency as a whole
#   may not, since anybody there could open it.
party_to_unit(named) if input.request.recipient.agency in named.agencies

party_to_unit(named) if {
	some actor in [input.request.recipient.actor, input.request.sender.actor]
	actor in named.actors
}

party_to_unit(named) if {
	input.request.recipient.actor == ""
	input.request.recipient.agency in named.actor_agencies
}

party_to_unit(named) if {
	some person in _persons
	person in named.persons
}

# Whoever is recorded as the alleged perpetrator is told of, and told nothing.
_persons := {person |
	some s, person in data.lib.facts.persons
	data.lib.facts.relations[s] != "alleged_perpetrator"
}

# METADATA
# title: Whom a protection flag names as the other side
of_flag(flag) := {
	"agencies": object.get(flag, "counterpart_agencies", []),
	"actors": object.get(flag, "counterpart_actors", []),
	"actor_agencies": object.get(flag, "counterpart_actor_agencies", []),
	"persons": object.get(flag, "counterpart_persons", []),
}
