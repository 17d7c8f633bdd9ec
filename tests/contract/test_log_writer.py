"""The contract of the log writer: what it refuses, what it keeps, in what order."""

import threading
from collections.abc import Sequence

import pytest

from gateway.audit.proof_file import ProofFile
from gateway.audit.verify import verify_entry_proof
from gateway.domain.errors import Conflict, LogUnavailable, StaleFacts, StorageUnavailable
from gateway.domain.ids import LogId, PersonId
from gateway.domain.log import (
    AddKeys,
    EntryType,
    EraseBody,
    FactVersion,
    InsertRow,
    KeyEpoch,
    MergePersons,
    MoveRow,
    PutFact,
    RowChange,
)
from gateway.storage.database import Database
from tests.simulators.clock import FixedClock
from tests.simulators.kept_log import (
    LOG,
    OTHER_TENANT,
    TENANT,
    WAIT_S,
    KeptLog,
    batch,
    change,
    entry,
    pads,
    row,
    write_proof,
)
from tests.simulators.signer import HeldSigner, HonestSigner

SATO, SUZUKI = "p-sato", "p-suzuki"


def notice(id_: str = "notice-1", **other: str | int | bytes | None) -> InsertRow:
    return row("notice", id_, **{"kind": "call_back", "state": "open", **other})


def subject(id_: str, person: str, ref: str = "ref-1") -> InsertRow:
    return row("subject", id_, agency_id="aoba-city", ref_digest=ref, person_id=person)


def consent(
    version: int = 0, *, id_: str = "c-1", keys: Sequence[str] = (f"person:{SATO}",)
) -> PutFact:
    fact = {"id": id_, "person": SATO, "change": version}
    return PutFact("consent", id_, version, fact, tuple(keys))


def flag(person: str = SATO) -> PutFact:
    return PutFact("protection_flag", "f-1", 0, {"person": person}, (f"person:{person}",))


def reason(refused: pytest.ExceptionInfo[Conflict]) -> str:
    return refused.value.reason


# --- what is refused ---------------------------------------------------------------------


def test_append_of_an_entry_that_is_there_is_refused(log: KeptLog) -> None:
    again = [entry(EntryType.REGISTER, [SATO])]
    assert log.append(entries=again).indices == (0,)
    with pytest.raises(Conflict) as refused:
        log.append(notice(), entries=again)
    assert reason(refused) == "ENTRY_EXISTS"
    assert log.rows("SELECT id FROM notice") == []
    assert log.append().indices == (1,)


def test_append_of_one_entry_twice_in_a_change_is_refused(log: KeptLog) -> None:
    twice = entry(EntryType.REGISTER, [SATO])
    with pytest.raises(Conflict) as refused:
        log.append(entries=[twice, twice])
    assert reason(refused) == "ENTRY_EXISTS"
    assert log.append().indices == (0,)


def test_append_on_a_fact_that_has_changed_is_refused(log: KeptLog) -> None:
    log.append(consent())
    log.append(consent(1))
    with pytest.raises(StaleFacts) as refused:
        log.append(notice(), relied_on=[FactVersion("consent", "c-1", 1)])
    assert reason(refused) == "STALE_FACTS"
    assert log.rows("SELECT id FROM notice") == []


@pytest.mark.parametrize("version", [0, 2, 3])
def test_append_on_a_version_that_never_was_is_refused(log: KeptLog, version: int) -> None:
    log.append(consent())
    relied_on = [FactVersion("consent", "c-1", version)]
    with pytest.raises(StaleFacts):
        log.append(relied_on=relied_on)


def test_append_on_one_stale_fact_among_good_ones_is_refused(log: KeptLog) -> None:
    log.append(consent(), consent(id_="c-2"))
    good, bad = FactVersion("consent", "c-1", 1), FactVersion("consent", "c-2", 2)
    for relied_on in ([good, bad], [bad, good]):
        with pytest.raises(StaleFacts):
            log.append(relied_on=relied_on)
    log.append(relied_on=[good, FactVersion("consent", "c-2", 1)])


def test_append_on_the_fact_of_another_tenant_is_refused(log: KeptLog) -> None:
    log.append(consent(), tenant=OTHER_TENANT)
    with pytest.raises(StaleFacts):
        log.append(relied_on=[FactVersion("consent", "c-1", 1)])


