"""
Bad input at every entry point, taken from the OpenAPI document, so that none is forgotten.

Whatever arrives: the answer is a problem of the one shape, says nothing that was sent, and
nothing has been written.
"""

import gzip
import json
import socket
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.simulators.description import body_schema, plausible_body, resolved
from tests.simulators.member import CITY, HIDAMARI, Cast, Member
from tests.simulators.served import Answer
from tests.simulators.waiting import eventually

CANARY: Final = "架空太郎"
PROBLEM_MEMBERS: Final = frozenset(
    {
        "type",
        "title",
        "status",
        "instance",
        "detail",
        "errors",
        "reasons",
        "units",
        "decision_id",
        "disclosure_id",
        "advice_ja",
        "advice_en",
    }
)
VIOLATION: Final = (422, "schema-violation")
DEEP: Final = b'{"a":' + b"[" * 900 + b"]" * 900 + b"}"
UNREADABLE: Final = {
    "broken": b'{"a": ',
    "not-an-object": b"[]",
    "member-twice": b'{"a": 1, "a": 2}',
    "member-twice-by-escape": b'{"a": 1, "\\u0061": 2}',
    "member-twice-by-case": b'{"a": 1, "A": 2}',
    "nan": b'{"a": NaN}',
    "infinity": b'{"a": 1e999}',
    "fraction": b'{"a": 1.5}',
    "deep": DEEP,
    "long-integer": b'{"a": ' + b"9" * 5000 + b"}",
    "beyond-2^53": b'{"a": 9007199254740993}',
    "lone-surrogate": b'{"a": "\\ud800"}',
    "nul": b'{"a": "\\u0000"}',
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "utf-8-broken": b'{"a": "\xff"}',
    "byte-order-mark": b'\xef\xbb\xbf{"a": 1}',
}
MEDIA: Final = {
    "text": ("text/plain", None),
    "missing": (None, None),
    "form": ("application/x-www-form-urlencoded", None),
    "utf-16": ("application/json; charset=utf-16", None),
    "two-parameters": ("application/json; charset=utf-8; version=1", None),
    "gzip": ("application/json", "gzip"),
}


@pytest.fixture(scope="module")
def document(cast: Cast) -> dict[str, Any]:
    """The OpenAPI document as served."""
    found: dict[str, Any] = cast.city.get("/openapi.json").json()
    return found


