"""From a policy answer to the decision that is recorded, explained and enforced."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.domain.disclosure import Decision, Obligation, Outcome, Reason, Side, WithheldField
from gateway.domain.ids import DecisionId, FieldId
from gateway.domain.policy import PolicyAnswer

__all__ = ["decision_from", "indeterminate"]


def decision_from(answer: PolicyAnswer, decision_id: DecisionId) -> Decision:
    """Return the answer as a decision; ``read_answer`` has already checked its shape."""
    said: Mapping[str, Any] = answer.decision
    grounds = said["grounds"]
    return Decision(
        decision_id=decision_id,
        outcome=answer.outcome,
        permitted=_fields(said["fields_permitted"]),
        withheld=tuple(
            WithheldField(FieldId(w["field"]), tuple(w["codes"]), tuple(w.get("by", ())))
            for w in said["fields_withheld"]
        ),
        bases=tuple(g["basis"] for g in grounds),
        articles=tuple(g["article"] for g in grounds),
        stops=tuple(sorted({s["stop"] for s in said["stops"]})),
        reasons=tuple(_reason(r) for r in said["reasons"]),
        obligations=tuple(_obligation(o) for o in said["obligations"]),
        held_by=tuple(said["held_by"]),
        alert=said["alert"],
        asserted=tuple(said["asserted_only"]),
        policy_revision=answer.revision,
        engine=answer.engine,
    )


def indeterminate(
    decision_id: DecisionId, asked: Sequence[FieldId], *, revision: str, engine: str
) -> Decision:
    """
    Return the decision recorded when policy was silent: every field is withheld.

    The reason's text belongs to the edge, which answers ``decision-unavailable``.
    """
    return Decision(
        decision_id=decision_id,
        outcome=Outcome.INDETERMINATE,
        permitted=(),
        withheld=tuple(WithheldField(f, ("DECISION_UNAVAILABLE",)) for f in sorted(set(asked))),
        bases=(),
        articles=(),
        stops=(),
        reasons=(),
        obligations=(),
        held_by=(),
        alert=True,
        asserted=(),
        policy_revision=revision,
        engine=engine,
    )


def _reason(said: Mapping[str, Any]) -> Reason:
    return Reason(
        code=said["code"],
        rule=said["rule"],
        article=said["article"],
        title_ja=said["title_ja"],
        title_en=said["title_en"],
        next_step_ja=said["next_step_ja"],
        next_step_en=said["next_step_en"],
        side=Side(said["side"]),
        lawful_alternatives=tuple(said["lawful_alternatives"]),
        fields=_fields(said["fields"]),
    )


def _obligation(said: Mapping[str, Any]) -> Obligation:
    return Obligation(
        code=said["code"],
        bearer=said["bearer"],
        title_ja=said["title_ja"],
        title_en=said["title_en"],
        params=said["params"],
        due_at=said["due_at"],
    )


def _fields(ids: Sequence[str]) -> tuple[FieldId, ...]:
    return tuple(FieldId(i) for i in ids)
