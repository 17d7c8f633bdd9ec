"""When the rules or the log are silent, nothing passes, and the answer says whom to telephone."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.simulators.member import HIDAMARI, Cast
from tests.simulators.served import Answer


@pytest.fixture
def without_engine(sqlite_url: str, tmp_path: Path) -> Iterator[Cast]:
    """A gateway whose sidecar is not there."""
    with Cast.on(sqlite_url, tmp_path, pdp="opa", opa_port=_nobodys_port()) as cast:
        yield cast


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


def test_silent_log_refuses_everything_that_would_have_to_be_recorded(own_cast: Cast) -> None:
    cast = own_cast
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


def test_silent_log_hands_out_no_envelope(own_cast: Cast) -> None:
    """``opened`` comes before the first byte."""
    cast = own_cast
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


def _nobodys_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
