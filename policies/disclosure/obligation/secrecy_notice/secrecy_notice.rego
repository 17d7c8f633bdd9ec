# METADATA
# title: Secrecy notice
# description: |
#   守秘義務の告知。Tells the recipient which article binds them and what its breach costs; one
#   notice for each basis that carries the permit.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=326AC0000000045
# custom:
#   code: secrecy_notice
#   article: "各根拠法の守秘義務の条"
#   title_ja: "守秘義務の告知"
#   title_en: "Secrecy notice"
package disclosure.obligation.secrecy_notice

import rego.v1

import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_basis := data.basis

# METADATA
# title: One notice for each basis with a secrecy article
# description: 根拠ごとに、守秘の条文と罰則を告げる。
due contains result.duty("secrecy_notice", params, null) if {
	some basis in data.lib.duties.bases
	row := _basis[basis]
	params := {"article": row.secrecy.article, "penalty": row.secrecy.penalty}
}