def test_append_after_a_flag_was_put_since_reading_is_refused(log: KeptLog) -> None:
    log.append(consent())
    read = [KeyEpoch(f"person:{SATO}", 1)]
    log.append(relied_on_keys=read)
    log.append(flag())
    with pytest.raises(StaleFacts) as refused:
        log.append(notice(), relied_on_keys=read)
    assert reason(refused) == "STALE_FACTS"
    assert log.rows("SELECT id FROM notice") == []
    log.append(notice(), relied_on_keys=[KeyEpoch(f"person:{SATO}", 2)])


def test_append_after_the_first_fact_under_an_empty_key_is_refused(log: KeptLog) -> None:
    read = [KeyEpoch(f"person:{SATO}", 0)]
    log.append(relied_on_keys=read)
    log.append(flag())
    with pytest.raises(StaleFacts):
        log.append(relied_on_keys=read)


@pytest.mark.parametrize(
    "later",
    [
        consent(1),
        consent(1, keys=["person:p-tanaka"]),
        AddKeys("consent", "c-2", ("person:p-sato",)),
    ],
    ids=["changed under the key", "moved from the key", "another found by the key"],
)
def test_append_after_a_key_told_of_a_change_is_refused(log: KeptLog, later: RowChange) -> None:
    log.append(consent(), consent(id_="c-2", keys=["person:p-tanaka"]))
    read = [KeyEpoch(f"person:{SATO}", 1)]
    log.append(later)
    with pytest.raises(StaleFacts):
        log.append(relied_on_keys=read)


def test_epochs_of_another_tenant_are_others(log: KeptLog) -> None:
    log.append(flag(), tenant=OTHER_TENANT)
    log.append(relied_on_keys=[KeyEpoch(f"person:{SATO}", 0)])


@pytest.mark.parametrize("version", [0, 2])
def test_put_of_a_fact_over_another_version_is_refused(log: KeptLog, version: int) -> None:
    log.append(consent())
    with pytest.raises(StaleFacts) as refused:
        log.append(consent(version))
    assert reason(refused) == "STALE_FACTS"
    assert [f.version for f in log.registers.history(TENANT, "consent", "c-1")] == [1]


def test_put_of_a_version_of_a_fact_that_is_not_there_is_refused(log: KeptLog) -> None:
    with pytest.raises(StaleFacts):
        log.append(consent(1))
    assert log.rows("SELECT * FROM register_fact_history") == []
    assert log.rows("SELECT * FROM register_epoch") == []


def test_insert_of_a_row_that_is_there_is_refused(log: KeptLog) -> None:
    log.append(notice())
    with pytest.raises(Conflict) as refused:
        log.append(notice(kind="other"))
    assert reason(refused) == "ROW_EXISTS"
    assert log.rows("SELECT kind FROM notice") == [("call_back",)]


def test_insert_of_a_second_handle_for_one_reference_is_refused(log: KeptLog) -> None:
    log.append(subject("s-1", SATO))
    with pytest.raises(Conflict) as refused:
        log.append(subject("s-2", SUZUKI))
    assert reason(refused) == "ROW_EXISTS"
    log.append(subject("s-2", SUZUKI), tenant=OTHER_TENANT)


def test_move_from_another_state_is_refused(log: KeptLog) -> None:
    log.append(notice())
    with pytest.raises(Conflict) as refused:
        log.append(MoveRow("notice", "notice-1", "closed", "open"))
    assert reason(refused) == "ROW_NOT_IN_STATE"
    with pytest.raises(Conflict):
        log.append(MoveRow("notice", "notice-2", "open", "closed"))
    with pytest.raises(Conflict):
        log.append(MoveRow("notice", "notice-1", "open", "closed"), tenant=OTHER_TENANT)
    assert log.rows("SELECT state FROM notice") == [("open",)]


def test_move_to_a_unique_value_that_is_taken_is_refused_and_nothing_else(log: KeptLog) -> None:
    def delivery(id_: str) -> InsertRow:
        return row("delivery", id_, decision_id=id_, state="waiting")

    log.append(delivery("d-1"), delivery("d-2"))
    with pytest.raises(Conflict) as refused:
        log.append(MoveRow("delivery", "d-2", "waiting", "opened", {"decision_id": "d-1"}))
    assert reason(refused) == "ROW_NOT_IN_STATE"
    log.append(MoveRow("delivery", "d-2", "waiting", "opened"))


@pytest.mark.parametrize("value", [{"kind": "\ud800"}, {"created_at": 2**63}])
def test_insert_of_a_value_no_database_takes_is_refused(
    log: KeptLog, value: dict[str, str | int]
) -> None:
    with pytest.raises(Conflict) as refused:
        log.append(notice(**value))
    assert reason(refused) == "ROW_INVALID"
    assert log.append(notice()).indices == (0,)


