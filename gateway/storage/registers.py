"""Ordinary reads of the registers and work tables; the hot path has ``facts_reader``."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Engine, Select, and_, select
from sqlalchemy.exc import SQLAlchemyError

from gateway.domain.errors import StorageUnavailable
from gateway.domain.ids import AgencyId, LogId, PersonId, SubjectId, TenantId
from gateway.domain.records import WORK_TABLES
from gateway.ports.registers import FactRow, Row, SubjectRow
from gateway.storage.schema import table

__all__ = ["MAX_ROWS", "SQLRegisters"]

MAX_ROWS: Final = 1_000


class SQLRegisters:
    """
    Reads one database; see :class:`gateway.ports.registers.Registers`.

    Every method raises :class:`StorageUnavailable` when the database is silent.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def fact(self, tenant_id: TenantId, kind: str, id_: str) -> FactRow | None:
        """Return a fact in its newest version, or ``None``."""
        fact = table("register_fact")
        query = _facts().where(fact.c.tenant_id == tenant_id, fact.c.kind == kind, fact.c.id == id_)
        return next(map(_fact_row, self._rows(query)), None)

    def facts_by_key(self, tenant_id: TenantId, key: str) -> Sequence[FactRow]:
        """Return every fact under one key, sorted by kind and id."""
        fact, by_key = table("register_fact"), table("register_key")
        same = and_(
            by_key.c.tenant_id == fact.c.tenant_id,
            by_key.c.kind == fact.c.kind,
            by_key.c.id == fact.c.id,
        )
        query = (
            _facts()
            .join(by_key, same)
            .where(by_key.c.tenant_id == tenant_id, by_key.c.key == key)
            .order_by(fact.c.kind, fact.c.id)
        )
        return [_fact_row(row) for row in self._rows(query)]

    def epoch(self, tenant_id: TenantId, key: str) -> int:
        """Return how often anything under a key has changed; 0 where nothing ever was."""
        known = table("register_epoch")
        query = select(known.c.epoch).where(known.c.tenant_id == tenant_id, known.c.key == key)
        return next((int(epoch) for (epoch,) in self._rows(query)), 0)

    def history(self, tenant_id: TenantId, kind: str, id_: str) -> Sequence[FactRow]:
        """Return every version of a fact, oldest first."""
        past = table("register_fact_history")
        query = (
            select(past.c.kind, past.c.id, past.c.version, past.c.fact)
            .where(past.c.tenant_id == tenant_id, past.c.kind == kind, past.c.id == id_)
            .order_by(past.c.version)
        )
        return [_fact_row(row) for row in self._rows(query)]

    def subject_by_ref(
        self, tenant_id: TenantId, agency_id: AgencyId, ref_digest: str
    ) -> SubjectRow | None:
        """Return the handle an agency registered for one of its own references."""
        subject = table("subject")
        return self._subject(
            subject.c.tenant_id == tenant_id,
            subject.c.agency_id == agency_id,
            subject.c.ref_digest == ref_digest,
        )

    def subject(self, tenant_id: TenantId, subject_id: SubjectId) -> SubjectRow | None:
        """Return one handle, or ``None``."""
        subject = table("subject")
        return self._subject(subject.c.tenant_id == tenant_id, subject.c.id == subject_id)

    def row(self, tenant_id: TenantId, table: str, id_: str) -> Row | None:
        """Return one row of a work table by its key, or ``None``."""
        found = self.rows(tenant_id, table, {"id": id_}, limit=1)
        return found[0] if found else None

    def rows(
        self,
        tenant_id: TenantId,
        table: str,
        where: Mapping[str, str | int | None],
        *,
        after: str = "",
        limit: int = 100,
    ) -> Sequence[Row]:
        """
        Return rows whose columns equal ``where``, in key order, after a key.

        Raises:
            ValueError: There is no such table or column, or the limit is out of range: a
                mistake of the calling code.
        """
        work = _work_table(table, where)
        equal = (work.c[name] == value for name, value in where.items())
        return self._page(work, tenant_id, *equal, after=after, limit=limit)

    def waiting_about(
        self,
        tenant_id: TenantId,
        log_id: LogId,
        pseudonym: str,
        *,
        after: str = "",
        limit: int = 100,
    ) -> Sequence[Row]:
        """
        Return waiting deliveries whose ``release`` entry concerns a person, in key order.

        Few deliveries wait at a time, and each is looked up in the subject index by its key.
        """
        delivery, index = table("delivery"), table("log_subject_ix")
        entries = select(index.c.entry_id).where(
            index.c.log_id == log_id, index.c.pseudonym == pseudonym
        )
        about = (delivery.c.state == "waiting", delivery.c.entry_id.in_(entries))
        return self._page(delivery, tenant_id, *about, after=after, limit=limit)

    def _page(
        self,
        work: Any,
        tenant_id: TenantId,
        *where: ColumnElement[bool],
        after: str,
        limit: int,
    ) -> Sequence[Row]:
        if not 0 < limit <= MAX_ROWS:
            raise ValueError("limit is out of range")
        query = (
            select(*(c for c in work.c if c.name != "tenant_id"))
            .where(work.c.tenant_id == tenant_id, *where, work.c.id > after)
            .order_by(work.c.id)
            .limit(limit)
        )
        return [dict(row._mapping) for row in self._rows(query)]  # noqa: SLF001 - its public name

    def _subject(self, *where: ColumnElement[bool]) -> SubjectRow | None:
        subject = table("subject")
        query = select(subject.c.id, subject.c.agency_id, subject.c.person_id).where(*where)
        for id_, agency, person in self._rows(query):
            return SubjectRow(SubjectId(id_), AgencyId(agency), PersonId(person))
        return None

    def _rows(self, query: Select[Any]) -> Sequence[Any]:
        try:
            with self._engine.connect() as connection:
                return connection.execute(query).fetchall()
        except SQLAlchemyError as error:
            raise StorageUnavailable("the registers cannot be read") from error


def _facts() -> Select[Any]:
    fact = table("register_fact")
    return select(fact.c.kind, fact.c.id, fact.c.version, fact.c.fact)


def _fact_row(row: Any) -> FactRow:
    kind, id_, version, fact = row
    return FactRow(kind, id_, version, orjson.loads(fact))


def _work_table(name: str, columns: Mapping[str, object]) -> Any:
    if name not in WORK_TABLES:
        raise ValueError("there is no such work table")
    unknown = set(columns) - {"id", *WORK_TABLES[name]}
    if unknown:
        raise ValueError(f"{name} has no column {min(unknown)}")
    return table(name)
