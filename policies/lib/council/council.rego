# METADATA
# title: How a statutory meeting came to be
# description: |
#   会議体の成立。A law names who may organise its meeting, whether it must be announced and to
#   whom it then belongs. Neither its name nor an agreement makes a meeting one: the platform of
#   a prefecture is no council until it was set up and announced as such.
package lib.council

import rego.v1

import data.lib.time

# METADATA
# title: The meeting exists under the item's very basis
# description: Organised by whom the law names, under a rule that somebody has seen, on that day.
founded if {
	data.lib.conference.conference.basis == data.lib.conference.item.basis
	data.lib.conference.conference.founding_rule != ""
	_organised
	_programme
	_office
	_mapped
}

# METADATA
# title: The meeting was announced, where its law wants that
# description: 公示・公表。Without a notice on record nothing is exchanged.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=505AC0000000045
#     description: 孤独・孤立対策推進法15条2項
# custom:
#   code: NOT_ANNOUNCED
#   article: "孤独・孤立対策推進法15条2項、児童福祉法25条の2第3項、子ども・若者育成支援推進法19条2項、配偶者暴力防止法5条の2第4項"
#   title_ja: "協議会の公示が確かめられていない"
#   title_en: "Public notice of the council has not been confirmed"
#   next_step_ja: "公示(公表)の日付と番号、構成機関、調整機関の登録をご確認ください。それまでは、ご本人の同意で提供できないかをご検討ください。"
#   next_step_en: "Check day and number of the public notice, the registered members and the coordinating body. Until then consider consent."
#   side: controller
#   lawful_alternatives: [ask_consent, ask_officer]
announced if _demands.announced == false

announced if {
	_demands.announced == true
	some n in notices
	_coordinated(n)
}

_demands := data.lib.conference.demands

# METADATA
# title: Notices of this meeting in force, published by its organiser
notices := [n |
	some n in input.registered.council_notices
	n.conference == data.lib.conference.conference.id
	n.basis == data.lib.conference.conference.basis
	n.publisher == data.lib.conference.conference.organiser
	time.within(n.announced_at, n.valid_to, input.computed.law_at)
	time.within(n.valid_from, n.valid_to, input.computed.law_at)
]

# METADATA
# title: Who speaks for the meeting
# description: Its organiser and the member that a notice designates to coordinate (調整機関).
speakers contains data.lib.conference.conference.organiser

speakers contains n.coordinator if {
	some n in notices
	n.coordinator != ""
}

# METADATA
# title: The members that the notices name (構成機関等)
members := speakers | {m | some n in notices; some m in n.members}

_coordinated(_) if _demands.coordinator == false

_coordinated(notice) if {
	_demands.coordinator == true
	notice.coordinator != ""
}

_organised if {
	some kind in _organiser_kinds
	kind in _demands.organisers
}

# The organiser is known as the municipality that runs the gateway or as one of the parties.
_organiser_kinds contains data.lib.registry.pack.municipality.kind if _own

_organiser_kinds contains kind if kind := _kind_of(input.registered.sender.agency)

_organiser_kinds contains kind if kind := _kind_of(input.registered.recipient.agency)

_kind_of(agency) := agency.kind if agency.id == data.lib.conference.conference.organiser

# What a pack says of its municipality it says of no other.
_own if data.lib.conference.conference.organiser == input.registered.tenant.municipality

_programme if _demands.runs_juso == false

_programme if {
	_demands.runs_juso == true
	_own
	data.lib.municipality.runs_juso
}

_office if _demands.welfare_office == false

_office if {
	_demands.welfare_office == true
	"prefecture" in _organiser_kinds
}

_office if {
	_demands.welfare_office == true
	_own
	data.lib.municipality.welfare_office
}

# A pack that names local bodies names them all: what it does not map, or maps for a trial or
# by hearsay, has no basis there.
_mapped if count(data.lib.registry.pack.local_bodies) == 0

_mapped if {
	some body in data.lib.registry.pack.local_bodies
	body.name_ja == data.lib.conference.conference.local_name_ja
	body.basis == data.lib.conference.item.basis
	body.rule_seen == true
	body.trial == false
	time.within(body.from_at, body.to_at, input.computed.law_at)
}
