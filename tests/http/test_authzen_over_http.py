"""AuthZEN 1.0 over HTTP: one kind of no, a yes that permits nothing, and everything recorded."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from gateway.domain.log import EntryType
from gateway.services.recording import Recorder
from tests.simulators.authzen import as_published, errors_of, interop_requests
from tests.simulators.databases import SQLiteDatabases
from tests.simulators.member import CITY, HIDAMARI, Cast, Member
from tests.simulators.served import Answer

ONE: Final = "/access/v1/evaluation"
SEVERAL: Final = "/access/v1/evaluations"
_refs: Final = itertools.count()


@pytest.fixture(scope="module")
def cast(
    sqlite_databases: SQLiteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    """A gateway that may be asked as often as these tests ask."""
    home = tmp_path_factory.mktemp("gateway")
    with (
        sqlite_databases.fresh() as url,
        Cast.on(url, home, dry_runs_per_minute=10_000) as cast,
    ):
        yield cast


def question(ref: str, **parts: Any) -> dict[str, Any]:
    """Return whether ひだまり could get name and telephone of the person called ``ref``."""
    return {
        "subject": {"type": "agency", "id": HIDAMARI},
        "action": {"name": "refer"},
        "resource": {"type": "subject", "id": ref},
        "context": {"profile": "referral_basic"},
        **parts,
    }


def ask(member: Member, body: Mapping[str, Any], path: str = ONE, **headers: Any) -> Answer:
    """Ask and hold question and answer against our schemas and the published ones."""
    name = path.rpartition("/")[2]
    assert [] == errors_of(f"{name}-request", body)
    assert as_published(f"{name}-request", body)
    answer = member.post(path, body, Idempotency_Key=None, **headers)
    if answer.status == 200:
        said, alone = answer.json(), path == ONE or not body.get("evaluations")
        assert [] == errors_of(f"{'evaluation' if alone else 'evaluations'}-response", said)
        for one in [said] if alone else said["evaluations"]:
            assert as_published("evaluation-response", one)
    return answer


def answered(member: Member, body: Mapping[str, Any], **headers: Any) -> dict[str, Any]:
    answer = ask(member, body, **headers)
    assert 200 == answer.status, answer.body
    found: dict[str, Any] = answer.json()
    return found


def recorded(cast: Cast, since: int = 0) -> list[dict[str, Any]]:
    """Return the bodies of the decisions in the log, oldest first."""
    context = cast.gateway.parts.context
    size = context.log.checkpoint(context.log_id).size
    leaves = map(json.loads, context.log.leaves(context.log_id, since, size))
    recorder = Recorder(context)
    return [recorder.body_of(leaf["e"]) for leaf in leaves if leaf["ty"] == EntryType.DECISION]


def size_of(cast: Cast) -> int:
    context = cast.gateway.parts.context
    return context.log.checkpoint(context.log_id).size


def rows(cast: Cast, table: str) -> list[Mapping[str, Any]]:
    context = cast.gateway.parts.context
    return list(context.registers.rows(context.tenant_id, table, {}))


def fresh(name: str) -> str:
    return f"{name}-{next(_refs)}"


# --- who and what is refused ---------------------------------------------------------------------


@pytest.mark.parametrize("path", [ONE, SEVERAL])
def test_question_without_a_token_is_not_authenticated(cast: Cast, path: str) -> None:
    answer = ask(cast.city, question("case-1"), path, Authorization=None, X_Request_ID="r-1")

    assert (401, "agency-not-authenticated") == (answer.status, answer.problem)
    assert ("Bearer", "r-1") == (
        answer.headers["www-authenticate"],
        answer.headers["x-request-id"],
    )


@pytest.mark.parametrize("path", [ONE, SEVERAL])
def test_question_with_a_token_of_another_scope_is_not_authorized(cast: Cast, path: str) -> None:
    token = cast.city.token_answer(scope="officer").json()["access_token"]

    answer = ask(cast.city, question("case-1"), path, Authorization=f"Bearer {token}")

    assert (403, "agency-not-authorized") == (answer.status, answer.problem)


def test_question_by_a_person_of_another_agency_is_not_authorized(cast: Cast) -> None:
    answer = ask(cast.city, question("case-1"), Tasuki_Actor=cast.hidamari.actor)

    assert (403, "agency-not-authorized") == (answer.status, answer.problem)


@pytest.mark.parametrize(
    "body",
    [
        b'{"subject": ',
        b"[]",
        b"",
        b'{"subject": 1, "subject": 2}',
        b'{"a": 1.5}',
        b'{"a": "' + b"x" * 600_000 + b'"}',
        json.dumps({**question("case-1"), "extra": 1}).encode(),
        json.dumps(question("case-1", subject={"type": "agency", "id": 7})).encode(),
        json.dumps(question("case-1", context={"time": "now"})).encode(),
        json.dumps(question("case\n1")).encode(),
        json.dumps(
            question("case-1", context={"co_subjects": [{"id": "case-1", "relation": "household"}]})
        ).encode(),
        json.dumps(question("case-1", context={"fields": [{"id": "subject.no_such"}]})).encode(),
    ],
    ids=lambda body: body[:60].decode(),
)
@pytest.mark.parametrize("path", [ONE, SEVERAL])
def test_question_that_cannot_be_read_is_answered_400_and_not_recorded(
    cast: Cast, path: str, body: bytes
) -> None:
    before = size_of(cast)

    answer = cast.city.send("POST", path, body, X_Request_ID="r-2")

    assert (400, "malformed-request") == (answer.status, answer.problem), answer.body
    assert "r-2" == answer.headers["x-request-id"]
    assert before == size_of(cast)


def test_question_of_another_media_type_is_answered_400(cast: Cast) -> None:
    answer = cast.city.post(ONE, question("case-1"), Content_Type="text/plain")

    assert (400, "malformed-request") == (answer.status, answer.problem)


def test_question_of_nobody_is_answered_400(cast: Cast) -> None:
    answer = ask(cast.city, question("case-1"), Tasuki_Actor=None)

    assert (400, "actor") == (answer.status, answer.json()["detail"])


@pytest.mark.parametrize("said", ["", "r 1", "要求", "x" * 129])
def test_request_id_of_another_form_is_malformed_and_not_echoed(cast: Cast, said: str) -> None:
    sent = said.encode().decode("latin-1")

    answer = ask(cast.city, question("case-1"), X_Request_ID=sent)

    assert (400, "request-id") == (answer.status, answer.json()["detail"])
    assert "x-request-id" not in answer.headers


# --- one kind of no ------------------------------------------------------------------------------


def _unknown(cast: Cast) -> dict[str, Any]:
    return question(fresh("nobody"))


def _ungrounded(cast: Cast) -> dict[str, Any]:
    cast.city.subject(ref := fresh("ungrounded"))
    return question(ref)


def _flagged(cast: Cast) -> dict[str, Any]:
    """Consent is there; the recipient is the counterpart, and officers alone may hear so."""
    subject, _ = cast.consented(ref := fresh("flagged"))
    now = cast.gateway.parts.context.clock.now()
    flag = {"subject": subject, "kind": "dv", "effective_from": now - 60_000}
    cast.city.made("/v1/protection-flags", {**flag, "counterpart_agencies": [HIDAMARI]})
    return question(ref)


def _withdrawn(cast: Cast) -> dict[str, Any]:
    _, consent = cast.consented(ref := fresh("withdrawn"))
    assert cast.city.post(f"/v1/consents/{consent}/withdrawal", {}).status in {200, 201}
    return question(ref)


def _held(cast: Cast) -> dict[str, Any]:
    """An officer could lift it: only texts that nobody has read."""
    cast.consented(ref := fresh("held"), item_classes=["IDN", "CON", "NAR"])
    return question(
        ref,
        resource={"type": "referral", "id": ref},
        context={"fields": [{"id": "referral.heard_summary"}]},
    )


def _no_agency(cast: Cast) -> dict[str, Any]:
    cast.consented(ref := fresh("agency"))
    return question(ref, subject={"type": "agency", "id": "agency-absent"})


def _no_system(cast: Cast) -> dict[str, Any]:
    """An agency's id is no system's."""
    cast.consented(ref := fresh("system"))
    return question(ref, subject={"type": "agency_system", "id": HIDAMARI})


def _no_purpose(cast: Cast) -> dict[str, Any]:
    cast.consented(ref := fresh("purpose"))
    return question(ref, action={"name": "GET"})


def _forbidden_purpose(cast: Cast) -> dict[str, Any]:
    cast.consented(ref := fresh("purpose"))
    return question(ref, action={"name": "marketing"})


def _no_record(cast: Cast) -> dict[str, Any]:
    cast.consented(ref := fresh("record"))
    return question(ref, resource={"type": "route", "id": ref})


NOES: Final = [
    _unknown,
    _ungrounded,
    _flagged,
    _withdrawn,
    _held,
    _no_agency,
    _no_system,
    _no_purpose,
    _forbidden_purpose,
    _no_record,
]


def test_every_no_is_the_same_but_for_its_ids(cast: Cast) -> None:
    """Byte for byte, headers too: nobody learns whether somebody is known or flagged."""
    shapes, outcomes = {}, set()
    for why in NOES:
        body, since = why(cast), size_of(cast)
        shapes[why.__name__] = _shape(ask(cast.city, body))
        (entry,) = recorded(cast, since)
        assert entry["dry_run"] is True
        outcomes.add((entry["outcome"], tuple(entry["reasons"]), tuple(entry["held_by"])))

    assert 1 == len(set(shapes.values())), shapes
    assert len(outcomes) > 5  # they are not the same to the log


def test_no_says_one_text_and_the_next_step(cast: Cast) -> None:
    said = answered(cast.city, _unknown(cast))

    text = cast.gateway.parts.context.rulebook.reason("NOT_SHAREABLE")
    assert said["decision"] is False
    assert {"decision_id", "log_index", "reason_user"} == said["context"].keys()
    assert text.title_ja in said["context"]["reason_user"]["ja"]
    assert text.next_step_en in said["context"]["reason_user"]["en"]


def test_counterpart_reaches_the_officer_and_the_entry_is_found(cast: Cast) -> None:
    said = answered(cast.city, _flagged(cast))["context"]

    alerts = [r for r in rows(cast, "notice") if r["decision_id"] == said["decision_id"]]

    assert ["alert"] == [a["kind"] for a in alerts]
    assert said["decision_id"] == _entry_at(cast, said["log_index"])["decision_id"]


# --- yes, and nothing passes ---------------------------------------------------------------------


def test_consent_is_yes_with_fields_and_duties_and_nothing_is_released(cast: Cast) -> None:
    cast.consented(ref := fresh("consented"))
    before = {table: len(rows(cast, table)) for table in ("unit", "disclosure", "delivery", "task")}

    answer = ask(cast.city, question(ref), X_Request_ID="bfe9eb29-ab87-4ca3-be83-a1d5d8305716")

    said = answer.json()
    assert said["decision"] is True
    assert ["subject.contact_ok", "subject.name_kana", "subject.name_original"] == [
        f for f in said["context"]["fields_permitted"] if f != "subject.phones"
    ]
    assert said["context"]["obligations"]
    assert "bfe9eb29-ab87-4ca3-be83-a1d5d8305716" == answer.headers["x-request-id"]
    assert ("application/json", "no-store") == (
        answer.headers["content-type"],
        answer.headers["cache-control"],
    )
    entry = _entry_at(cast, said["context"]["log_index"])
    assert (said["context"]["decision_id"], True, None) == (
        entry["decision_id"],
        entry["dry_run"],
        entry["expires_at"],
    )
    assert before == {table: len(rows(cast, table)) for table in before}
    assert [] == cast.hidamari.get("/v1/inbox").json()["deliveries"]
    sent = cast.city.put(
        f"/v1/disclosures/{entry['disclosure_id']}/payloads/{HIDAMARI}",
        {
            "decision_id": said["context"]["decision_id"],
            "fields": said["context"]["fields_permitted"],
            "envelope": "a.b.c.d.e",
        },
    )
    assert (404, "not-found") == (sent.status, sent.problem)
    seen = cast.city.get(f"/v1/disclosures/{entry['disclosure_id']}")
    assert (404, "not-found") == (seen.status, seen.problem)


def test_yes_is_what_the_disclosure_itself_is_answered(cast: Cast) -> None:
    subject, _ = cast.consented(ref := fresh("both"))
    fields = [{"id": "subject.name_original"}, {"id": "subject.phones"}]

    said = answered(
        cast.city, question(ref, context={"profile": "referral_basic", "fields": fields})
    )
    unit = cast.city.made("/v1/disclosures", cast.city.disclosure(subject, HIDAMARI))["units"][0]

    assert unit["fields_permitted"] == said["context"]["fields_permitted"]
    assert [o["code"] for o in unit["obligations"]] == [
        o["code"] for o in said["context"]["obligations"]
    ]


def test_recipient_named_by_its_system_is_the_agency(cast: Cast) -> None:
    cast.consented(ref := fresh("system"))
    subject = {"type": "agency_system", "id": cast.hidamari.system}

    said = answered(cast.city, question(ref, subject=subject))

    assert said["decision"] is True
    assert HIDAMARI == _entry_at(cast, said["context"]["log_index"])["recipient_agency"]


def test_acting_person_may_stand_in_the_context(cast: Cast) -> None:
    cast.consented(ref := fresh("context"))
    body = question(ref, context={"profile": "referral_basic", "actor": cast.city.actor})

    assert answered(cast.city, body, Tasuki_Actor=None)["decision"] is True


def test_reference_is_not_kept_and_leads_to_the_same_handle(cast: Cast) -> None:
    ref = fresh("架空参照の佐藤さん")
    subject, _ = cast.consented(ref)

    said = answered(cast.city, question(ref))

    entry = _entry_at(cast, said["context"]["log_index"])
    assert subject == entry["subject"]
    assert ref not in json.dumps(entry, ensure_ascii=False)


def test_published_questions_are_answered_no_and_recorded(cast: Cast) -> None:
    requests = interop_requests()
    if not requests:
        pytest.skip("the published interop scenario is not at hand")
    since = size_of(cast)

    decisions = [answered(cast.city, request)["decision"] for request in requests]
    batch = ask(cast.city, {"evaluations": requests}, SEVERAL).json()["evaluations"]

    assert [False] * 25 == decisions
    assert [False] * 25 == [one["decision"] for one in batch]
    entries = recorded(cast, since)
    assert 50 == len(entries)
    assert {("unknown", True)} == {(e["purpose"], e["dry_run"]) for e in entries}


# --- several -------------------------------------------------------------------------------------


def test_batch_is_answered_in_order_and_an_unreadable_item_stands_alone(cast: Cast) -> None:
    cast.consented(ref := fresh("batch"))
    shared = {n: v for n, v in question(ref).items() if n != "action"}
    body = {
        **shared,
        "evaluations": [
            {"action": {"name": "refer"}},
            {"action": {"name": "watch"}},
            {},
            {"action": {"name": "refer"}, "resource": {"type": "subject", "id": fresh("nobody")}},
            {"action": {"name": "refer"}, "context": {"fields": [{"id": "subject.no_such"}]}},
            {"action": {"name": "refer"}, "context": {"actor": "city-9"}},
        ],
    }

    answer = ask(cast.city, body, SEVERAL, X_Request_ID="batch-1")

    said = answer.json()["evaluations"]
    assert [True, False, False, False, False, False] == [one["decision"] for one in said]
    assert ["error" in one["context"] for one in said] == [False, False, True, False, True, True]
    assert {400} == {one["context"]["error"]["status"] for one in said if "error" in one["context"]}
    assert "/action" in said[2]["context"]["error"]["message"]
    indices = [one["context"]["log_index"] for one in said if "log_index" in one["context"]]
    assert sorted(indices) == indices
    assert "batch-1" == answer.headers["x-request-id"]


def test_batch_item_by_a_person_of_another_agency_stands_as_403(cast: Cast) -> None:
    cast.consented(ref := fresh("batch"))
    context = {"profile": "referral_basic"}
    body = {
        **question(ref),
        "evaluations": [
            {"context": {**context, "actor": cast.hidamari.actor}},
            {"context": {**context, "actor": cast.city.actor}},
        ],
    }

    said = ask(cast.city, body, SEVERAL, Tasuki_Actor=None).json()["evaluations"]

    assert 403 == said[0]["context"]["error"]["status"]
    assert [False, True] == [one["decision"] for one in said]


@pytest.mark.parametrize(
    ("semantic", "expected"),
    [
        ("execute_all", [True, False, True]),
        ("deny_on_first_deny", [True, False]),
        ("permit_on_first_permit", [True]),
    ],
)
def test_batch_goes_as_far_as_its_semantic_says(
    cast: Cast, semantic: str, expected: list[bool]
) -> None:
    cast.consented(ref := fresh("semantic"))
    body = {
        **question(ref),
        "options": {"evaluations_semantic": semantic},
        "evaluations": [{}, {"action": {"name": "watch"}}, {}],
    }
    since = size_of(cast)

    said = ask(cast.city, body, SEVERAL).json()["evaluations"]

    assert expected == [one["decision"] for one in said]
    assert len(expected) == len(recorded(cast, since))


@pytest.mark.parametrize("more", [{}, {"evaluations": []}], ids=["absent", "empty"])
def test_batch_of_none_is_answered_like_one_question(cast: Cast, more: dict[str, Any]) -> None:
    cast.consented(ref := fresh("single"))

    said = ask(cast.city, {**question(ref), **more}, SEVERAL).json()

    assert said["decision"] is True


def test_batch_of_fifty_is_answered_and_of_one_more_is_not(cast: Cast) -> None:
    ref = fresh("fifty")

    fifty = ask(cast.city, {**question(ref), "evaluations": [{}] * 50}, SEVERAL)
    more = cast.city.post(SEVERAL, {**question(ref), "evaluations": [{}] * 51})

    assert 50 == len(fifty.json()["evaluations"])
    assert (400, "malformed-request") == (more.status, more.problem)


# --- how often, silence, metadata ----------------------------------------------------------------


def test_more_than_the_limit_is_too_many_until_time_has_passed(
    sqlite_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("limit")
    with Cast.on(sqlite_url, home, dry_runs_per_minute=3) as cast:
        asked, batch = question("case-1"), {**question("case-1"), "evaluations": [{}, {}]}

        first = [ask(cast.city, batch, SEVERAL).status, ask(cast.city, asked).status]
        over = ask(cast.city, asked, X_Request_ID="over")
        other = ask(cast.shakyo, {**asked, "subject": {"type": "agency", "id": CITY}})

        assert [200, 200] == first
        assert (429, "too-many-requests") == (over.status, over.problem)
        assert 1 <= int(over.headers["retry-after"]) <= 20
        assert "over" == over.headers["x-request-id"]
        assert 200 == other.status
        assert 4 == len(recorded(cast))
        unread = cast.city.send("POST", ONE, b"{}")
        assert 400 == unread.status  # what is not asked is not counted


def test_silent_log_answers_nobody_and_never_yes(own_cast: Cast) -> None:
    cast = own_cast
    cast.consented(ref := fresh("silent"))
    writer: Any = cast.gateway.parts.context.writer
    writer.close()

    answers = [
        ask(cast.city, question(ref), X_Request_ID="r-3"),
        ask(cast.city, {**question(ref), "evaluations": [{}, {}]}, SEVERAL),
        ask(cast.city, question(fresh("silent"))),
    ]

    assert [(503, "audit-unavailable")] * 3 == [(a.status, a.problem) for a in answers]
    assert "r-3" == answers[0].headers["x-request-id"]


def test_metadata_names_what_exists_and_nothing_else(cast: Cast) -> None:
    answer = cast.gateway.http().send("GET", "/.well-known/authzen-configuration")

    said = answer.json()
    assert 200 == answer.status
    assert [] == errors_of("configuration", said)
    origin = said["policy_decision_point"]
    assert cast.gateway.parts.context.gateway == origin
    for member, path in (
        ("access_evaluation_endpoint", ONE),
        ("access_evaluations_endpoint", SEVERAL),
    ):
        assert origin + path == said[member]
        assert 400 == cast.city.send("POST", path, b"{}").status


# --- how -----------------------------------------------------------------------------------------


def _entry_at(cast: Cast, index: int) -> dict[str, Any]:
    context = cast.gateway.parts.context
    (leaf,) = context.log.leaves(context.log_id, index, index + 1)
    return Recorder(context).body_of(json.loads(leaf)["e"])


def _shape(answer: Answer) -> str:
    """Return everything of an answer but when it was and which occurrence it is."""
    varying = {"date", "tasuki-request-id", "content-length"}
    headers = {n: v for n, v in answer.headers.items() if n not in varying}
    body = re.sub(r'"decision_id":"[0-9a-f-]{36}"', "", answer.body.decode())
    body = re.sub(r'"log_index":[0-9]+', "", body)
    return json.dumps([answer.status, headers, body], sort_keys=True)
