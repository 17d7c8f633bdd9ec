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

# METADATA
# title: A protection holds now or on the day that decides
# description: |
#   The stricter of both instants wins. An unknown start counts as begun, and where no instant is
#   given it holds; only an end that has come ends it.
stands(start, ended_at) if {
	some at in _instants
	not _idle(start, ended_at, at)
}

stands(_, _) if count(_instants) == 0

_instants contains input.computed.now

_instants contains input.computed.law_at

_idle(start, _, at) if {
	is_number(start)
	at < start
}

_idle(_, ended_at, at) if {
	is_number(ended_at)
	ended_at <= at
}
