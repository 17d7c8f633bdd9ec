"""
Officers' verdicts: what lifts a refusal that is held, with reason, second person and expiry.

* A verdict releases nothing. It becomes a fact of a new decision, which policy makes anew.
* Four eyes: officer and second person are two, and neither asked for the disclosure.
* It lifts only reasons that the held decision gave, for that person, recipient and purpose.
"""

from collections.abc import Mapping
from typing import Final

from gateway.domain.disclosure import Decision
from gateway.domain.errors import Conflict, NotFound
from gateway.domain.log import JSONValue, PutFact
from gateway.domain.records import fact_key, person_key
from gateway.services.acting import Acting
from gateway.services.idempotency import IdempotencyKey
from gateway.services.registers.approvals import second_person
from gateway.services.registers.registration import (
    Registered,
    Registrar,
    Registration,
    check_interval,
    not_later,
)
from gateway.services.units import KeptUnit

__all__ = ["OfficerVerdicts"]

_KIND: Final = "verdict"


class OfficerVerdicts:
    """Registers verdicts of the tenant's privacy officers."""

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar

    def register(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        *,
        decision_id: str,
        agreed_by: str,
        agreed_at: int,
        lifts: tuple[str, ...],
        reason_code: str,
        terms: Mapping[str, JSONValue],
    ) -> Registered:
        """
        Register a verdict on a held decision of this tenant.

        Args:
            by: The officer.
            key: The request's idempotency key.
            decision_id: The held decision.
            agreed_by: The second person.
            agreed_at: When that person agreed.
            lifts: Codes of the reasons to lift.
            reason_code: Why, as a code.
            terms: ``second_agreed``, ``expires_at`` and ``fields``.

        Raises:
            NotAuthorized: The person is no privacy officer acting here and now.
            NotFound: There is no such decision or second person.
            Conflict: NOT_HELD, NOT_A_REASON, OFFICER_ASKED, SECOND_PERSON_ASKED,
                SECOND_PERSON_SAME or SECOND_PERSON_NOT_IN_OFFICE.
            SchemaViolation: The terms are not as the schema demands, or it is of the future.
        """
        relied_on = self._registrar.authority.officer(by)

        def make() -> Registered:
            context = self._registrar.context
            unit = self._held(decision_id)
            request = unit.question["request"]
            _check_eyes(request["sender"]["actor"], by, agreed_by)
            if not lifts or not set(lifts) <= _reasons(unit.decision):
                raise Conflict("NOT_A_REASON")
            at = not_later("agreed_at", agreed_at, context.clock.now())
            second = second_person(self._registrar.authority, agreed_by, by, at)
            id_ = context.ids.new()
            fact: dict[str, JSONValue] = {
                **terms,
                "id": id_,
                "decision_id": decision_id,
                "officer": by.actor_id,
                "second_person": second.id,
                "agreed_at": at,
                "person": unit.person,
                "recipient": unit.recipient_actor or unit.recipient,
                "purpose": request["purpose"],
                "lifts": lifts,
            }
            check_interval(fact, "agreed_at", "expires_at")
            verdict = Registration(
                PutFact(_KIND, id_, 0, fact, (person_key(unit.person), fact_key(_KIND, id_))),
                second_actor=second.id,
                code=reason_code,
                effective=(at, fact.get("expires_at")),
                relied_on=(*relied_on, second.as_version),
            )
            return self._registrar.write(by, key, verdict)

        return self._registrar.once(key, make)

    def _held(self, decision_id: str) -> KeptUnit:
        context = self._registrar.context
        row = context.registers.row(context.tenant_id, "unit", decision_id)
        if row is None:
            raise NotFound
        unit = KeptUnit.read(row)
        if not any(withheld.by for withheld in unit.decision.withheld):
            raise Conflict("NOT_HELD")
        return unit


def _check_eyes(asked_by: str, by: Acting, agreed_by: str) -> None:
    if by.actor_id == asked_by:
        raise Conflict("OFFICER_ASKED")
    if agreed_by == asked_by:
        raise Conflict("SECOND_PERSON_ASKED")


def _reasons(decision: Decision) -> set[str]:
    codes = {reason.code for reason in decision.reasons}
    return codes | {code for withheld in decision.withheld for code in withheld.codes}
