"""What witnesses said of a log, in a table of its own beside it."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.domain.errors import StorageUnavailable
from gateway.domain.ids import LogId, Millis
from gateway.ports.witnesses import KeptCosignature

__all__ = ["SQLCosignatures"]

_KEEP: Final = text(
    "INSERT INTO log_cosignature (log_id, size, witness, cosigned_at, note, line)"
    " SELECT :log_id, :size, :witness, :cosigned_at, :note, :line"
    " WHERE NOT EXISTS (SELECT 1 FROM log_cosignature"
    " WHERE log_id = :log_id AND size = :size AND witness = :witness)"
)
_NEWEST: Final = (
    "SELECT witness, max(size) FROM log_cosignature WHERE log_id = :log_id GROUP BY witness"
)
_HEADS: Final = (
    "SELECT size, witness, cosigned_at, note, line FROM log_cosignature"
    " WHERE log_id = :log_id AND size IN (SELECT DISTINCT size FROM log_cosignature"
    " WHERE log_id = :log_id AND size < :size ORDER BY size DESC LIMIT 64)"
    " ORDER BY size DESC, witness"
)
_BEYOND: Final = (
    "SELECT committed_at FROM log_head WHERE log_id = :log_id AND size > :size"
    " ORDER BY size LIMIT 1"
)


class SQLCosignatures:
    """Keeps cosignatures of one log; see :class:`gateway.ports.witnesses.Cosignatures`."""

    def __init__(self, reading: Engine, writing: Engine, log_id: LogId) -> None:
        self._reading = reading
        self._writing = writing
        self._log_id = log_id

    def keep(self, cosignature: KeptCosignature) -> None:
        """Make it durable before it is used; again does nothing."""
        one = cosignature
        values = {
            "log_id": self._log_id,
            "size": one.size,
            "witness": one.witness,
            "cosigned_at": one.cosigned_at,
            "note": one.note,
            "line": one.line,
        }
        try:
            with self._writing.begin() as connection:
                connection.execute(_KEEP, values)
        except SQLAlchemyError as error:
            raise StorageUnavailable("a cosignature could not be kept") from error

    def newest_sizes(self) -> Mapping[str, int]:
        """Return by witness the size of the largest head it has cosigned."""
        return {row[0]: row[1] for row in self._rows(_NEWEST)}

    def heads_before(self, size: int) -> Sequence[Sequence[KeptCosignature]]:
        """Return what was said of heads smaller than ``size``, largest first, 64 heads at most."""
        kept = [KeptCosignature(*row) for row in self._rows(_HEADS, size=size)]
        return [list(group) for _, group in groupby(kept, key=lambda one: one.size)]

    def oldest_beyond(self, size: int) -> Millis | None:
        """Return when the first entry at or beyond an index was committed; ``None``: none is."""
        rows = self._rows(_BEYOND, size=size)
        return Millis(rows[0][0]) if rows else None

    def _rows(self, statement: str, **values: Any) -> Sequence[Any]:
        try:
            with self._reading.connect() as connection:
                return connection.execute(
                    text(statement), {"log_id": self._log_id, **values}
                ).fetchall()
        except SQLAlchemyError as error:
            raise StorageUnavailable("cosignatures cannot be read") from error
