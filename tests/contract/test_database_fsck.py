"""fsck of a database: whatever somebody changes in it is named."""

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.audit.checkpoint import TrustedLog, sign_checkpoint
from gateway.audit.entry import prepare
from gateway.crypto.keys import generate_log_key
from gateway.crypto.merkle import Frontier, leaf_hash
from gateway.crypto.signed_note import Note, NoteSigner
from gateway.domain.errors import IntegrityError
from gateway.domain.log import EntryDraft, EntryType, EraseBody, PreparedEntry
from gateway.ports.witnesses import KeptCosignature
from gateway.storage.connect import database_url as parsed
from gateway.storage.connect import sqlite_path
from gateway.storage.database import Database
from gateway.storage.fsck import DatabaseReport, check_database
from tests.simulators.clock import NOON
from tests.simulators.databases import SQLiteDatabases
from tests.simulators.kept_log import INDEX_KEY, KEK, LOG, KeptLog, entry, pads, raw
from tests.simulators.signer import HonestSigner
from tests.simulators.tampering import tamper

SIZE = 262
PERSON = ["p-sato"]
SEALED = "wrapped_key, nonce, ciphertext"
HEAD = "size, root, frontier"


def erasure(erased: PreparedEntry) -> PreparedEntry:
    body = {"code": "x", "retention": "disclosure", "entry_ids": [erased.entry_id], "count": 1}
    draft = EntryDraft(entry().entry_id, EntryType.ERASE, NOON, body)
    return prepare(draft, log_id=LOG, kek=KEK, index_key=INDEX_KEY)


def kek_of(kek_id: str) -> bytes:
    if kek_id != KEK[0]:
        raise IntegrityError("there is no such key")
    return KEK[1]


