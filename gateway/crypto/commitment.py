"""
Leaves of the log: commitments that reveal nothing, and openings field by field.

* A leaf is canonical JSON of at most 300 bytes: ``c`` commitment, ``e`` entry id, ``t``
  instant, ``ty`` type, ``v`` version. Nothing in it is about a person.
* ``c = SHA-256("gwaud/commit/v1" 00 nonce32 fields_root)``; ``fields_root`` is the RFC 6962
  root over ``nonce16 name 00 value``, sorted by name, the value being canonical JSON.
* The first field, ``_names``, lists the names of all others and is always opened. Each
  place therefore has one name: nobody can commit to a field twice and open one value to
  one party and another value to another.
* An opening shows the values of some fields and only hashes of the rest. The nonces live
  in the erasable body; once they are destroyed, 32 random-looking bytes remain.
"""

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from gateway.crypto.canonical import canonical_json
from gateway.crypto.encoding import BadEncoding, b64u, unb64u
from gateway.crypto.json_reader import MAX_INTEGER, UnreadableJSON, read_json, read_json_object
from gateway.crypto.merkle import HASH_BYTES, tree_root
from gateway.domain.errors import IntegrityError
from gateway.domain.log import JSONValue

__all__ = [
    "MAX_LEAF_BYTES",
    "MAX_OPENING_BYTES",
    "NAMES",
    "Commitment",
    "InvalidOpening",
    "Leaf",
    "OpenField",
    "Opening",
    "commit",
    "nonce_bytes",
    "verify_opening",
]

MAX_LEAF_BYTES: Final = 300
MAX_OPENING_BYTES: Final = 1 << 20
NAMES: Final = "_names"

_DOMAIN: Final = b"gwaud/commit/v1\x00"
_NONCE_BYTES: Final = 32
_FIELD_NONCE_BYTES: Final = 16
_ENTRY_ID_BYTES: Final = 16
_VERSION: Final = 1
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_TYPE: Final = re.compile(r"[a-z][a-z-]{0,31}", re.ASCII)


class InvalidOpening(IntegrityError):
    """An opening, or the leaf it is for, is malformed or does not match."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """
    What a leaf says in the open.

    Attributes:
        commitment: 32 bytes.
        entry_id: 22 characters of base64url.
        at: Epoch milliseconds.
        type: Entry type, for example ``decision``.
    """

    commitment: bytes
    entry_id: str
    at: int
    type: str

    def to_bytes(self) -> bytes:
        """Return the leaf's canonical bytes."""
        # Members in canonical order; none of the values needs escaping.
        return (
            f'{{"c":"{b64u(self.commitment)}","e":"{self.entry_id}",'
            f'"t":{self.at},"ty":"{self.type}","v":{_VERSION}}}'
        ).encode("ascii")

    @classmethod
    def parse(cls, data: bytes) -> "Leaf":
        """
        Read a leaf, accepting only its canonical bytes.

        Raises:
            InvalidOpening: These are not the canonical bytes of a leaf.
        """
        leaf: Leaf | None
        try:
            members = read_json_object(data, max_bytes=MAX_LEAF_BYTES, max_depth=1)
            leaf = cls(
                commitment=unb64u(_text(members["c"]), length=HASH_BYTES),
                entry_id=_text(members["e"]),
                at=members["t"],
                type=_text(members["ty"]),
            )
            leaf.check()
        except (UnreadableJSON, BadEncoding, KeyError):
            leaf = None
        if leaf is None or leaf.to_bytes() != data:
            raise InvalidOpening("not a leaf")
        return leaf

    def check(self) -> None:
        """
        Check that every part has the form a leaf needs.

        Raises:
            InvalidOpening: A part has another form.
            BadEncoding: The entry id is not 128 bits of base64url.
        """
        unb64u(self.entry_id, length=_ENTRY_ID_BYTES)
        if len(self.commitment) != HASH_BYTES or not _TYPE.fullmatch(self.type):
            raise InvalidOpening("not a leaf")
        if type(self.at) is not int or not 0 <= self.at <= MAX_INTEGER:
            raise InvalidOpening("not a leaf")


@dataclass(frozen=True, slots=True)
class OpenField:
    """
    One opened field.

    Attributes:
        nonce: 16 bytes.
        name: Name as in ``schemas/audit-body.json``, or ``_names``.
        value: Canonical JSON of the value, exactly the bytes committed to.
    """

    nonce: bytes
    name: str
    value: bytes

    def hash(self) -> bytes:
        """Return the hash of this field as a leaf of the field tree."""
        content = b"\x00" + self.nonce + self.name.encode() + b"\x00" + self.value
        return sha256(content).digest()


