"""
The newest head of the log that this desk has seen, and that the log only grew since.

* Every proof carries a signed head. Each one is compared with the head remembered: the
  same size must have the same root, and between two sizes the log has to prove that the
  smaller is the beginning of the larger. A log that shows this desk another past than it
  showed before, or than it shows in its next answer, is noticed here.
* A gateway that will not prove it counts as one that cannot.
"""

import threading

from gateway.audit.checkpoint import TrustedLog
from gateway.audit.verify import verify_growth
from gateway.client.connection import Connection
from gateway.client.errors import LogRewritten, StateDamaged
from gateway.client.problems import GatewayProblem
from gateway.client.state_file import StateFile
from gateway.crypto.encoding import BadEncoding, unb64
from gateway.crypto.merkle import HASH_BYTES, InvalidProof
from gateway.domain.errors import IntegrityError
from gateway.ports.log import Checkpoint

__all__ = ["HeadWatch"]

_NOTE = "note"
_REFUSES = range(400, 429)  # not 429, which only asks for patience


class HeadWatch:
    """Compares every head with the newest one that this desk has seen."""

    __slots__ = ("_connection", "_file", "_lock", "_log")

    def __init__(self, log: TrustedLog, file: StateFile, connection: Connection) -> None:
        self._log = log
        self._file = file
        self._connection = connection
        self._lock = threading.Lock()

    def size(self) -> int:
        """
        Return the size of the newest head seen; 0 before the first.

        Raises:
            StateDamaged: It cannot be read.
        """
        head = self._remembered()
        return 0 if head is None else head.size

    def see(self, note: str) -> None:
        """
        Check the head that a proof carries, and remember it if it is the newest.

        Raises:
            LogRewritten: It does not fit the head seen before.
            IntegrityError: The log did not sign it.
            GatewayUnreachable: The log could not be asked for its proof.
        """
        shown = self._log.open(note)
        with self._lock:
            known = self._remembered()
            if known is not None:
                self._check(*sorted((known, shown), key=lambda head: head.size))
            if known is None or shown.size > known.size:
                self._file.write({_NOTE: note})

    def see_newest(self, note: str) -> Checkpoint:
        """
        Check the head that the log calls its newest: it is never smaller than one seen.

        Raises:
            LogRewritten: It is smaller, or does not fit.
            IntegrityError: The log did not sign it.
        """
        shown = self._log.open(note)
        if shown.size < self.size():
            raise LogRewritten("the log shrank")
        self.see(note)
        return shown

    def _check(self, old: Checkpoint, new: Checkpoint) -> None:
        hashes = () if old.size in {0, new.size} else self._consistency(old.size, new.size)
        try:
            verify_growth(old, new.note, hashes, self._log)
        except InvalidProof as error:
            raise LogRewritten("the log is not a continuation of what was seen") from error

    def _consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        try:
            members = self._connection.get_public(
                "/audit/consistency", {"from": str(old), "to": str(new)}
            )
        except GatewayProblem as error:
            if error.status not in _REFUSES:
                raise
            raise LogRewritten("the log does not prove that it only grew") from error
        try:
            return tuple(unb64(hash_, length=HASH_BYTES) for hash_ in members.texts("hashes"))
        except BadEncoding as error:
            raise LogRewritten("the log does not prove that it only grew") from error

    def _remembered(self) -> Checkpoint | None:
        state = self._file.read()
        if state is None:
            return None
        try:
            return self._log.open(str(state.get(_NOTE)))
        except IntegrityError as error:
            raise StateDamaged("the head that was seen is not one of this log") from error
