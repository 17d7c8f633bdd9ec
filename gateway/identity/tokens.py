"""
Access tokens (RFC 9068): made for an authenticated system, believed while it stays enrolled.

* A token lives ten minutes at most and names this gateway as issuer and only audience.
* A verified token is remembered for at most a minute. Each verification that is not from
  memory reads agency and system again, so that a suspension acts within a minute everywhere,
  and at once where it is told.
* A token never allows more than is registered when it is verified.
"""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

from gateway.crypto.jwt import InvalidToken, TokenFault, TokenRules, sign_jwt, verify_jwt
from gateway.crypto.keys import SigningKey, VerifyKey
from gateway.domain.disclosure import Caller
from gateway.domain.errors import NotAuthorized
from gateway.domain.ids import Millis, TenantId
from gateway.domain.log import JSONValue
from gateway.identity.clients import Clients, is_client_id
from gateway.ports.clock import Clock
from gateway.ports.ids import Ids
from gateway.ports.registers import Registers
from gateway.ports.tokens import IssuedToken

__all__ = ["MAX_TOKEN_LIFE_S", "TOKEN_TYPE", "TokenIssuer", "TokenVerifier"]

TOKEN_TYPE: Final = "at+jwt"  # noqa: S105 - RFC 9068 2.1
MAX_TOKEN_LIFE_S: Final = 600

_REMEMBERED_MS: Final = 60_000
_REMEMBERED: Final = 10_000
_MILLIS: Final = 1000


class TokenIssuer:
    """
    Makes access tokens; see :class:`gateway.ports.tokens.TokenIssuer`.

    Args:
        key: Signs them; ES256.
        issuer: This gateway's origin: ``iss`` and ``aud``.
        clock: Tells the time.
        ids: Gives each token its id.
        life_s: Seconds that a token lives, at most 600.

    Raises:
        ValueError: The life is out of range: a mistake of the calling code.
    """

    def __init__(
        self,
        *,
        key: SigningKey,
        issuer: str,
        clock: Clock,
        ids: Ids,
        life_s: int = MAX_TOKEN_LIFE_S,
    ) -> None:
        if not 0 < life_s <= MAX_TOKEN_LIFE_S:
            raise ValueError("a token lives 1 to 600 seconds")
        self._key = key
        self._issuer = issuer
        self._clock = clock
        self._ids = ids
        self._life_s = life_s

    def issue(self, caller: Caller, scopes: Collection[str] = ()) -> IssuedToken:
        """
        Return a new access token for an authenticated caller.

        Args:
            caller: Who authenticated just now.
            scopes: What is asked for; nothing asks for all that is registered.

        Raises:
            NotAuthorized: A scope is asked for that is not registered for this system.
        """
        if not caller.scopes.issuperset(scopes):
            raise NotAuthorized("scope")
        granted = tuple(sorted(set(scopes) or caller.scopes))
        now = self._clock.now() // _MILLIS
        claims: dict[str, JSONValue] = {
            "iss": self._issuer,
            "aud": self._issuer,
            "sub": caller.system_id,
            "client_id": caller.system_id,
            "agency": caller.agency_id,
            "tenant": caller.tenant_id,
            "scope": " ".join(granted),
            "iat": now,
            "exp": now + self._life_s,
            "jti": self._ids.new(),
        }
        token = sign_jwt(claims, key=self._key, typ=TOKEN_TYPE)
        return IssuedToken(token, self._life_s, granted)


@dataclass(frozen=True, slots=True)
class _Remembered:
    caller: Caller
    until: Millis


