"""One database: everything that reads it, and the one writer."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Self

from sqlalchemy import URL, Engine

from gateway.domain.ids import LogId, TenantId
from gateway.ports.clock import Clock
from gateway.ports.log import Signer
from gateway.storage.connect import database_url, engine_for, sqlite_path
from gateway.storage.cosignatures import SQLCosignatures
from gateway.storage.facts_reader import PostgresFactsReader, SQLiteFactsReader
from gateway.storage.log_reader import ReadCheckpoint, SQLLogReader, WriteProof
from gateway.storage.memory import LogMemory
from gateway.storage.migrate import check_current
from gateway.storage.policy_revisions import PolicyRevisions
from gateway.storage.registers import SQLRegisters
from gateway.storage.replay import ReplayStore
from gateway.storage.session import WriteSession
from gateway.storage.sqlite_session import SQLiteSession
from gateway.storage.writer import Writer

__all__ = ["Database"]


class Database:
    """
    A database at the newest revision, opened for one process.

    Its parts share what the writer of this process leaves in memory, so that a proof of
    what was just appended needs no query. Close it after the last user has stopped.
    """

    def __init__(self, url: URL) -> None:
        self._url = url
        self._memory: defaultdict[LogId, LogMemory] = defaultdict(LogMemory)
        self._engine = engine_for(url)
        self._writing_engine = engine_for(url, transactional=True)
        self._facts_readers: list[SQLiteFactsReader] = []
        self._writer: Writer | None = None

    @classmethod
    def open(cls, url: str) -> Self:
        """
        Open a database by URL: ``sqlite:///path`` or ``postgresql://…``.

        Raises:
            StorageUnavailable: It is silent, too old a SQLite, not durable, or not at the
                newest revision (``migrate.upgrade``).
        """
        database = cls(database_url(url))
        try:
            check_current(database.engine)
        except BaseException:
            database.close()
            raise
        return database

    @property
    def engine(self) -> Engine:
        """For reads; each statement sees the newest committed state."""
        return self._engine

    def writer(
        self,
        signers: Mapping[LogId, Signer],
        clock: Clock,
        *,
        queue_size: int = 4_096,
        batch_size: int = 256,
    ) -> Writer:
        """
        Start the one writer, after verifying each log against its signer.

        Raises:
            StorageUnavailable: The database is silent, or another writer holds it.
            IntegrityError: What is stored and what was signed do not agree: stop.
        """
        self._writer = Writer(
            self._open_session,
            signers,
            self._memory,
            clock,
            queue_size=queue_size,
            batch_size=batch_size,
        )
        return self._writer

    def facts_reader(self) -> SQLiteFactsReader | PostgresFactsReader:
        """Return the reader of the hot path."""
        if self._url.get_backend_name() == "postgresql":
            return PostgresFactsReader(self._url)
        reader = SQLiteFactsReader(sqlite_path(self._url))
        self._facts_readers.append(reader)
        return reader

    def registers(self) -> SQLRegisters:
        """Return the ordinary reads."""
        return SQLRegisters(self._engine)

    def log_reader(
        self, *, read_checkpoint: ReadCheckpoint, write_proof: WriteProof
    ) -> SQLLogReader:
        """Return the reader of every log in this database."""
        return SQLLogReader(
            self._engine,
            self._memory,
            read_checkpoint=read_checkpoint,
            write_proof=write_proof,
        )

    def replay(self, tenant_id: TenantId) -> ReplayStore:
        """Return the store of single-use identifiers."""
        return ReplayStore(self._writing_engine, tenant_id)

    def policy_revisions(self, tenant_id: TenantId) -> PolicyRevisions:
        """Return the bundles that decisions refer to."""
        return PolicyRevisions(self._writing_engine, tenant_id)

    def cosignatures(self, log_id: LogId) -> SQLCosignatures:
        """Return what witnesses have said of a log."""
        return SQLCosignatures(self._engine, self._writing_engine, log_id)

    def close(self) -> None:
        """Stop the writer after what is queued, and close every connection."""
        if self._writer is not None:
            self._writer.close()
        for reader in self._facts_readers:
            reader.close()
        self._engine.dispose()
        self._writing_engine.dispose()

    def _open_session(self) -> WriteSession:
        if self._url.get_backend_name() == "postgresql":
            # Imports the driver, an extra which a gateway on SQLite does without.
            from gateway.storage.postgres_session import PostgresSession  # noqa: PLC0415

            return PostgresSession(self._url)
        return SQLiteSession(sqlite_path(self._url))