class Kept:
    """A closed log of 262 entries, two heads, one full tile, one erased body."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.signer = HonestSigner()
        self.erased = entry(persons=PERSON)
        self.indexed = entry(persons=PERSON)
        with KeptLog.open(url, signer=self.signer) as log:
            log.append(entries=[self.erased, self.indexed, *pads(258)])
            log.append(EraseBody(self.erased.entry_id), entries=[erasure(self.erased), entry()])
            note, witness = log.reader.checkpoint(LOG).note, NoteSigner("w", generate_log_key())
            line = witness.cosign(Note.parse(note).text, 7)
            log.database.cosignatures(LOG).keep(
                KeptCosignature(SIZE, witness.cosigner.to_text(), 7, note, line)
            )

    def copied(self, path: Path) -> "Kept":
        """Return the same log in another file."""
        shutil.copy(sqlite_path(parsed(self.url)), path)
        twin = copy.copy(self)
        twin.url = f"sqlite:///{path}"
        return twin

    def check(
        self, *, keys: bool = True, log: TrustedLog | None = None, signer: bool = True
    ) -> DatabaseReport:
        """Check it."""
        database = Database.open(self.url)
        try:
            return check_database(
                database.engine,
                LOG,
                log or self.signer.trusted,
                kek_of=kek_of if keys else None,
                signed=self.signer.signed[-1:] if signer else (),
            )
        finally:
            database.close()


@pytest.fixture(scope="module")
def original(sqlite_databases: SQLiteDatabases) -> Iterator[Kept]:
    with sqlite_databases.fresh() as url:
        yield Kept(url)


@pytest.fixture
def kept(original: Kept, tmp_path: Path) -> Kept:
    return original.copied(tmp_path / "log.db")


TAMPERED = {
    "leaf": (
        "UPDATE log_entry SET leaf = CAST(replace(leaf, 'pad', 'key') AS BLOB) WHERE seq = 7",
        {"leaf-hash-differs", "head-differs", "signed-head-differs"},
    ),
    "leaf of other bytes": (
        "UPDATE log_entry SET leaf = x'00' WHERE seq = 7",
        {"leaf-hash-differs", "leaf-malformed"},
    ),
    "hash": (
        "UPDATE log_entry SET leaf_hash = (SELECT root FROM log_head WHERE size = 0) WHERE seq = 7",
        {"leaf-hash-differs"},
    ),
    "last two": ("DELETE FROM log_entry WHERE seq >= 260", {"signed-entries-missing"}),
    "last with its head": (
        "DELETE FROM log_head WHERE size = 262",
        {"head-missing"},
    ),
    "middle": ("DELETE FROM log_entry WHERE seq = 100", {"entry-missing", "tip-differs"}),
    "first": ("DELETE FROM log_entry WHERE seq = 0", {"entry-missing"}),
    "head rewritten": (
        "UPDATE log_head SET root = (SELECT root FROM log_head WHERE size = 0) WHERE size = 260",
        {"head-differs"},
    ),
    "head out of the chain": (
        "UPDATE log_head SET n = 1, prev_size = 261 WHERE size = 262",
        {"head-out-of-chain"},
    ),
    "frontier": ("UPDATE log_head SET frontier = x'' WHERE size = 262", {"head-differs"}),
    "tip": (
        "UPDATE log_tip SET root = (SELECT root FROM log_head WHERE size = 0)",
        {"tip-differs"},
    ),
    "tile byte": (
        "UPDATE log_tile SET hashes = CAST(x'00' || substr(hashes, 2) AS BLOB)",
        {"tile-differs"},
    ),
    "tile gone": ("DELETE FROM log_tile", {"tile-missing"}),
    "tile too many": (
        "INSERT INTO log_tile SELECT log_id, 1, 0, hashes FROM log_tile",
        {"tile-beyond-entries"},
    ),
    "checkpoint": (
        "UPDATE log_checkpoint SET note = replace(note, '262', '261')",
        {"checkpoint-not-signed"},
    ),
    "cosignature's line": (
        "UPDATE log_cosignature SET line = replace(line, 'w', 'v')",
        {"cosignature-not-valid"},
    ),
    "cosignature's time": (
        "UPDATE log_cosignature SET cosigned_at = 8",
        {"cosignature-not-valid"},
    ),
    "cosignature of another head": (
        "UPDATE log_cosignature SET size = 260",
        {"cosignature-not-valid"},
    ),
    "body bytes": (
        "UPDATE log_body SET ciphertext = CAST(nonce || ciphertext AS BLOB) WHERE seq = 9",
        {"body-unreadable"},
    ),
    "body of another": (
        (
            f"UPDATE log_body SET ({SEALED}) ="  # noqa: S608 - ours
            f" (SELECT {SEALED} FROM log_body WHERE seq = 10)"
            " WHERE seq = 9"
        ),
        {"body-unreadable"},
    ),
    "body gone": ("DELETE FROM log_body WHERE seq = 9", {"body-missing"}),
    "body under another id": (
        "UPDATE log_body SET entry_id = 'other' WHERE seq = 9",
        {"body-of-another-entry"},
    ),
    "body torn": ("UPDATE log_body SET ciphertext = NULL WHERE seq = 9", {"body-torn"}),
    "body emptied in silence": (
        "UPDATE log_body SET wrapped_key = NULL, nonce = NULL, ciphertext = NULL WHERE seq = 9",
        {"erased-without-entry"},
    ),
    "body of no entry": (
        (
            f"INSERT INTO log_body SELECT log_id, 'other', 999, retention, kek_id, {SEALED}"  # noqa: S608 - ours
            " FROM log_body WHERE seq = 9"
        ),
        {"body-without-entry"},
    ),
    "key gone": ("UPDATE log_body SET kek_id = 'kek-0' WHERE seq = 9", {"key-missing"}),
    "index of an erased entry": (
        "INSERT INTO log_subject_ix SELECT log_id, 'x', entry_id FROM log_body WHERE seq = 0",
        {"subject-index-of-erased"},
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_database_that_was_changed_is_found_out(kept: Kept, what: str) -> None:
    statement, expected = TAMPERED[what]
    tamper(kept.url, statement)

    report = kept.check()

    assert expected <= set(report.counts)
    assert report.findings


def test_untouched_database_is_found_whole(kept: Kept) -> None:
    report = kept.check()
    assert {} == report.counts
    assert (1, SIZE, 3, 1, 261, 261, 1) == (
        report.cosignatures, report.size, report.heads,
        report.tiles, report.bodies, report.opened, report.tombstones,
    )  # fmt: skip


def test_leaf_changed_together_with_its_hash_leads_to_another_head(kept: Kept) -> None:
    other = entry()
    tamper(
        kept.url,
        "UPDATE log_entry SET leaf = ?, leaf_hash = ? WHERE seq = 7",
        other.leaf,
        other.leaf_hash,
    )
    report = kept.check()
    assert {"head-differs", "signed-head-differs", "body-of-another-entry"} <= set(report.counts)
    assert "leaf-hash-differs" not in report.counts


def test_swapped_rows_lead_to_another_head(kept: Kept) -> None:
    first, second = pads(258)[3], pads(258)[8]
    for seq, there in ((5, second), (10, first)):
        tamper(
            kept.url,
            "UPDATE log_entry SET leaf = ?, leaf_hash = ? WHERE seq = ?",
            there.leaf,
            there.leaf_hash,
            seq,
        )
    report = kept.check()
    assert {"head-differs", "body-of-another-entry"} <= set(report.counts)
    assert 2 == report.counts["body-of-another-entry"]


def test_history_rewritten_throughout_contradicts_what_was_signed(kept: Kept) -> None:
    """Everything in the database agrees; only the signed heads do not."""
    other = prepare(
        EntryDraft(pads(258)[5].entry_id, EntryType.PAD, NOON, {}),
        log_id=LOG,
        kek=KEK,
        index_key=INDEX_KEY,
    )
    tamper(
        kept.url,
        "UPDATE log_entry SET leaf = ?, leaf_hash = ? WHERE seq = 7",
        other.leaf,
        other.leaf_hash,
    )
    tamper(
        kept.url,
        "UPDATE log_body SET wrapped_key = ?, nonce = ?, ciphertext = ? WHERE seq = 7",
        other.body.wrapped_key,
        other.body.nonce,
        other.body.ciphertext,
    )
    leaves = [leaf for (leaf,) in raw(kept.url, "SELECT leaf FROM log_entry ORDER BY seq")]
    hashes = [leaf_hash(leaf) for leaf in leaves]
    tamper(kept.url, "UPDATE log_tile SET hashes = ?", b"".join(hashes[:256]))
    for size in (260, 262):
        state = Frontier().extended(hashes[:size])
        tamper(
            kept.url,
            "UPDATE log_head SET root = ?, frontier = ? WHERE size = ?",
            state.root(),
            state.to_bytes(),
            size,
        )
    tamper(kept.url, "UPDATE log_tip SET root = ?, frontier = ?", state.root(), state.to_bytes())

    assert {"signed-head-differs"} == set(kept.check().counts)


def test_end_cut_off_throughout_contradicts_what_was_signed(kept: Kept) -> None:
    for statement in (
        "DELETE FROM log_entry WHERE seq >= 260",
        "DELETE FROM log_body WHERE seq >= 260",
        "DELETE FROM log_head WHERE size > 260",
        "DELETE FROM log_checkpoint",
        f"UPDATE log_tip SET ({HEAD}) = (SELECT {HEAD} FROM log_head WHERE size = 260)",  # noqa: S608 - ours
    ):
        tamper(kept.url, statement)
    # The erasure's own entry is among what was cut off.
    for signer in (True, False):  # without the signer's state a witness's word is left
        report = kept.check(signer=signer)
        assert {"signed-entries-missing", "erased-without-entry"} == set(report.counts)


def test_two_signed_heads_of_one_size_are_found(kept: Kept) -> None:
    """Whoever holds the log's key signs another history; both heads are known."""
    key = NoteSigner("gw.example/audit/2027a", generate_log_key())
    trusted = TrustedLog(key.key.name, (*kept.signer.trusted.keys, key.key))
    forged = sign_checkpoint(key.key.name, SIZE, bytes(32), key)
    tamper(kept.url, "UPDATE log_checkpoint SET note = ?", forged.note)

    assert {"signed-twice"} == set(kept.check(log=trusted).counts)


