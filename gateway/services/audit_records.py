"""
Reading what the log's bodies say: for officers and auditors, and itself recorded first.

Nobody reads unnoticed: ``audit-read`` is durable before a body is shown, and says who, why,
which entry and which fields.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from gateway.audit.verify import Evidence
from gateway.domain.disclosure import Caller
from gateway.domain.errors import NotAuthorized, NotFound, SchemaViolation
from gateway.domain.ids import ActorId, DecisionId, EntryId
from gateway.domain.log import EntryDraft, EntryType, JSONValue
from gateway.services.acting import Acting, Authority
from gateway.services.context import Context
from gateway.services.entries import dry_run_entry_id
from gateway.services.recording import Change, Recorder

__all__ = ["AuditRecord", "AuditRecords"]

_ROLES: Final = {"officer": "privacy_officer", "auditor": "auditor"}
_MAX_REASON: Final = 400


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """
    One entry as read.

    Attributes:
        entry_id: The entry.
        body: Everything it says.
        evidence: Leaf, opening of all fields and proof.
        read_index: Index of the ``audit-read`` entry.
    """

    entry_id: EntryId
    body: dict[str, Any]
    evidence: Evidence
    read_index: int


class AuditRecords:
    """Reads entries of one tenant's log."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._recorder = Recorder(context)
        self._authority = Authority(context)

    def entry_of(self, decision_id: DecisionId) -> EntryId:
        """
        Return the entry of a decision, also of one that was only asked for.

        Raises:
            NotFound: There is no such decision.
        """
        context = self._context
        row = context.registers.row(context.tenant_id, "unit", decision_id)
        if row is not None:
            return EntryId(str(row["entry_id"]))
        asked = dry_run_entry_id(context.keys.reference_key(), decision_id)
        if context.log.find(context.log_id, asked) is None:
            raise NotFound
        return asked

    def read(self, caller: Caller, actor: ActorId, entry_id: EntryId, reason: str) -> AuditRecord:
        """
        Record that an officer or auditor reads an entry, then show it.

        Raises:
            NotAuthorized: The caller is neither.
            SchemaViolation: There is no reason, or it is too long.
            NotFound: There is no such entry, or its body was erased.
            LogUnavailable: The reading could not be recorded, so nothing is shown.
        """
        role = self._role(caller, actor)
        return self._read(actor, role, caller.agency_id, entry_id, reason)

    def read_at_console(
        self,
        operator: str,
        entry_id: EntryId,
        reason: str,
        *,
        only: Collection[str] | None = None,
    ) -> AuditRecord:
        """
        Show an entry to whoever holds the gateway's keys and sits at its machine.

        Such a person could read the database anyway; this way it is recorded.

        Args:
            operator: Who sits there.
            entry_id: The entry.
            reason: Why it is read.
            only: Names of the fields to open and record as shown; ``None`` opens all.

        Raises:
            SchemaViolation: As :meth:`read`, or the entry has no field of such a name.
            NotFound, LogUnavailable: As :meth:`read`.
        """
        return self._read(operator, "operator_console", "", entry_id, reason, only=only)

    def _role(self, caller: Caller, actor: ActorId) -> str:
        for scope, role in _ROLES.items():
            if scope in caller.scopes:
                self._authority.reader(Acting(caller, actor), scope=scope, role=role)
                return role
        raise NotAuthorized("audit-read")

    def _read(
        self,
        actor: str,
        role: str,
        agency: str,
        entry_id: EntryId,
        reason: str,
        *,
        only: Collection[str] | None = None,
    ) -> AuditRecord:
        if not reason.strip() or len(reason) > _MAX_REASON:
            raise SchemaViolation([("/reason", "a reason of at most 400 characters")])
        evidence = self._recorder.evidence_of(entry_id, only=only)
        if only is not None and not set(only) <= set(evidence.opening.names()):
            raise SchemaViolation([("/fields", "names of fields that the entry has")])
        fields = evidence.fields()
        body: dict[str, JSONValue] = {
            "actor": actor,
            "role": role,
            "agency": agency,
            "code": "entry_read",
            "reason": reason,
            "entry_ids": [entry_id],
            "count": 1,
            "fields_shown": tuple(sorted(fields)),
        }
        draft = EntryDraft(
            self._context.ids.entry(),
            EntryType.AUDIT_READ,
            self._context.clock.now(),
            body,
            retention="audit",
        )
        recorded = self._recorder.record(Change((self._recorder.prepare(draft),)))
        return AuditRecord(entry_id, fields, evidence, recorded.indices[0])
