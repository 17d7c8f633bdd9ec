# METADATA
# title: Report of abuse of an older person
# description: |
#   高齢者虐待の通報・届出。Anybody, facility staff above all, tells the municipality; when the facility is
#   concerned the municipality passes the same notice on to the prefecture. That a report is said to
#   be false touches its shield (21条6項) and not that it is taken.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=417AC1000000124
#     description: 高齢者虐待防止法7条・8条・21条・22条・23条
# custom:
#   code: elder_abuse_report
#   article: "高齢者虐待防止法7条・21条"
#   title_ja: "高齢者虐待の通報・届出"
#   title_en: "Report of abuse of an older person"
#   effective_from: "2006-04-01"
package disclosure.basis.elder_abuse_report

import rego.v1

import data.lib.report

# METADATA
# title: What is told about the person and those around them
# description: 通報で伝える項目。通報した人が分かる項目は停止により外れる。
hits contains h if some h in report.grounds("elder_abuse_report")

# METADATA
# title: Why it is no such report
# description: 通報に当たらない、または通報先ではない。
reasons contains a if some a in report.against("elder_abuse_report")
