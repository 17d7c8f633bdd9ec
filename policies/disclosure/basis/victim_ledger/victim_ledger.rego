# METADATA
# title: Victim ledger
# description: |
#   被災者台帳の提供。To another local body for relief, to a registered relief group that applies where
#   life or body are in danger, and to whomever the person agreed to. A My Number never goes along.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=336AC0000000223
#     description: 災害対策基本法90条の3〜90条の6、同施行規則8条の5・8条の6
# custom:
#   code: victim_ledger
#   article: "災害対策基本法90条の4"
#   title_ja: "被災者台帳の提供"
#   title_en: "Victim ledger"
#   effective_from: "2025-07-01"
package disclosure.basis.victim_ledger

import rego.v1

import data.lib.disaster
import data.lib.facts
import data.lib.office
import data.lib.refusal
import data.lib.registry
import data.lib.result
import data.lib.statutory

_id := "victim_ledger"

_local_bodies := {"municipality", "prefecture"}

# METADATA
# title: Items of the ledger
# description: 台帳の項目。
hits contains result.ground(_id, s, fields, sort({sprintf("list_entry:%s", [e.id])} | way.facts)) if {
	some s in data.lib.facts.concerned
	registry.in_scope(_id, s)
	not s in _refused
	some e in disaster.entries(_id, s)
	some way in _ways
	way.subject in {"", s}
	fields := sort((registry.within_class(_id) & disaster.items(_id, s)) & way.fields)
	count(fields) > 0
}

# METADATA
# title: Why the ledger is not given
# description: 台帳にない、援護の必要・登録・申請・同意の合わないところ。
reasons contains a if some a in disaster.against_entries(_id)

reasons contains result.against(_id, "REASON_MISSING", "", [], []) if {
	_local_body
	not _relief
}

reasons contains result.against(_id, "REASON_MISSING", "", [], []) if {
	not _local_body
	count(_registrations) > 0
	not _endangered
}

reasons contains a if {
	not _local_body
	count(_registrations) > 0
	some a in statutory.against(_id)
}

reasons contains result.against(_id, "BASIS_NOT_FOR_RECIPIENT", "", [], []) if {
	not _local_body
	count(_registrations) == 0
	count(_agreed) == 0
}

reasons contains a if some a in refusals

# The ways in which article 90-4 lets it go: each with the fields and the person it covers.
_ways contains {"subject": "", "fields": data.lib.facts.field_ids, "facts": {"asserted:relief_work"}} if {
	_local_body
	_relief
}

_ways contains way if {
	some d in _registrations
	_endangered
	some r in statutory.answerable(_id)
	some s, person in data.lib.facts.persons
	person in r.persons
	way := {
		"subject": s,
		"fields": {f | some f in r.fields},
		"facts": {
			"asserted:danger", "asserted:necessity",
			sprintf("designation:%s", [d.id]), sprintf("statutory_request:%s", [r.id]),
		},
	}
}

_ways contains way if some way in _agreed

_agreed contains {"subject": g.subject, "fields": {f | some f in g.fields}, "facts": {f | some f in g.facts}} if {
	some g in data.lib.consent.grants
}

_local_body if input.registered.recipient.agency.kind in _local_bodies

_relief if {
	some a in facts.told(data.lib.facts.main_subject, "relief_work")
	a.value == true
	a.text_chars >= data.lib.registry.thresholds.min_reason_chars
}

# A registration shows its number.
_registrations := [d |
	some d in office.designations(input.request.recipient.agency, "registered_relief_group")
	d.reference != ""
]

_endangered if {
	data.lib.disaster.needed
	some a in facts.told(data.lib.facts.main_subject, "danger")
	a.value in {"life", "body"}
}

refusals := refusal.standing(_id, {"refused_recipient"})

_refused := {a.subject | some a in refusals}
