"""
The proof of one entry as a file that verifies offline (C2SP tlog-proof v1).

Index, inclusion proof and checkpoint; no extra data, since nobody would authenticate it.
"""

import re
from dataclasses import dataclass
from typing import Final

from gateway.audit.checkpoint import MAX_SIZE
from gateway.crypto.encoding import BadEncoding, b64, unb64
from gateway.crypto.merkle import HASH_BYTES
from gateway.domain.errors import IntegrityError

__all__ = ["InvalidProofFile", "ProofFile"]

_FIRST: Final = "c2sp.org/tlog-proof@v1"
_MAX_CHARACTERS: Final = 65536
_MAX_HASHES: Final = 63
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,15})", re.ASCII)


class InvalidProofFile(IntegrityError):
    """A proof file is malformed."""


@dataclass(frozen=True, slots=True)
class ProofFile:
    """
    A proof as read; :func:`gateway.audit.verify.verify_entry_proof` decides what it proves.

    Attributes:
        index: Index of the entry.
        hashes: The inclusion proof, from the leaf's sibling to the root's child.
        note: The signed checkpoint.
    """

    index: int
    hashes: tuple[bytes, ...]
    note: str

    def to_text(self) -> str:
        """Return the file's text."""
        rows = [_FIRST, f"index {self.index}", *map(b64, self.hashes)]
        return "\n".join(rows) + "\n\n" + self.note

    @classmethod
    def parse(cls, text: str) -> "ProofFile":
        """
        Read a proof file, accepting only its one spelling.

        Raises:
            InvalidProofFile: It is malformed.
        """
        head, separator, note = text.partition("\n\n")
        rows = head.split("\n")
        if len(text) > _MAX_CHARACTERS or not separator or len(rows) > _MAX_HASHES + 2:
            raise InvalidProofFile("not a proof")
        index = _INDEX.fullmatch(rows[1]) if len(rows) > 1 and rows[0] == _FIRST else None
        hashes: tuple[bytes, ...] | None
        try:
            hashes = tuple(unb64(row, length=HASH_BYTES) for row in rows[2:])
        except BadEncoding:
            hashes = None
        if index is None or hashes is None or int(index[1]) > MAX_SIZE:
            raise InvalidProofFile("not a proof")
        return cls(int(index[1]), hashes, note)
