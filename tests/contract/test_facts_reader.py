"""The contract of the facts reader: one statement, everything one unit needs."""

import asyncio
import socket
from collections.abc import Iterable

import pytest

from gateway.domain.errors import StorageUnavailable
from gateway.domain.ids import AgencyId, Millis, PersonId, SubjectId, TenantId
from gateway.domain.log import InsertRow, KeyEpoch, MergePersons, PutFact
from gateway.ports.registers import FactsQuery, SubjectRow, UnitFacts
from gateway.storage import facts_reader
from gateway.storage.connect import database_url as parsed
from gateway.storage.facts_reader import PostgresFactsReader
from tests.simulators.kept_log import OTHER_TENANT, TENANT, KeptLog, raw, row
from tests.simulators.tampering import tamper

PAIR = (AgencyId("aoba-city"), AgencyId("aoba-shakyo"))


def query(
    keys: Iterable[str] = (),
    subjects: Iterable[str] = (),
    *,
    pair: tuple[AgencyId, AgencyId] = PAIR,
    since: int = 0,
    asking: str = "",
    lately: int = 0,
) -> FactsQuery:
    handles = tuple(map(SubjectId, subjects))
    return FactsQuery(tuple(keys), handles, pair, Millis(since), asking, Millis(lately))


def ask(log: KeptLog, *queries: FactsQuery, tenant: TenantId = TENANT) -> list[UnitFacts]:
    """Ask one reader everything in one event loop."""

    async def all_of_it() -> list[UnitFacts]:
        reader = log.database.facts_reader()
        try:
            return [await reader.facts(tenant, q) for q in queries]
        finally:
            if isinstance(reader, PostgresFactsReader):
                await reader.aclose()

    return asyncio.run(all_of_it())


def fact(id_: str, *keys: str, kind: str = "consent") -> PutFact:
    return PutFact(kind, id_, 0, {"id": id_, "note": "佐藤"}, keys)


def subject(id_: str, person: str, agency: str = "aoba-city") -> InsertRow:
    return row("subject", id_, agency_id=agency, ref_digest=id_, person_id=person)


def unit(id_: str, **other: str | int) -> InsertRow:
    pair = {"sender_agency": PAIR[0], "recipient_agency": PAIR[1], "person_id": "p-sato"}
    own = {"disclosure_id": id_, "state": "permitted", "ad_hoc": 1, "decided_at": 1_000}
    return row("unit", id_, **{**pair, **own, **other})


def test_facts_of_a_database_that_cannot_answer_are_unavailable(log: KeptLog) -> None:
    tamper(log.url, "ALTER TABLE register_epoch RENAME TO register_epoch_away")
    with pytest.raises(StorageUnavailable):
        ask(log, query(["tenant:aoba"]))


def test_facts_of_a_killed_connection_are_unavailable_once(postgres_url: str) -> None:
    async def killed() -> UnitFacts:
        reader = PostgresFactsReader(parsed(postgres_url))
        try:
            await reader.facts(TENANT, query())
            raw(
                postgres_url,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'tasuki-facts' AND datname = current_database()",
            )
            with pytest.raises(StorageUnavailable):
                await reader.facts(TENANT, query())
            return await reader.facts(TENANT, query(["tenant:aoba"]))
        finally:
            await reader.aclose()

    assert asyncio.run(killed()).epochs == (KeyEpoch("tenant:aoba", 0),)


def test_facts_of_a_server_that_says_nothing_are_unavailable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(facts_reader, "CONNECT_S", 2)  # the least that libpq knows

    async def ask_nobody(port: int) -> None:
        url = parsed(f"postgresql://postgres@127.0.0.1:{port}/aoba")
        await asyncio.wait_for(PostgresFactsReader(url).facts(TENANT, query()), 20)

    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(StorageUnavailable):
        asyncio.run(ask_nobody(silent.getsockname()[1]))


def test_facts_reader_of_postgres_can_write_nothing(postgres_url: str) -> None:
    with KeptLog.open(postgres_url) as log:
        log.append()
    assert asyncio.run(_read_only(postgres_url)) == "on"


async def _read_only(url: str) -> str:
    reader = PostgresFactsReader(parsed(url))
    async with reader._connection() as connection:  # noqa: SLF001 - a promise of the connection
        cursor = await connection.execute("SHOW transaction_read_only")
        (found,) = await cursor.fetchall()
    await reader.aclose()
    return str(found[0])


def test_facts_of_nothing_known_are_empty_with_epoch_zero(log: KeptLog) -> None:
    (found,) = ask(log, query(["tenant:aoba", "person:p-sato"], ["s-1"]))
    epochs = (KeyEpoch("person:p-sato", 0), KeyEpoch("tenant:aoba", 0))
    assert found == UnitFacts((), (), 0, epochs)


def test_facts_of_an_empty_query_are_empty(log: KeptLog) -> None:
    log.append(fact("c-1", "person:p-sato"), subject("s-1", "p-sato"))
    assert ask(log, query()) == [UnitFacts((), (), 0, ())]


def test_facts_of_another_tenant_are_not_seen(log: KeptLog) -> None:
    rows = (fact("c-1", "person:p-sato"), subject("s-1", "p-sato"), unit("u-1"))
    log.append(*rows, tenant=OTHER_TENANT)
    (found,) = ask(log, query(["person:p-sato"], ["s-1"]))
    assert found == UnitFacts((), (), 0, (KeyEpoch("person:p-sato", 0),))


