"""Fresh databases at the newest revision, made by copying one that was migrated once."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.storage.migrate import upgrade
from tests.simulators.postgres_server import PostgresServer

__all__ = ["PostgresDatabases", "SQLiteDatabases"]


class SQLiteDatabases:
    """Hands out files; each is a copy of a migrated one."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._template = directory / "template.db"
        self._count = 0
        upgrade(f"sqlite:///{self._template}")

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Yield the URL of a new database."""
        self._count += 1
        path = self._directory / f"aoba-{self._count}.db"
        shutil.copy(self._template, path)
        try:
            yield f"sqlite:///{path}"
        finally:
            for file in self._directory.glob(f"{path.name}*"):
                file.unlink()


class PostgresDatabases:
    """Hands out databases of one server; each is a copy of a migrated one."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self._template = server.create()
        upgrade(server.url(self._template))

    @contextmanager
    def fresh(self, *, tablespace: str = "pg_default") -> Iterator[str]:
        """Yield the URL of a new database, dropped afterwards."""
        name = self.server.create(template=self._template, tablespace=tablespace)
        try:
            yield self.server.url(name)
        finally:
            self.server.drop(name)