@dataclass(frozen=True, slots=True)
class Opening:
    """
    An opening of a leaf's commitment.

    Attributes:
        nonce: 32 bytes that hide the fields' root.
        places: In the order of names: an opened field, or the 32-byte hash of a hidden one.
    """

    nonce: bytes
    places: tuple[OpenField | bytes, ...]

    def commitment(self) -> bytes:
        """Return the commitment that this opens."""
        root = tree_root(p.hash() if isinstance(p, OpenField) else p for p in self.places)
        return sha256(_DOMAIN + self.nonce + root).digest()

    def names(self) -> tuple[str, ...]:
        """
        Return the names of all fields, opened or not.

        Raises:
            InvalidOpening: ``_names`` is missing, malformed or contradicted by a place.
        """
        first = self.places[0] if self.places else b""
        if not isinstance(first, OpenField) or first.name != NAMES:
            raise InvalidOpening("names are not opened")
        names = tuple(_names(first.value))
        for name, place in zip(names, self.places[1:], strict=False):
            if isinstance(place, OpenField) and place.name != name:
                raise InvalidOpening("a field is not in its place")
        if len(names) != len(self.places) - 1:
            raise InvalidOpening("a field is missing or too many")
        return names

    def only(self, names: Collection[str]) -> "Opening":
        """
        Return an opening that shows these fields, as far as they are opened here.

        The places of all others keep their hashes. Names that the entry has not are ignored.
        """
        return Opening(
            self.nonce,
            tuple(
                p if not isinstance(p, OpenField) or p.name in names or p.name == NAMES
                else p.hash()
                for p in self.places
            ),
        )  # fmt: skip

    def fields(self) -> dict[str, Any]:
        """
        Return the values of the opened fields.

        Raises:
            InvalidOpening: A value is not JSON.
        """
        opened = (p for p in self.places[1:] if isinstance(p, OpenField))
        return {field.name: _value(field.value) for field in opened}

    def to_json(self) -> dict[str, JSONValue]:
        """Return ``{"v", "nonce", "fields": [[name, nonce, value] | hash, …]}``."""
        return {
            "v": _VERSION,
            "nonce": b64u(self.nonce),
            "fields": [
                [p.name, b64u(p.nonce), p.value.decode()] if isinstance(p, OpenField) else b64u(p)
                for p in self.places
            ],
        }

    @classmethod
    def from_json(cls, value: object) -> "Opening":
        """
        Read an opening from JSON as :meth:`to_json` writes it.

        Raises:
            InvalidOpening: It has another form.
        """
        opening: Opening | None = None
        if isinstance(value, dict) and value.keys() == {"v", "nonce", "fields"}:
            try:
                opening = cls._read(value)
            except (BadEncoding, ValueError):  # a lone surrogate is a ValueError
                opening = None
        if opening is None:
            raise InvalidOpening("not an opening")
        return opening

    @classmethod
    def _read(cls, value: dict[str, Any]) -> "Opening":
        if value["v"] != _VERSION or type(value["v"]) is not int:
            raise InvalidOpening("another version")
        if type(value["fields"]) is not list:
            raise InvalidOpening("not an opening")
        nonce = unb64u(_text(value["nonce"]), length=_NONCE_BYTES)
        return cls(nonce, tuple(_place(place) for place in value["fields"]))


@dataclass(frozen=True, slots=True)
class Commitment:
    """A fresh commitment and the opening of all its fields."""

    value: bytes
    opening: Opening


def commit(fields: Mapping[str, JSONValue], *, randomness: bytes | None = None) -> Commitment:
    """
    Commit to fields, hiding each value behind its own nonce.

    Args:
        fields: Name to value. Names are lower snake case of at most 64 characters.
        randomness: ``32 + 16 * (len(fields) + 1)`` bytes in place of fresh ones: the nonces
            of a commitment made before, to be recomputed.

    Raises:
        InvalidOpening: A name has another form, or there is too little randomness.
        NotCanonical: A value has no canonical text.
    """
    names = sorted(fields)
    for name in names:
        if not _NAME.fullmatch(name):
            raise InvalidOpening("not a field name")
    random = randomness if randomness is not None else os.urandom(nonce_bytes(len(names)))
    if len(random) != nonce_bytes(len(names)):
        raise InvalidOpening("nonces do not fit the fields")
    values = [canonical_json(tuple(names)), *(canonical_json(fields[name]) for name in names)]
    nonces = range(_NONCE_BYTES, len(random), _FIELD_NONCE_BYTES)
    opening = Opening(
        random[:_NONCE_BYTES],
        tuple(
            OpenField(random[at : at + _FIELD_NONCE_BYTES], name, value)
            for at, name, value in zip(nonces, [NAMES, *names], values, strict=True)
        ),
    )
    return Commitment(opening.commitment(), opening)


def nonce_bytes(field_count: int) -> int:
    """Return how many random bytes a commitment to so many fields takes."""
    return _NONCE_BYTES + _FIELD_NONCE_BYTES * (field_count + 1)


def verify_opening(leaf: bytes, opening: Opening) -> None:
    """
    Check that an opening is of this leaf, and that every place has the name it claims.

    Raises:
        InvalidOpening: It is not, or the leaf is malformed.
    """
    parsed = Leaf.parse(leaf)
    opening.names()
    for place in opening.places:
        if isinstance(place, bytes) and len(place) != HASH_BYTES:
            raise InvalidOpening("a hash has another length")
    if len(opening.nonce) != _NONCE_BYTES or opening.commitment() != parsed.commitment:
        raise InvalidOpening("the opening is of another leaf")


def _names(text: bytes) -> list[str]:
    names = _value(text)
    if type(names) is not list or not all(type(name) is str for name in names):
        raise InvalidOpening("names are malformed")
    if names != sorted(set(names)) or not all(_NAME.fullmatch(name) for name in names):
        raise InvalidOpening("names are malformed")
    return names


def _value(text: bytes) -> Any:
    try:
        return read_json(text, max_bytes=MAX_OPENING_BYTES)
    except UnreadableJSON:
        raise InvalidOpening("a value is not JSON") from None


def _place(place: object) -> OpenField | bytes:
    if isinstance(place, str):
        return unb64u(place, length=HASH_BYTES)
    if not isinstance(place, list) or len(place) != len(("name", "nonce", "text")):
        raise InvalidOpening("not an opening")
    name, nonce, value = (_text(part) for part in place)
    if name != NAMES and not _NAME.fullmatch(name):
        raise InvalidOpening("not a field name")
    return OpenField(unb64u(nonce, length=_FIELD_NONCE_BYTES), name, value.encode())


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidOpening("not text")
    return value
