# METADATA
# title: Words for tests
# description: |
#   ルールの試験で使う語彙。Inputs are known cases with some members changed or removed; each test
#   package lists its inputs by name, so that every engine can be asked the same.
package checks.cast

import rego.v1

# METADATA
# title: The input of a known case
known(id) := data.checks.inputs[id]

# METADATA
# title: A known case with members set, by JSON Pointer
changed(id, changes) := json.patch(
	data.checks.inputs[id],
	[{"op": "add", "path": path, "value": value} | some path, value in changes],
)

# METADATA
# title: A known case with one member taken away
without(id, path) := json.patch(data.checks.inputs[id], [{"op": "remove", "path": path}])

# METADATA
# title: Every field asked for passes, on this basis
permits(given, basis) if {
	decision := _decided(given)
	decision.outcome == "permit"
	decision.fields_withheld == []
	[basis] == [g.basis | some g in decision.grounds]
}

# METADATA
# title: Nothing passes, and a code says why
refuses(given, code) if {
	decision := _decided(given)
	decision.outcome != "permit"
	decision.fields_permitted == []
	code in {r.code | some r in decision.reasons}
}

# METADATA
# title: Nothing passes, and somebody may lift it
holds(given, code, who) if {
	refuses(given, code)
	decision := _decided(given)
	decision.held_by == who
}

# METADATA
# title: Nothing passes, and nobody may lift it
denies(given, code) if holds(given, code, [])

# METADATA
# title: Other fields pass, one does not, and a code says why
withholds(given, field, code) if {
	decision := _decided(given)
	decision.outcome == "permit"
	some w in decision.fields_withheld
	w.field == field
	code in w.codes
}

# METADATA
# title: A permit brings a duty
owes(given, code) if {
	decision := _decided(given)
	decision.outcome == "permit"
	code in {o.code | some o in decision.obligations}
}

# METADATA
# title: A duty of a permit, in full
duty(given, code) := o if {
	decision := _decided(given)
	some o in decision.obligations
	o.code == code
}

# METADATA
# title: Whether an officer must be told now
alerts(given) if {
	decision := _decided(given)
	decision.alert == true
}

# METADATA
# title: The bases that carry a permit
grounds(given) := [g.basis | some g in _decided(given).grounds]

# METADATA
# title: Fields that pass
permitted(given) := _decided(given).fields_permitted

# METADATA
# title: The registered facts on which a permit stands
facts(given) := {fact | some g in _decided(given).grounds; some fact in g.facts}

# METADATA
# title: An approval of the city for 佐藤さん, with members changed
approval(changes) := object.union(known("public_special_reason").registered.approvals[0], changes)

# METADATA
# title: A verdict of two persons about 佐藤さん, with members changed
verdict(changes) := object.union(
	{
		"id": "verdict-1",
		"decision_id": "decision-0",
		"officer": "actor-officer",
		"second_person": "actor-officer-2",
		"second_agreed": "call_back",
		"agreed_at": 1776211200000,
		"expires_at": 1776301200000,
		"person": "p-sato",
		"recipient": "aoba-shakyo",
		"purpose": "refer",
		"lifts": [],
		"fields": [],
	},
	changes,
)

# METADATA
# title: A flag on 佐藤さん, with members changed
flag(changes) := object.union(known("stop_protected_address").registered.protection_flags[0], changes)

# METADATA
# title: A request for food, as the NPO receives it
food := {
	"/request/purpose": "serve",
	"/request/profile": "food_delivery",
	"/request/fields": known("public_special_reason").request.fields,
}

# METADATA
# title: A fact that the controller vouches for
told(fact, value) := told_about("", fact, value)

# METADATA
# title: The same about one subject
told_about(subject, fact, value) := {
	"subject": subject,
	"fact": fact,
	"value": value,
	"actor": "actor-hidamari",
	"evidence": "seen",
	"text_chars": 40,
	"text": "",
}

# METADATA
# title: 佐藤さん and her son, one household
household := [
	{"id": "s-sato", "person": "p-sato", "relation": "main"},
	{"id": "s-son", "person": "p-son", "relation": "household"},
]

# METADATA
# title: The consent of the known case, with members changed
consent(changes) := object.union(known("consent_private").registered.consents[0], changes)

# METADATA
# title: What makes it a blanket consent from a paper form
blanket := {
	"id": "consent-blanket",
	"method": "imported_blanket",
	"imported_at": 1776128400000,
	"recipient_classes": ["shakyo", "municipality"],
	"item_classes": ["IDN", "CON", "HEA"],
}

# METADATA
# title: The city as recipient
to_city := {
	"/request/recipient": known("vital_interest_private").request.recipient,
	"/registered/recipient": known("vital_interest_private").registered.recipient,
}

# METADATA
# title: The board of education, another organ of the same municipality
education := {
	"request": {"agency": "aoba-education", "actor": "actor-education"},
	"registered": {
		"agency": object.union(known("consent_public").registered.sender.agency, {
			"id": "aoba-education",
			"kind": "education_board",
			"name_ja": "あおば市教育委員会",
			"name_en": "Aoba Board of Education",
		}),
		"actor": object.union(known("consent_public").registered.sender.actor, {
			"id": "actor-education",
			"agency": "aoba-education",
			"post_ja": "指導主事",
			"roles": ["school_staff"],
		}),
	},
}

_decided(given) := decision if {
	decision := data.disclosure.main.decision with input as given
}
