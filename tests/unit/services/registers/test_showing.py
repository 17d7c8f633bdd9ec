import pytest

from gateway.domain.errors import NotFound
from gateway.services.registers.registration import Registered
from gateway.services.registers.showing import SHOWN_KINDS
from tests.simulators.policy_inputs import DAY, T0
from tests.simulators.register_office import (
    CITY,
    HIDAMARI,
    SHAKYO,
    RegisterOffice,
    consent_terms,
    flag_terms,
)


def _everything(office: RegisterOffice) -> dict[str, Registered]:
    """One fact of every kind that can be shown, all of あおば市."""
    services, by = office.services, office.acting(CITY)
    subject, other = office.subject(CITY, "c-1"), office.subject(CITY, "c-2")
    conference = services.conferences.convene(
        by,
        office.key(),
        terms={
            "basis": "shien_kaigi_swa",
            "local_name_ja": "あおば市支援会議",
            "founding_rule": "要綱",
            "valid_from": T0,
            "valid_to": None,
        },
    )
    return {
        "consent": services.consents.register(
            by, office.key(), subject=subject, imported=False, terms=consent_terms()
        ),
        "protection_flag": services.flags.raise_flag(
            by, office.key(), subject=subject, counterpart_subjects=(other,), terms=flag_terms()
        ),
        "conference": conference,
        "agenda_item": services.conferences.open_item(
            by,
            office.key(),
            conference.id,
            subjects=(subject, other),
            terms={
                "basis": "shien_kaigi_swa",
                "nature": "individual",
                "opens_at": T0,
                "closes_at": None,
            },
        ),
        "approval": services.approvals.register(
            by,
            office.key(),
            subject=subject,
            approver=f"{CITY}-2",
            approved_at=T0,
            terms={
                "kind": "address_lift",
                "document_no": "1",
                "expires_at": None,
                "recipient": SHAKYO,
                "purpose": "refer",
                "fields": [],
            },
        ),
        "emergency_agreement": services.emergencies.register(
            by,
            office.key(),
            subject=subject,
            agreed_by=f"{CITY}-2",
            agreed_at=T0,
            terms={"recipient": SHAKYO, "second_agreed": "in_person", "expires_at": T0 + DAY},
        ),
        "entrustment": services.entrustments.register(
            by,
            office.key(),
            terms={
                "kind": "entrustment",
                "contractor": SHAKYO,
                "controller": CITY,
                "purposes": [],
                "records": [],
                "sub_processing": False,
                "valid_from": T0,
                "valid_to": None,
            },
        ),
        "appointment": services.appointments.register(
            by,
            office.key(),
            terms={
                "actor": f"{CITY}-2",
                "office": "minsei_iin",
                "ward": "中央地区",
                "term_from": T0,
                "term_to": None,
            },
        ),
    }


def test_fact_of_another_agency_is_not_found_like_one_that_is_not_there(
    office: RegisterOffice,
) -> None:
    done = _everything(office)

    for kind in SHOWN_KINDS:
        for id_ in (done[kind].id, "not-there"):
            with pytest.raises(NotFound):
                office.services.showing.show(office.acting(HIDAMARI), kind, id_)


def test_fact_is_shown_to_its_owner_by_the_owners_handles(office: RegisterOffice) -> None:
    done = _everything(office)
    persons = {office.person(office.subject(CITY, ref)) for ref in ("c-1", "c-2")}

    shown = {
        kind: office.services.showing.show(office.acting(CITY), kind, done[kind].id)
        for kind in SHOWN_KINDS
    }

    assert set(done) == set(shown)
    subject, other = office.subject(CITY, "c-1"), office.subject(CITY, "c-2")
    assert subject == shown["consent"].members["subject"]
    assert [other] == shown["protection_flag"].members["counterpart_subjects"]
    assert [subject, other] == shown["agenda_item"].members["subjects"]
    for view in shown.values():
        assert not [p for p in persons if p in repr(view)]


def test_contractor_is_not_shown_the_entrustment(office: RegisterOffice) -> None:
    done = _everything(office)

    with pytest.raises(NotFound):
        office.services.showing.show(office.acting(SHAKYO), "entrustment", done["entrustment"].id)
