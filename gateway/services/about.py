"""
Which entries concern a person, by the subject index.

A person who was linked to another was recorded under an id of their own before; the entry about
the link concerns both and says so, and what was recorded under either is found.
"""

from typing import Any

from gateway.crypto.commitment import Leaf
from gateway.crypto.pseudonym import subject_pseudonym
from gateway.domain.errors import IntegrityError, NotFound
from gateway.domain.ids import EntryId, PersonId
from gateway.domain.log import EntryType
from gateway.services.context import Context
from gateway.services.recording import Recorder

__all__ = ["EntriesAbout"]


class EntriesAbout:
    """Looks persons up in one tenant's log."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._recorder = Recorder(context)

    def entries(self, person: PersonId) -> tuple[EntryId, ...]:
        """
        Return the entries that concern a person, each once, under every id the person has had.

        Raises:
            StorageUnavailable: The log cannot be read.
        """
        found: dict[EntryId, None] = {}
        seen: set[str] = set()
        waiting = [str(person)]
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            for entry_id in self._under(PersonId(one)):
                if entry_id not in found:
                    found[entry_id] = None
                    waiting += self._linked(entry_id)
        return tuple(found)

    def _under(self, person: PersonId) -> tuple[EntryId, ...]:
        context = self._context
        pseudonym = subject_pseudonym(context.keys.index_key(), context.log_id, person)
        return tuple(context.log.about(context.log_id, pseudonym))

    def _linked(self, entry_id: EntryId) -> list[str]:
        """Return the persons whom an entry made one; none for any other entry."""
        stored = self._context.log.find(self._context.log_id, entry_id)
        if stored is None or Leaf.parse(stored.leaf).type != EntryType.REGISTER:
            return []
        body: dict[str, Any]
        try:
            body = self._recorder.body_of(entry_id)
        except (NotFound, IntegrityError):
            return []  # erased, or its key is gone: nobody can tell any more
        if body.get("kind") != "subject_link":
            return []
        return [str(body["fact"][name]) for name in ("kept", "absorbed")]
