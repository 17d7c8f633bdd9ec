# METADATA
# title: What the controller vouches for about the main person, in words
# description: |
#   提供元が確かめて述べた事実と、そのわけ。A reason counts only when it is of a kind the law
#   knows and told in as many words as the municipality asks for.
package lib.vouched

import rego.v1

import data.lib.facts
import data.lib.result

# METADATA
# title: Everything stated about the main person under one name
of_main(fact) := [a |
	main := data.lib.facts.main_subject
	some a in facts.told(main, fact)
]

# METADATA
# title: Stated in one of these kinds, and in enough words
explained(fact, kinds) if {
	some a in of_main(fact)
	a.value in kinds
	a.text_chars >= data.lib.registry.thresholds.min_reason_chars
}

# METADATA
# title: Why a statement that a basis needs does not carry it
# description: |
#   A basis that nobody named and of whose facts nobody spoke keeps silent: that its reasons were
#   not given is nobody's mistake.
missing(rule, facts_of_rule) := {result.against(rule, "REASON_MISSING", "", [], []) | _spoken_of(rule, facts_of_rule)} | {result.against(rule, "NO_BASIS", "", [], []) | not _spoken_of(rule, facts_of_rule)}

# METADATA
# title: What is news only to whoever named the basis
aloud(rule, code) := code if rule == data.lib.registry.named

aloud(rule, _) := "NO_BASIS" if rule != data.lib.registry.named

_spoken_of(rule, _) if rule == data.lib.registry.named

_spoken_of(_, facts_of_rule) if {
	some fact in facts_of_rule
	count(of_main(fact)) > 0
}
