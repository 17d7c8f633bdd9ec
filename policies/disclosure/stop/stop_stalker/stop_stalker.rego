# METADATA
# title: Nothing for somebody who is likely to stalk
# description: |
#   つきまといのおそれがある人への提供の禁止。Anybody is bound, whatever the basis. The police may
#   have warned the holder; that notice is never shown, so the refusal reads like any other.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=412AC1000000081
#     description: ストーカー行為等の規制等に関する法律6条
# custom:
#   code: stop_stalker
#   article: "ストーカー行為等の規制等に関する法律6条"
#   title_ja: "つきまといのおそれがある人への提供"
#   title_en: "Provision to a likely stalker"
#   effective_from: "2026-03-10"
#   verified: text
package disclosure.stop.stop_stalker

import rego.v1

import data.lib.counterpart
import data.lib.result
import data.lib.time

# METADATA
# title: Somebody likely to stalk would receive or send it
# description: 警察の通知または保護の登録により、つきまといのおそれがあると知らされている相手。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=412AC1000000081
# custom:
#   code: STALKER_NOTICE
#   article: "ストーカー行為等の規制等に関する法律6条"
#   title_ja: "この相手には渡せない"
#   title_en: "It cannot go to this recipient"
#   next_step_ja: "理由は相手に説明せず、個人情報保護の担当へすぐにご連絡ください。"
#   next_step_en: "Do not explain why; contact the privacy officer at once."
#   side: officer
#   lawful_alternatives: [ask_officer]
hits contains result.stop_whole("stop_stalker", "STALKER_NOTICE", true) if {
	some notice in input.registered.stalker_notices
	not _elsewhere(notice)
	time.stands(object.get(notice, "notified_at", null), object.get(notice, "ended_at", null))
	counterpart.party_to_unit(object.union({"actor_agencies": []}, notice))
}

hits contains result.stop_whole("stop_stalker", "STALKER_NOTICE", true) if {
	some flag in data.disclosure.stop.stop_protected_address.flags_here
	flag.kind == "stalking"
	counterpart.party_to_unit(counterpart.of_flag(flag))
}

# Notices that nobody has read may name anybody.
hits contains result.stop_whole("stop_stalker", "STALKER_NOTICE", true) if not _read

_read if {
	notices := input.registered.stalker_notices
	is_array(notices)
}

# The notice is about somebody of whom nothing is told here.
_elsewhere(notice) if {
	notice.person != ""
	count([p | some p in data.lib.facts.persons; p == notice.person]) == 0
}
