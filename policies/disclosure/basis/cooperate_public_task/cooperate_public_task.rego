# METADATA
# title: Cooperation with a statutory public task
# description: |
#   国の機関・地方公共団体又はその委託を受けた者が法令の定める事務を遂行することへの協力(27条1項4号)。
#   Which task it is, and why asking for consent would hinder it, are told in words. The recipient
#   is a public body, or works for the municipality under a registered contract.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律27条1項4号
# custom:
#   code: cooperate_public_task
#   article: "個人情報の保護に関する法律27条1項4号"
#   title_ja: "国・地方公共団体等の事務への協力"
#   title_en: "Cooperation with a public task"
#   effective_from: "2022-04-01"
package disclosure.basis.cooperate_public_task

import rego.v1

import data.lib.facts
import data.lib.refusal
import data.lib.registry
import data.lib.result
import data.lib.time
import data.lib.vouched

_id := "cooperate_public_task"

# METADATA
# title: Fields that help the public task
# description: 法令の定める事務への協力に要る項目。
hits contains result.ground(_id, s, fields, relied_on) if {
	count(_taking) > 0
	data.lib.mandate.stated
	_hindered
	some s in data.lib.facts.concerned
	not s in _refused
	fields := sort(registry.within_class(_id) & facts.about(s))
	count(fields) > 0
	relied_on := sort({"asserted:consent_would_hinder", "asserted:statutory_task"} | _contract)
}

# METADATA
# title: Why it is no cooperation with a public task
# description: 提供先・事務・支障の足りないところ。
reasons contains result.against(_id, vouched.aloud(_id, "BASIS_NOT_FOR_RECIPIENT"), "", [], []) if {
	count(_taking) == 0
}

reasons contains a if {
	some a in vouched.missing(_id, _told)
	not data.lib.mandate.stated
}

reasons contains a if {
	some a in vouched.missing(_id, _told)
	not _hindered
}

reasons contains a if some a in refusals

refusals := refusal.standing(_id, {"refused_recipient"})

_refused := {a.subject | some a in refusals}

_told := ["statutory_task", "consent_would_hinder"]

_hindered if vouched.explained("consent_would_hinder", {true})

# In which way the recipient does a public task: as a public body, or by contract.
_taking contains "public" if input.registered.recipient.agency.regime == "public"

_taking contains contract if some contract in _contract

_contract := {sprintf("entrustment:%s", [e.id]) |
	input.registered.recipient.agency.regime == "private"
	some e in input.registered.entrustments
	e.kind == "entrustment"
	e.contractor == input.request.recipient.agency
	e.entruster == input.registered.tenant.municipality
	input.request.purpose in e.purposes
	time.within(e.valid_from, e.valid_to, input.computed.law_at)
}
