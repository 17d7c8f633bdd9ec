"""
What somebody else has to agree to beforehand: approvals, and a second person in an emergency.

* An approval is the agency's own formal consent (決裁): its approver's post is kept as of
  that day, taken from the directory and not from the request.
* A second person is somebody else, in office when agreeing; agreeing by call-back is enough.
* Whether an approval or agreement is needed, and what it lifts, is policy's to say.
"""

from collections.abc import Mapping
from typing import Final

from gateway.domain.errors import Conflict
from gateway.domain.ids import Millis, PersonId
from gateway.domain.log import JSONValue, PutFact
from gateway.domain.records import fact_key, person_key
from gateway.ports.registers import FactRow
from gateway.services.acting import Acting, Authority, in_office
from gateway.services.idempotency import IdempotencyKey
from gateway.services.registers.registration import (
    Registered,
    Registrar,
    Registration,
    check_interval,
    not_later,
)

__all__ = ["Approvals", "EmergencyAgreements", "second_person"]

_REVIEW: Final = "officer_review_ms"


class Approvals:
    """Registers approvals of the calling agency."""

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar

    def register(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        *,
        subject: str,
        approver: str,
        approved_at: int,
        terms: Mapping[str, JSONValue],
    ) -> Registered:
        """
        Register an approval about one of the agency's own handles.

        Args:
            by: Who registers it.
            key: The request's idempotency key.
            subject: The agency's handle for the person it is about.
            approver: Who approved; somebody of the same agency.
            approved_at: When.
            terms: The other members of an approval, as in ``schemas/policy-input.json``.

        Raises:
            NotAuthorized: The person may not act for this agency here and now.
            NotFound: The handle or the approver is none of this agency's.
            Conflict: APPROVER_NOT_IN_OFFICE.
            SchemaViolation: The terms are not as the schema demands, or it is of the future.
        """
        relied_on = self._registrar.authority.own(by)

        def make() -> Registered:
            authority, context = self._registrar.authority, self._registrar.context
            person = authority.subject(by, subject).person_id
            officer = authority.owned("actor", approver, "agency", by)
            at = not_later("approved_at", approved_at, context.clock.now())
            if not in_office(officer.fact, at):
                raise Conflict("APPROVER_NOT_IN_OFFICE")
            id_ = context.ids.new()
            fact: dict[str, JSONValue] = {
                **terms,
                "id": id_,
                "agency": by.agency_id,
                "approver": officer.id,
                "approver_post_ja": officer.fact["post_ja"],
                "approved_at": at,
                "person": person,
            }
            check_interval(fact, "approved_at", "expires_at")
            approval = Registration(
                PutFact("approval", id_, 0, fact, (person_key(person), fact_key("approval", id_))),
                second_actor=officer.id,
                effective=(at, fact.get("expires_at")),
                relied_on=(*relied_on, officer.as_version),
            )
            return self._registrar.write(by, key, approval)

        return self._registrar.once(key, make)


class EmergencyAgreements:
    """Registers that a second person agreed to an emergency disclosure."""

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar

    def register(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        *,
        subject: str,
        agreed_by: str,
        agreed_at: int,
        terms: Mapping[str, JSONValue],
    ) -> Registered:
        """
        Register an agreement that the acting person started, with the time of its review.

        Args:
            by: Who starts the emergency disclosure.
            key: The request's idempotency key.
            subject: The agency's handle for the person in danger.
            agreed_by: The second person.
            agreed_at: When that person agreed.
            terms: ``recipient``, ``second_agreed`` and ``expires_at``.

        Raises:
            NotAuthorized: The person may not act for this agency here and now.
            NotFound: The handle is none of this agency's, or there is no such second person.
            Conflict: SECOND_PERSON_SAME or SECOND_PERSON_NOT_IN_OFFICE.
            SchemaViolation: The terms are not as the schema demands, or it is of the future.
            PolicyUnavailable: Nobody can say when it has to be reviewed.
        """
        relied_on = self._registrar.authority.own(by)

        def make() -> Registered:
            authority, context = self._registrar.authority, self._registrar.context
            person = authority.subject(by, subject).person_id
            at = not_later("agreed_at", agreed_at, context.clock.now())
            second = second_person(authority, agreed_by, by, at)
            fact: dict[str, JSONValue] = {
                **terms,
                "id": context.ids.new(),
                "person": person,
                "started_by": by.actor_id,
                "second_person": second.id,
                "agreed_at": at,
                "review_due": at + self._registrar.threshold(_REVIEW),
            }
            check_interval(fact, "agreed_at", "expires_at")
            agreement = Registration(
                PutFact(
                    "emergency_agreement", str(fact["id"]), 0, fact, (person_key(PersonId(person)),)
                ),
                second_actor=second.id,
                effective=(at, fact.get("expires_at")),
                relied_on=(*relied_on, second.as_version),
            )
            return self._registrar.write(by, key, agreement)

        return self._registrar.once(key, make)


def second_person(authority: Authority, actor_id: str, by: Acting, at: Millis) -> FactRow:
    """
    Return the second person, of whichever agency, after checking that it is one.

    Raises:
        NotFound: There is no such person.
        Conflict: SECOND_PERSON_SAME or SECOND_PERSON_NOT_IN_OFFICE.
    """
    if actor_id == by.actor_id:
        raise Conflict("SECOND_PERSON_SAME")
    second = authority.actor(actor_id)
    if not in_office(second.fact, at):
        raise Conflict("SECOND_PERSON_NOT_IN_OFFICE")
    return second
