"""What every part of a desk works with; made once, by ``Desk``."""

from dataclasses import dataclass

from gateway.client.config import DeskConfig, DeskKeys
from gateway.client.connection import Connection
from gateway.client.heads import HeadWatch
from gateway.client.pins import PinStore
from gateway.client.proofs import Proofs

__all__ = ["AtDesk", "Kit"]


@dataclass(frozen=True, slots=True)
class Kit:
    """
    The parts of one desk.

    Attributes:
        config: Where the gateway is, who asks, which log is believed.
        keys: The desk's private keys.
        connection: The way to the gateway.
        pins: Keys of others.
        heads: The newest head seen.
        proofs: What is demanded before sealing and before opening.
    """

    config: DeskConfig
    keys: DeskKeys
    connection: Connection
    pins: PinStore
    heads: HeadWatch
    proofs: Proofs


class AtDesk:
    """Something that is done at a desk."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
