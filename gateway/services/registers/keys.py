"""
Public keys of agencies: who signs, to whom one seals, who authenticates.

* One key, one use. A key is known by its id for good: revoked ones are kept and never
  registered again.
* A new key stands beside the old one until that is revoked, so that nothing sealed in
  between is lost; the newest one valid is the one to seal to.
* Only the standard members of a JWK are kept, so that nothing else travels with it.
* Each change is a ``member`` entry, by which a member can check a key before using it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.crypto.keys import seal_to, thumbprint, verify_key
from gateway.domain.errors import Conflict, NotFound
from gateway.domain.ids import AgencyId
from gateway.domain.log import FactVersion, JSONValue, PutFact
from gateway.domain.records import client_key, seal_key, sign_key
from gateway.ports.registers import FactRow
from gateway.services.acting import Acting
from gateway.services.idempotency import IdempotencyKey
from gateway.services.registers.registration import Enrolment, Registered, Registrar

__all__ = ["AgencyKeys", "client_key_enrolment"]

_KIND: Final = "agency_key"
_SHOWN: Final = ("use", "jwk", "valid_from", "valid_to", "revoked_at")


class AgencyKeys:
    """Registers, lists and revokes the public keys of members."""

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar

    def keys(self, agency_id: str) -> Sequence[Mapping[str, JSONValue]]:
        """
        Return an agency's keys to seal to and to verify with, revoked ones too.

        Each names the index of the entry about its newest version, if there is one.

        Raises:
            NotFound: There is no such agency.
        """
        agency = AgencyId(self._registrar.authority.fact("agency", agency_id).id)
        return [
            {
                "kid": row.id,
                **{name: row.fact[name] for name in _SHOWN},
                "log_index": self._registrar.index_of(_KIND, row.id, row.version),
            }
            for row in self._of(agency)
        ]

    def register(
        self,
        by: Acting,
        key: IdempotencyKey | None,
        agency_id: str,
        *,
        use: str,
        jwk: Mapping[str, Any],
        valid_from: JSONValue,
        system_id: str = "",
    ) -> Registered:
        """
        Register a public key of an agency.

        Args:
            by: The operator.
            key: The request's idempotency key.
            agency_id: Whose key.
            use: ``seal``, ``sign`` or ``client``.
            jwk: The public key.
            valid_from: From when; now when ``None``.
            system_id: The system that authenticates with it, for ``client`` alone.

        Raises:
            NotAuthorized: This is not the operator, acting here and now.
            NotFound: There is no such agency, or no such system of it.
            Conflict: ALREADY_REGISTERED, or KEY_HAS_ANOTHER_USE.
            BadKey: The key is malformed, private, too weak or of another kind.
        """
        relied_on = self._registrar.authority.operator(by)

        def make() -> Registered:
            agency = self._registrar.authority.fact("agency", agency_id)
            if use == "client":
                self._check_system(agency.id, system_id)
            now = self._registrar.context.clock.now()
            enrolment = _enrolment(
                AgencyId(agency.id),
                use,
                jwk,
                valid_from=now if valid_from is None else valid_from,
                system_id=system_id,
                previous=self._newest(AgencyId(agency.id), use),
                relied_on=(*relied_on, agency.as_version),
            )
            self._check_new(AgencyId(agency.id), enrolment)
            return self._registrar.write(by, key, enrolment)

        return self._registrar.once(key, make)

    def revoke(
        self, by: Acting, key: IdempotencyKey | None, agency_id: str, kid: str
    ) -> Registered:
        """
        Revoke a key from now on.

        Raises:
            NotAuthorized: This is neither that agency nor the operator, acting here and now.
            NotFound: There is no such key of that agency, or it is another's.
            Conflict: ALREADY_REVOKED.
        """
        relied_on = self._registrar.authority.keeper(by, agency_id)

        def make() -> Registered:
            row = self._registrar.authority.fact(_KIND, kid)
            if row.fact["agency"] != agency_id:
                raise NotFound
            if row.fact["revoked_at"] is not None:
                raise Conflict("ALREADY_REVOKED")
            now = self._registrar.context.clock.now()
            fact: dict[str, JSONValue] = {**row.fact, "revoked_at": now}
            member: dict[str, JSONValue] = {**_member(fact), "valid_until": now}
            put = PutFact(_KIND, row.id, row.version, fact, _keys_of(fact))
            return self._registrar.write(by, key, Enrolment(put, "key_revoked", member, relied_on))

        return self._registrar.once(key, make)

    def _check_system(self, agency_id: str, system_id: str) -> None:
        if self._registrar.authority.fact("system", system_id).fact["agency"] != agency_id:
            raise NotFound

    def _of(self, agency_id: AgencyId) -> list[FactRow]:
        context = self._registrar.context
        return [
            row
            for register_key in (seal_key(agency_id), sign_key(agency_id))
            for row in context.registers.facts_by_key(context.tenant_id, register_key)
        ]

    def _newest(self, agency_id: AgencyId, use: str) -> str:
        standing = [
            row
            for row in self._of(agency_id)
            if row.fact["use"] == use and row.fact["revoked_at"] is None
        ]
        newest = max(standing, key=lambda row: str(row.fact["valid_from"]).zfill(16), default=None)
        return "" if newest is None else newest.id

    def _check_new(self, agency_id: AgencyId, enrolment: Enrolment) -> None:
        context, new = self._registrar.context, enrolment.put
        if context.registers.fact(context.tenant_id, _KIND, new.id) is not None:
            raise Conflict("ALREADY_REGISTERED")
        print_ = enrolment.member["thumbprint"]
        if print_ in {_thumbprint(row.fact["jwk"]) for row in self._of(agency_id)}:
            raise Conflict("KEY_HAS_ANOTHER_USE")


def client_key_enrolment(
    agency_id: str, system_id: str, jwk: Mapping[str, Any], *, valid_from: JSONValue
) -> Enrolment:
    """
    Return the enrolment of the key by which a system authenticates.

    Raises:
        BadKey: It is malformed, private, too weak or of another kind.
    """
    return _enrolment(
        AgencyId(agency_id), "client", jwk, valid_from=valid_from, system_id=system_id
    )


def _enrolment(
    agency_id: AgencyId,
    use: str,
    jwk: Mapping[str, Any],
    *,
    valid_from: JSONValue,
    system_id: str = "",
    previous: str = "",
    relied_on: tuple[FactVersion, ...] = (),
) -> Enrolment:
    public = seal_to(jwk) if use == "seal" else verify_key(jwk)
    fact: dict[str, JSONValue] = {
        "id": public.kid,
        "agency": agency_id,
        "use": use,
        "system": system_id,
        "jwk": public.jwk(),
        "valid_from": valid_from,
        "valid_to": None,
        "revoked_at": None,
    }
    member: dict[str, JSONValue] = {**_member(fact), "valid_from": valid_from}
    if previous:
        member["previous_kid"] = previous
    return Enrolment(
        PutFact(_KIND, public.kid, 0, fact, _keys_of(fact)), "key_added", member, relied_on
    )


def _member(fact: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
    return {
        "agency": fact["agency"],
        "system": fact["system"],
        "use": fact["use"],
        "kid": fact["id"],
        "jwk": fact["jwk"],
        "thumbprint": _thumbprint(fact["jwk"]),
    }


def _thumbprint(jwk: JSONValue) -> str:
    return thumbprint(jwk if isinstance(jwk, Mapping) else {})


def _keys_of(fact: Mapping[str, JSONValue]) -> tuple[str, ...]:
    agency_id = AgencyId(str(fact["agency"]))
    match fact["use"]:
        case "client":
            return (client_key(str(fact["system"])),)
        case "sign":
            return (sign_key(agency_id),)
        case _:
            return (seal_key(agency_id),)