def test_facts_found_by_several_keys_come_once_and_sorted(log: KeptLog) -> None:
    log.append(
        fact("c-2", "person:p-sato", "item:i-1"),
        fact("c-1", "item:i-1"),
        fact("a-1", "agency:a-1", kind="agency"),
        fact("c-3", "person:p-tanaka"),
    )
    (found,) = ask(log, query(["item:i-1", "agency:a-1", "person:p-sato"]))
    assert [(f.kind, f.id, f.version) for f in found.facts] == [
        ("agency", "a-1", 1),
        ("consent", "c-1", 1),
        ("consent", "c-2", 1),
    ]
    assert found.facts[0].fact == {"id": "a-1", "note": "佐藤"}


def test_facts_of_a_handle_bring_those_about_its_person(log: KeptLog) -> None:
    log.append(
        fact("f-1", "person:p-sato", kind="protection_flag"),
        subject("s-1", "p-sato"),
        subject("s-2", "p-suzuki", "aoba-shakyo"),
    )
    (found,) = ask(log, query(["tenant:aoba"], ["s-2", "s-1", "s-9"]))
    assert [f.id for f in found.facts] == ["f-1"]
    assert found.subjects == (
        SubjectRow(SubjectId("s-1"), AgencyId("aoba-city"), PersonId("p-sato")),
        SubjectRow(SubjectId("s-2"), AgencyId("aoba-shakyo"), PersonId("p-suzuki")),
    )
    assert [e.key for e in found.epochs] == ["person:p-sato", "person:p-suzuki", "tenant:aoba"]


def test_facts_and_epochs_are_the_newest(log: KeptLog) -> None:
    log.append(fact("c-1", "person:p-sato"))
    log.append(PutFact("consent", "c-1", 1, {"id": "new"}, ("person:p-sato",)))
    (found,) = ask(log, query(["person:p-sato"]))
    assert [(f.version, f.fact) for f in found.facts] == [(2, {"id": "new"})]
    # A change tells the key once as its old one and once as its new one.
    assert found.epochs == (KeyEpoch("person:p-sato", 3),)
    log.append(relied_on=[found.facts[0].as_version], relied_on_keys=found.epochs)


def test_facts_after_a_merge_are_found_by_either_handle(log: KeptLog) -> None:
    log.append(
        PutFact("protection_flag", "f-1", 0, {"person": "p-b"}, ("person:p-b",)),
        subject("s-1", "p-a"),
        subject("s-2", "p-b", "aoba-shakyo"),
    )
    log.append(MergePersons(PersonId("p-b"), PersonId("p-a")))
    for handle in ("s-1", "s-2"):
        (found,) = ask(log, query((), [handle]))
        assert [(f.id, f.version, f.fact["person"]) for f in found.facts] == [("f-1", 2, "p-a")]
        assert [s.person_id for s in found.subjects] == ["p-a"]
        log.append(relied_on_keys=found.epochs)


def test_ad_hoc_permits_are_counted_for_this_pair_person_and_window(log: KeptLog) -> None:
    log.append(
        subject("s-1", "p-sato"),
        unit("u-1"),
        unit("u-2", state="lapsed"),
        unit("u-refused", state="refused"),
        unit("u-standing", ad_hoc=0),
        unit("u-before", decided_at=499),
        unit("u-other-person", person_id="p-suzuki"),
        unit("u-backwards", sender_agency=PAIR[1], recipient_agency=PAIR[0]),
    )
    counts = ask(
        log,
        query((), ["s-1"], since=500),
        query((), ["s-1"], since=499),
        query((), ["s-1"], since=1_001),
        query((), ["s-9", "s-1"], since=500),
        query((), ["s-1"], pair=(PAIR[1], PAIR[0])),
    )
    assert [found.ad_hoc_count for found in counts] == [2, 3, 0, 0, 1]


def test_units_of_the_asking_person_are_counted_whatever_became_of_them(log: KeptLog) -> None:
    log.append(
        unit("u-1", asking_actor="actor-1"),
        unit("u-2", asking_actor="actor-1", state="refused", person_id="p-suzuki"),
        unit("u-3", asking_actor="actor-1", recipient_agency="npo-hidamari"),
        unit("u-before", asking_actor="actor-1", decided_at=499),
        unit("u-other", asking_actor="actor-2"),
        unit("u-nobody"),
    )
    log.append(unit("u-1", asking_actor="actor-1"), tenant=OTHER_TENANT)
    counts = ask(
        log,
        query(asking="actor-1", lately=500),
        query(asking="actor-1", lately=499),
        query(asking="actor-1", lately=1_001),
        query(asking="actor-9", lately=0),
        query(asking="", lately=0),
    )
    assert [found.lately_count for found in counts] == [3, 4, 0, 0, 0]


def test_facts_are_read_by_many_at_once(log: KeptLog) -> None:
    log.append(fact("c-1", "person:p-sato"))

    async def all_at_once() -> list[UnitFacts]:
        reader = log.database.facts_reader()
        asked = [reader.facts(TENANT, query(["person:p-sato"])) for _ in range(20)]
        found = await asyncio.gather(*asked)
        if isinstance(reader, PostgresFactsReader):
            await reader.aclose()
        return list(found)

    assert {len(found.facts) for found in asyncio.run(all_at_once())} == {1}


def test_facts_reader_serves_one_event_loop_after_another(log: KeptLog) -> None:
    reader = log.database.facts_reader()

    async def once() -> UnitFacts:
        return await reader.facts(TENANT, query(["tenant:aoba"]))

    async def last() -> UnitFacts:
        try:
            return await once()
        finally:
            if isinstance(reader, PostgresFactsReader):
                await reader.aclose()

    assert asyncio.run(once()) == asyncio.run(last())
