"""Text as it may travel: refused when it is not in order, never repaired."""

from typing import Any

import pytest

from gateway.domain.errors import SchemaViolation
from gateway.minimisation.text import check_text, faults_of


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("か\u3099", "not NFC"),
        ("神\ufa19", "not NFC"),
        ("佐\ue000", "private-use character"),
        ("佐\U000f0000", "private-use character"),
        ("佐\ud800", "lone surrogate"),
        ("佐\x00", "control character"),
        ("佐\r\n", "control character"),
        ("佐\x1b[2J", "control character"),
        ("\u202e藤佐", "change of direction"),
        ("\u2066藤佐", "change of direction"),
    ],
    ids=ascii,
)
def test_text_out_of_order_is_refused_by_field_and_never_repeated(text: str, fault: str) -> None:
    payload: Any = {"subject.contact_ok": {"a": ["良い", text]}}

    with pytest.raises(SchemaViolation) as refused:
        check_text(payload)

    assert (("/subject.contact_ok", fault),) == refused.value.errors


def test_text_of_an_unknown_field_is_refused() -> None:
    with pytest.raises(SchemaViolation):
        check_text({"subject.unknown": "x"})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "text",
    ["", "髙﨑 𠮷", "葛\U000e0100城", "邉", "一行目\n二行目\t", "が", "José", "㈱ひだまり", "〓"],
)
def test_text_in_order_keeps_its_characters(text: str) -> None:
    assert () == faults_of(text)
