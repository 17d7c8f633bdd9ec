"""
Calls to the gateway: who asks, what may be repeated, and how an answer is read.

* A token is fetched with an assertion that the client key signs, and kept until shortly
  before it ends; one that the gateway no longer takes is replaced once.
* Every POST carries an ``Idempotency-Key``, made once for each logical call and the same in
  every repetition. Only what may be repeated is, and only when no answer arrived.
* Redirects are not followed, certificates are checked, answers are bounded and read by the
  one strict reader. What goes to this computer itself never takes a proxy.
"""

import contextlib
import re
import secrets
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from gateway.client.config import DeskConfig, is_loopback
from gateway.client.errors import BadDeskConfig, GatewayUnreachable, UnreadableAnswer
from gateway.client.members import Members
from gateway.client.problems import GatewayProblem, read_problem
from gateway.crypto.canonical import canonical_json
from gateway.crypto.json_reader import UnreadableJSON, read_json
from gateway.crypto.jwt import sign_jwt
from gateway.crypto.keys import SigningKey
from gateway.domain.errors import MalformedRequest
from gateway.domain.ids import Millis
from gateway.domain.log import JSONValue
from gateway.ports.clock import Clock

__all__ = ["MAX_ANSWER_BYTES", "Connection", "path_id"]

MAX_ANSWER_BYTES: Final = 4 << 20

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_TYP: Final = "client-authentication+jwt"
_ASSERTION_LIFE_S: Final = 120
_TOKEN_MARGIN_MS: Final = 30_000
_KEY_BYTES: Final = 24
_DEPTH: Final = 40  # evidence of an entry inside a list of units
_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,80}", re.ASCII)
_SECONDS: Final = re.compile(r"[0-9]{1,6}", re.ASCII)
# Of a proxy or a server that is starting, when no problem says more.
_SILENT: Final = frozenset(
    {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)


@dataclass(frozen=True, slots=True)
class _Call:
    """One logical call; ``public`` ones carry no token and no actor."""

    method: str
    path: str
    content: bytes | None = None
    content_type: str = "application/json"
    params: Mapping[str, str] | None = None
    key: str = ""
    public: bool = False
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class _Raw:
    """An answer before it is read."""

    status: int
    media_type: str
    retry_after: int | None
    content: bytes

    def value(self) -> Any:
        """Return the JSON value of the body."""
        try:
            return read_json(self.content, max_bytes=MAX_ANSWER_BYTES, max_depth=_DEPTH)
        except UnreadableJSON as error:
            raise UnreadableAnswer("an answer cannot be read") from error


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    until: Millis


class Connection:
    """One desk's way to one gateway; threads may share it."""

    def __init__(
        self,
        config: DeskConfig,
        client_key: SigningKey,
        *,
        clock: Clock,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """
        Prepare a connection; nothing is sent yet.

        Args:
            config: Where the gateway is and who asks.
            client_key: Signs assertions.
            clock: Times of assertions and tokens.
            transport: Another way than the network, for a gateway in this process.

        Raises:
            BadDeskConfig: The file of certificate authorities cannot be used.
        """
        self._config = config
        self._client_key = client_key
        self._clock = clock
        self._token: _Token | None = None
        self._token_lock = threading.Lock()
        self._client = httpx2.Client(
            base_url=config.gateway,
            verify=_certificates(config),
            trust_env=not is_loopback(urlsplit(config.gateway).hostname or ""),
            timeout=config.timeout_s,
            follow_redirects=False,
            transport=transport,
            headers={"Accept-Encoding": "identity", "User-Agent": "tasuki-desk"},
        )

    def close(self) -> None:
        """Close the connections that are open."""
        self._client.close()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Members:
        """Return what a member sees at a path."""
        return Members(self._answer(_Call("GET", path, params=params)).value())

    def pages(
        self, path: str, name: str, params: Mapping[str, str] | None = None
    ) -> Iterator[Members]:
        """
        Yield every line of a list, page by page.

        Args:
            path: The list's path.
            name: The member of a page that holds its lines.
            params: Which lines.

        Raises:
            UnreadableAnswer: A page leads back to one that was read already.
        """
        seen: set[str] = set()
        after = ""
        while after not in seen:
            seen.add(after)
            page = self.get(path, {**(params or {}), **({"after": after} if after else {})})
            yield from page.every(name)
            after = page.text_or_none("next")
            if not after:
                return
        raise UnreadableAnswer("a list comes back to where it was")

    def get_public(self, path: str, params: Mapping[str, str] | None = None) -> Members:
        """Return what anybody sees at a path."""
        return Members(self._answer(_Call("GET", path, params=params, public=True)).value())

    def get_public_text(self, path: str) -> str:
        """Return the text that anybody sees at a path."""
        content = self._answer(_Call("GET", path, public=True)).content
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise UnreadableAnswer("an answer cannot be read") from error

    def post(self, path: str, body: Mapping[str, JSONValue], *, key: str = "") -> Members:
        """
        Create something once, however often the call has to be repeated.

        Args:
            path: The path.
            body: The body.
            key: The Idempotency-Key of an earlier attempt at the same; empty makes a new one.

        Raises:
            GatewayProblem: The gateway refuses, or cannot.
            GatewayUnreachable: No answer arrived, several times.
            UnreadableAnswer: Something else answered.
        """
        return self._post(path, body, key=key, repeatable=True)

    def post_once(self, path: str, body: Mapping[str, JSONValue]) -> Members:
        """Move something on; not repeated, since whoever lost the answer has to look first."""
        return self._post(path, body, key="", repeatable=False)

    def put(self, path: str, body: Mapping[str, JSONValue]) -> Members:
        """Put something to a path; the same again changes nothing."""
        return Members(self._answer(_Call("PUT", path, canonical_json(body))).value())

    def _post(
        self, path: str, body: Mapping[str, JSONValue], *, key: str, repeatable: bool
    ) -> Members:
        call = _Call(
            "POST",
            path,
            canonical_json(body),
            key=key or secrets.token_urlsafe(_KEY_BYTES),
            repeatable=repeatable,
        )
        return Members(self._answer(call).value())

    def _answer(self, call: _Call) -> _Raw:
        """Return a good answer, repeating what may be while none arrives."""
        waits = iter(self._config.retry_waits_s if call.repeatable else ())
        while True:
            try:
                return _good(self._sent(call))
            except GatewayUnreachable:
                wait = next(waits, None)
                if wait is None:
                    raise
            time.sleep(wait)

    def _sent(self, call: _Call) -> _Raw:
        if call.public:
            return self._exchange(call, {})
        token = self._current_token()
        raw = self._exchange(call, self._headers(token))
        if raw.status == HTTPStatus.UNAUTHORIZED:
            # Nothing was done; a restarted gateway or a new key may have ended the token.
            self._forget(token)
            raw = self._exchange(call, self._headers(self._current_token()))
        return raw

    def _headers(self, token: _Token) -> dict[str, str]:
        return {"Authorization": f"Bearer {token.text}", "Tasuki-Actor": self._config.actor}

    def _exchange(self, call: _Call, headers: Mapping[str, str]) -> _Raw:
        more = {} if call.content is None else {"Content-Type": call.content_type}
        if call.key:
            more["Idempotency-Key"] = call.key
        with (
            _typed_errors(),
            self._client.stream(
                call.method,
                call.path,
                params=call.params,
                content=call.content,
                headers={**headers, **more},
            ) as response,
        ):
            return _Raw(
                response.status_code,
                response.headers.get("content-type", "").partition(";")[0].strip().lower(),
                _whole_seconds(response.headers.get("retry-after", "")),
                _content(response),
            )

    def _current_token(self) -> _Token:
        with self._token_lock:
            if self._token is None or self._token.until <= self._clock.now():
                self._token = self._new_token()
            return self._token

    def _forget(self, token: _Token) -> None:
        with self._token_lock:
            if self._token is token:
                self._token = None

    def _new_token(self) -> _Token:
        asked_at = self._clock.now()
        call = _Call(
            "POST",
            "/oauth/token",
            str(httpx2.QueryParams(self._token_request(asked_at))).encode("ascii"),
            content_type="application/x-www-form-urlencoded",
        )
        members = Members(_good(self._exchange(call, {})).value())
        life = members.whole("expires_in") * 1000
        if members.text("token_type").lower() != "bearer" or life <= 0:
            raise UnreadableAnswer("a token of another type")
        # A token that lives shorter than the margin serves this one call.
        return _Token(
            members.text("access_token"), Millis(asked_at + max(life - _TOKEN_MARGIN_MS, 0))
        )

    def _token_request(self, now: Millis) -> dict[str, str]:
        issued = now // 1000
        client = self._config.client_id
        claims: dict[str, JSONValue] = {
            "iss": client,
            "sub": client,
            "aud": self._config.origin,
            "iat": issued,
            "exp": issued + _ASSERTION_LIFE_S,
            "jti": secrets.token_urlsafe(_KEY_BYTES),
        }
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": sign_jwt(claims, key=self._client_key, typ=_ASSERTION_TYP),
        }


def path_id(text: str) -> str:
    """
    Return an identifier that may stand in a path.

    Raises:
        MalformedRequest: It may not.
    """
    if not _ID.fullmatch(text) or set(text) == {"."}:
        raise MalformedRequest("not-an-identifier")
    return text


def _certificates(config: DeskConfig) -> "ssl.SSLContext | bool":
    if config.ca_file is None:
        return True
    try:
        context = ssl.create_default_context()
        context.load_verify_locations(config.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise BadDeskConfig("ca_file") from error
    return context


@contextlib.contextmanager
def _typed_errors() -> Iterator[None]:
    try:
        yield
    except httpx2.TransportError as error:
        raise GatewayUnreachable("no answer of the gateway arrived") from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise UnreadableAnswer("an answer cannot be read") from error


def _content(response: httpx2.Response) -> bytes:
    # We asked for no compression, and unpack none: a small answer stays small.
    if response.headers.get("content-encoding", "identity") != "identity":
        raise UnreadableAnswer("an answer is packed")
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MAX_ANSWER_BYTES:
            raise UnreadableAnswer("an answer is too large")
    return bytes(content)


def _good(raw: _Raw) -> _Raw:
    """Return an answer of a 2xx status; raise what any other says."""
    if HTTPStatus(200) <= raw.status < HTTPStatus(300):
        return raw
    if raw.media_type == "application/problem+json":
        raise read_problem(Members(raw.value()), status=raw.status, retry_after=raw.retry_after)
    if raw.status in _SILENT:
        raise GatewayUnreachable("no answer of the gateway arrived")
    if raw.media_type == "application/json":
        # RFC 6749 5.2: a token endpoint has its own form.
        raise GatewayProblem(raw.status, Members(raw.value()).text("error"))
    raise UnreadableAnswer("something else answered")


def _whole_seconds(text: str) -> int | None:
    return int(text) if _SECONDS.fullmatch(text) else None
