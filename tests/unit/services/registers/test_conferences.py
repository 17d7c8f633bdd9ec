from typing import Any

import pytest

from gateway.domain.errors import NotFound, SchemaViolation
from gateway.domain.records import actor_key, fact_key, item_key
from gateway.services.registers.registration import Registered
from tests.simulators.house import TENANT
from tests.simulators.policy_inputs import DAY, T0
from tests.simulators.register_office import CITY, HIDAMARI, SHAKYO, RegisterOffice


def _convene(office: RegisterOffice, agency: str = CITY, **changes: Any) -> Registered:
    terms = {
        "basis": "shien_kaigi_swa",
        "local_name_ja": "あおば市支援会議",
        "founding_rule": "あおば市支援会議設置要綱",
        "valid_from": T0 - DAY,
        "valid_to": None,
        **changes,
    }
    return office.services.conferences.convene(office.acting(agency), office.key(), terms=terms)


def _item(
    office: RegisterOffice, conference: str, *subjects: str, agency: str = CITY, **changes: Any
) -> Registered:
    terms = {
        "basis": "shien_kaigi_swa",
        "nature": "individual",
        "opens_at": T0,
        "closes_at": T0 + DAY,
        **changes,
    }
    return office.services.conferences.open_item(
        office.acting(agency), office.key(), conference, subjects=subjects, terms=terms
    )


def _invite(
    office: RegisterOffice, conference: str, item: str, by: str = CITY, **changes: Any
) -> Registered:
    terms = {
        "agency": HIDAMARI,
        "actor": f"{HIDAMARI}-1",
        "proxy_of": None,
        "profile": "conf_watcher",
        "invited_from": T0,
        "invited_to": T0 + DAY,
        **changes,
    }
    return office.services.conferences.invite(
        office.acting(by), office.key(), conference, item, terms=terms
    )


def _undertake(
    office: RegisterOffice, conference: str, by: str = CITY, **changes: Any
) -> Registered:
    terms = {
        "actor": f"{HIDAMARI}-1",
        "signed_at": T0 - DAY,
        "valid_to": None,
        "text_version": "undertaking-2026",
        **changes,
    }
    return office.services.conferences.undertake(
        office.acting(by), office.key(), conference, terms=terms
    )


def _ask(
    office: RegisterOffice,
    conference: str,
    item: str,
    *subjects: str,
    by: str = CITY,
    **changes: Any,
) -> Registered:
    terms = {
        "asked": HIDAMARI,
        "fields": ["subject.name_original"],
        "valid_to": T0 + DAY,
        **changes,
    }
    return office.services.conferences.ask(
        office.acting(by), office.key(), conference, item, subjects=subjects, terms=terms
    )


