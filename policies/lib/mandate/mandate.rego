# METADATA
# title: Tasks that law or ordinance gives to somebody
# description: |
#   所掌事務。What a unit of a public body is there for, as the register says and with the text that
#   says so. A rule or guideline of the body's own gives no task (69条2項2号・3号の法令は条例を含む).
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律61条1項・69条2項2号・3号
package lib.mandate

import rego.v1

import data.lib.time
import data.lib.vouched

_task_levels := {"law", "ordinance"}

_statutory := {"law", "ordinance"}

# METADATA
# title: A unit of this agency, in force
unit_of(id, agency) if count(_units(id, agency)) > 0

# METADATA
# title: A unit of this agency whose task the purpose is
tasked(id, agency) if {
	some d in _units(id, agency)
	input.request.purpose in d.purposes
	d.ground_level in _task_levels
	d.ground_ja != ""
}

# METADATA
# title: The controller says which statutory task it is, in words
stated if vouched.explained("statutory_task", _statutory)

# METADATA
# title: The controller says why it is needed and justified, in words
needed if vouched.explained("necessity", {true})

_units(id, agency) := [d |
	some d in input.registered.departments
	d.id == id
	d.agency == agency
	time.within(d.valid_from, d.valid_to, input.computed.law_at)
]
