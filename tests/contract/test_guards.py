"""Guards in the database itself: append-only tables, durable commits, an honest SQLite."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors, sql
from pysqlite3 import dbapi2 as sqlite

from gateway.domain.errors import LogUnavailable, StorageUnavailable
from gateway.domain.log import PutFact
from gateway.ports.witnesses import KeptCosignature
from gateway.storage import connect
from gateway.storage.connect import database_url as parsed
from gateway.storage.connect import open_sqlite, sqlite_path
from gateway.storage.database import Database
from gateway.storage.schema import APPEND_ONLY, METADATA
from tests.simulators.kept_log import LOG, KeptLog, entry, pads, raw
from tests.simulators.postgres_server import PostgresServer

REFUSED = (sqlite.IntegrityError, errors.RestrictViolation)
GUARDED = (*APPEND_ONLY, "log_body", "log_tip")
PERSON = ["p-sato"]
EMPTY = "wrapped_key = NULL, nonce = NULL, ciphertext = NULL"


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def log(request: pytest.FixtureRequest) -> Iterator[KeptLog]:
    """A log with a row in every guarded table; it goes on and verifies after all tests."""
    databases = request.getfixturevalue(f"{request.param}_databases")
    with databases.fresh() as url:
        with KeptLog.open(url) as log:
            fact = PutFact("consent", "c-1", 0, {}, ("person:p-sato",))
            log.append(fact, entries=[entry(persons=PERSON), *pads(259)])
        # Closed once, so that a signed head is stored.
        with KeptLog.open(url, signer=log.signer) as log:
            head = log.reader.checkpoint(LOG)
            said = KeptCosignature(head.size, "w", 1, head.note, "line")
            log.database.cosignatures(LOG).keep(said)
            yield log
            log.append()
            log.verify()


def dump(log: KeptLog) -> dict[str, list[tuple[object, ...]]]:
    tables = (*GUARDED, "log_subject_ix")
    return {name: log.rows(f"SELECT * FROM {name} ORDER BY 1, 2, 3") for name in tables}  # noqa: S608 - ours


def check_refused(log: KeptLog, statement: str) -> None:
    """Check that a guard refuses the statement and everything is as before."""
    before = dump(log)
    assert all(before.values())
    with pytest.raises(REFUSED, match="append only"):
        raw(log.url, statement)
    assert dump(log) == before


def is_sqlite(log: KeptLog) -> bool:
    return log.url.startswith("sqlite")


# --- append-only tables ------------------------------------------------------------------


@pytest.mark.parametrize("table", GUARDED)
def test_delete_from_a_kept_table_is_refused(log: KeptLog, table: str) -> None:
    check_refused(log, f"DELETE FROM {table}")  # noqa: S608 - ours


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_update_of_an_append_only_table_is_refused(log: KeptLog, table: str) -> None:
    for column in METADATA.tables[table].columns:
        check_refused(log, f"UPDATE {table} SET {column.name} = {column.name}")  # noqa: S608 - ours


@pytest.mark.parametrize("table", GUARDED)
def test_replace_of_a_kept_row_is_refused(log: KeptLog, table: str) -> None:
    columns = ", ".join(c.name for c in METADATA.tables[table].columns)
    same = f"SELECT {columns} FROM {table} LIMIT 1"  # noqa: S608 - ours
    if is_sqlite(log):
        check_refused(log, f"INSERT OR REPLACE INTO {table} ({columns}) {same}")
        return
    key = [c.name for c in METADATA.tables[table].primary_key]
    other = next(c.name for c in METADATA.tables[table].columns if c.name not in key)
    setting = f"{other} = EXCLUDED.{other}"
    if table == "log_body":  # which may be updated, but not to hold something else
        setting = "ciphertext = EXCLUDED.nonce"
    check_refused(
        log,
        f"INSERT INTO {table} ({columns}) ({same}) ON CONFLICT ({', '.join(key)})"
        f" DO UPDATE SET {setting}",
    )


@pytest.mark.postgres
@pytest.mark.parametrize("table", [*GUARDED, "log_subject_ix"])
def test_truncate_of_a_kept_table_is_refused(postgres_url: str, table: str) -> None:
    with KeptLog.open(postgres_url) as log:
        log.append(entries=[entry(persons=PERSON)])
        log.database.cosignatures(LOG).keep(KeptCosignature(1, "w", 1, "note", "line"))
        before = log.rows(f"SELECT * FROM {table}")  # noqa: S608 - ours
        for cascade in ("", " CASCADE"):
            with pytest.raises((errors.RestrictViolation, errors.FeatureNotSupported)):
                raw(log.url, f"TRUNCATE {table}{cascade}")
        assert log.rows(f"SELECT * FROM {table}") == before  # noqa: S608 - ours


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM log_entry",
        "UPDATE log_entry SET seq = seq",
        "UPDATE log_head SET n = n",
        "TRUNCATE log_entry",
    ],
)
def test_guards_hold_for_a_replica_session(postgres_url: str, statement: str) -> None:
    with KeptLog.open(postgres_url) as log:
        log.append()
        with pytest.raises(errors.RestrictViolation):
            raw(log.url, "SET session_replication_role = replica", statement)
        assert log.verify() == 1


@pytest.mark.parametrize("seq", [0, 259, 261, -1])
def test_entry_at_another_index_than_the_next_is_refused(log: KeptLog, seq: int) -> None:
    check_refused(
        log,
        "INSERT INTO log_entry (log_id, seq, leaf, leaf_hash)"  # noqa: S608 - ours
        f" SELECT log_id, {seq}, leaf, leaf_hash FROM log_entry WHERE seq = 1",
    )


@pytest.mark.parametrize(("size", "previous"), [(261, 260), (259, 0), (520, 260)])
def test_head_that_does_not_cover_the_entries_is_refused(
    log: KeptLog, size: int, previous: int
) -> None:
    check_refused(
        log,
        "INSERT INTO log_head (log_id, size, prev_size, root, frontier, n, committed_at)"  # noqa: S608 - ours
        f" SELECT log_id, {size}, {previous}, root, frontier, {size - previous}, 1"
        " FROM log_head WHERE size = 260",
    )


def test_two_heads_after_the_same_head_are_refused(log: KeptLog) -> None:
    fork = (
        "INSERT INTO log_head (log_id, size, prev_size, root, frontier, n, committed_at)"
        " SELECT log_id, 260, 0, root, frontier, 260, 1 FROM log_head WHERE size = 260"
    )
    with pytest.raises((sqlite.IntegrityError, errors.UniqueViolation)):
        raw(log.url, fork)


@pytest.mark.parametrize(
    "setting",
    ["size = size", "size = size - 1", "size = 0", "log_id = 'other'", "root = root"],
)
def test_tip_that_does_not_grow_is_refused(log: KeptLog, setting: str) -> None:
    check_refused(log, f"UPDATE log_tip SET {setting}")  # noqa: S608 - ours


@pytest.mark.parametrize(
    "setting",
    [
        "ciphertext = nonce",
        "nonce = wrapped_key",
        "entry_id = 'other'",
        "seq = seq + 1000",
        "log_id = 'other'",
        "retention = 'other'",
    ],
)
def test_body_that_would_be_exchanged_is_refused(log: KeptLog, setting: str) -> None:
    check_refused(log, f"UPDATE log_body SET {setting} WHERE seq = 5")  # noqa: S608 - ours


@pytest.mark.parametrize("column", ["wrapped_key", "nonce", "ciphertext"])
def test_body_that_was_emptied_never_comes_back(log: KeptLog, column: str) -> None:
    ((value,),) = log.rows(f"SELECT {column} FROM log_body WHERE seq = 4")  # noqa: S608 - ours
    raw(log.url, f"UPDATE log_body SET {EMPTY} WHERE seq = 3")  # noqa: S608 - ours
    literal = f"x'{value.hex()}'" if is_sqlite(log) else f"'\\x{value.hex()}'"
    check_refused(log, f"UPDATE log_body SET {column} = {literal} WHERE seq = 3")  # noqa: S608 - ours


def test_body_may_be_wrapped_under_another_key(log: KeptLog) -> None:
    raw(log.url, "UPDATE log_body SET kek_id = 'kek-2', wrapped_key = nonce WHERE seq = 7")
    assert log.rows("SELECT kek_id FROM log_body WHERE seq = 7") == [("kek-2",)]


def test_subject_index_may_not_change(log: KeptLog) -> None:
    check_refused(log, "UPDATE log_subject_ix SET pseudonym = 'other'")


@pytest.mark.parametrize(
    "setting",
    [
        "wrapped_key = NULL",
        "nonce = NULL",
        "ciphertext = NULL",
        "nonce = NULL, ciphertext = NULL",
        "wrapped_key = NULL, ciphertext = NULL",
    ],
)
def test_body_emptied_in_part_is_refused(log: KeptLog, setting: str) -> None:
    check_refused(log, f"UPDATE log_body SET {setting} WHERE seq = 5")  # noqa: S608 - ours


def test_emptied_body_that_would_change_its_key_is_refused(log: KeptLog) -> None:
    raw(log.url, f"UPDATE log_body SET {EMPTY} WHERE seq = 8")  # noqa: S608 - ours
    check_refused(log, "UPDATE log_body SET kek_id = 'kek-2' WHERE seq = 8")


def test_subject_index_of_a_body_that_is_there_may_not_lose_rows(log: KeptLog) -> None:
    check_refused(log, "DELETE FROM log_subject_ix")


def test_subject_index_of_an_emptied_body_may_lose_rows(database_url: str) -> None:
    with KeptLog.open(database_url) as log:
        log.append(entries=[entry(persons=PERSON)])
        raw(log.url, f"UPDATE log_body SET {EMPTY}", "DELETE FROM log_subject_ix")  # noqa: S608 - ours
        assert log.rows("SELECT * FROM log_subject_ix") == []
        assert log.verify() == 1


# --- commits that wait for the disk ------------------------------------------------------

HEAD = (
    "INSERT INTO log_head (log_id, size, prev_size, root, frontier, n, committed_at)"
    " SELECT log_id, 1, 0, root, frontier, 1, 1 FROM log_head WHERE size = 0"
)


def begun(url: str) -> None:
    """Leave a log whose next entry is stored, but no head that covers it."""
    with KeptLog.open(url):
        pass
    one = entry()
    raw(
        url,
        "INSERT INTO log_entry (log_id, seq, leaf, leaf_hash) VALUES"  # noqa: S608 - ours
        f" ('{LOG}', 0, '\\x{one.leaf.hex()}', '\\x{one.leaf_hash.hex()}')",
    )


def test_head_committed_without_waiting_by_session_is_refused(postgres_url: str) -> None:
    begun(postgres_url)
    with pytest.raises(errors.RestrictViolation):
        raw(postgres_url, "SET synchronous_commit = off", HEAD)
    assert raw(postgres_url, "SELECT size FROM log_head") == [(0,)]


def test_head_committed_without_waiting_since_its_insert_is_refused(postgres_url: str) -> None:
    begun(postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("BEGIN")
        connection.execute(HEAD)
        connection.execute("SET LOCAL synchronous_commit = off")
        with pytest.raises(errors.RestrictViolation):
            connection.execute("COMMIT")
    assert raw(postgres_url, "SELECT size FROM log_head") == [(0,)]
    raw(postgres_url, HEAD)
    assert raw(postgres_url, "SELECT max(size) FROM log_head") == [(1,)]


@pytest.mark.parametrize("whose", ["ROLE postgres", "DATABASE {}"])
def test_writer_without_durable_commits_by_role_or_database_is_refused(
    postgres_url: str, postgres_server: PostgresServer, whose: str
) -> None:
    name = sql.Identifier(str(parsed(postgres_url).database)).as_string()
    owner = whose.format(name)
    with postgres_server.admin() as admin:
        admin.execute(f"ALTER {owner} SET synchronous_commit = off")
        try:
            with pytest.raises(StorageUnavailable, match="synchronous_commit switched off"):
                KeptLog(postgres_url)
        finally:
            admin.execute(f"ALTER {owner} RESET synchronous_commit")
    assert raw(postgres_url, "SELECT * FROM log_head") == []


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_writer_of_a_server_that_does_not_sync_is_refused(
    postgres_url: str, postgres_server: PostgresServer, setting: str
) -> None:
    refused = pytest.raises(StorageUnavailable, match=f"{setting} switched off")
    with postgres_server.setting(setting, "off"), refused:
        KeptLog(postgres_url)
    with KeptLog.open(postgres_url) as log:
        assert log.append().indices == (0,)


def test_append_while_commits_stopped_waiting_is_refused(
    postgres_url: str, postgres_server: PostgresServer
) -> None:
    with KeptLog.open(postgres_url) as log:
        log.append()
        with postgres_server.setting("synchronous_commit", "off"):
            with pytest.raises(LogUnavailable):
                log.append()
            assert not log.writer.healthy
        assert log.append().indices == (1,)
        assert log.verify() == 2


# --- SQLite ------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [(3, 51, 2), (3, 50, 9), (3, 40, 1)])
def test_sqlite_that_can_corrupt_its_log_is_refused(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...]
) -> None:
    monkeypatch.setattr(connect.sqlite, "sqlite_version_info", version)
    with pytest.raises(StorageUnavailable, match=r"3\.51\.3"):
        Database.open(sqlite_url)


def test_sqlite_here_is_new_enough() -> None:
    connect.check_sqlite_version(connect.MINIMUM_SQLITE)
    connect.check_sqlite_version(sqlite.sqlite_version_info)


def test_sqlite_replace_is_refused_on_a_connection_without_recursive_triggers(
    sqlite_url: str,
) -> None:
    with KeptLog.open(sqlite_url) as log:
        log.append()
        with pytest.raises(sqlite.IntegrityError, match="append only"):
            raw(
                log.url,
                "PRAGMA recursive_triggers = off",
                "INSERT OR REPLACE INTO log_entry SELECT * FROM log_entry",
            )
        assert log.verify() == 1


def test_sqlite_connection_for_reading_writes_nothing(sqlite_url: str) -> None:
    connection = open_sqlite(sqlite_path(parsed(sqlite_url)), read_only=True)
    with pytest.raises(sqlite.OperationalError, match="readonly"):
        connection.execute("DELETE FROM replay")
    connection.close()


def test_sqlite_connection_keeps_its_promises(sqlite_url: str) -> None:
    connection = open_sqlite(sqlite_path(parsed(sqlite_url)))
    found = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
    }
    connection.close()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
    }


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/log", "not a url"]
)
def test_database_that_cannot_hold_the_log_is_refused(url: str) -> None:
    with pytest.raises(StorageUnavailable):
        Database.open(url)
