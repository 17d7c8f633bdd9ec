from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gateway.audit.verify import verify_evidence
from gateway.domain.errors import Conflict, NotAuthorized, NotFound, SchemaViolation
from gateway.domain.log import EntryType
from gateway.domain.records import fact_key, person_key
from gateway.services.registers.links import LINK_LIFE_MS, LinkOffer
from tests.simulators.house import TENANT
from tests.simulators.register_office import (
    CITY,
    HIDAMARI,
    SHAKYO,
    RegisterOffice,
    flag_terms,
)


def _offer(office: RegisterOffice) -> LinkOffer:
    return office.services.links.offer(office.acting(HIDAMARI), office.key(), office.subject())


def _accept(office: RegisterOffice, subject: str, code: str) -> Any:
    return office.services.links.accept(office.acting(CITY), office.key(), subject, code)


@pytest.mark.parametrize("ref", ["", "x" * 201, "case\x00", "case\n1"])
def test_resolve_of_no_reference_is_refused(office: RegisterOffice, ref: str) -> None:
    with pytest.raises(SchemaViolation):
        office.subject(ref=ref)


def test_resolve_by_somebody_else_is_not_authorized(office: RegisterOffice) -> None:
    with pytest.raises(NotAuthorized):
        office.services.subjects.resolve(office.acting(HIDAMARI, actor=f"{CITY}-1"), "case-1")


def test_resolve_again_is_the_same_handle_without_an_entry(office: RegisterOffice) -> None:
    first = office.subject()
    before = office.log_size()

    assert first == office.subject()
    assert before == office.log_size()


def test_resolve_twice_at_once_is_one_handle(office: RegisterOffice) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: office.subject(ref="case-9"), range(16)))

    assert 1 == len(found)


def test_same_reference_of_two_agencies_is_two_persons(office: RegisterOffice) -> None:
    first, second = office.subject(HIDAMARI, "case-1"), office.subject(SHAKYO, "case-1")

    assert office.person(first) != office.person(second)


def test_reference_is_nowhere_in_the_log(office: RegisterOffice) -> None:
    office.subject(ref="hidamari-2026-17")

    assert "hidamari-2026-17" not in repr(office.house.entries())


def test_offer_of_another_agencys_handle_is_not_found(office: RegisterOffice) -> None:
    subject = office.subject(SHAKYO, "case-1")

    with pytest.raises(NotFound):
        office.services.links.offer(office.acting(HIDAMARI), office.key(), subject)


def test_offer_asked_again_never_shows_a_code_again(office: RegisterOffice) -> None:
    key, by, subject = office.key(), office.acting(HIDAMARI), office.subject()
    office.services.links.offer(by, key, subject)

    with pytest.raises(Conflict) as refusal:
        office.services.links.offer(by, key, subject)

    assert "LINK_CODE_SHOWN" == refusal.value.reason


def test_code_is_stored_as_a_digest_only(office: RegisterOffice) -> None:
    offer = _offer(office)

    assert 22 == len(offer.code)
    assert offer.code not in repr(offer)
    assert offer.code not in repr(office.house.entries())
    registers = office.house.context.registers
    assert not registers.facts_by_key(TENANT, fact_key("link_offer", offer.code))


def test_code_nobody_offered_is_not_found(office: RegisterOffice) -> None:
    with pytest.raises(NotFound):
        _accept(office, office.subject(CITY, "c-1"), "A" * 22)


def test_code_for_another_agencys_handle_is_not_found(office: RegisterOffice) -> None:
    offer = _offer(office)

    with pytest.raises(NotFound):
        _accept(office, office.subject(SHAKYO, "case-1"), offer.code)


def test_code_after_seven_days_is_expired(office: RegisterOffice) -> None:
    offer, subject = _offer(office), office.subject(CITY, "c-1")
    office.house.clock.advance(LINK_LIFE_MS)

    with pytest.raises(Conflict) as refusal:
        _accept(office, subject, offer.code)

    assert "LINK_CODE_EXPIRED" == refusal.value.reason


def test_code_used_before_is_refused(office: RegisterOffice) -> None:
    offer = _offer(office)
    _accept(office, office.subject(CITY, "c-1"), offer.code)

    with pytest.raises(Conflict) as refusal:
        _accept(office, office.subject(CITY, "c-2"), offer.code)

    assert "LINK_CODE_USED" == refusal.value.reason


def test_code_used_twice_at_once_links_once(office: RegisterOffice) -> None:
    offer = _offer(office)
    subjects = [office.subject(CITY, f"c-{n}") for n in range(4)]

    def attempt(subject: str) -> bool:
        try:
            _accept(office, subject, offer.code)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(attempt, subjects))

    assert 1 == sum(done)


def test_link_to_itself_is_refused(office: RegisterOffice) -> None:
    subject, offer = office.subject(), _offer(office)
    by = office.acting(HIDAMARI)

    for attempt in (
        lambda: office.services.links.same(by, office.key(), subject, subject),
        lambda: office.services.links.accept(by, office.key(), subject, offer.code),
    ):
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert "LINK_TO_ITSELF" == refusal.value.reason


def test_link_of_linked_handles_is_refused(office: RegisterOffice) -> None:
    first, second = office.subject(), office.subject(ref="case-twin")
    by = office.acting(HIDAMARI)
    office.services.links.same(by, office.key(), first, second)

    with pytest.raises(Conflict) as refusal:
        office.services.links.same(by, office.key(), second, first)

    assert "ALREADY_LINKED" == refusal.value.reason


def test_same_as_another_agencys_handle_is_not_found(office: RegisterOffice) -> None:
    other = office.subject(SHAKYO, "case-1")

    with pytest.raises(NotFound):
        office.services.links.same(office.acting(HIDAMARI), office.key(), office.subject(), other)


def test_link_makes_one_person_with_the_flags_of_both(office: RegisterOffice) -> None:
    mine, theirs = office.subject(), office.subject(CITY, "c-1")
    flag = office.services.flags.raise_flag(
        office.acting(CITY),
        office.key(),
        subject=theirs,
        counterpart_subjects=(),
        terms=flag_terms(),
    )

    linked = _accept(office, theirs, _offer(office).code)

    person = office.person(mine)
    assert person == office.person(theirs)
    assert person == office.fact("protection_flag", flag.id)["person"]
    found = office.house.context.registers.facts_by_key(TENANT, person_key(person))  # type: ignore[arg-type]
    assert [flag.id] == [row.id for row in found]
    assert person in linked.persons


def test_link_entry_verifies_and_names_nobody(office: RegisterOffice) -> None:
    mine, theirs = office.subject(), office.subject(CITY, "c-1")
    persons = {office.person(mine), office.person(theirs)}

    linked = _accept(office, theirs, _offer(office).code)

    verify_evidence(linked.evidence, office.house.trusted, type_=EntryType.REGISTER)
    assert "linked" == linked.evidence.fields()["change"]
    shown = str(linked.evidence.to_json())
    assert not [p for p in (*persons, mine) if p in shown]


def test_flag_about_an_absorbed_handle_is_about_the_person_kept(office: RegisterOffice) -> None:
    first, second = office.subject(), office.subject(ref="case-twin")
    by = office.acting(HIDAMARI)
    office.services.links.same(by, office.key(), first, second)

    flag = office.services.flags.raise_flag(
        by, office.key(), subject=second, counterpart_subjects=(), terms=flag_terms()
    )

    assert office.person(first) == office.fact("protection_flag", flag.id)["person"]
