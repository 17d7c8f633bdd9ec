"""Who may write, the same for every register: each use case is tried by whoever may not."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from gateway.crypto.keys import generate_sealing_key, generate_signing_key
from gateway.domain.disclosure import Caller
from gateway.domain.errors import IdempotencyMismatch, NotAuthorized, NotFound, StaleFacts
from gateway.domain.ids import ActorId, AgencyId, Millis, SystemId
from gateway.services.acting import Acting
from gateway.services.idempotency import IdempotencyKey
from gateway.services.registers.registration import Registered
from tests.simulators.house import TENANT
from tests.simulators.policy_inputs import DAY, T0
from tests.simulators.register_office import (
    APRIL,
    CITY,
    HIDAMARI,
    SHAKYO,
    RegisterOffice,
    actor_terms,
    agency_terms,
    consent_terms,
    flag_terms,
    system_terms,
)

Write = Callable[[RegisterOffice, Acting, IdempotencyKey], Registered]
AGREED = Millis(T0 - 1)
LATER = T0 + DAY


def _consent(office: RegisterOffice, by: Acting, key: IdempotencyKey) -> Registered:
    return office.services.consents.register(
        by, key, subject=_own(office), imported=False, terms=consent_terms()
    )


def _flag(office: RegisterOffice, by: Acting, key: IdempotencyKey) -> Registered:
    return office.services.flags.raise_flag(
        by, key, subject=_own(office), counterpart_subjects=(), terms=flag_terms()
    )


def _conference(office: RegisterOffice, by: Acting, key: IdempotencyKey) -> Registered:
    terms = {
        "basis": "shien_kaigi_swa",
        "local_name_ja": "あおば市支援会議",
        "founding_rule": "あおば市支援会議設置要綱",
        "valid_from": T0 - DAY,
        "valid_to": None,
    }
    return office.services.conferences.convene(by, key, terms=terms)


def _approval(office: RegisterOffice, by: Acting, key: IdempotencyKey) -> Registered:
    terms: Mapping[str, Any] = {
        "kind": "vital_interest",
        "document_no": "福第12号",
        "expires_at": LATER,
        "recipient": SHAKYO,
        "purpose": "refer",
        "fields": [],
    }
    return office.services.approvals.register(
        by,
        key,
        subject=_own(office),
        approver=f"{HIDAMARI}-2",
        approved_at=AGREED,
        terms=terms,
    )


def _emergency(office: RegisterOffice, by: Acting, key: IdempotencyKey) -> Registered:
    terms = {"recipient": SHAKYO, "second_agreed": "call_back", "expires_at": LATER}
    return office.services.emergencies.register(
        by,
        key,
        subject=_own(office),
        agreed_by=f"{CITY}-2",
        agreed_at=AGREED,
        terms=terms,
    )


def _entrustment(office: RegisterOffice, by: Acting, key: IdempotencyKey) -> Registered:
    terms: Mapping[str, Any] = {
        "kind": "entrustment",
        "contractor": SHAKYO,
        "controller": HIDAMARI,
        "purposes": ["refer"],
        "records": ["referral"],
        "sub_processing": False,
        "valid_from": T0,
        "valid_to": None,
    }
    return office.services.entrustments.register(by, key, terms=terms)


def _appointment(office: RegisterOffice, by: Acting, key: IdempotencyKey) -> Registered:
    terms = {
        "actor": f"{HIDAMARI}-2",
        "office": "minsei_iin",
        "ward": "中央地区",
        "term_from": T0,
        "term_to": None,
    }
    return office.services.appointments.register(by, key, terms=terms)


def _actor(office: RegisterOffice, by: Acting, key: IdempotencyKey) -> Registered:
    terms = actor_terms("hidamari-new")
    return office.services.directory.register_actor(by, key, HIDAMARI, terms=terms)


def _suspend_actor(office: RegisterOffice, by: Acting, key: IdempotencyKey) -> Registered:
    return office.services.directory.suspend_actor(
        by, key, HIDAMARI, f"{HIDAMARI}-2", suspended=True
    )


def _link(office: RegisterOffice, by: Acting, key: IdempotencyKey) -> Registered:
    twin = office.subject(ref="case-twin")
    return office.services.links.same(by, key, _own(office), twin)


MEMBERS: Mapping[str, Write] = {
    "consent": _consent,
    "flag": _flag,
    "conference": _conference,
    "approval": _approval,
    "emergency": _emergency,
    "entrustment": _entrustment,
    "appointment": _appointment,
    "actor": _actor,
    "suspend_actor": _suspend_actor,
    "link": _link,
}


def _agency(office: RegisterOffice, by: Acting, key: IdempotencyKey) -> Registered:
    return office.services.directory.register_agency(by, key, terms=agency_terms("npo-new"))


def _system(office: RegisterOffice, by: Acting, key: IdempotencyKey) -> Registered:
    return office.services.directory.register_system(
        by,
        key,
        HIDAMARI,
        terms=system_terms("second-desk", ["member"]),
        client_jwk=generate_signing_key().public().jwk(),
    )


def _key(office: RegisterOffice, by: Acting, key: IdempotencyKey) -> Registered:
    jwk = generate_sealing_key().public().jwk()
    return office.services.keys.register(by, key, HIDAMARI, use="seal", jwk=jwk, valid_from=T0)


def _suspend(office: RegisterOffice, by: Acting, key: IdempotencyKey) -> Registered:
    return office.services.directory.suspend_agency(by, key, HIDAMARI, suspended=True)


OPERATORS: Mapping[str, Write] = {
    "agency": _agency,
    "system": _system,
    "key": _key,
    "suspend": _suspend,
}
ALL = {**MEMBERS, **OPERATORS}


def _own(office: RegisterOffice) -> str:
    return office.subject()


def _rightful(office: RegisterOffice, name: str) -> Acting:
    return office.operator if name in OPERATORS else office.acting(HIDAMARI)


def _try(office: RegisterOffice, name: str, by: Acting, error: type[Exception]) -> None:
    office.subject()
    office.subject(ref="case-twin")
    before = office.log_size()
    with pytest.raises(error):
        ALL[name](office, by, office.key())
    assert before == office.log_size()


@pytest.mark.parametrize("name", ALL)
def test_register_without_the_scope_is_not_authorized(office: RegisterOffice, name: str) -> None:
    rightful = _rightful(office, name)
    caller = Caller(
        TENANT, rightful.agency_id, SystemId("a-desk"), frozenset({"auditor", "officer"})
    )

    _try(office, name, Acting(caller, rightful.actor_id), NotAuthorized)


@pytest.mark.parametrize("name", ALL)
def test_register_by_an_unknown_person_is_not_authorized(office: RegisterOffice, name: str) -> None:
    by = Acting(_rightful(office, name).caller, ActorId("nobody"))

    _try(office, name, by, NotAuthorized)


@pytest.mark.parametrize("name", ALL)
def test_register_by_a_person_of_another_agency_is_not_authorized(
    office: RegisterOffice, name: str
) -> None:
    by = Acting(_rightful(office, name).caller, ActorId(f"{SHAKYO}-1"))

    _try(office, name, by, NotAuthorized)


@pytest.mark.parametrize("name", MEMBERS)
def test_register_by_a_suspended_person_is_not_authorized(
    office: RegisterOffice, name: str
) -> None:
    office.services.directory.suspend_actor(
        office.operator, office.key(), HIDAMARI, f"{HIDAMARI}-1", suspended=True
    )
    by = office.acting(HIDAMARI)
    before = office.log_size()

    with pytest.raises(NotAuthorized):
        MEMBERS[name](_Fixed(office), by, office.key())  # type: ignore[arg-type]

    assert before == office.log_size()


class _Fixed:
    """An office whose handles nobody has to ask for, where nobody may ask."""

    def __init__(self, office: RegisterOffice) -> None:
        self.services = office.services

    def subject(self, ref: str = "") -> str:  # noqa: ARG002 - as the office it stands for
        return "subject-of-somebody"


@pytest.mark.parametrize("name", MEMBERS)
def test_register_by_a_suspended_agency_is_not_authorized(
    office: RegisterOffice, name: str
) -> None:
    _suspend(office, office.operator, office.key())

    with pytest.raises(NotAuthorized):
        MEMBERS[name](_Fixed(office), office.acting(HIDAMARI), office.key())  # type: ignore[arg-type]


@pytest.mark.parametrize("name", MEMBERS)
def test_register_at_midnight_after_the_term_is_not_authorized(
    office: RegisterOffice, name: str
) -> None:
    office.house.clock.advance(APRIL - T0)

    with pytest.raises(NotAuthorized):
        MEMBERS[name](_Fixed(office), office.acting(HIDAMARI), office.key())  # type: ignore[arg-type]


def test_register_just_before_midnight_in_japan_is_registered(office: RegisterOffice) -> None:
    office.house.clock.advance(APRIL - T0 - 1)

    done = _consent(office, office.acting(HIDAMARI), office.key())

    assert 1 == done.version


@pytest.mark.parametrize("name", ["actor", "suspend_actor"])
def test_another_agencys_persons_are_not_found(office: RegisterOffice, name: str) -> None:
    _try(office, name, office.acting(SHAKYO), NotFound)


@pytest.mark.parametrize("name", ["consent", "flag", "approval", "emergency", "link"])
def test_another_agencys_handle_is_not_found(office: RegisterOffice, name: str) -> None:
    _try(office, name, office.acting(SHAKYO), NotFound)


@pytest.mark.parametrize("name", ALL)
def test_key_used_with_another_body_is_refused(office: RegisterOffice, name: str) -> None:
    key, by = office.key("one body"), _rightful(office, name)
    ALL[name](office, by, key)
    before = office.log_size()

    with pytest.raises(IdempotencyMismatch):
        ALL[name](office, by, IdempotencyKey(key.agency_id, key.key, "another body"))

    assert before == office.log_size()


@pytest.mark.parametrize("name", [n for n in ALL if n != "suspend"])
def test_same_request_again_is_answered_as_before(office: RegisterOffice, name: str) -> None:
    key, by = office.key(), _rightful(office, name)
    first = ALL[name](office, by, key)
    before = office.log_size()

    again = ALL[name](office, by, key)

    assert (first.id, first.version, first.log_index) == (again.id, again.version, again.log_index)
    assert first.evidence.leaf == again.evidence.leaf
    assert first.evidence.opening == again.evidence.opening
    assert first.persons == again.persons
    assert before == office.log_size()


def test_same_key_of_another_agency_is_another_key(office: RegisterOffice) -> None:
    key = IdempotencyKey(AgencyId(CITY), "one", "body")
    first = _conference(office, office.acting(CITY), key)

    other = _conference(office, office.acting(SHAKYO), IdempotencyKey(AgencyId(SHAKYO), "one", "b"))

    assert first.id != other.id


def test_suspension_between_check_and_writing_is_noticed(office: RegisterOffice) -> None:
    subject, directory = office.subject(), office.services.directory
    new_id = office.house.context.ids.new

    def suspended_meanwhile() -> str:
        directory.suspend_actor(
            office.operator, office.key(), HIDAMARI, f"{HIDAMARI}-1", suspended=True
        )
        return new_id()

    office.house.context.ids.new = suspended_meanwhile  # type: ignore[method-assign]
    with pytest.raises(StaleFacts):
        office.services.consents.register(
            office.acting(HIDAMARI),
            office.key(),
            subject=subject,
            imported=False,
            terms=consent_terms(),
        )


def test_appointment_of_another_agencys_person_is_not_found(office: RegisterOffice) -> None:
    with pytest.raises(NotFound):
        _appointment(office, office.acting(SHAKYO), office.key())


def test_entrustment_to_nobody_registered_is_not_found(office: RegisterOffice) -> None:
    by = office.acting(HIDAMARI)
    terms = {"contractor": "company-unknown", "controller": HIDAMARI}

    with pytest.raises(NotFound):
        office.services.entrustments.register(by, office.key(), terms=terms)
