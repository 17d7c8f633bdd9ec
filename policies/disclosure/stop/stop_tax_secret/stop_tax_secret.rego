# METADATA
# title: The secrecy of tax inquiries
# description: |
#   税の調査で知った秘密。Whatever came to be known in a tax inquiry stays there, whatever the
#   basis; the person may bring a certificate.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=325AC0000000226
#     description: 地方税法22条
# custom:
#   code: stop_tax_secret
#   article: "地方税法22条"
#   title_ja: "税の調査で知った秘密"
#   title_en: "Tax secrecy"
#   effective_from: "2022-04-01"
#   verified: memory
package disclosure.stop.stop_tax_secret

import rego.v1

import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_stops := data.stops

# METADATA
# title: It is known from a tax inquiry
# description: 課税・滞納の調査で知った項目。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=325AC0000000226
# custom:
#   code: TAX_SECRET
#   article: "地方税法22条"
#   title_ja: "税の調査で知った秘密である"
#   title_en: "It is a secret of tax inquiry"
#   next_step_ja: "税の情報はお渡しできません。ご本人から書類を出していただくか、ご本人の同意による証明をご利用ください。"
#   next_step_en: "Tax data cannot be passed. The person may hand in the papers, or a certificate be issued with consent."
#   side: controller
#   lawful_alternatives: [introduce_person_themselves, ask_consent, reduce_fields]
hits contains result.stop_fields("stop_tax_secret", "TAX_SECRET", fields, []) if {
	fields := sort({f.id | some f in data.lib.facts.fields; not _free(f)})
	count(fields) > 0
}

_free(field) if {
	row := _stops.origins[field.origin]
	row.tax == false
}
