"""Single-use identifiers: whoever presents one a second time is turned away, on any replica."""

from typing import Final

from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError as RowExists
from sqlalchemy.exc import SQLAlchemyError

from gateway.domain.errors import StorageUnavailable
from gateway.domain.ids import Millis, TenantId

__all__ = ["ReplayStore"]

_REMEMBER: Final = text(
    "INSERT INTO replay (tenant_id, id, expires_at) VALUES (:tenant_id, :id, :expires_at)"
)
_FORGET: Final = text("DELETE FROM replay WHERE expires_at < :now")
_SWEEP_MS: Final = 60_000


class ReplayStore:
    """Remembers identifiers, durably and for every process that shares the database."""

    def __init__(self, engine: Engine, tenant_id: TenantId) -> None:
        self._engine = engine
        self._tenant_id = tenant_id
        self._swept_at = 0

    def remember(self, owner: str, identifier: str, *, expires_at: Millis, now: Millis) -> bool:
        """
        Return whether the identifier is new, and remember it durably until it expires.

        Args:
            owner: Whose identifier it is, for example a client id.
            identifier: The ``jti`` of an assertion or a proof.
            expires_at: Until when it could be presented again.
            now: The present instant; what expired before may be forgotten.

        Raises:
            StorageUnavailable: It cannot be remembered, so it must not be accepted.
        """
        values = {
            "tenant_id": self._tenant_id,
            "id": f"{owner}\n{identifier}",
            "expires_at": expires_at,
        }
        sweeps = now - self._swept_at >= _SWEEP_MS
        try:
            with self._engine.begin() as connection:
                if sweeps:
                    connection.execute(_FORGET, {"now": now})
                connection.execute(_REMEMBER, values)
        except RowExists:
            return False  # and nothing was forgotten either
        except (SQLAlchemyError, UnicodeEncodeError) as error:
            raise StorageUnavailable("an identifier could not be remembered") from error
        if sweeps:
            self._swept_at = now
        return True
