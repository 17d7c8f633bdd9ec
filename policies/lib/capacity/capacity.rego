# METADATA
# title: In which capacity somebody sends
# description: |
#   どの立場で渡すか(自主事業・受託・会議の構成員・サポーター)。A contractor sends what was entrusted,
#   while the contract lasts; who acts as supporter does not use what the same person knows
#   as staff.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律66条2項・67条
# custom:
#   code: capacity
#   article: "個人情報の保護に関する法律66条2項・67条"
#   title_ja: "提供元の立場"
#   title_en: "Capacity of the sender"
package lib.capacity

import rego.v1

import data.lib.result
import data.lib.time

_entrusting := {"entrustment", "juso_entrustment"}

_supporting := {"tsunagari_supporter", "biz_watcher"}

# METADATA
# title: The contract that makes it a contractor
# description: 委託を受けた者として渡すとき、その契約。
contracts := [e |
	input.request.sender.capacity.kind == "contractor"
	some e in input.registered.entrustments
	e.id == input.request.sender.capacity.ref
	e.kind in _entrusting
	e.contractor == input.request.sender.agency
]

# METADATA
# title: That contract while it lasts
in_force := [e |
	some e in contracts
	time.within(e.valid_from, e.valid_to, input.computed.law_at)
]

# METADATA
# title: Whose data the contractor sends
entrusters := {e.entruster | some e in in_force}

# METADATA
# title: Why the capacity does not hold
# description: 委託の契約が登録されていない、期間外である、その目的の委託ではない。
against contains result.against("capacity", "BASIS_NOT_FOR_SENDER", "", [], []) if {
	input.request.sender.capacity.kind == "contractor"
	count(contracts) == 0
}

against contains result.against("capacity", "BASIS_EXPIRED", "", [], []) if {
	count(contracts) > 0
	count(in_force) == 0
}

against contains result.against("capacity", "PURPOSE_FORBIDDEN", "", [], []) if {
	count(in_force) > 0
	count([e | some e in in_force; input.request.purpose in e.purposes]) == 0
}

# METADATA
# title: Fields that this capacity does not cover
# description: 委託の対象でない記録、職員として知った情報。
outside contains f.id if {
	count(in_force) > 0
	some f in input.request.fields
	not _entrusted(f)
}

outside contains f.id if {
	_also_staff
	some f in input.request.fields
	f.origin != "door"
}

_entrusted(field) if {
	some e in in_force
	split(field.id, ".")[0] in e.records
}

_also_staff if {
	input.request.sender.capacity.kind == "supporter"
	some role in input.registered.sender.actor.roles
	not role in _supporting
}
