"""What agencies declare, over real HTTP: who may, what is refused, what it recalls."""

import time
from typing import Any

import pytest

from gateway.api.registers.declarations import path_of
from gateway.audit.verify import Evidence, verify_evidence
from gateway.domain.log import EntryType
from gateway.services.registers.declaration_rules import RULES
from tests.simulators.declarations import KINDS, declaration
from tests.simulators.member import CITY, HIDAMARI, SHAKYO, Cast, Member

ABSENT = "01a21250-0000-7000-8000-000000000000"
CONVENER = "city-convener"
OF_THE_MUNICIPALITY = ("mode_switch", "stalker_notice", "flag_source")


@pytest.fixture(scope="module")
def bodies(cast: Cast) -> dict[str, dict[str, Any]]:
    """What あおば市 may declare, by kind."""
    city, since = cast.city, _now() - 60_000
    subject, other = city.subject("declared-1"), city.subject("declared-2")
    convener = {"id": CONVENER, "roles": ["convener"], "term_from": since, "term_to": None}
    city.made(f"/v1/agencies/{CITY}/actors", convener)
    terms = {"basis": "shien_kaigi_swa", "local_name_ja": "会議", "founding_rule": "要綱"}
    meeting = city.made("/v1/conferences", {**terms, "valid_from": since})["id"]
    given = {"capacity": "self", "method": "paper", "valid_from": since}
    consent = city.made("/v1/consents", {"subject": subject, **given})["id"]
    named = {"subject": subject, "other": other, "conference": meeting, "consent": consent}
    return {kind: declaration(kind, now=_now(), **named) for kind in KINDS}


