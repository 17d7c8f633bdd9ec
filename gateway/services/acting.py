"""
Who may write in a register: a system with the scope, and a person in office behind it.

* A person acts for one agency only, while active and within the term; a term that ends on
  31 March ends with the day in Japan, because its end is stored as that instant.
* What was checked is relied on: a suspension between the check and the writing is noticed.
* What belongs to another agency is not found, exactly as if it were not there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.domain.disclosure import Caller
from gateway.domain.errors import NotAuthorized, NotFound
from gateway.domain.ids import ActorId, AgencyId, Millis, PersonId, SubjectId
from gateway.domain.log import FactVersion, JSONValue
from gateway.ports.registers import FactRow, SubjectRow
from gateway.services.context import Context

__all__ = ["Acting", "Authority", "in_office", "within"]

_ACT: Final = "act-for-agency"


@dataclass(frozen=True, slots=True)
class Acting:
    """Whose system is at the door, and for which person it vouches."""

    caller: Caller
    actor_id: ActorId

    @property
    def agency_id(self) -> AgencyId:
        """The agency on whose behalf both act."""
        return self.caller.agency_id

    @property
    def is_operator(self) -> bool:
        """Whether the system has the operator's scope."""
        return "operator" in self.caller.scopes


class Authority:
    """Answers who may act, from the registers of one tenant."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def own(self, by: Acting) -> tuple[FactVersion, ...]:
        """
        Return what it stands on that the caller may write its own agency's matters.

        Raises:
            NotAuthorized: The system lacks the scope, or the person may not act here and now.
        """
        return self._scoped(by, "member")

    def operator(self, by: Acting) -> tuple[FactVersion, ...]:
        """Return the same for the operator's matters; see :meth:`own`."""
        return self._scoped(by, "operator")

    def own_or_operator(self, by: Acting) -> tuple[FactVersion, ...]:
        """Return the same for what an agency and the operator may write; see :meth:`own`."""
        return self.operator(by) if by.is_operator else self.own(by)

    def keeper(self, by: Acting, agency_id: str) -> tuple[FactVersion, ...]:
        """
        Return the same for what one agency keeps of itself; see :meth:`own`.

        Raises:
            NotFound: It is another agency than the caller's, who is not the operator.
        """
        relied_on = self.own_or_operator(by)
        if agency_id != by.agency_id and not by.is_operator:
            raise NotFound
        return relied_on

    def officer(self, by: Acting) -> tuple[FactVersion, ...]:
        """Return the same for verdicts, which only a privacy officer gives; see :meth:`own`."""
        return self.reader(by, scope="officer", role="privacy_officer")

    def reader(self, by: Acting, *, scope: str, role: str) -> tuple[FactVersion, ...]:
        """Return the same for whoever needs a scope of the system and a role in person."""
        relied_on = self._scoped(by, scope)
        self.check_role(by, frozenset({role}), scope)
        return relied_on

    def municipality(self, by: Acting) -> tuple[FactVersion, ...]:
        """Return the same for what only the tenant's own municipality declares; see :meth:`own`."""
        relied_on = self.own(by)
        tenant = self.fact("tenant", self._context.tenant_id)
        if tenant.fact["municipality"] != by.agency_id:
            raise NotAuthorized("act-for-municipality")
        return (*relied_on, tenant.as_version)

    def check_role(self, by: Acting, roles: frozenset[str], operation: str) -> None:
        """
        Check that the acting person has one of these roles.

        Raises:
            NotAuthorized: The person has none; it names the operation.
        """
        if not roles & _texts(self.actor(by.actor_id).fact["roles"]):
            raise NotAuthorized(operation)

    def subject(self, by: Acting, subject_id: str) -> SubjectRow:
        """
        Return one of the caller's own handles.

        Raises:
            NotFound: It is none of the caller's.
        """
        return self.subject_of(by.agency_id, subject_id)

    def subject_of(self, agency_id: AgencyId, subject_id: str) -> SubjectRow:
        """Return one of an agency's own handles; see :meth:`subject`."""
        found = self._context.registers.subject(self._context.tenant_id, SubjectId(subject_id))
        if found is None or found.agency_id != agency_id:
            raise NotFound
        return found

    def persons(self, by: Acting, subject_ids: tuple[str, ...]) -> tuple[PersonId, ...]:
        """Return the persons behind the caller's handles, each once; see :meth:`subject`."""
        found = (self.subject(by, subject_id).person_id for subject_id in subject_ids)
        return tuple(dict.fromkeys(found))

    def fact(self, kind: str, id_: str) -> FactRow:
        """
        Return a fact in its newest version.

        Raises:
            NotFound: There is none.
        """
        found = self._context.registers.fact(self._context.tenant_id, kind, id_)
        if found is None:
            raise NotFound
        return found

    def owned(self, kind: str, id_: str, member: str, by: Acting) -> FactRow:
        """Return a fact whose ``member`` names the caller's agency; see :meth:`fact`."""
        found = self.fact(kind, id_)
        if found.fact[member] != by.agency_id:
            raise NotFound
        return found

    def actor(self, actor_id: str) -> FactRow:
        """Return a person acting for an agency; see :meth:`fact`."""
        return self.fact("actor", actor_id)

    def workplaces(self, actor_ids: JSONValue) -> tuple[str, ...]:
        """Return the agencies for which those of the named persons act who are in the directory."""
        registers, tenant = self._context.registers, self._context.tenant_id
        named = actor_ids if isinstance(actor_ids, (list, tuple)) else ()
        found = (registers.fact(tenant, "actor", str(id_)) for id_ in named)
        return tuple(sorted({str(actor.fact["agency"]) for actor in found if actor is not None}))

    def _scoped(self, by: Acting, scope: str) -> tuple[FactVersion, ...]:
        if scope not in by.caller.scopes:
            raise NotAuthorized(scope)
        registers, tenant = self._context.registers, self._context.tenant_id
        agency = registers.fact(tenant, "agency", by.agency_id)
        actor = registers.fact(tenant, "actor", by.actor_id)
        now = self._context.clock.now()
        if agency is None or not _is_member(agency.fact, now):
            raise NotAuthorized(_ACT)
        if actor is None or actor.fact["agency"] != by.agency_id or not in_office(actor.fact, now):
            raise NotAuthorized(_ACT)
        return (actor.as_version, agency.as_version)


def in_office(actor: Mapping[str, JSONValue], at: Millis) -> bool:
    """Whether a person is active and within the term."""
    return actor["status"] == "active" and within(actor["term_from"], actor["term_to"], at)


def within(start: JSONValue, end: JSONValue, at: Millis) -> bool:
    """Whether an instant is in a half-open interval; no end is never."""
    if not isinstance(start, int) or at < start:
        return False
    return end is None or (isinstance(end, int) and at < end)


def _is_member(agency: Mapping[str, JSONValue], at: Millis) -> bool:
    return agency["status"] == "active" and within(agency["valid_from"], agency["valid_to"], at)


def _texts(value: JSONValue) -> frozenset[str]:
    return (
        frozenset(v for v in value if isinstance(v, str))
        if isinstance(value, list)
        else frozenset()
    )
