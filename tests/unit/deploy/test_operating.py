"""The commands of docs/operating.md, run as they stand there."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gateway.domain.log import PutFact
from gateway.storage.migrate import upgrade
from tests.simulators.kept_log import KeptLog
from tests.simulators.postgres_server import PostgresServer

ROOT = Path(__file__).resolve().parents[3]
PERSON = "person:p-tanaka"


@pytest.fixture(scope="module")
def server(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    """A server with the roles and the migrated database of the guide."""
    document = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    for_server, for_database = re.findall(r"```sql\n(.*?)```", document, re.DOTALL)
    with postgres_server.admin() as admin:
        # One at a time: CREATE DATABASE cannot share a transaction.
        for statement in filter(str.strip, for_server.split(";")):
            admin.execute(statement)
    with postgres_server.admin("tasuki") as admin:
        admin.execute(for_database)
    upgrade(postgres_server.url("tasuki", user="tasuki_owner"))
    yield postgres_server
    with postgres_server.admin() as admin:
        admin.execute("DROP DATABASE tasuki WITH (FORCE)")
        admin.execute("DROP ROLE tasuki_gateway")
        admin.execute("DROP ROLE tasuki_owner")


@pytest.mark.postgres
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE log_entry DISABLE TRIGGER ALL",
        "DROP TABLE log_entry",
        "TRUNCATE log_entry",
        "CREATE TABLE other (a int)",
        "SET session_replication_role = replica",
        "SET ROLE tasuki_owner",
    ],
)
def test_role_of_the_gateway_cannot_touch_the_guards(
    server: PostgresServer, statement: str
) -> None:
    with (
        psycopg.connect(server.url("tasuki", user="tasuki_gateway")) as gateway,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        gateway.execute(statement)


@pytest.mark.postgres
def test_role_of_somebody_else_cannot_connect(server: PostgresServer) -> None:
    with server.admin() as admin:
        admin.execute("CREATE ROLE midori LOGIN")

    try:
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(server.url("tasuki", user="midori"))
    finally:
        with server.admin() as admin:
            admin.execute("DROP ROLE midori")


@pytest.mark.postgres
def test_role_of_the_gateway_keeps_the_log(server: PostgresServer) -> None:
    """What the guide grants is enough to write registers and log, and to verify them."""
    with KeptLog.open(server.url("tasuki", user="tasuki_gateway")) as log:
        log.append(PutFact("consent", "c-1", 0, {"person": "p-tanaka"}, (PERSON,)))
        log.append(PutFact("consent", "c-1", 1, {"person": "p-tanaka"}, (PERSON,)))

        assert log.verify() == 2
