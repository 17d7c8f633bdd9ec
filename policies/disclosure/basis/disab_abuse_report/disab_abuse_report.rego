# METADATA
# title: Report of abuse of a person with a disability
# description: |
#   障害者虐待の通報・届出。Anybody tells the municipality, and about an employer the municipality or the
#   prefecture, which pass the same notice on.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=423AC1000000079
#     description: 障害者虐待防止法7条・16条・17条・22条・23条・24条
# custom:
#   code: disab_abuse_report
#   article: "障害者虐待防止法7条・16条・22条"
#   title_ja: "障害者虐待の通報・届出"
#   title_en: "Report of abuse of a person with a disability"
#   effective_from: "2012-10-01"
package disclosure.basis.disab_abuse_report

import rego.v1

import data.lib.report

# METADATA
# title: What is told about the person and those around them
# description: 通報で伝える項目。通報した人が分かる項目は停止により外れる。
hits contains h if some h in report.grounds("disab_abuse_report")

# METADATA
# title: Why it is no such report
# description: 通報に当たらない、または通報先ではない。
reasons contains a if some a in report.against("disab_abuse_report")
