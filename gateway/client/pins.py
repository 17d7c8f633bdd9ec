"""
Keys of other agencies, pinned at first use.

* The gateway hands out the keys, and a gateway that lies could hand out its own. A key that
  was used once is therefore remembered, and another one is refused until a person has
  compared fingerprints over another channel.
* A key is known by the thumbprint that this desk computes, never by the id it comes with.
"""

import threading
from enum import StrEnum
from typing import Any

from gateway.client.errors import KeyNotConfirmed, StateDamaged
from gateway.client.state_file import StateFile
from gateway.crypto.encoding import BadEncoding, unb64u
from gateway.crypto.keys import PublicKey, public_jwk, thumbprint
from gateway.crypto.merkle import HASH_BYTES
from gateway.domain.errors import MalformedRequest

__all__ = ["KeyUse", "PinStore", "fingerprint"]


class KeyUse(StrEnum):
    """What a pinned key is used for."""

    SEAL = "seal"  # to seal to its owner
    SIGN = "sign"  # its owner signs records


def fingerprint(key: PublicKey) -> str:
    """Return what two people compare: the RFC 7638 thumbprint, 43 characters."""
    return thumbprint(public_jwk(key))


class PinStore:
    """The pinned keys of one desk, in one file."""

    __slots__ = ("_file", "_lock")

    def __init__(self, file: StateFile) -> None:
        self._file = file
        self._lock = threading.Lock()

    def check(self, owner: str, use: KeyUse, key: PublicKey) -> str:
        """
        Check that a key is the one pinned, and pin it when there is none yet.

        Args:
            owner: The agency whose key it is said to be, or the gateway's origin.
            use: What for.
            key: The key.

        Returns:
            Its fingerprint.

        Raises:
            KeyNotConfirmed: Another key is pinned.
            StateDamaged: The pins cannot be read or written.
        """
        shown = fingerprint(key)
        with self._lock:
            pins = self._read()
            pinned = pins.get(_name(owner, use), [])
            if pinned and shown not in pinned:
                raise KeyNotConfirmed(owner, use, shown)
            if not pinned:
                self._file.write({**pins, _name(owner, use): [shown]})
        return shown

    def confirm(self, owner: str, use: KeyUse, shown: str) -> None:
        """
        Accept a key whose fingerprint was compared with its owner over another channel.

        A key to seal to replaces the old one. A key that signs stands beside the old ones,
        whose records may still be waiting.

        Raises:
            MalformedRequest: It is not a fingerprint.
            StateDamaged: The pins cannot be read or written.
        """
        try:
            unb64u(shown, length=HASH_BYTES)
        except BadEncoding as error:
            raise MalformedRequest("not-a-fingerprint") from error
        with self._lock:
            pins = self._read()
            kept = pins.get(_name(owner, use), []) if use is KeyUse.SIGN else []
            self._file.write({**pins, _name(owner, use): [*(k for k in kept if k != shown), shown]})

    def pinned(self, owner: str, use: KeyUse) -> tuple[str, ...]:
        """Return the fingerprints that are accepted; none before the first use."""
        with self._lock:
            return tuple(self._read().get(_name(owner, use), []))

    def _read(self) -> dict[str, list[Any]]:
        pins = self._file.read() or {}
        if not all(
            isinstance(prints, list) and prints and all(isinstance(p, str) for p in prints)
            for prints in pins.values()
        ):
            raise StateDamaged("a state file cannot be read")
        return pins


def _name(owner: str, use: KeyUse) -> str:
    return f"{use} {owner}"