@pytest.mark.parametrize("by", [HIDAMARI, SHAKYO])
def test_meeting_of_another_organiser_is_not_found(office: RegisterOffice, by: str) -> None:
    conference = _convene(office)
    item = _item(office, conference.id)
    before = office.log_size()

    for attempt in (
        lambda: _item(office, conference.id, agency=by),
        lambda: _invite(office, conference.id, item.id, by=by),
        lambda: _undertake(office, conference.id, by=by),
        lambda: _ask(office, conference.id, item.id, by=by),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert before == office.log_size()


def test_meeting_that_is_not_there_is_not_found(office: RegisterOffice) -> None:
    with pytest.raises(NotFound):
        _item(office, "conference-none")


def test_item_of_another_meeting_is_not_found(office: RegisterOffice) -> None:
    first, second = _convene(office), _convene(office)
    item = _item(office, first.id)

    with pytest.raises(NotFound):
        _invite(office, second.id, item.id)
    with pytest.raises(NotFound):
        _ask(office, second.id, item.id)


def test_item_about_another_agencys_handle_is_not_found(office: RegisterOffice) -> None:
    conference = _convene(office)

    with pytest.raises(NotFound):
        _item(office, conference.id, office.subject(HIDAMARI))


def test_participant_who_is_not_of_that_agency_is_not_found(office: RegisterOffice) -> None:
    conference = _convene(office)
    item = _item(office, conference.id)

    with pytest.raises(NotFound):
        _invite(office, conference.id, item.id, actor=f"{SHAKYO}-1")
    with pytest.raises(NotFound):
        _invite(office, conference.id, item.id, actor="nobody")


def test_undertaking_of_an_unknown_person_is_not_found(office: RegisterOffice) -> None:
    conference = _convene(office)

    with pytest.raises(NotFound):
        _undertake(office, conference.id, actor="nobody")


def test_request_to_an_unknown_agency_is_not_found(office: RegisterOffice) -> None:
    conference = _convene(office)
    item = _item(office, conference.id)

    with pytest.raises(NotFound):
        _ask(office, conference.id, item.id, asked="npo-unknown")


def test_meeting_against_its_schema_is_refused(office: RegisterOffice) -> None:
    conference = _convene(office)
    item = _item(office, conference.id)

    for attempt in (
        lambda: _convene(office, basis="Not A Code"),
        lambda: _convene(office, valid_to=T0 - DAY),
        lambda: _item(office, conference.id, nature="gossip"),
        lambda: _item(office, conference.id, closes_at=T0),
        lambda: _invite(office, conference.id, item.id, invited_to=T0),
        lambda: _undertake(office, conference.id, text_version="x" * 41),
        lambda: _ask(office, conference.id, item.id, fields=["everything"]),
        lambda: _ask(office, conference.id, item.id, valid_to=T0),
    ):
        with pytest.raises(SchemaViolation):
            attempt()


def test_organiser_is_the_caller_whatever_the_terms_say(office: RegisterOffice) -> None:
    conference = _convene(office, HIDAMARI, organiser=CITY)

    assert HIDAMARI == office.fact("conference", conference.id)["organiser"]


def test_each_item_has_its_own_basis_persons_and_roster(office: RegisterOffice) -> None:
    conference, subject = _convene(office), office.subject(CITY, "c-1")
    first = _item(office, conference.id, subject)
    second = _item(office, conference.id, basis="consent_public", nature="policy")

    seat = _invite(office, conference.id, first.id)

    registers = office.house.context.registers
    found = registers.facts_by_key(TENANT, item_key(first.id))
    assert [("agenda_item", first.id), ("participant", seat.id)] == [(f.kind, f.id) for f in found]
    assert [second.id] == [f.id for f in registers.facts_by_key(TENANT, item_key(second.id))]
    assert [office.person(subject)] == office.fact("agenda_item", first.id)["persons"]
    assert "consent_public" == office.fact("agenda_item", second.id)["basis"]


def test_undertaking_is_found_by_the_person_who_signed(office: RegisterOffice) -> None:
    conference = _convene(office)

    signed = _undertake(office, conference.id)

    key = actor_key(f"{HIDAMARI}-1")  # type: ignore[arg-type]
    found = office.house.context.registers.facts_by_key(TENANT, key)
    assert ("undertaking", signed.id) in [(f.kind, f.id) for f in found]
    assert conference.id == office.fact("undertaking", signed.id)["conference"]


def test_request_for_information_is_found_by_item_and_by_itself(office: RegisterOffice) -> None:
    conference, subject = _convene(office), office.subject(CITY, "c-1")
    item = _item(office, conference.id, subject)

    asked = _ask(office, conference.id, item.id, subject, subject)

    registers = office.house.context.registers
    for key in (item_key(item.id), fact_key("information_request", asked.id)):
        assert asked.id in [f.id for f in registers.facts_by_key(TENANT, key)]
    fact = office.fact("information_request", asked.id)
    assert (CITY, T0, [office.person(subject)]) == (
        fact["asked_by"],
        fact["requested_at"],
        fact["persons"],
    )
    assert (office.person(subject),) == asked.persons
