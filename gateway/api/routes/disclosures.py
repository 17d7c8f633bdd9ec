"""The one door: ask, send what is permitted, see what became of it, take it back."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from gateway.api.answers import delivery_json, recall_json, released_json, reply, unit_json
from gateway.api.dependencies import ActingPerson, ActorInOffice, Member, PathId, RequestedKey
from gateway.api.parts import CurrentParts, Parts, service
from gateway.api.problems import CATALOGUE, Audience, Problem, ProblemOf
from gateway.api.reading import body_of
from gateway.api.shown import DisclosureSeen, DisclosureShown, RecallsShown, ReleasedShown
from gateway.api.wire import DisclosureAsked, PayloadSent, RecallAsked
from gateway.domain.ids import DeliveryId, DisclosureId
from gateway.services.asking import DecidedDisclosure
from gateway.services.deliveries import Deliveries
from gateway.services.disclose import Door
from gateway.services.disclosures import Disclosures

__all__ = ["router"]

router = APIRouter(prefix="/v1/disclosures", tags=["disclosures"])


@router.post(
    "",
    status_code=201,
    summary="Ask whether case information may pass",
    description="Decides each recipient and person by itself and records every decision. Nothing"
    " passes here: what is permitted is sealed by the sender and sent afterwards.",
    response_model=DisclosureShown,
)
async def ask(
    caller: Member,
    actor: ActingPerson,
    key: RequestedKey,
    asked: Annotated[DisclosureAsked, body_of(DisclosureAsked)],
    door: Annotated[Door, service(Door)],
    parts: CurrentParts,
) -> Response:
    decided = await door.disclose(caller, actor, asked.as_asked(actor, key))
    return _decided(decided, parts)


@router.put(
    "/{disclosure_id}/payloads/{recipient}",
    status_code=201,
    summary="Send a sealed record under a permit",
    description="A permit is used once, within its time, for the fields it names.",
    response_model=ReleasedShown,
)
async def send(
    disclosure_id: PathId,
    recipient: PathId,
    caller: Member,
    actor: ActingPerson,
    sent: Annotated[PayloadSent, body_of(PayloadSent)],
    door: Annotated[Door, service(Door)],
) -> Response:
    released = await door.release(caller, actor, sent.as_upload(disclosure_id, recipient))
    return reply(released_json(released), 201)


@router.get(
    "/{disclosure_id}",
    summary="See what was decided and what became of it",
    description="For the sending agency alone.",
    response_model=DisclosureSeen,
)
def see(
    disclosure_id: PathId,
    caller: Member,
    _: ActorInOffice,
    disclosures: Annotated[Disclosures, service(Disclosures)],
    parts: CurrentParts,
) -> Response:
    id_ = DisclosureId(disclosure_id)
    row, deliveries = disclosures.row(caller, id_), disclosures.deliveries(caller, id_)
    units = [
        {
            **unit_json(unit, Audience.CONTROLLER, parts.context.rulebook),
            "state": unit.state,
            "delivery": delivery_json(deliveries.get(unit.decision.decision_id)),
        }
        for unit in disclosures.decided(caller, id_).units
    ]
    names = ("direction", "purpose", "requested_at")
    return reply({"disclosure_id": id_, **{n: row[n] for n in names}, "units": units})


@router.post(
    "/{disclosure_id}/recall",
    summary="Take back what nobody has opened",
    description="What was opened stays opened, and the answer says so.",
    response_model=RecallsShown,
)
async def recall(
    disclosure_id: PathId,
    caller: Member,
    actor: ActingPerson,
    asked: Annotated[RecallAsked, body_of(RecallAsked)],
    deliveries: Annotated[Deliveries, service(Deliveries)],
) -> Response:
    recalls = await deliveries.recall(
        caller,
        actor,
        DisclosureId(disclosure_id),
        code=asked.code,
        delivery_id=DeliveryId(asked.delivery_id) if asked.delivery_id else None,
    )
    return reply({"deliveries": [recall_json(r) for r in recalls]})


def _decided(decided: DecidedDisclosure, parts: Parts) -> Response:
    for unit in decided.units:
        parts.metrics.decided(str(unit.decision.label))
    rulebook = parts.context.rulebook
    units = tuple(unit_json(unit, Audience.CONTROLLER, rulebook) for unit in decided.units)
    if decided.permitted:
        location = f"/v1/disclosures/{decided.disclosure_id}"
        body = {"disclosure_id": decided.disclosure_id, "units": units}
        return reply(body, 201, {"Location": location})
    name = "decision-unavailable" if decided.undecided else "disclosure-refused"
    raise ProblemOf(
        Problem(
            CATALOGUE[name],
            members={
                "disclosure_id": decided.disclosure_id,
                "decision_id": units[0]["decision_id"],
                "reasons": units[0]["reasons"],
                "units": units,
            },
        )
    )
