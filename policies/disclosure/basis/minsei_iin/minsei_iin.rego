# METADATA
# title: Provision to a commissioned welfare volunteer
# description: |
#   民生委員・児童委員への提供(69条2項2号・3号、民生委員法14条)。To one commissioned person, for
#   residents of their own ward, for as long as the commission lasts. A head of ward or a
#   neighbourhood association is somebody else.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=323AC0000000198
#     description: 民生委員法14条・15条
# custom:
#   code: minsei_iin
#   article: "個人情報の保護に関する法律69条2項2号・3号、民生委員法14条"
#   title_ja: "民生委員・児童委員への提供"
#   title_en: "Provision to a commissioned welfare volunteer"
#   effective_from: "2022-04-01"
package disclosure.basis.minsei_iin

import rego.v1

import data.lib.facts
import data.lib.harm
import data.lib.refusal
import data.lib.registry
import data.lib.result
import data.lib.time

# METADATA
# title: Fields for watching over residents of the ward
# description: 担当地区の住民の見守りに要る項目。
hits contains result.ground("minsei_iin", s, fields, relied_on) if {
	commissioned
	some a in _in_ward
	not data.lib.harm.known
	some s in (data.lib.facts.concerned & _residents)
	not s in _refused
	fields := sort(registry.within_class("minsei_iin") & facts.about(s))
	count(fields) > 0
	relied_on := ["asserted:subject_ward", sprintf("appointment:%s", [a.id])]
}

# METADATA
# title: Why this person is not the commissioned volunteer of the ward
# description: 委嘱・任期・担当地区の合わないところ。
reasons contains result.against("minsei_iin", "BASIS_NOT_FOR_RECIPIENT", "", [], []) if not commissioned

reasons contains result.against("minsei_iin", "NOT_MEMBER_TODAY", "", [], []) if {
	commissioned
	count(_in_office) == 0
}

reasons contains result.against("minsei_iin", "REASON_MISSING", "", [], []) if count(_wards) == 0

# Whoever asks must not learn where the person lives; that it is another ward stays inside.
reasons contains result.against("minsei_iin", "NO_BASIS", "", [], []) if {
	count(_in_office) > 0
	count(_wards) > 0
	count(_in_ward) == 0
}

reasons contains result.against("minsei_iin", "NO_BASIS", s, [], []) if some s in (data.lib.facts.concerned - _residents)

reasons contains a if some a in harm.against("minsei_iin")

reasons contains a if some a in refusals

# METADATA
# title: The named person has the role, and an appointment was registered
commissioned if {
	"minsei" in input.registered.recipient.actor.roles
	count(_appointments) > 0
}

_appointments := [a |
	some a in input.registered.appointments
	a.office == "minsei_iin"
	a.actor == input.request.recipient.actor
]

_in_office := [a | some a in _appointments; time.within(a.term_from, a.term_to, input.computed.law_at)]

_in_ward := [a | some a in _in_office; a.ward in _wards]

# One ward, said consistently; anything else is no answer.
_wards := wards if {
	wards := {a.value | some a in facts.told(data.lib.facts.main_subject, "subject_ward"); a.value != ""}
	count(wards) == 1
} else := set()

# The ward that the controller vouches for is that of the person and the household.
_residents := {s | some s, relation in data.lib.facts.relations; relation in {"main", "household"}}

refusals := refusal.standing("minsei_iin", {"refused_recipient"})

_refused := {a.subject | some a in refusals}
