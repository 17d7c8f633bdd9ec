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
    "agenda_item": """conference_id agenda_item_no item_basis_code item_nature info_request""",
    "aggregate_extract": """purpose period cells threshold suppressed compared_with approver""",
    "anonymous_contact": """pseudonym vendor_case_no channel school_or_area grade_band theme_codes
        log_ref risk_level deanonymise_request self_identified_at""",
    "case_study": """age_band theme_codes area_kind story questions approved_by""",
    "child_ledger_entry": """ledger_no accepted_on notice_route child_ref school_or_nursery grade
        category abuse_type severity urgency guardians siblings lead_body main_supporter
        safety_confirmed_at each_body_role policy_line next_review_on close_transfer
        notifier_ref""",
    "conference": """conference_id local_name basis_code founding_rule_ref chair_post convened_at
        held_at mode invitees attendance necessity_reason""",
    "consent_record": """consent_id text_version text_hash given_by capacity capacity_note method
        witness_post recipient_classes recipients_named recipients_refused purposes_ok
        item_classes_ok items_refused valid_from valid_to review_on withdrawn_at withdrawal_scope
        withdrawal_channel explained_consequences copy_given new_members_need_new_consent
        taken_by_post""",
    "evac_plan": """supporter_name supporter_address supporter_phone refuge route aids
        consent_or_optout supporter_consent made_on review_on released_to serial_no returned_at""",
    "evac_roster_entry": """name birth_date sex address_or_residence phone_other_contact
        reason_support_needed other_needed consent_or_optout released_to keeper storage_place
        viewers serial_no disaster_mode_id returned_at""",
    "household_relation": """subject_a subject_b relation lives_together may_be_contacted
        hidden_from""",
    "material": """material_id source_body copies serials view_only collected text""",
    "minutes": """decisions minutes_text minutes_for_body minutes_approved_by minutes_approved_at
        subject_informed""",
    "missing_person": """call_name age_band photo appearance last_seen_at last_seen_area
        how_to_speak desk ends_at broadcast_no""",
    "progress_record": """occurred_at method place_kind counterpart facts said_by_subject opinion
        third_party_flag next_action author_post""",
    "resource_entry": """org_name services target area period staffing joint_work_ok hours fee
        languages review_state valid_to know_how_request""",
    "rights_request": """kind applicant capacity conflict_check received deadline
        third_party_views result""",
    "transfer_case": """from_lg_code to_lg_code move_date known_whereabouts risk_summary
        open_roles consents_reusable flags_carried handover_meeting accepted_at accepted_by
        unknown_whereabouts_alert""",
    "victim_ledger_entry": """name birth_date sex address_or_residence damage relief_given
        special_care_reason phone_other_contact household_members certificate_state
        consented_recipients provided""",
}
BY_VALUE = {
    "consultation_intake.trouble_codes",
    "consultation_intake.main_trouble",
    "awareness_report.signs",
    "referral.reason_codes",
    "support_plan.issues",
    "anonymous_contact.theme_codes",
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


def test_what_is_handed_to_nobody_has_no_purpose() -> None:
    """Flags are for the engine; opinions, talks and who gave notice stay where they are."""
    kept = {
        "subject.protection_flags",
        "progress_record.opinion",
        "anonymous_contact.log_ref",
        "child_ledger_entry.notifier_ref",
    }

    assert kept == {f for f, s in FIELDS.items() if not s["x-purposes"]}


def test_figures_and_resources_hold_nobody() -> None:
    plain = ("aggregate_extract", "case_study", "resource_entry")
    found = {f: s["x-class"] for f, s in FIELDS.items() if f.partition(".")[0] in plain}

    assert {"SYS", "NAR"} == {c for classes in found.values() for c in classes}
    assert {"case_study.story", "case_study.questions", "resource_entry.know_how_request"} == {
        f for f, classes in found.items() if "NAR" in classes
    }


def test_list_whose_rows_have_owners_names_the_owner_in_every_row() -> None:
    owned = {f: s for f, s in FIELDS.items() if "x-own-rows" in s}

    assert len(owned) > 1
    for field, spec in owned.items():
        assert spec["x-own-rows"] in spec["items"]["required"], field


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
