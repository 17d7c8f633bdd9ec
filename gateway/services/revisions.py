"""
Which rules are in force, as the log says it, and which may not come into force.

A revision that comes into force is a ``policy`` entry before it decides anything, and the
register says which one was announced last, so that a restart announces nothing twice. One that
is refused is an entry too, and an alert for the officers, because the rules they think are in
force are not.
"""

from collections.abc import Callable, Sequence
from typing import Final

from gateway.domain.errors import Conflict
from gateway.domain.log import EntryDraft, EntryType, InsertRow, JSONValue, PutFact
from gateway.ports.registers import FactRow
from gateway.services.context import Context
from gateway.services.door_rows import ALERT_DESK
from gateway.services.recording import Change, Recorder

__all__ = ["Revisions"]

_KIND: Final = "policy_in_force"
_ID: Final = "policy"
_REFUSED: Final = "policy_refused"
_OLDER: Final = "older_allowed"
_MAX_NOTE: Final = 400


class Revisions:
    """Announces the revisions of one tenant."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._recorder = Recorder(context)

    def announced(self) -> str:
        """Return the revision announced last; empty before the first."""
        found = self._context.registers.fact(self._context.tenant_id, _KIND, _ID)
        return "" if found is None else str(found.fact["revision"])

    def newest(self) -> tuple[str, str]:
        """Return issue and digest of the newest revision ever in force; empty before it."""
        return _newest(self._context.registers.fact(self._context.tenant_id, _KIND, _ID))

    def announce(
        self, revision: str, issued: str, engine: str, follows: Callable[[tuple[str, str]], bool]
    ) -> bool:
        """
        Record that a revision comes into force, unless it is the one announced last.

        Args:
            revision: Its digest.
            issued: Its place among the revisions.
            engine: What decides by it.
            follows: Given the newest (issue, digest) ever in force, says whether this one is
                older and allowed; whatever it raises keeps the revision out of force.

        Returns:
            Whether there was anything to record.

        Raises:
            LogUnavailable: It could not be recorded, so it must not decide anything.
        """
        found = self._context.registers.fact(self._context.tenant_id, _KIND, _ID)
        older = follows(_newest(found))
        before = "" if found is None else str(found.fact["revision"])
        if before == revision:
            return False
        body: dict[str, JSONValue] = {
            "change": "in_force",
            "policy_revision": revision,
            "bundle_digest": revision,
            "previous_revision": before,
            "engine": engine,
            "issued": issued,
            "code": _OLDER if older else "",
        }
        draft = EntryDraft(
            self._context.ids.entry(),
            EntryType.POLICY,
            self._context.clock.now(),
            body,
            retention="audit",
        )
        newest_issued, newest_revision = _newest(found) if older else (issued, revision)
        put = PutFact(
            _KIND,
            _ID,
            0 if found is None else found.version,
            {
                "id": _ID,
                "revision": revision,
                "engine": engine,
                "newest_issued": newest_issued,
                "newest_revision": newest_revision,
            },
            (),
        )
        try:
            self._recorder.record(Change((self._recorder.prepare(draft),), (put,)))
        except Conflict:
            # Another thread announced meanwhile; then that one stands in the log.
            return self.announced() != revision and self.announce(revision, issued, engine, follows)
        return True

    def refuse(self, in_force: str, findings: Sequence[str]) -> None:
        """
        Record that a revision may not come into force, and tell the officers.

        Args:
            in_force: The revision that stays in force.
            findings: Why; they hold no fact about a person.

        Raises:
            LogUnavailable: It could not be recorded.
        """
        now = self._context.clock.now()
        body: dict[str, JSONValue] = {
            "change": "refused",
            "policy_revision": in_force,
            "code": "revision_rejected",
            "note": "; ".join(findings)[:_MAX_NOTE],
        }
        draft = EntryDraft(
            self._context.ids.entry(), EntryType.POLICY, now, body, retention="audit"
        )
        alert = InsertRow(
            "notice",
            {
                "id": self._context.ids.new(),
                "recipient_agency": ALERT_DESK,
                "kind": _REFUSED,
                "state": "new",
                "created_at": now,
            },
        )
        self._recorder.record(Change((self._recorder.prepare(draft),), (alert,)))


def _newest(found: FactRow | None) -> tuple[str, str]:
    fact = {} if found is None else found.fact
    # An entry from before revisions had a place names none.
    return str(fact.get("newest_issued", "")), str(fact.get("newest_revision", ""))
