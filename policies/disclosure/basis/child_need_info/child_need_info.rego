# METADATA
# title: Information on children in need of support
# description: |
#   要支援児童等の情報提供。Bodies whose work is the health, welfare or education of children and
#   expectant mothers tell the municipality; it does not go the other way. Who is not such a body by
#   its kind says so.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=322AC0000000164
#     description: 児童福祉法21条の10の5
# custom:
#   code: child_need_info
#   article: "児童福祉法21条の10の5"
#   title_ja: "要支援児童等の情報提供"
#   title_en: "Information on children in need of support"
#   effective_from: "2016-10-01"
package disclosure.basis.child_need_info

import rego.v1

import data.lib.facts
import data.lib.report
import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_reports := data.reports

# METADATA
# title: What is told about the child or expectant mother and the household
# description: 市町村に伝える項目。
hits contains h if {
	_of_the_class
	some h in report.grounds("child_need_info")
}

# METADATA
# title: Why it is no such information
# description: 対象の児童等でない、市町村でない、または児童・妊産婦に関わる機関と確かめられない。
reasons contains a if some a in report.against("child_need_info")

reasons contains result.against("child_need_info", "BASIS_NOT_FOR_SENDER", "", [], []) if {
	report.stated("child_need_info")
	not _of_the_class
}

_of_the_class if input.registered.sender.agency.kind in _reports.child_need_info.by_nature

_of_the_class if {
	some a in facts.told(data.lib.facts.main_subject, "statutory_task")
	a.value == "child_welfare"
}