@pytest.fixture(scope="module")
def made(cast: Cast, bodies: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What あおば市 has declared, by kind."""
    return {
        kind: cast.city.made(f"/v1/{path_of(kind)}", bodies[kind], **_post(kind)) for kind in KINDS
    }


def _post(kind: str) -> dict[str, Any]:
    """Return the acting person whose post a kind demands."""
    return {"Tasuki_Actor": CONVENER} if kind == "mode_switch" else {}


def _now() -> int:
    return time.time_ns() // 1_000_000


def _bare(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "instance"}


@pytest.mark.parametrize("kind", OF_THE_MUNICIPALITY)
def test_matter_of_the_municipality_is_closed_to_a_member(
    cast: Cast, bodies: dict[str, dict[str, Any]], kind: str
) -> None:
    answer = cast.shakyo.post(f"/v1/{path_of(kind)}", bodies[kind])

    assert (403, "agency-not-authorized") == (answer.status, answer.problem)


@pytest.mark.parametrize("kind", ["designation", "statutory_request"])
def test_matter_of_a_public_body_is_closed_to_a_private_one(cast: Cast, kind: str) -> None:
    subject = cast.shakyo.subject("declared-private")
    body = declaration(kind, now=_now(), subject=subject)

    answer = cast.shakyo.post(f"/v1/{path_of(kind)}", body)

    assert (403, "agency-not-authorized") == (answer.status, answer.problem)


@pytest.mark.parametrize("kind", ["council_notice", "list_entry", "rights_request", "rebasing"])
def test_meeting_or_person_of_another_agency_is_answered_like_an_absent_one(
    cast: Cast, bodies: dict[str, dict[str, Any]], kind: str
) -> None:
    path, member = f"/v1/{path_of(kind)}", "conference" if kind == "council_notice" else "subject"

    theirs = cast.shakyo.post(path, bodies[kind])
    absent = cast.shakyo.post(path, {**bodies[kind], member: ABSENT})

    assert (404, 404) == (theirs.status, absent.status)
    assert _bare(theirs.json()) == _bare(absent.json())


@pytest.mark.parametrize("kind", [k for k in KINDS if RULES[k].ends])
def test_ending_by_another_agency_is_answered_like_an_absent_one(
    cast: Cast, made: dict[str, dict[str, Any]], kind: str
) -> None:
    path = f"/v1/{path_of(kind)}"

    theirs = cast.shakyo.post(f"{path}/{made[kind]['id']}/end", {})
    absent = cast.shakyo.post(f"{path}/{ABSENT}/end", {})

    reserved = {"mode_switch", "stalker_notice", "statutory_request"}  # to a post, or public bodies
    expected = 403 if kind in reserved else 404
    assert (expected, expected) == (theirs.status, absent.status)
    assert _bare(theirs.json()) == _bare(absent.json())


@pytest.mark.parametrize("kind", [k for k in KINDS if RULES[k].seen_by and k != "mode_switch"])
def test_declaration_that_concerns_others_is_answered_like_an_absent_one(
    cast: Cast, made: dict[str, dict[str, Any]], kind: str
) -> None:
    path = f"/v1/{path_of(kind)}"

    theirs = cast.shakyo.get(f"{path}/{made[kind]['id']}")
    absent = cast.shakyo.get(f"{path}/{ABSENT}")

    assert (404, 404) == (theirs.status, absent.status)
    assert _bare(theirs.json()) == _bare(absent.json())


def test_stalker_notice_is_shown_and_listed_to_nobody(
    cast: Cast, made: dict[str, dict[str, Any]]
) -> None:
    for member in (cast.city, cast.hidamari):
        one = member.get(f"/v1/stalker-notices/{made['stalker_notice']['id']}")
        all_of_them = member.get("/v1/stalker-notices")

        assert (404, 405) == (one.status, all_of_them.status)


@pytest.mark.parametrize("kind", KINDS)
def test_key_with_another_body_is_a_conflict_and_the_same_request_is_answered_again(
    cast: Cast, bodies: dict[str, dict[str, Any]], made: dict[str, dict[str, Any]], kind: str
) -> None:
    path, key = f"/v1/{path_of(kind)}", {"Idempotency_Key": f"declared-{kind}", **_post(kind)}
    first = cast.city.post(path, bodies[kind], **key)
    again = cast.city.post(path, bodies[kind], **key)
    other = cast.city.post(path, {**bodies[kind], **_other(kind)}, **key)

    assert (201, 201) == (first.status, again.status), first.body
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["log_index"] == again.json()["log_index"]
    assert (409, "IDEMPOTENCY_KEY_REUSED") == (other.status, other.json()["detail"])


def _other(kind: str) -> dict[str, Any]:
    if kind == "flag_source":
        return {"checked_at": 1}
    return {"mode": "disaster_imminent"} if kind == "mode_switch" else _later(kind)


def _later(kind: str) -> dict[str, Any]:
    past = {"rebasing": "rebased_at", "stalker_notice": "notified_at"}
    return {past.get(kind, "valid_to"): _now() - (60_000 if kind in past else -60_000)}


@pytest.mark.parametrize("kind", KINDS)
def test_declaration_is_proven_and_shown_to_whom_it_concerns(
    cast: Cast, made: dict[str, dict[str, Any]], kind: str
) -> None:
    evidence = Evidence.from_json(made[kind]["evidence"])
    verify_evidence(evidence, cast.trusted, type_=EntryType.REGISTER)

    path, rule = f"/v1/{path_of(kind)}", RULES[kind]
    if rule.seen_by:
        shown = cast.city.get(f"{path}/{made[kind]['id']}").json()
        assert made[kind]["id"] == shown["id"]
        assert not {"person", "persons", "supporter_person"} & set(shown)
    if rule.is_listed:
        name = path_of(kind).replace("-", "_")
        assert made[kind]["id"] in [d["id"] for d in cast.city.get(path).json()[name]]
    named = {"council_notice", "joint_use_notice", "use_purpose", "designation", "mode_switch"}
    if kind in named:
        assert made[kind]["id"] == cast.hidamari.get(f"{path}/{made[kind]['id']}").json()["id"]


def test_mode_that_would_last_too_long_or_begin_later_is_a_violation(
    cast: Cast, bodies: dict[str, dict[str, Any]]
) -> None:
    now = _now()
    for member, value in (("ends_at", now + 31 * 86_400_000), ("starts_at", now + 3_600_000)):
        body = {**bodies["mode_switch"], member: value}

        answer = cast.city.post("/v1/mode-switches", body, **_post("mode_switch"))

        assert (422, [f"/{member}"]) == (
            answer.status,
            [error["pointer"] for error in answer.json()["errors"]],
        )


def test_mode_ends_once(cast: Cast, bodies: dict[str, dict[str, Any]]) -> None:
    post = _post("mode_switch")
    switched = cast.city.made("/v1/mode-switches", bodies["mode_switch"], **post)
    path = f"/v1/mode-switches/{switched['id']}/end"

    ended = cast.city.post(path, {}, **post)
    again = cast.city.post(path, {}, **post)

    assert (201, 2) == (ended.status, ended.json()["version"])
    assert (409, "ALREADY_ENDED") == (again.status, again.json()["detail"])


def _sent(cast: Cast, sender: Member, recipient: Member, body: dict[str, Any]) -> tuple[str, str]:
    """Disclose and upload; return where the disclosure is seen and where it is opened."""
    disclosed = sender.made("/v1/disclosures", body)
    path = f"/v1/disclosures/{disclosed['disclosure_id']}"
    payload = sender.payload(disclosed["units"][0], cast.trusted)
    sent = sender.put(f"{path}/payloads/{recipient.agency}", payload)
    assert 201 == sent.status, sent.body
    return path, f"/v1/inbox/{sent.json()['delivery_id']}"


def _state(sender: Member, disclosure: str) -> str:
    state: str = sender.get(disclosure).json()["units"][0]["delivery"]["state"]
    return state


def test_notice_of_stalking_recalls_what_waits_and_its_end_lets_pass_again(cast: Cast) -> None:
    city = cast.city
    subject, _ = cast.consented("declared-stalked")
    body = city.disclosure(subject, HIDAMARI)
    waiting, _ = _sent(cast, city, cast.hidamari, body)
    notice = declaration("stalker_notice", now=_now(), subject=subject, agency=HIDAMARI)

    made = city.made("/v1/stalker-notices", notice)
    recalled = _state(city, waiting)
    refused = city.post("/v1/disclosures", body)
    city.made(f"/v1/stalker-notices/{made['id']}/end", {})
    permitted = city.post("/v1/disclosures", body)

    assert ("recalled", 403, 201) == (recalled, refused.status, permitted.status)
    assert "disclosure-refused" == refused.problem


def test_end_of_joint_use_takes_back_what_waits_when_somebody_opens_it(cast: Cast) -> None:
    """It concerns no person: what stands under it is judged again when it is opened."""
    sender, recipient = cast.hidamari, cast.shakyo
    told = declaration("joint_use_notice", now=_now(), agency=SHAKYO)
    covered = {"records": ["subject"], "item_classes": ["IDN", "CON"]}
    notice = sender.made("/v1/joint-use-notices", {**told, **covered})
    body = sender.disclosure(sender.subject("declared-joint"), SHAKYO)
    sent = [_sent(cast, sender, recipient, body) for _ in range(2)]
    before = recipient.get(sent[0][1])

    sender.made(f"/v1/joint-use-notices/{notice['id']}/end", {})
    after = recipient.get(sent[1][1])

    assert (200, 409, "RECALLED") == (before.status, after.status, after.json()["detail"])
    assert ["opened", "recalled"] == [_state(sender, path) for path, _ in sent]
