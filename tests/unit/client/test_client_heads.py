"""A log that shrinks, forks or will not prove its growth is noticed by one desk alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.audit.verify import ContradictsEvidence
from gateway.client import Desk, LogRewritten, Proposal, StateDamaged
from gateway.crypto.encoding import b64
from gateway.crypto.merkle import leaf_hash
from gateway.crypto.signed_note import InvalidNote
from gateway.domain.errors import IntegrityError
from gateway.domain.log import EntryType
from tests.unit.audit.conftest import SmallLog
from tests.unit.client.conftest import CITY, RECORD, SmallGateway


def _fork(gateway: SmallGateway, size: int) -> None:
    """Give the log another past, signed by the same key."""
    fork = SmallLog(signer=gateway.log.signer)
    for _ in range(size):
        fork.append(EntryType.PAD, {})
    gateway.log = fork


def _cut(gateway: SmallGateway, size: int) -> None:
    """Let the log forget its newest entries."""
    leaves, gateway.log = gateway.log.leaves[:size], SmallLog(signer=gateway.log.signer)
    for leaf in leaves:
        gateway.log.leaves.append(leaf)
        gateway.log.tree.append(leaf_hash(leaf))
        gateway.log.state = gateway.log.state.extended([leaf_hash(leaf)])


def _grow(gateway: SmallGateway, entries: int = 3) -> None:
    for _ in range(entries):
        gateway.log.append(EntryType.PAD, {})


@pytest.mark.parametrize("size", [0, 4])
def test_log_that_shrank_is_noticed(gateway: SmallGateway, city: Desk, size: int) -> None:
    city.watch()
    _fork(gateway, size)

    with pytest.raises(LogRewritten):
        city.watch()


@pytest.mark.parametrize("size", [5, 9])
def test_log_with_another_past_is_noticed(gateway: SmallGateway, city: Desk, size: int) -> None:
    city.watch()
    _fork(gateway, size)

    with pytest.raises(LogRewritten):
        city.watch()


def test_permit_in_a_fork_of_the_log_is_refused(
    gateway: SmallGateway, city: Desk, proposal: Proposal
) -> None:
    city.ask(proposal, RECORD)
    _fork(gateway, 20)

    with pytest.raises(LogRewritten):
        city.disclose(proposal, RECORD)
    assert "PUT" not in {call["method"] for call in gateway.asked}


def test_release_in_a_fork_that_its_sender_believed_is_refused(
    gateway: SmallGateway, npo: Desk, city: Desk, proposal: Proposal
) -> None:
    npo.watch()
    _fork(gateway, 9)
    (sent,) = city.disclose(proposal, RECORD)

    with pytest.raises(LogRewritten):
        npo.open(sent.delivery_id)


def test_older_head_of_the_same_log_is_accepted_and_replaces_no_newer_one(
    gateway: SmallGateway, npo: Desk, city: Desk, proposal: Proposal
) -> None:
    (sent,) = city.disclose(proposal, RECORD)
    _grow(gateway)
    size = npo.watch().size

    assert dict(RECORD) == npo.open(sent.delivery_id).fields

    _cut(gateway, size - 1)
    with pytest.raises(LogRewritten):
        npo.watch()


@pytest.mark.parametrize("hashes", [[], [b64(bytes(32))], ["AAAA"]])
def test_growth_with_another_proof_is_refused(
    gateway: SmallGateway, city: Desk, hashes: list[str]
) -> None:
    city.watch()
    _grow(gateway)
    gateway.lie = lambda path, body: {"hashes": hashes} if "consistency" in path else body

    with pytest.raises(LogRewritten):
        city.watch()


def test_growth_that_the_log_will_not_prove_is_refused(gateway: SmallGateway, city: Desk) -> None:
    city.watch()
    _grow(gateway)
    gateway.provable = 0

    with pytest.raises(LogRewritten):
        city.watch()


def test_head_that_the_log_did_not_sign_is_refused(gateway: SmallGateway, city: Desk) -> None:
    gateway.log = SmallLog()

    with pytest.raises(InvalidNote):
        city.watch()


def test_memory_that_was_damaged_is_no_first_use(
    gateway: SmallGateway, new_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    new_desk(CITY).watch()
    (state,) = (tmp_path / CITY / "state").glob("head.json")

    for content in ("", "{}", '{"note":"x"}', "[]", '{"note":1}'):
        state.write_text(content)
        with pytest.raises(StateDamaged):
            new_desk(CITY).watch()


def test_memory_outlives_the_desk(gateway: SmallGateway, new_desk: Callable[..., Desk]) -> None:
    new_desk(CITY).watch()
    _fork(gateway, 9)

    with pytest.raises(IntegrityError):
        new_desk(CITY).watch()


def test_log_that_only_grew_is_accepted(gateway: SmallGateway, city: Desk) -> None:
    sizes = []
    for entries in (0, 1, 2, 13):
        _grow(gateway, entries)
        sizes.append(city.watch().size)

    assert [5, 6, 8, 21] == sizes


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://other.example"},
        {"log_origin": "other.example/audit"},
        {"log_vkeys": []},
        {"log_vkeys": [SmallLog().signer.key.to_text()]},
    ],
)
def test_gateway_that_calls_itself_otherwise_is_refused(
    gateway: SmallGateway, city: Desk, change: dict[str, object]
) -> None:
    city.check_gateway()
    gateway.lie = lambda path, body: {**body, **change} if "well-known" in path else body

    with pytest.raises(ContradictsEvidence):
        city.check_gateway()
