"""Signers in this process: honest, without a store of their own."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from gateway.audit.checkpoint import TrustedLog, sign_checkpoint
from gateway.audit.tree import TreeState
from gateway.crypto.keys import generate_log_key
from gateway.crypto.merkle import leaf_hash
from gateway.crypto.signed_note import NoteSigner
from gateway.domain.errors import IntegrityError
from gateway.ports.log import Checkpoint

__all__ = ["HeldSigner", "HonestSigner"]

_WAIT_S = 30.0


class HonestSigner:
    """
    Signs heads of one log, each only after recomputing its root from the leaves' bytes.

    Attributes:
        trusted: What a member knows of the log.
        signed: Every head that was signed, oldest first.
    """

    def __init__(self, origin: str = "gw.example/audit/2027a") -> None:
        self._origin = origin
        self._key = NoteSigner(origin, generate_log_key())
        self._state = TreeState()
        self.trusted = TrustedLog(origin, (self._key.key,))
        self.signed: list[Checkpoint] = []

    def last(self) -> Checkpoint | None:
        """Return the newest head signed here."""
        return self.signed[-1] if self.signed else None

    def sign(self, size: int, root: bytes, new_leaves: Sequence[bytes]) -> Checkpoint:
        """
        Sign the head of ``size``.

        Raises:
            IntegrityError: The leaves do not lead from the last head to this one.
        """
        state = self._state.extended(leaf_hash(leaf) for leaf in new_leaves)
        if (state.size, state.root) != (size, root):
            raise IntegrityError("the leaves do not lead to this head")
        checkpoint = sign_checkpoint(self._origin, size, root, self._key)
        self._state = state
        self.signed.append(checkpoint)
        return checkpoint


class HeldSigner(HonestSigner):
    """Signs only while it is let, so that a test knows what waits meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.let = threading.Event()
        self.let.set()

    def sign(self, size: int, root: bytes, new_leaves: Sequence[bytes]) -> Checkpoint:
        """Sign once it is let."""
        self.asked.set()
        assert self.let.wait(_WAIT_S)
        return super().sign(size, root, new_leaves)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nothing pass from the next head on, until the end."""
        self.asked.clear()
        self.let.clear()
        try:
            yield
        finally:
            self.let.set()
