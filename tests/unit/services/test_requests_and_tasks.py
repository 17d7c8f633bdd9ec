"""An asker hears about itself or one fixed text; a duty is done once, by whoever bears it."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.domain.disclosure import Direction
from gateway.domain.errors import Conflict, NotAuthorized, NotFound, SchemaViolation
from gateway.domain.ids import ActorId, AgencyId, FieldId
from gateway.services.alerts import Alerts
from gateway.services.disclose import Door
from gateway.services.requests import AskedOf, InformationRequests, RequestView
from gateway.services.tasks import Tasks
from tests.simulators.house import House
from tests.simulators.policy_inputs import known
from tests.simulators.silence import SilentPolicy

CASE = "consent_private"


@pytest.fixture
def question(house: House) -> dict[str, Any]:
    asked = known(CASE)
    house.furnish(asked)
    return asked


def sides(question: dict[str, Any]) -> tuple[str, str, ActorId, ActorId]:
    request, to = question["request"], question["registered"]["recipient"]
    return (
        request["sender"]["agency"],
        to["agency"]["id"],
        ActorId(request["sender"]["actor"]),
        ActorId(to["actor"]["id"]),
    )


def ask(house: House, question: dict[str, Any], **changes: Any) -> RequestView:
    controller, asker, _, actor = sides(question)
    values: dict[str, Any] = {
        "controller": AgencyId(controller),
        "purpose": "refer",
        "profile": "referral_basic",
        "basis": "",
        "refs": {},
        "fields": (FieldId("subject.name_original"),),
        "urgency": "normal",
    }
    requests = InformationRequests(house.context)
    return requests.ask(house.caller(asker), actor, AskedOf(**{**values, **changes}))


def answer(house: House, question: dict[str, Any], request: RequestView, **changes: Any) -> Any:
    return house.disclose(
        question, direction=Direction.PULL, answers_request=request.request_id, **changes
    )


def seen_by_asker(house: House, question: dict[str, Any], request: RequestView) -> RequestView:
    _, asker, _, _ = sides(question)
    return InformationRequests(house.context).seen(house.caller(asker), request.request_id)


def test_agency_cannot_ask_itself(house: House, question: dict[str, Any]) -> None:
    _, asker, _, _ = sides(question)

    with pytest.raises(SchemaViolation):
        ask(house, question, controller=AgencyId(asker))


def test_request_to_nobody_is_not_found(house: House, question: dict[str, Any]) -> None:
    with pytest.raises(NotFound):
        ask(house, question, controller=AgencyId("nobody"))


def test_request_between_others_is_not_found(house: House, question: dict[str, Any]) -> None:
    request = ask(house, question)

    with pytest.raises(NotFound):
        InformationRequests(house.context).seen(house.caller("aoba-gas"), request.request_id)


def test_refused_and_closed_requests_read_the_same_to_the_asker(
    house: House, question: dict[str, Any]
) -> None:
    controller, _, actor, _ = sides(question)
    closed, refused = ask(house, question), ask(house, question)
    InformationRequests(house.context).close(house.caller(controller), actor, closed.request_id)
    consent = question["registered"]["consents"][0]
    house.fact("consent", {**consent, "withdrawn_at": house.clock.now() - 1}, version=1)
    assert not answer(house, question, refused).permitted

    views = [seen_by_asker(house, question, r) for r in (closed, refused)]

    assert replace(views[0], request_id=views[1].request_id) == views[1]
    assert "closed" == views[0].state
    assert views[0].answer is not None
    assert ("not_shareable", ["NOT_SHAREABLE"]) == (
        views[0].answer.label,
        [r.code for r in views[0].answer.reasons],
    )


CONFIDENTIAL = {
    "counterpart": ("protection_flag", "stop_protected_address_counterpart", "protection_flags"),
    "stalker": ("stalker_notice", "stop_stalker", "stalker_notices"),
}


@pytest.mark.parametrize("circumstance", CONFIDENTIAL)
def test_asker_hears_the_same_whether_there_is_a_flag_or_no_consent(
    house: House, question: dict[str, Any], circumstance: str
) -> None:
    kind, case, listed = CONFIDENTIAL[circumstance]
    consent = question["registered"]["consents"][0]
    withdrawn = {**consent, "withdrawn_at": house.clock.now() - 1}
    first, second = ask(house, question), ask(house, question)
    house.fact(kind, known(case)["registered"][listed][0])
    assert not answer(house, question, first).permitted
    house.fact("consent", withdrawn, version=1)
    assert not answer(house, question, second).permitted

    flagged, unagreed = (seen_by_asker(house, question, r) for r in (first, second))

    assert replace(flagged, request_id=unagreed.request_id) == unagreed


@pytest.mark.parametrize("flagged", [False, True])
def test_asker_hears_about_itself_whether_somebody_is_protected_or_not(
    house: House, *, flagged: bool
) -> None:
    question = known(CASE, {"/registered/recipient/actor/roles": ["tsunagari_supporter"]})
    house.furnish(question)
    if flagged:
        house.fact(
            "protection_flag",
            known("stop_protected_address")["registered"]["protection_flags"][0],
        )
    request = ask(house, question, fields=(FieldId("subject.phones"),))
    assert not answer(house, question, request).permitted

    heard = seen_by_asker(house, question, request).answer

    assert heard is not None
    assert ("refused_for_asker", {"BASIS_NOT_FOR_RECIPIENT"}) == (
        heard.label,
        {r.code for r in heard.reasons},
    )


def test_permitted_answer_that_is_not_sent_reads_like_an_open_and_then_a_closed_request(
    house: House, question: dict[str, Any]
) -> None:
    controller, _, actor, _ = sides(question)
    request, untouched, closed = (ask(house, question) for _ in range(3))
    disclosed = answer(house, question, request)

    under_way = seen_by_asker(house, question, request)
    still_open = seen_by_asker(house, question, untouched)
    house.clock.advance(disclosed.units[0].expires_at - house.clock.now())
    InformationRequests(house.context).close(house.caller(controller), actor, closed.request_id)
    unused = seen_by_asker(house, question, request)

    assert replace(still_open, request_id=request.request_id) == under_way
    left_closed = seen_by_asker(house, question, closed)
    assert replace(left_closed, request_id=request.request_id) == unused


def test_silent_policy_leaves_a_request_to_be_answered(
    house: House, question: dict[str, Any]
) -> None:
    controller, _, _, _ = sides(question)
    request = ask(house, question)
    speaking = house.door
    silent: Any = SilentPolicy()
    house.door = Door(replace(house.context, pdp=silent))
    assert answer(house, question, request).undecided
    assert seen_by_asker(house, question, request).answer is None
    house.door = speaking

    disclosed = answer(house, question, request)
    house.release(house.sealed(disclosed, disclosed.units[0], controller), question)

    view = seen_by_asker(house, question, request)
    assert view.answer is not None
    assert "delivered" == view.answer.label


def test_request_is_answered_once(house: House, question: dict[str, Any]) -> None:
    request = ask(house, question)
    answer(house, question, request)

    with pytest.raises(Conflict):
        answer(house, question, request)


def test_request_of_another_controller_is_not_found(house: House, question: dict[str, Any]) -> None:
    _, asker, _, actor = sides(question)
    request = ask(house, question)

    with pytest.raises(NotFound):
        InformationRequests(house.context).close(house.caller(asker), actor, request.request_id)


def test_released_answer_is_delivered_to_the_asker(house: House, question: dict[str, Any]) -> None:
    controller, _, _, _ = sides(question)
    request = ask(house, question)
    disclosed = answer(house, question, request)

    house.release(house.sealed(disclosed, disclosed.units[0], controller), question)

    view = seen_by_asker(house, question, request)
    assert view.answer is not None
    assert ("answered", "delivered") == (view.state, view.answer.label)


def test_duty_is_discharged_once_and_only_by_whoever_bears_it(
    house: House, question: dict[str, Any]
) -> None:
    controller, recipient, _, actor = sides(question)
    disclosed = house.disclose(question)
    house.release(house.sealed(disclosed, disclosed.units[0], controller), question)
    tasks = Tasks(house.context)
    task = tasks.listed(house.caller(recipient))[0]

    with pytest.raises(NotFound):
        tasks.discharge(
            house.caller(controller),
            ActorId(question["request"]["sender"]["actor"]),
            task.task_id,
            proof_kind="statement",
        )
    done = tasks.discharge(house.caller(recipient), actor, task.task_id, proof_kind="statement")
    with pytest.raises(Conflict):
        tasks.discharge(house.caller(recipient), actor, task.task_id, proof_kind="statement")

    assert "done" == done.state
    ((_, body),) = house.entries(kinds={"obligation"})
    assert (task.code, "discharged") == (body["code"], body["change"])


def test_alerts_are_for_privacy_officers_alone(house: House, question: dict[str, Any]) -> None:
    controller, _, actor, _ = sides(question)

    with pytest.raises(NotAuthorized):
        Alerts(house.context).listed(house.caller(controller), actor)
