import json
from typing import Any

import jsonschema_rs
import pytest

from gateway.audit.verify import Evidence, verify_evidence
from gateway.domain.errors import Conflict, NotFound, SchemaViolation
from gateway.domain.ids import Millis
from gateway.domain.log import EntryType
from gateway.policy.cases import changed
from gateway.policy.contract import PolicyContract
from gateway.services.registers.receipt import (
    AGENCY_KINDS_JA,
    CAPACITIES_JA,
    ITEM_CLASSES_JA,
    METHODS_JA,
)
from gateway.services.registers.registration import Registered
from tests.simulators.policy_inputs import DAY, POLICIES, SCHEMAS, T0, known
from tests.simulators.register_office import (
    CITY,
    HIDAMARI,
    SHAKYO,
    RegisterOffice,
    consent_terms,
)

_BODIES = jsonschema_rs.Draft202012Validator(json.loads((SCHEMAS / "audit-body.json").read_text()))


def _register(office: RegisterOffice, *, imported: bool = False, **changes: Any) -> Registered:
    return office.services.consents.register(
        office.acting(HIDAMARI),
        office.key(),
        subject=office.subject(),
        imported=imported,
        terms=consent_terms(**changes),
    )


def test_consent_with_an_unknown_member_is_refused(office: RegisterOffice) -> None:
    office.subject()
    before = office.log_size()

    with pytest.raises(SchemaViolation) as refusal:
        _register(office, medical_content="架空の病名")

    assert (("", "additionalProperties"),) == refusal.value.errors
    assert before == office.log_size()


@pytest.mark.parametrize("name", sorted(consent_terms()))
def test_consent_with_a_term_missing_is_refused(office: RegisterOffice, name: str) -> None:
    terms = {k: v for k, v in consent_terms().items() if k != name}

    with pytest.raises(SchemaViolation):
        office.services.consents.register(
            office.acting(HIDAMARI),
            office.key(),
            subject=office.subject(),
            imported=False,
            terms=terms,
        )


def test_consent_error_never_repeats_what_was_written(office: RegisterOffice) -> None:
    with pytest.raises(SchemaViolation) as refusal:
        _register(office, capacity="佐藤 花子")

    assert (("/capacity", "enum"),) == refusal.value.errors
    assert "佐藤" not in repr(refusal.value)


@pytest.mark.parametrize("end", [T0 - DAY, T0 - 2 * DAY])
def test_consent_that_ends_as_it_begins_is_refused(office: RegisterOffice, end: int) -> None:
    with pytest.raises(SchemaViolation) as refusal:
        _register(office, valid_to=end)

    assert (("/valid_to", "after valid_from"),) == refusal.value.errors


@pytest.mark.parametrize(("imported", "method"), [(True, "paper"), (False, "imported_blanket")])
def test_blanket_consent_not_marked_imported_is_refused(
    office: RegisterOffice, *, imported: bool, method: str
) -> None:
    with pytest.raises(SchemaViolation) as refusal:
        _register(office, imported=imported, method=method)

    assert (("/imported", "method"),) == refusal.value.errors


def test_withdrawal_of_another_agencys_consent_is_not_found(office: RegisterOffice) -> None:
    done = _register(office)

    with pytest.raises(NotFound):
        office.services.consents.withdraw(office.acting(CITY), office.key(), done.id)


def test_withdrawal_of_no_consent_is_not_found(office: RegisterOffice) -> None:
    with pytest.raises(NotFound):
        office.services.consents.withdraw(office.acting(CITY), office.key(), "consent-none")


def test_withdrawal_in_the_future_is_refused(office: RegisterOffice) -> None:
    done = _register(office)

    with pytest.raises(SchemaViolation) as refusal:
        office.services.consents.withdraw(
            office.acting(HIDAMARI), office.key(), done.id, Millis(T0 + 1)
        )

    assert (("/withdrawn_at", "not in the future"),) == refusal.value.errors


def test_second_withdrawal_is_refused(office: RegisterOffice) -> None:
    done = _register(office)
    office.services.consents.withdraw(office.acting(HIDAMARI), office.key(), done.id)

    with pytest.raises(Conflict) as refusal:
        office.services.consents.withdraw(office.acting(HIDAMARI), office.key(), done.id)

    assert "ALREADY_WITHDRAWN" == refusal.value.reason


def test_receipt_for_another_agency_is_not_found(office: RegisterOffice) -> None:
    done = _register(office)

    with pytest.raises(NotFound):
        office.services.consents.receipt(office.acting(SHAKYO), done.id)


