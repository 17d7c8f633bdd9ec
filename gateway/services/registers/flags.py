"""
Protection flags: from whom a person's whereabouts have to be kept.

* A flag holds from the application, not from the decision, and does not end by expiry:
  somebody has to lift it.
* The counterpart may be a person with a handle, a person acting, or a whole agency; a flag
  is found from the counterpart's side too.
"""

from collections.abc import Mapping
from typing import Final

from gateway.domain.errors import Conflict
from gateway.domain.ids import PersonId
from gateway.domain.log import JSONValue, PutFact
from gateway.domain.records import person_key
from gateway.services.acting import Acting
from gateway.services.idempotency import IdempotencyKey
from gateway.services.registers.registration import (
    Registered,
    Registrar,
    Registration,
    check_interval,
    not_later,
    persons_of,
)

__all__ = ["ProtectionFlags"]

_KIND: Final = "protection_flag"


class ProtectionFlags:
    """Registers and lifts protection flags; the answers name whom to reconsider."""

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar

    def raise_flag(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        *,
        subject: str,
        counterpart_subjects: tuple[str, ...],
        terms: Mapping[str, JSONValue],
    ) -> Registered:
        """
        Register a flag about one of the agency's own handles.

        Args:
            by: Who registers it; the agency is its issuer.
            key: The request's idempotency key.
            subject: The agency's handle for the protected person.
            counterpart_subjects: Its handles for those from whom to hide.
            terms: The other members of a flag, as in ``schemas/policy-input.json``.

        Raises:
            NotAuthorized: The person may not act for this agency here and now.
            NotFound: A handle is none of this agency's.
            SchemaViolation: The terms are not as the schema demands.
        """
        relied_on = self._registrar.authority.own(by)

        def make() -> Registered:
            authority = self._registrar.authority
            id_ = self._registrar.context.ids.new()
            fact: dict[str, JSONValue] = {
                **terms,
                "id": id_,
                "person": authority.subject(by, subject).person_id,
                "counterpart_persons": authority.persons(by, counterpart_subjects),
                "counterpart_actor_agencies": authority.workplaces(terms.get("counterpart_actors")),
                "lifted_at": None,
                "issuer": by.agency_id,
            }
            check_interval(fact, "effective_from", "valid_to")
            flag = Registration(
                PutFact(_KIND, id_, 0, fact, _keys(fact)),
                effective=(fact.get("effective_from"), fact.get("valid_to")),
                relied_on=relied_on,
            )
            return self._registrar.write(by, key, flag)

        return self._registrar.once(key, make)

    def lift(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        flag_id: str,
        lifted_at: int | None = None,
    ) -> Registered:
        """
        Lift a flag that the agency issued.

        Args:
            by: Who lifts it.
            key: The request's idempotency key.
            flag_id: The flag.
            lifted_at: Since when; now when ``None``.

        Raises:
            NotAuthorized: The person may not act for this agency here and now.
            NotFound: The flag is none of this agency's.
            Conflict: ALREADY_LIFTED.
            SchemaViolation: It would be in the future.
        """
        relied_on = self._registrar.authority.own(by)

        def make() -> Registered:
            row = self._registrar.authority.owned(_KIND, flag_id, "issuer", by)
            if row.fact["lifted_at"] is not None:
                raise Conflict("ALREADY_LIFTED")
            at = not_later("lifted_at", lifted_at, self._registrar.context.clock.now())
            fact = {**row.fact, "lifted_at": at}
            put = PutFact(_KIND, row.id, row.version, fact, _keys(fact))
            lifting = Registration(put, change="lifted", effective=(at, None), relied_on=relied_on)
            return self._registrar.write(by, key, lifting)

        return self._registrar.once(key, make)


def _keys(fact: Mapping[str, JSONValue]) -> tuple[str, ...]:
    return tuple(person_key(PersonId(person)) for person in persons_of(fact))
