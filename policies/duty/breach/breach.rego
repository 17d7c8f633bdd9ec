# METADATA
# title: A breach of personal data
# description: |
#   漏えい等の報告と通知。To the Commission first in brief, then in full, and to the persons. A private
#   body counts from one person of special-care data or from more than a thousand of any; a public
#   one from more than a hundred. Who handles it for somebody else may tell that controller instead.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律26条・68条
# custom:
#   code: duty_breach
#   article: "個人情報の保護に関する法律26条・68条、同法施行規則7条から10条まで・43条・44条"
#   title_ja: "漏えい等の報告と本人への通知"
#   title_en: "Report and notice of a breach"
package duty.breach

import rego.v1

import data.lib.municipality

# Tables are read once; each look-up of base data costs more than one in a rule.
_classes := data.classes

_legal := data.legal_duties

_thresholds := data.lib.registry.thresholds

# METADATA
# title: Duties with their days
due contains {"code": code, "due_at": _due_at(row), "params": _params} if {
	_reportable
	some code in {"breach_report_preliminary", "breach_report_final", "breach_notify_person"}
	row := _legal.duties[code]
}

due contains {"code": "breach_notify_controller", "due_at": _due_at(row), "params": {}} if {
	_reportable
	_contractor
	row := _legal.duties.breach_notify_controller
}

# METADATA
# title: What makes it one that has to be reported
triggers contains code if {
	_happened
	not _shielded
	some code in _weighing
}

# METADATA
# title: Why no report is due
exempt contains "recalled_unopened" if _recalled

exempt contains "encrypted" if {
	not _recalled
	_encrypted
}

exempt contains "below_threshold" if {
	_happened
	not _shielded
	count(_weighing) == 0
}

exempt contains "controller_told" if {
	count(triggers) > 0
	_controller_told
}

_reportable if {
	count(triggers) > 0
	not _controller_told
}

_happened if input.event.kind == "breach"

_shielded if _recalled

_shielded if _encrypted

_recalled if input.event.recalled_unopened == true

_encrypted if input.event.encrypted == true

_contractor if input.event.contractor_of != ""

_controller_told if {
	_contractor
	0 <= input.event.controller_told_at
	input.event.controller_told_at <= input.computed.now
}

_params := {"instead": "breach_notify_controller"} if _contractor

_params := {} if not _contractor

# Each is stated by what rules it out, so that what nobody knows counts.
_weighing contains "special_care" if {
	some class in input.event.classes
	_special(class)
}

_weighing contains "financial_harm" if not _harmless

_weighing contains "malicious" if not _honest

_weighing contains "count" if not _few

_special(class) if _classes[class].special_care == true

# 条例要配慮個人情報 counts at public bodies.
_special(class) if {
	input.registered.agency.regime == "public"
	municipality.sensitive(class)
}

_harmless if input.event.financial_harm == false

_honest if input.event.malicious == false

_few if {
	input.registered.agency.regime == "private"
	0 <= input.event.persons
	input.event.persons <= _thresholds.breach_count_private
}

_few if {
	input.registered.agency.regime == "public"
	0 <= input.event.persons
	input.event.persons <= _thresholds.breach_count_public
}

# A duty without a time in the pack stays a duty.
_due_at(row) := null if not _thresholds[row.due[_pace]]

_due_at(row) := input.event.noticed_at + _thresholds[row.due[_pace]]

_pace := "malicious" if not _honest

_pace := "ordinary" if _honest
