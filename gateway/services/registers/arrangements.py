"""
Standing arrangements: who processes data for whom, and who holds which office.

* An entrustment is registered by the agency that entrusts, never by its contractor, and
  names whose data it covers.
* An appointment (委嘱) belongs to a person of the calling agency, or is the operator's to
  register for anybody.
"""

from collections.abc import Mapping

from gateway.domain.errors import NotFound
from gateway.domain.ids import ActorId, AgencyId
from gateway.domain.log import JSONValue, PutFact
from gateway.domain.records import actor_key, fact_key, pair_key
from gateway.services.acting import Acting
from gateway.services.idempotency import IdempotencyKey
from gateway.services.registers.registration import (
    Registered,
    Registrar,
    Registration,
    check_interval,
)

__all__ = ["Appointments", "Entrustments"]


class Entrustments:
    """Registers what the calling agency entrusts to another."""

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar

    def register(
        self, by: Acting, key: IdempotencyKey | None, *, terms: Mapping[str, JSONValue]
    ) -> Registered:
        """
        Register an entrustment, an agreement or an order.

        Args:
            by: Who registers it.
            key: The request's idempotency key.
            terms: The members of an entrustment but its id and its entruster, as in
                ``schemas/policy-input.json``.

        Raises:
            NotAuthorized: The person may not act for this agency here and now.
            NotFound: The contractor or the controller is not registered.
            SchemaViolation: The terms are not as the schema demands.
        """
        relied_on = self._registrar.authority.own(by)

        def make() -> Registered:
            others = [
                self._registrar.authority.fact("agency", str(terms.get(name)))
                for name in ("contractor", "controller")
            ]
            id_ = self._registrar.context.ids.new()
            fact: dict[str, JSONValue] = {**terms, "id": id_, "entruster": by.agency_id}
            check_interval(fact, "valid_from", "valid_to")
            contractor = AgencyId(others[0].id)
            keys = (pair_key(by.agency_id, contractor), fact_key("entrustment", id_))
            entrustment = Registration(
                PutFact("entrustment", id_, 0, fact, keys),
                effective=(fact.get("valid_from"), fact.get("valid_to")),
                relied_on=(*relied_on, *(o.as_version for o in others)),
            )
            return self._registrar.write(by, key, entrustment)

        return self._registrar.once(key, make)


class Appointments:
    """Registers offices that persons hold by appointment."""

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar

    def register(
        self, by: Acting, key: IdempotencyKey | None, *, terms: Mapping[str, JSONValue]
    ) -> Registered:
        """
        Register an appointment.

        Args:
            by: Who registers it.
            key: The request's idempotency key.
            terms: The members of an appointment but its id, as in
                ``schemas/policy-input.json``.

        Raises:
            NotAuthorized: The person may not act for this agency here and now.
            NotFound: The appointed person is none of this agency's.
            SchemaViolation: The terms are not as the schema demands.
        """
        relied_on = self._registrar.authority.own_or_operator(by)

        def make() -> Registered:
            actor = self._registrar.authority.actor(str(terms.get("actor")))
            if not by.is_operator and actor.fact["agency"] != by.agency_id:
                raise NotFound
            id_ = self._registrar.context.ids.new()
            fact: dict[str, JSONValue] = {**terms, "id": id_}
            check_interval(fact, "term_from", "term_to")
            appointment = Registration(
                PutFact("appointment", id_, 0, fact, (actor_key(ActorId(actor.id)),)),
                effective=(fact.get("term_from"), fact.get("term_to")),
                relied_on=(*relied_on, actor.as_version),
            )
            return self._registrar.write(by, key, appointment)

        return self._registrar.once(key, make)
