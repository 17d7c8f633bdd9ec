"""Describing a record to policy, without a single value."""

from typing import Any

import pytest

from gateway.domain.errors import SchemaViolation
from gateway.domain.ids import ActorId, SubjectId
from gateway.minimisation.description import describe_fields
from gateway.minimisation.fields import FIELDS, narrative_fields, spec_of

SIGNS: Any = "awareness_report.signs"
ISSUES: Any = "support_plan.issues"
NAME: Any = "subject.name_original"
WORDS: Any = "referral.heard_summary"


def test_a_field_in_no_schema_is_refused_without_repeating_it() -> None:
    with pytest.raises(SchemaViolation) as refused:
        describe_fields({"subject.sato_hanako": "x"})  # type: ignore[dict-item]

    assert "sato" not in repr(refused.value.errors)


@pytest.mark.parametrize(
    ("field", "value", "chosen"),
    [
        (SIGNS, ["mail_piled_up"], []),  # emptied
        (SIGNS, ["mail_piled_up"], ["SYS"]),  # replaced
        (SIGNS, ["mail_piled_up"], ["HEA", "IDN"]),  # exchanged
        (SIGNS, ["mail_piled_up"], ["HEA", "ABU", "IDN"]),  # widened
        (NAME, "佐藤 花子", ["SYS"]),  # not by value
        ("subject.address_actual", {"city": "あおば市"}, ["CON"]),  # not by value
        (ISSUES, [{"text": "息子の失業"}], ["ECO"]),  # words
        (
            ISSUES,
            [{"code": "debt"}, {"code": "debt", "text": "debt"}],
            ["ECO"],
        ),  # one word is words
    ],
)
def test_classes_that_may_not_be_chosen_are_refused(field: Any, value: Any, chosen: Any) -> None:
    with pytest.raises(SchemaViolation) as refused:
        describe_fields({field: value}, classes={field: chosen})

    assert f"/{field}" == refused.value.errors[0][0]


@pytest.mark.parametrize(
    ("field", "value", "chosen", "expected"),
    [
        (SIGNS, ["thin"], None, ("HEA", "ABU")),
        (SIGNS, ["thin"], ["HEA"], ("HEA",)),
        (SIGNS, ["thin"], ["ABU", "HEA"], ("HEA", "ABU")),
        (NAME, "佐藤 花子", ["IDN"], ("IDN",)),
        (ISSUES, [{"code": "debt"}], ["ECO"], ("ECO",)),
        (ISSUES, [{"text": "息子の失業"}], ["NAR", "ECO"], ("ECO", "NAR")),
    ],
)
def test_classes_default_to_the_whole_set_and_may_be_narrowed_by_value(
    field: Any, value: Any, chosen: Any, expected: tuple[str, ...]
) -> None:
    (described,) = describe_fields(
        {field: value}, classes={} if chosen is None else {field: chosen}
    )

    assert expected == described.classes


def test_description_holds_what_policy_needs_and_no_value() -> None:
    record: dict[Any, Any] = {WORDS: "番号は1234-5678-9018", NAME: "佐藤 花子"}

    name_and_words = describe_fields(
        record,
        about={WORDS: [SubjectId("s-sato"), SubjectId("s-son")]},
        share_ready_by={WORDS: ActorId("actor-hidamari")},
    )[::-1]

    name, words = name_and_words
    assert (NAME, (), "", "clear") == (name.id, name.about, name.share_ready_by, name.my_number)
    assert (WORDS, ("s-sato", "s-son"), "actor-hidamari", "found") == (
        words.id,
        words.about,
        words.share_ready_by,
        words.my_number,
    )
    assert "佐藤" not in repr(name_and_words)
    assert "1234" not in repr(name_and_words)


def test_narrative_nobody_has_cleared_is_described_so() -> None:
    (words,) = describe_fields({WORDS: "聞いた話"})

    assert "" == words.share_ready_by
    assert "NAR" in words.classes


def test_narrative_fields_of_an_unknown_field_are_refused() -> None:
    with pytest.raises(SchemaViolation):
        narrative_fields([NAME, "subject.unknown"])


def test_narrative_fields_are_those_somebody_must_read() -> None:
    asked = [WORDS, NAME, "support_plan.services", "assessment.safety_note_for_visitors", WORDS]

    assert ("referral.heard_summary", "support_plan.services") == narrative_fields(asked)


def test_every_free_text_is_a_narrative() -> None:
    assert [] == [f.id for f in FIELDS.values() if f.type == "text" and not f.narrative]


def test_spec_of_a_field_says_its_label() -> None:
    assert "氏名(原字)" == spec_of(NAME).label_ja
