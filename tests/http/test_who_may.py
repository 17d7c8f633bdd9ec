"""Who may: tokens, suspension, and ids of others, which are as if they were not there."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from gateway.crypto.jwt import sign_jwt
from tests.simulators.databases import SQLiteDatabases
from tests.simulators.declarations import declaration
from tests.simulators.description import plausible_body
from tests.simulators.member import CITY, HIDAMARI, SHAKYO, Cast, Member, found_by
from tests.simulators.served import ORIGIN, Answer, ServedGateway

PUBLISHED = ("get", "/v1/agencies/{agency_id}/keys")  # every member may see them
SECOND = "city-2"
RESERVED = (  # to the operator, officers, the municipality or public bodies
    "/v1/agencies/",
    "/v1/alerts/",
    "/audit/records/",
    "/v1/mode-switches/",
    "/v1/stalker-notices/",
    "/v1/statutory-requests/",
)
ABSENT = "01a21250-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_assertion_type": "other"}, 400, "invalid_request"),
        ({"password": "x"}, 400, "invalid_request"),
        ({"client_assertion": "a.b.c"}, 401, "invalid_client"),
        ({"scope": "auditor"}, 400, "invalid_scope"),
    ],
)
def test_token_is_not_issued_for_another_form(
    cast: Cast, changes: dict[str, str], status: int, error: str
) -> None:
    answer = cast.hidamari.token_answer(**changes)

    assert (status, {"error": error}) == (answer.status, answer.json())


@pytest.mark.parametrize(
    "changes",
    [
        lambda _: {"aud": f"{ORIGIN}/oauth/token"},
        lambda _: {"aud": [ORIGIN, "https://other.example"]},
        lambda _: {"sub": "city-desk"},
        lambda now: {"exp": now + 3600},
        lambda _: {"exp": None},
        lambda now: {"iat": now + 61},
    ],
    ids=["aud-endpoint", "aud-list", "sub-other", "too-long", "endless", "ahead"],
)
def test_token_is_not_issued_for_another_assertion(
    cast: Cast, changes: Callable[[int], dict[str, Any]]
) -> None:
    assertion = cast.hidamari.assertion(**changes(int(time.time())))

    answer = cast.hidamari.token_answer(client_assertion=assertion)

    assert (401, {"error": "invalid_client"}) == (answer.status, answer.json())


def test_assertion_is_accepted_once(cast: Cast) -> None:
    assertion = cast.hidamari.assertion()

    first = cast.hidamari.token_answer(client_assertion=assertion)
    second = cast.hidamari.token_answer(client_assertion=assertion)

    assert [200, 401] == [first.status, second.status]


def test_token_is_narrowed_to_the_scope_asked_for(cast: Cast) -> None:
    token = cast.city.token_answer(scope="member").json()

    answer = cast.city.get("/v1/alerts", Authorization=f"Bearer {token['access_token']}")

    assert "member" == token["scope"]
    assert (403, "agency-not-authorized") == (answer.status, answer.problem)


@pytest.mark.parametrize("typ", ["JWT", "client-authentication+jwt", "at+jwt"])
def test_token_of_a_members_own_making_is_not_authenticated(cast: Cast, typ: str) -> None:
    now = int(time.time())
    claims = {
        "iss": ORIGIN,
        "aud": ORIGIN,
        "sub": "city-desk",
        "client_id": "city-desk",
        "agency": CITY,
        "tenant": "aoba",
        "scope": "operator",
        "iat": now,
        "exp": now + 60,
        "jti": "own-making",
    }
    forged = sign_jwt(claims, key=cast.hidamari.client_key, typ=typ)

    answer = cast.hidamari.get("/v1/inbox", Authorization=f"Bearer {forged}")

    assert 401 == answer.status


def test_token_in_another_place_is_not_authenticated(cast: Cast) -> None:
    token = cast.city.token()

    basic = cast.city.get("/v1/inbox", Authorization=f"Basic {token}")
    cookie = cast.city.get("/v1/inbox", Authorization=None, Cookie=f"token={token}")
    forwarded = cast.city.get("/v1/inbox", Authorization=None, X_Client_Cert="city")

    assert [401, 401, 401] == [basic.status, cookie.status, forwarded.status]


def test_member_may_not_do_what_is_the_operators(cast: Cast) -> None:
    for path, body in (
        ("/v1/agencies", _agency("tsukushi")),
        (f"/v1/agencies/{SHAKYO}/suspension", {"suspended": True}),
        (f"/v1/agencies/{SHAKYO}/keys", {"use": "seal", "jwk": {"kty": "EC"}}),
    ):
        answer = cast.hidamari.post(path, body)

        assert (403, "agency-not-authorized") == (answer.status, answer.problem), path


def test_person_of_another_agency_may_not_act(cast: Cast) -> None:
    subject, _ = cast.consented("case-other-actor")
    asked = cast.city.disclosure(subject, HIDAMARI)

    answer = cast.city.post("/v1/disclosures", asked, Tasuki_Actor=cast.hidamari.actor)

    assert (403, "agency-not-authorized") == (answer.status, answer.problem)


@pytest.fixture(scope="module")
def of_the_city(cast: Cast) -> dict[str, str]:
    """Ids of everything that あおば市 has, by the parameter that names them."""
    city, now = cast.city, cast.gateway.parts.context.clock.now()
    subject, consent = cast.consented("case-of-the-city")
    asked = city.disclosure(subject, HIDAMARI)
    disclosed = city.made("/v1/disclosures", asked)
    path = f"/v1/disclosures/{disclosed['disclosure_id']}/payloads/{HIDAMARI}"
    sent = city.put(path, city.payload(disclosed["units"][0], cast.trusted)).json()
    told = {**asked, "direction": "oral", "occurred_at": now - 60_000}
    city.made("/v1/disclosures", told)
    dated = {"valid_from": now - 60_000, "valid_to": None}
    term = {"term_from": now - 60_000, "term_to": None}
    named = {"subject": subject, "recipient": HIDAMARI}
    conference = city.made(
        "/v1/conferences",
        {"basis": "shien_kaigi_swa", "local_name_ja": "会議", "founding_rule": "要綱", **dated},
    )["id"]
    item = city.made(
        f"/v1/conferences/{conference}/agenda-items",
        {"basis": "shien_kaigi_swa", "nature": "individual", "opens_at": now - 60_000},
    )["id"]
    approval = {"kind": "unread_narrative", "approver": city.actor, "document_no": "1"}
    entrusted = {"kind": "entrustment", "contractor": HIDAMARI, "controller": CITY}
    agreed = {"second_person": SECOND, "second_agreed": "call_back"}
    city.made(f"/v1/agencies/{CITY}/actors", {"id": SECOND, "roles": [], **term})
    flag = {"subject": subject, "kind": "dv", "effective_from": now - 60_000}
    made = {
        "approval_id": (
            "/v1/approvals",
            {**approval, **named, "purpose": "refer", "approved_at": now - 1000},
        ),
        "entrustment_id": ("/v1/entrustments", {**entrusted, **dated}),
        "appointment_id": (
            "/v1/appointments",
            {"actor": city.actor, "office": "minsei_iin", **term},
        ),
        "agreement_id": (
            "/v1/emergency-agreements",
            {**named, **agreed, "agreed_at": now - 1000, "expires_at": now + 60_000},
        ),
        "flag_id": ("/v1/protection-flags", flag),
        "declaration_id": ("/v1/list-entries", declaration("list_entry", now=now, subject=subject)),
    }
    return {
        **{name: city.made(path, body)["id"] for name, (path, body) in made.items()},
        "conference_id": conference,
        "item_id": item,
        "consent_id": consent,
        "disclosure_id": disclosed["disclosure_id"],
        "delivery_id": sent["delivery_id"],
        "entry_id": json.loads(disclosed["units"][0]["evidence"]["leaf"])["e"],
        "request_id": city.made("/v1/requests", {"controller": HIDAMARI, "purpose": "refer"})[
            "request_id"
        ],
        "task_id": cast.hidamari.get("/v1/obligations").json()["tasks"][0]["id"],
        "alert_id": ABSENT,
        "recipient": HIDAMARI,
        "agency_id": CITY,
        "actor_id": city.actor,
        "kid": city.sign_key.kid,
        "subject": subject,
    }


def test_id_of_another_agency_is_answered_like_an_absent_one_on_every_path(
    cast: Cast, of_the_city: dict[str, str]
) -> None:
    """社協 is neither sender nor recipient of any of it; taken from the OpenAPI document."""
    document = cast.city.get("/openapi.json").json()
    tried = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if "{" not in path or "security" not in operation or (method, path) == PUBLISHED:
                continue
            body = plausible_body(operation, document) if "requestBody" in operation else None
            theirs = _ask(cast.shakyo, method, path, body, of_the_city)
            absent = _ask(cast.shakyo, method, path, body, dict.fromkeys(of_the_city, ABSENT))

            assert _shape(absent) == _shape(theirs), (method, path)
            assert theirs.status in {403, 404}, (method, path, theirs.body)
            assert path.startswith(RESERVED) or 404 == theirs.status, (method, path, theirs.body)
            tried += 1
    assert tried > 25


def test_handle_of_another_agency_cannot_be_linked(cast: Cast, of_the_city: dict[str, str]) -> None:
    theirs = cast.shakyo.post("/v1/subject-links", {"subject": of_the_city["subject"]})
    absent = cast.shakyo.post("/v1/subject-links", {"subject": ABSENT})

    assert (404, "not-found") == (theirs.status, theirs.problem)
    assert _shape(absent) == _shape(theirs)


def test_id_of_another_form_is_answered_like_an_absent_one(cast: Cast) -> None:
    absent = cast.city.get(f"/v1/consents/{ABSENT}")

    for id_ in ("x" * 81, "%00", "%E6%9E%B6", "a%20b", "..%2f"):
        answer = cast.city.get(f"/v1/consents/{id_}")

        assert _shape(absent) == _shape(answer), id_


def test_handle_of_another_agency_cannot_be_disclosed(
    cast: Cast, of_the_city: dict[str, str]
) -> None:
    theirs = cast.shakyo.post(
        "/v1/disclosures", cast.shakyo.disclosure(of_the_city["subject"], HIDAMARI)
    )
    absent = cast.shakyo.post("/v1/disclosures", cast.shakyo.disclosure(ABSENT, HIDAMARI))

    assert (404, "not-found") == (theirs.status, theirs.problem)
    assert _shape(absent) == _shape(theirs)


def test_suspended_agency_is_out_at_once_and_its_deliveries_come_back(own_cast: Cast) -> None:
    cast = own_cast
    subject, _ = cast.consented("case-suspended")
    disclosed = cast.city.made("/v1/disclosures", cast.city.disclosure(subject, HIDAMARI))
    path = f"/v1/disclosures/{disclosed['disclosure_id']}/payloads/{HIDAMARI}"
    cast.city.put(path, cast.city.payload(disclosed["units"][0], cast.trusted))
    before = cast.hidamari.get("/v1/inbox")

    cast.city.made(f"/v1/agencies/{HIDAMARI}/suspension", {"suspended": True})
    after = cast.hidamari.get("/v1/inbox")
    others = [
        cast.hidamari.send(method.upper(), re.sub(r"\{[a-z_]+\}", "absent-1", path), b"{}")
        for path, operations in cast.city.get("/openapi.json").json()["paths"].items()
        for method, operation in operations.items()
        if "security" in operation
    ]
    token = cast.hidamari.token_answer()
    seen = cast.city.get(f"/v1/disclosures/{disclosed['disclosure_id']}").json()

    assert 200 == before.status
    assert (403, "agency-not-authorized") == (after.status, after.problem)
    assert len(others) > 40
    assert {(403, "agency-not-authorized")} == {(a.status, a.problem) for a in others}
    assert (401, {"error": "invalid_client"}) == (token.status, token.json())
    assert "recalled" == seen["units"][0]["delivery"]["state"]


def test_gateway_started_again_goes_on_where_it_was(
    sqlite_databases: SQLiteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same rules are announced once, and the log only grows."""
    city, home = Member(CITY, "city-desk", "city-1"), tmp_path_factory.mktemp("again")
    with sqlite_databases.fresh() as url:
        with ServedGateway.on(url, home, before=found_by(city)) as gateway:
            before = city.at(gateway).get("/audit/checkpoint").body.split(b"\n")
        with ServedGateway.on(url, home) as gateway:
            again = city.at(gateway).get("/audit/checkpoint").body.split(b"\n")
            subject = city.subject("case-again")

    assert before[:3] == again[:3]
    assert subject


def _ask(
    member: Member, method: str, path: str, body: dict[str, Any] | None, ids: dict[str, str]
) -> Answer:
    concrete = path.format_map(ids)
    return member.send(
        method.upper(), concrete, None if body is None else json.dumps(body).encode()
    )


def _shape(answer: Answer) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Return everything of an answer but when it was and which occurrence it is."""
    headers = {n: v for n, v in answer.headers.items() if n not in {"date", "tasuki-request-id"}}
    problem = {n: v for n, v in answer.json().items() if n != "instance"}
    return answer.status, headers, problem


def _agency(id_: str) -> dict[str, Any]:
    return {
        "id": id_,
        "kind": "npo",
        "regime": "private",
        "country": "JP",
        "name_ja": "こども食堂つくし",
        "valid_from": 0,
    }
