# METADATA
# title: Provision to another public body for its statutory task
# description: |
#   ほかの公的機関への提供(69条2項3号)。Now and then, to a public body that needs it for a task laid
#   down by law or ordinance, and for good reason. A social welfare council or an NPO is no public
#   body, whoever sits on its board.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律69条2項3号・70条
# custom:
#   code: public_to_public
#   article: "個人情報の保護に関する法律69条2項3号"
#   title_ja: "ほかの公的機関への提供"
#   title_en: "Provision to another public body"
#   effective_from: "2023-04-01"
package disclosure.basis.public_to_public

import rego.v1

import data.lib.facts
import data.lib.harm
import data.lib.mandate
import data.lib.occasional
import data.lib.refusal
import data.lib.registry
import data.lib.result
import data.lib.vouched

_id := "public_to_public"

# METADATA
# title: Fields that the other body needs for its task
# description: 提供先の法令上の事務に必要な項目。
hits contains result.ground(_id, s, fields, relied_on) if {
	_another_body
	count(_task) > 0
	data.lib.mandate.needed
	data.lib.harm.excluded
	data.lib.occasional.allowed
	some s in data.lib.facts.concerned
	not s in _refused
	fields := sort(registry.within_class(_id) & facts.about(s))
	count(fields) > 0
	relied_on := sort({"asserted:necessity", "asserted:no_third_party_harm"} | _task)
}

# METADATA
# title: Why article 69(2)(iii) does not carry
# description: 公的機関・法令上の事務・必要な理由・臨時性の足りないところ。
reasons contains result.against(_id, vouched.aloud(_id, "BASIS_NOT_FOR_RECIPIENT"), "", [], []) if {
	not _another_body
}

reasons contains a if {
	some a in vouched.missing(_id, _told)
	count(_task) == 0
}

reasons contains a if {
	some a in vouched.missing(_id, _told)
	not data.lib.mandate.needed
}

reasons contains a if {
	some a in vouched.missing(_id, _told)
	not data.lib.harm.excluded
}

reasons contains a if some a in harm.against(_id)

reasons contains a if some a in occasional.against(_id)

reasons contains a if some a in refusals

refusals := refusal.standing(_id, {"public_to_public", "refused_recipient"})

_refused := {a.subject | some a in refusals}

_told := ["statutory_task", "necessity"]

_another_body if input.request.sender.agency != input.request.recipient.agency

# What shows the task: the recipient's registered unit, or the sender's own words.
_task contains sprintf("department:%s", [input.request.refs.recipient_department]) if {
	mandate.tasked(input.request.refs.recipient_department, input.request.recipient.agency)
}

_task contains "asserted:statutory_task" if data.lib.mandate.stated