@pytest.fixture(scope="module")
def entry_points(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path with ids of another form than any here, and operation of each JSON body."""
    found = [
        (method.upper(), _concrete(path), operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    ]
    assert len(found) > 30  # a document without entry points would prove nothing
    return found


def test_every_change_of_state_reads_a_body_or_none_at_all(document: dict[str, Any]) -> None:
    """Nothing that writes is outside of this matrix but those that read no body."""
    bare = [
        path
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method != "get"
        and "application/json" not in operation.get("requestBody", {}).get("content", {})
    ]

    assert ["/oauth/token", "/v1/alerts/{alert_id}/seen"] == sorted(bare)


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_unreadable_body_is_malformed_everywhere(
    cast: Cast, entry_points: list[tuple[str, str, Any]], body: bytes
) -> None:
    for method, path, _ in entry_points:
        answer = cast.city.send(method, path, body)

        _check_problem(answer, 400, "malformed-request", (method, path))


@pytest.mark.parametrize("media", MEDIA.values(), ids=MEDIA.keys())
def test_other_media_type_is_refused_everywhere(
    cast: Cast, entry_points: list[tuple[str, str, Any]], media: tuple[str | None, str | None]
) -> None:
    kind, coding = media
    for method, path, _ in entry_points:
        body = gzip.compress(b"{}") if coding else b"{}"
        answer = cast.city.send(method, path, body, Content_Type=kind, Content_Encoding=coding)

        _check_problem(answer, *_kind_of(path, 415, "unsupported-media-type"), (method, path))


def test_oversized_body_is_refused_everywhere(
    cast: Cast, entry_points: list[tuple[str, str, Any]]
) -> None:
    body = json.dumps({"a": "x" * 600_000}).encode()
    for method, path, _ in entry_points:
        answer = cast.city.send(method, path, body)

        _check_problem(answer, *_kind_of(path, 413, "content-too-large"), (method, path))


def test_unknown_member_is_a_violation_everywhere_and_is_not_named(
    cast: Cast, entry_points: list[tuple[str, str, Any]], document: dict[str, Any]
) -> None:
    for method, path, operation in entry_points:
        body = {**plausible_body(operation, document), CANARY: CANARY, "is_admin": True}
        answer = cast.city.send(method, path, _bytes(body))

        _check_problem(answer, *_kind_of(path, *VIOLATION), (method, path))
        rules = {e["message"] for e in answer.json()["errors"]}
        assert "extra_forbidden" in rules, (method, path)


def test_wrong_type_is_a_violation_at_every_member(
    cast: Cast, entry_points: list[tuple[str, str, Any]], document: dict[str, Any]
) -> None:
    tried = 0
    for method, path, operation in entry_points:
        for name, wrong in _wrong_types(body_schema(operation, document), document):
            body = {**plausible_body(operation, document), name: wrong}
            answer = cast.city.send(method, path, _bytes(body))

            _check_problem(answer, *_kind_of(path, *VIOLATION), (method, path, name, wrong))
            pointers = [e["pointer"] for e in answer.json()["errors"]]
            assert any(p.startswith(f"/{name}") for p in pointers), (path, name, pointers)
            tried += 1
    assert tried > 300


def test_missing_member_is_a_violation_everywhere(
    cast: Cast, entry_points: list[tuple[str, str, Any]], document: dict[str, Any]
) -> None:
    for method, path, operation in entry_points:
        for name in body_schema(operation, document).get("required", ()):
            body = plausible_body(operation, document)
            del body[name]
            answer = cast.city.send(method, path, _bytes(body))

            _check_problem(answer, *_kind_of(path, *VIOLATION), (method, path, name))


def test_missing_token_is_not_authenticated_everywhere(
    cast: Cast, document: dict[str, Any]
) -> None:
    for method, path in _guarded(document):
        answer = cast.city.send(method, path, b"not even read", Authorization=None)

        _check_problem(answer, 401, "agency-not-authenticated", (method, path))


def test_foreign_token_is_not_authenticated_everywhere(
    cast: Cast, document: dict[str, Any]
) -> None:
    stranger = Member(CITY, "city-desk", "city-1")
    foreign = stranger.assertion()
    for method, path in _guarded(document):
        answer = cast.city.send(method, path, b"{}", Authorization=f"Bearer {foreign}")

        _check_problem(answer, 401, "agency-not-authenticated", (method, path))


def test_missing_idempotency_key_is_malformed_wherever_it_is_required(
    cast: Cast, entry_points: list[tuple[str, str, Any]], document: dict[str, Any]
) -> None:
    wanted = [e for e in entry_points if _requires(e[2], "Idempotency-Key")]
    assert len(wanted) > 10
    for method, path, operation in wanted:
        body = _bytes(plausible_body(operation, document))
        for key in (None, "", "with space", "鍵", "k" * 101):
            sent = None if key is None else key.encode().decode("latin-1")
            answer = cast.city.send(method, path, body, Idempotency_Key=sent)

            _check_problem(answer, 400, "malformed-request", (method, path, key))
            assert "idempotency-key" == answer.json()["detail"]


def test_missing_actor_is_malformed_wherever_it_is_required(
    cast: Cast, document: dict[str, Any]
) -> None:
    wanted = [
        (method.upper(), _concrete(path))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if _requires(operation, "Tasuki-Actor")
    ]
    assert len(wanted) > 25
    for method, path in wanted:
        for actor in (None, "", "a b", "x" * 81):
            answer = cast.city.send(method, path, b"{}", Tasuki_Actor=actor)

            _check_problem(answer, 400, "malformed-request", (method, path, actor))


def test_unknown_query_is_malformed_everywhere(cast: Cast, document: dict[str, Any]) -> None:
    """A token or a name in a query would end up in the logs of others."""
    for path, operations in document["paths"].items():
        for method in operations:
            answer = cast.city.send(method.upper(), f"{_concrete(path)}?access_token=x", b"")

            _check_problem(answer, 400, "malformed-request", (method, path))


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=1000000000", "limit=x", "after=x"])
def test_page_out_of_range_or_tampered_cursor_is_malformed(cast: Cast, query: str) -> None:
    for path in ("/v1/inbox", "/v1/requests", "/v1/obligations", "/v1/alerts"):
        answer = cast.city.get(f"{path}?{query}")

        _check_problem(answer, 400, "malformed-request", (path, query))


def test_cursor_of_another_agency_is_malformed(cast: Cast) -> None:
    for count in range(2):
        cast.city.made(
            "/v1/requests",
            {"controller": HIDAMARI, "purpose": "refer"},
            Idempotency_Key=f"for-a-cursor-{count}",
        )
    page = cast.city.get("/v1/requests?role=asker&limit=1")
    cursor = page.json()["next"]

    own = cast.city.get(f"/v1/requests?role=asker&limit=1&after={cursor}")
    other = cast.hidamari.get(f"/v1/requests?role=asker&limit=1&after={cursor}")

    assert f"after={cursor}" in page.headers["link"]
    assert 200 == own.status
    assert own.json()["requests"] != page.json()["requests"]
    _check_problem(other, 400, "malformed-request", "cursor")


@pytest.mark.parametrize("method", ["TRACE", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_other_method_is_not_allowed(cast: Cast, method: str) -> None:
    answer = cast.city.send(method, "/v1/disclosures")

    assert 405 == answer.status
    assert "POST" == answer.headers["allow"]


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/redoc", "/v2/inbox", "/v1/inbox/", "//v1/inbox", "/v1/%2e%2e/metrics"]
)
def test_path_of_no_route_is_not_found_and_never_redirected(cast: Cast, path: str) -> None:
    answer = cast.city.get(path)

    _check_problem(answer, 404, "not-found", path)


def test_method_override_is_not_heard(cast: Cast) -> None:
    answer = cast.city.send("GET", "/v1/disclosures", X_HTTP_Method_Override="POST")

    assert 405 == answer.status


def test_large_head_is_answered_before_the_application(cast: Cast) -> None:
    for headers in ({"X-Long": "x" * 70_000}, {f"X-{n}": "x" for n in range(90)}):
        connection = cast.gateway.http()

        answer = connection.send("GET", "/health/live", headers=headers)

        assert 400 == answer.status


@pytest.mark.parametrize(
    ("doubled", "status"),
    [("Authorization", 401), ("Tasuki-Actor", 400), ("Idempotency-Key", 400)],
)
def test_header_that_stands_there_twice_is_refused(cast: Cast, doubled: str, status: int) -> None:
    """Two readers could take different ones."""
    headers = cast.city.headers()
    lines = [f"{name}: {value}" for name, value in headers.items()]

    answer = _raw(cast, [*lines, f"{doubled}: {headers[doubled]}", "Content-Length: 2"], b"{}")

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        (["Content-Length: 2", "Transfer-Encoding: chunked"], b"0\r\n\r\n"),
        (["Content-Length: 2", "Content-Length: 3"], b"{}"),
        (["Content-Length: -1"], b""),
        (["Content-Length: 2x"], b"{}"),
        (["Transfer-Encoding: chunked"], b"zz\r\n"),
        (["Transfer-Encoding: gzip"], b"{}"),
        (["X-Folded: a\r\n b", "Content-Length: 2"], b"{}"),
    ],
    ids=["cl-te", "two-lengths", "negative", "not-a-number", "bad-chunk", "te-gzip", "obs-fold"],
)
def test_ambiguous_framing_is_answered_400_or_cut_off(
    cast: Cast, lines: list[str], body: bytes
) -> None:
    headers = [f"{name}: {value}" for name, value in cast.city.headers().items()]

    answer = _raw(cast, [*headers, *lines], body)

    assert not answer or answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 415 "))


def test_body_without_an_end_is_cut_off_at_the_limit(cast: Cast) -> None:
    headers = [f"{name}: {value}" for name, value in cast.city.headers().items()]
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"

    answer = _raw(cast, [*headers, "Transfer-Encoding: chunked"], chunk * 12)

    # Whoever goes on sending may be reset before the answer is read.
    assert not answer or answer.startswith(b"HTTP/1.1 413 ")
    eventually(lambda: 'status="413"' in cast.city.get("/metrics").body.decode())


# --- how ---------------------------------------------------------------------------------------


def _raw(cast: Cast, lines: list[str], body: bytes) -> bytes:
    """Send a request to the door as it is written; return what comes back until the end."""
    head = ["POST /v1/disclosures HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *lines]
    with socket.create_connection(("127.0.0.1", cast.gateway.port), timeout=20) as sock:
        answer = b""
        try:
            sock.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + body)
            sock.shutdown(socket.SHUT_WR)
            while chunk := sock.recv(65_536):
                answer += chunk
        except TimeoutError:
            raise
        except OSError:
            return answer  # cut off, in whichever way the system tells
        return answer


def _check_problem(answer: Answer, status: int, name: str, where: object) -> None:
    assert (status, name) == (answer.status, answer.problem), (where, answer.body[:400])
    problem = answer.json()
    assert problem.keys() <= PROBLEM_MEMBERS, where
    assert status == problem["status"]
    assert CANARY not in answer.body.decode(), where
    assert "no-store" == answer.headers["cache-control"], where
    assert "nosniff" == answer.headers["x-content-type-options"], where


def _kind_of(path: str, status: int, name: str) -> tuple[int, str]:
    """Return what is answered there: AuthZEN 1.0 has 400 for whatever is wrong with a body."""
    return (400, "malformed-request") if path.startswith("/access/") else (status, name)


def _concrete(path: str) -> str:
    """Return a path whose ids are of a good form and stand for nothing."""
    return "/".join("absent-1" if part.startswith("{") else part for part in path.split("/"))


def _guarded(document: dict[str, Any]) -> list[tuple[str, str]]:
    found = [
        (method.upper(), _concrete(path))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "security" in operation
    ]
    assert all(
        path.startswith(("/v1/", "/access/", "/audit/records"))
        == ((method.upper(), _concrete(path)) in found)
        for path, operations in document["paths"].items()
        for method in operations
    )
    return found


def _requires(operation: dict[str, Any], header: str) -> bool:
    return any(p["name"] == header and p["required"] for p in operation.get("parameters", ()))


def _wrong_types(schema: dict[str, Any], document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each member with values of other types; also those that convert elsewhere."""
    for name, member in schema["properties"].items():
        kinds = {resolved(s, document).get("type") for s in member.get("anyOf", [member])}
        candidates: tuple[Any, ...] = ("7", 7, True, None, [CANARY], {CANARY: CANARY})
        for candidate in candidates:
            if _kind(candidate) not in kinds and kinds != {None}:
                yield name, candidate


def _kind(value: Any) -> str:
    names = {
        str: "string",
        int: "integer",
        bool: "boolean",
        type(None): "null",
        list: "array",
        dict: "object",
    }
    return names[type(value)]


def _bytes(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
