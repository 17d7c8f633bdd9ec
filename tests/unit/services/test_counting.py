"""How much one person asked about lately, as policy is told it."""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.disclosure import Direction
from gateway.domain.ids import ActorId, AgencyId, SubjectId
from gateway.policy.contract import PolicyContract
from gateway.policy.serving import CurrentPolicy
from gateway.services.requests import AskedOf, InformationRequests
from tests.simulators.house import House, asked_of
from tests.simulators.policy_inputs import HOUR, POLICIES, SCHEMAS, known


@pytest.fixture
def question(house: House) -> dict[str, Any]:
    furnished: dict[str, Any] = known("consent_private")
    house.furnish(furnished)
    return furnished


@pytest.fixture
def counting(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack that counts over an hour."""
    thresholds = house.current.bundle.pack("default")["thresholds"]
    monkeypatch.setitem(thresholds, "rate_window_ms", HOUR)


def told(house: House) -> list[int]:
    """Return what policy was told each time, in the order of the log."""
    bodies = [body for _, body in house.entries(kinds={"decision"})]
    return [body["policy_input"]["computed"]["lately_count"] for body in bodies]


def test_nothing_is_counted_where_the_pack_has_no_window(
    house: House, question: dict[str, Any]
) -> None:
    for _ in range(2):
        house.disclose(question)

    assert [0, 0] == told(house)


@pytest.mark.usefixtures("counting")
def test_what_was_asked_within_the_window_is_counted_refused_or_not(
    house: House, question: dict[str, Any]
) -> None:
    house.disclose(question)
    house.disclose(question, purpose="improper")
    house.disclose(question)
    house.clock.advance(HOUR + 1)
    house.disclose(question)

    assert [0, 1, 2, 0] == told(house)


@pytest.mark.usefixtures("counting")
def test_units_of_one_request_count_one_after_the_other(
    house: House, question: dict[str, Any]
) -> None:
    sender = question["request"]["sender"]["agency"]
    house.subject("s-second", sender, "p-second")
    first = SubjectId(question["request"]["subject"])

    house.disclose(question, subjects=(first, SubjectId("s-second")), fields=asked_fields(question))

    assert [0, 1] == told(house)


def asked_fields(question: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the question's fields, about whomever each unit is about."""
    return tuple(replace(f, about=()) for f in asked_of(question).fields)


@pytest.mark.usefixtures("counting")
def test_another_person_has_a_count_of_its_own(house: House, question: dict[str, Any]) -> None:
    house.disclose(question)
    sender = question["registered"]["sender"]["actor"]
    house.fact("actor", {**sender, "id": "actor-second"})
    second = {**question["request"]["sender"], "actor": "actor-second"}

    house.disclose({**question, "request": {**question["request"], "sender": second}})

    assert [0, 0] == told(house)


@pytest.mark.usefixtures("counting")
def test_answer_to_a_request_counts_for_the_person_who_asked(
    house: House, question: dict[str, Any]
) -> None:
    request, to = question["request"], question["request"]["recipient"]
    house.disclose(question)
    asked = AskedOf(
        controller=AgencyId(request["sender"]["agency"]),
        purpose=request["purpose"],
        profile=request["profile"],
        basis="",
        refs={},
        fields=(),
        urgency="normal",
    )
    for _ in range(2):
        view = InformationRequests(house.context).ask(
            house.caller(to["agency"]), ActorId(to["actor"]), asked
        )
        house.disclose(question, direction=Direction.PULL, answers_request=view.request_id)

    assert [0, 0, 1] == told(house)


@pytest.mark.usefixtures("counting")
def test_question_asked_again_is_not_counted(house: House, question: dict[str, Any]) -> None:
    disclosed = house.disclose(question)
    sender = str(question["request"]["sender"]["agency"])
    upload = house.sealed(disclosed, disclosed.units[0], sender)
    agency = question["registered"]["recipient"]["agency"]
    house.fact("agency", agency, version=1)

    house.release(upload, question)

    assert [0, 0] == told(house)


@pytest.fixture
def careful_house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """A municipality that lets a person ask about two within an hour."""
    directory = tmp_path / "policies"
    shutil.copytree(POLICIES, directory)
    file = directory / "data/packs/default/data.json"
    pack = json.loads(file.read_text(encoding="utf-8"))
    pack["thresholds"] |= {"rate_limit": 2, "rate_window_ms": HOUR}
    file.write_text(json.dumps(pack), encoding="utf-8")
    policy = CurrentPolicy(directory, PolicyContract.read(SCHEMAS))
    opened = House(sqlite_url, tmp_path, policy=policy)
    yield opened
    opened.close()


def test_person_who_asks_about_more_than_the_pack_allows_waits_for_an_officer(
    careful_house: House,
) -> None:
    question: dict[str, Any] = known("consent_private")
    careful_house.furnish(question)

    first, second, third = (careful_house.disclose(question) for _ in range(3))
    careful_house.clock.advance(HOUR + 1)
    later = careful_house.disclose(question)

    assert (True, True, False) == (first.permitted, second.permitted, third.permitted)
    assert "RATE_UNUSUAL" in {reason.code for reason in third.units[0].decision.reasons}
    assert later.permitted
