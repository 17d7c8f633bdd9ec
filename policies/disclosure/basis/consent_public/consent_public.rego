# METADATA
# title: Consent, public sender
# description: |
#   本人の同意に基づく目的外提供(行政機関等)。A public body may provide held personal
#   information beyond its purpose when the person has agreed, unless that would unjustly
#   harm the person or somebody else.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律69条2項1号
# custom:
#   code: consent_public
#   article: "個人情報の保護に関する法律69条2項1号"
#   title_ja: "本人の同意(行政機関等から)"
#   title_en: "Consent of the person (public sender)"
#   effective_from: "2022-04-01"
package disclosure.basis.consent_public

import rego.v1

import data.lib.consent
import data.lib.harm
import data.lib.registry
import data.lib.result

# METADATA
# title: Fields that the person has agreed to
# description: 本人が同意した範囲の項目。
hits contains result.ground("consent_public", g.subject, fields, g.facts) if {
	not data.lib.harm.known
	some g in data.lib.consent.grants
	fields := sort(registry.within_class("consent_public") & {f | some f in g.fields})
	count(fields) > 0
}

# METADATA
# title: Why there is no such consent
# description: 同意の足りないところ。
reasons := consent.against("consent_public") | harm.against("consent_public")
