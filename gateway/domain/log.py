"""
The log's words: entries, changes of rows that depend on them, and what an append answers.

* A :class:`LoggedChange` is data alone: no callables, no open session. A writer may
  therefore be a thread or another process without a service noticing.
* Entry and row changes commit together or not at all.
* Leaves hold commitments only; what an entry means is in its encrypted body.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from gateway.domain.ids import EntryId, LogId, Millis, PersonId, TenantId

__all__ = [
    "AddKeys",
    "Appended",
    "DropRow",
    "EntryDraft",
    "EntryType",
    "EraseBody",
    "FactVersion",
    "InsertRow",
    "JSONValue",
    "KeyEpoch",
    "LoggedChange",
    "MergePersons",
    "MoveRow",
    "PreparedEntry",
    "PutFact",
    "RewrapBody",
    "RowChange",
    "SealedBody",
]

JSONValue: TypeAlias = (
    "bool | int | str | list[JSONValue] | tuple[JSONValue, ...] | Mapping[str, JSONValue] | None"
)


class EntryType(StrEnum):
    """What an entry is about. ``register`` says its kind only in the body."""

    DECISION = "decision"
    RELEASE = "release"
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    RECALLED = "recalled"
    EXPIRED = "expired"
    OUTCOME = "outcome"
    REGISTER = "register"
    OBLIGATION = "obligation"
    AUDIT_READ = "audit-read"
    ERASE = "erase"
    KEY = "key"
    POLICY = "policy"
    MEMBER = "member"
    LINK = "link"
    INCIDENT = "incident"
    PAD = "pad"


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """
    An entry as a service writes it: readable, not yet committed to.

    Attributes:
        entry_id: Chosen by the caller, so that an unknown outcome can be looked up.
        type: The leaf's type.
        at: When it happened, by the gateway's clock.
        body: Field name to value, as fixed in ``schemas/audit-body.json``. Never a field
            value of a case.
        persons: Everybody the entry concerns; each gets a row in the subject index.
        retention: Retention class of the body, a key of the pack's retention table.
    """

    entry_id: EntryId
    type: EntryType
    at: Millis
    body: Mapping[str, JSONValue]
    persons: tuple[PersonId, ...] = ()
    retention: str = "disclosure"


@dataclass(frozen=True, slots=True)
class SealedBody:
    """An entry's body, encrypted under its own data key, which a key-encryption key wraps."""

    kek_id: str
    wrapped_key: bytes
    nonce: bytes
    ciphertext: bytes
    retention: str


@dataclass(frozen=True, slots=True)
class PreparedEntry:
    """An entry ready to append: ``leaf`` bytes are final, ``pseudonyms`` index its persons."""

    entry_id: EntryId
    type: EntryType
    at: Millis
    leaf: bytes
    leaf_hash: bytes
    body: SealedBody
    pseudonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactVersion:
    """One version of one registered fact, as read: a decision stands on these."""

    kind: str
    id: str
    version: int


@dataclass(frozen=True, slots=True)
class KeyEpoch:
    """
    How often anything under one key has changed, as read: a decision stands on these.

    The writer raises a key's epoch whenever a fact is put under it, changes under it or
    comes to it by a merge. A flag that did not exist when a decision was made is therefore
    noticed too, which versions of the facts that did exist could not show.
    """

    key: str
    epoch: int


@dataclass(frozen=True, slots=True)
class PutFact:
    """
    Write the next version of a registered fact.

    Attributes:
        kind: ``consent``, ``protection_flag``, … (``$defs`` of ``schemas/policy-input.json``).
        id: The fact's identifier.
        expected_version: The version this replaces; 0 says that it must be new.
        fact: The whole fact as policy will see it; no personal data beyond opaque ids.
        keys: By what it is found, for example ``person:…``, ``item:…``, ``pair:…:…``.
    """

    kind: str
    id: str
    expected_version: int
    fact: Mapping[str, JSONValue]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddKeys:
    """Let an existing fact be found by further keys."""

    kind: str
    id: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MergePersons:
    """Make two linked handles one person: every key ``person:absorbed`` becomes ``person:kept``."""

    absorbed: PersonId
    kept: PersonId


@dataclass(frozen=True, slots=True)
class InsertRow:
    """
    Insert one row of a work table (``disclosure``, ``unit``, ``delivery``, ``task``, …).

    ``tenant_id`` is added by the writer; the log index of an entry is found by its id.
    """

    table: str
    values: Mapping[str, "str | int | bytes | None"]


@dataclass(frozen=True, slots=True)
class MoveRow:
    """
    Move one row from one state to the next; nothing happens unless it is in ``from_state``.

    Attributes:
        table: The work table.
        id: Value of its primary key beside ``tenant_id``.
        from_state: The state it must be in, else the whole change is refused.
        to_state: The state it is in afterwards.
        values: Further columns to set.
    """

    table: str
    id: str
    from_state: str
    to_state: str
    values: Mapping[str, "str | int | bytes | None"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DropRow:
    """
    Remove one row of a work table; nothing happens unless it is in ``state``.

    For erasure alone: what an erased entry said must not stand in a row beside it.
    """

    table: str
    id: str
    state: str


@dataclass(frozen=True, slots=True)
class RewrapBody:
    """
    Replace the wrapped data key of one body by the same key wrapped anew.

    Attributes:
        entry_id: The entry.
        old_key: The wrapped key that it replaces; another one refuses the change.
        kek_id: The key-encryption key that wraps it now.
        wrapped_key: The data key under that one.
    """

    entry_id: EntryId
    old_key: bytes
    kek_id: str
    wrapped_key: bytes


@dataclass(frozen=True, slots=True)
class EraseBody:
    """
    Destroy the wrapped key and the ciphertext of one entry's body and its subject index.

    The leaf stays; the entry id stays as a tombstone. An ``erase`` entry says so in the
    same change.
    """

    entry_id: EntryId


RowChange: TypeAlias = (
    PutFact | AddKeys | MergePersons | InsertRow | MoveRow | DropRow | RewrapBody | EraseBody
)


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """
    Entries and the row changes that may only become visible with them.

    Attributes:
        tenant_id: Whose rows change.
        log_id: The log that is appended to.
        entries: In this order; all or none.
        changes: Applied in this order after ``relied_on`` has been checked.
        relied_on: Fact versions that must still be the newest, else nothing happens.
        relied_on_keys: Keys whose epoch must still be the same, else nothing happens.
    """

    tenant_id: TenantId
    log_id: LogId
    entries: tuple[PreparedEntry, ...]
    changes: tuple[RowChange, ...] = ()
    relied_on: tuple[FactVersion, ...] = ()
    relied_on_keys: tuple[KeyEpoch, ...] = ()


@dataclass(frozen=True, slots=True)
class Appended:
    """
    What is durable after an append.

    Attributes:
        indices: Index of each entry, in the order of the change.
        checkpoint: A signed note whose tree holds all of them (C2SP tlog-checkpoint).
        size: The checkpoint's tree size.
    """

    indices: tuple[int, ...]
    checkpoint: str
    size: int
