# METADATA
# title: Entrustment of the multi-layered support programme
# description: |
#   重層的支援体制整備事業の委託(社会福祉法106条の4第5項・第6項)。A municipality that runs the programme hands
#   its contractor what the entrusted work takes; the contractor is bound like an official.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=326AC0000000045
#     description: 社会福祉法106条の4第5項・第6項
# custom:
#   code: juso_entrustee
#   article: "社会福祉法106条の4第5項・第6項"
#   title_ja: "重層事業の委託"
#   title_en: "Entrustment of the multi-layered support programme"
#   effective_from: "2021-04-01"
package disclosure.basis.juso_entrustee

import rego.v1

import data.lib.entrusting
import data.lib.result

# METADATA
# title: Fields of the records that were entrusted with the programme
# description: 重層事業として委託した記録の項目。
hits contains h if {
	_runs
	some h in entrusting.grounds("juso_entrustee", "juso_entrustment")
}

# METADATA
# title: Why there is no such entrustment
# description: 市町村が重層事業を行っていない、または委託の合わないところ。
reasons contains result.against("juso_entrustee", "NO_BASIS", "", [], []) if not _runs

reasons contains a if some a in entrusting.reasons("juso_entrustee", "juso_entrustment")

_runs if {
	input.request.sender.agency == input.registered.tenant.municipality
	data.lib.municipality.runs_juso
}
