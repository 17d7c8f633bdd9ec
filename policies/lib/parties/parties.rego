# METADATA
# title: Both parties are registered, active and within their terms
# description: |
#   提供元・提供先の機関と担当者の状態。Judged before any basis; an unknown or suspended
#   party refuses the whole unit.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: parties
#   article: "個人情報の保護に関する法律23条・66条(安全管理措置)"
#   title_ja: "参加機関と担当者の登録"
#   title_en: "Registration of agencies and actors"
package lib.parties

import rego.v1

import data.lib.result
import data.lib.time

# METADATA
# title: A party is not a member on the day
# description: 機関または担当者の登録・任期・委嘱が、その日に有効でない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: NOT_MEMBER_TODAY
#   article: "個人情報の保護に関する法律23条・66条(安全管理措置)"
#   title_ja: "その日に有効な構成員・担当者として登録されていない"
#   title_en: "Not registered as a member or actor in force on that day"
#   next_step_ja: "任期・異動・停止の有無と、議題ごとの出席者の登録をご確認ください。登録が整い次第、あらためてご依頼いただけます。お急ぎのときは電話で担当課へご連絡ください。"
#   next_step_en: "Please check term, transfer or suspension, and the roster of the agenda item. Once the registration is in order you can ask again. If it is urgent, telephone the section in charge."
#   side: asker
#   lawful_alternatives: [ask_officer, tell_by_telephone]
sender_against contains result.against("parties", "NOT_MEMBER_TODAY", "", [], []) if not _sender_ok

# As a contractor, only under a contract.
sender_against contains a if some a in data.lib.capacity.against

recipient_against contains result.against("parties", "NOT_MEMBER_TODAY", "", [], []) if not _recipient_ok

# The agency is known, but the person named there is not one of its actors.
recipient_against contains result.against("parties", "BASIS_NOT_FOR_RECIPIENT", "", [], []) if {
	actor := input.registered.recipient.actor
	actor != null
	actor.agency != input.request.recipient.agency
}

_sender_ok if {
	_agency_ok(input.registered.sender.agency, input.request.sender.agency)
	_actor_ok(input.registered.sender.actor, input.request.sender.actor, input.request.sender.agency)
}

_recipient_ok if {
	_agency_ok(input.registered.recipient.agency, input.request.recipient.agency)
	_recipient_actor_ok
}

# A recipient may be an agency as a whole; a named person must be one of its actors.
_recipient_actor_ok if input.request.recipient.actor == ""

_recipient_actor_ok if {
	_actor_ok(
		input.registered.recipient.actor,
		input.request.recipient.actor,
		input.request.recipient.agency,
	)
}

_agency_ok(agency, id) if {
	agency.id == id
	agency.status == "active"
	time.within(agency.valid_from, agency.valid_to, input.computed.law_at)
}

_actor_ok(actor, id, agency) if {
	actor.id == id
	actor.agency == agency
	actor.status == "active"
	time.within(actor.term_from, actor.term_to, input.computed.law_at)
}
