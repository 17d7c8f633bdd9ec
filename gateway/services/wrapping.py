"""
The keys that wrap what the log says: a new one, everything under it, the old one destroyed.

* A rotation says in the log which key is to come before it makes it, and remembers that it runs;
  one that was ended half way goes on with that key. Each batch is a transaction with an entry.
* Only data keys are wrapped anew; bodies and leaves stay as they are.
* A key is destroyed once no body needs it. That reaches every copy of the database from before:
  what was erased since, and whatever else the key wrapped in it, is noise there.
* That it is destroyed is recorded first; a destruction that was ended half way is finished at
  the next call.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.crypto.envelope import rewrap
from gateway.domain.errors import Conflict, NotFound
from gateway.domain.log import (
    EntryDraft,
    EntryType,
    JSONValue,
    PutFact,
    RewrapBody,
    RowChange,
)
from gateway.ports.keys import KeyStore
from gateway.ports.log import StoredEntry
from gateway.services.context import Context
from gateway.services.recording import Change, Recorder

__all__ = ["Rotated", "Wrapping"]

_PAGE: Final = 256
_ROTATION: Final = "key_rotation"
_KEK: Final = "kek"
_ID: Final = "wrap"
_KEKS: Final = "keks"
_RUNNING: Final = "running"


@dataclass(frozen=True, slots=True)
class Rotated:
    """
    What a rotation did.

    Attributes:
        kek_id: The key that wraps everything now.
        rewrapped: Bodies wrapped anew by this call.
        resumed: Whether it went on with a rotation that had been ended half way.
    """

    kek_id: str
    rewrapped: int
    resumed: bool


class Wrapping:
    """
    Changes and destroys key-encryption keys of one tenant's log.

    Args:
        context: The tenant's ports.
        store: The key ring, which can be written.
    """

    def __init__(self, context: Context, store: KeyStore) -> None:
        self._context = context
        self._store = store
        self._recorder = Recorder(context)

    def rotate(
        self,
        operator: str,
        *,
        make: bool = True,
        progress: Callable[[int, int], None] | None = None,
    ) -> Rotated:
        """
        Wrap every body's key by a new key-encryption key, or by the newest that is there.

        Args:
            operator: Who does it.
            make: Whether to make a new key; a ring that only others can write has it already.
            progress: Called with entries looked at and entries in all.

        Raises:
            IntegrityError: A body's key does not unwrap, or the ring cannot be written; what
                was wrapped anew before stays so, and the next call goes on.
            LogUnavailable: It could not be recorded.
        """
        self.finish()
        kek_id, resumed = self._begun(operator, make=make)
        size = self._context.log.checkpoint(self._context.log_id).size
        count = 0
        for start in range(0, size, _PAGE):
            end = min(start + _PAGE, size)
            stored = self._context.log.stored(self._context.log_id, start, end)
            rows = tuple(self._rewrapped(stored, kek_id))
            if rows:
                self._record(self._key_draft("rewrapped", kek_id, operator), rows)
                count += len(rows)
            if progress:
                progress(end, size)
        self._record(self._key_draft("rotation_done", kek_id, operator), (self._state(kek_id),))
        return Rotated(kek_id, count, resumed)

    def destroy(self, kek_id: str, operator: str) -> None:
        """
        Destroy a key-encryption key that no body needs.

        Raises:
            NotFound: There is no such key.
            Conflict: KEK_IS_CURRENT, KEK_IN_USE, or ROTATION_RUNNING; nothing has changed.
            IntegrityError: The ring cannot be written; the next call finishes it.
            LogUnavailable: It could not be recorded, so the key is there still.
        """
        self.finish()
        present = self._context.keys.kek_ids()
        if kek_id not in present:
            raise NotFound
        if kek_id == present[-1]:
            raise Conflict("KEK_IS_CURRENT")
        if self._running():
            raise Conflict("ROTATION_RUNNING")
        if self._context.log.wrapped_by(kek_id):
            raise Conflict("KEK_IN_USE")
        fact: dict[str, JSONValue] = {"id": kek_id, "destroyed_at": self._context.clock.now()}
        body: dict[str, JSONValue] = {
            "code": "key_destroyed",
            "retention": "all",
            "entry_ids": (),
            "count": 0,
            "kek_id": kek_id,
            "actor": operator,
        }
        draft = self._draft(EntryType.ERASE, body)
        self._record(draft, (PutFact(_KEK, kek_id, 0, fact, (_KEKS,)),))
        self._store.destroy_kek(kek_id)

    def finish(self) -> tuple[str, ...]:
        """
        Destroy the keys whose destruction is recorded and that are there still.

        Returns:
            Their ids.

        Raises:
            IntegrityError: The ring cannot be written.
        """
        said = self._context.registers.facts_by_key(self._context.tenant_id, _KEKS)
        left = [row.id for row in said if row.id in self._context.keys.kek_ids()]
        for kek_id in left:
            self._store.destroy_kek(kek_id)
        return tuple(left)

    def _begun(self, operator: str, *, make: bool) -> tuple[str, bool]:
        """Return the key to wrap by, which is there, and whether a rotation goes on."""
        running = self._running()
        kek_id = running or (
            self._store.next_kek_id(self._context.clock.now())
            if make
            else self._context.keys.kek()[0]
        )
        if not running:
            state = self._state(kek_id, _RUNNING)
            self._record(self._key_draft("rotation_begun", kek_id, operator), (state,))
        if kek_id not in self._context.keys.kek_ids():
            self._store.add_kek(kek_id)
        return kek_id, bool(running)

    def _rewrapped(self, stored: Sequence[StoredEntry], kek_id: str) -> Iterator[RewrapBody]:
        keys = self._context.keys
        _, new = keys.kek(kek_id)
        for entry in stored:
            body = entry.body
            if body is None or body.kek_id == kek_id:
                continue
            _, old = keys.kek(body.kek_id)
            anew = rewrap(body, kek=old, new_kek_id=kek_id, new_kek=new)
            yield RewrapBody(entry.entry_id, body.wrapped_key, kek_id, anew.wrapped_key)

    def _running(self) -> str:
        """Return the key of the rotation that has begun and not ended; empty without one."""
        found = self._context.registers.fact(self._context.tenant_id, _ROTATION, _ID)
        if found is None or found.fact["state"] != _RUNNING:
            return ""
        return str(found.fact["kek_id"])

    def _state(self, kek_id: str, state: str = "done") -> PutFact:
        found = self._context.registers.fact(self._context.tenant_id, _ROTATION, _ID)
        fact: dict[str, JSONValue] = {"id": _ID, "kek_id": kek_id, "state": state}
        return PutFact(_ROTATION, _ID, 0 if found is None else found.version, fact, ())

    def _key_draft(self, change: str, kek_id: str, operator: str) -> EntryDraft:
        body: dict[str, JSONValue] = {
            "change": change,
            "use": "wrap",
            "kid": kek_id,
            "actor": operator,
            "valid_from": self._context.clock.now(),
        }
        return self._draft(EntryType.KEY, body)

    def _draft(self, type_: EntryType, body: dict[str, JSONValue]) -> EntryDraft:
        context = self._context
        return EntryDraft(context.ids.entry(), type_, context.clock.now(), body, retention="audit")

    def _record(self, draft: EntryDraft, rows: tuple[RowChange, ...]) -> None:
        self._recorder.record(Change((self._recorder.prepare(draft),), rows))
