"""
From a readable entry to a leaf that reveals nothing and a body that can be erased.

* The leaf commits to every field of the body; the body is encrypted under its own data key
  and carries the nonces, without which the commitment can neither be opened nor tested.
* Persons reach the log as keyed pseudonyms in an index beside it, never in the leaf.
* Opening a body checks it against the leaf, so a body that was exchanged is noticed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.crypto.commitment import InvalidOpening, Leaf, OpenField, Opening, commit
from gateway.crypto.encoding import BadEncoding, b64u, unb64u
from gateway.crypto.envelope import decrypt_body, encrypt_body
from gateway.crypto.json_reader import UnreadableJSON, read_json_object
from gateway.crypto.merkle import leaf_hash
from gateway.crypto.pseudonym import subject_pseudonym
from gateway.domain.ids import LogId
from gateway.domain.log import EntryDraft, PreparedEntry, SealedBody

__all__ = ["MAX_BODY_BYTES", "OpenedBody", "open_body", "prepare", "prepare_with_opening"]

MAX_BODY_BYTES: Final = 1 << 20

_VERSION: Final = 1
_DEPTH: Final = 40  # a policy input of 32 levels, within the body


@dataclass(frozen=True, slots=True)
class OpenedBody:
    """
    A body as opened and checked against its leaf.

    Attributes:
        fields: Name to value.
        opening: The opening of every field; show parts of it with :meth:`Opening.only`.
    """

    fields: Mapping[str, Any]
    opening: Opening


def prepare(
    draft: EntryDraft, *, log_id: LogId, kek: tuple[str, bytes], index_key: bytes
) -> PreparedEntry:
    """
    Return the entry, committed to and encrypted, ready to append.

    Args:
        draft: The readable entry.
        log_id: The log it will be appended to; bound into the body.
        kek: Id and 32 bytes of the key-encryption key.
        index_key: 32 bytes; persons are pseudonymised under it.

    Raises:
        InvalidOpening: A field name, the type or the entry id has another form, or the body
            is too large.
        NotCanonical: A value is not JSON without fractions.
    """
    return prepare_with_opening(draft, log_id=log_id, kek=kek, index_key=index_key)[0]


def prepare_with_opening(
    draft: EntryDraft, *, log_id: LogId, kek: tuple[str, bytes], index_key: bytes
) -> tuple[PreparedEntry, Opening]:
    """Return the entry as :func:`prepare` does, and the opening of all its fields."""
    commitment = commit(draft.body)
    leaf = Leaf(commitment.value, draft.entry_id, draft.at, str(draft.type))
    _check(leaf)
    data = leaf.to_bytes()
    plaintext = _plaintext(commitment.opening)
    if len(plaintext) > MAX_BODY_BYTES:
        raise InvalidOpening("the body is too large")
    kek_id, kek_bytes = kek
    entry = PreparedEntry(
        entry_id=draft.entry_id,
        type=draft.type,
        at=draft.at,
        leaf=data,
        leaf_hash=leaf_hash(data),
        body=encrypt_body(
            plaintext,
            log_id=log_id,
            entry_id=draft.entry_id,
            kek_id=kek_id,
            kek=kek_bytes,
            retention=draft.retention,
        ),
        pseudonyms=tuple(
            subject_pseudonym(index_key, log_id, person) for person in dict.fromkeys(draft.persons)
        ),
    )
    return entry, commitment.opening


def open_body(body: SealedBody, *, leaf: bytes, log_id: LogId, kek: bytes) -> OpenedBody:
    """
    Return what an entry says, after checking that its leaf commits to exactly that.

    Args:
        body: The encrypted body.
        leaf: The entry's leaf bytes, from the tree.
        log_id: The log.
        kek: The key-encryption key that ``body.kek_id`` names.

    Raises:
        BodyUnreadable: It does not decrypt: another key, another entry, or changed bytes.
        InvalidOpening: The leaf commits to something else, or is malformed.
    """
    parsed = Leaf.parse(leaf)
    plaintext = decrypt_body(body, log_id=log_id, entry_id=parsed.entry_id, kek=kek)
    fields: dict[str, Any] | None
    try:
        content = read_json_object(plaintext, max_bytes=MAX_BODY_BYTES, max_depth=_DEPTH)
        fields, nonces = content["fields"], unb64u(content["nonces"])
    except (UnreadableJSON, BadEncoding, KeyError, TypeError):
        fields = None
    if not isinstance(fields, dict):
        raise InvalidOpening("not a body")
    commitment = commit(fields, randomness=nonces)
    if commitment.value != parsed.commitment:
        raise InvalidOpening("the body is of another leaf")
    return OpenedBody(fields, commitment.opening)


def _check(leaf: Leaf) -> None:
    try:
        leaf.check()
    except BadEncoding:
        raise InvalidOpening("not an entry id") from None


def _plaintext(opening: Opening) -> bytes:
    """Return canonical JSON of fields and nonces, from values that are canonical already."""
    places = [place for place in opening.places if isinstance(place, OpenField)]
    fields = b",".join(b'"%b":%b' % (place.name.encode(), place.value) for place in places[1:])
    nonces = opening.nonce + b"".join(place.nonce for place in places)
    return b'{"fields":{%b},"nonces":"%b","v":%d}' % (fields, b64u(nonces).encode(), _VERSION)
