# METADATA
# title: Half-open intervals of epoch milliseconds
# description: |
#   半開区間の判定。An interval holds from its start until just before its end; an end of
#   null means that it is open.
package lib.time

import rego.v1

# METADATA
# title: An instant lies in [start, end)
# description: |
#   Undefined, and therefore not true, when any part is missing. Comparing with both ends of
#   the numbers keeps out null, text and truth values without a built-in for each.
within(start, end, at) if {
	end == null
	0 <= start
	start <= at
	at <= 9007199254740991
}

within(start, end, at) if {
	at < end
	end <= 9007199254740991
	0 <= start
	start <= at
}

# METADATA
# title: Something that ends it has not happened by an instant
# description: Null says that it never happened.
not_yet(ended_at, at) if {
	ended_at == null
	0 <= at
	at <= 9007199254740991
}

not_yet(ended_at, at) if {
	0 <= at
	at < ended_at
	ended_at <= 9007199254740991
}
