"""Where new identifiers come from."""

from typing import Protocol

from gateway.domain.ids import EntryId

__all__ = ["Ids"]


class Ids(Protocol):
    """Makes identifiers that never repeat and reveal nothing about a person."""

    def new(self) -> str:
        """Return a new UUIDv7 as 36 characters (RFC 9562)."""
        ...

    def entry(self) -> EntryId:
        """Return a new log entry id: 128 random bits as 22 characters of base64url."""
        ...
