# METADATA
# title: What the way something became known allows
# description: |
#   知った経緯による限定。Some origins bind what came from them: a list made for evacuation may
#   serve evacuation and no everyday purpose. A report is never bound.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=336AC0000000223
#     description: 災害対策基本法49条の13・49条の17・90条の6
package lib.origin

import rego.v1

# Tables are read once; each look-up of base data costs more than one in a rule.
_basis := data.basis

_origins := data.origins

# METADATA
# title: A basis may carry what became known in this way
free(_, origin) if not _origins[origin]

free(id, origin) if id in _origins[origin].bases

free(id, origin) if {
	_origins[origin]
	_basis[id].report == true
}
