"""
Client authentication with ``private_key_jwt`` (RFC 7523, OpenID Connect Core 9).

* An assertion says who it is from twice (``iss`` and ``sub``), names this issuer as its only
  audience (RFC 7523bis), lives at most five minutes and is accepted once, on any replica.
* The key id chooses among the keys registered for this very client and nothing else.
* A stranger costs what a member costs: the same look-ups, and one verification with the
  algorithm that the assertion names. What differs is never told.
"""

import os
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.crypto.json_reader import UnreadableJSON, read_json_object
from gateway.crypto.jws import BadJWS, CompactJWS, parse_jws
from gateway.crypto.jwt import MAX_TOKEN_BYTES, InvalidToken, TokenFault, TokenRules, verify_jwt
from gateway.crypto.keys import (
    MIN_RSA_BITS,
    Algorithm,
    VerifyKey,
    generate_log_key,
    generate_signing_key,
    verify_key,
)
from gateway.domain.disclosure import Caller
from gateway.domain.errors import NotAuthenticated
from gateway.domain.ids import Millis, TenantId
from gateway.identity.clients import Clients, is_client_id
from gateway.ports.clock import Clock
from gateway.ports.registers import Registers
from gateway.ports.replay import ReplayStore

__all__ = ["ASSERTION_TYPE", "MAX_ASSERTION_LIFE_S", "ClientAuthenticator"]

ASSERTION_TYPE: Final = "client-authentication+jwt"
MAX_ASSERTION_LIFE_S: Final = 300

# How far the clocks of two replicas may differ before a used assertion could be new to one.
_REPLAY_MARGIN_MS: Final = 60_000
_MILLIS: Final = 1000


class ClientAuthenticator:
    """
    Authenticates systems; see :class:`gateway.ports.tokens.ClientAuthenticator`.

    Args:
        registers: Where systems, agencies and keys are found.
        replay: Remembers used assertions for every replica.
        clock: Tells the time.
        tenant_id: Whose registers.
        issuer: This gateway's origin, the only audience.
    """

    def __init__(
        self,
        *,
        registers: Registers,
        replay: ReplayStore,
        clock: Clock,
        tenant_id: TenantId,
        issuer: str,
    ) -> None:
        self._clients = Clients(registers, tenant_id)
        self._replay = replay
        self._clock = clock
        self._issuer = issuer
        self._nobodys = _nobodys_keys()

    def authenticate(self, assertion: str) -> Caller:
        """
        Return who presents the assertion, with every scope registered for that system.

        Raises:
            NotAuthenticated: Any doubt; nothing says which.
            StorageUnavailable: The registers or the store of used assertions are silent.
        """
        now = self._clock.now()
        jws = _parsed(assertion)
        client_id = _claimed_client(jws)
        client = self._clients.find(client_id, now)
        key = self._clients.key(client_id, client, jws.kid, now)
        claims = self._verified(assertion, jws, client_id, key, now)
        if client is None or not client.in_force:
            raise NotAuthenticated("not authenticated")
        self._use_once(client_id, claims, now)
        return client.caller

    def _verified(
        self, assertion: str, jws: CompactJWS, client_id: str, key: VerifyKey | None, now: Millis
    ) -> Mapping[str, Any]:
        """Verify with the registered key, or waste the same time on nobody's and refuse."""
        registered = key is not None and key.alg.value == jws.alg
        tried = key if registered else self._nobodys_key(jws.alg)
        rules = TokenRules(ASSERTION_TYPE, client_id, self._issuer, MAX_ASSERTION_LIFE_S)
        keys = {} if tried is None else {jws.kid: tried}
        claims = verify_jwt(assertion, keys=keys, rules=rules, now=now)
        if not registered:
            raise InvalidToken(TokenFault.UNKNOWN_KEY)
        return claims

    def _nobodys_key(self, alg: str) -> VerifyKey | None:
        # Read anew each time, as a registered key is.
        jwk = self._nobodys.get(alg)
        return None if jwk is None else verify_key(jwk)

    def _use_once(self, client_id: str, claims: Mapping[str, Any], now: Millis) -> None:
        expires_at = Millis(claims["exp"] * _MILLIS + _REPLAY_MARGIN_MS)
        if not self._replay.remember(client_id, claims["jti"], expires_at=expires_at, now=now):
            raise NotAuthenticated("not authenticated")


def _parsed(assertion: str) -> CompactJWS:
    jws: CompactJWS | None
    fault = TokenFault.MALFORMED
    try:
        jws = parse_jws(assertion, max_bytes=MAX_TOKEN_BYTES)
    except BadJWS as error:
        jws, fault = None, TokenFault(error.fault.value)
    if jws is None:
        raise InvalidToken(fault)
    return jws


def _claimed_client(jws: CompactJWS) -> str:
    """Return who the assertion says it is from; nothing of it is proven yet."""
    claims: Mapping[str, Any]
    try:
        claims = read_json_object(jws.payload, max_bytes=MAX_TOKEN_BYTES)
    except UnreadableJSON:
        claims = {}
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not is_client_id(issuer) or issuer != subject:
        raise InvalidToken(TokenFault.CLAIMS)
    return str(issuer)


def _nobodys_keys() -> dict[str, dict[str, str]]:
    """Return a JWK for each algorithm that no signature is ever accepted by."""
    # Only its size matters, so the modulus is a random odd number instead of two primes.
    modulus = int.from_bytes(os.urandom(MIN_RSA_BITS // 8), "big") | 1 << (MIN_RSA_BITS - 1) | 1
    keys = (
        generate_signing_key().public(),
        VerifyKey("nobody", Algorithm.ED25519, generate_log_key().public_key()),
        VerifyKey("nobody", Algorithm.PS256, rsa.RSAPublicNumbers(65537, modulus).public_key()),
    )
    return {key.alg.value: key.jwk() for key in keys}
