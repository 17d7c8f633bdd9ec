# METADATA
# title: Information about somebody who has died
# description: |
#   亡くなった方の情報。The Act is about the living; what a body held about somebody who has died passes
#   only where an ordinance or rule of that body speaks of it, with a formal approval. What is
#   also about the living family is judged for each of them.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律2条1項
# custom:
#   code: deceased_information
#   article: "鳥取県個人情報保護条例(令和4年条例第29号)1条、死者情報の取扱いに関する要綱"
#   title_ja: "亡くなった方の情報の提供"
#   title_en: "Provision of information about somebody who has died"
#   effective_from: "2023-04-01"
package disclosure.basis.deceased_information

import rego.v1

import data.lib.approval
import data.lib.facts
import data.lib.municipality
import data.lib.registry
import data.lib.result
import data.lib.time

_id := "deceased_information"

# METADATA
# title: Fields about the person who has died that were approved
# description: 亡くなった方についての、決裁を受けた項目。
hits contains result.ground(_id, s, fields, relied_on) if {
	_ruled
	some s in (data.lib.facts.concerned & _deceased)
	registry.in_scope(_id, s)
	person := data.lib.facts.persons[s]
	approvals := approval.approvals(_id, person)
	count(approvals) > 0
	fields := sort(registry.within_class(_id) & _approved(s, person))
	count(fields) > 0
	relied_on := array.concat(
		["asserted:deceased"],
		[sprintf("approval:%s", [a.id]) | some a in approvals],
	)
}

# METADATA
# title: Why it does not carry information about the dead
# description: 定め・死亡の確認・決裁の足りないところ。
reasons contains result.against(_id, "NO_BASIS", "", [], []) if not _ruled

reasons contains result.against(_id, "NO_BASIS", s, [], []) if some s in (data.lib.facts.concerned - _deceased)

reasons contains result.against(_id, "NO_BASIS", s, [], []) if {
	some s in data.lib.facts.concerned
	not registry.in_scope(_id, s)
}

reasons contains result.against(_id, "APPROVAL_REQUIRED", s, fields, ["approver"]) if {
	_ruled
	some s in (data.lib.facts.concerned & _deceased)
	person := data.lib.facts.persons[s]
	fields := sort(facts.about(s) - _approved(s, person))
	count(fields) > 0
}

# The ordinance of a prefecture is for its own bodies, a municipality's rule for its own.
_ruled if {
	not _prefectural_body
	municipality.own_ordinance("deceased")
}

_ruled if {
	_prefectural_body
	some o in data.lib.registry.pack.ordinances
	o.id == "deceased"
	o.level == "prefectural"
	o.seen == true
	time.within(o.from_at, o.to_at, input.computed.law_at)
}

_prefectural_body if input.registered.sender.agency.kind in {"prefecture", "child_guidance"}

_deceased contains s if {
	some s, _ in data.lib.facts.persons
	some a in facts.told(s, "deceased")
	a.value == true
	a.evidence == "document"
}

_approved(subject, person) := {f |
	some f in facts.about(subject)
	approval.approved(_id, person, f)
}