class TokenVerifier:
    """
    Verifies access tokens; see :class:`gateway.ports.tokens.TokenVerifier`.

    Args:
        keys: Those that may have signed a token; more than one while a key is replaced.
        issuer: This gateway's origin.
        tenant_id: Whose registers.
        registers: Where systems and agencies are found.
        clock: Tells the time.
        remembered: How many verified tokens are remembered at most.
    """

    def __init__(
        self,
        *,
        keys: Sequence[VerifyKey],
        issuer: str,
        tenant_id: TenantId,
        registers: Registers,
        clock: Clock,
        remembered: int = _REMEMBERED,
    ) -> None:
        self._keys = {key.kid: key for key in keys}
        self._rules = TokenRules(TOKEN_TYPE, issuer, issuer, MAX_TOKEN_LIFE_S)
        self._tenant_id = tenant_id
        self._clients = Clients(registers, tenant_id)
        self._clock = clock
        self._memory = _Memory(remembered)

    def verify(self, token: str) -> Caller:
        """
        Return whom the token stands for.

        Raises:
            NotAuthenticated: The token is not valid here and now.
            NotAuthorized: It is valid, but its agency or system is suspended, at the latest
                60 seconds after it was.
            StorageUnavailable: The registers are silent.
        """
        now = self._clock.now()
        # The digest, so that no usable token lies in memory; surrogates are no token at all.
        digest = sha256(token.encode("utf-8", "backslashreplace")).digest()
        caller = self._memory.get(digest, now)
        if caller is not None:
            return caller
        # Whatever is forgotten from here on must not come back with what is read now.
        age = self._memory.age
        claims = verify_jwt(token, keys=self._keys, rules=self._rules, now=now)
        remembered = self._current(claims, now)
        self._memory.put(digest, remembered, age=age, now=now)
        return remembered.caller

    def forget(self, id_: str) -> None:
        """Read the registers anew at the next token of this system or agency."""
        self._memory.forget(id_)

    def jwks(self) -> Mapping[str, JSONValue]:
        """Return the public keys by which tokens are verified (RFC 7517 5)."""
        return {"keys": [key.jwk() for key in self._keys.values()]}

    def _current(self, claims: Mapping[str, Any], now: Millis) -> _Remembered:
        """Return what the registers say now about whom the token was made for."""
        client_id, scope = claims.get("sub"), claims.get("scope")
        if not is_client_id(client_id) or not isinstance(scope, str):
            raise InvalidToken(TokenFault.CLAIMS)
        if claims.get("client_id") != client_id or claims.get("tenant") != self._tenant_id:
            raise InvalidToken(TokenFault.CLAIMS)
        client = self._clients.find(str(client_id), now)
        if client is None or claims.get("agency") != client.caller.agency_id:
            raise InvalidToken(TokenFault.CLAIMS)
        if not client.in_force:
            raise NotAuthorized("use-gateway")
        caller = replace(client.caller, scopes=client.caller.scopes.intersection(scope.split()))
        until = min(claims["exp"] * _MILLIS, now + _REMEMBERED_MS, client.ends_at)
        return _Remembered(caller, Millis(until))


class _Memory:
    """A bounded memory of verified tokens, shared by the threads of one process."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: dict[bytes, _Remembered] = {}
        self._lock = threading.Lock()
        self.age = 0  # how often something was forgotten

    def get(self, digest: bytes, now: Millis) -> Caller | None:
        """Return the caller of a remembered token that still holds."""
        found = self._entries.get(digest)
        return found.caller if found is not None and now < found.until else None

    def put(self, digest: bytes, entry: _Remembered, *, age: int, now: Millis) -> None:
        """Remember, unless something was forgotten since ``age``; the oldest may go."""
        with self._lock:
            if age != self.age:
                return
            if len(self._entries) >= self._limit:
                self._entries = {d: e for d, e in self._entries.items() if now < e.until}
            while len(self._entries) >= self._limit:
                del self._entries[next(iter(self._entries))]
            self._entries[digest] = entry

    def forget(self, id_: str) -> None:
        """Forget every token of this system or agency."""
        with self._lock:
            self.age += 1
            self._entries = {
                d: e
                for d, e in self._entries.items()
                if id_ not in {e.caller.system_id, e.caller.agency_id}
            }
