"""
Registered systems and their keys: who may authenticate, and as what.

* A system is a client; its id is its client id. It counts while its registration and that
  of its agency are in force, and no longer.
* Facts are read anew each time; whoever wants to remember them decides for how long.
* A fact of another shape than expected stands for nothing: it is never half believed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.crypto.keys import BadKey, VerifyKey, verify_key
from gateway.domain.disclosure import Caller
from gateway.domain.ids import AgencyId, Millis, SystemId, TenantId
from gateway.domain.log import JSONValue
from gateway.domain.records import client_key
from gateway.ports.registers import Registers

__all__ = ["SCOPES", "Clients", "RegisteredClient", "is_client_id"]

# What a system may be enrolled for; the roles of design and practice, as machines hold them.
SCOPES: Final = frozenset({"member", "operator", "officer", "auditor"})

_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,80}", re.ASCII)
_NOBODY: Final = "nobody"  # looked up where there is no agency, so that the work is the same
_FOREVER: Final = Millis(2**53 - 1)


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """
    A system as the registers have it.

    Attributes:
        caller: Whom it stands for, with every scope registered for it.
        in_force: Whether it and its agency are active and within their dates.
        ends_at: When the first of the two registrations ends.
    """

    caller: Caller
    in_force: bool
    ends_at: Millis


class Clients:
    """Reads one tenant's systems, their agencies and their keys."""

    def __init__(self, registers: Registers, tenant_id: TenantId) -> None:
        self._registers = registers
        self._tenant_id = tenant_id

    def find(self, client_id: str, now: Millis) -> RegisteredClient | None:
        """
        Return the system with this id, or ``None`` when nothing usable is registered.

        Agency and system are read in either case, so that both take the same time.

        Raises:
            StorageUnavailable: The registers are silent.
        """
        found = self._registers.fact(self._tenant_id, "system", client_id)
        system: Mapping[str, JSONValue] = {} if found is None else found.fact
        agency_id = system.get("agency")
        looked_up = agency_id if isinstance(agency_id, str) else _NOBODY
        agency = self._registers.fact(self._tenant_id, "agency", looked_up)
        if found is None or agency is None or looked_up != agency_id:
            return None
        scopes = system.get("scopes")
        if not isinstance(scopes, list | tuple):
            return None
        caller = Caller(
            self._tenant_id,
            AgencyId(looked_up),
            SystemId(client_id),
            SCOPES.intersection(s for s in scopes if isinstance(s, str)),
        )
        facts = (system, agency.fact)
        return RegisteredClient(
            caller=caller,
            in_force=all(f.get("status") == "active" and _is_dated(f, now) for f in facts),
            ends_at=min(_end(f) for f in facts),
        )

    def key(
        self, client_id: str, client: RegisteredClient | None, kid: str, now: Millis
    ) -> VerifyKey | None:
        """
        Return the key of this id with which this client may authenticate now, or ``None``.

        The registers are asked by client alone; what somebody sends as key id is compared
        and never looked up.

        Raises:
            StorageUnavailable: The registers are silent.
        """
        rows = self._registers.facts_by_key(self._tenant_id, client_key(client_id))
        if client is None:
            return None
        mine = {"use": "client", "system": client_id, "agency": client.caller.agency_id}
        for row in rows:
            named = (row.kind, row.id) == ("agency_key", kid)
            if named and all(row.fact.get(n) == v for n, v in mine.items()):
                return _verify_key(row.fact, now)
        return None


def is_client_id(text: object) -> bool:
    """Return whether this could be a client id; nothing else is ever looked up."""
    return isinstance(text, str) and _CLIENT_ID.fullmatch(text) is not None


def _verify_key(fact: Mapping[str, JSONValue], now: Millis) -> VerifyKey | None:
    jwk = fact.get("jwk")
    revoked = fact.get("revoked_at", now)
    if not isinstance(jwk, Mapping) or revoked is not None or not _is_dated(fact, now):
        return None
    try:
        return verify_key(jwk)
    except BadKey:
        return None


def _is_dated(fact: Mapping[str, JSONValue], now: Millis) -> bool:
    """Return whether ``now`` lies in the half-open interval of a fact."""
    start = fact.get("valid_from")
    return type(start) is int and start <= now < _end(fact)


def _end(fact: Mapping[str, JSONValue]) -> Millis:
    end = fact.get("valid_to", 0)  # absent is not open-ended
    if end is None:
        return _FOREVER
    return Millis(end) if type(end) is int else Millis(0)
