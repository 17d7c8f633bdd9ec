"""Registers: dated facts found by keys, and the work tables of the door."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.ids import AgencyId, LogId, Millis, PersonId, SubjectId, TenantId
from gateway.domain.log import FactVersion, JSONValue, KeyEpoch

__all__ = ["FactRow", "FactsQuery", "FactsReader", "Registers", "Row", "SubjectRow", "UnitFacts"]

Row = Mapping[str, str | int | bytes | None]


@dataclass(frozen=True, slots=True)
class FactRow:
    """One registered fact in its newest version."""

    kind: str
    id: str
    version: int
    fact: Mapping[str, JSONValue]

    @property
    def as_version(self) -> FactVersion:
        """The version to rely on."""
        return FactVersion(self.kind, self.id, self.version)


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """An agency's handle for a person and the person it stands for."""

    subject_id: SubjectId
    agency_id: AgencyId
    person_id: PersonId


@dataclass(frozen=True, slots=True)
class FactsQuery:
    """
    What one unit needs to know.

    Attributes:
        keys: Every fact under one of these keys is wanted.
        subjects: Handles to resolve; facts keyed ``person:<theirs>`` come along.
        pair: Sender and recipient, for the count of earlier ad hoc permits.
        ad_hoc_since: Start of the window in which they are counted.
        asking_actor: Who asks; empty when a question is asked again.
        lately_since: Start of the window in which the units that this person asked about are
            counted.
    """

    keys: tuple[str, ...]
    subjects: tuple[SubjectId, ...]
    pair: tuple[AgencyId, AgencyId]
    ad_hoc_since: Millis
    asking_actor: str
    lately_since: Millis


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """
    The answer to a :class:`FactsQuery`, read in one statement.

    ``epochs`` holds one epoch for every key asked for and for every resolved person's
    key; a key under which nothing was ever put has epoch 0. Sorted by key.
    """

    facts: tuple[FactRow, ...]
    subjects: tuple[SubjectRow, ...]
    ad_hoc_count: int
    epochs: tuple[KeyEpoch, ...] = ()
    lately_count: int = 0


class FactsReader(Protocol):
    """Reads everything one unit needs in one statement; the hot path."""

    async def facts(self, tenant_id: TenantId, query: FactsQuery) -> UnitFacts:
        """
        Return the facts asked for; what is not there is simply absent.

        Raises:
            StorageUnavailable: The database is silent.
        """
        ...

    async def row(self, tenant_id: TenantId, table: str, id_: str) -> Row | None:
        """
        Return one row of a work table by its key, or ``None``, without holding the event loop.

        Raises:
            StorageUnavailable: The database is silent.
        """
        ...


class Registers(Protocol):
    """Ordinary reads of one tenant's registers and work tables; writes go to the log writer."""

    def fact(self, tenant_id: TenantId, kind: str, id_: str) -> FactRow | None:
        """Return a fact in its newest version, or ``None``."""
        ...

    def facts_by_key(self, tenant_id: TenantId, key: str) -> Sequence[FactRow]:
        """Return every fact under one key, sorted by kind and id."""
        ...

    def epoch(self, tenant_id: TenantId, key: str) -> int:
        """Return how often anything under a key has changed; 0 where nothing ever was."""
        ...

    def subject_by_ref(
        self, tenant_id: TenantId, agency_id: AgencyId, ref_digest: str
    ) -> SubjectRow | None:
        """Return the handle an agency registered for one of its own references."""
        ...

    def subject(self, tenant_id: TenantId, subject_id: SubjectId) -> SubjectRow | None:
        """Return one handle, or ``None``."""
        ...

    def row(self, tenant_id: TenantId, table: str, id_: str) -> Row | None:
        """Return one row of a work table by its key, or ``None``."""
        ...

    def rows(
        self,
        tenant_id: TenantId,
        table: str,
        where: Mapping[str, str | int | None],
        *,
        after: str = "",
        limit: int = 100,
    ) -> Sequence[Row]:
        """Return rows whose columns equal ``where``, in key order, after a key."""
        ...

    def waiting_about(
        self,
        tenant_id: TenantId,
        log_id: LogId,
        pseudonym: str,
        *,
        after: str = "",
        limit: int = 100,
    ) -> Sequence[Row]:
        """Return waiting deliveries whose ``release`` entry concerns a person, in key order."""
        ...
