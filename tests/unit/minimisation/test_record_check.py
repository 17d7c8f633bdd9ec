"""Checking a record against its schemas, on the path where the gateway carries it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.errors import SchemaViolation
from gateway.minimisation.record_check import RecordChecker

ROOT = Path(__file__).resolve().parents[3]

SATO: dict[Any, Any] = {
    "subject.subject_ref": "s-sato",
    "subject.name_original": "佐藤 花子",
    "subject.name_kana": "サトウ ハナコ",
    "subject.name_alias": ["はなちゃん"],
    "subject.birth_date": {"iso": "1944", "precision": "about", "original": "昭和19年ごろ"},
    "subject.age_band": "age_75_84",
    "subject.address_actual": {
        "lg_code": "312011",
        "prefecture": "みどり県",
        "city": "あおば市",
        "full": "みどり県あおば市ひなた町1-2",
    },
    "subject.phones": ["0857-00-0000", "+81857000000"],
    "subject.contact_ok": {"methods": ["telephone"], "from": "10:00", "family_must_not_know": True},
    "consultation_intake.received_at": "2026-04-15T10:00:00+09:00",
    "consultation_intake.own_words": "息子のことが心配。\n夜眠れない。",
    "assessment.household_members": [
        {"relation": "son", "age_band": "age_50_59", "lives_together": True}
    ],
    "assessment.safety_note_for_visitors": ["dog", "visit_in_pairs"],
    "assessment.income_monthly": 68_000,
    "referral.items_released": ["subject.name_original"],
    "referral.next_contact_person": {"contact": {"agency": "aoba-shakyo", "post": "地域福祉係"}},
    "support_plan.services": [{"agency": "npo-hidamari", "programme": "食料の配達"}],
    "support_plan.review_on": "2026-09-30",
    "outreach_visit.household_size": 2,
}


@pytest.fixture(scope="module")
def checker() -> RecordChecker:
    return RecordChecker(ROOT / "schemas")


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("subject.name_original", "", ("/subject.name_original", "minLength")),
        ("subject.name_original", "佐" * 101, ("/subject.name_original", "maxLength")),
        ("subject.name_original", "佐藤\n花子", ("/subject.name_original", "pattern")),
        ("subject.name_original", "佐\ue000", ("/subject.name_original", "private-use character")),
        ("subject.name_original", "か\u3099", ("/subject.name_original", "not NFC")),
        ("subject.name_original", None, ("/subject.name_original", "type")),
        ("subject.name_kana", "ｻﾄｳ", ("/subject.name_kana", "pattern")),
        ("subject.name_alias", ["a", "a"], ("/subject.name_alias", "uniqueItems")),
        ("subject.sex_as_stated", "x", ("/subject.sex_as_stated", "enum")),
        ("subject.phones", ["電話なし"], ("/subject.phones/0", "pattern")),
        ("subject.birth_date", {"precision": "unknown"}, ("/subject.birth_date", "required")),
        (
            "subject.address_actual",
            {"lg_code": "312012"},
            ("/subject.address_actual/lg_code", "check digit"),
        ),
        (
            "subject.address_actual",
            {"佐藤": 1},
            ("/subject.address_actual", "additionalProperties"),
        ),
        ("assessment.household_members", [{"name": "x"}], None),
        ("assessment.safety_note_for_visitors", ["son_is_violent"], None),
        ("assessment.income_monthly", -1, ("/assessment.income_monthly", "minimum")),
        ("assessment.income_monthly", 1.5, ("/assessment.income_monthly", "type")),
        ("assessment.income_monthly", True, ("/assessment.income_monthly", "type")),
        ("support_plan.services", [{"programme": "宛先なし"}], None),
        ("support_plan.review_on", "2026-02-30", ("/support_plan.review_on", "format")),
        ("consultation_intake.received_at", "2026-04-15T01:00:00Z", None),
        ("outreach_visit.household_size", 101, ("/outreach_visit.household_size", "maximum")),
    ],
)
def test_value_that_breaks_its_schema_is_refused_and_never_repeated(
    checker: RecordChecker, field: Any, value: Any, error: tuple[str, str] | None
) -> None:
    with pytest.raises(SchemaViolation) as refused:
        checker.check_record({**SATO, field: value})

    errors = refused.value.errors
    assert all(pointer.startswith(f"/{field}") for pointer, _ in errors)
    assert error is None or error in errors
    assert "佐藤" not in repr(errors)


@pytest.mark.parametrize(
    ("precision", "iso", "accepted"),
    [
        ("day", "1945-03-10", True),
        ("day", "1945-02-30", False),
        ("day", "1945-03", False),
        ("day", None, False),
        ("month", "1945-03", True),
        ("month", "1945-13", False),
        ("month", "1945-03-01", False),
        ("year", "1945", True),
        ("year", "1945-01-01", False),
        ("about", "1945", True),
        ("about", "1945-01-01", False),
        ("unknown", None, True),
        ("unknown", "1945-01-01", False),
        ("guess", "1945", False),
    ],
)
def test_date_says_no_more_than_is_known(
    checker: RecordChecker, precision: str, iso: str | None, *, accepted: bool
) -> None:
    """An unknown day is never the first of January."""
    date = {"precision": precision, "original": "昭和20年"} | ({"iso": iso} if iso else {})
    record: Any = {"subject.birth_date": date}

    if accepted:
        checker.check_record(record)
    else:
        with pytest.raises(SchemaViolation):
            checker.check_record(record)


@pytest.mark.parametrize(
    "record", [{}, {"subject.佐藤": "x"}, {"subject": {"name_original": "x"}}, {"case.note": "x"}]
)
def test_record_without_known_fields_is_refused(checker: RecordChecker, record: Any) -> None:
    with pytest.raises(SchemaViolation) as refused:
        checker.check_record(record)

    assert "佐藤" not in repr(refused.value.errors)


def test_partial_record_passes(checker: RecordChecker) -> None:
    checker.check_record(SATO)
    for field, value in SATO.items():
        checker.check_record({field: value})


def test_checker_for_schemas_that_drifted_from_the_table_is_refused(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    path = tmp_path / "schemas/records/referral.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    del schema["properties"]["urgency"]
    path.write_text(json.dumps(schema), encoding="utf-8")

    with pytest.raises(ValueError, match="drifted apart"):
        RecordChecker(tmp_path / "schemas")
