"""What officers have to look at now."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from gateway.api.answers import alert_json, reply
from gateway.api.dependencies import ActingPerson, Officer, PathId
from gateway.api.paging import Paged
from gateway.api.parts import service
from gateway.api.shown import AlertsShown, SeenShown
from gateway.services.alerts import Alerts

__all__ = ["router"]

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])


@router.get(
    "",
    summary="List alerts",
    description="Codes and decisions, never a person.",
    response_model=AlertsShown,
)
def listed(
    caller: Officer,
    actor: ActingPerson,
    alerts: Annotated[Alerts, service(Alerts)],
    page: Paged,
) -> Response:
    found = alerts.listed(caller, actor, after=page.after("alerts"), limit=page.limit)
    return page.answer("alerts", "alerts", [alert_json(a) for a in found])


@router.post(
    "/{alert_id}/seen",
    summary="Say that an alert was seen",
    description="Recorded.",
    response_model=SeenShown,
)
def seen(
    alert_id: PathId,
    caller: Officer,
    actor: ActingPerson,
    alerts: Annotated[Alerts, service(Alerts)],
) -> Response:
    return reply({"state": "seen", "log_index": alerts.seen(caller, actor, alert_id)})
