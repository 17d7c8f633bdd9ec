"""
What is answered, as the wire holds it: one function per thing shown.

* A reason is shown to whoever may hear it (:func:`gateway.api.problems.shown_reasons`), and a
  code that may not be heard is ``NOT_SHAREABLE`` wherever it would stand.
* Nothing of a case is ever in here: field ids, codes, opaque ids, proofs and ciphertext.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from starlette.responses import Response

from gateway.api.problems import Audience, hidden_code, reason_json, shown_reasons
from gateway.audit.verify import Evidence
from gateway.domain.disclosure import (
    Caller,
    Decision,
    Label,
    Obligation,
    Outcome,
    Reason,
    WithheldField,
)
from gateway.domain.log import JSONValue
from gateway.ports.registers import Row
from gateway.ports.rulebook import Rulebook
from gateway.services.alerts import Alert
from gateway.services.asking import DecidedUnit, Released
from gateway.services.deliveries import DeliverySummary, OpenedDelivery, Recall
from gateway.services.requests import RequestView
from gateway.services.tasks import Task

__all__ = [
    "alert_json",
    "delivery_json",
    "evidence_json",
    "opened_json",
    "recall_json",
    "released_json",
    "reply",
    "request_json",
    "summary_json",
    "task_json",
    "unit_json",
]


_SILENT: Final = "DECISION_UNAVAILABLE"


def reply(
    value: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a JSON answer."""
    body = orjson.dumps(value, default=_plain)
    return Response(body, status, dict(headers or {}), "application/json")


def evidence_json(evidence: Evidence | None) -> dict[str, JSONValue] | None:
    """Return an entry as a member may check it."""
    return None if evidence is None else evidence.to_json()


def unit_json(unit: DecidedUnit, audience: Audience, rulebook: Rulebook) -> dict[str, Any]:
    """Return one unit of a disclosure."""
    decision = unit.decision
    known = _reasons(decision, rulebook)
    withheld = [_withheld(w, known, audience) for w in decision.withheld]
    held_by = _held_by(decision, withheld)
    # A permit may have nothing against it; a refusal always shows something.
    spotless = decision.outcome is Outcome.PERMIT and not known
    reasons = () if spotless else shown_reasons(known, audience, rulebook)
    return {
        "decision_id": decision.decision_id,
        "recipient": unit.recipient,
        "recipient_actor": unit.recipient_actor or "",
        "subject": unit.subject,
        # Who may lift a refusal of which the reason is not said would say that there is one.
        "label": str(
            Label.DENY if decision.label is Label.HELD and not held_by else decision.label
        ),
        "bases": [
            {"basis": basis, "article": article}
            for basis, article in zip(decision.bases, decision.articles, strict=True)
        ],
        "fields_permitted": decision.permitted,
        "fields_withheld": withheld,
        "reasons": [reason_json(r) for r in reasons],
        "obligations": [_obligation(o) for o in decision.obligations],
        "held_by": held_by,
        "expires_at": unit.expires_at,
        "recipient_key": None if unit.recipient_key is None else {"jwk": unit.recipient_key},
        "log_index": unit.index,
        **({} if unit.release_index is None else {"release_index": unit.release_index}),
        "evidence": unit.evidence.to_json(),
    }


def released_json(released: Released) -> dict[str, Any]:
    """Return a delivery that waits for its recipient."""
    return {
        "delivery_id": released.delivery_id,
        "decision_id": released.decision_id,
        "state": released.state,
        "expires_at": released.expires_at,
        "log_index": released.index,
        "evidence": released.evidence.to_json(),
    }


def delivery_json(delivery: Row | None) -> dict[str, Any] | None:
    """Return what the sender may know of a delivery."""
    if delivery is None:
        return None
    return {
        name: delivery[name]
        for name in ("id", "state", "released_at", "opened_at", "acknowledged_at")
    }


