# METADATA
# title: What must be done now?
# description: |
#   法令上の義務の判断。What the law demands after something has happened: reports and notices after a
#   breach, records after a provision. Whatever nobody knows counts as if it were so.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律26条・29条・30条・68条
# entrypoint: true
# custom:
#   code: duty
#   article: "個人情報の保護に関する法律26条・29条・30条・68条"
#   title_ja: "法令上の義務の判断"
#   title_en: "Decision on duties"
package duty.main

import rego.v1

# Tables are read once; each look-up of base data costs more than one in a rule.
_legal := data.legal_duties

# METADATA
# title: The duties that something that has happened brings
# description: |
#   Its shape is `schemas/duty-decision.json`. Undefined for an agency of a regime that the law
#   does not know.
# entrypoint: true
decision := {
	"duties": [d | some d in _due],
	"because": [{"code": code, "title_ja": row.title_ja, "title_en": row.title_en} |
		some code in data.duty.breach.triggers
		row := _legal.triggers[code]
	],
	"exempt": [e | some e in _exempt],
} if {
	_regime in {"private", "public"}
}

_regime := input.registered.agency.regime

_due contains _duty(d) if some d in data.duty.breach.due

_due contains _duty(d) if some d in data.duty.record.due

_duty(d) := {
	"code": d.code,
	"bearer": row.bearer,
	"authority": row.authority,
	"article": row.article[_regime],
	"title_ja": row.title_ja,
	"title_en": row.title_en,
	"due_at": d.due_at,
	"params": d.params,
} if {
	row := _legal.duties[d.code]
}

_exempt contains {
	"code": code,
	"article": row.article[_regime],
	"title_ja": row.title_ja,
	"title_en": row.title_en,
} if {
	some code in (data.duty.breach.exempt | data.duty.record.exempt)
	row := _legal.exemptions[code]
}
