"""The gateway as a server: one process that serves, one writer, one loop."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from typing import Any, Final

import uvicorn
from fastapi import FastAPI

from gateway.api.app import build_app
from gateway.api.server import Server, uvicorn_config
from gateway.bootstrap import open_gateway
from gateway.logging import configure_logging
from gateway.ports.clock import Clock
from gateway.settings import Settings

__all__ = ["Server", "create_app", "serve", "server_config"]

# Objects made while starting live as long as the process; the collector need not look at
# them, and a rarer collection keeps the slowest answers fast.
_GC_THRESHOLDS: Final = (50_000, 20, 100)


def create_app(settings: Settings, *, clock: Clock | None = None, serving: bool = False) -> FastAPI:
    """
    Open the gateway and return the application that serves it, until it has been shut down.

    Args:
        settings: All settings.
        clock: Another clock than the computer's, for whoever has to move time.
        serving: Whether the log is signed in a process of its own, as whatever serves does.

    Raises:
        IntegrityError, RevisionRejected, StorageUnavailable, LogUnavailable: See
            :func:`gateway.bootstrap.open_gateway`; nothing listens then.
    """
    stack = ExitStack()
    gateway = stack.enter_context(open_gateway(settings, clock=clock, serving=serving))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with stack:
            async with gateway.running():
                gc.collect()
                gc.freeze()
                gc.set_threshold(*_GC_THRESHOLDS)
                yield

    return build_app(gateway.parts, lifespan=lifespan)


def server_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """Return how the application is served."""
    return uvicorn_config(app, settings.host, settings.port)


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
    app = create_app(settings, serving=True)
    Server(server_config(app, settings), listening=listening).run()
