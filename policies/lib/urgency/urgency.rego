# METADATA
# title: What danger to life demands
# description: |
#   命の危険を知らせる項目。A field that averts danger to life for everybody it is about, on a
#   ground for such danger; what only guards handling in ordinary times does not hold it back.
package lib.urgency

import rego.v1

import data.lib.facts

# Tables are read once; each look-up of base data costs more than one in a rule.
_stops := data.stops

# METADATA
# title: The field tells of danger to life, on a ground for everybody it is about
saves_life(field) if {
	told
	count(field.about) > 0
	every subject in field.about {
		[subject, field.id] in _carried
	}
}

# METADATA
# title: The controller vouches for danger to the main subject's life
told if {
	some a in facts.told(data.lib.facts.main_subject, "danger")
	a.value == "life"
}

# METADATA
# title: What guards ordinary handling yields to a report and to danger to life
yields(_) if data.disclosure.main.reported

yields(field) if saves_life(field)

_carried contains [h.subject, f] if {
	some h in data.disclosure.main.grounds
	h.basis in _stops.danger_bases
	some f in h.fields
}
