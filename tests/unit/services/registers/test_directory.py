import json
from typing import Any

import jsonschema_rs
import pytest

from gateway.audit.verify import verify_evidence
from gateway.crypto.keys import (
    BadKey,
    generate_log_key,
    generate_sealing_key,
    generate_signing_key,
    public_jwk,
)
from gateway.domain.errors import Conflict, NotAuthorized, NotFound, SchemaViolation
from gateway.domain.log import EntryType
from gateway.domain.records import agency_key, client_key, seal_key, sign_key
from gateway.services.registers.founding import Founding, found_tenant
from gateway.services.registers.registration import Registered, Registrar
from gateway.services.registers.schemas import FactSchemas
from tests.simulators.house import TENANT, House
from tests.simulators.policy_inputs import DAY, SCHEMAS, T0
from tests.simulators.register_office import (
    APRIL,
    CITY,
    HIDAMARI,
    SHAKYO,
    RegisterOffice,
    actor_terms,
    agency_terms,
    system_terms,
)

_BODIES = jsonschema_rs.Draft202012Validator(json.loads((SCHEMAS / "audit-body.json").read_text()))


def _jwk() -> dict[str, str]:
    return generate_signing_key().public().jwk()


def _add_key(office: RegisterOffice, use: str, jwk: dict[str, Any], **more: Any) -> Registered:
    return office.services.keys.register(
        office.operator,
        office.key(),
        more.pop("agency", HIDAMARI),
        use=use,
        jwk=jwk,
        valid_from=None,
        **more,
    )


# --- founding ------------------------------------------------------------------------------


def test_founding_again_is_refused(office: RegisterOffice) -> None:
    before = office.log_size()

    with pytest.raises(Conflict) as refusal:
        office.found()

    assert "ALREADY_FOUNDED" == refusal.value.reason
    assert before == office.log_size()


def test_founding_with_a_private_key_registers_nothing(house: House) -> None:
    founding = Founding(
        pack="default",
        agency=agency_terms(CITY),
        system=system_terms("city-desk", ["operator"]),
        client_jwk={**_jwk(), "d": "AAAA"},
        actor=actor_terms("city-1"),
    )

    registrar = Registrar(house.context, FactSchemas(SCHEMAS / "policy-input.json"))

    with pytest.raises(BadKey):
        found_tenant(registrar, founding)

    assert house.context.registers.fact(TENANT, "tenant", TENANT) is None
    assert 0 == len(house.entries())


def test_founding_is_one_change_with_an_entry_for_each_fact(office: RegisterOffice) -> None:
    entries = office.house.entries()[:5]

    kinds = ["tenant", "agency", "system", "agency_key", "actor"]
    assert kinds == [body["kind"] for _, body in entries]
    assert all(_BODIES.is_valid({"type": type_, "body": body}) for type_, body in entries)
    assert {"id": TENANT, "pack": "default", "municipality": CITY} == office.fact("tenant", TENANT)


# --- agencies and systems ------------------------------------------------------------------


def test_agency_registered_before_is_refused(office: RegisterOffice) -> None:
    with pytest.raises(Conflict) as refusal:
        office.services.directory.register_agency(
            office.operator, office.key(), terms=agency_terms(HIDAMARI)
        )

    assert "ALREADY_REGISTERED" == refusal.value.reason


def test_system_of_an_unknown_agency_is_not_found(office: RegisterOffice) -> None:
    with pytest.raises(NotFound):
        office.services.directory.register_system(
            office.operator,
            office.key(),
            "npo-unknown",
            terms=system_terms("desk-9", ["member"]),
            client_jwk=_jwk(),
        )


def test_system_registered_before_is_refused(office: RegisterOffice) -> None:
    with pytest.raises(Conflict) as refusal:
        office.services.directory.register_system(
            office.operator,
            office.key(),
            SHAKYO,
            terms=system_terms(f"{HIDAMARI}-desk", ["member"]),
            client_jwk=_jwk(),
        )

    assert "ALREADY_REGISTERED" == refusal.value.reason


@pytest.mark.parametrize("scopes", [[], ["root"], ["member", "member"]])
def test_system_with_other_scopes_is_refused(office: RegisterOffice, scopes: list[str]) -> None:
    with pytest.raises(SchemaViolation):
        office.services.directory.register_system(
            office.operator,
            office.key(),
            HIDAMARI,
            terms=system_terms("desk-9", scopes),
            client_jwk=_jwk(),
        )


def test_system_is_found_by_its_client_id_with_its_key(office: RegisterOffice) -> None:
    found = office.house.context.registers.facts_by_key(TENANT, client_key(f"{HIDAMARI}-desk"))

    assert ["agency_key", "system"] == [row.kind for row in found]
    assert ("client", f"{HIDAMARI}-desk") == (found[0].fact["use"], found[0].fact["system"])


def test_agencies_are_listed_without_their_dates(office: RegisterOffice) -> None:
    listed = office.services.directory.agencies()

    assert [CITY, SHAKYO, HIDAMARI] == [agency["id"] for agency in listed]
    assert {"id", "kind", "regime", "status", "name_ja", "name_en"} == set(listed[0])


