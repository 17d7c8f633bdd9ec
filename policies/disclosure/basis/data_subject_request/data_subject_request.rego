# METADATA
# title: Disclosure to the person at their own request
# description: |
#   本人への開示(33条・76条)。To the desk of the agency that holds it, which hands it to the person or
#   to whoever represents them: identity and authority checked, no conflict of interest (78条1項
#   1号), nothing about third persons (2号), nothing of deliberations and operations (6号・7号).
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律33条・76条〜82条
# custom:
#   code: data_subject_request
#   article: "個人情報の保護に関する法律33条・76条"
#   title_ja: "本人への開示"
#   title_en: "Disclosure to the person"
#   effective_from: "2023-04-01"
package disclosure.basis.data_subject_request

import rego.v1

import data.lib.facts
import data.lib.registry
import data.lib.result
import data.lib.time

# Tables are read once; each look-up of base data costs more than one in a rule.
_rights := data.rights

_id := "data_subject_request"

# METADATA
# title: Fields that the person may see
# description: 本人に開示できる項目。
hits contains result.ground(_id, s, fields, [sprintf("rights_request:%s", [r.id])]) if {
	_own_desk
	some r in _answerable
	some s in data.lib.facts.concerned
	registry.in_scope(_id, s)
	fields := sort((registry.within_class(_id) & facts.about(s)) & _asked(r))
	count(fields) > 0
}

# METADATA
# title: Not for the person to see, or not to be confirmed
# description: 開示しないことができる(してはならない)情報に当たる、または有無を答えられない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: WITHHELD_ON_REQUEST
#   article: "個人情報の保護に関する法律33条2項・78条1項・81条"
#   title_ja: "開示しない情報に当たる、またはその有無を答えない"
#   title_en: "Not to be disclosed, or its existence not to be confirmed"
#   next_step_ja: "請求した方には「お渡しできません」とだけ伝え、有無や理由を口にしないでください。開示・一部開示・存否応答拒否のどれによるかは、個人情報保護の担当が決めて文書で答えます。"
#   next_step_en: "Tell the applicant only that it cannot be handed over; confirm neither existence nor reason. The privacy officer decides on disclosure, partial disclosure or refusal to confirm, and answers in writing."
#   side: officer
#   lawful_alternatives: [ask_officer]
reasons contains result.against(_id, "WITHHELD_ON_REQUEST", "", [], []) if {
	count(_proven) > 0
	count(_answerable) == 0
}

reasons contains result.against(_id, "WITHHELD_ON_REQUEST", s, fields, []) if {
	count(_answerable) > 0
	some s in data.lib.facts.concerned
	fields := sort(facts.about(s) - {f | some r in _answerable; some f in _asked(r)})
	count(fields) > 0
}

reasons contains result.against(_id, "BASIS_NOT_FOR_RECIPIENT", "", [], []) if not _own_desk

reasons contains result.against(_id, "NO_BASIS", "", [], []) if count(_received) == 0

reasons contains result.against(_id, "CONSENTER_NO_AUTHORITY", "", [], []) if {
	count(_received) > 0
	count(_proven) == 0
}

reasons contains result.against(_id, "NO_BASIS", s, [], []) if {
	some s in data.lib.facts.concerned
	not registry.in_scope(_id, s)
}

_own_desk if input.request.sender.agency == input.request.recipient.agency

_received := [r |
	some r in input.registered.rights_requests
	r.id == input.request.refs.rights_request
	r.agency == input.request.sender.agency
	r.person == data.lib.facts.persons[data.lib.facts.main_subject]
	_rights.answered_by_copy[r.kind]
	time.within(r.received_at, r.valid_to, input.computed.law_at)
]

_proven := [r |
	some r in _received
	r.identity_checked == true
	_authorised(r)
]

_authorised(r) if r.applicant == "self"

_authorised(r) if {
	r.applicant in {"legal_representative", "agent"}
	r.authority_checked == true
}

_answerable := [r |
	some r in _proven
	r.conflict == "none"
	r.existence_confidential == false
]

# Records of provision have a list of their own; else all but what the law lets one withhold.
_asked(r) := {f | some f in data.lib.facts.field_ids; _rights.provision_records[f]} if {
	r.kind == "provision_records"
}

_asked(r) := {f | some f in data.lib.facts.field_ids; not _withheld(f)} if r.kind == "disclosure"

_withheld(field) if _rights.third_persons[field]

_withheld(field) if _rights.deliberation[field]

_withheld(field) if _rights.operations[field]
