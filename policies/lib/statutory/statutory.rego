# METADATA
# title: A request that a statute provides for
# description: |
#   法令に基づく求め・申請。Made by the recipient to the sender, about persons and items it names, for
#   a purpose and with the reasons for it. Asking for everything is not asking.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=412AC1000000082
#     description: 児童虐待の防止等に関する法律13条の4、災害対策基本法90条の4第1項4号
package lib.statutory

import rego.v1

import data.lib.facts
import data.lib.result
import data.lib.time

# METADATA
# title: Requests on a basis that may be answered
answerable(basis) := [r |
	some r in _current(basis)
	r.purpose == input.request.purpose
	r.necessity_chars >= data.lib.registry.thresholds.min_reason_chars
]

# METADATA
# title: Why a request may not be answered
against(basis) := ({result.against(basis, "NO_BASIS", "", [], []) | count(_made(basis)) == 0} | {result.against(basis, code, "", [], []) |
	count(_made(basis)) > 0
	some code in _faults(basis)
}) | ({result.against(basis, "NO_BASIS", s, [], []) |
	count(answerable(basis)) > 0
	some s in data.lib.facts.concerned
	count(_asked_about(basis, s)) == 0
} | {result.against(basis, "FIELD_NOT_NEEDED", s, fields, []) |
	some s in data.lib.facts.concerned
	count(_asked_about(basis, s)) > 0
	fields := sort(facts.about(s) - {f | some r in _asked_about(basis, s); some f in r.fields})
	count(fields) > 0
})

_faults(basis) := {"BASIS_EXPIRED"} if count(_current(basis)) == 0

_faults(basis) := {"PURPOSE_FORBIDDEN" | count([r | some r in _current(basis); r.purpose == input.request.purpose]) == 0} | {"REASON_MISSING" |
	count(answerable(basis)) == 0
	some r in _current(basis)
	r.purpose == input.request.purpose
} if {
	count(_current(basis)) > 0
}

_asked_about(basis, subject) := [r |
	some r in answerable(basis)
	data.lib.facts.persons[subject] in r.persons
]

_current(basis) := [r |
	some r in _made(basis)
	time.within(r.requested_at, r.valid_to, input.computed.law_at)
]

_made(basis) := [r |
	some r in input.registered.statutory_requests
	r.basis == basis
	r.asked_by == input.request.recipient.agency
	r.asked == input.request.sender.agency
	_named(r)
]

_named(_) if input.request.refs.statutory_request == ""

_named(request) if request.id == input.request.refs.statutory_request
