"""
Declarations: notices, designations, lists and orders that an agency registers of itself.

* What all of them share is here; in what they differ is a row of
  :data:`gateway.services.registers.declaration_rules.RULES`.
* Nothing is deleted. What ends gets a new version, and stays to be found, so that what was
  done while it held can be judged again.
* One agency cannot crowd others out of what a decision reads: its declarations of a kind
  under one key are bounded.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from gateway.domain.errors import Conflict, NotFound
from gateway.domain.ids import TenantId
from gateway.domain.log import JSONValue, PutFact
from gateway.domain.records import fact_key, keys_of
from gateway.ports.registers import FactRow, Registers
from gateway.services.acting import Acting
from gateway.services.idempotency import IdempotencyKey
from gateway.services.registers.declaration_rules import RULES, Rule
from gateway.services.registers.registration import (
    Registered,
    Registrar,
    Registration,
    check_interval,
    not_later,
)
from gateway.services.registers.showing import FactView, Showing

__all__ = ["MOST_OF_ONE_AGENCY", "Declarations", "declared", "listed_key"]

MOST_OF_ONE_AGENCY: Final = 200


class Declarations:
    """Registers, ends, shows and lists declarations; ``kind`` is always one of ``RULES``."""

    def __init__(self, registrar: Registrar, showing: Showing) -> None:
        self._registrar = registrar
        self._showing = showing

    def register(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        kind: str,
        *,
        terms: Mapping[str, JSONValue],
    ) -> Registered:
        """
        Register a declaration; one that an agency makes again replaces it where there is one each.

        Args:
            by: Who declares.
            key: The request's idempotency key.
            kind: What.
            terms: Its members as in ``schemas/policy-input.json``, but those that the gateway
                says; persons by the agency's own handles.

        Raises:
            NotAuthorized: The agency or the person may not declare this here and now.
            NotFound: Something named is not there or is none of this agency's.
            Conflict: TOO_MANY, or as the kind's row says.
            SchemaViolation: The terms are not as the schema demands, or contradict themselves.
            PolicyUnavailable: Nobody can say how long it may hold.
        """
        rule = RULES[kind]
        relied_on = rule.may(self._registrar, by)

        def make() -> Registered:
            context = self._registrar.context
            fact, also = rule.completed(self._registrar, by, self._named(by, rule, terms))
            known = None
            if rule.one_each:
                fact["id"] = str(fact[rule.author])
                known = context.registers.fact(context.tenant_id, kind, str(fact["id"]))
            self._registrar.check(kind, fact)
            put = self._put(kind, fact, known)
            check_interval(fact, *rule.interval)
            if known is None:
                self._check_room(put, rule)
            new = Registration(
                put,
                change="created" if known is None else "changed",
                effective=(fact.get(rule.interval[0]), fact.get(rule.interval[1])),
                relied_on=(*relied_on, *also),
            )
            return self._registrar.write(by, key, new)

        return self._registrar.once(key, make)

    def end(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        kind: str,
        id_: str,
        ended_at: int | None = None,
    ) -> Registered:
        """
        End a declaration of the caller's before its time, or withdraw it.

        Args:
            by: Who ends it.
            key: The request's idempotency key.
            kind: What.
            id_: Which.
            ended_at: Since when; now when ``None``.

        Raises:
            NotAuthorized: The agency or the person may not here and now.
            NotFound: It is none of the caller's, or a kind that does not end.
            Conflict: ALREADY_ENDED.
            SchemaViolation: It would be in the future.
        """
        rule = RULES[kind]
        relied_on = rule.may(self._registrar, by)

        def make() -> Registered:
            row = self._registrar.authority.fact(kind, id_)
            if not rule.ends or not rule.is_authors(row.fact, by):
                raise NotFound
            now = self._registrar.context.clock.now()
            ends = (row.fact[name] for name in (rule.ends, rule.interval[1]))
            if any(isinstance(end, int) and end <= now for end in ends):
                raise Conflict("ALREADY_ENDED")
            at = not_later("ended_at", ended_at, now)
            put = self._put(kind, {**row.fact, rule.ends: at}, row)
            ending = Registration(put, change="ended", effective=(at, None), relied_on=relied_on)
            return self._registrar.write(by, key, ending)

        return self._registrar.once(key, make)

    def show(self, by: Acting, kind: str, id_: str) -> FactView:
        """
        Return a declaration to an agency that it concerns.

        Raises:
            NotAuthorized: The person may not act for this agency here and now.
            NotFound: It is not there, or does not concern the caller's agency.
        """
        self._registrar.authority.own(by)
        row = self._registrar.authority.fact(kind, id_)
        if not RULES[kind].concerns(row.fact, by):
            raise NotFound
        return self._showing.view(by, row)

    def listed(self, by: Acting, kind: str) -> Sequence[Mapping[str, JSONValue]]:
        """
        Return every declaration of a kind that concerns the caller's agency, without persons.

        Raises:
            NotAuthorized: The person may not act for this agency here and now.
        """
        self._registrar.authority.own(by)
        context = self._registrar.context
        found = declared(context.registers, context.tenant_id, kind)
        return [fact for fact in found if RULES[kind].concerns(fact, by)]

    def _named(
        self, by: Acting, rule: Rule, terms: Mapping[str, JSONValue]
    ) -> dict[str, JSONValue]:
        """Return a new fact with persons in the place of the caller's handles."""
        authority = self._registrar.authority
        fact: dict[str, JSONValue] = {**terms, "id": self._registrar.context.ids.new()}
        for said, member in rule.handles.items():
            handles = fact.pop(said, "")
            if isinstance(handles, str):
                fact[member] = authority.subject(by, handles).person_id if handles else ""
            else:
                names = handles if isinstance(handles, list | tuple) else ()
                fact[member] = authority.persons(by, tuple(map(str, names)))
        return fact

    def _put(self, kind: str, fact: Mapping[str, JSONValue], known: FactRow | None) -> PutFact:
        keys = keys_of(kind, self._registrar.context.tenant_id, fact)
        listing = (listed_key(kind),) if RULES[kind].is_listed else ()
        version = 0 if known is None else known.version
        return PutFact(kind, str(fact["id"]), version, fact, (*keys, *listing))

    def _check_room(self, put: PutFact, rule: Rule) -> None:
        context = self._registrar.context
        for key in keys_of(put.kind, context.tenant_id, put.fact):
            rows = context.registers.facts_by_key(context.tenant_id, key)
            same = [r for r in rows if r.kind == put.kind and rule.same_author(r.fact, put.fact)]
            if len(same) >= MOST_OF_ONE_AGENCY:
                raise Conflict("TOO_MANY")


def declared(
    registers: Registers, tenant_id: TenantId, kind: str
) -> Sequence[Mapping[str, JSONValue]]:
    """Return every declaration of a kind that is listed, without persons, in order of ids."""
    hidden = frozenset(RULES[kind].handles.values())
    return [
        {**{n: v for n, v in row.fact.items() if n not in hidden}, "version": row.version}
        for row in registers.facts_by_key(tenant_id, listed_key(kind))
    ]


def listed_key(kind: str) -> str:
    """Return the key under which a kind is listed; read for lists alone, never for a decision."""
    return fact_key("listed", kind)
