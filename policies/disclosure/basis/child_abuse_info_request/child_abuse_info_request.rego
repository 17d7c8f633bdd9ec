# METADATA
# title: Information on request about child abuse
# description: |
#   児童虐待に係る資料・情報の提供。Head of a municipality, welfare office or child guidance centre
#   asks; public bodies, hospitals, schools and whoever works for children may answer, as far as it
#   is needed and nobody's rights are unjustly infringed.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=412AC1000000082
#     description: 児童虐待の防止等に関する法律13条の4
# custom:
#   code: child_abuse_info_request
#   article: "児童虐待防止法13条の4"
#   title_ja: "児童虐待に係る資料・情報の提供"
#   title_en: "Information on request about child abuse"
#   effective_from: "2016-10-01"
package disclosure.basis.child_abuse_info_request

import rego.v1

import data.lib.facts
import data.lib.harm
import data.lib.refusal
import data.lib.registry
import data.lib.result
import data.lib.statutory

_id := "child_abuse_info_request"

# METADATA
# title: Fields that were asked for
# description: 文書で求められた方・項目。
hits contains result.ground(_id, s, fields, relied_on) if {
	data.lib.harm.excluded
	some s in data.lib.facts.concerned
	registry.in_scope(_id, s)
	not s in _refused
	some r in statutory.answerable(_id)
	data.lib.facts.persons[s] in r.persons
	fields := sort((registry.within_class(_id) & facts.about(s)) & {f | some f in r.fields})
	count(fields) > 0
	relied_on := ["asserted:no_third_party_harm", sprintf("statutory_request:%s", [r.id])]
}

# METADATA
# title: Why the request carries nothing
# description: 求めがない、期限・目的・必要性・対象の合わないところ、権利を害するおそれ。
reasons contains a if some a in statutory.against(_id)

reasons contains result.against(_id, "REASON_MISSING", "", [], []) if {
	count(statutory.answerable(_id)) > 0
	not data.lib.harm.excluded
	not data.lib.harm.known
}

reasons contains a if some a in harm.against(_id)

reasons contains a if some a in refusals

refusals := refusal.standing(_id, {"refused_recipient"})

_refused := {a.subject | some a in refusals}
