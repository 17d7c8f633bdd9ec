"""The bundles that decisions refer to, kept by digest so that each can be asked again."""

from typing import Final

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.domain.errors import StorageUnavailable
from gateway.domain.ids import Millis, TenantId

__all__ = ["PolicyRevisions"]

_KEEP: Final = text(
    "INSERT INTO policy_revision (tenant_id, digest, bundle, first_used_at)"
    " VALUES (:tenant_id, :digest, :bundle, :first_used_at) ON CONFLICT DO NOTHING"
)
_BUNDLE: Final = text(
    "SELECT bundle FROM policy_revision WHERE tenant_id = :tenant_id AND digest = :digest"
)
_DIGESTS: Final = text(
    "SELECT digest FROM policy_revision WHERE tenant_id = :tenant_id ORDER BY first_used_at, digest"
)


class PolicyRevisions:
    """
    Keeps bundles of one tenant in a table of their own.

    Every method raises :class:`StorageUnavailable` when the database is silent.
    """

    def __init__(self, engine: Engine, tenant_id: TenantId) -> None:
        self._engine = engine
        self._tenant_id = tenant_id

    def keep(self, digest: str, bundle: bytes, *, now: Millis) -> None:
        """Keep a bundle before the first decision that refers to it; again does nothing."""
        values = {"digest": digest, "bundle": bundle, "first_used_at": now}
        try:
            with self._engine.begin() as connection:
                connection.execute(_KEEP, {"tenant_id": self._tenant_id, **values})
        except SQLAlchemyError as error:
            raise StorageUnavailable("the policy revision could not be kept") from error

    def bundle(self, digest: str) -> bytes | None:
        """Return the bundle with this digest, or ``None``."""
        values = {"tenant_id": self._tenant_id, "digest": digest}
        try:
            with self._engine.connect() as connection:
                found = connection.execute(_BUNDLE, values).scalar_one_or_none()
        except SQLAlchemyError as error:
            raise StorageUnavailable("the policy revision cannot be read") from error
        return None if found is None else bytes(found)

    def digests(self) -> list[str]:
        """Return the digests of every bundle kept, in the order of first use."""
        try:
            with self._engine.connect() as connection:
                found = connection.execute(_DIGESTS, {"tenant_id": self._tenant_id})
                return [row[0] for row in found]
        except SQLAlchemyError as error:
            raise StorageUnavailable("the policy revisions cannot be read") from error
