# METADATA
# title: Protection of life, body or property, private sender
# description: |
#   生命・身体・財産の保護(27条1項2号)。Only where danger is vouched for, consent is hard to
#   obtain and both are told in words; with a second person where the pack demands one, for
#   a limited time, and reviewed afterwards.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律27条1項2号
# custom:
#   code: vital_interest_private
#   article: "個人情報の保護に関する法律27条1項2号"
#   title_ja: "生命・身体・財産の保護(民間から)"
#   title_en: "Protection of life, body or property (private sender)"
#   effective_from: "2005-04-01"
package disclosure.basis.vital_interest_private

import rego.v1

import data.lib.approval
import data.lib.facts
import data.lib.refusal
import data.lib.registry
import data.lib.result

# METADATA
# title: Fields that avert the danger
# description: 危険を避けるために要る項目。
hits contains result.ground("vital_interest_private", s, fields, relied_on) if {
	told_danger
	told_difficulty
	second_person
	some s in (data.lib.facts.concerned & endangered)
	not s in _refused
	fields := sort(registry.within_class("vital_interest_private") & facts.about(s))
	count(fields) > 0
	relied_on := array.concat(
		["asserted:consent_difficult", "asserted:danger"],
		[sprintf("emergency_agreement:%s", [a.id]) | some a in data.lib.emergency.agreements],
	)
}

# METADATA
# title: Why the emergency rule does not carry
# description: 危険・同意の困難さの説明、二人目の同意の足りないところ。
reasons contains result.against("vital_interest_private", "REASON_MISSING", "", [], []) if not told_danger

reasons contains result.against("vital_interest_private", "REASON_MISSING", "", [], []) if not told_difficulty

reasons contains result.against("vital_interest_private", "APPROVAL_REQUIRED", "", [], ["second_person"]) if {
	not second_person
}

reasons contains result.against("vital_interest_private", "NO_BASIS", s, [], []) if {
	some s in (data.lib.facts.concerned - endangered)
}

reasons contains a if some a in refusals

# METADATA
# title: A danger to life, body or property, in enough words
told_danger if {
	some a in facts.told(data.lib.facts.main_subject, "danger")
	a.value in {"life", "body", "property"}
	a.text_chars >= data.lib.registry.thresholds.min_reason_chars
}

# METADATA
# title: Why consent is hard to obtain, in enough words
told_difficulty if {
	some a in facts.told(data.lib.facts.main_subject, "consent_difficult")
	a.value in {"unreachable", "unconscious", "asking_endangers", "refuses_contact", "other"}
	a.text_chars >= data.lib.registry.thresholds.min_reason_chars
}

# METADATA
# title: A second person agrees, or the municipality does without one
second_person if data.lib.registry.thresholds.emergency_second_person == false

second_person if count(data.lib.emergency.agreements) > 0

second_person if approval.lifted_for("APPROVAL_REQUIRED", data.lib.facts.persons[data.lib.facts.main_subject])

# METADATA
# title: Whose data avert the danger
# description: The main subject; the household only where the controller says so.
endangered contains data.lib.facts.main_subject

endangered contains s if {
	some a in facts.told(data.lib.facts.main_subject, "household_urgent")
	a.value == true
	some s, relation in data.lib.facts.relations
	relation == "household"
}

refusals := refusal.standing("vital_interest_private", {"refused_recipient", "vital_interest"})

_refused := {a.subject | some a in refusals}
