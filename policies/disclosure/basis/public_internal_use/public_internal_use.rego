# METADATA
# title: Use by another unit of the same public body
# description: |
#   内部利用(69条2項2号)。Now and then, for a task that law or ordinance gives to the unit that
#   receives, as far as it is needed and justified, and by that unit's own staff alone (69条4項).
#   Another public organ, such as a board of education, is no unit of this one.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律69条2項2号・4項
# custom:
#   code: public_internal_use
#   article: "個人情報の保護に関する法律69条2項2号・4項"
#   title_ja: "内部利用"
#   title_en: "Use inside one public body"
#   effective_from: "2023-04-01"
package disclosure.basis.public_internal_use

import rego.v1

import data.lib.facts
import data.lib.harm
import data.lib.mandate
import data.lib.occasional
import data.lib.refusal
import data.lib.registry
import data.lib.result
import data.lib.vouched

_id := "public_internal_use"

# METADATA
# title: Fields that the other unit needs for its task
# description: 受け取る部署の所掌事務に必要な項目。
hits contains result.ground(_id, s, fields, relied_on) if {
	_between_units
	_tasked
	data.lib.mandate.needed
	data.lib.harm.excluded
	data.lib.occasional.allowed
	some s in data.lib.facts.concerned
	not s in _refused
	fields := sort(registry.within_class(_id) & facts.about(s))
	count(fields) > 0
	relied_on := [
		"asserted:necessity",
		"asserted:no_third_party_harm",
		sprintf("department:%s", [input.request.refs.recipient_department]),
	]
}

# METADATA
# title: It belongs to another public organ
# description: 市長部局と教育委員会などは別の実施機関で、そのあいだは内部利用ではない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: OTHER_ENTITY
#   article: "個人情報の保護に関する法律2条11項・69条2項3号"
#   title_ja: "別の実施機関の情報である"
#   title_en: "It belongs to another public organ"
#   next_step_ja: "教育委員会や水道部局、ほかの市町村などは別の実施機関です。公的機関のあいだの提供(69条2項3号)として、提供先の法令上の事務と必要な理由を書いてお渡しください。"
#   next_step_en: "A board of education, the waterworks or another municipality is another organ. Provide it as to another public body (article 69(2)(iii)), saying which statutory task it is for and why it is needed."
#   side: controller
#   lawful_alternatives: [ask_officer, ask_consent]
reasons contains result.against(_id, "OTHER_ENTITY", "", [], []) if not _same_agency

reasons contains result.against(_id, "BASIS_NOT_FOR_SENDER", "", [], []) if {
	_same_agency
	not _from_unit
}

reasons contains result.against(_id, "BASIS_NOT_FOR_RECIPIENT", "", [], []) if {
	_same_agency
	not _to_unit
}

reasons contains result.against(_id, "PURPOSE_FORBIDDEN", "", [], []) if {
	_same_agency
	not _tasked
}

reasons contains a if {
	some a in vouched.missing(_id, ["necessity"])
	not data.lib.mandate.needed
}

reasons contains a if {
	some a in vouched.missing(_id, ["necessity"])
	not data.lib.harm.excluded
}

reasons contains a if some a in harm.against(_id)

reasons contains a if some a in occasional.against(_id)

reasons contains a if some a in refusals

refusals := refusal.standing(_id, {"internal_use", "refused_recipient"})

_refused := {a.subject | some a in refusals}

_same_agency if input.request.sender.agency == input.request.recipient.agency

_between_units if {
	_same_agency
	input.request.refs.sender_department != input.request.refs.recipient_department
	_from_unit
	_to_unit
}

_from_unit if {
	mandate.unit_of(input.request.refs.sender_department, input.request.sender.agency)
	input.registered.sender.actor.department == input.request.refs.sender_department
}

_to_unit if {
	mandate.unit_of(input.request.refs.recipient_department, input.request.recipient.agency)
	input.registered.recipient.actor.department == input.request.refs.recipient_department
}

_tasked if mandate.tasked(input.request.refs.recipient_department, input.request.recipient.agency)
