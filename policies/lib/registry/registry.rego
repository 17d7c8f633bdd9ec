# METADATA
# title: Which bases may be looked at, and for whom they exist
# description: |
#   根拠台帳と自治体設定。Candidates come from the registry's index by purpose and kinds of
#   sender and recipient, and from the basis that the request names. A candidate is eligible
#   when the pack enables it, its text is verified for the day, and it exists for this
#   sender, recipient and purpose.
# custom:
#   code: registry
#   article: "運用自治体の設定(根拠台帳)"
#   title_ja: "根拠台帳と自治体設定"
#   title_en: "Registry of legal bases and the municipality's choices"
package lib.registry

import rego.v1

import data.lib.facts
import data.lib.origin
import data.lib.result
import data.lib.time

# Tables are read once; each look-up of base data costs more than one in a rule.
_basis := data.basis

_conferences := data.conferences

_index := data.index

_packs := data.packs

pack := _packs[input.registered.tenant.pack]

# METADATA
# title: Thresholds that the municipality has chosen
thresholds := pack.thresholds

named := input.request.basis

# METADATA
# title: Bases worth asking about this request
candidates contains named if _basis[named]

candidates contains id if {
	some id in _index.candidates[input.request.purpose][input.registered.sender.agency.kind]
	row := _basis[id]
	input.registered.sender.agency.regime in row.sender_regimes
	_index.recipient_kinds[id][input.registered.recipient.agency.kind]
	_enabled(id)
	_between(row)
	_worth_asking(id)
}

# A meeting is asked about only where the request names an item of its own.
_worth_asking(id) if not _conferences[id]

_worth_asking(id) if {
	some i in input.registered.agenda_items
	i.id == input.request.refs.agenda_item
	i.basis == id
}

# What is for units of one agency is no candidate elsewhere, unless somebody names it.
_between(row) if row.same_agency == false

_between(_) if input.request.sender.agency == input.request.recipient.agency

# METADATA
# title: Candidates that exist for these parties, this purpose and this day
eligible := candidates - {a.rule | some a in against}

# METADATA
# title: The municipality has not enabled this basis
# description: 自治体設定でその根拠を有効にしていない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: BASIS_DISABLED
#   article: "運用自治体の設定"
#   title_ja: "この自治体では、その根拠による提供をまだ始めていない"
#   title_en: "This municipality has not enabled that legal basis"
#   next_step_ja: "ほかの根拠(ご本人の同意など)で提供できないか、ご確認ください。この根拠を使えるようにするには、個人情報保護の担当へご相談ください。"
#   next_step_en: "Please see whether another basis, such as the person's consent, fits. To have this basis enabled, talk to the privacy officer."
#   side: controller
#   lawful_alternatives: [ask_consent, ask_officer]
against contains result.against(id, "BASIS_DISABLED", "", [], []) if {
	some id in candidates
	not _enabled(id)
	not _never(id)
}

# METADATA
# title: The text of the basis is not verified for this day
# description: 法令の条文を確かめた日より前の提供は、その根拠では判断しない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: LAW_NOT_VERIFIED_FOR_DATE
#   article: "運用規程(条文の確認日)"
#   title_ja: "その日に効力のあった条文を確かめていない"
#   title_en: "The text in force on that day has not been verified"
#   next_step_ja: "当時の条文の確認が必要です。個人情報保護の担当へ、提供した日と根拠を伝えてご相談ください。"
#   next_step_en: "The text in force then has to be checked. Please tell the privacy officer the day and the basis."
#   side: controller
#   lawful_alternatives: [ask_officer]
against contains result.against(id, "LAW_NOT_VERIFIED_FOR_DATE", "", [], []) if {
	some id in candidates
	not _verified(id)
}

# METADATA
# title: The basis is not one for this sender
# description: 提供元の種別、規律、立場がその根拠の定めに合わない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: BASIS_NOT_FOR_SENDER
#   article: "個人情報の保護に関する法律2条11項・16条2項"
#   title_ja: "その根拠は、この提供元(またはその立場)では使えない"
#   title_en: "That basis does not exist for this sender, or for the capacity it acts in"
#   next_step_ja: "行政機関と民間とでは根拠の条文が異なります。どの立場(自主事業・受託・会議の構成員)の情報かを確かめ、ご本人の同意など、使える根拠をお選びください。"
#   next_step_en: "Public and private bodies rest on different articles. Check in which capacity the information is held and choose a basis that fits, for example consent."
#   side: controller
#   lawful_alternatives: [ask_consent, ask_officer]
against contains result.against(id, "BASIS_NOT_FOR_SENDER", "", [], []) if {
	some id in candidates
	not _sender_fits(id)
}