def test_erase_of_an_entry_that_is_not_there_is_refused(log: KeptLog) -> None:
    with pytest.raises(Conflict) as refused:
        log.append(EraseBody(entry().entry_id))
    assert reason(refused) == "NO_SUCH_ENTRY"


def test_submit_to_a_log_of_somebody_else_is_a_mistake(log: KeptLog) -> None:
    with pytest.raises(ValueError, match="does not keep that log"):
        log.submit(log_id=LogId("midori-2027a"))


def test_submit_beyond_the_queue_is_refused_and_the_rest_goes_on(database_url: str) -> None:
    signer = HeldSigner()
    with KeptLog.open(database_url, signer=signer, queue_size=2) as log:
        with signer.held():
            first = log.submit()
            assert signer.asked.wait(WAIT_S)
            waiting = [log.submit(), log.submit()]
            with pytest.raises(LogUnavailable, match="too many"):
                log.append()
        indices = [future.result(WAIT_S).indices for future in [first, *waiting]]
        assert indices == [(0,), (1,), (2,)]
        assert log.verify() == 3


def test_submit_after_closing_is_refused(database_url: str) -> None:
    log = KeptLog(database_url)
    log.close()
    assert not log.writer.healthy
    with pytest.raises(LogUnavailable):
        log.append()


def test_second_writer_of_one_database_is_refused(log: KeptLog) -> None:
    other = Database.open(log.url)
    try:
        with pytest.raises(StorageUnavailable, match="another writer"):
            other.writer({LOG: log.signer}, FixedClock())
    finally:
        other.close()


# --- one change among others -------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        notice("taken"),
        consent(5),
        MoveRow("notice", "notice-9", "open", "closed"),
        MergePersons(PersonId("p-gone"), PersonId(SATO)),
        EraseBody(entry().entry_id),
        notice(kind="\ud800"),
    ],
    ids=lambda bad: type(bad).__name__,
)
def test_batch_with_one_change_that_cannot_be_drops_that_one_alone(
    database_url: str, bad: RowChange
) -> None:
    signer = HeldSigner()
    with KeptLog.open(database_url, signer=signer) as log:
        log.append(notice("taken"))
        log.append(MergePersons(PersonId("p-gone"), PersonId("p-else")))
        first, refused, last = batch(log, signer, notice("n-1"), bad, notice("n-2"))
        assert isinstance(refused.exception(), Conflict)
        assert [first.result().indices, last.result().indices] == [(3,), (4,)]
        assert first.result().checkpoint == last.result().checkpoint
        kept = [(id_,) for id_ in ("n-1", "n-2", "taken")]
        assert log.rows("SELECT id FROM notice ORDER BY id") == kept
        assert log.verify() == 5


def test_batch_is_one_transaction_with_one_head(database_url: str) -> None:
    signer = HeldSigner()
    with KeptLog.open(database_url, signer=signer) as log:
        futures = batch(log, signer, *(notice(f"n-{i}") for i in range(20)))
        assert [future.result().indices for future in futures] == [(i,) for i in range(1, 21)]
        assert log.rows("SELECT size FROM log_head ORDER BY size") == [(0,), (1,), (21,)]
        assert log.verify() == 21


def test_batches_are_never_larger_than_agreed(database_url: str) -> None:
    signer = HeldSigner()
    with KeptLog.open(database_url, signer=signer, batch_size=8) as log:
        batch(log, signer, *(notice(f"n-{i}") for i in range(20)))
        assert log.rows("SELECT max(n) FROM log_head") == [(8,)]
        assert log.verify() == 21


def test_changes_of_one_batch_see_those_before_them(database_url: str) -> None:
    signer = HeldSigner()
    with KeptLog.open(database_url, signer=signer) as log:
        move = MoveRow("notice", "notice-1", "open", "closed")
        put, moved, again = batch(log, signer, notice(), move, move)
        assert (put.result().indices, moved.result().indices) == ((1,), (2,))
        assert isinstance(again.exception(), Conflict)
        assert log.verify() == 3


def test_change_that_was_cancelled_in_the_queue_is_not_appended(database_url: str) -> None:
    signer = HeldSigner()
    with KeptLog.open(database_url, signer=signer) as log:
        with signer.held():
            first = log.submit()
            assert signer.asked.wait(WAIT_S)
            cancelled, last = log.submit(notice()), log.submit()
            assert cancelled.cancel()
        assert (first.result(WAIT_S).indices, last.result(WAIT_S).indices) == ((0,), (1,))
        assert log.rows("SELECT id FROM notice") == []
        assert log.verify() == 2


