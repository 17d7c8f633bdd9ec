# METADATA
# title: Regional council for children in need of protection
# description: |
#   要保護児童対策地域協議会(児童福祉法25条の2から25条の5まで)。Announced members exchange about a child
#   whose case is registered, the guardians and expectant mothers in need of support.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=322AC0000000164
#     description: 児童福祉法25条の2
# custom:
#   code: yotaikyo
#   article: "児童福祉法25条の2"
#   title_ja: "要保護児童対策地域協議会"
#   title_en: "Regional council for children in need of protection"
#   effective_from: "2005-04-01"
package disclosure.basis.yotaikyo

import rego.v1

import data.lib.conference

# METADATA
# title: Fields that may be told at the item
# description: 議題の対象者について、出席者に伝えてよい項目。
hits := conference.grounds("yotaikyo")

# METADATA
# title: Why the item gives no ground
# description: 会議・議題・出席者・誓約・対象の足りないところ。
reasons := conference.reasons("yotaikyo")
