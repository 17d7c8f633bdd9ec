# METADATA
# title: Support conference under the Social Welfare Act
# description: |
#   支援会議(社会福祉法106条の6)。Participants of one agenda item exchange what support of the
#   residents on it and their households needs, without consent and under a penalty.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=326AC0000000045
#     description: 社会福祉法106条の6
# custom:
#   code: shien_kaigi_swa
#   article: "社会福祉法106条の6"
#   title_ja: "支援会議(重層的支援体制整備事業)"
#   title_en: "Support conference (Social Welfare Act)"
#   effective_from: "2021-04-01"
package disclosure.basis.shien_kaigi_swa

import rego.v1

import data.lib.conference

# METADATA
# title: Fields that may be told at the item
# description: 議題の対象者とその世帯について、出席者に伝えてよい項目。
hits := conference.grounds("shien_kaigi_swa")

# METADATA
# title: Why the item gives no ground
# description: 会議・議題・出席者・誓約の足りないところ。
reasons := conference.reasons("shien_kaigi_swa")
