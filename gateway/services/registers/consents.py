"""
Consents: what a person agreed to, to whom, for what, until when, and what was refused.

* A signature without authority is kept as what it is (``family_no_authority``); whether it
  counts is policy's to say.
* A blanket consent from an older form is marked imported, so that policy caps it.
* Withdrawal makes a new version; what was told before stays told, and the receipt says so.
"""

from collections.abc import Mapping
from typing import Final

from gateway.domain.errors import Conflict, SchemaViolation
from gateway.domain.ids import PersonId
from gateway.domain.log import JSONValue, PutFact
from gateway.domain.records import fact_key, person_key
from gateway.services.acting import Acting
from gateway.services.idempotency import IdempotencyKey
from gateway.services.registers.receipt import consent_receipt
from gateway.services.registers.registration import (
    Registered,
    Registrar,
    Registration,
    check_interval,
    not_later,
)

__all__ = ["Consents"]

_KIND: Final = "consent"
_BLANKET: Final = "imported_blanket"


class Consents:
    """Registers, withdraws and certifies consents that the calling agency took."""

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar

    def register(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        *,
        subject: str,
        imported: bool,
        terms: Mapping[str, JSONValue],
    ) -> Registered:
        """
        Register a consent.

        Args:
            by: Who took it.
            key: The request's idempotency key.
            subject: The agency's handle for the person who agreed.
            imported: Whether it comes from an older form without its own terms; its method
                is then ``imported_blanket``, and only then.
            terms: The other members of a consent, as in ``schemas/policy-input.json``; whoever
                gave it for the person is named by the agency's handle.

        Raises:
            NotAuthorized: The person may not act for this agency here and now.
            NotFound: The handle is none of this agency's.
            SchemaViolation: The terms are not as the schema demands, or contradict themselves.
        """
        relied_on = self._registrar.authority.own(by)

        def make() -> Registered:
            if imported != (terms.get("method") == _BLANKET):
                raise SchemaViolation([("/imported", "method")])
            context = self._registrar.context
            fact: dict[str, JSONValue] = {
                **terms,
                "id": context.ids.new(),
                "person": self._registrar.authority.subject(by, subject).person_id,
                "given_by": self._giver(by, terms),
                "taken_by": by.agency_id,
                "withdrawn_at": None,
                "imported_at": context.clock.now() if imported else None,
            }
            check_interval(fact, "valid_from", "valid_to")
            put = PutFact(_KIND, str(fact["id"]), 0, fact, _keys(fact))
            effective = (fact.get("valid_from"), fact.get("valid_to"))
            return self._registrar.write(
                by, key, Registration(put, effective=effective, relied_on=relied_on)
            )

        return self._registrar.once(key, make)

    def _giver(self, by: Acting, terms: Mapping[str, JSONValue]) -> JSONValue:
        handle = terms.get("given_by")
        if not handle:
            return handle
        return self._registrar.authority.subject(by, str(handle)).person_id

    def withdraw(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        consent_id: str,
        withdrawn_at: int | None = None,
    ) -> Registered:
        """
        Withdraw a consent, so that no later disclosure can rest on it.

        The answer names the person: what waits for them has to be reconsidered.

        Args:
            by: Who received the withdrawal.
            key: The request's idempotency key.
            consent_id: The consent.
            withdrawn_at: When the person said so; now when ``None``.

        Raises:
            NotAuthorized: The person may not act for this agency here and now.
            NotFound: The consent is none of this agency's.
            Conflict: ALREADY_WITHDRAWN.
            SchemaViolation: It would be in the future.
        """
        relied_on = self._registrar.authority.own(by)

        def make() -> Registered:
            row = self._registrar.authority.owned(_KIND, consent_id, "taken_by", by)
            if row.fact["withdrawn_at"] is not None:
                raise Conflict("ALREADY_WITHDRAWN")
            at = not_later("withdrawn_at", withdrawn_at, self._registrar.context.clock.now())
            fact = {**row.fact, "withdrawn_at": at}
            put = PutFact(_KIND, row.id, row.version, fact, _keys(fact))
            withdrawal = Registration(
                put, change="withdrawn", effective=(at, None), relied_on=relied_on
            )
            return self._registrar.write(by, key, withdrawal)

        return self._registrar.once(key, make)

    def receipt(self, by: Acting, consent_id: str) -> Mapping[str, JSONValue]:
        """
        Return what the person may be handed about a consent, with its log entry's proof.

        Raises:
            NotAuthorized: The person may not act for this agency here and now.
            NotFound: The consent is none of this agency's, or its entry has been erased.
        """
        self._registrar.authority.own(by)
        row = self._registrar.authority.owned(_KIND, consent_id, "taken_by", by)
        context = self._registrar.context
        index, evidence = self._registrar.entry(_KIND, row.id, row.version)
        return consent_receipt(
            row.fact,
            version=row.version,
            agency=self._registrar.authority.fact("agency", by.agency_id).fact,
            purpose_ja=context.rulebook.purpose_ja,
            issued_at=context.clock.now(),
            log_index=index,
            evidence=evidence,
        )


def _keys(fact: Mapping[str, JSONValue]) -> tuple[str, ...]:
    return (person_key(PersonId(str(fact["person"]))), fact_key(_KIND, str(fact["id"])))
