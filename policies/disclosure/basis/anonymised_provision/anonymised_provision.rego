# METADATA
# title: Anonymised information, published and marked
# description: |
#   匿名加工情報の提供(43条・109条)。Processed to the standard, its items and the way of provision
#   published, the recipient told what it is. Leaving out a name makes no anonymised information.
#   A public body provides it only where the recipient is within its purpose of use.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律43条・109条
# custom:
#   code: anonymised_provision
#   article: "個人情報の保護に関する法律43条・109条"
#   title_ja: "匿名加工情報の提供"
#   title_en: "Provision of anonymised information"
#   effective_from: "2023-04-01"
package disclosure.basis.anonymised_provision

import rego.v1

import data.lib.facts
import data.lib.registry
import data.lib.result
import data.lib.time
import data.lib.vouched

_id := "anonymised_provision"

_done := ["anonymised_items_published", "anonymised_marked"]

# METADATA
# title: Fields that were anonymised
# description: 匿名加工情報として公表し、明示した項目。
hits contains result.ground(_id, s, fields, relied_on) if {
	count(_undone) == 0
	_sender_may
	some s in data.lib.facts.concerned
	registry.in_scope(_id, s)
	fields := sort((registry.within_class(_id) & facts.about(s)) & _anonymised)
	count(fields) > 0
	relied_on := [sprintf("asserted:%s", [fact]) | some fact in _done]
}

# METADATA
# title: Why it is no anonymised information that may pass
# description: 加工・公表・明示の足りないところ。
reasons contains result.against(_id, "NO_BASIS", s, fields, []) if {
	some s in data.lib.facts.concerned
	fields := sort(facts.about(s) - _anonymised)
	count(fields) > 0
}

reasons contains result.against(_id, "NOT_TOLD_BEFOREHAND", "", [], []) if {
	count(_anonymised) > 0
	count(_undone) > 0
}

reasons contains result.against(_id, "BASIS_NOT_FOR_SENDER", "", [], []) if {
	count(_anonymised) > 0
	not _sender_may
}

reasons contains result.against(_id, "NO_BASIS", s, [], []) if {
	some s in data.lib.facts.concerned
	not registry.in_scope(_id, s)
}

_anonymised := {f.id | some f in data.lib.facts.fields; f.origin == "anonymised"}

_undone := [fact | some fact in _done; not _vouched_for(fact)]

_vouched_for(fact) if {
	some a in vouched.of_main(fact)
	a.value == true
	a.evidence == "document"
}

_sender_may if input.registered.sender.agency.regime == "private"

_sender_may if {
	input.registered.sender.agency.regime == "public"
	some u in input.registered.use_purposes
	u.agency == input.request.sender.agency
	input.request.purpose in u.purposes
	input.request.recipient.agency in u.recipient_agencies
	time.within(u.published_at, null, input.computed.law_at)
	time.within(u.valid_from, u.valid_to, input.computed.law_at)
}
