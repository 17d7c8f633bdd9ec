"""
A whole gateway behind a real port: uvicorn in a thread, a real database, the real rules.

Members speak to it over HTTP alone (``tests.simulators.member``). Its log lines go to
``lines``, so that a test may look for what must never be in them.
"""

import http.client
import io
import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

from gateway.api.parts import Parts
from gateway.logging import configure_logging
from gateway.main import Server, create_app, server_config
from gateway.ports.clock import Clock
from gateway.settings import Settings
from gateway.storage.key_ring import create_key_ring
from gateway.system import SystemClock

__all__ = ["ORIGIN", "Answer", "Http", "ServedGateway"]

ORIGIN: Final = "https://gw.aoba.example"
_START_S: Final = 60.0
_ANSWER_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The problem's name; empty when it is none."""
        if self.headers.get("content-type") != "application/problem+json":
            return ""
        name: str = self.json()["type"].rpartition("/")[2]
        return name


class Http:
    """One keep-alive connection that sends exactly what it is told."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = self._connect()

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request and return the answer; a connection that was closed is made anew."""
        if self._connection.sock is None:
            self._connection = self._connect()
        try:
            return self._sent(method, path, body, headers)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self._connection.close()
            self._connection = self._connect()
            return self._sent(method, path, body, headers)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _sent(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str] | None
    ) -> Answer:
        self._connection.request(method, path, body, dict(headers or {}))
        response = self._connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, response.read())

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=_ANSWER_S)


class ServedGateway:
    """
    A gateway that listens.

    Attributes:
        port: Where.
        parts: What its routes work with; for arranging and for looking, never for asking.
        lines: Everything it logged, at the lowest level.
        settings: What it was opened with.
    """

    def __init__(self, app: FastAPI, settings: Settings, lines: io.StringIO) -> None:
        self.settings = settings
        self.lines = lines
        self.parts: Parts = app.state.parts
        listening = threading.Event()
        self._server = Server(server_config(app, settings), listening=lambda _: listening.set())
        self._thread = threading.Thread(target=self._server.run, name="served-gateway")
        self._thread.start()
        assert listening.wait(_START_S), "the gateway does not listen"
        self.port = self._server.port

    @classmethod
    @contextmanager
    def on(
        cls,
        url: str,
        home: Path,
        *,
        before: Callable[[FastAPI], None] = lambda _: None,
        clock: Clock | None = None,
        **settings: Any,
    ) -> Iterator["ServedGateway"]:
        """
        Yield a gateway on a migrated database, with keys of its own.

        Args:
            url: The database.
            home: Where keys and the signer's state are; kept for a second start.
            before: Called with the application before it listens.
            clock: Another clock than the computer's.
            settings: Further settings.
        """
        if not (home / "keys").exists():
            create_key_ring(home / "keys", now=(clock or SystemClock()).now())
        chosen = Settings(
            database_url=url,
            origin=ORIGIN,
            keys_dir=home / "keys",
            state_dir=home / "state",
            port=0,
            **settings,
        )
        with _logged() as lines:
            app = create_app(chosen, clock=clock)
            before(app)
            served = cls(app, chosen, lines)
            try:
                yield served
            finally:
                served.stop()

    def http(self) -> Http:
        """Return a new connection."""
        return Http(self.port)

    def stop(self) -> None:
        """Stop listening and close the gateway."""
        self._server.should_exit = True
        self._thread.join()


@contextmanager
def _logged() -> Iterator[io.StringIO]:
    """Log everything to a buffer, and give the test runner its own handlers back."""
    root, lines = logging.getLogger(), io.StringIO()
    handlers, level = list(root.handlers), root.level
    configure_logging(level="debug", stream=lines)
    try:
        yield lines
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