def test_close_appends_what_is_queued(database_url: str) -> None:
    log = KeptLog(database_url)
    futures = [log.submit() for _ in range(50)]
    log.close()
    assert [future.result(0).indices for future in futures] == [(i,) for i in range(50)]
    stored = log.rows("SELECT size, note FROM log_checkpoint ORDER BY size DESC LIMIT 1")
    assert stored == [(50, log.signer.signed[-1].note)]


# --- what is kept ------------------------------------------------------------------------


def test_append_answers_with_a_signed_head_that_covers_every_entry(log: KeptLog) -> None:
    entries = [entry() for _ in range(3)]
    log.append()
    appended = log.append(entries=entries)
    head = log.signer.trusted.open(appended.checkpoint)
    assert appended.indices == (1, 2, 3)
    assert (head.size, appended.size) == (4, 4)
    assert log.writer.latest(LOG) == head
    for index, prepared in zip(appended.indices, entries, strict=True):
        proof = ProofFile.parse(log.reader.proof(LOG, prepared.entry_id))
        assert (proof.index, proof.note) == (index, appended.checkpoint)
        verify_entry_proof(prepared.leaf, proof, log.signer.trusted)


def test_append_from_many_threads_gives_each_its_own_index(log: KeptLog) -> None:
    indices: list[int] = []

    def call() -> None:
        for _ in range(10):
            indices.extend(log.append().indices)

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert sorted(indices) == list(range(80))


def test_append_over_the_edge_of_tiles_keeps_each_full_tile(log: KeptLog) -> None:
    entries = pads(520)
    for start, end in ((0, 255), (255, 256), (256, 513), (513, 520)):
        log.append(entries=entries[start:end])
    tiles = log.rows("SELECT level, n FROM log_tile ORDER BY level, n")
    assert tiles == [(0, 0), (0, 1)]
    assert log.verify() == 520


def test_log_opened_again_goes_on_where_it_ended(database_url: str) -> None:
    signer = HonestSigner()
    entries = pads(300)
    with KeptLog.open(database_url, signer=signer) as log:
        log.append(entries=entries)
    with KeptLog.open(database_url, signer=signer) as log:
        assert log.reader.checkpoint(LOG).size == 300
        assert log.append().indices == (300,)
        assert log.verify() == 301


def test_logs_of_one_writer_grow_apart(database_url: str) -> None:
    other = LogId("midori-2027a")
    ours, theirs = HonestSigner(), HonestSigner("gw.example/audit/midori")
    database = Database.open(database_url)
    try:
        writer = database.writer({LOG: ours, other: theirs}, FixedClock())
        futures = [
            writer.submit(change(log_id=log_id, tenant=tenant))
            for log_id, tenant in ((LOG, TENANT), (other, OTHER_TENANT), (other, OTHER_TENANT))
        ]
        assert [f.result(WAIT_S).indices for f in futures] == [(0,), (0,), (1,)]
        reader = database.log_reader(read_checkpoint=ours.trusted.open, write_proof=write_proof)
        assert (reader.checkpoint(LOG).size, reader.checkpoint(other).size) == (1, 2)
        assert theirs.trusted.open(reader.checkpoint(other).note).size == 2
    finally:
        database.close()


def test_put_keeps_every_version_and_replaces_the_keys(log: KeptLog) -> None:
    log.append(consent(keys=["person:p-sato", "item:i-1"]))
    log.clock.advance(1_000)
    log.append(consent(1, keys=["person:p-sato", "item:i-2", "item:i-2"]))
    newest = log.registers.fact(TENANT, "consent", "c-1")
    assert newest is not None
    assert (newest.version, newest.fact["change"]) == (2, 1)
    history = log.registers.history(TENANT, "consent", "c-1")
    assert [(f.version, f.fact["change"]) for f in history] == [(1, 0), (2, 1)]
    assert log.registers.facts_by_key(TENANT, "item:i-1") == []
    assert log.registers.facts_by_key(TENANT, "item:i-2") == [newest]
    (first, second) = log.rows("SELECT changed_at FROM register_fact_history ORDER BY version")
    assert second[0] - first[0] == 1_000


def test_move_sets_the_state_and_the_columns_named(log: KeptLog) -> None:
    log.append(notice())
    log.append(MoveRow("notice", "notice-1", "open", "closed", {"decision_id": "d-1"}))
    assert log.rows("SELECT state, decision_id FROM notice") == [("closed", "d-1")]


