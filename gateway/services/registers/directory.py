"""
The directory: agencies, their systems and the persons who act for them.

* Agencies and systems are the operator's to register; an agency keeps its own persons, and
  the operator may for all, since somebody has to be the first.
* Roles that watch over others are given by the operator alone, and nobody prolongs the own
  term.
* Every change is a ``member`` entry of the log. Persons are opaque ids with a post.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.domain.errors import Conflict, NotAuthorized, NotFound
from gateway.domain.ids import ActorId, AgencyId, TenantId
from gateway.domain.log import FactVersion, JSONValue, PutFact
from gateway.domain.records import actor_key, agency_key, client_key, fact_key
from gateway.ports.registers import FactRow, Registers
from gateway.services.acting import Acting
from gateway.services.idempotency import IdempotencyKey
from gateway.services.registers.keys import client_key_enrolment
from gateway.services.registers.registration import (
    Enrolment,
    Registered,
    Registrar,
    check_interval,
)

__all__ = [
    "WATCHING_ROLES",
    "Directory",
    "actor_enrolment",
    "agencies_of",
    "agency_enrolment",
    "system_enrolment",
]

WATCHING_ROLES: Final = frozenset({"privacy_officer", "auditor", "system_admin"})
_LISTED: Final = fact_key("directory", "agencies")  # read here alone, never for a decision
_SHOWN: Final = ("id", "kind", "regime", "status", "name_ja", "name_en")


class Directory:
    """Registers, lists and suspends the members of one tenant."""

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar

    def agencies(self) -> Sequence[Mapping[str, JSONValue]]:
        """Return every registered agency as all members may see it, sorted by id."""
        context = self._registrar.context
        return agencies_of(context.registers, context.tenant_id)

    def register_agency(
        self, by: Acting, key: IdempotencyKey | None, *, terms: Mapping[str, JSONValue]
    ) -> Registered:
        """
        Register an agency, active from the start.

        Args:
            by: The operator.
            key: The request's idempotency key.
            terms: The members of an agency but its status, as in
                ``schemas/policy-input.json``.

        Raises:
            NotAuthorized: This is not the operator, acting here and now.
            Conflict: ALREADY_REGISTERED.
            SchemaViolation: The terms are not as the schema demands.
        """
        relied_on = self._registrar.authority.operator(by)

        def make() -> Registered:
            self._check_new("agency", terms)
            return self._registrar.write(by, key, agency_enrolment(terms, relied_on))

        return self._registrar.once(key, make)

    def register_system(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        agency_id: str,
        *,
        terms: Mapping[str, JSONValue],
        client_jwk: Mapping[str, Any],
    ) -> Registered:
        """
        Register a system of an agency with the key by which it authenticates.

        Args:
            by: The operator.
            key: The request's idempotency key.
            agency_id: Whose system.
            terms: ``id``, ``name``, ``scopes``, ``valid_from`` and ``valid_to``.
            client_jwk: Its public key.

        Raises:
            NotAuthorized: This is not the operator, acting here and now.
            NotFound: There is no such agency.
            Conflict: ALREADY_REGISTERED, for the system or its key.
            BadKey: The key is malformed, private, too weak or of another kind.
            SchemaViolation: The terms are not as the schema demands.
        """
        relied_on = self._registrar.authority.operator(by)

        def make() -> Registered:
            agency = self._registrar.authority.fact("agency", agency_id)
            self._check_new("system", terms)
            system = system_enrolment(agency.id, terms, (*relied_on, agency.as_version))
            client = client_key_enrolment(
                agency.id, str(terms.get("id")), client_jwk, valid_from=terms.get("valid_from")
            )
            self._check_new("agency_key", client.put.fact)
            return self._registrar.write(by, key, system, client)

        return self._registrar.once(key, make)

    def register_actor(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        agency_id: str,
        *,
        terms: Mapping[str, JSONValue],
    ) -> Registered:
        """
        Register a person who acts for an agency, or renew term, post, roles and training.

        A person who is suspended stays so.

        Args:
            by: Somebody else of that agency, or the operator.
            key: The request's idempotency key.
            agency_id: For whom the person acts.
            terms: The members of an actor but its agency and status, as in
                ``schemas/policy-input.json``.

        Raises:
            NotAuthorized: This is neither, the person is the one who acts, or a role is the
                operator's to give.
            NotFound: There is no such agency, or it is another than the caller's.
            Conflict: ALREADY_REGISTERED: another agency has an actor with this id.
            SchemaViolation: The terms are not as the schema demands.
        """
        relied_on = self._registrar.authority.keeper(by, agency_id)
        self._check_roles(by, terms)

        def make() -> Registered:
            agency = self._registrar.authority.fact("agency", agency_id)
            known = self._known("actor", str(terms.get("id")))
            if known is not None and known.fact["agency"] != agency.id:
                raise Conflict("ALREADY_REGISTERED")
            standing = (*relied_on, agency.as_version)
            return self._registrar.write(
                by, key, actor_enrolment(agency.id, terms, standing, known)
            )

        return self._registrar.once(key, make)

    def suspend_agency(
        self, by: Acting, key: IdempotencyKey | None, agency_id: str, *, suspended: bool
    ) -> Registered:
        """
        Suspend an agency, or let it take part again.

        Raises:
            NotAuthorized: This is not the operator, acting here and now, or its own agency.
            NotFound: There is no such agency.
            Conflict: ALREADY_SUSPENDED or NOT_SUSPENDED.
        """
        relied_on = self._registrar.authority.operator(by)
        if agency_id == by.agency_id:
            raise NotAuthorized("suspend-own-agency")

        def make() -> Registered:
            row = self._registrar.authority.fact("agency", agency_id)
            fact = _with_status(row, suspended=suspended)
            enrolment = Enrolment(
                PutFact("agency", row.id, row.version, fact, _agency_keys(row.id)),
                "suspended" if suspended else "resumed",
                {"agency": row.id},
                relied_on,
            )
            return self._registrar.write(by, key, enrolment)

        return self._registrar.once(key, make)

    def suspend_actor(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        agency_id: str,
        actor_id: str,
        *,
        suspended: bool,
    ) -> Registered:
        """
        Suspend a person who acts for an agency, or let that person act again.

        Raises:
            NotAuthorized: This is neither that agency nor the operator, acting here and now.
            NotFound: There is no such person in that agency, or it is another's.
            Conflict: ALREADY_SUSPENDED or NOT_SUSPENDED.
        """
        relied_on = self._registrar.authority.keeper(by, agency_id)

        def make() -> Registered:
            row = self._registrar.authority.actor(actor_id)
            if row.fact["agency"] != agency_id:
                raise NotFound
            fact = _with_status(row, suspended=suspended)
            enrolment = Enrolment(
                PutFact("actor", row.id, row.version, fact, (actor_key(ActorId(row.id)),)),
                "actor_suspended" if suspended else "actor_resumed",
                {"agency": agency_id, "actor": row.id},
                # The acting person may be the one who is suspended.
                tuple(v for v in relied_on if v.id != row.id),
            )
            return self._registrar.write(by, key, enrolment)

        return self._registrar.once(key, make)

    def _check_roles(self, by: Acting, terms: Mapping[str, JSONValue]) -> None:
        if terms.get("id") == by.actor_id:
            raise NotAuthorized("register-oneself")
        roles = terms.get("roles")
        watching = isinstance(roles, list | tuple) and bool(WATCHING_ROLES & {*map(str, roles)})
        if watching and not by.is_operator:
            raise NotAuthorized("give-role")

    def _known(self, kind: str, id_: str) -> FactRow | None:
        context = self._registrar.context
        return context.registers.fact(context.tenant_id, kind, id_)

    def _check_new(self, kind: str, terms: Mapping[str, JSONValue]) -> None:
        if self._known(kind, str(terms.get("id"))) is not None:
            raise Conflict("ALREADY_REGISTERED")


def agencies_of(registers: Registers, tenant_id: TenantId) -> Sequence[Mapping[str, JSONValue]]:
    """Return every registered agency as all members may see it, sorted by id."""
    rows = registers.facts_by_key(tenant_id, _LISTED)
    return [{name: row.fact[name] for name in _SHOWN} for row in rows]


def agency_enrolment(
    terms: Mapping[str, JSONValue], relied_on: tuple[FactVersion, ...] = ()
) -> Enrolment:
    """
    Return the enrolment of a new agency.

    Raises:
        SchemaViolation: It would leave before it joins.
    """
    id_ = str(terms.get("id"))
    fact = {**terms, "status": "active"}
    check_interval(fact, "valid_from", "valid_to")
    member: dict[str, JSONValue] = {"agency": id_, **_valid(fact, "valid_from", "valid_to")}
    return Enrolment(
        PutFact("agency", id_, 0, fact, _agency_keys(id_)), "joined", member, relied_on
    )


def system_enrolment(
    agency_id: str, terms: Mapping[str, JSONValue], relied_on: tuple[FactVersion, ...] = ()
) -> Enrolment:
    """Return the enrolment of a new system; see :func:`agency_enrolment`."""
    id_ = str(terms.get("id"))
    fact = {**terms, "agency": agency_id, "status": "active"}
    check_interval(fact, "valid_from", "valid_to")
    member: dict[str, JSONValue] = {
        "agency": agency_id,
        "system": id_,
        **_valid(fact, "valid_from", "valid_to"),
    }
    put = PutFact("system", id_, 0, fact, (client_key(id_),))
    return Enrolment(put, "system_added", member, relied_on)


def actor_enrolment(
    agency_id: str,
    terms: Mapping[str, JSONValue],
    relied_on: tuple[FactVersion, ...] = (),
    known: FactRow | None = None,
) -> Enrolment:
    """Return the enrolment of a person, new or renewed; see :func:`agency_enrolment`."""
    id_ = str(terms.get("id"))
    status = "active" if known is None else known.fact["status"]
    fact: dict[str, JSONValue] = {**terms, "agency": agency_id, "status": status}
    check_interval(fact, "term_from", "term_to")
    member: dict[str, JSONValue] = {
        "agency": agency_id,
        "actor": id_,
        **_valid(fact, "term_from", "term_to"),
    }
    version = 0 if known is None else known.version
    put = PutFact("actor", id_, version, fact, (actor_key(ActorId(id_)),))
    change = "actor_added" if known is None else "actor_renewed"
    return Enrolment(put, change, member, relied_on)


def _agency_keys(id_: str) -> tuple[str, ...]:
    return (agency_key(AgencyId(id_)), _LISTED)


def _valid(fact: Mapping[str, JSONValue], start: str, end: str) -> dict[str, JSONValue]:
    return {"valid_from": fact.get(start), "valid_until": fact.get(end)}


def _with_status(row: FactRow, *, suspended: bool) -> dict[str, JSONValue]:
    if (row.fact["status"] == "suspended") == suspended:
        raise Conflict("ALREADY_SUSPENDED" if suspended else "NOT_SUSPENDED")
    return {**row.fact, "status": "suspended" if suspended else "active"}
