# METADATA
# title: Review by the privacy officer
# description: |
#   事後審査。Due within the pack's time, or earlier where the second person who agreed to an
#   emergency set an earlier day.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: officer_review
#   article: "運用規程(事後審査)"
#   title_ja: "個人情報保護担当による事後審査"
#   title_en: "Review by the privacy officer"
package disclosure.obligation.officer_review

import rego.v1

import data.lib.result

# METADATA
# title: The earliest of the days on which a review is due
# description: 期限のうち、最も早いもの。
due contains result.duty("officer_review", {}, min(_days))

_days contains input.computed.now + data.lib.registry.thresholds.officer_review_ms

_days contains a.review_due if some a in data.lib.emergency.agreements
