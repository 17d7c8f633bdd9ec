"""
Asking one witness for its cosignature over HTTP (C2SP tlog-witness).

A witness is another agency's machine: its answer is bounded in size and time, and counts only
once its signature is verified. What it is told is a signed head and hashes.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import httpx2

from gateway.audit.add_checkpoint import (
    SIZE_MEDIA_TYPE,
    AddCheckpoint,
    InvalidRequest,
    parse_size,
)
from gateway.audit.witness_policy import WitnessMember
from gateway.crypto.encoding import b64
from gateway.crypto.signed_note import InvalidNote, Note
from gateway.ports.clock import Clock
from gateway.ports.log import Checkpoint
from gateway.ports.witnesses import KeptCosignature

__all__ = ["Failed", "OtherHistory", "Outcome", "RolledBack", "Submitter"]

_TIMEOUT: Final = httpx2.Timeout(5.0, connect=2.0)
_ANSWER_S: Final = 5.0
_MAX_ANSWER: Final = 16_384
_AHEAD_S: Final = 300  # how far a witness's clock may be ahead of ours
_TRIES: Final = 3  # the first answer may tell the size, and somebody else may have asked since


@dataclass(frozen=True, slots=True)
class Failed:
    """No cosignature this time; ``reason`` is a code. It is asked again later."""

    reason: str


@dataclass(frozen=True, slots=True)
class OtherHistory:
    """The witness has cosigned what this log does not hold: an alarm, never tried again."""

    reason: str


@dataclass(frozen=True, slots=True)
class RolledBack:
    """The witness has forgotten what it cosigned: its key can no longer be relied on."""


Outcome: TypeAlias = KeptCosignature | Failed | OtherHistory | RolledBack
Prove: TypeAlias = Callable[[int, int], tuple[bytes, ...]]


class Submitter:
    """
    The way to one witness; used by one thread at a time.

    Args:
        member: The witness; it has an address.
        prove: Returns the consistency proof between two sizes.
        newest_size: Returns the size of the log's newest signed head.
        clock: Against which the witness's times are compared.
    """

    def __init__(
        self, member: WitnessMember, prove: Prove, newest_size: Callable[[], int], clock: Clock
    ) -> None:
        self._member = member
        self._prove = prove
        self._newest_size = newest_size
        self._clock = clock
        self._client = httpx2.Client(
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "tasuki-gateway"},
        )

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def submit(self, head: Checkpoint, known: int) -> Outcome:
        """
        Ask for a cosignature of a head.

        Args:
            head: The log's signed head.
            known: Size of the largest head that this witness has cosigned, as far as is kept.

        Raises:
            StorageUnavailable, NotFound: The log cannot be read.
        """
        size = known
        for _ in range(_TRIES):
            request = AddCheckpoint.of(size, self._prove(size, head.size), head.note)
            answer = self._post(request.to_bytes())
            if isinstance(answer, Failed):
                return answer
            status, media_type, content = answer
            if status == httpx2.codes.OK:
                return self._verified(head, content)
            if status != httpx2.codes.CONFLICT or media_type != SIZE_MEDIA_TYPE:
                return _refused(status)
            told = self._told(content, head, known)
            if not isinstance(told, int):
                return told
            size = told
        return Failed("size_keeps_changing")

    def _told(self, content: bytes, head: Checkpoint, known: int) -> int | Outcome:
        """Return from which size the witness wants to be proven to, or what that means."""
        try:
            size = parse_size(content.decode("ascii").removesuffix("\n"))
        except (InvalidRequest, UnicodeDecodeError):
            return Failed("size_unreadable")
        if size < known:
            return RolledBack()
        if size <= head.size:
            return size
        # Others may show our heads to a witness, too: larger is not yet another history.
        return Failed("ahead") if size <= self._newest_size() else OtherHistory("larger")

    def _verified(self, head: Checkpoint, content: bytes) -> Outcome:
        key = self._member.key
        try:
            note = Note.parse(head.note + content.decode())
            at = note.cosigned_at(key)
        except (InvalidNote, UnicodeDecodeError):
            return Failed("cosignature_invalid")
        if at > self._clock.now() // 1000 + _AHEAD_S:
            return Failed("cosignature_from_the_future")
        # The line as we spell it: what else the answer holds is nobody's concern.
        line = next(
            f"\u2014 {name} {b64(key_id + signature)}\n"
            for name, key_id, signature in note.lines
            if (name, key_id, signature[:8]) == (key.name, key.key_id, at.to_bytes(8, "big"))
        )
        return KeptCosignature(head.size, key.to_text(), at, head.note, line)

    def _post(self, body: bytes) -> tuple[int, str, bytes] | Failed:
        url = f"{self._member.url}/add-checkpoint"
        until = time.monotonic() + _ANSWER_S
        content = bytearray()
        try:
            with self._client.stream("POST", url, content=body) as response:
                for chunk in response.iter_raw():
                    content += chunk
                    if len(content) > _MAX_ANSWER:
                        return Failed("answer_too_large")
                    if time.monotonic() > until:
                        return Failed("too_slow")
                media_type = response.headers.get("content-type", "").partition(";")[0].strip()
                return response.status_code, media_type, bytes(content)
        except (httpx2.HTTPError, httpx2.InvalidURL):
            return Failed("silent")


def _refused(status: int) -> Outcome:
    # Our proof was right for the size that the witness itself named.
    if status in {httpx2.codes.CONFLICT, httpx2.codes.UNPROCESSABLE_CONTENT}:
        return OtherHistory("not_consistent")
    return Failed(f"status_{status}")