# METADATA
# title: The basis is not one for this recipient
# description: 提供先の種別や規律がその根拠の定めに合わない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: BASIS_NOT_FOR_RECIPIENT
#   article: "個人情報の保護に関する法律27条・69条"
#   title_ja: "その根拠では、この提供先には渡せない"
#   title_en: "That basis does not allow this recipient"
#   next_step_ja: "ご本人に提供先を示して同意をいただくか、支援会議の議題にしてその場で共有できないかをご検討ください。ご本人からその機関へ直接つながっていただく方法もあります。"
#   next_step_en: "Ask the person to agree to this recipient, or consider sharing as an item of the support conference. The person may also be introduced to the agency directly."
#   side: asker
#   lawful_alternatives: [ask_consent, bring_to_support_conference, introduce_person_themselves]
against contains result.against(id, "BASIS_NOT_FOR_RECIPIENT", "", [], []) if {
	some id in candidates
	not _recipient_fits(id)
}

against contains result.against(id, "PURPOSE_FORBIDDEN", "", [], []) if {
	some id in candidates
	not _purpose_fits(id)
}

# METADATA
# title: Fields whose every class the basis may carry, and that nothing binds elsewhere
within_class(id) := {f.id |
	some f in data.lib.facts.fields
	_of_class(id, f)
	origin.free(id, f)
}

_of_class(id, field) if {
	row := _index.classes[id]
	count([class | some class in field.classes; not row[class]]) == 0
}

# METADATA
# title: The basis exists for this person
# description: |
#   根拠の対象となる人か。By how the person stands to the main subject and, where the law names
#   whom it is for, by its own word, which the controller vouches for about that very person.
in_scope(id, subject) if {
	relation := data.lib.facts.relations[subject]
	row := _basis[id]
	relation in row.subject_relations
	_in_group(row.subject_groups, subject)
}

_in_group(groups, _) if groups == []

_in_group(groups, subject) if {
	some group in facts.groups(subject)
	group in groups
}

# METADATA
# title: A field is of a class the basis may not carry
# description: その根拠で渡せる情報の区分を超えている。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: CLASS_TOO_HIGH
#   article: "個人情報の保護に関する法律20条2項・61条・69条"
#   title_ja: "その根拠や提供先では渡せない区分の情報を含む"
#   title_en: "It holds a class of information that this basis or recipient may not carry"
#   next_step_ja: "その項目を外せば、ほかの項目は提供できることがあります。必要なときは、ご本人に項目を示して同意をいただくか、支援会議での共有をご検討ください。"
#   next_step_en: "Without that field the rest may pass. If it is needed, ask the person to agree to this very item, or share it in the support conference."
#   side: controller
#   lawful_alternatives: [reduce_fields, ask_consent, bring_to_support_conference]
too_high contains result.against(id, "CLASS_TOO_HIGH", "", fields, []) if {
	some id in eligible
	fields := sort({f.id | some f in data.lib.facts.fields; not _of_class(id, f)})
	count(fields) > 0
}

# What is bound by its origin goes on for its own purpose only.
too_high contains result.against(id, code, "", fields, []) if {
	some id in eligible
	some code in {origin.code(f) | some f in data.lib.facts.fields}
	fields := sort({f.id | some f in data.lib.facts.fields; origin.code(f) == code; not origin.free(id, f)})
	count(fields) > 0
}

# What is never a ground is nobody's choice; its own rule says why.
_never(id) if {
	row := _basis[id]
	row.never == true
}

_enabled(id) if {
	row := pack.bases[id]
	time.within(row.enabled_at, row.disabled_at, input.computed.law_at)
}

_verified(id) if {
	row := _basis[id]
	time.within(row.verified_at, row.repealed_at, input.computed.law_at)
}

_sender_fits(id) if {
	row := _basis[id]
	input.registered.sender.agency.regime in row.sender_regimes
	input.registered.sender.agency.kind in row.sender_kinds
	input.request.sender.capacity.kind in row.sender_capacities
	_somebody_may_send(row)
}

# Anybody may report, whatever they are otherwise there for, and even if nobody knows them.
_somebody_may_send(row) if row.report == true

# Whoever watches over others or only helps along has no case of the agency's to hand on.
_somebody_may_send(row) if {
	some role in input.registered.sender.actor.roles
	not role in row.sender_excluded_roles
}

_recipient_fits(id) if {
	_index.recipient_kinds[id][input.registered.recipient.agency.kind]
	row := _basis[id]
	input.registered.recipient.agency.regime in row.recipient_regimes
	_somebody_may_see(row)
}

# An agency as a whole, or a person with at least one role that may see such things.
_somebody_may_see(_) if input.request.recipient.actor == ""

_somebody_may_see(row) if {
	some role in input.registered.recipient.actor.roles
	not role in row.excluded_roles
	_role_purpose(row, role)
}

_role_purpose(row, role) if not role in object.keys(row.role_purposes)

_role_purpose(row, role) if input.request.purpose in row.role_purposes[role]

_purpose_fits(id) if {
	row := _basis[id]
	input.request.purpose in row.purposes
}
