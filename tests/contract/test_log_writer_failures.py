"""What the log writer does when the database, the disk or the signer fails."""

import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gateway.domain.errors import Conflict, IntegrityError, LogUnavailable
from gateway.domain.log import InsertRow
from gateway.ports.log import Checkpoint
from gateway.storage import statements as sql
from gateway.storage.connect import database_url as parsed
from gateway.storage.connect import sqlite_path
from gateway.storage.postgres_session import PostgresSession
from gateway.storage.session import WriteFailed, WriteSession
from gateway.storage.sqlite_session import SQLiteSession
from gateway.storage.steps import Step
from gateway.storage.writer import WriterState
from tests.simulators.databases import PostgresDatabases, SQLiteDatabases
from tests.simulators.kept_log import LOG, WAIT_S, KeptLog, entry, pads, raw, row
from tests.simulators.postgres_server import PostgresServer
from tests.simulators.signer import HeldSigner, HonestSigner
from tests.simulators.small_disk import NoSmallDisk, SmallDisk
from tests.simulators.waiting import eventually


def notice(id_: str = "n-1") -> InsertRow:
    return row("notice", id_, state="open")


class Fault:
    """What happens to the next commit that extends the log, once it is armed."""

    def __init__(self) -> None:
        self._armed: str | None = None

    def arm(self, kind: str) -> None:
        """Let the next commit fail: ``before`` it is done, or ``after``, or ``final``."""
        self._armed = kind

    def sessions(self, url: str) -> Callable[[], WriteSession]:
        """Return what opens sessions that this fault happens to."""
        fault, base = self, parsed(url)
        postgres = base.get_backend_name() == "postgresql"
        kind: Any = PostgresSession if postgres else SQLiteSession

        class Faulty(kind):
            extends = False

            def run(self, steps: Sequence[Step]) -> None:
                self.extends |= any(step.statement == sql.INSERT_HEAD for step in steps)
                super().run(steps)

            def commit(self) -> None:
                armed = fault._armed if self.extends else None
                if armed is not None:
                    fault._armed = None
                if armed in {"before", "final"}:
                    raise WriteFailed(final=armed == "final")
                super().commit()
                self.extends = False
                if armed == "after":
                    raise WriteFailed

        return lambda: Faulty(base if postgres else sqlite_path(base))


@pytest.fixture
def fault() -> Fault:
    return Fault()


@pytest.fixture
def log(database_url: str, fault: Fault) -> Iterator[KeptLog]:
    with KeptLog.open(database_url, open_session=fault.sessions(database_url)) as log:
        yield log


# --- a commit whose outcome is unknown ---------------------------------------------------


def test_commit_that_failed_is_refused_and_leaves_nothing(log: KeptLog, fault: Fault) -> None:
    log.append()
    lost = entry()
    fault.arm("before")
    with pytest.raises(LogUnavailable):
        log.append(notice(), entries=[lost])
    assert log.reader.find(LOG, lost.entry_id) is None
    assert log.rows("SELECT id FROM notice") == []
    assert log.append(notice(), entries=[lost]).indices == (1,)
    assert log.verify() == 2


def test_commit_whose_answer_was_lost_is_found_by_its_entry(log: KeptLog, fault: Fault) -> None:
    log.append()
    entries = [entry(), entry()]
    fault.arm("after")
    appended = log.append(notice(), entries=entries)
    assert appended.indices == (1, 2)
    assert log.signer.trusted.open(appended.checkpoint).size == 3
    assert log.rows("SELECT id FROM notice") == [("n-1",)]
    with pytest.raises(Conflict, match="ENTRY_EXISTS"):
        log.append(entries=entries)
    assert log.writer.healthy
    assert log.verify() == 3


def test_commit_on_a_disk_that_lost_a_write_stops_the_writer(log: KeptLog, fault: Fault) -> None:
    log.append()
    fault.arm("final")
    with pytest.raises(IntegrityError):
        log.append()
    assert not log.writer.healthy
    assert log.writer.state is WriterState.STOPPED
    with pytest.raises(LogUnavailable):
        log.append()


def test_commit_of_a_batch_whose_answer_was_lost_tells_each_change_what_became_of_it(
    database_url: str, fault: Fault
) -> None:
    signer = HeldSigner()
    with KeptLog.open(
        database_url, signer=signer, open_session=fault.sessions(database_url)
    ) as log:
        log.append(notice("taken"))
        with signer.held():
            first = log.submit()
            assert signer.asked.wait(WAIT_S)
            futures = [log.submit(notice(id_)) for id_ in ("n-1", "taken", "n-2")]
            fault.arm("after")
        assert first.result(WAIT_S).indices == (1,)
        kept, dropped, last = (future.exception(WAIT_S) for future in futures)
        assert (kept, last) == (None, None)
        assert isinstance(dropped, LogUnavailable)
        assert log.rows("SELECT count(*) FROM notice") == [(3,)]
        assert log.verify() == 4


