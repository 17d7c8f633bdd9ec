"""
Writes ``witness_requests.json``: what a new witness is sent, in this order, and what it answers.

The file needs nothing of this repository to be played to another witness that knows the logs of
``logs``. Run ``python tests/vectors/witness_requests.py`` to write it anew; keys and leaves are
fixed, so it changes only when a case does.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import checkpoint_text
from gateway.audit.tree import MemoryTree, prove_consistency
from gateway.crypto.encoding import b64
from gateway.crypto.merkle import leaf_hash, tree_root
from gateway.crypto.signed_note import NoteSigner

FILE: Final = Path(__file__).with_suffix(".json")
LEAVES: Final = [leaf_hash(f"leaf {i}".encode()) for i in range(100)]
OTHER: Final = [*LEAVES[:3], *(leaf_hash(f"other {i}".encode()) for i in range(3, 100))]


def signer(name: str, seed: int) -> NoteSigner:
    return NoteSigner(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


FIRST: Final = signer("gw.aoba.example/audit/2027a", 1)
SECOND: Final = signer("gw.midori.example/audit/2027a", 2)
STRANGER: Final = signer("gw.kawabe.example/audit/2027a", 3)
IMPOSTOR: Final = signer(FIRST.key.name, 4)
WITNESS: Final = signer("w.other.example/2027", 5)


@dataclass(frozen=True, slots=True)
class Case:
    """One request; ``size`` is what a 409 has to say."""

    name: str
    status: int
    body: bytes
    size: int | None = None


def head(size: int, leaves: list[bytes] = LEAVES, by: NoteSigner = FIRST) -> str:
    return by.sign(checkpoint_text(by.key.name, size, tree_root(leaves[:size])))


def proof(old: int, new: int, leaves: list[bytes] = LEAVES) -> list[str]:
    return [b64(h) for h in prove_consistency(MemoryTree(leaves), old, new)]


def body(old: object, note: str, hashes: list[str] | None = None) -> bytes:
    return "\n".join([f"old {old}", *(hashes or []), "", note]).encode()


def cases() -> Iterator[Case]:
    yield from _malformed()
    yield from _not_of_a_known_log()
    yield from _before_anything()
    yield from _after_five()
    yield from _growing()


def _malformed() -> Iterator[Case]:
    note, one = head(5), b64(LEAVES[0])
    yield Case("empty body", 400, b"")
    yield Case("no empty line", 400, f"old 0\n{note}".encode().replace(b"\n\n", b"\n"))
    yield Case("no old size", 400, f"\n{note}".encode())
    yield Case("old size with two spaces", 400, body(" 0", note))
    yield Case("old size with a leading zero", 400, body("00", note))
    yield Case("old size below zero", 400, body("-1", note))
    yield Case("old size in hexadecimal", 400, body("0x0", note))
    yield Case("lines ended as in DOS", 400, body(0, note).replace(b"\n", b"\r\n"))
    yield Case("proof that is not base64", 400, body(0, note, ["not base64"]))
    yield Case("proof with a hash of 31 bytes", 400, body(0, note, [b64(bytes(31))]))
    yield Case("proof without padding", 400, body(0, note, [one.rstrip("=")]))
    yield Case("proof of 64 hashes", 400, body(0, note, [one] * 64))
    yield Case("not UTF-8", 400, body(0, note).replace(b"\xe2\x80\x94", b"\xff"))
    yield Case("head without its last newline", 400, body(0, note)[:-1])
    yield Case("head without signatures", 400, body(0, note.partition("\n\n")[0] + "\n\n"))
    zeros = FIRST.sign(checkpoint_text(FIRST.key.name, 5, bytes(32)).replace("\n5\n", "\n05\n"))
    yield Case("signed head with a leading zero", 400, body(0, zeros))
    short = FIRST.sign(f"{FIRST.key.name}\n5\n{b64(bytes(31))}\n")
    yield Case("signed head with a root of 31 bytes", 400, body(0, short))


def _not_of_a_known_log() -> Iterator[Case]:
    text = head(5).partition("\n\n")[0] + "\n"
    yield Case("unknown log", 404, body(0, head(5, by=STRANGER)))
    yield Case("signed by another key of the same name", 403, body(0, head(5, by=IMPOSTOR)))
    of_other = head(5, by=SECOND).partition("\n\n")[2]
    yield Case("signed by the key of another log", 403, body(0, f"{text}\n{of_other}"))
    cosigned = f"{text}\n{WITNESS.cosign(text, 1_800_000_000)}"
    yield Case("signed by a witness alone", 403, body(0, cosigned))
    forged = f"{text}\n\u2014 {FIRST.key.name} {b64(FIRST.key.key_id + bytes(64))}\n"
    yield Case("signature that does not verify", 403, body(0, forged))


def _before_anything() -> Iterator[Case]:
    yield Case("old size beyond the head", 400, body(9, head(5)))
    yield Case("old size of a head that was never shown", 409, body(3, head(5), proof(3, 5)), 0)
    yield Case("first head with a proof", 422, body(0, head(5), [b64(LEAVES[0])]))
    yield Case("first head with a proof of 63 hashes", 422, body(0, head(5), proof(3, 5)[:1] * 63))
    yield Case("first head", 200, body(0, head(5)))


def _after_five() -> Iterator[Case]:
    yield Case("first head once more", 409, body(0, head(5)), 5)
    yield Case("the same head from its own size", 200, body(5, head(5)))
    yield Case("the same head with a proof", 422, body(5, head(5), proof(3, 5)))
    yield Case("another root at the same size", 422, body(5, head(5, OTHER)))
    yield Case("smaller head from its own size", 409, body(3, head(3)), 5)


def _growing() -> Iterator[Case]:
    good = proof(5, 8)
    yield Case("growth without a proof", 422, body(5, head(8)))
    yield Case("growth with a changed hash", 422, body(5, head(8), [b64(bytes(32)), *good[1:]]))
    yield Case("growth with a superfluous hash", 422, body(5, head(8), [*good, good[-1]]))
    yield Case("growth without the last hash", 422, body(5, head(8), good[:-1]))
    other = body(5, head(8, OTHER), proof(5, 8, OTHER))
    yield Case("growth of another history with its own proof", 422, other)
    yield Case("growth with lines of unknown keys", 200, body(5, _crowded(head(8)), good))
    yield Case("first head of a second log", 200, body(0, head(100, by=SECOND)))
    yield Case("growth replayed", 409, body(5, head(8), good), 8)


def _crowded(note: str) -> str:
    text = note.partition("\n\n")[0] + "\n"
    return note + WITNESS.cosign(text, 1_800_000_000) + IMPOSTOR.sign(text).partition("\n\n")[2]


def document() -> dict[str, Any]:
    return {
        "about": "C2SP tlog-witness: requests to a new witness, in this order, and its answers",
        "logs": [FIRST.key.to_text(), SECOND.key.to_text()],
        "requests": [
            {
                "name": case.name,
                "body": base64.b64encode(case.body).decode(),
                "status": case.status,
                **({} if case.size is None else {"size": case.size}),
            }
            for case in cases()
        ],
    }


def text() -> str:
    return json.dumps(document(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
