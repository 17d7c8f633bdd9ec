# METADATA
# title: Records of a provision
# description: |
#   第三者提供の記録。Who provides and who receives by consent keeps a record, unless one of them is a
#   public body or the provision rests on an item of article 27(1) or on 27(5). What the gateway
#   logs beside it is its own choice and no record under these articles.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律29条・30条
# custom:
#   code: duty_record
#   article: "個人情報の保護に関する法律29条・30条、同法施行規則19条から25条まで"
#   title_ja: "第三者提供の記録"
#   title_en: "Records of provision to third parties"
package duty.record

import rego.v1

# Tables are read once; each look-up of base data costs more than one in a rule.
_basis := data.basis

_legal := data.legal_duties

# METADATA
# title: Records to be kept, and for how long
due contains {"code": code, "due_at": null, "params": _legal.keeping[input.event.manner]} if {
	_happened
	not _public_party
	some code in _demanded
}

# METADATA
# title: Why no record is demanded
exempt contains "public_party" if {
	_happened
	_public_party
}

exempt contains "by_law" if {
	_happened
	not _public_party
	count(_demanded) == 0
}

_codes := {"art29_record", "art30_record"}

_happened if input.event.kind == "provision"

_public_party if input.registered.agency.regime == "public"

_public_party if input.registered.other.regime == "public"

# The registry says which bases bring the record; one that it does not know brings it.
_demanded contains code if {
	row := _basis[input.event.basis]
	some code in array.concat(row.obligations, row.obligations_private_recipient)
	code in _codes
}

_demanded contains code if {
	not _basis[input.event.basis]
	some code in _codes
}
