# METADATA
# title: What guards ordinary handling
# description: |
#   安全管理のための確認。Where the municipality has set a limit: whereabouts wait until the protection
#   flags were compared with their source, and whoever asks unusually much waits for an officer,
#   so that nobody finds out about people by trying. Reports and danger to life do not wait.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: safeguards
#   article: "個人情報の保護に関する法律23条・66条(安全管理措置)"
#   title_ja: "安全管理のための確認"
#   title_en: "Security control"
package lib.safeguards

import rego.v1

import data.lib.approval
import data.lib.result
import data.lib.time
import data.lib.urgency

# Tables are read once; each look-up of base data costs more than one in a rule.
_stops := data.stops

# METADATA
# title: The flags have not been compared with their source lately
# description: 支援措置などの登録を、決められた期間内に担当課と突き合わせていない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=413AC0100000031
# custom:
#   code: FLAG_STALE
#   article: "住民基本台帳法12条6項、配偶者暴力防止法23条"
#   title_ja: "住所秘匿の情報が最新か確かめられていない"
#   title_en: "It has not been confirmed that protection flags are up to date"
#   next_step_ja: "住所の秘匿があるかを担当課に確かめてから、もう一度お試しください。ほかの項目は先に提供できます。"
#   next_step_en: "Confirm with the section in charge whether an address is protected, then try again. The other fields may pass now."
#   side: officer
#   lawful_alternatives: [ask_officer, reduce_fields]
against contains result.against("safeguards", "FLAG_STALE", "", fields, []) if {
	limit := data.lib.registry.thresholds.flags_fresh_ms
	is_number(limit)
	not _compared_within(limit)
	fields := sort({f.id | some f in data.lib.facts.fields; _whereabouts(f); not urgency.yields(f)})
	count(fields) > 0
}

# METADATA
# title: More was asked about lately than the municipality lets pass unseen
# description: 一人の担当者による依頼が、決められた数を超えている。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: RATE_UNUSUAL
#   article: "個人情報の保護に関する法律23条・66条"
#   title_ja: "いつもと違う量や頻度の依頼である"
#   title_en: "Unusual in number or frequency"
#   next_step_ja: "担当の方に電話で確かめています。お急ぎのときは個人情報保護の担当へご連絡ください。"
#   next_step_en: "It is being confirmed by telephone. If it is urgent, contact the privacy officer."
#   side: officer
#   lawful_alternatives: [ask_officer, tell_by_telephone]
against contains result.against("safeguards", "RATE_UNUSUAL", "", fields, ["officer"]) if {
	limit := data.lib.registry.thresholds.rate_limit
	is_number(limit)
	not _below(limit)
	fields := sort({f.id | some f in data.lib.facts.fields; not _passes(f)})
	count(fields) > 0
}

# The sender's own flags, or those of the municipality that runs the gateway.
_compared_within(limit) if {
	some source in input.registered.flag_sources
	source.agency in {input.request.sender.agency, input.registered.tenant.municipality}
	time.within(source.checked_at, source.checked_at + limit, input.computed.now)
}

_whereabouts(field) if {
	some class in field.classes
	class in _stops.whereabouts_classes
}

_below(limit) if input.computed.lately_count < limit

_passes(field) if approval.lifted("RATE_UNUSUAL", field)

_passes(field) if urgency.yields(field)
