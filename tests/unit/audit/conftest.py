"""A small fictional log: its keys, entries and heads, made once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from gateway.audit.checkpoint import TrustedLog, sign_checkpoint
from gateway.audit.entry import prepare_with_opening
from gateway.audit.proof_file import ProofFile
from gateway.audit.tree import MemoryTree, TreeState, prove_inclusion
from gateway.audit.verify import Evidence
from gateway.crypto.encoding import b64u
from gateway.crypto.keys import generate_log_key
from gateway.crypto.signed_note import NoteSigner
from gateway.domain.ids import EntryId, LogId, Millis, PersonId
from gateway.domain.log import EntryDraft, EntryType, JSONValue, PreparedEntry

ORIGIN = "gw.example/audit/2027a"
LOG_ID = LogId("aoba-2027a")
KEK = ("kek-1", bytes(range(32)))
INDEX_KEY = bytes(range(1, 33))
NOW = Millis(1_795_459_525_123)


@dataclass
class SmallLog:
    """A log in memory that appends, signs and proves."""

    signer: NoteSigner = field(default_factory=lambda: NoteSigner(ORIGIN, generate_log_key()))
    leaves: list[bytes] = field(default_factory=list)
    tree: MemoryTree = field(default_factory=MemoryTree)
    state: TreeState = field(default_factory=TreeState)

    @property
    def trusted(self) -> TrustedLog:
        """What a member knows of this log."""
        return TrustedLog(ORIGIN, (self.signer.key,))

    def append(
        self, type_: EntryType, body: Mapping[str, JSONValue], persons: tuple[str, ...] = ()
    ) -> tuple[PreparedEntry, Evidence]:
        """Append one entry and return it with the evidence of its whole opening."""
        draft = EntryDraft(
            EntryId(b64u(os.urandom(16))),
            type_,
            NOW,
            body,
            tuple(PersonId(person) for person in persons),
        )
        entry, opening = prepare_with_opening(draft, log_id=LOG_ID, kek=KEK, index_key=INDEX_KEY)
        self.leaves.append(entry.leaf)
        self.tree.append(entry.leaf_hash)
        self.state = self.state.extended([entry.leaf_hash])
        return entry, Evidence(entry.leaf, opening, self.proof(self.state.size - 1))

    def note(self) -> str:
        """Return the signed head."""
        return sign_checkpoint(ORIGIN, self.state.size, self.state.root, self.signer).note

    def proof(self, index: int) -> str:
        """Return the proof file of an entry."""
        hashes = prove_inclusion(self.tree, index, self.state.size)
        return ProofFile(index, hashes, self.note()).to_text()


@pytest.fixture
def small_log() -> SmallLog:
    """A log with five pads, so that proofs have some length."""
    log = SmallLog()
    for _ in range(5):
        log.append(EntryType.PAD, {})
    return log
