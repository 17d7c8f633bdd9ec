# METADATA
# title: Report of violence by a spouse
# description: |
#   配偶者からの暴力の通報。Whoever finds a victim tells the counselling centre or the police. Medical
#   staff may, and weigh what the victim wants first (6条2項); in danger to life or body they need not
#   wait for it.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=413AC0100000031
#     description: 配偶者暴力防止法6条・23条
# custom:
#   code: dv_report
#   article: "配偶者暴力防止法6条"
#   title_ja: "配偶者からの暴力の通報"
#   title_en: "Report of violence by a spouse"
#   effective_from: "2002-04-01"
package disclosure.basis.dv_report

import rego.v1

import data.lib.facts
import data.lib.report
import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_reports := data.reports

# METADATA
# title: What is told about the victim and those around them
# description: 通報で伝える項目。通報した人が分かる項目は停止により外れる。
hits contains h if {
	_will_weighed
	some h in report.grounds("dv_report")
}

# METADATA
# title: Why it is no such report, or not yet
# description: 通報に当たらない、通報先ではない、または被害者の意思を確かめた記録がない。
reasons contains a if some a in report.against("dv_report")

reasons contains result.against("dv_report", "REASON_MISSING", "", [], []) if {
	report.stated("dv_report")
	not _will_weighed
}

_will_weighed if not _asks_first

_will_weighed if data.lib.report.danger

_will_weighed if {
	some a in facts.told(data.lib.facts.main_subject, "victims_will")
	a.value in {"agrees", "unknown"}
}

# Against her will only with the reasons for it.
_will_weighed if {
	some a in facts.told(data.lib.facts.main_subject, "victims_will")
	a.value == "objects"
	a.text_chars >= data.lib.registry.thresholds.min_reason_chars
}

_asks_first if input.registered.sender.agency.kind in _reports.dv_report.will_of_subject
