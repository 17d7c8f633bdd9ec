"""
A signer with its state in a file of its own, away from the database it vouches for.

* What was signed is on disk before anybody sees the signature: one new file, synchronised,
  renamed over the old one, and the directory synchronised.
* The file is the truth, not this object: it is read again under a lock before each
  signature, so that two signers on one file cannot contradict each other either.
* The state vouches for itself: its note must bear our signature, and its frontier must
  fold to the root that was signed. Anything else is damage, and damage is never repaired.
* Nothing is signed at an earlier time than what was signed last: while the clock is behind, the
  signer waits.
* A disk that may have lost the state is never asked again by the same process.
"""

import fcntl
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.audit.checkpoint import TrustedLog, sign_checkpoint
from gateway.crypto.canonical import canonical_json
from gateway.crypto.encoding import BadEncoding, b64u, unb64u
from gateway.crypto.json_reader import UnreadableJSON, read_json_object
from gateway.crypto.merkle import Frontier, leaf_hash
from gateway.crypto.signed_note import NoteSigner
from gateway.domain.errors import IntegrityError, LogUnavailable
from gateway.domain.ids import Millis
from gateway.domain.log import JSONValue
from gateway.ports.clock import Clock
from gateway.ports.log import Checkpoint

__all__ = ["LocalSigner"]

_VERSION: Final = 2
_WITHOUT_TIME: Final = 1  # the first form, which is read and not written any more
_OWNER_ONLY: Final = stat.S_IRUSR | stat.S_IWUSR
_MAX_BYTES: Final = 65536


@dataclass(frozen=True, slots=True)
class _State:
    """What was signed last, and when; ``content`` is its file, byte for byte."""

    checkpoint: Checkpoint
    frontier: Frontier
    at: Millis | None
    content: bytes


