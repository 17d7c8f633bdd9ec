"""
Which rules are in force, as the log says it.

A revision that comes into force is a ``policy`` entry before it decides anything, and the
register says which one was announced last, so that a restart announces nothing twice.
"""

from typing import Final

from gateway.domain.errors import Conflict
from gateway.domain.log import EntryDraft, EntryType, JSONValue, PutFact
from gateway.services.context import Context
from gateway.services.recording import Change, Recorder

__all__ = ["Revisions"]

_KIND: Final = "policy_in_force"
_ID: Final = "policy"


class Revisions:
    """Announces the revisions of one tenant."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._recorder = Recorder(context)

    def announced(self) -> str:
        """Return the revision announced last; empty before the first."""
        found = self._context.registers.fact(self._context.tenant_id, _KIND, _ID)
        return "" if found is None else str(found.fact["revision"])

    def announce(self, revision: str, engine: str) -> bool:
        """
        Record that a revision comes into force, unless it is the one announced last.

        Returns:
            Whether there was anything to record.

        Raises:
            LogUnavailable: It could not be recorded, so it must not decide anything.
        """
        found = self._context.registers.fact(self._context.tenant_id, _KIND, _ID)
        before = "" if found is None else str(found.fact["revision"])
        if before == revision:
            return False
        body: dict[str, JSONValue] = {
            "change": "in_force",
            "policy_revision": revision,
            "bundle_digest": revision,
            "previous_revision": before,
            "engine": engine,
        }
        draft = EntryDraft(
            self._context.ids.entry(), EntryType.POLICY, self._context.clock.now(), body
        )
        put = PutFact(
            _KIND,
            _ID,
            0 if found is None else found.version,
            {"id": _ID, "revision": revision, "engine": engine},
            (),
        )
        try:
            self._recorder.record(Change((self._recorder.prepare(draft),), (put,)))
        except Conflict:
            # Another thread announced meanwhile; then that one stands in the log.
            return self.announced() != revision and self.announce(revision, engine)
        return True