# --- persons -------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["privacy_officer", "auditor", "system_admin"])
def test_watching_role_given_by_its_own_agency_is_not_authorized(
    office: RegisterOffice, role: str
) -> None:
    with pytest.raises(NotAuthorized):
        office.services.directory.register_actor(
            office.acting(HIDAMARI),
            office.key(),
            HIDAMARI,
            terms=actor_terms("hidamari-9", roles=["npo_worker", role]),
        )


def test_own_term_is_not_prolonged_by_oneself(office: RegisterOffice) -> None:
    with pytest.raises(NotAuthorized):
        office.services.directory.register_actor(
            office.acting(HIDAMARI),
            office.key(),
            HIDAMARI,
            terms=actor_terms(f"{HIDAMARI}-1", term_to=None),
        )


def test_actor_id_of_another_agency_is_refused(office: RegisterOffice) -> None:
    with pytest.raises(Conflict) as refusal:
        office.services.directory.register_actor(
            office.acting(HIDAMARI), office.key(), HIDAMARI, terms=actor_terms(f"{SHAKYO}-2")
        )

    assert "ALREADY_REGISTERED" == refusal.value.reason


def test_term_renewed_by_a_colleague_goes_on_after_march(office: RegisterOffice) -> None:
    by = office.acting(HIDAMARI, actor=f"{HIDAMARI}-2")
    terms = actor_terms(f"{HIDAMARI}-1", term_to=APRIL + 365 * DAY)

    renewed = office.services.directory.register_actor(by, office.key(), HIDAMARI, terms=terms)

    office.house.clock.advance(APRIL - T0)
    assert 2 == renewed.version
    assert office.subject(HIDAMARI, "case-april")


def test_renewal_of_a_suspended_person_does_not_lift_the_suspension(
    office: RegisterOffice,
) -> None:
    directory = office.services.directory
    directory.suspend_actor(
        office.operator, office.key(), HIDAMARI, f"{HIDAMARI}-1", suspended=True
    )

    office.hire(HIDAMARI, f"{HIDAMARI}-1", term_to=None)

    assert "suspended" == office.fact("actor", f"{HIDAMARI}-1")["status"]


def test_suspension_of_a_person_under_the_wrong_agency_is_not_found(
    office: RegisterOffice,
) -> None:
    with pytest.raises(NotFound):
        office.services.directory.suspend_actor(
            office.operator, office.key(), SHAKYO, f"{HIDAMARI}-1", suspended=True
        )


def test_suspension_twice_is_refused_and_resumed_once(office: RegisterOffice) -> None:
    directory, actor = office.services.directory, f"{HIDAMARI}-2"
    by = office.acting(HIDAMARI)
    directory.suspend_actor(by, office.key(), HIDAMARI, actor, suspended=True)

    with pytest.raises(Conflict) as refusal:
        directory.suspend_actor(by, office.key(), HIDAMARI, actor, suspended=True)
    resumed = directory.suspend_actor(by, office.key(), HIDAMARI, actor, suspended=False)

    assert "ALREADY_SUSPENDED" == refusal.value.reason
    assert (3, "active") == (resumed.version, office.fact("actor", actor)["status"])


def test_person_may_suspend_oneself(office: RegisterOffice) -> None:
    by = office.acting(HIDAMARI)

    office.services.directory.suspend_actor(
        by, office.key(), HIDAMARI, f"{HIDAMARI}-1", suspended=True
    )

    with pytest.raises(NotAuthorized):
        office.subject(HIDAMARI, "case-new")


def test_operator_cannot_suspend_its_own_agency(office: RegisterOffice) -> None:
    with pytest.raises(NotAuthorized):
        office.services.directory.suspend_agency(
            office.operator, office.key(), CITY, suspended=True
        )


def test_suspension_of_an_unknown_agency_is_not_found(office: RegisterOffice) -> None:
    with pytest.raises(NotFound):
        office.services.directory.suspend_agency(
            office.operator, office.key(), "npo-unknown", suspended=True
        )


def test_agency_suspended_and_resumed_may_act_again(office: RegisterOffice) -> None:
    directory, operator = office.services.directory, office.operator
    directory.suspend_agency(operator, office.key(), HIDAMARI, suspended=True)
    with pytest.raises(NotAuthorized):
        office.subject(HIDAMARI, "case-new")

    directory.suspend_agency(operator, office.key(), HIDAMARI, suspended=False)

    assert office.subject(HIDAMARI, "case-new")
    key = agency_key(HIDAMARI)  # type: ignore[arg-type]
    found = office.house.context.registers.facts_by_key(TENANT, key)
    assert [3] == [row.version for row in found]


