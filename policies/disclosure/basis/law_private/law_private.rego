# METADATA
# title: Provision based on law, private sender
# description: |
#   法令に基づく場合(27条1項1号)。A concrete provision that requires or allows this very provision,
#   seen and named; an ordinance is law here (18条3項1号), a duty to endeavour is not enough.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律18条3項1号・27条1項1号
# custom:
#   code: law_private
#   article: "個人情報の保護に関する法律27条1項1号"
#   title_ja: "法令に基づく提供(民間から)"
#   title_en: "Provision based on law (private sender)"
#   effective_from: "2022-04-01"
package disclosure.basis.law_private

import rego.v1

import data.lib.facts
import data.lib.refusal
import data.lib.registry
import data.lib.result
import data.lib.vouched

_id := "law_private"

# METADATA
# title: Fields that a concrete provision asks for or allows
# description: 条文(条例を含む)が提供を求め、又は認める項目。
hits contains result.ground(_id, s, fields, ["asserted:law_provision"]) if {
	provided
	some s in data.lib.facts.concerned
	not s in _refused
	fields := sort(registry.within_class(_id) & facts.about(s))
	count(fields) > 0
}

# METADATA
# title: Why no provision carries it
# description: 条文が示されていない、又は求めても認めてもいない。
reasons contains a if {
	some a in vouched.missing(_id, ["law_provision"])
	not provided
}

reasons contains a if some a in refusals

refusals := refusal.standing(_id, {"refused_recipient"})

_refused := {a.subject | some a in refusals}

# METADATA
# title: A provision that asks for this or allows it, seen and named
provided if {
	some a in vouched.of_main("law_provision")
	a.value in {"law_requires", "law_authorises", "ordinance_requires", "ordinance_authorises"}
	a.evidence == "document"
	a.text_chars >= data.lib.registry.thresholds.min_reason_chars
}
