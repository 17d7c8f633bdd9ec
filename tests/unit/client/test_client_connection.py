"""What is repeated, what is not, and what counts as an answer; over real HTTP."""

import gzip
import socket
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import httpx2
import pytest

from gateway.client import Desk, GatewayProblem, GatewayUnreachable, Proposal, UnreadableAnswer
from gateway.client.config import load_desk_keys
from gateway.client.connection import MAX_ANSWER_BYTES, Connection
from tests.unit.client.conftest import CITY, RECORD, SmallGateway, desk_config


@pytest.fixture
def connect(gateway: SmallGateway, tmp_path: Any) -> Iterator[Callable[..., Connection]]:
    """Connects to a server that answers everything but tokens with one response."""
    opened: list[Connection] = []

    def answer(response: Callable[[httpx2.Request], httpx2.Response]) -> Connection:
        config = desk_config(gateway, CITY, tmp_path)
        token = {"access_token": "t", "token_type": "Bearer", "expires_in": 600}

        def handle(request: httpx2.Request) -> httpx2.Response:
            if request.url.path == "/oauth/token":
                return httpx2.Response(200, json=token)
            return response(request)

        opened.append(
            Connection(
                config,
                load_desk_keys(config.keys_dir).client,
                clock=gateway.clock,
                transport=httpx2.MockTransport(handle),
            )
        )
        return opened[-1]

    yield answer
    for connection in opened:
        connection.close()


def _calls(gateway: SmallGateway, path: str) -> list[dict[str, Any]]:
    return [call for call in gateway.asked if call["path"] == path]


@pytest.mark.parametrize(
    ("status", "content", "headers"),
    [
        (200, b"<html>", {}),
        (200, b'{"subject":"a","subject":"b"}', {}),
        (200, b'{"subject":1.5}', {}),
        (200, b'["s-1"]', {}),
        (200, b'{"subject":1}', {}),
        (200, b"{}", {}),
        (302, b"", {"Location": "http://127.0.0.1:1/"}),
        (500, b"x", {}),
        (200, b" " * (MAX_ANSWER_BYTES + 1), {}),
        (200, gzip.compress(b'{"subject":"s"}'), {"Content-Encoding": "gzip"}),
        (403, b'{"type":1}', {"Content-Type": "application/problem+json"}),
    ],
    ids=count(),
)
def test_answer_of_something_else_is_refused(
    connect: Callable[..., Connection], status: int, content: bytes, headers: dict[str, str]
) -> None:
    connection = connect(lambda _: httpx2.Response(status, content=content, headers=headers))

    with pytest.raises(UnreadableAnswer):
        connection.post("/v1/subjects/resolve", {}).text("subject")


