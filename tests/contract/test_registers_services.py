"""The register services on both databases: the same answers, and races end the same way."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.audit.verify import verify_evidence
from gateway.domain.errors import Conflict, IdempotencyMismatch
from gateway.domain.ids import PersonId
from gateway.domain.log import EntryType
from gateway.domain.records import person_key
from gateway.policy.contract import PolicyContract
from gateway.policy.serving import CurrentPolicy
from gateway.services.idempotency import IdempotencyKey
from gateway.services.registers.registration import Registered
from tests.simulators.declarations import declaration
from tests.simulators.house import TENANT, House
from tests.simulators.policy_inputs import POLICIES, SCHEMAS, T0
from tests.simulators.register_office import (
    CITY,
    HIDAMARI,
    RegisterOffice,
    consent_terms,
    flag_terms,
)


@pytest.fixture(scope="module")
def policy() -> CurrentPolicy:
    return CurrentPolicy(POLICIES, PolicyContract.read(SCHEMAS))


@pytest.fixture
def office(database_url: str, tmp_path: Path, policy: CurrentPolicy) -> Iterator[RegisterOffice]:
    house = House(database_url, tmp_path, policy=policy)
    yield RegisterOffice(house)
    house.close()


def _consent(office: RegisterOffice, key: IdempotencyKey) -> Registered:
    return office.services.consents.register(
        office.acting(HIDAMARI),
        key,
        subject=office.subject(),
        imported=False,
        terms=consent_terms(),
    )


def test_key_with_another_body_is_refused(office: RegisterOffice) -> None:
    key = office.key("one")
    _consent(office, key)

    with pytest.raises(IdempotencyMismatch):
        _consent(office, IdempotencyKey(key.agency_id, key.key, "another"))


def test_withdrawal_tried_by_many_at_once_happens_once(office: RegisterOffice) -> None:
    done, by = _consent(office, office.key()), office.acting(HIDAMARI)
    keys = [office.key() for _ in range(6)]

    def attempt(key: IdempotencyKey) -> bool:
        try:
            office.services.consents.withdraw(by, key, done.id)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        withdrawn = list(pool.map(attempt, keys))

    assert 1 == sum(withdrawn)


def test_declaration_ended_by_many_at_once_ends_once(office: RegisterOffice) -> None:
    declarations, by = office.services.declarations, office.acting(CITY)
    terms = declaration("use_purpose", now=T0)
    done = declarations.register(by, office.key(), "use_purpose", terms=terms)
    keys = [office.key() for _ in range(6)]

    def attempt(key: IdempotencyKey) -> bool:
        try:
            declarations.end(by, key, "use_purpose", done.id)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        ended = list(pool.map(attempt, keys))

    assert 1 == sum(ended)
    (listed,) = declarations.listed(by, "use_purpose")
    assert (done.id, 2, T0) == (listed["id"], listed["version"], listed["valid_to"])


def test_same_request_sent_many_times_at_once_is_one_consent(office: RegisterOffice) -> None:
    key = office.key()
    office.subject()

    def attempt(_: int) -> str:
        try:
            return _consent(office, key).id
        except Conflict as conflict:
            return conflict.reason

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(attempt, range(6)))

    last = _consent(office, key)
    assert {last.id} == answers - {"STILL_IN_PROGRESS"}
    verify_evidence(last.evidence, office.house.trusted, type_=EntryType.REGISTER)


def test_linked_handles_share_flags_and_every_entry_verifies(office: RegisterOffice) -> None:
    mine, theirs = office.subject(), office.subject(CITY, "c-1")
    flag = office.services.flags.raise_flag(
        office.acting(CITY),
        office.key(),
        subject=theirs,
        counterpart_subjects=(),
        terms=flag_terms(),
    )
    offer = office.services.links.offer(office.acting(HIDAMARI), office.key(), mine)

    linked = office.services.links.accept(office.acting(CITY), office.key(), theirs, offer.code)

    key = person_key(PersonId(office.person(mine)))
    found = office.house.context.registers.facts_by_key(TENANT, key)
    assert [flag.id] == [row.id for row in found]
    for done in (flag, linked):
        verify_evidence(done.evidence, office.house.trusted, type_=EntryType.REGISTER)
