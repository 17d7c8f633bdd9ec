"""Witnesses as services and the feeder see them: what they said, and whether it is enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from gateway.domain.errors import LogUnwitnessed
from gateway.domain.ids import Millis

__all__ = ["Cosignatures", "KeptCosignature", "Unwatched", "Watch"]

_UNWATCHED: Final = (
    "Nobody outside watches this log: no witness policy is set, so administrators who hold the"
    " signer's key could show two histories unnoticed."
)


@dataclass(frozen=True, slots=True)
class KeptCosignature:
    """
    What one witness said of one head.

    Attributes:
        size: Size of the head.
        witness: The witness's key (C2SP vkey).
        cosigned_at: When, by the witness, in seconds since the epoch.
        note: The head as the log signed it.
        line: The signature line (C2SP tlog-cosignature).
    """

    size: int
    witness: str
    cosigned_at: int
    note: str
    line: str


class Cosignatures(Protocol):
    """
    Keeps what witnesses said of one log, for ever.

    Every method raises :class:`StorageUnavailable` when the database is silent.
    """

    def keep(self, cosignature: KeptCosignature) -> None:
        """Make it durable before it is used; again does nothing."""
        ...

    def newest_sizes(self) -> Mapping[str, int]:
        """Return by witness the size of the largest head it has cosigned."""
        ...

    def heads_before(self, size: int) -> Sequence[Sequence[KeptCosignature]]:
        """Return what was said of heads smaller than ``size``, largest first, some at a time."""
        ...

    def oldest_beyond(self, size: int) -> Millis | None:
        """Return when the first entry at or beyond an index was committed; ``None``: none is."""
        ...


class Watch(Protocol):
    """Whether the log is watched from outside as the operator demands."""

    def check(self) -> None:
        """
        Return if something new may be disclosed; costs nothing.

        Raises:
            LogUnwitnessed: It may not.
        """
        ...

    def check_covers(self, index: int) -> None:
        """
        Return if the quorum has cosigned a head that covers this index.

        Raises:
            LogUnwitnessed: It has not yet.
        """
        ...

    def describe(self) -> str:
        """Return in a sentence for the operator who watches the log, and how that goes."""
        ...


class Unwatched:
    """Nobody was asked to watch; said in words, so that nobody believes otherwise."""

    def check(self) -> None:
        """Return: nothing is demanded."""

    def check_covers(self, index: int) -> None:
        """Refuse: what waits for witnesses would wait for ever."""
        raise LogUnwitnessed(f"nobody will cosign entry {index}")

    def describe(self) -> str:
        """Return what that means."""
        return _UNWATCHED
