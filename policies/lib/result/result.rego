# METADATA
# title: The one place that builds results
# description: |
#   判定結果を組み立てる唯一の場所。Rules name a code; texts and articles come from
#   `_meta`, which the bundle is given from these annotations.
package lib.result

import rego.v1

# Tables are read once; each look-up of base data costs more than one in a rule.
_basis := data.basis

_meta := data.meta

_obligations := data.obligations

# METADATA
# title: A ground that covers fields about one subject
ground(basis, subject, fields, facts) := {
	"basis": basis,
	"subject": subject,
	"fields": fields,
	"facts": facts,
}

# METADATA
# title: Why a rule gives no ground
# description: |
#   An empty subject means every subject, empty fields mean every field. `by` names who may
#   lift it; empty when nobody may.
against(rule, code, subject, fields, by) := {
	"rule": rule,
	"code": code,
	"subject": subject,
	"fields": fields,
	"by": by,
}

# METADATA
# title: A stop that acts on fields
stop_fields(stop, code, fields, by) := {
	"stop": stop,
	"code": code,
	"whole": false,
	"fields": fields,
	"by": by,
	"alert": false,
}

# METADATA
# title: A stop that refuses the whole unit
stop_whole(stop, code, alert) := {
	"stop": stop,
	"code": code,
	"whole": true,
	"fields": [],
	"by": [],
	"alert": alert,
}

# What one basis advises goes before what is advised everywhere.
_next(code, rule) := _basis[rule].advice[code]

_next(code, rule) := _meta.reasons[code] if not _advised(code, rule)

_advised(code, rule) if _basis[rule].advice[code]

# METADATA
# title: A reason as the decision shows it
# description: |
#   The text belongs to the code, the article to the rule that spoke; a missing undertaking names
#   the secrecy that the rule's own law demands. Where a basis knows a better next step for a
#   code, its row in the registry says so.
reason(code, rule, fields) := {
	"code": code,
	"rule": rule,
	"article": _article(code, rule),
	"title_ja": text.title_ja,
	"title_en": text.title_en,
	"next_step_ja": next.next_step_ja,
	"next_step_en": next.next_step_en,
	"side": text.side,
	"lawful_alternatives": next.lawful_alternatives,
	"fields": fields,
} if {
	text := _meta.reasons[code]
	next := _next(code, rule)
}

_article(code, rule) := _basis[rule].secrecy.article if _about_secrecy(code, rule)

_article(code, rule) := _meta.rules[rule].article if not _about_secrecy(code, rule)

_about_secrecy(code, rule) if {
	code == "NO_UNDERTAKING"
	_basis[rule].secrecy.article != ""
}

# METADATA
# title: A duty as the decision shows it
duty(code, params, due_at) := {
	"code": code,
	"bearer": row.bearer,
	"title_ja": row.title_ja,
	"title_en": row.title_en,
	"params": params,
	"due_at": due_at,
} if {
	row := _obligations.duties[code]
}
