"""Finding My Numbers, however they are written; the numbers here belong to nobody."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.codes import my_number_check_digit
from gateway.minimisation.screening import SCREENER, holds_my_number, screen_my_number

NUMBER = "123456789018"
WRONG = "123456789012"


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        f"番号は{NUMBER}です",
        "1234-5678-9018",
        "1234 5678 9018",
        "1234　5678　9018",
        "1234 - 5678 - 9018",
        "１２３４５６７８９０１８",
        "１２３４－５６７８－９０１８",
        "1234ー5678ー9018",
        "1234―5678−9018",
        "1 2 3 4 5 6 7 8 9 0 1 8",
        "1234\n5678\n9018",
        "1234\u200b5678\u00ad9018",
        "1234・5678・9018",
        "一二三四五六七八九〇一八",
        "①②③④⑤⑥⑦⑧⑨0①⑧",
        "١٢٣٤٥٦٧٨٩٠١٨",
        "12 1234-5678-9018",
        f"No.{NUMBER}/",
        f"{WRONG} と {NUMBER}",
        f"018f6b2a-7c3d-7e2f-9a1b-{NUMBER} ほか",
    ],
)
def test_my_number_in_any_writing_is_found(text: str) -> None:
    assert holds_my_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        WRONG,
        "12345678901",
        f"{NUMBER}2",
        f"2{NUMBER}",
        "8000012010038",
        "090-0000-0000",
        "2026-04-15T10:00:00+09:00",
        "680-0000 0857-00-0000",
        "1234x5678x9018",
        "1234    5678    9018",
        "佐藤さんは二回、十二時に訪ねた",
        f"018f6b2a-7c3d-7e2f-9a1b-{NUMBER}",
    ],
)
def test_text_without_a_my_number_is_clear(text: str) -> None:
    assert not holds_my_number(text)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    digits=st.text("0123456789", min_size=11, max_size=11),
    separators=st.lists(st.text(" -－　・\u200b", max_size=3), min_size=11, max_size=11),
    before=st.sampled_from(["", "番号", "№ ", "(", "x"]),
    wide=st.booleans(),
)
def test_every_my_number_is_found_whatever_separates_its_digits(
    digits: str, separators: list[str], before: str, *, wide: bool
) -> None:
    number = digits + str(my_number_check_digit(digits))
    text = number[0] + "".join(s + d for s, d in zip(separators, number[1:], strict=True))
    if wide:
        text = text.translate({ord("0") + n: ord("０") + n for n in range(10)})

    assert holds_my_number(f"{before}{text}。")


def test_screening_names_the_fields_and_never_the_number() -> None:
    record: dict[Any, Any] = {
        "subject.case_no": NUMBER,
        "subject.name_original": "鈴木 一郎",
        "referral.heard_summary": "聞き取った番号は 1234-5678-9018",
        "subject.contact_ok": {"family_must_not_know": True},
        "support_plan.services": [{"agency": "npo-hidamari", "support": f"番号 {NUMBER}"}],
        "assessment.debt_amount": int(NUMBER),
    }

    findings = screen_my_number(record)

    assert {
        "subject.case_no": "found",
        "subject.name_original": "clear",
        "referral.heard_summary": "found",
        "subject.contact_ok": "clear",
        "support_plan.services": "found",
        "assessment.debt_amount": "found",
    } == findings
    assert NUMBER not in repr(findings)


def test_screening_reads_the_names_of_members_too() -> None:
    assert {"subject.contact_ok": "found"} == screen_my_number(
        {"subject.contact_ok": {NUMBER: None}}  # type: ignore[dict-item]
    )


def test_screener_names_its_version_within_the_schemas_limit() -> None:
    assert 0 < len(SCREENER) <= 40


def test_screening_of_a_long_text_of_digits_ends_quickly() -> None:
    assert not holds_my_number("1" * 200_000)
    assert not holds_my_number("4 " * 100_000)
