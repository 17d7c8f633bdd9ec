"""What officers have to look at now: a refusal that hints at danger, a silent policy engine."""

from dataclasses import dataclass

from gateway.domain.disclosure import Caller
from gateway.domain.errors import NotFound
from gateway.domain.ids import ActorId, Millis
from gateway.domain.log import EntryDraft, EntryType, JSONValue, MoveRow
from gateway.services.acting import Acting, Authority
from gateway.services.context import Context
from gateway.services.door_rows import ALERT_DESK
from gateway.services.recording import Change, Recorder

__all__ = ["Alert", "Alerts"]


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: a code and the decision it is about, never a person."""

    alert_id: str
    kind: str
    decision_id: str
    created_at: Millis
    state: str


class Alerts:
    """Alerts of one tenant, for its privacy officers."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._recorder = Recorder(context)
        self._authority = Authority(context)

    def listed(
        self, caller: Caller, actor: ActorId, *, after: str = "", limit: int = 100
    ) -> tuple[Alert, ...]:
        """
        Return alerts in the order of their ids.

        Raises:
            NotAuthorized: The caller is no privacy officer.
        """
        self._authority.officer(Acting(caller, actor))
        found = self._context.registers.rows(
            self._context.tenant_id,
            "notice",
            {"recipient_agency": ALERT_DESK},
            after=after,
            limit=limit,
        )
        return tuple(
            Alert(
                alert_id=str(row["id"]),
                kind=str(row["kind"]),
                decision_id=str(row["decision_id"] or ""),
                created_at=Millis(int(str(row["created_at"]))),
                state=str(row["state"]),
            )
            for row in found
        )

    def seen(self, caller: Caller, actor: ActorId, alert_id: str) -> int:
        """
        Record that an officer has seen an alert; return the index of the entry.

        Raises:
            NotAuthorized: The caller is no privacy officer.
            NotFound: There is no such alert.
            Conflict: It was seen before.
            LogUnavailable: It could not be recorded.
        """
        relied_on = self._authority.officer(Acting(caller, actor))
        row = self._context.registers.row(self._context.tenant_id, "notice", alert_id)
        if row is None or row["recipient_agency"] != ALERT_DESK:
            raise NotFound
        now = self._context.clock.now()
        body: dict[str, JSONValue] = {
            "actor": actor,
            "role": "privacy_officer",
            "agency": caller.agency_id,
            "code": "alert_seen",
            "entry_ids": [],
            "count": 1,
        }
        draft = EntryDraft(
            self._context.ids.entry(), EntryType.AUDIT_READ, now, body, retention="audit"
        )
        move = MoveRow("notice", alert_id, "new", "seen")
        recorded = self._recorder.record(
            Change((self._recorder.prepare(draft),), (move,), relied_on)
        )
        return recorded.indices[0]
