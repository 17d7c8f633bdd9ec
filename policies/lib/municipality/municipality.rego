# METADATA
# title: What kind of municipality runs the gateway, and what its ordinances settle
# description: |
#   運用自治体の種類と条例。The pack says it, with the row or the law it is known from; what
#   nobody has said, read or dated settles nothing.
package lib.municipality

import rego.v1

import data.lib.time

# Tables are read once; each look-up of base data costs more than one in a rule.
_classes := data.classes

_kind := data.lib.registry.pack.municipality

# METADATA
# title: It is a municipality (市町村), not a prefecture
municipality if _kind.kind == "municipality"

# METADATA
# title: It is a prefecture (都道府県)
prefecture if _kind.kind == "prefecture"

# METADATA
# title: It is a designated or core city (指定都市・中核市)
core_city if _kind.core_city == true

# METADATA
# title: It has a welfare office (福祉事務所)
welfare_office if _kind.has_welfare_office == true

# METADATA
# title: It runs the programme of multi-layered support on the day (重層的支援体制整備事業)
runs_juso if time.within(_kind.runs_juso_from_at, null, input.computed.law_at)

# METADATA
# title: Its own ordinance settles something on the day, and somebody has read it
# description: |
#   当該市町村の条例に特別の定めがある場合。A prefecture's ordinance is no municipality's own.
own_ordinance(id) if {
	some o in data.lib.registry.pack.ordinances
	o.id == id
	o.level == "municipal"
	o.seen == true
	time.within(o.from_at, o.to_at, input.computed.law_at)
}

# METADATA
# title: A class that is special-care data by the Act or by the municipality's own choice
# description: |
#   要配慮個人情報。The Act's classes, and those that the municipality treats alike
#   (条例要配慮個人情報, 個人情報の保護に関する法律60条5項, or stricter rules of its own).
sensitive(class) if _classes[class].special_care == true

sensitive(class) if class in data.lib.registry.thresholds.own_sensitive_classes
