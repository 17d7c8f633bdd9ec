"""
Recording: entries and the rows that depend on them, made durable before anybody is answered.

* Whatever a use case changes, it changes through here, so that nothing changes unlogged.
* A wait that ends without an answer is :class:`LogUnavailable`: whoever asked gets a no.
"""

import asyncio
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

from gateway.audit.entry import open_body, prepare_with_opening
from gateway.audit.verify import Evidence
from gateway.crypto.commitment import Opening
from gateway.domain.errors import LogUnavailable, NotFound
from gateway.domain.ids import EntryId
from gateway.domain.log import (
    Appended,
    EntryDraft,
    FactVersion,
    KeyEpoch,
    LoggedChange,
    PreparedEntry,
    RowChange,
)
from gateway.services.context import Context

__all__ = ["Change", "PreparedDraft", "Recorded", "Recorder"]

_WAIT_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class PreparedDraft:
    """An entry ready to append, and the opening of all its fields."""

    entry: PreparedEntry
    opening: Opening


@dataclass(frozen=True, slots=True)
class Change:
    """
    What one use case wants to be true afterwards.

    Attributes:
        drafts: The entries, in this order.
        rows: Rows that may only become visible with them.
        relied_on: Fact versions that must still be the newest.
        relied_on_keys: Keys under which nothing may have changed.
    """

    drafts: tuple[PreparedDraft, ...]
    rows: tuple[RowChange, ...] = ()
    relied_on: tuple[FactVersion, ...] = ()
    relied_on_keys: tuple[KeyEpoch, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is durable: the entries with their openings, and the index of each."""

    drafts: tuple[PreparedDraft, ...]
    indices: tuple[int, ...]


class Recorder:
    """Prepares, appends and shows entries of one tenant's log."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def prepare(self, draft: EntryDraft) -> PreparedDraft:
        """Return a draft committed to and encrypted."""
        entry, opening = prepare_with_opening(
            draft,
            log_id=self._context.log_id,
            kek=self._context.keys.kek(),
            index_key=self._context.keys.index_key(),
        )
        return PreparedDraft(entry, opening)

    def record(self, change: Change) -> Recorded:
        """
        Make a change durable, waiting in the calling thread.

        Raises:
            StaleFacts, Conflict: As the writer says; nothing has changed.
            LogUnavailable: It was not recorded, or nobody can say so yet.
        """
        future = self._submit(change)
        try:
            appended = future.result(timeout=_WAIT_S)
        except TimeoutError as error:
            raise LogUnavailable("the entry could not be recorded in time") from error
        return Recorded(change.drafts, appended.indices)

    async def record_async(self, change: Change) -> Recorded:
        """Make a change durable without holding the event loop; see :meth:`record`."""
        try:
            async with asyncio.timeout(_WAIT_S):
                appended = await asyncio.wrap_future(self._submit(change))
        except TimeoutError as error:
            raise LogUnavailable("the entry could not be recorded in time") from error
        return Recorded(change.drafts, appended.indices)

    def evidence(self, draft: PreparedDraft, *, only: Sequence[str] | None = None) -> Evidence:
        """
        Return a recorded entry as a member may check it: leaf, opening and proof.

        Args:
            draft: The entry, already recorded.
            only: Names of the fields to open; ``None`` opens all.

        Raises:
            NotFound: There is no such entry.
            LogUnavailable: No signed head covers it.
        """
        entry = draft.entry
        opening = draft.opening if only is None else draft.opening.only(only)
        proof = self._context.log.proof(self._context.log_id, entry.entry_id)
        return Evidence(entry.leaf, opening, proof)

    def evidence_of(self, entry_id: EntryId, *, only: Iterable[str] | None = None) -> Evidence:
        """
        Return an entry recorded earlier, with some or all fields opened.

        Raises:
            NotFound: There is no such entry, or its body was erased.
            IntegrityError: Its body is not the one that the leaf commits to.
        """
        leaf, opening = self._opened(entry_id)
        shown = opening if only is None else opening.only(tuple(only))
        return Evidence(leaf, shown, self._context.log.proof(self._context.log_id, entry_id))

    def body_of(self, entry_id: EntryId) -> dict[str, Any]:
        """
        Return everything an entry says; for the gateway's own use, never an answer as such.

        Raises:
            NotFound: There is no such entry, or its body was erased.
            IntegrityError: Its body is not the one that the leaf commits to.
        """
        return self._opened(entry_id)[1].fields()

    def _opened(self, entry_id: EntryId) -> tuple[bytes, Opening]:
        log_id = self._context.log_id
        stored = self._context.log.find(log_id, entry_id)
        if stored is None or stored.body is None:
            raise NotFound
        _, kek = self._context.keys.kek(stored.body.kek_id)
        opened = open_body(stored.body, leaf=stored.leaf, log_id=log_id, kek=kek)
        return stored.leaf, opened.opening

    def _submit(self, change: Change) -> "Future[Appended]":
        return self._context.writer.submit(
            LoggedChange(
                tenant_id=self._context.tenant_id,
                log_id=self._context.log_id,
                entries=tuple(draft.entry for draft in change.drafts),
                changes=change.rows,
                relied_on=change.relied_on,
                relied_on_keys=change.relied_on_keys,
            )
        )
