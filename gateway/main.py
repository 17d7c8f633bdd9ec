"""The gateway as a server: one process, one writer, one loop."""

import gc
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from typing import Any, Final

import structlog
import uvicorn
from fastapi import FastAPI
from typing_extensions import override

from gateway.api.app import build_app
from gateway.api.http_limits import BoundedHttp
from gateway.bootstrap import open_gateway
from gateway.logging import configure_logging
from gateway.ports.clock import Clock
from gateway.settings import Settings

__all__ = ["Server", "create_app", "serve", "server_config"]

_KEEP_ALIVE_S: Final = 75
_GRACE_S: Final = 20
_BACKLOG: Final = 512
# Objects made while starting live as long as the process; the collector need not look at
# them, and a rarer collection keeps the slowest answers fast.
_GC_THRESHOLDS: Final = (50_000, 20, 100)


def create_app(settings: Settings, *, clock: Clock | None = None) -> FastAPI:
    """
    Open the gateway and return the application that serves it, until it has been shut down.

    Args:
        settings: All settings.
        clock: Another clock than the computer's, for whoever has to move time.

    Raises:
        IntegrityError, RevisionRejected, StorageUnavailable, LogUnavailable: See
            :func:`gateway.bootstrap.open_gateway`; nothing listens then.
    """
    stack = ExitStack()
    gateway = stack.enter_context(open_gateway(settings, clock=clock))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with stack:
            async with gateway.running():
                gc.collect()
                gc.freeze()
                gc.set_threshold(*_GC_THRESHOLDS)
                yield

    return build_app(gateway.parts, lifespan=lifespan)


class Server(uvicorn.Server):
    """
    uvicorn's server, which says on which port it listens.

    Attributes:
        port: The port, once it listens.
    """

    def __init__(
        self, config: uvicorn.Config, *, listening: Callable[[int], None] | None = None
    ) -> None:
        super().__init__(config)
        self.port = 0
        self._listening = listening

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets=sockets)
        if not self.started:
            return
        self.port = self.servers[0].sockets[0].getsockname()[1]
        structlog.get_logger().info("server.listening", port=self.port)
        if self._listening is not None:
            self._listening(self.port)

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End as asked, which is no failure: the signal is not raised once more."""
        await super().shutdown(sockets=sockets)
        self._captured_signals.clear()


def server_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """Return how the application is served."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=BoundedHttp,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        # What a client says of itself in forwarding headers is never believed.
        proxy_headers=False,
        forwarded_allow_ips=[],
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )


def serve(settings: Settings, *, listening: Callable[[int], Any] | None = None) -> None:
    """
    Serve until told to stop.

    Args:
        settings: All settings.
        listening: Called with the port once the gateway listens.

    Raises:
        IntegrityError, RevisionRejected, StorageUnavailable, LogUnavailable: It cannot start;
            see :func:`create_app`.
    """
    configure_logging(level=settings.log_level, log_format=settings.log_format)
    app = create_app(settings)
    Server(server_config(app, settings), listening=listening).run()
