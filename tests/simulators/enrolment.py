"""
Agencies of the cast with their systems and keys, registered in a real database.

Every fact goes through the real writer. ``replica()`` is another process of the gateway on
the same database: its own connections, its own memory, the same clock.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import rsa
from uuid_utils import uuid7

from gateway.crypto.encoding import b64u
from gateway.crypto.jws import sign_jws
from gateway.crypto.keys import (
    Algorithm,
    SigningKey,
    generate_log_key,
    generate_signing_key,
    public_jwk,
    thumbprint,
)
from gateway.domain.ids import AgencyId, EntryId
from gateway.domain.log import JSONValue, PutFact
from gateway.domain.records import agency_key, client_key
from gateway.identity.assertions import ASSERTION_TYPE, ClientAuthenticator
from gateway.identity.tokens import TokenIssuer, TokenVerifier
from gateway.storage.database import Database
from tests.simulators.clock import NOON, FixedClock
from tests.simulators.kept_log import TENANT, KeptLog

__all__ = [
    "AOBA",
    "HIDAMARI",
    "ISSUER",
    "YEAR_MS",
    "Enrolment",
    "NewIds",
    "Replica",
    "other_signing_key",
]

ISSUER: Final = "https://gw.example"
YEAR_MS: Final = 365 * 86_400_000
HIDAMARI: Final = "hidamari-desk"  # the system of NPO法人ひだまり
AOBA: Final = "aoba-case"  # the system of あおば市
_AGENCIES: Final = {HIDAMARI: ("npo-hidamari", "npo"), AOBA: ("city-aoba", "municipality")}


class NewIds:
    """Makes identifiers as the gateway does."""

    def new(self) -> str:
        """Return a UUIDv7."""
        return str(uuid7())

    def entry(self) -> EntryId:
        """Return an entry id."""
        return EntryId(b64u(uuid7().bytes))


@dataclass
class Replica:
    """One process of the gateway, as far as identity goes."""

    database: Database
    authenticator: ClientAuthenticator
    issuer: TokenIssuer
    verifier: TokenVerifier


class Enrolment:
    """Two enrolled agencies, each with one system and one ES256 key."""

    def __init__(self, log: KeptLog) -> None:
        self.log = log
        self.clock: FixedClock = log.clock
        self.token_key = generate_signing_key()
        self.keys: dict[str, SigningKey] = {}
        self._versions: dict[tuple[str, str], int] = {}
        self._facts: dict[tuple[str, str], dict[str, JSONValue]] = {}
        self._closing = ExitStack()
        for system, (agency, kind) in _AGENCIES.items():
            self._enrol(system, agency, kind)
        self.here = self.replica()

    @classmethod
    @contextmanager
    def open(cls, url: str) -> Iterator["Enrolment"]:
        """Yield an enrolment in a fresh database, and close everything."""
        with KeptLog.open(url) as log:
            enrolment = cls(log)
            with enrolment._closing:
                yield enrolment

    def replica(self) -> Replica:
        """Return another process of the gateway."""
        database = Database.open(self.log.url)
        self._closing.callback(database.close)
        registers = database.registers()
        return Replica(
            database,
            ClientAuthenticator(
                registers=registers,
                replay=database.replay(TENANT),
                clock=self.clock,
                tenant_id=TENANT,
                issuer=ISSUER,
            ),
            TokenIssuer(key=self.token_key, issuer=ISSUER, clock=self.clock, ids=NewIds()),
            TokenVerifier(
                keys=[self.token_key.public()],
                issuer=ISSUER,
                tenant_id=TENANT,
                registers=registers,
                clock=self.clock,
            ),
        )

    def put(self, kind: str, id_: str, fact: Mapping[str, JSONValue], key: str) -> None:
        """Register a fact, or its next version."""
        version = self._versions.get((kind, id_), 0)
        self.log.append(PutFact(kind, id_, version, fact, (key,)))
        self._versions[kind, id_] = version + 1
        self._facts[kind, id_] = dict(fact)

    def change(self, kind: str, id_: str, **changes: JSONValue) -> None:
        """Register a next version that differs in these members."""
        keys = {"system": client_key(id_), "agency": agency_key(AgencyId(id_))}
        fact = {**self._facts[kind, id_], **changes}
        key = keys[kind] if kind in keys else client_key(str(fact["system"]))
        self.put(kind, id_, fact, key)

    def add_key(self, system: str, key: SigningKey, **changes: JSONValue) -> None:
        """Register a key with which a system authenticates."""
        fact: dict[str, JSONValue] = {
            "id": key.kid,
            "agency": _AGENCIES[system][0],
            "use": "client",
            "system": system,
            "jwk": key.public().jwk(),
            "valid_from": NOON - YEAR_MS,
            "valid_to": None,
            "revoked_at": None,
            **changes,
        }
        self.put("agency_key", key.kid, fact, client_key(system))

    def claims(self, system: str = HIDAMARI, **changes: Any) -> dict[str, Any]:
        """Return the claims of a good assertion, with changes; ``None`` leaves one out."""
        now = self.clock.now() // 1000
        claims = {
            "iss": system,
            "sub": system,
            "aud": ISSUER,
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid7()),
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def assertion(
        self,
        system: str = HIDAMARI,
        *,
        key: SigningKey | None = None,
        typ: str = ASSERTION_TYPE,
        payload: str | None = None,
        **changes: Any,
    ) -> str:
        """Return an assertion, truly signed, whatever it says."""
        text = json.dumps(self.claims(system, **changes)) if payload is None else payload
        return sign_jws(text.encode(), key=key or self.keys[system], typ=typ)

    def _enrol(self, system: str, agency: str, kind: str) -> None:
        dates: dict[str, JSONValue] = {"valid_from": NOON - YEAR_MS, "valid_to": NOON + YEAR_MS}
        name = {"name_ja": "架空の機関", "name_en": "A fictional agency"}
        regime = "public" if kind == "municipality" else "private"
        self.put(
            "agency",
            agency,
            {
                "id": agency,
                "kind": kind,
                "regime": regime,
                "country": "JP",
                "status": "active",
                **name,
                **dates,
            },
            agency_key(AgencyId(agency)),
        )
        self.put(
            "system",
            system,
            {
                "id": system,
                "agency": agency,
                "name": "事例管理",
                "status": "active",
                "scopes": ["member", "officer"] if kind == "municipality" else ["member"],
                **dates,
            },
            client_key(system),
        )
        self.keys[system] = generate_signing_key()
        self.add_key(system, self.keys[system])


def other_signing_key(alg: Algorithm) -> SigningKey:
    """Return a new key that signs with this algorithm."""
    if alg is Algorithm.ES256:
        return generate_signing_key()
    private = (
        generate_log_key()
        if alg is Algorithm.ED25519
        else rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    return SigningKey(thumbprint(public_jwk(private.public_key())), alg, private)
