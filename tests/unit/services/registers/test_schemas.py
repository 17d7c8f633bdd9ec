"""Every kind of fact has a schema, and no wire form can drift from it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from gateway.api.registers import declaration_forms, forms
from gateway.api.registers.declarations import DECLARED
from gateway.domain.errors import SchemaViolation
from gateway.domain.records import FACT_KINDS
from gateway.services.registers.declaration_rules import RULES
from gateway.services.registers.schemas import OWN_FACTS, FactSchemas
from tests.simulators.policy_inputs import SCHEMAS

PATH = SCHEMAS / "policy-input.json"
DEFS: dict[str, Any] = json.loads(PATH.read_text())["$defs"]

# Form, kind, what the gateway says itself, and what the form calls otherwise or adds.
CASES: Mapping[str, tuple[type[BaseModel], str, set[str], set[str]]] = {
    "consent": (
        forms.ConsentForm,
        "consent",
        {"id", "person", "taken_by", "withdrawn_at", "imported_at"},
        {"subject", "imported"},
    ),
    "protection_flag": (
        forms.ProtectionFlagForm,
        "protection_flag",
        {
            "id",
            "person",
            "lifted_at",
            "issuer",
            "counterpart_persons",
            "counterpart_actor_agencies",
        },
        {"subject", "counterpart_subjects"},
    ),
    "conference": (forms.ConferenceForm, "conference", {"id", "organiser"}, set()),
    "agenda_item": (
        forms.AgendaItemForm,
        "agenda_item",
        {"id", "conference", "persons"},
        {"subjects"},
    ),
    "participant": (forms.ParticipantForm, "participant", {"id", "item", "conference"}, set()),
    "undertaking": (forms.UndertakingForm, "undertaking", {"id", "conference"}, set()),
    "information_request": (
        forms.InformationRequestForm,
        "information_request",
        {"id", "item", "conference", "asked_by", "persons", "requested_at"},
        {"subjects"},
    ),
    "approval": (
        forms.ApprovalForm,
        "approval",
        {"id", "agency", "approver_post_ja", "person"},
        {"subject"},
    ),
    "emergency_agreement": (
        forms.EmergencyAgreementForm,
        "emergency_agreement",
        {"id", "person", "started_by", "review_due"},
        {"subject"},
    ),
    "verdict": (
        forms.VerdictForm,
        "verdict",
        {"id", "officer", "person", "recipient", "purpose"},
        {"reason_code"},
    ),
    "entrustment": (forms.EntrustmentForm, "entrustment", {"id"}, set()),
    "appointment": (forms.AppointmentForm, "appointment", {"id"}, set()),
    "agency": (forms.AgencyForm, "agency", set(), set()),
    "actor": (forms.ActorForm, "actor", {"agency"}, set()),
    "system": (forms.SystemForm, "system", {"agency", "status"}, {"client_jwk"}),
    "council_notice": (
        declaration_forms.CouncilNoticeForm,
        "council_notice",
        {"id", "publisher"},
        set(),
    ),
    "joint_use_notice": (
        declaration_forms.JointUseNoticeForm,
        "joint_use_notice",
        {"id", "publisher"},
        set(),
    ),
    "use_purpose": (declaration_forms.UsePurposeForm, "use_purpose", {"id", "agency"}, set()),
    "department": (declaration_forms.DepartmentForm, "department", {"id", "agency"}, set()),
    "designation": (
        declaration_forms.DesignationForm,
        "designation",
        {"id", "designated_by_kind"},
        set(),
    ),
    "mode_switch": (
        declaration_forms.ModeSwitchForm,
        "mode_switch",
        {"id", "ordered_by", "ordered_by_post_ja", "ended_at"},
        set(),
    ),
    "statutory_request": (
        declaration_forms.StatutoryRequestForm,
        "statutory_request",
        {"id", "asked_by", "persons", "necessity_chars"},
        {"subjects", "necessity"},
    ),
    "list_entry": (
        declaration_forms.ListEntryForm,
        "list_entry",
        {"id", "held_by", "person", "supporter_person"},
        {"subject", "supporter"},
    ),
    "rights_request": (
        declaration_forms.RightsRequestForm,
        "rights_request",
        {"id", "agency", "person"},
        {"subject"},
    ),
    "rebasing": (
        declaration_forms.RebasingForm,
        "rebasing",
        {"id", "agency", "person"},
        {"subject"},
    ),
    "stalker_notice": (
        declaration_forms.StalkerNoticeForm,
        "stalker_notice",
        {"id", "person", "persons", "ended_at", "actor_agencies"},
        {"subject", "counterpart_subjects"},
    ),
    "flag_source": (declaration_forms.FlagSourceForm, "flag_source", {"id", "agency"}, set()),
}
# What a form says more loosely or more tightly than the schema, and why.
OTHERWISE = {
    ("entrustment", "entruster"),  # may be left out: it is the caller
    ("agency", "status"),  # nobody joins suspended
    ("actor", "status"),
    ("designation", "designated_by"),  # may be left out: it is the caller
    # May be left out: it is now.
    ("mode_switch", "starts_at"),
    ("statutory_request", "requested_at"),
    ("rebasing", "rebased_at"),
    ("flag_source", "checked_at"),
}


REGISTERED = tuple(k for k in FACT_KINDS if k != "policy_in_force")  # the gateway's own note


@pytest.fixture(scope="module")
def schemas() -> FactSchemas:
    return FactSchemas(PATH)


def test_schemas_of_no_file_are_refused() -> None:
    with pytest.raises(OSError, match="no-such"):
        FactSchemas(SCHEMAS / "no-such.json")


@pytest.mark.parametrize("kind", REGISTERED)
def test_empty_fact_of_every_kind_is_refused(schemas: FactSchemas, kind: str) -> None:
    with pytest.raises(SchemaViolation):
        schemas.check(kind, {})


def test_every_kind_of_fact_has_a_schema(schemas: FactSchemas) -> None:
    logged_only = {"subject", "subject_link"}

    assert set(REGISTERED) | logged_only == set(schemas.kinds)


def test_free_words_are_left_out_and_codes_are_kept(schemas: FactSchemas) -> None:
    fact = {"id": "c-1", "basis": "shien_kaigi_swa", "local_name_ja": "会議", "founding_rule": "x"}

    assert {"id": "c-1", "basis": "shien_kaigi_swa"} == schemas.without_text("conference", fact)


def test_every_declaration_is_compared() -> None:
    assert {kind: declared.form for kind, declared in DECLARED.items()} == {
        kind: CASES[kind][0] for kind in DECLARED
    }
    assert set(RULES) == set(DECLARED)


@pytest.mark.parametrize("name", CASES)
def test_form_has_the_members_of_its_fact(name: str) -> None:
    form, kind, said_by_the_gateway, added = CASES[name]
    members = set(_fact(kind)["properties"])

    assert members - said_by_the_gateway | added == set(form.model_fields)


@pytest.mark.parametrize("name", CASES)
def test_form_and_fact_agree_on_codes_patterns_and_lengths(name: str) -> None:
    form, kind, said_by_the_gateway, added = CASES[name]
    described = form.model_json_schema()
    wire, facts = described["properties"], _fact(kind)["properties"]

    for member in set(wire) - added - said_by_the_gateway:
        if (kind, member) not in OTHERWISE:
            assert _limits(facts[member]) == _limits(wire[member]), member


def _fact(kind: str) -> Any:
    return OWN_FACTS.get(kind) or DEFS[kind]


def _limits(schema: Mapping[str, Any]) -> Any:
    """What a member may be, without defaults, titles, and bounds on how many."""
    options = [_limits(s) for s in schema.get("anyOf", ()) if s != {"type": "null"}]
    if options:
        return {"null": {"type": "null"} in schema["anyOf"], "option": options}
    found = {k: schema[k] for k in ("pattern", "maxLength", "minimum", "maximum") if k in schema}
    if "enum" in schema or "const" in schema:
        found["enum"] = sorted(schema.get("enum", [schema.get("const")]))
    if "items" in schema:
        found["items"] = _limits(schema["items"])
    return found or schema.get("type")
