# METADATA
# title: The secrecy of mail
# description: |
#   郵便の秘密。What postal staff know from mail passes only where it averts danger to life; what
#   they saw at the door is no such secret. A post office that does not say how it knows is
#   taken to know it from mail. The exception for danger to life awaits legal review.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=322AC0000000165
#     description: 郵便法8条
# custom:
#   code: stop_postal_secrecy
#   article: "郵便法8条"
#   title_ja: "郵便の秘密"
#   title_en: "Secrecy of mail"
#   effective_from: "2022-04-01"
#   verified: memory
package disclosure.stop.stop_postal_secrecy

import rego.v1

import data.lib.result
import data.lib.urgency

# Tables are read once; each look-up of base data costs more than one in a rule.
_stops := data.stops

# METADATA
# title: It is known from mail, and nobody's life is in danger
# description: 郵便物から知ったこと(届いている、差出人、督促状、配達できなかったなど)。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=322AC0000000165
# custom:
#   code: POSTAL_SECRECY
#   article: "郵便法8条"
#   title_ja: "郵便の秘密に当たる"
#   title_en: "It falls under the secrecy of mail"
#   next_step_ja: "郵便物の内容や差出人は伝えられません。玄関先で見聞きしたことは、そう記してお知らせください。命の危険があるときは、ためらわずに緊急時の提供として、まず電話でお知らせください。"
#   next_step_en: "Nothing known from mail may be told. What was seen or heard at the door may: say so. If life is in danger telephone first and use the emergency rule, without hesitating."
#   side: controller
#   lawful_alternatives: [emergency_rule, tell_by_telephone, reduce_fields]
hits contains result.stop_fields("stop_postal_secrecy", "POSTAL_SECRECY", fields, []) if {
	fields := sort({f.id | some f in data.lib.facts.fields; not _free(f)})
	count(fields) > 0
}

_free(field) if {
	not _from_postal_staff
	row := _stops.origins[field.origin]
	row.mail == false
}

_free(field) if {
	row := _stops.origins[field.origin]
	row.postal_mail == false
}

_free(field) if urgency.saves_life(field)

_from_postal_staff if input.registered.sender.agency.kind in _stops.postal_kinds
