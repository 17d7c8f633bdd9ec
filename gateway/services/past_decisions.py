"""
Past decisions as the log keeps them, for trying rules on what has happened.

* Who reads, and how many, is recorded before the first body is opened.
* What was erased stays erased: it is counted, never guessed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.audit.entry import open_body
from gateway.crypto.commitment import Leaf
from gateway.domain.errors import SchemaViolation
from gateway.domain.ids import EntryId, Millis
from gateway.domain.log import EntryDraft, EntryType, JSONValue
from gateway.ports.log import StoredEntry
from gateway.services.context import Context
from gateway.services.recording import Change, Recorder

__all__ = ["PastDecision", "PastDecisions"]

_PAGE: Final = 4_096
_BODIES: Final = 256
_MAX_REASON: Final = 400
_READ: Final = ("policy_input", "policy_decision", "policy_revision")


@dataclass(frozen=True, slots=True)
class PastDecision:
    """
    One decision as it was recorded.

    Attributes:
        entry_id: Its entry.
        at: When it was decided.
        body: What the entry says; ``None`` once it has been erased.
    """

    entry_id: EntryId
    at: Millis
    body: dict[str, Any] | None


class PastDecisions:
    """Reads decisions of one tenant's log, oldest first."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._recorder = Recorder(context)

    def select(self, *, since: Millis | None = None, limit: int | None = None) -> Sequence[int]:
        """
        Return the places in the log of the newest decisions, oldest first.

        Args:
            since: Only decisions made at this instant or later; ``None`` means all.
            limit: At most so many; ``None`` means all.

        Raises:
            NotFound: There is no log yet.
            StorageUnavailable: The log cannot be read.
        """
        size = self._context.log.checkpoint(self._context.log_id).size
        found: list[int] = []
        for start in range(0, size, _PAGE):
            end = min(start + _PAGE, size)
            leaves = self._context.log.leaves(self._context.log_id, start, end)
            for index, leaf in enumerate(map(Leaf.parse, leaves), start):
                if leaf.type == EntryType.DECISION and leaf.at >= (since or 0):
                    found.append(index)
        return found if limit is None else found[max(0, len(found) - limit) :]

    def record_reading(self, operator: str, reason: str, count: int) -> int:
        """
        Record that whoever sits at the gateway's machine reads decisions; return the index.

        Args:
            operator: Who.
            reason: Why.
            count: How many decisions will be read.

        Raises:
            SchemaViolation: There is no reason, or it is too long.
            LogUnavailable: It could not be recorded, so nothing may be read.
        """
        if not reason.strip() or len(reason) > _MAX_REASON:
            raise SchemaViolation([("/reason", "a reason of at most 400 characters")])
        body: dict[str, JSONValue] = {
            "actor": operator,
            "role": "operator_console",
            "agency": "",
            "code": "policy_replayed",
            "reason": reason,
            "entry_ids": [],
            "count": count,
            "fields_shown": _READ,
        }
        draft = EntryDraft(
            self._context.ids.entry(),
            EntryType.AUDIT_READ,
            self._context.clock.now(),
            body,
            retention="audit",
        )
        return self._recorder.record(Change((self._recorder.prepare(draft),))).indices[0]

    def read(self, places: Sequence[int]) -> Iterator[PastDecision]:
        """
        Yield decisions by their places, each checked against its leaf.

        Raises:
            IntegrityError: A body is not the one that its leaf commits to.
            StorageUnavailable: The log cannot be read.
        """
        wanted, log = set(places), self._context.log
        for start in _pages(places):
            for stored in log.stored(self._context.log_id, start, start + _BODIES):
                if stored.index in wanted:
                    yield self._opened(stored)

    def _opened(self, stored: StoredEntry) -> PastDecision:
        at, body = Millis(Leaf.parse(stored.leaf).at), stored.body
        keys, log_id = self._context.keys, self._context.log_id
        # A key that was destroyed erases every body under it.
        if body is None or body.kek_id not in keys.kek_ids():
            return PastDecision(stored.entry_id, at, None)
        _, kek = keys.kek(body.kek_id)
        opened = open_body(body, leaf=stored.leaf, log_id=log_id, kek=kek)
        return PastDecision(stored.entry_id, at, dict(opened.fields))


def _pages(places: Sequence[int]) -> Sequence[int]:
    return sorted({place - place % _BODIES for place in places})