# --- keys ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "jwk"),
    [
        ("seal", {**generate_sealing_key().public().jwk(), "d": "AAAA"}),
        ("seal", {**public_jwk(generate_log_key().public_key())}),
        ("seal", generate_signing_key().public().jwk()),
        ("sign", generate_sealing_key().public().jwk()),
        ("sign", {"kty": "oct", "k": "AAAA"}),
        ("sign", {}),
    ],
)
def test_key_of_another_kind_is_refused(
    office: RegisterOffice, use: str, jwk: dict[str, Any]
) -> None:
    before = office.log_size()

    with pytest.raises(BadKey):
        _add_key(office, use, jwk)

    assert before == office.log_size()


def test_key_whose_id_is_no_opaque_id_is_refused(office: RegisterOffice) -> None:
    with pytest.raises(SchemaViolation):
        _add_key(office, "sign", {**_jwk(), "kid": "key of 佐藤".encode().hex() * 9})


def test_key_registered_before_is_refused_even_when_revoked(office: RegisterOffice) -> None:
    jwk = _jwk()
    done = _add_key(office, "sign", jwk)
    office.services.keys.revoke(office.operator, office.key(), HIDAMARI, done.id)

    with pytest.raises(Conflict) as refusal:
        _add_key(office, "sign", jwk, agency=SHAKYO)

    assert "ALREADY_REGISTERED" == refusal.value.reason


def test_key_with_a_second_use_is_refused(office: RegisterOffice) -> None:
    bare = public_jwk(generate_sealing_key().public().public)
    _add_key(office, "seal", bare)

    with pytest.raises(Conflict) as refusal:
        _add_key(office, "sign", {**bare, "kid": "another-id"})

    assert "KEY_HAS_ANOTHER_USE" == refusal.value.reason


def test_client_key_for_another_agencys_system_is_not_found(office: RegisterOffice) -> None:
    with pytest.raises(NotFound):
        _add_key(office, "client", _jwk(), system_id=f"{SHAKYO}-desk")


def test_revocation_of_another_agencys_key_is_not_found(office: RegisterOffice) -> None:
    done = _add_key(office, "seal", generate_sealing_key().public().jwk())

    with pytest.raises(NotFound):
        office.services.keys.revoke(office.acting(SHAKYO), office.key(), HIDAMARI, done.id)
    with pytest.raises(NotFound):
        office.services.keys.revoke(office.acting(SHAKYO), office.key(), SHAKYO, done.id)


def test_second_revocation_is_refused(office: RegisterOffice) -> None:
    done = _add_key(office, "seal", generate_sealing_key().public().jwk())
    office.services.keys.revoke(office.acting(HIDAMARI), office.key(), HIDAMARI, done.id)

    with pytest.raises(Conflict) as refusal:
        office.services.keys.revoke(office.acting(HIDAMARI), office.key(), HIDAMARI, done.id)

    assert "ALREADY_REVOKED" == refusal.value.reason


def test_keys_of_an_unknown_agency_are_not_found(office: RegisterOffice) -> None:
    with pytest.raises(NotFound):
        office.services.keys.keys("npo-unknown")


def test_new_key_stands_beside_the_old_one_and_names_it(office: RegisterOffice) -> None:
    old = _add_key(office, "seal", generate_sealing_key().public().jwk())

    new = _add_key(office, "seal", generate_sealing_key().public().jwk())

    found = office.house.context.registers.facts_by_key(TENANT, seal_key(HIDAMARI))  # type: ignore[arg-type]
    assert {old.id, new.id} == {row.id for row in found}
    assert old.id == new.evidence.fields()["previous_kid"]


def test_each_change_of_a_key_is_a_member_entry_its_owner_can_check(
    office: RegisterOffice,
) -> None:
    jwk = _jwk()
    added = _add_key(office, "sign", {**jwk, "x5t": "not-kept"})
    revoked = office.services.keys.revoke(office.acting(HIDAMARI), office.key(), HIDAMARI, added.id)

    for done, change in ((added, "key_added"), (revoked, "key_revoked")):
        verify_evidence(done.evidence, office.house.trusted, type_=EntryType.MEMBER)
        fields = done.evidence.fields()
        assert (change, HIDAMARI, jwk) == (fields["change"], fields["agency"], fields["jwk"])
        type_, body = office.house.entries()[done.log_index]
        assert _BODIES.is_valid({"type": type_, "body": body})


def test_keys_are_listed_with_their_entries_and_revoked_ones(office: RegisterOffice) -> None:
    seal = _add_key(office, "seal", generate_sealing_key().public().jwk())
    sign = _add_key(office, "sign", _jwk())
    revoked = office.services.keys.revoke(office.operator, office.key(), HIDAMARI, sign.id)

    listed = {key["kid"]: key for key in office.services.keys.keys(HIDAMARI)}

    assert {seal.id, sign.id} == set(listed)
    assert (seal.log_index, None) == (listed[seal.id]["log_index"], listed[seal.id]["revoked_at"])
    assert (revoked.log_index, T0) == (listed[sign.id]["log_index"], listed[sign.id]["revoked_at"])
    found = office.house.context.registers.facts_by_key(TENANT, sign_key(HIDAMARI))  # type: ignore[arg-type]
    assert [sign.id] == [row.id for row in found]
