"""
Statutory meetings: the organiser's registers.

* The basis belongs to each agenda item, and so does the roster; a seat in the meeting alone
  gives nobody a view of anything.
* Only the organiser writes here. To every other agency the meeting is not there.
* A request for material or information is itself registered, and so logged.
"""

from collections.abc import Mapping
from typing import Final

from gateway.domain.errors import NotFound
from gateway.domain.ids import ActorId
from gateway.domain.log import FactVersion, JSONValue, PutFact
from gateway.domain.records import actor_key, conference_key, fact_key, item_key
from gateway.ports.registers import FactRow
from gateway.services.acting import Acting
from gateway.services.idempotency import IdempotencyKey
from gateway.services.registers.registration import (
    Registered,
    Registrar,
    Registration,
    check_interval,
)

__all__ = ["Conferences"]

_CONFERENCE: Final = "conference"


class Conferences:
    """
    Registers meetings, their agenda items, rosters, undertakings and requests.

    Every method raises :class:`NotAuthorized` when the person may not act for the calling
    agency here and now, :class:`NotFound` when a meeting, item, person or handle is none of
    the caller's to name, and :class:`SchemaViolation` when the terms are not as
    ``schemas/policy-input.json`` demands.
    """

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar

    def convene(
        self, by: Acting, key: IdempotencyKey | None, *, terms: Mapping[str, JSONValue]
    ) -> Registered:
        """Register a meeting that the calling agency organises."""
        relied_on = self._registrar.authority.own(by)

        def make() -> Registered:
            id_ = self._registrar.context.ids.new()
            fact: dict[str, JSONValue] = {**terms, "id": id_, "organiser": by.agency_id}
            check_interval(fact, "valid_from", "valid_to")
            put = PutFact(_CONFERENCE, id_, 0, fact, (conference_key(id_),))
            return self._write(by, key, put, relied_on, ("valid_from", "valid_to"))

        return self._registrar.once(key, make)

    def open_item(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        conference_id: str,
        *,
        subjects: tuple[str, ...],
        terms: Mapping[str, JSONValue],
    ) -> Registered:
        """Register an agenda item with its own basis, about the organiser's own handles."""
        relied_on = self._registrar.authority.own(by)

        def make() -> Registered:
            conference = self._conference(by, conference_id)
            id_ = self._registrar.context.ids.new()
            fact: dict[str, JSONValue] = {
                **terms,
                "id": id_,
                "conference": conference.id,
                "persons": self._registrar.authority.persons(by, subjects),
            }
            check_interval(fact, "opens_at", "closes_at")
            put = PutFact("agenda_item", id_, 0, fact, (item_key(id_),))
            standing = (*relied_on, conference.as_version)
            return self._write(by, key, put, standing, ("opens_at", "closes_at"))

        return self._registrar.once(key, make)

    def invite(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        conference_id: str,
        item_id: str,
        *,
        terms: Mapping[str, JSONValue],
    ) -> Registered:
        """Put a person of a member agency on the roster of one item."""
        relied_on = self._registrar.authority.own(by)

        def make() -> Registered:
            conference, item = self._item(by, conference_id, item_id)
            actor = self._actor(terms.get("actor"))
            if actor.fact["agency"] != terms.get("agency"):
                raise NotFound
            id_ = self._registrar.context.ids.new()
            fact: dict[str, JSONValue] = {
                **terms,
                "id": id_,
                "item": item.id,
                "conference": conference.id,
            }
            check_interval(fact, "invited_from", "invited_to")
            put = PutFact("participant", id_, 0, fact, (item_key(item.id),))
            standing = (*relied_on, conference.as_version, item.as_version, actor.as_version)
            return self._write(by, key, put, standing, ("invited_from", "invited_to"))

        return self._registrar.once(key, make)

    def undertake(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        conference_id: str,
        *,
        terms: Mapping[str, JSONValue],
    ) -> Registered:
        """Register the undertaking of secrecy that a person signed for one meeting."""
        relied_on = self._registrar.authority.own(by)

        def make() -> Registered:
            conference = self._conference(by, conference_id)
            actor = self._actor(terms.get("actor"))
            id_ = self._registrar.context.ids.new()
            fact: dict[str, JSONValue] = {**terms, "id": id_, "conference": conference.id}
            check_interval(fact, "signed_at", "valid_to")
            put = PutFact("undertaking", id_, 0, fact, (actor_key(ActorId(actor.id)),))
            standing = (*relied_on, conference.as_version, actor.as_version)
            return self._write(by, key, put, standing, ("signed_at", "valid_to"))

        return self._registrar.once(key, make)

    def ask(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        conference_id: str,
        item_id: str,
        *,
        subjects: tuple[str, ...],
        terms: Mapping[str, JSONValue],
    ) -> Registered:
        """Register the meeting's request to an agency for material or information."""
        relied_on = self._registrar.authority.own(by)

        def make() -> Registered:
            conference, item = self._item(by, conference_id, item_id)
            asked = self._registrar.authority.fact("agency", str(terms.get("asked")))
            id_ = self._registrar.context.ids.new()
            fact: dict[str, JSONValue] = {
                **terms,
                "id": id_,
                "item": item.id,
                "conference": conference.id,
                "asked_by": by.agency_id,
                "persons": self._registrar.authority.persons(by, subjects),
                "requested_at": self._registrar.context.clock.now(),
            }
            check_interval(fact, "requested_at", "valid_to")
            keys = (item_key(item.id), fact_key("information_request", id_))
            put = PutFact("information_request", id_, 0, fact, keys)
            standing = (*relied_on, conference.as_version, item.as_version, asked.as_version)
            return self._write(by, key, put, standing, ("requested_at", "valid_to"))

        return self._registrar.once(key, make)

    def _conference(self, by: Acting, conference_id: str) -> FactRow:
        return self._registrar.authority.owned(_CONFERENCE, conference_id, "organiser", by)

    def _item(self, by: Acting, conference_id: str, item_id: str) -> tuple[FactRow, FactRow]:
        conference = self._conference(by, conference_id)
        item = self._registrar.authority.fact("agenda_item", item_id)
        if item.fact["conference"] != conference.id:
            raise NotFound
        return conference, item

    def _actor(self, actor_id: JSONValue) -> FactRow:
        return self._registrar.authority.actor(str(actor_id))

    def _write(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        put: PutFact,
        relied_on: tuple[FactVersion, ...],
        interval: tuple[str, str],
    ) -> Registered:
        start, end = (put.fact.get(name) for name in interval)
        new = Registration(put, effective=(start, end), relied_on=relied_on)
        return self._registrar.write(by, key, new)
