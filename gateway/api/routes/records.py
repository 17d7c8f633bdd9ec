"""Reading what an entry of the log says: for officers and auditors, and recorded first."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from gateway.api.answers import reply
from gateway.api.dependencies import ActingPerson, CallingSystem, PathId
from gateway.api.parts import service
from gateway.api.reading import body_of
from gateway.api.shown import RecordShown
from gateway.api.wire import ReadingAsked
from gateway.domain.ids import EntryId
from gateway.services.audit_records import AuditRecords

__all__ = ["router"]

router = APIRouter(prefix="/audit/records", tags=["records"])

Records = Annotated[AuditRecords, service(AuditRecords)]


@router.post(
    "/entries/{entry_id}",
    summary="Read an entry",
    description="That it is read, by whom and why, is recorded before anything is shown.",
    response_model=RecordShown,
)
def read_entry(
    entry_id: PathId,
    caller: CallingSystem,
    actor: ActingPerson,
    asked: Annotated[ReadingAsked, body_of(ReadingAsked)],
    records: Records,
) -> Response:
    record = records.read(caller, actor, EntryId(entry_id), asked.reason)
    return reply(
        {
            "entry_id": record.entry_id,
            "body": record.body,
            "evidence": record.evidence.to_json(),
            "read_index": record.read_index,
        }
    )
