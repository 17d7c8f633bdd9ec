"""When the rules or the log are silent, nothing passes, and the answer says whom to telephone."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulators.databases import SQLiteDatabases
from tests.simulators.member import CITY, HIDAMARI, Cast, Member, found_by
from tests.simulators.served import Answer, ServedGateway


@pytest.fixture
def without_engine(
    sqlite_databases: SQLiteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """A gateway whose sidecar is not there."""
    yield from _cast(sqlite_databases, tmp_path_factory, pdp="opa", opa_port=_nobodys_port())


@pytest.fixture
def without_log(
    sqlite_databases: SQLiteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """A gateway whose log writer has stopped after everybody joined."""
    yield from _cast(sqlite_databases, tmp_path_factory)


def test_silent_engine_refuses_and_the_refusal_is_recorded(without_engine: Cast) -> None:
    cast = without_engine
    subject, _ = cast.consented("case-silent-engine")

    answer = cast.city.post("/v1/disclosures", cast.city.disclosure(subject, HIDAMARI))

    assert (503, "decision-unavailable") == (answer.status, answer.problem)
    problem = answer.json()
    (unit,) = problem["units"]
    assert [] == unit["fields_permitted"]
    assert ["DECISION_UNAVAILABLE"] == [r["code"] for r in unit["reasons"]]
    seen = cast.city.get(f"/v1/disclosures/{problem['disclosure_id']}").json()
    assert unit["decision_id"] == seen["units"][0]["decision_id"]
    assert "refused" == seen["units"][0]["state"]
    _check_advice(answer)


def test_silent_engine_makes_the_gateway_unready_and_not_dead(without_engine: Cast) -> None:
    ready = without_engine.city.get("/health/ready")

    assert 503 == ready.status
    assert {"database": True, "log": True, "policy": False} == ready.json()["checks"]
    assert 200 == without_engine.city.get("/health/live").status


def test_silent_log_refuses_everything_that_would_have_to_be_recorded(without_log: Cast) -> None:
    cast = without_log
    subject, consent = cast.consented("case-silent-log")
    asked = cast.city.made("/v1/disclosures", cast.city.disclosure(subject, HIDAMARI))
    payload = cast.city.payload(asked["units"][0], cast.trusted)
    path = f"/v1/disclosures/{asked['disclosure_id']}/payloads/{HIDAMARI}"
    writer: Any = cast.gateway.parts.context.writer
    writer.close()

    answers = [
        cast.city.post("/v1/disclosures", cast.city.disclosure(subject, HIDAMARI)),
        cast.city.put(path, payload),
        cast.city.post(f"/v1/consents/{consent}/withdrawal", {}),
        cast.city.post("/v1/subjects/resolve", {"local_ref": "case-new"}),
    ]

    assert [(503, "audit-unavailable")] * 4 == [(a.status, a.problem) for a in answers]
    for answer in answers:
        _check_advice(answer)
    assert [] == cast.hidamari.get("/v1/inbox").json()["deliveries"]
    checks = cast.city.get("/health/ready").json()["checks"]
    assert {"database": True, "log": False, "policy": True} == checks


def test_silent_log_hands_out_no_envelope(without_log: Cast) -> None:
    """``opened`` comes before the first byte."""
    cast = without_log
    subject, _ = cast.consented("case-waiting")
    asked = cast.city.made("/v1/disclosures", cast.city.disclosure(subject, HIDAMARI))
    payload = cast.city.payload(asked["units"][0], cast.trusted)
    path = f"/v1/disclosures/{asked['disclosure_id']}/payloads/{HIDAMARI}"
    sent = cast.city.put(path, payload).json()
    writer: Any = cast.gateway.parts.context.writer
    writer.close()

    answer = cast.hidamari.get(f"/v1/inbox/{sent['delivery_id']}")

    assert (503, "audit-unavailable") == (answer.status, answer.problem)
    assert payload["envelope"] not in answer.body.decode()


def _check_advice(answer: Answer) -> None:
    problem = answer.json()
    assert all(number in problem["advice_ja"] for number in ("189", "110", "119"))
    assert problem["advice_en"]


def _cast(
    databases: SQLiteDatabases, homes: pytest.TempPathFactory, **settings: Any
) -> Iterator[Cast]:
    city = Member(CITY, "city-desk", "city-1")
    with (
        databases.fresh() as url,
        ServedGateway.on(url, homes.mktemp("silent"), before=found_by(city), **settings) as gateway,
    ):
        yield Cast.furnish(gateway, city)


def _nobodys_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
