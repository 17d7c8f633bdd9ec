"""
Names in every free field reach no line of the log, no metric, no problem and no leaf.

The same look at a build with leaks planted in it finds each of them; a test that could not
fail would prove nothing.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from gateway.api.registers.declarations import path_of
from gateway.domain.errors import MalformedRequest
from tests.simulators.databases import SQLiteDatabases
from tests.simulators.declarations import KINDS, declaration
from tests.simulators.member import CITY, HIDAMARI, Cast, Member, found_by
from tests.simulators.served import Answer, ServedGateway

NAME: Final = "架空田花子"
ROMAN: Final = "Kakuuda Hanako"
CANARIES: Final = (NAME, ROMAN, json.dumps(NAME), "%E6%9E%B6%E7%A9%BA")
TEXT: Final = f"{NAME} / {ROMAN}"


@pytest.fixture(scope="module")
def talked(cast: Cast) -> list[Answer]:
    """Everything a member can say, said with names in it; the answers that were problems."""
    return [answer for answer in _talk(cast) if answer.problem]


def test_names_are_in_no_line_of_the_log(cast: Cast, talked: list[Answer]) -> None:
    lines = cast.gateway.lines.getvalue()

    assert "request.answered" in lines
    assert set() == _found(lines)


def test_names_are_in_no_metric(cast: Cast, talked: list[Answer]) -> None:
    text = cast.city.get("/metrics").body.decode()

    assert "tasuki_http_answers_total" in text
    assert set() == _found(text)


def test_metrics_have_no_ids_as_labels(cast: Cast, talked: list[Answer]) -> None:
    text = cast.city.get("/metrics").body.decode()

    for id_ in (CITY, HIDAMARI, cast.city.actor, cast.city.system, "01a2"):
        assert id_ not in text


def test_names_are_in_no_problem(talked: list[Answer]) -> None:
    assert len(talked) > 10
    for answer in talked:
        assert set() == _found(answer.body.decode()), answer.body
        assert set() == _found(json.dumps(dict(answer.headers)))


def test_names_are_in_no_leaf_and_no_readable_body(cast: Cast, talked: list[Answer]) -> None:
    context = cast.gateway.parts.context
    size = context.log.checkpoint(context.log_id).size
    leaves = b"\n".join(context.log.leaves(context.log_id, 0, size)).decode()

    assert size > 20
    assert set() == _found(leaves)


def test_names_are_in_no_file_of_the_database_but_where_policy_reads_them(
    cast: Cast, talked: list[Answer]
) -> None:
    """Asserted words stay encrypted with the decision; references are kept as digests."""
    url = cast.gateway.settings.database_url.removeprefix("sqlite:///")

    content = b""
    for suffix in ("", "-wal"):
        with open(url + suffix, "rb") as file:  # noqa: PTH123 - beside the database
            content += file.read()

    assert HIDAMARI.encode() in content
    assert "架空言葉".encode() not in content
    assert "架空参照".encode() not in content


def test_lines_of_the_log_hold_registered_members_alone(cast: Cast, talked: list[Answer]) -> None:
    lines = [json.loads(line) for line in cast.gateway.lines.getvalue().splitlines()]
    answered = [line for line in lines if line["event"] == "request.answered"]

    known = {"timestamp", "level", "event", "request_id", "method", "route", "status"}
    assert all(line.keys() <= known | {"duration_ms", "agency_id"} for line in answered)
    assert all(f"{CITY}/" not in line["route"] for line in answered)
    assert {"/v1/disclosures/{disclosure_id}"} <= {line["route"] for line in answered}
    assert CITY in {line.get("agency_id") for line in answered}


def test_error_that_nobody_foresaw_says_nothing(leaky: Cast) -> None:
    answer = leaky.city.send("POST", "/leak/crash", TEXT.encode())

    assert (500, "internal") == (answer.status, answer.problem)
    assert set() == _found(answer.body.decode())
    assert {"type", "title", "status", "instance", "advice_ja", "advice_en"} == set(answer.json())
    assert set() == _found(leaky.gateway.lines.getvalue())


def test_planted_leaks_are_found(leaky: Cast) -> None:
    problem = leaky.city.send("POST", "/leak/problem", TEXT.encode())
    leaky.city.send("POST", "/leak/line", TEXT.encode())
    leaky.city.send("POST", "/leak/metric", TEXT.encode())

    lines, metrics = leaky.gateway.lines.getvalue(), leaky.city.get("/metrics").body.decode()

    assert "malformed-request" == problem.problem
    assert {NAME, ROMAN} <= _found(problem.body.decode())
    assert {NAME, ROMAN} <= _found(lines)
    assert {NAME, ROMAN} <= _found(metrics)


@pytest.fixture
def leaky(
    sqlite_databases: SQLiteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """A build into which leaks were planted."""
    city = Member(CITY, "city-desk", "city-1")

    def before(app: FastAPI) -> None:
        found_by(city)(app)
        _plant(app)

    home = tmp_path_factory.mktemp("leaky")
    with (
        sqlite_databases.fresh() as url,
        ServedGateway.on(url, home, before=before) as gateway,
    ):
        cast = Cast(gateway, city.at(gateway), city, city)
        gateway.parts.services[_Lines] = gateway.lines  # type: ignore[index]
        yield cast


class _Lines:
    """Names the buffer of lines among the parts of a leaky build."""


def _plant(app: FastAPI) -> None:
    @app.post("/leak/problem")
    async def problem(request: Request) -> Response:
        raise MalformedRequest((await request.body()).decode())

    @app.post("/leak/line")
    async def line(request: Request) -> Response:
        lines: Any = request.app.state.parts.services[_Lines]
        lines.write((await request.body()).decode() + "\n")
        return JSONResponse({})

    @app.post("/leak/metric")
    async def metric(request: Request) -> Response:
        request.app.state.parts.metrics.decided((await request.body()).decode())
        return JSONResponse({})

    @app.post("/leak/crash")
    async def crash(request: Request) -> Response:
        said = (await request.body()).decode()
        raise RuntimeError(said)


def _talk(cast: Cast) -> Iterator[Answer]:
    city, now = cast.city, cast.gateway.parts.context.clock.now()
    yield city.post("/v1/subjects/resolve", {"local_ref": f"架空参照 {TEXT}"})
    yield city.post("/v1/subjects/resolve", {"local_ref": TEXT + "\n"})
    subject, consent = cast.consented(f"架空参照 {TEXT}", text_version=ROMAN)
    words = {
        "fact": "danger",
        "value": NAME,
        "evidence": "heard",
        "text": f"架空言葉 {TEXT}",
    }
    asked = city.disclosure(subject, HIDAMARI, asserted=[words])
    yield city.post("/v1/disclosures", asked)
    told = {**asked, "direction": "oral", "occurred_at": now - 60_000, "late_reason": TEXT}
    yield city.post("/v1/disclosures", told)
    yield city.post("/v1/disclosures", {**asked, "purpose": TEXT})
    yield city.post("/v1/disclosures", {**asked, NAME: 1})
    yield city.post("/v1/disclosures", {**asked, "subjects": [TEXT]})
    yield city.send("POST", "/v1/disclosures", f'{{"{NAME}": "{ROMAN}"'.encode())
    yield city.get("/v1/disclosures/%E6%9E%B6%E7%A9%BA")
    yield city.get("/v1/inbox?name=%E6%9E%B6%E7%A9%BA")
    yield city.get("/%E6%9E%B6%E7%A9%BA")
    yield city.get("/v1/inbox", Tasuki_Actor=ROMAN, Authorization=f"Bearer {ROMAN}")
    yield city.post("/v1/disclosures", asked, Tasuki_Actor=ROMAN)
    yield city.post("/v1/disclosures", asked, Idempotency_Key=ROMAN)
    yield city.post("/v1/approvals", {"document_no": TEXT, "kind": TEXT})
    yield city.post(
        "/v1/approvals",
        {
            "kind": "unread_narrative",
            "approver": city.actor,
            "document_no": TEXT[:60],
            "approved_at": now - 1000,
            "expires_at": now + 60_000,
            "subject": subject,
            "recipient": HIDAMARI,
            "purpose": "refer",
            "fields": [],
        },
    )
    yield city.post(
        "/v1/conferences",
        {
            "basis": "shien_kaigi_swa",
            "local_name_ja": TEXT,
            "founding_rule": TEXT,
            "valid_from": now - 1000,
            "valid_to": None,
        },
    )
    for kind in KINDS:
        body = declaration(kind, now=now, subject=subject, other=subject, conference="absent")
        yield city.post(f"/v1/{path_of(kind)}", _named(body))
    evaluated = {
        "subject": {"type": ROMAN, "id": TEXT},
        "action": {"name": TEXT},
        "resource": {"type": NAME, "id": f"架空参照 {TEXT}"},
        "context": {"asserted": [words]},
    }
    yield city.post("/access/v1/evaluation", evaluated)
    yield city.post("/access/v1/evaluation", evaluated, X_Request_ID=f"{ROMAN} ")
    yield city.post("/access/v1/evaluation", {**evaluated, NAME: 1})
    yield city.post("/access/v1/evaluations", {**evaluated, "evaluations": [{}, {NAME: ROMAN}]})
    jwk = {"kty": TEXT, NAME: TEXT}
    yield city.post(f"/v1/agencies/{CITY}/keys", {"use": "seal", "jwk": jwk})
    yield city.post(f"/v1/consents/{consent}/withdrawal", {"withdrawn_at": TEXT})
    yield city.token_answer(client_assertion=ROMAN, scope=ROMAN)
    entry = cast.gateway.parts.context
    head = entry.log.checkpoint(entry.log_id).size
    leaf = json.loads(entry.log.leaves(entry.log_id, head - 1, head)[0])
    yield city.post(f"/audit/records/entries/{leaf['e']}", {"reason": TEXT})
    yield city.get("/v1/disclosures/absent")


def _named(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body with names wherever somebody may write words."""
    words = {"number", "file_name_ja", "name_ja", "ground_ja", "ward", "reference", "area"}
    words |= {"article", "document_no", "necessity"}
    said = {name: TEXT[:80] for name in body if name in words}
    return {**body, **said, **({"areas": [TEXT]} if "areas" in body else {})}


def _found(text: str) -> set[str]:
    return {canary for canary in CANARIES if canary in text}
