"""How an application is served, whichever it is: bounded, silent about itself, ended as asked."""

import socket
from collections.abc import Callable
from typing import Final

import structlog
import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from gateway.api.http_limits import BoundedHttp

__all__ = ["Server", "uvicorn_config"]

_KEEP_ALIVE_S: Final = 75
_GRACE_S: Final = 20
_BACKLOG: Final = 512


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


def uvicorn_config(app: ASGIApp, host: str, port: int) -> uvicorn.Config:
    """Return how an application is served; port 0 takes a free one."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
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
