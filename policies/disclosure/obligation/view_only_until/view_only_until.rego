# METADATA
# title: To be looked at for a limited time
# description: |
#   閲覧期限。What is told at an agenda item may be looked at until the item closes; an
#   emergency ends when the agreement does, or after the pack's time; what is given because of
#   a disaster ends with disaster mode.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=326AC0000000045
# custom:
#   code: view_only_until
#   article: "社会福祉法106条の6、個人情報の保護に関する法律27条1項2号"
#   title_ja: "期限までの閲覧のみ"
#   title_en: "View only until"
package disclosure.obligation.view_only_until

import rego.v1

import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_disaster := data.disaster

# METADATA
# title: The earliest end of what the permit stands on
# description: 期限のうち、最も早いもの。
due contains result.duty("view_only_until", {"until": until}, until) if until := min(_ends)

_ends contains input.computed.law_at + data.lib.registry.thresholds.view_only_ms

_ends contains data.lib.conference.item.closes_at if input.computed.law_at < data.lib.conference.item.closes_at

_ends contains a.expires_at if some a in data.lib.emergency.agreements

_ends contains m.ends_at if {
	some id in data.lib.duties.bases
	_disaster[id].ends_with_mode == true
	some m in data.lib.disaster.switches
}