def writer_in_commit(log: KeptLog, event: str) -> int:
    """Return the writer's backend, once it waits within COMMIT."""
    ((pid,),) = eventually(
        lambda: log.rows(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'tasuki-log-writer'"  # noqa: S608 - ours
            f" AND datname = current_database() AND query = 'COMMIT' AND wait_event = '{event}'"
        )
    )
    return int(pid)


def test_connection_killed_before_its_commit_was_durable_is_refused(postgres_url: str) -> None:
    with KeptLog.open(postgres_url) as log, psycopg.connect(postgres_url) as other:
        log.append()
        raw(
            postgres_url,
            "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END $$",
            "CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON log_head"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION linger()",
        )
        other.execute("SELECT pg_advisory_xact_lock(42)")
        future = log.submit(notice())
        other.execute("SELECT pg_terminate_backend(%s)", (writer_in_commit(log, "advisory"),))
        with pytest.raises(LogUnavailable):
            future.result(WAIT_S)
        other.rollback()
        assert log.rows("SELECT id FROM notice") == []
        assert log.append(notice()).indices == (1,)
        assert log.verify() == 2


def test_connection_killed_after_its_commit_was_durable_is_found_by_its_entry(
    postgres_url: str, postgres_server: PostgresServer
) -> None:
    with KeptLog.open(postgres_url) as log:
        # After committing the server waits for a standby that never comes.
        with postgres_server.setting("synchronous_standby_names", "nobody"):
            future = log.submit(notice())
            pid = writer_in_commit(log, "SyncRep")
            raw(postgres_url, f"SELECT pg_terminate_backend({pid})")
            assert future.result(WAIT_S).indices == (0,)
        assert log.rows("SELECT id FROM notice") == [("n-1",)]
        assert log.append().indices == (1,)
        assert log.verify() == 2


def test_connection_lost_while_idle_costs_one_refusal(postgres_url: str) -> None:
    with KeptLog.open(postgres_url) as log:
        log.append()
        raw(
            postgres_url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'tasuki-log-writer' AND datname = current_database()",
        )
        with pytest.raises(LogUnavailable):
            log.append()
        assert log.append().indices == (1,)
        assert log.verify() == 2


def test_database_that_is_away_is_waited_for(
    postgres_url: str, postgres_server: PostgresServer
) -> None:
    name = parsed(postgres_url).database
    with KeptLog.open(postgres_url) as log, postgres_server.admin() as admin:
        log.append()
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        with pytest.raises(LogUnavailable):
            log.append()
        assert log.writer.state is WriterState.SILENT
        assert not log.writer.healthy
        with pytest.raises(LogUnavailable):
            log.append()
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        eventually(lambda: log.writer.healthy)
        assert log.append().indices == (1,)
        assert log.verify() == 2


# --- a stranger in the log, a signer that fails ------------------------------------------


def test_append_beside_a_stranger_stops_the_writer(log: KeptLog) -> None:
    log.append()
    stranger = entry()
    hexes = (stranger.leaf.hex(), stranger.leaf_hash.hex())
    leaf, hash_ = (f"decode('{h}', 'hex')" if "postgres" in log.url else f"x'{h}'" for h in hexes)
    raw(log.url, f"INSERT INTO log_entry VALUES ('{LOG}', 1, {leaf}, {hash_})")  # noqa: S608 - ours
    with pytest.raises(IntegrityError):
        log.append(notice())
    assert log.writer.state is WriterState.STOPPED
    assert log.rows("SELECT id FROM notice") == []
    assert log.rows("SELECT max(size) FROM log_head") == [(1,)]


class FailingSigner(HonestSigner):
    """Signs nothing while there is a fault."""

    def __init__(self) -> None:
        super().__init__()
        self.fault: Exception | None = None

    def sign(self, size: int, root: bytes, new_leaves: Sequence[bytes]) -> Checkpoint:
        """Raise the fault, else sign."""
        if self.fault is not None:
            raise self.fault
        return super().sign(size, root, new_leaves)


@pytest.mark.parametrize("fault_", [ConnectionError(), LogUnavailable("no signer")])
def test_append_without_a_signature_is_refused_until_the_backlog_is_signed(
    database_url: str, fault_: Exception
) -> None:
    signer, unsigned = FailingSigner(), entry()
    with KeptLog.open(database_url, signer=signer) as log:
        log.append()
        signer.fault = fault_
        for entries in ([unsigned], [entry()]):
            with pytest.raises(LogUnavailable):
                log.append(entries=entries)
        assert not log.writer.healthy
        assert log.reader.checkpoint(LOG).size == 1
        signer.fault = None
        assert log.append().indices == (2,)
        found = log.reader.find(LOG, unsigned.entry_id)
        assert found is not None
        assert found.index == 1
        assert [head.size for head in signer.signed] == [0, 1, 2, 3]
        assert log.verify() == 3


def test_append_that_the_signer_contradicts_stops_the_writer(database_url: str) -> None:
    signer = FailingSigner()
    with KeptLog.open(database_url, signer=signer) as log:
        log.append()
        signer.fault = IntegrityError("another root")
        with pytest.raises(IntegrityError):
            log.append()
        assert log.writer.state is WriterState.STOPPED
        with pytest.raises(LogUnavailable):
            log.append()