def test_heads_of_another_log_are_not_ours(kept: Kept) -> None:
    report = kept.check(log=HonestSigner().trusted)
    assert {"checkpoint-not-signed", "cosignature-not-valid"} == set(report.counts)


def test_bodies_are_counted_and_not_opened_without_the_keys(kept: Kept) -> None:
    tamper(kept.url, "UPDATE log_body SET ciphertext = x'00' WHERE seq = 9")
    report = kept.check(keys=False)
    assert ({}, 261, 0, 1) == (report.counts, report.bodies, report.opened, report.tombstones)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def running(request: pytest.FixtureRequest) -> Iterator[KeptLog]:
    databases = request.getfixturevalue(f"{request.param}_databases")
    with databases.fresh() as url, KeptLog.open(url) as log:
        yield log


def test_database_in_use_is_found_whole(running: KeptLog) -> None:
    running.append(entries=[entry(persons=PERSON), *pads(300)])
    done: list[tuple[int, int]] = []

    def meanwhile(at: int, size: int) -> None:
        done.append((at, size))
        running.append()

    report = check_database(
        running.database.engine,
        LOG,
        running.signer.trusted,
        kek_of=kek_of,
        signed=running.signer.signed[-1:],
        progress=meanwhile,
    )

    assert ({}, 301, 301, 1) == (report.counts, report.size, report.opened, report.tiles)
    assert [(256, 301), (301, 301)] == done