def summary_json(delivery: DeliverySummary) -> dict[str, Any]:
    """Return one line of an inbox."""
    return {
        "id": delivery.delivery_id,
        "disclosure_id": delivery.disclosure_id,
        "decision_id": delivery.decision_id,
        "sender": delivery.sender,
        "purpose": delivery.purpose,
        "state": delivery.state,
        "released_at": delivery.released_at,
        "expires_at": delivery.expires_at,
        "opened_at": delivery.opened_at,
        "acknowledged_at": delivery.acknowledged_at,
    }


def opened_json(opened: OpenedDelivery) -> dict[str, Any]:
    """Return a delivery as handed to its recipient."""
    summary = opened.summary
    return {
        "delivery_id": summary.delivery_id,
        "disclosure_id": summary.disclosure_id,
        "decision_id": summary.decision_id,
        "sender": summary.sender,
        "envelope": opened.envelope,
        "sender_keys": opened.sender_keys,
        "release": opened.release.to_json(),
        "decision": opened.decision.to_json(),
        "opened_index": opened.opened_index,
        "obligations": opened.obligations,
    }


def recall_json(recall: Recall) -> dict[str, Any]:
    """Return what became of a delivery that was wanted back."""
    return {
        "id": recall.delivery_id,
        "state": recall.state,
        "log_index": recall.index,
        "evidence": evidence_json(recall.evidence),
    }


def request_json(request: RequestView, caller: Caller) -> dict[str, Any]:
    """Return a request as one of its two sides may see it."""
    seen: dict[str, Any] = {
        "request_id": request.request_id,
        "controller": request.controller,
        "purpose": request.purpose,
        "state": request.state,
        "requested_at": request.requested_at,
        "due_at": request.due_at,
    }
    if caller.agency_id == request.controller:
        return {
            **seen,
            "asker": request.asker,
            "profile": request.profile,
            "basis": request.basis,
            "refs": request.refs,
            "fields": request.fields,
            "urgency": request.urgency,
            "question_code": request.question_code,
            "sealed_subject": request.sealed_subject,
        }
    answer = request.answer
    said = answer and {
        "label": answer.label,
        "reasons": [reason_json(r) for r in answer.reasons],
    }
    return {**seen, "answer": said}


def task_json(task: Task) -> dict[str, Any]:
    """Return a duty of the caller's agency."""
    return {
        "id": task.task_id,
        "decision_id": task.decision_id,
        "disclosure_id": task.disclosure_id,
        "code": task.code,
        "bearer": task.bearer,
        "params": task.params,
        "due_at": task.due_at,
        "state": task.state,
    }


def alert_json(alert: Alert) -> dict[str, Any]:
    """Return an alert."""
    return {
        "id": alert.alert_id,
        "kind": alert.kind,
        "decision_id": alert.decision_id,
        "created_at": alert.created_at,
        "state": alert.state,
    }


def _reasons(decision: Decision, rulebook: Rulebook) -> tuple[Reason, ...]:
    """Return the reasons of a decision; of a silent policy that it was silent."""
    if decision.outcome is Outcome.INDETERMINATE:
        return (rulebook.reason(_SILENT),)
    return decision.reasons


def _withheld(field: WithheldField, known: Sequence[Reason], audience: Audience) -> dict[str, Any]:
    codes = {hidden_code(c, known, audience) for c in field.codes}
    heard = codes == set(field.codes)
    return {"field": field.id, "codes": sorted(codes), "by": field.by if heard else ()}


def _label(decision: Decision, held_by: Sequence[str]) -> Label:
    """Return the label; that a refusal may be lifted hints at a reason which is not said."""
    return Label.DENY if decision.label is Label.HELD and not held_by else decision.label


def _held_by(decision: Decision, withheld: Sequence[Mapping[str, Any]]) -> list[str]:
    if decision.label is not Label.HELD:
        return []
    return sorted({by for field in withheld for by in field["by"]})


def _obligation(obligation: Obligation) -> dict[str, Any]:
    return {
        "code": obligation.code,
        "bearer": obligation.bearer,
        "title_ja": obligation.title_ja,
        "title_en": obligation.title_en,
        "params": obligation.params,
        "due_at": obligation.due_at,
    }


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError("not JSON")
