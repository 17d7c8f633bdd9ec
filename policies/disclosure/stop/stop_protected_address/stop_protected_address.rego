# METADATA
# title: Whereabouts of a protected person
# description: |
#   住所秘匿(支援措置等)。Whereabouts are masked from the application on, and stay masked
#   after expiry until the flag is lifted. Whoever the person hides from refuses the whole
#   unit, without saying why. Judged now and on the day that decides; the stricter wins.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=413AC0100000031
#     description: 配偶者暴力防止法23条
# custom:
#   code: stop_protected_address
#   article: "住民基本台帳法12条6項、配偶者暴力防止法23条、ストーカー規制法6条・8条"
#   title_ja: "住所の秘匿(支援措置など)"
#   title_en: "Protected whereabouts"
#   effective_from: "2004-07-01"
#   verified: text
package disclosure.stop.stop_protected_address

import rego.v1

import data.lib.approval
import data.lib.counterpart
import data.lib.facts
import data.lib.result
import data.lib.time

# Tables are read once; each look-up of base data costs more than one in a rule.
_stops := data.stops

# METADATA
# title: Somebody the person hides from would receive or send it
# description: 支援措置の相手方が、提供先・担当者・同じ記録の関係者に含まれる。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=413AC0100000031
# custom:
#   code: PROTECTED_ADDRESS
#   article: "住民基本台帳法12条6項、配偶者暴力防止法23条、ストーカー規制法6条・8条"
#   title_ja: "所在を守る必要がある方の情報である"
#   title_en: "The whereabouts of somebody must be protected"
#   next_step_ja: "所在につながる項目はお渡しできません。理由は相手に説明せず、個人情報保護の担当へすぐにご連絡ください。安全に必要なときは、決裁と二人の確認で解除できる場合があります。"
#   next_step_en: "Nothing that leads to where the person is may pass. Do not explain why; contact the privacy officer at once. Where safety demands it, a formal approval and two persons may lift it."
#   side: officer
#   lawful_alternatives: [ask_officer, reduce_fields]
hits contains result.stop_whole("stop_protected_address", "PROTECTED_ADDRESS", true) if counterpart_present

hits contains result.stop_fields("stop_protected_address", "PROTECTED_ADDRESS", fields, ["approver", "second_person"]) if {
	count(protected) > 0
	fields := sort({f.id | some f in data.lib.facts.fields; _whereabouts(f); _reveals(f); not _lifted(f)})
	count(fields) > 0
}

# METADATA
# title: Flags in force now or on the day that decides
# description: The day on which the measure runs out plays no part; somebody has to lift it.
flags := [f |
	some f in input.registered.protection_flags
	time.stands(object.get(f, "effective_from", null), object.get(f, "lifted_at", null))
]

# METADATA
# title: Subjects whose whereabouts are protected
protected contains s if {
	some s, person in data.lib.facts.persons
	some f in flags
	f.person == person
}

# A controller that vouches for a protection not yet registered is believed.
protected contains s if {
	some s, _ in data.lib.facts.persons
	some a in facts.told(s, "protection_status")
	not a.value in {false, "none"}
}

# Said of nobody known, it may be about anybody here.
protected contains s if {
	some a in data.lib.facts.asserted.protection_status
	not a.value in {false, "none"}
	not _of_somebody_here(a.subject)
	some s, _ in data.lib.facts.persons
}

_of_somebody_here(subject) if subject == ""

_of_somebody_here(subject) if data.lib.facts.persons[subject]

# A flag that does not say whom it is about, or flags that nobody has read, are about all.
protected contains s if {
	not _flags_read
	some s, _ in data.lib.facts.persons
}

_flags_read if {
	every f in input.registered.protection_flags {
		f.person != ""
	}
}

# METADATA
# title: The other side is party to the unit
counterpart_present if {
	some flag in flags_here
	counterpart.party_to_unit(counterpart.of_flag(flag))
}

# Whoever says that the other side is asking is believed, registered or not.
counterpart_present if {
	some a in data.lib.facts.asserted.asked_by_counterpart
	a.value != false
}

# METADATA
# title: Flags about somebody in this unit
flags_here := [flag |
	some flag in flags
	some person in data.lib.facts.persons
	flag.person == person
]

_whereabouts(field) if {
	some class in field.classes
	class in _stops.whereabouts_classes
}

_reveals(field) if {
	some s in field.about
	s in protected
}

# Where one of a household is protected, the whereabouts of the others, and of whoever cares
# for them, lead there.
_reveals(field) if {
	_household_protected
	some s in field.about
	s in _household
}

_household_protected if {
	some s in protected
	s in _household
}

_household := {s | some s, relation in data.lib.facts.relations; relation in _stops.leading_relations}

# A formal approval and a second person, both, for everybody who is protected here.
_lifted(field) if {
	every s in protected {
		_lifted_for(s, field.id)
	}
}

_lifted_for(subject, field) if {
	person := data.lib.facts.persons[subject]
	approval.approved("address_lift", person, field)
	approval.lifted_on("PROTECTED_ADDRESS", person, field)
}
