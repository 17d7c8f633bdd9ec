"""
The same request sent twice makes one resource, and the second answer names the first's.

* A key belongs to the agency that chose it; two agencies never meet in one key.
* The row commits with what it stands for, so that neither is ever there alone.
* Only a digest of the key is stored: whatever a member wrote into it stays with the member.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from gateway.domain.errors import IdempotencyMismatch
from gateway.domain.ids import AgencyId, Millis
from gateway.domain.log import InsertRow
from gateway.services.context import Context

__all__ = ["Idempotency", "IdempotencyKey"]

_TABLE: Final = "idempotency"


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """
    One agency's key for one request.

    Attributes:
        agency_id: Who asks.
        key: The value of ``Idempotency-Key``: 1 to 100 visible ASCII characters.
        request_digest: Digest of method, path, acting person and body, so that the same
            words about something else are another request.
    """

    agency_id: AgencyId
    key: str
    request_digest: str

    @property
    def row_id(self) -> str:
        """The row's id: a digest of agency and key (neither holds a space)."""
        return hashlib.sha256(f"{self.agency_id} {self.key}".encode()).hexdigest()


class Idempotency:
    """Remembers which resource a key stands for, for one tenant."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def find(self, key: IdempotencyKey) -> str | None:
        """
        Return the id of the resource that this very request made, or ``None``.

        Raises:
            IdempotencyMismatch: The key was used with another request.
            StorageUnavailable: The registers are silent.
        """
        row = self._context.registers.row(self._context.tenant_id, _TABLE, key.row_id)
        if row is None:
            return None
        if row["request_digest"] != key.request_digest:
            raise IdempotencyMismatch("IDEMPOTENCY_KEY_REUSED")
        return str(row["resource_id"])

    def row(self, key: IdempotencyKey, kind: str, resource_id: str, now: Millis) -> InsertRow:
        """
        Return the row that remembers ``resource_id``; put it into the resource's own change.

        The change ends in ``Conflict("ROW_EXISTS")`` when the same key was used meanwhile:
        look again with :meth:`find`.
        """
        return InsertRow(
            _TABLE,
            {
                "id": key.row_id,
                "request_digest": key.request_digest,
                "kind": kind,
                "resource_id": resource_id,
                "created_at": now,
            },
        )
