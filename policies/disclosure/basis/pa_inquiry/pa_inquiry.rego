# METADATA
# title: Inquiry for public assistance
# description: |
#   生活保護の調査。What the authority for public assistance may ask of banks, offices and employers is
#   for its own decision and stays there; nothing of it passes through this gateway, and nothing
#   here answers it.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=325AC0000000144
#     description: 生活保護法29条
# custom:
#   code: pa_inquiry
#   article: "生活保護法29条"
#   title_ja: "生活保護の調査"
#   title_en: "Inquiry for public assistance"
#   effective_from: "2025-10-01"
package disclosure.basis.pa_inquiry

import rego.v1

import data.lib.result

# METADATA
# title: It opens nothing
# description: 根拠にはならない。
hits := set()

# METADATA
# title: Why it opens nothing
# description: 保護の決定のためだけの調査であり、ほかの目的には使わない。
reasons contains result.against("pa_inquiry", "NO_BASIS", "", [], [])