def test_erase_leaves_the_leaf_and_takes_body_and_persons(log: KeptLog) -> None:
    kept, erased = (entry(EntryType.REGISTER, [SATO, SUZUKI]) for _ in range(2))
    log.append(entries=[kept, erased])
    log.append(EraseBody(erased.entry_id), entries=[entry(EntryType.ERASE)])
    found = log.reader.find(LOG, erased.entry_id)
    assert found is not None
    assert (found.index, found.leaf, found.body) == (1, erased.leaf, None)
    rows = log.rows("SELECT wrapped_key, nonce, ciphertext FROM log_body WHERE seq = 1")
    assert rows == [(None, None, None)]
    indexed = log.rows("SELECT entry_id FROM log_subject_ix")
    assert indexed == [(kept.entry_id,)] * 2
    left = log.reader.find(LOG, kept.entry_id)
    assert left is not None
    assert left.body == kept.body


# --- two handles become one person -------------------------------------------------------


def merge(absorbed: str = SUZUKI, kept: str = SATO) -> MergePersons:
    return MergePersons(PersonId(absorbed), PersonId(kept))


def test_merge_of_a_person_that_is_another_already_is_refused(log: KeptLog) -> None:
    log.append(merge())
    for again in (merge(), merge("p-tanaka", SUZUKI)):
        with pytest.raises(StaleFacts):
            log.append(again)
    log.append(merge(SATO, "p-tanaka"))


def test_put_under_a_person_who_became_another_is_refused(log: KeptLog) -> None:
    log.append(merge())
    for late in (flag(SUZUKI), AddKeys("consent", "c-1", (f"person:{SUZUKI}",))):
        with pytest.raises(StaleFacts):
            log.append(late)
    assert log.rows("SELECT * FROM register_fact") == []


@pytest.mark.parametrize("person", [SATO, SUZUKI])
def test_append_on_a_person_merged_since_reading_is_refused(log: KeptLog, person: str) -> None:
    log.append(merge())
    with pytest.raises(StaleFacts):
        log.append(relied_on_keys=[KeyEpoch(f"person:{person}", 0)])


def test_append_on_a_fact_renamed_by_a_merge_is_refused(log: KeptLog) -> None:
    log.append(flag(SUZUKI))
    log.append(merge())
    with pytest.raises(StaleFacts):
        log.append(relied_on=[FactVersion("protection_flag", "f-1", 1)])
    log.append(relied_on=[FactVersion("protection_flag", "f-1", 2)])


def test_merge_renames_the_person_wherever_a_fact_names_them(log: KeptLog) -> None:
    counterpart = {
        "person": "p-tanaka",
        "counterpart_persons": [SUZUKI, SATO],
        "note": {"about": SUZUKI, "other": "p-suzuki-2"},
    }
    log.append(
        flag(SUZUKI),
        PutFact("protection_flag", "f-2", 0, counterpart, ("person:p-tanaka",)),
        PutFact("consent", "c-9", 0, {"person": "p-suzuki-2"}, ("person:p-suzuki-2",)),
        subject("s-1", SUZUKI),
    )
    log.append(merge())
    ours = log.registers.fact(TENANT, "protection_flag", "f-2")
    assert ours is not None
    assert ours.fact == {
        "person": "p-tanaka",
        "counterpart_persons": [SATO],
        "note": {"about": SATO, "other": "p-suzuki-2"},
    }
    under = log.registers.facts_by_key(TENANT, f"person:{SATO}")
    assert [(f.id, f.version, f.fact["person"]) for f in under] == [("f-1", 2, SATO)]
    assert log.registers.facts_by_key(TENANT, f"person:{SUZUKI}") == []
    assert log.rows("SELECT person_id FROM subject") == [(SATO,)]
    untouched = log.registers.fact(TENANT, "consent", "c-9")
    assert untouched is not None
    assert untouched.version == 1


def test_merge_tells_the_key_of_a_fact_that_named_the_person(log: KeptLog) -> None:
    counterpart = {"person": "p-tanaka", "counterpart_persons": [SUZUKI]}
    log.append(PutFact("protection_flag", "f-2", 0, counterpart, ("person:p-tanaka",)))
    log.append(merge())
    with pytest.raises(StaleFacts):
        log.append(relied_on_keys=[KeyEpoch("person:p-tanaka", 1)])


def test_merge_leaves_another_tenant_alone(log: KeptLog) -> None:
    log.append(flag(SUZUKI), subject("s-1", SUZUKI), tenant=OTHER_TENANT)
    log.append(merge())
    theirs = log.registers.facts_by_key(OTHER_TENANT, f"person:{SUZUKI}")
    assert [f.version for f in theirs] == [1]
    assert log.rows("SELECT person_id FROM subject") == [(SUZUKI,)]
