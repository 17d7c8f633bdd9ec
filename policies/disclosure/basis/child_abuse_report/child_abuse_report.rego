# METADATA
# title: Report of child abuse
# description: |
#   児童虐待の通告。Anybody who believes a child to be abused tells the municipality, the welfare office
#   or the child guidance centre, if need be through a commissioned child volunteer. No duty of
#   secrecy stands against it (6条3項).
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=412AC1000000082
#     description: 児童虐待の防止等に関する法律6条・7条
# custom:
#   code: child_abuse_report
#   article: "児童虐待防止法6条、児童福祉法25条"
#   title_ja: "児童虐待の通告"
#   title_en: "Report of child abuse"
#   effective_from: "2000-11-20"
package disclosure.basis.child_abuse_report

import rego.v1

import data.lib.facts
import data.lib.report
import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_reports := data.reports

# METADATA
# title: What is told about the child and those around it
# description: 通告で伝える項目。通告した人が分かる項目は停止により外れる。
hits contains h if {
	not _grown_up
	some h in report.grounds("child_abuse_report")
}

# METADATA
# title: Why it is no such report
# description: 通告に当たらない、または通告先ではない。
reasons contains a if some a in report.against("child_abuse_report")

reasons contains result.against("child_abuse_report", "NO_BASIS", "", [], []) if _grown_up

# Whose age nobody knows may be a child; a neighbour cannot be asked for papers.
_grown_up if {
	some a in facts.told(data.lib.facts.main_subject, "subject_age")
	is_number(a.value)
	a.value >= _reports.child_abuse_report.under_age
}