def test_redirect_is_not_followed(connect: Callable[..., Connection]) -> None:
    asked: list[str] = []

    def elsewhere(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        if len(asked) > 1:
            return httpx2.Response(200, json={"subject": "s-1"})
        return httpx2.Response(307, headers={"Location": "/elsewhere"})

    with pytest.raises(UnreadableAnswer):
        connect(elsewhere).post("/v1/subjects/resolve", {})
    assert ["/v1/subjects/resolve"] == asked


@pytest.mark.parametrize("status", [502, 503, 504])
def test_silent_gateway_is_asked_again_and_then_reported(
    connect: Callable[..., Connection], status: int
) -> None:
    keys: list[str] = []

    def silent(request: httpx2.Request) -> httpx2.Response:
        keys.append(request.headers["idempotency-key"])
        return httpx2.Response(status, text="<html>")

    with pytest.raises(GatewayUnreachable):
        connect(silent).post("/v1/disclosures", {})
    assert [keys[0]] * 3 == keys


def test_gateway_that_states_a_problem_is_not_asked_again(
    connect: Callable[..., Connection],
) -> None:
    asked: list[str] = []
    problem = {
        "type": "https://gw.example/problems/audit-unavailable",
        "advice_ja": "まず電話",
        "advice_en": "Telephone first",
    }

    def unavailable(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        headers = {"Content-Type": "application/problem+json", "Retry-After": "7"}
        return httpx2.Response(503, json=problem, headers=headers)

    with pytest.raises(GatewayProblem) as stated:
        connect(unavailable).post("/v1/disclosures", {})
    assert ["/v1/disclosures"] == asked
    assert ("audit-unavailable", "まず電話", 7) == (
        stated.value.code,
        stated.value.advice_ja,
        stated.value.retry_after,
    )


def test_gateway_that_is_not_there_is_unreachable(
    gateway: SmallGateway, new_desk: Callable[..., Desk]
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        desk = new_desk(CITY, gateway=f"http://127.0.0.1:{port}")

        with pytest.raises(GatewayUnreachable):
            desk.subject("case-1")


def test_system_that_is_not_registered_gets_no_token(gateway: SmallGateway, city: Desk) -> None:
    gateway.systems.clear()

    with pytest.raises(GatewayProblem) as refused:
        city.subject("case-1")
    assert (401, "invalid_client") == (refused.value.status, refused.value.code)
    assert [] == _calls(gateway, "/v1/subjects/resolve")


def test_call_that_moves_something_on_is_not_repeated(gateway: SmallGateway, city: Desk) -> None:
    path = "/v1/inbox/del-1/acknowledgement"
    gateway.drop = [path]

    with pytest.raises(GatewayUnreachable):
        city.acknowledge("del-1")
    assert 1 == len(_calls(gateway, path))


def test_lost_answer_is_asked_for_again_with_the_same_key(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    gateway.drop = ["/v1/disclosures"]

    answer = city.ask(proposal, RECORD)

    first, second = _calls(gateway, "/v1/disclosures")
    assert first["headers"]["Idempotency-Key"] == second["headers"]["Idempotency-Key"]
    assert ["dec-1"] == [unit.decision_id for unit in answer.units]
    assert ["dec-1"] == list(gateway.units)


def test_key_of_an_earlier_attempt_brings_the_earlier_answer(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    first = city.ask(proposal, RECORD, key="kept-by-the-case-system")
    again = city.ask(proposal, RECORD, key="kept-by-the-case-system")
    other = city.ask(proposal, RECORD)

    assert first.disclosure_id == again.disclosure_id != other.disclosure_id


def test_token_is_kept_until_shortly_before_its_end(gateway: SmallGateway, city: Desk) -> None:
    city.subject("case-1")
    gateway.clock.advance(569_999)
    city.subject("case-1")
    assert 1 == len(_calls(gateway, "/oauth/token"))

    gateway.clock.advance(1)
    city.subject("case-1")
    assert 2 == len(_calls(gateway, "/oauth/token"))


def test_token_that_the_gateway_forgot_is_replaced_once(gateway: SmallGateway, city: Desk) -> None:
    city.subject("case-1")
    gateway.tokens.clear()
    assert "s-case-1" == city.subject("case-1")

    gateway.lie = lambda path, body: (
        {**body, "access_token": "x"} if path == "/oauth/token" else body
    )
    gateway.tokens.clear()
    with pytest.raises(GatewayProblem, match="401 agency-not-authenticated"):
        city.subject("case-1")
    assert 3 == len(_calls(gateway, "/oauth/token"))


def test_lost_token_is_asked_for_with_another_assertion(gateway: SmallGateway, city: Desk) -> None:
    gateway.drop = ["/oauth/token"]
    assert "s-case-1" == city.subject("case-1")

    first, second = (call["body"] for call in _calls(gateway, "/oauth/token"))
    assert first != second


def test_who_acts_is_said_to_the_gateway_and_not_to_the_public(
    gateway: SmallGateway, city: Desk
) -> None:
    city.subject("case-1")
    city.watch()

    said = {call["path"]: call["headers"] for call in gateway.asked}
    assert "a-yamada" == said["/v1/subjects/resolve"]["Tasuki-Actor"]
    assert {"Authorization", "Tasuki-Actor"}.isdisjoint(said["/audit/checkpoint"])


def test_proxy_of_the_environment_never_sees_what_stays_on_this_computer(
    gateway: SmallGateway, new_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    assert "s-case-1" == new_desk(CITY).subject("case-1")
