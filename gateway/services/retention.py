"""
When the retention of what an entry says has ended.

The period and the event it starts with are the pack's, by retention class. A class that the
pack does not name, and an event that has not happened, never ends.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from gateway.crypto.commitment import Leaf
from gateway.crypto.pseudonym import register_entry_id
from gateway.domain.erasure import Retention
from gateway.domain.errors import IntegrityError, NotFound, PolicyUnavailable
from gateway.domain.ids import EntryId, Millis
from gateway.ports.log import StoredEntry
from gateway.services.context import Context
from gateway.services.recording import Recorder

__all__ = ["RetentionEnds", "is_code", "pack_of"]

_CODE: Final = re.compile(r"[a-z0-9_]{1,60}", re.ASCII)


def is_code(text: str) -> bool:
    """Return whether a text is a code as the log holds it."""
    return _CODE.fullmatch(text) is not None


def pack_of(context: Context) -> str:
    """
    Return the id of the tenant's pack.

    Raises:
        PolicyUnavailable: The tenant names none; nothing may rest on a guess.
    """
    tenant = context.registers.fact(context.tenant_id, "tenant", context.tenant_id)
    if tenant is None:
        raise PolicyUnavailable("the tenant names no pack")
    return str(tenant.fact["pack"])


class RetentionEnds:
    """
    Tells when retention ends, by the rules of the tenant's pack as they are now.

    Raises:
        PolicyUnavailable: The revision in force has no such pack, or no retention in it.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._recorder = Recorder(context)
        self._rules: Mapping[str, Retention] = context.rulebook.retention(pack_of(context))

    def of(self, stored: StoredEntry) -> Millis | None:
        """Return when the retention of an entry's body ends; ``None`` when nobody can say."""
        rule = None if stored.body is None else self._rules.get(stored.body.retention)
        if rule is None:
            return None
        start = self._start(rule.starts, stored)
        return None if start is None else Millis(start + rule.period_ms)

    def has_rule(self, retention: str) -> bool:
        """Return whether the pack has a period for a class."""
        return retention in self._rules

    def has_ended(self, stored: StoredEntry) -> bool:
        """Return whether the retention of an entry's body has ended by now."""
        end = self.of(stored)
        return end is not None and end <= self._context.clock.now()

    def _start(self, event: str, stored: StoredEntry) -> Millis | None:
        return Millis(Leaf.parse(stored.leaf).at) if event == "recorded" else self._replaced(stored)

    def _replaced(self, stored: StoredEntry) -> Millis | None:
        """Return when the fact that an entry is about got another version, or came to its end."""
        body: dict[str, Any]
        try:
            body = self._recorder.body_of(stored.entry_id)
            kind, id_, version = str(body["kind"]), str(body["record_id"]), int(body["version"])
        except (NotFound, IntegrityError, KeyError):
            return None
        context = self._context
        next_id = register_entry_id(context.keys.reference_key(), kind, id_, version + 1)
        following = context.log.find(context.log_id, EntryId(next_id))
        if following is not None:
            return Millis(Leaf.parse(following.leaf).at)
        end = body.get("effective_until")
        return Millis(end) if type(end) is int else None
