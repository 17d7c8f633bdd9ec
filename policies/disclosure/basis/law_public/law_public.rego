# METADATA
# title: Provision based on law, public sender
# description: |
#   法令に基づく場合(69条1項)。A concrete provision of a statute or order that requires or allows this
#   very provision. In this chapter law does not include ordinances, except where the article
#   says so; they shape a body's tasks (69条2項2号・3号).
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律61条・69条1項
# custom:
#   code: law_public
#   article: "個人情報の保護に関する法律69条1項(法令に基づく場合)"
#   title_ja: "法令に基づく提供(行政機関等から)"
#   title_en: "Provision based on law (public sender)"
#   effective_from: "2023-04-01"
package disclosure.basis.law_public

import rego.v1

import data.lib.facts
import data.lib.refusal
import data.lib.registry
import data.lib.result
import data.lib.vouched

_id := "law_public"

# METADATA
# title: Fields that a concrete provision asks for or allows
# description: 法律又は命令の条文が提供を求め、又は認める項目。
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

reasons contains result.against(_id, "BASIS_NOT_FOR_SENDER", "", [], []) if {
	some a in vouched.of_main("law_provision")
	a.value in {"ordinance_requires", "ordinance_authorises"}
}

reasons contains a if some a in refusals

refusals := refusal.standing(_id, {"refused_recipient"})

_refused := {a.subject | some a in refusals}

# METADATA
# title: A provision that asks for this or allows it, seen and named
provided if {
	some a in vouched.of_main("law_provision")
	a.value in {"law_requires", "law_authorises"}
	a.evidence == "document"
	a.text_chars >= data.lib.registry.thresholds.min_reason_chars
}
