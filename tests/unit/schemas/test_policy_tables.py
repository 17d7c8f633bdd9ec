"""The tables that rules read: profiles, purposes, classes, fields of records."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

DATA = Path(__file__).resolve().parents[3] / "policies/data"
TABLES = ("classes", "profiles", "purposes", "records")


def _read(table: str, name: str = "data") -> Any:
    return json.loads((DATA / table / f"{name}.json").read_text(encoding="utf-8"))


CLASSES, PROFILES, PURPOSES, RECORDS = map(_read, TABLES)

# Decided: the profile says which fields a purpose needs.
DECIDED = {
    "food_delivery": (
        ["serve"],
        """subject.name_original subject.address_actual subject.contact_ok
        outreach_visit.household_size outreach_visit.small_children assessment.allergy
        assessment.safety_note_for_visitors""",
    ),
    "visit_safety": (
        ["serve", "emerg"],
        """subject.name_original subject.name_alias subject.address_actual subject.phones
        subject.contact_ok assessment.household_members assessment.violence_history
        assessment.suicide_risk assessment.safety_note_for_visitors referral.contact_caution
        referral.urgency""",
    ),
    "watch_minimal": (
        ["watch"],
        """subject.name_original subject.address_actual assessment.housing_condition
        assessment.safety_note_for_visitors referral.next_contact_person""",
    ),
    "referral_basic": (
        ["refer"],
        """subject.name_original subject.name_kana subject.phones subject.contact_ok
        consultation_intake.trouble_codes consultation_intake.main_trouble
        consultation_intake.person_aware referral.from_body referral.to_body
        referral.reason_codes referral.heard_summary referral.done_so_far
        referral.request_to_recipient referral.person_wishes referral.contact_caution
        referral.urgency referral.items_released referral.next_contact_person""",
    ),
    "conf_full": (
        ["conf"],
        """subject.name_original subject.age_band subject.address_actual
        assessment.household_members assessment.key_person assessment.health_state
        assessment.dementia_sign assessment.mental_sign assessment.arrears_kinds
        assessment.housing_condition assessment.community_ties assessment.violence_history
        assessment.safety_note_for_visitors assessment.issue_summary assessment.assessor_opinion
        assessment.fact_or_opinion awareness_report.signs awareness_report.seen_or_heard
        awareness_report.seen_at""",
    ),
    "conf_watcher": (
        ["conf"],
        """subject.address_actual assessment.housing_condition
        assessment.safety_note_for_visitors referral.next_contact_person""",
    ),
    "plan_own_line": (
        ["plan"],
        """support_plan.plan_id support_plan.version support_plan.status support_plan.period
        support_plan.services support_plan.lead_body support_plan.review_on""",
    ),
}
FORBIDDEN = {
    "tax_collection",
    "fraud_check",
    "police_without_document",
    "hiring_screening",
    "tenancy_screening",
    "marketing",
    "donation_list",
    "election",
    "scoring",
    "religious_solicitation",
    "political_solicitation",
    "academic_without_procedure",
}


@pytest.mark.parametrize(
    ("table", "row", "change"),
    [
        ("classes", "PAD", {"strictness": "high"}),
        ("classes", "PAD", {"label_ja": ""}),
        ("classes", "XYZ", {}),
        ("profiles", "food_delivery", {"fields": []}),
        ("profiles", "food_delivery", {"fields": ["name"]}),
        ("profiles", "food_delivery", {"purposes": []}),
        ("profiles", "food_delivery", {"all_fields": True}),
        ("profiles", "Food Delivery", {}),
        ("purposes", "serve", {"level": "everything"}),
        ("purposes", "serve", {"level": "none"}),
        ("purposes", "serve", {"reason": "IMPROPER_USE"}),
        ("purposes", "serve", {"dpv": "https://example.org/serve"}),
        ("purposes", "marketing", {"level": "identified"}),
        ("purposes", "marketing", {"reason": ""}),
        ("records", "subject.phones", {"classes": []}),
        ("records", "subject.phones", {"classes": ["SECRET"]}),
        ("records", "subject.phones", {"type": "phone"}),
        ("records", "phones", {}),
    ],
)
def test_table_with_a_malformed_row_is_refused(
    table: str, row: str, change: dict[str, Any]
) -> None:
    content = _read(table)
    content[row] = {**content.get(row, next(iter(content.values()))), **change}

    assert not jsonschema_rs.is_valid(_read(table, "schema"), content)


@pytest.mark.parametrize("table", TABLES)
def test_table_with_a_member_missing_is_refused(table: str) -> None:
    schema = _read(table, "schema")
    content = _read(table)
    id_, row = next(iter(content.items()))

    for member in row:
        broken = {**content, id_: {k: v for k, v in row.items() if k != member}}
        assert not jsonschema_rs.is_valid(schema, broken), member


@pytest.mark.parametrize("table", TABLES)
def test_table_is_as_its_schema_demands(table: str) -> None:
    schema = _read(table, "schema")

    jsonschema_rs.meta.validate(schema)
    assert [] == [e.message for e in jsonschema_rs.validator_for(schema).iter_errors(_read(table))]
    assert f"urn:tasuki:schema:policy-table:{table}:1" == schema["$id"]


def test_profiles_are_exactly_those_decided() -> None:
    assert set(DECIDED) == set(PROFILES)


@pytest.mark.parametrize("profile", DECIDED)
def test_profile_holds_exactly_what_was_decided(profile: str) -> None:
    purposes, fields = DECIDED[profile]

    assert purposes == PROFILES[profile]["purposes"]
    assert set(fields.split()) == set(PROFILES[profile]["fields"])
    assert set(fields.split()) <= set(RECORDS)


@pytest.mark.parametrize("profile", DECIDED)
def test_profile_never_holds_reporter_refuge_flags_or_case_number(profile: str) -> None:
    fields = set(PROFILES[profile]["fields"])

    assert not [f for f in fields if "REP" in RECORDS[f]["classes"]]
    assert not fields & {"subject.address_refuge", "subject.protection_flags", "subject.case_no"}


@pytest.mark.parametrize("profile", DECIDED)
def test_profile_cuts_every_list_whose_rows_have_owners(profile: str) -> None:
    owned = {f: RECORDS[f]["own_rows"] for f in PROFILES[profile]["fields"]}

    assert {f: m for f, m in owned.items() if m} == PROFILES[profile]["cut_rows"]


def test_referral_is_whole_but_for_basis_consent_and_reply() -> None:
    left_out = {"basis_code", "consent_id", "reply_due", "reply_status", "reply_reason"}
    whole = {f for f in RECORDS if f.startswith("referral.")}

    held = {f for f in PROFILES["referral_basic"]["fields"] if f.startswith("referral.")}
    assert {f"referral.{f}" for f in left_out} == whole - held


def test_watching_over_never_learns_of_public_assistance() -> None:
    watching = [p for p in PROFILES.values() if "watch" in p["purposes"]]

    assert watching
    assert not [p for p in watching if "assessment.welfare_receipt" in p["fields"]]


def test_profile_purposes_may_carry_a_known_person() -> None:
    used = {p for profile in PROFILES.values() for p in profile["purposes"]}

    assert not [p for p in used if PURPOSES[p]["level"] != "identified"]


def test_forbidden_purposes_are_exactly_these_and_carry_nothing() -> None:
    forbidden = {id_: p for id_, p in PURPOSES.items() if p["forbidden"]}

    assert set(forbidden) == FORBIDDEN
    assert {"none"} == {p["level"] for p in forbidden.values()}
    assert ["scoring"] == [i for i, p in forbidden.items() if p["reason"] == "IMPROPER_USE"]


def test_purposes_below_identified_are_those_without_a_known_person() -> None:
    lower = {i: p["level"] for i, p in PURPOSES.items() if p["level"] not in {"identified", "none"}}

    assert {
        "match": "no_person",
        "study": "deidentified",
        "stats": "deidentified",
        "audit": "pseudonymous",
    } == lower


def test_classes_have_one_order_from_working_data_to_unread_narrative() -> None:
    order = sorted(CLASSES, key=lambda c: int(CLASSES[c]["strictness"]))

    assert len(CLASSES) == len({c["strictness"] for c in CLASSES.values()})
    assert ("SYS", "NAR") == (order[0], order[-1])
    assert CLASSES["PAD"]["strictness"] > CLASSES["CON"]["strictness"]
    assert {"HEA", "YOH"} == {i for i, c in CLASSES.items() if c["special_care"]}
