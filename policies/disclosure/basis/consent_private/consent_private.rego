# METADATA
# title: Consent, private sender
# description: |
#   本人の同意に基づく第三者提供(民間)。A private body may hand over personal data when the
#   person has agreed beforehand to this recipient, purpose and these items.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律27条1項柱書
# custom:
#   code: consent_private
#   article: "個人情報の保護に関する法律27条1項柱書"
#   title_ja: "本人の同意(民間から)"
#   title_en: "Consent of the person (private sender)"
#   effective_from: "2005-04-01"
package disclosure.basis.consent_private

import rego.v1

import data.lib.consent
import data.lib.registry
import data.lib.result

# METADATA
# title: Fields that the person has agreed to
# description: 本人が同意した範囲の項目。
hits contains result.ground("consent_private", g.subject, fields, g.facts) if {
	some g in data.lib.consent.grants
	fields := sort(registry.within_class("consent_private") & {f | some f in g.fields})
	count(fields) > 0
}

# METADATA
# title: Why there is no such consent
# description: 同意の足りないところ。
reasons := consent.against("consent_private")
