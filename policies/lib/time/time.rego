# METADATA
# title: Half-open intervals of epoch milliseconds
# description: |
#   半開区間の判定。An interval holds from its start until just before its end; an end of
#   null means that it is open.
package lib.time

import rego.v1

# METADATA
# title: An instant lies in [start, end)
# description: Undefined, and therefore not true, when any part is missing.
within(start, end, at) if {
	is_number(start)
	start <= at
	_before_end(end, at)
}

# METADATA
# title: Something that ends it has not happened by an instant
# description: Null says that it never happened.
not_yet(ended_at, at) if _before_end(ended_at, at)

_before_end(end, at) if {
	is_null(end)
	is_number(at)
}

_before_end(end, at) if {
	is_number(end)
	at < end
}