# --- a full disk -------------------------------------------------------------------------


def append_until_refused(log: KeptLog) -> int:
    """Append rows until one is refused, and return how many were kept."""
    for count in range(2_000):
        try:
            log.append(notice(f"n-{count}"), entries=[entry() for _ in range(8)])
        except LogUnavailable:
            return count
    raise AssertionError("the disk never became full")


def check_refused_without_a_trace(log: KeptLog, kept: int) -> None:
    """Check that the log holds what it acknowledged, and goes on refusing."""
    with pytest.raises(LogUnavailable):
        log.append(notice("n-late"), entries=pads(256))
    assert log.rows("SELECT count(*) FROM notice") == [(kept,)]
    assert log.rows("SELECT count(*), max(seq) + 1 FROM log_entry") == [(8 * kept, 8 * kept)]
    assert log.verify() == 8 * kept


def check_goes_on(log: KeptLog, kept: int) -> None:
    """Check that the log continues where it was, and verifies."""
    assert log.append(notice("n-late"), entries=pads(256)).indices[0] == 8 * kept
    assert log.writer.healthy
    assert log.verify() == 8 * kept + 256


def test_append_to_a_sqlite_file_that_may_not_grow_is_refused(sqlite_url: str) -> None:
    path, pages = sqlite_path(parsed(sqlite_url)), [1 << 30]

    class Bounded(SQLiteSession):
        def __init__(self) -> None:
            super().__init__(path)
            self._execute(f"PRAGMA max_page_count={pages[0]}").fetchall()

    ((count,),) = raw(sqlite_url, "PRAGMA page_count")
    pages[0] = count + 10
    with KeptLog.open(sqlite_url, open_session=Bounded) as log:
        kept = append_until_refused(log)
        assert kept > 0
        check_refused_without_a_trace(log, kept)
        pages[0] = 1 << 30
        with pytest.raises(LogUnavailable):  # still on the connection that was bounded
            log.append(entries=pads(256))
        check_goes_on(log, kept)


@pytest.fixture
def small_disk() -> Iterator[SmallDisk]:
    try:
        with SmallDisk.mounted(megabytes=16) as disk:
            yield disk
    except NoSmallDisk as missing:
        pytest.skip(str(missing))


def test_append_to_sqlite_on_a_full_disk_is_refused_until_there_is_space(
    small_disk: SmallDisk,
) -> None:
    databases = SQLiteDatabases(small_disk.path)
    with databases.fresh() as url, KeptLog.open(url) as log:
        log.append(notice("n-0"), entries=pads(8))
        small_disk.fill()
        check_refused_without_a_trace(log, 1)
        small_disk.free()
        check_goes_on(log, 1)


def test_append_to_postgres_on_a_full_disk_is_refused_until_there_is_space(
    small_disk: SmallDisk, postgres_server: PostgresServer, postgres_databases: PostgresDatabases
) -> None:
    with (
        postgres_server.tablespace(small_disk.path) as space,
        postgres_databases.fresh(tablespace=space) as url,
        KeptLog.open(url) as log,
    ):
        log.append(notice("first"))
        small_disk.fill()
        with pytest.raises(psycopg.errors.DiskFull) as full:
            raw(url, "CREATE TABLE more AS SELECT generate_series(1, 100000)")
        assert full.value.sqlstate == "53100"
        kept = append_until_refused(log)
        before = log.rows("SELECT count(*) FROM log_entry")
        with pytest.raises(LogUnavailable):
            log.append(notice("late"), entries=pads(256))
        assert before == log.rows("SELECT count(*) FROM log_entry") == [(8 * kept + 1,)]
        assert log.rows("SELECT count(*) FROM notice") == [(kept + 1,)]
        assert log.verify() == 8 * kept + 1
        small_disk.free()
        assert log.append(notice("late"), entries=pads(256)).indices[0] == 8 * kept + 1
        assert log.verify() == 8 * kept + 257


def test_append_to_sqlite_that_loses_a_write_stops_the_writer_for_good(sqlite_url: str) -> None:
    signer = HonestSigner()
    wal = Path(f"{sqlite_path(parsed(sqlite_url))}-wal")
    with KeptLog.open(sqlite_url, signer=signer) as log:
        log.append()
        with files_limited(wal.stat().st_size), pytest.raises(IntegrityError):
            log.append(notice(), entries=pads(256))
        assert log.writer.state is WriterState.STOPPED
        with pytest.raises(LogUnavailable):
            log.append()
    with KeptLog.open(sqlite_url, signer=signer) as log:
        assert log.rows("SELECT id FROM notice") == []
        assert log.append().indices == (1,)
        assert log.verify() == 2


@contextmanager
def files_limited(size: int) -> Iterator[None]:
    """Let no write of this process go beyond ``size``: a real EFBIG from the kernel."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
