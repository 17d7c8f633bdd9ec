"""
After an erasure the log verifies, and nobody can find out from a leaf whom it was about.

The attacker knows the format, every field of every entry but the person, all persons there are,
and some openings that were rightly shown to it. It lacks the nonces of the others alone; builds
whose nonces repeat or are no secret show that the attack finds what there is to find.
"""

import hashlib
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from gateway.audit.entry import prepare_with_opening
from gateway.crypto import commitment
from gateway.crypto.commitment import Leaf, OpenField, Opening, commit, nonce_bytes
from gateway.crypto.encoding import b64u
from gateway.demo.cast import PERSONS
from gateway.domain.ids import EntryId, PersonId
from gateway.domain.log import EntryDraft, EntryType, EraseBody, JSONValue, PreparedEntry
from gateway.storage.fsck import check_database
from tests.simulators.clock import NOON
from tests.simulators.kept_log import INDEX_KEY, KEK, LOG, KeptLog
from tests.simulators.policy_inputs import POLICIES

SIZE = 100
SHOWN = 4
ERASED = SIZE // 100


def everybody() -> tuple[str, ...]:
    """Return every handle and every person of the fixtures."""
    text = "".join(
        file.read_text(encoding="utf-8")
        for file in sorted(POLICIES.glob("disclosure/**/cases.json"))
    )
    return tuple(sorted({*PERSONS, *re.findall(r'"([sp]-[a-z0-9-]+)"', text)}))


def body_of(number: int, person: str) -> dict[str, JSONValue]:
    return {
        "decision_id": f"dec-{number}",
        "purpose": "watch",
        "recipient_agency": "npo-hidamari",
        "subject": person,
    }


@dataclass(frozen=True)
class Seen:
    """What an attacker has: every leaf, and the openings of the first entries."""

    leaves: Sequence[bytes]
    shown: Sequence[Opening]

    def streams(self, leaf: Leaf, count: int) -> Iterator[bytes]:
        """Yield whatever the nonces of a leaf might be."""
        size = nonce_bytes(count)
        yield bytes(size)
        yield b"\xff" * size
        for public in (leaf.entry_id.encode(), str(leaf.at).encode(), leaf.type.encode()):
            yield hashlib.shake_256(public).digest(size)
        for opening in self.shown:
            fields = [place for place in opening.places if isinstance(place, OpenField)]
            yield opening.nonce + b"".join(field.nonce for field in fields)

    def persons(self, candidates: Sequence[str]) -> dict[int, str]:
        """Return by index every entry whose person is found out."""
        found: dict[int, str] = {}
        for number, data in enumerate(self.leaves):
            leaf = Leaf.parse(data)
            for person in candidates:
                body = body_of(number, person)
                for stream in self.streams(leaf, len(body)):
                    if commit(body, randomness=stream).value == leaf.commitment:
                        found[number] = person
        return found


def constant(size: int) -> bytes:
    return (b"\x07" * size)[:size]


def none(size: int) -> bytes:
    return bytes(size)


def erased_log(url: str, people: Sequence[str]) -> tuple[Seen, list[int]]:
    """Keep a log about these people, erase one in a hundred, and return what is seen of it."""
    prepared: list[PreparedEntry] = []
    shown: list[Opening] = []
    persons = itertools.cycle(people)
    for number in range(SIZE):
        person = next(persons)
        entry_id = EntryId(b64u(hashlib.sha256(f"{number}".encode()).digest()[:16]))
        draft = EntryDraft(
            entry_id,
            EntryType.DECISION,
            NOON,
            body_of(number, person),
            (PersonId(person),),
        )
        entry, opening = prepare_with_opening(draft, log_id=LOG, kek=KEK, index_key=INDEX_KEY)
        prepared.append(entry)
        shown += [opening] if number < SHOWN else []
    gone = [SIZE // ERASED * n + SHOWN for n in range(ERASED)]
    ids = [prepared[n].entry_id for n in gone]
    said = {"code": "x", "retention": "disclosure", "entry_ids": ids, "count": len(ids)}
    erasure = EntryDraft(EntryId("E" * 21 + "A"), EntryType.ERASE, NOON, said)
    entry, _ = prepare_with_opening(erasure, log_id=LOG, kek=KEK, index_key=INDEX_KEY)
    with KeptLog.open(url) as log:
        log.append(entries=prepared)
        log.append(*map(EraseBody, ids), entries=[entry])
        assert SIZE + 1 == log.verify()
        report = check_database(
            log.database.engine, LOG, log.signer.trusted, kek_of=lambda _: KEK[1]
        )
        assert ({}, ERASED) == (report.counts, report.tombstones)
        left = log.rows("SELECT count(*) FROM log_subject_ix")
        assert [(SIZE - ERASED,)] == left
        return Seen(log.reader.leaves(LOG, 0, SIZE), shown), gone


def test_dictionary_over_everybody_finds_nobody(database_url: str) -> None:
    people = everybody()
    assert len(people) >= len(PERSONS) > 1
    seen, gone = erased_log(database_url, people)

    found = seen.persons(people)

    assert len(gone) == ERASED
    # What was shown is known; nothing else is.
    assert {n: people[n % len(people)] for n in range(SHOWN)} == found


@pytest.mark.parametrize("randomness", [constant, pytest.param(none, marks=pytest.mark.long)])
def test_attack_finds_everybody_where_nonces_are_no_secret(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, randomness: Callable[[int], bytes]
) -> None:
    people = everybody()
    monkeypatch.setattr(commitment, "os", SimpleNamespace(urandom=randomness))
    seen, gone = erased_log(sqlite_url, people)

    found = seen.persons(people)

    assert {n: people[n % len(people)] for n in range(SIZE)} == found
    assert set(gone) <= set(found)
