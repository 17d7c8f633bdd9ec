"""The record schemas: complete, closed, bounded, annotated."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

ROOT = Path(__file__).resolve().parents[3]
SCHEMAS = ROOT / "schemas"
COMMON = "urn:tasuki:schema:common:1#/$defs/"
CLASSES = {"SYS", "IDN", "CON", "HH", "ECO", "HEA", "YOH", "ABU", "REP", "NAR", "PAD"}

# The catalogue of data items, as the welfare practice lists them.
CATALOGUE = {
    "subject": """subject_ref case_no name_original name_kana name_alias gaiji_note birth_date
        age_band sex_as_stated nationality_language address_registered address_actual
        address_mailing address_refuge phones contact_ok email_sns photo alive_status
        protection_flags""",
    "consultation_intake": """received_at channel receiver_post comer_is_subject comer_name
        comer_phone comer_relation first_noticed_by referral_route trouble_codes main_trouble
        own_words work_status housing_status insurance_status pension_status person_aware
        form_variant legacy_blanket_consent""",
    "awareness_report": """reporter_ref reporter_kind reporter_wishes where_seen who_guess
        seen_or_heard signs words_verbatim urgency_felt reported_at seen_at receipt_no""",
    "assessment": """household_members key_person genogram_ref health_state diagnosis hospital
        medication disability_handbook care_level dementia_sign mental_sign suicide_risk
        adl_mobility allergy income_monthly benefits arrears_kinds arrears_amount debt_kinds
        debt_amount welfare_receipt work_history education housing_condition community_ties
        violence_history dv_child_abuse_sign crime_or_victim foreign_status
        safety_note_for_visitors issue_summary assessor_opinion fact_or_opinion strength""",
    "referral": """from_body to_body basis_code consent_id reason_codes heard_summary done_so_far
        request_to_recipient person_wishes contact_caution urgency items_released reply_due
        reply_status reply_reason next_contact_person""",
    "outreach_visit": """campaign_id visit_at visitors met_person household_size small_children
        needs_heard words goods_given continue_decision no_need_reason next_by publish_ok""",
    "support_plan": """plan_id version status period goals_own_words issues services lead_body
        signed_by signed_at consent_id review_on evaluation close_reason after_close_watch""",
}
BY_VALUE = {
    "consultation_intake.trouble_codes",
    "consultation_intake.main_trouble",
    "awareness_report.signs",
    "referral.reason_codes",
    "support_plan.issues",
}


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


COMMON_SCHEMA = _read(SCHEMAS / "common.schema.json")
RECORDS = {
    p.name.removesuffix(".schema.json"): _read(p) for p in sorted((SCHEMAS / "records").iterdir())
}
FIELDS = {f"{r}.{n}": s for r, schema in RECORDS.items() for n, s in schema["properties"].items()}


def _nodes(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        yield path, node
        for key, inner in node.items():
            yield from _nodes(inner, f"{path}/{key}")
    elif isinstance(node, list):
        for place, inner in enumerate(node):
            yield from _nodes(inner, f"{path}/{place}")


NODES = [
    (f"{name}{path}", node)
    for name, schema in {"common": COMMON_SCHEMA, **RECORDS}.items()
    for path, node in _nodes(schema)
]


@pytest.mark.parametrize("record", CATALOGUE)
def test_record_has_exactly_the_fields_of_the_catalogue(record: str) -> None:
    assert CATALOGUE[record].split() == list(RECORDS[record]["properties"])


def test_records_are_exactly_those_of_the_catalogue() -> None:
    assert set(CATALOGUE) == set(RECORDS)


@pytest.mark.parametrize("record", [*CATALOGUE, "common"])
def test_schema_is_valid_and_named_by_a_stable_urn(record: str) -> None:
    schema = COMMON_SCHEMA if record == "common" else RECORDS[record]
    expected = "common:1" if record == "common" else f"record:{record}:1"

    jsonschema_rs.meta.validate(schema)
    assert f"urn:tasuki:schema:{expected}" == schema["$id"]


@pytest.mark.parametrize("record", CATALOGUE)
def test_record_is_partial_and_takes_no_unknown_member(record: str) -> None:
    assert RECORDS[record]["additionalProperties"] is False
    assert "required" not in RECORDS[record]


@pytest.mark.parametrize("field", FIELDS)
def test_field_carries_every_annotation(field: str) -> None:
    purposes = _read(ROOT / "policies/data/purposes/data.json")
    spec = FIELDS[field]

    assert spec["x-class"]
    assert set(spec["x-class"]) <= CLASSES
    assert len(spec["x-class"]) == len(set(spec["x-class"]))
    assert spec["x-label-ja"].strip()
    assert spec["x-label-en"].isascii()
    assert all(not purposes[p]["forbidden"] for p in spec["x-purposes"])
    assert (field in BY_VALUE) == spec.get("x-class-by-value", False)
    assert not spec.get("x-class-by-value") or len(spec["x-class"]) > 1


def test_flags_are_for_the_engine_alone() -> None:
    assert ["subject.protection_flags"] == [f for f, s in FIELDS.items() if not s["x-purposes"]]


def test_every_object_is_closed() -> None:
    open_ones = [p for p, n in NODES if n.get("type") == "object" and "properties" in n]

    assert [] == [
        p for p, n in NODES if p in open_ones and n.get("additionalProperties") is not False
    ]
    assert len(open_ones) > len(RECORDS)


def test_every_list_and_text_is_bounded() -> None:
    """What has no bound is a way to smuggle or to stall."""

    def bounded(node: Any) -> bool:
        pattern = node.get("pattern", "")
        endless = pattern.rstrip("$").endswith(("+", "*"))
        return "maxLength" in node or "format" in node or (bool(pattern) and not endless)

    dates = "common/$defs/date_jp/properties/iso"  # bounded by the alternatives below it
    assert [] == [p for p, n in NODES if n.get("type") == "array" and "maxItems" not in n]
    assert [dates] == [p for p, n in NODES if n.get("type") == "string" and not bounded(n)]


def test_every_listed_code_has_a_japanese_word() -> None:
    listed = [(p, n) for p, n in NODES if "x-values-ja" in n]

    assert [] == [p for p, n in listed if n["enum"] != list(n["x-values-ja"])]
    assert [] == [p for p, n in listed if not all(n["x-values-ja"].values())]
    assert len(listed) > 10


def test_every_reference_points_at_something() -> None:
    refs = {n["$ref"] for _, n in NODES if "$ref" in n}

    assert [] == [r for r in refs if r.removeprefix(COMMON) not in COMMON_SCHEMA["$defs"]]
    assert len(refs) > 10


def test_no_field_holds_a_my_number_or_a_score() -> None:
    """An anti-goal: no My Number, no scores or rankings of people."""
    words = ("my_number", "individual_number", "score", "rank", "point")

    assert [] == [f for f in FIELDS if any(w in f for w in words)]
    assert [] == [f for f, s in FIELDS.items() if "個人番号" in s["x-label-ja"]]


def test_what_may_hold_words_is_a_narrative() -> None:
    narrative = "narrative"

    def holds_words(spec: Any) -> bool:
        return any(n.get("$ref") == COMMON + narrative for _, n in _nodes(spec))

    assert [] == [f for f, s in FIELDS.items() if holds_words(s) and "NAR" not in s["x-class"]]