def test_consent_is_registered_as_policy_will_see_it(office: RegisterOffice) -> None:
    done = _register(office, recipients_refused=["minsei-tonari"])

    expected = {
        **consent_terms(recipients_refused=["minsei-tonari"]),
        "id": done.id,
        "person": office.person(office.subject()),
        "taken_by": HIDAMARI,
        "withdrawn_at": None,
        "imported_at": None,
    }
    assert expected == office.fact("consent", done.id)
    question = changed(known("consent_private"), {"/registered/consents": [expected]}, ())
    PolicyContract.read(SCHEMAS).check_question(question)


def test_imported_consent_carries_the_day_of_its_import(office: RegisterOffice) -> None:
    done = _register(office, imported=True, method="imported_blanket")

    assert T0 == office.fact("consent", done.id)["imported_at"]


def test_signature_without_authority_is_kept_as_what_it_is(office: RegisterOffice) -> None:
    done = _register(office, capacity="family_no_authority")

    assert "family_no_authority" == office.fact("consent", done.id)["capacity"]


def test_consent_evidence_verifies_and_never_names_the_person(office: RegisterOffice) -> None:
    done = _register(office)

    verify_evidence(done.evidence, office.house.trusted, type_=EntryType.REGISTER)
    shown = done.evidence.fields()
    assert ("consent", done.id, 1) == (shown["kind"], shown["record_id"], shown["version"])
    assert "fact" not in shown
    assert office.person(office.subject()) not in json.dumps(done.evidence.to_json())


def test_consent_entry_has_the_body_that_its_schema_demands(office: RegisterOffice) -> None:
    done = _register(office)

    type_, body = office.house.entries()[done.log_index]
    assert _BODIES.is_valid({"type": type_, "body": body})
    assert "text_version" not in body["fact"]
    assert office.person(office.subject()) == body["fact"]["person"]


def test_withdrawal_is_a_version_that_names_whom_to_reconsider(office: RegisterOffice) -> None:
    done = _register(office)

    withdrawn = office.services.consents.withdraw(
        office.acting(HIDAMARI), office.key(), done.id, Millis(T0 - 5)
    )

    assert 2 == withdrawn.version
    assert T0 - 5 == office.fact("consent", done.id)["withdrawn_at"]
    assert (office.person(office.subject()),) == withdrawn.persons
    assert "withdrawn" == withdrawn.evidence.fields()["change"]


def test_receipt_says_who_took_it_and_how_to_withdraw(office: RegisterOffice) -> None:
    done = _register(office)

    receipt = office.services.consents.receipt(office.acting(HIDAMARI), done.id)

    assert "given" == receipt["state"]
    assert HIDAMARI == receipt["taken_by"]["agency"]  # type: ignore[index,call-overload]
    assert [{"code": "shakyo", "label_ja": "社会福祉協議会"}] == receipt["recipients"]["classes"]  # type: ignore[index,call-overload]
    purpose_ja = office.house.context.rulebook.purpose_ja("refer")
    assert [{"code": "refer", "label_ja": purpose_ja}] == receipt["purposes"]
    text = json.dumps(receipt, ensure_ascii=False)
    assert "撤回できます" in text
    assert "なかったことにはできません" in text
    assert office.person(office.subject()) not in text
    evidence = Evidence.from_json(receipt["log"]["evidence"])  # type: ignore[index,call-overload]
    verify_evidence(evidence, office.house.trusted, type_=EntryType.REGISTER)
    assert done.log_index == receipt["log"]["index"]  # type: ignore[index,call-overload]


def test_receipt_after_withdrawal_shows_the_withdrawals_entry(office: RegisterOffice) -> None:
    done = _register(office)
    withdrawn = office.services.consents.withdraw(office.acting(HIDAMARI), office.key(), done.id)

    receipt = office.services.consents.receipt(office.acting(HIDAMARI), done.id)

    assert ("withdrawn", 2) == (receipt["state"], receipt["version"])
    assert withdrawn.log_index == receipt["log"]["index"]  # type: ignore[index,call-overload]


def test_receipt_has_words_for_every_code_of_the_schema() -> None:
    schema = json.loads((SCHEMAS / "policy-input.json").read_text())["$defs"]["consent"]
    properties = schema["properties"]
    classes = json.loads((POLICIES / "data" / "classes" / "data.json").read_text())

    assert set(properties["capacity"]["enum"]) == set(CAPACITIES_JA)
    assert set(properties["method"]["enum"]) == set(METHODS_JA)
    assert set(properties["recipient_classes"]["items"]["enum"]) == set(AGENCY_KINDS_JA)
    assert {code: row["label_ja"] for code, row in classes.items()} == ITEM_CLASSES_JA
