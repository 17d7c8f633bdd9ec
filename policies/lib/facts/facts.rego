# METADATA
# title: The words in which rules read the input
# description: |
#   判定の入力を読むための語彙。Rules ask these instead of reaching into the input, so that
#   a fact is found in one way only.
package lib.facts

import rego.v1

_index := data.index

# METADATA
# title: Every field asked for, with the classes it really has
# description: |
#   What the catalogue says of a field is never weakened by the sender. Where the class depends
#   on the value, the sender may say which it is; whoever says none gets them all.
fields := [object.union(f, {"classes": array.concat(f.classes, _more_classes(f))}) | some f in input.request.fields]

_more_classes(f) := [c |
	some c in _index.fixed_classes[f.id]
	not c in f.classes
] if {
	_index.fixed_classes[f.id]
}

_more_classes(f) := [c |
	some c in _index.value_classes[f.id]
	_says_none(f)
] if {
	not _index.fixed_classes[f.id]
}

_says_none(f) if count([c | some c in f.classes; c in _index.value_classes[f.id]]) == 0

# METADATA
# title: Every field asked for, once
field_ids := {f.id | some f in input.request.fields}

# METADATA
# title: The person behind each subject handle
persons := {s.id: s.person | some s in input.registered.subjects}

# METADATA
# title: How each subject stands to the main subject
relations := {s.id: s.relation | some s in input.registered.subjects}

# METADATA
# title: The main subject, when the handles name one
# description: Undefined when the handle is not among the subjects or not the main one.
main_subject := input.request.subject if relations[input.request.subject] == "main"

# METADATA
# title: Every subject that some field is about
concerned := {s | some f in input.request.fields; some s in f.about}

# METADATA
# title: Fields about one subject
about(subject) := {f.id | some f in input.request.fields; subject in f.about}

# METADATA
# title: Facts the controller vouches for, by name, whomever they are about
# description: For whatever restricts. What permits reads `told`, which asks about whom.
asserted := {a.fact: said |
	some a in input.asserted
	said := [b | some b in input.asserted; b.fact == a.fact]
}

# METADATA
# title: Every statement of the controller says what it is about
statements_read if {
	said := input.asserted
	every a in said {
		count({"fact", "subject", "value"} - object.keys(a)) == 0
	}
}

# METADATA
# title: What the controller vouches for about one subject
# description: A statement that names nobody is about the main subject.
told(subject, fact) := [a |
	some a in input.asserted
	a.fact == fact
	_of(a, subject)
]

_of(a, subject) if a.subject == subject

_of(a, subject) if {
	a.subject == ""
	subject == main_subject
}

# METADATA
# title: The statutory words that the controller vouches for about one subject
# description: For example 生活困窮者 or 要保護児童; whoever says nothing belongs to no group.
groups(subject) := {a.value | some a in told(subject, "subject_group")}

# METADATA
# title: A party is an agency or one person there
# description: True when an id in a list of ids means the recipient.
is_recipient(id) if id == input.request.recipient.agency

is_recipient(id) if {
	id != ""
	id == input.request.recipient.actor
}
