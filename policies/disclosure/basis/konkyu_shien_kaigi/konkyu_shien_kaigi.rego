# METADATA
# title: Support conference (Act on Self-reliance Support)
# description: |
#   支援会議(生活困窮者自立支援法9条)。Members exchange what support of a person in need takes. The law
#   names the person, not the household: whoever else is concerned must be such a person too.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=427AC0000000105
#     description: 生活困窮者自立支援法9条
# custom:
#   code: konkyu_shien_kaigi
#   article: "生活困窮者自立支援法9条"
#   title_ja: "支援会議(生活困窮者)"
#   title_en: "Support conference (Act on Self-reliance Support)"
#   effective_from: "2018-10-01"
package disclosure.basis.konkyu_shien_kaigi

import rego.v1

import data.lib.conference

# METADATA
# title: Fields that may be told at the item
# description: 議題の対象者について、出席者に伝えてよい項目。
hits := conference.grounds("konkyu_shien_kaigi")

# METADATA
# title: Why the item gives no ground
# description: 会議・議題・出席者・誓約・対象の足りないところ。
reasons := conference.reasons("konkyu_shien_kaigi")
