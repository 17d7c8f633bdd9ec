"""
One desk of one agency: everything that one person does with the gateway.

The log is watched here: keys of others are pinned, and every head that a proof carries must
continue the newest one that this desk has seen.
"""

from types import TracebackType
from typing import Final, Self

import httpx2

from gateway.audit.verify import ContradictsEvidence
from gateway.client.clock import SystemClock
from gateway.client.config import DeskConfig, DeskKeys, load_desk_keys
from gateway.client.connection import Connection
from gateway.client.enquiring import Enquiring
from gateway.client.giving import Giving
from gateway.client.heads import HeadWatch
from gateway.client.keeping import Keeping
from gateway.client.kit import Kit
from gateway.client.pins import PinStore
from gateway.client.proofs import Proofs
from gateway.client.receiving import Receiving
from gateway.client.state_file import StateFile
from gateway.ports.clock import Clock
from gateway.ports.log import Checkpoint

__all__ = ["Desk"]

_PINS: Final = "pins.json"
_HEAD: Final = "head.json"


class Desk(Giving, Receiving, Enquiring, Keeping):
    """What one person at one agency does with the gateway; use as a context manager."""

    def __init__(
        self,
        config: DeskConfig,
        keys: DeskKeys,
        *,
        clock: Clock | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """
        Set up a desk; nothing is sent yet.

        Args:
            config: Where the gateway is, who asks, which log is believed.
            keys: The desk's private keys.
            clock: Another clock than the computer's.
            transport: Another way than the network, for a gateway in this process.
        """
        log = config.log()
        connection = Connection(
            config, keys.client, clock=clock or SystemClock(), transport=transport
        )
        heads = HeadWatch(log, StateFile(config.state_dir / _HEAD), connection)
        super().__init__(
            Kit(
                config=config,
                keys=keys,
                connection=connection,
                pins=PinStore(StateFile(config.state_dir / _PINS)),
                heads=heads,
                proofs=Proofs(log, heads, agency=config.agency, actor=config.actor),
            )
        )

    @classmethod
    def open_at(cls, config: DeskConfig) -> Self:
        """
        Set up a desk with the keys of its key directory.

        Raises:
            KeyFileUnusable: A key is missing, open to others or used twice.
        """
        return cls(config, load_desk_keys(config.keys_dir))

    @property
    def pins(self) -> PinStore:
        """Keys of others, to be confirmed after fingerprints were compared."""
        return self._kit.pins

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open towards the gateway."""
        self._kit.connection.close()

    def check_gateway(self) -> None:
        """
        Compare what the gateway says of itself with what this desk knows.

        Raises:
            ContradictsEvidence: Its origin, its log or a key of the log is another.
        """
        said = self._kit.connection.get_public("/.well-known/tasuki")
        vkeys = said.texts("log_vkeys")
        log = self._kit.config.log()
        if (said.text("origin"), said.text("log_origin")) != (self._kit.config.origin, log.origin):
            raise ContradictsEvidence("this is another gateway")
        if not vkeys or not set(vkeys) <= set(self._kit.config.log_vkeys):
            raise ContradictsEvidence("the log has another key")

    def watch(self) -> Checkpoint:
        """
        Fetch the newest head, check that the log only grew, and return it.

        Raises:
            LogRewritten: The log shrank, or is not a continuation of what was seen.
            IntegrityError: The log did not sign the head.
        """
        return self._kit.heads.see_newest(self._kit.connection.get_public_text("/audit/checkpoint"))
