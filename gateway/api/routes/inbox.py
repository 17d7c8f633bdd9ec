"""What waits for a recipient: list, open, acknowledge."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from gateway.api.answers import opened_json, reply, summary_json
from gateway.api.dependencies import ActingPerson, Member, PathId
from gateway.api.paging import Paged
from gateway.api.parts import service
from gateway.api.reading import body_of
from gateway.api.shown import AcknowledgedShown, InboxShown, OpenedShown
from gateway.api.wire import AcknowledgementGiven
from gateway.domain.ids import DeliveryId
from gateway.services.deliveries import Deliveries

__all__ = ["router"]

router = APIRouter(prefix="/v1/inbox", tags=["inbox"])


@router.get(
    "",
    summary="List deliveries",
    description="Without anything of a case. Answers 304 to the entity tag of an unchanged list.",
    response_model=InboxShown,
)
def listed(
    caller: Member,
    deliveries: Annotated[Deliveries, service(Deliveries)],
    page: Paged,
) -> Response:
    found = deliveries.inbox(caller, after=page.after("inbox"), limit=page.limit)
    return page.answer("inbox", "deliveries", [summary_json(d) for d in found])


@router.get(
    "/{delivery_id}",
    summary="Open a delivery",
    description="That it was opened is recorded before the first byte leaves; again records"
    " nothing and answers the same.",
    response_model=OpenedShown,
)
async def opened(
    delivery_id: PathId,
    caller: Member,
    actor: ActingPerson,
    deliveries: Annotated[Deliveries, service(Deliveries)],
) -> Response:
    return reply(opened_json(await deliveries.open(caller, actor, DeliveryId(delivery_id))))


@router.post(
    "/{delivery_id}/acknowledgement",
    summary="Acknowledge what was opened",
    description="Or say what is wrong with it.",
    response_model=AcknowledgedShown,
)
async def acknowledged(
    delivery_id: PathId,
    caller: Member,
    actor: ActingPerson,
    given: Annotated[AcknowledgementGiven, body_of(AcknowledgementGiven)],
    deliveries: Annotated[Deliveries, service(Deliveries)],
) -> Response:
    done = await deliveries.acknowledge(
        caller, actor, DeliveryId(delivery_id), code=given.code, accepted=given.accepted
    )
    return reply({"state": done.state, "log_index": done.index})
