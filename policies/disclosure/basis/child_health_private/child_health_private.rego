# METADATA
# title: Specially needed for the sound growth of a child
# description: |
#   児童の健全な育成の推進のために特に必要で、同意を得ることが困難なとき(27条1項3号)。About a
#   child, and about whoever brings the child up as far as the child needs it; why it is
#   specially needed and why consent is hard to obtain are told in words.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律27条1項3号
# custom:
#   code: child_health_private
#   article: "個人情報の保護に関する法律27条1項3号"
#   title_ja: "児童の健全な育成のために特に必要な提供(民間から)"
#   title_en: "Specially needed for the sound growth of a child (private sender)"
#   effective_from: "2022-04-01"
package disclosure.basis.child_health_private

import rego.v1

import data.lib.facts
import data.lib.refusal
import data.lib.registry
import data.lib.result
import data.lib.vouched

_id := "child_health_private"

# METADATA
# title: Fields about the child and whoever brings the child up
# description: 児童と、その養育者の項目。
hits contains result.ground(_id, s, fields, relied_on) if {
	_for_a_child
	_needed
	_difficult
	some s in data.lib.facts.concerned
	registry.in_scope(_id, s)
	not s in _refused
	fields := sort(registry.within_class(_id) & facts.about(s))
	count(fields) > 0
	relied_on := ["asserted:consent_difficult", "asserted:necessity", "asserted:subject_group"]
}

# METADATA
# title: Why it is not for the sound growth of a child
# description: 児童・特に必要な理由・同意の困難の足りないところ。
reasons contains a if {
	some a in vouched.missing(_id, _told)
	not _needed
}

reasons contains a if {
	some a in vouched.missing(_id, _told)
	not _difficult
}

reasons contains result.against(_id, "NO_BASIS", "", [], []) if not _for_a_child

reasons contains result.against(_id, "NO_BASIS", s, [], []) if {
	some s in data.lib.facts.concerned
	not registry.in_scope(_id, s)
}

reasons contains a if some a in refusals

refusals := refusal.standing(_id, {"refused_recipient"})

_refused := {a.subject | some a in refusals}

_told := ["necessity"]

_for_a_child if {
	some s, _ in data.lib.facts.persons
	"child" in facts.groups(s)
}

_needed if vouched.explained("necessity", {true})

_difficult if vouched.explained(
	"consent_difficult",
	{"unreachable", "unconscious", "asking_endangers", "refuses_contact", "other"},
)