class LocalSigner:
    """
    Signs the heads of one log; see :class:`gateway.ports.log.Signer`.

    Args:
        origin: The log's origin.
        key: The log's key, named like its origin.
        state_path: The state file; its directory must exist.
        clock: Tells when a head is signed.
        must_exist: Whether something must have been signed before: true for every log that
            has a head already, since a lost state must never look like a new log.

    Raises:
        IntegrityError: The key is of another log, or the state is damaged, or missing
            although it must exist.
        LogUnavailable: The state cannot be read now.
    """

    def __init__(
        self,
        origin: str,
        key: NoteSigner,
        state_path: Path,
        clock: Clock,
        *,
        must_exist: bool = False,
    ) -> None:
        self._log = TrustedLog(origin, (key.key,))
        self._key = key
        self._path = state_path
        self._clock = clock
        self._lost = False
        self._state: _State | None = None
        self._refresh()
        if must_exist and self._state is None:
            raise IntegrityError("the signer's state is missing")

    def last(self) -> Checkpoint | None:
        """
        Return the newest head signed here, or ``None`` for a new log.

        Raises:
            IntegrityError: The state is damaged, or went back.
            LogUnavailable: The state cannot be read now.
        """
        self._refresh()
        return None if self._state is None else self._state.checkpoint

    def sign(self, size: int, root: bytes, new_leaves: Sequence[bytes]) -> Checkpoint:
        """
        Sign the head of ``size`` after checking that ``new_leaves`` lead to it.

        The head that was signed last is answered again, unchanged.

        Args:
            size: Tree size to sign.
            root: The root the caller computed.
            new_leaves: Leaf bytes from the last signed size up to ``size``.

        Raises:
            IntegrityError: A smaller size, or leaves that lead to another root; or the state
                is damaged or went back; or the disk may have lost it.
            LogUnavailable: The state cannot be read or written now, or the clock is behind the
                last signature; nothing was signed.
        """
        with self._locked() as directory:
            self._load(directory)
            signed = self._state
            if signed is not None and (signed.checkpoint.size, signed.checkpoint.root) == (
                size,
                root,
            ):
                return signed.checkpoint
            frontier = _extended(signed, size, root, new_leaves)
            at = self._time_after(signed)
            checkpoint = sign_checkpoint(self._log.origin, size, root, self._key)
            content = _content(checkpoint, frontier, at)
            self._replace(content, directory)
            # Durable: if the process ends here, this head is known and can be answered again.
            self._state = _State(checkpoint, frontier, at, content)
            return checkpoint

    def _time_after(self, signed: _State | None) -> Millis:
        now = self._clock.now()
        if signed is not None and signed.at is not None and now < signed.at:
            raise LogUnavailable("the clock is behind the last signature")
        return now

    def _refresh(self) -> None:
        with self._locked() as directory:
            self._load(directory)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Yield the directory's descriptor, held by nobody else."""
        descriptor: int | None = None
        try:
            descriptor = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            if descriptor is not None:
                os.close(descriptor)
            descriptor = None
        if descriptor is None:
            raise LogUnavailable("the signer's directory cannot be opened")
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _load(self, directory: int) -> None:
        """Make what is on disk the state; reading it costs little, parsing is seldom needed."""
        if self._lost:
            raise IntegrityError("the disk may have lost the signer's state")
        content = self._read()
        known = self._state
        if content is None:
            if known is not None:
                raise IntegrityError("the signer's state has vanished")
            return
        if known is not None and content == known.content:
            return
        found = self._parsed(content)
        if known is not None and found.checkpoint.size <= known.checkpoint.size:
            raise IntegrityError("the signer's state went back")
        # It may be there and not yet durable, if whoever wrote it ended between the two.
        self._synchronise(directory)
        self._state = found

    def _read(self) -> bytes | None:
        content: bytes | None = None
        silent = False
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            content = None
        except OSError:
            silent = True
        if silent:
            raise LogUnavailable("the signer's state cannot be read")
        return content

    def _parsed(self, content: bytes) -> _State:
        state: _State | None
        try:
            members = read_json_object(content, max_bytes=_MAX_BYTES)
            checkpoint = self._log.open(members["note"])
            frontier = Frontier.from_bytes(checkpoint.size, unb64u(members["frontier"]))
            state = _State(checkpoint, frontier, _time_of(members), content)
        except (UnreadableJSON, BadEncoding, IntegrityError, KeyError, TypeError, AttributeError):
            state = None
        if (
            state is None
            or state.frontier.root() != state.checkpoint.root
            or _content(state.checkpoint, state.frontier, state.at) != content
        ):
            raise IntegrityError("the signer's state is damaged")
        return state

    def _replace(self, content: bytes, directory: int) -> None:
        temporary = self._path.with_name(f"{self._path.name}.new")
        written = True
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with os.fdopen(os.open(temporary, flags, _OWNER_ONLY), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
        except OSError:
            written = False
        if not written:
            raise LogUnavailable("the signer's state could not be written")
        self._synchronise(directory)

    def _synchronise(self, directory: int) -> None:
        try:
            os.fsync(directory)
        except OSError:
            self._lost = True
        if self._lost:
            # Nobody knows which state survives a loss of power; a disk is not asked twice.
            raise IntegrityError("the disk may have lost the signer's state")


def _extended(
    signed: _State | None, size: int, root: bytes, new_leaves: Sequence[bytes]
) -> Frontier:
    before = Frontier() if signed is None else signed.frontier
    if signed is not None and size <= signed.checkpoint.size:
        raise IntegrityError("a head of this size or a larger one was signed before")
    if len(new_leaves) != size - before.size:
        raise IntegrityError("the leaves do not fit the size")
    after = before.extended(leaf_hash(leaf) for leaf in new_leaves)
    if after.root() != root:
        raise IntegrityError("the leaves do not lead to the root")
    return after


def _content(checkpoint: Checkpoint, frontier: Frontier, at: Millis | None) -> bytes:
    members: dict[str, JSONValue] = {
        "frontier": b64u(frontier.to_bytes()),
        "note": checkpoint.note,
        "version": _WITHOUT_TIME,
    }
    if at is not None:
        members.update(at=at, version=_VERSION)
    return canonical_json(members) + b"\n"


def _time_of(members: Mapping[str, JSONValue]) -> Millis | None:
    """
    Return when a state was signed; ``None`` in its first form.

    Raises:
        TypeError: It does not say.
    """
    if members.get("version") == _WITHOUT_TIME:
        return None
    at = members.get("at")
    if type(at) is not int or at < 0:
        raise TypeError("not a time")
    return Millis(at)
