"""Cutting a record down to what one recipient may have."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from gateway.domain.errors import SchemaViolation
from gateway.domain.ids import AgencyId
from gateway.minimisation.selection import cut_rows, field_digest, keep_only, minimise

HIDAMARI = AgencyId("npo-hidamari")
RECORD_NAME: Any = "subject.name_original"
OWN = {"agency": "npo-hidamari", "programme": "食料の配達"}
OTHER = {"agency": "aoba-shakyo", "programme": "家計相談"}
RECORD: dict[Any, Any] = {
    "subject.name_original": "佐藤 花子",
    "subject.phones": ["0857-00-0000"],
    "assessment.diagnosis": "主治医の所見",
    "support_plan.services": [OWN, OTHER],
}


def test_keep_only_without_permission_keeps_nothing() -> None:
    assert {} == keep_only(RECORD, [])


def test_keep_only_drops_what_was_not_permitted() -> None:
    kept = keep_only(RECORD, ["subject.phones", "subject.name_original"])

    assert ["subject.name_original", "subject.phones"] == list(kept)
    assert "佐藤 花子" == kept[RECORD_NAME]


def test_keep_only_adds_nothing_for_a_permitted_field_the_record_lacks() -> None:
    assert {} == keep_only({}, ["subject.name_original"])


def test_keep_only_does_not_take_a_longer_or_shorter_id_for_the_permitted_one() -> None:
    assert {} == keep_only(
        RECORD, ["subject.name", "subject", "subject.phones.0", "SUBJECT.PHONES"]
    )


def test_keep_only_leaves_the_record_as_it_was() -> None:
    before = dict(RECORD)

    keep_only(RECORD, ["subject.phones"])

    assert before == RECORD


@pytest.mark.parametrize(
    "rows",
    [
        None,
        "npo-hidamari",
        {"agency": "npo-hidamari"},
        [],
        [OTHER],
        [{"programme": "宛先なし"}],
        [{"agency": None}],
        [{"agency": ["npo-hidamari"]}],
        [{"agency": "npo-hidamari "}],
        ["npo-hidamari", 3, None, ["agency", "npo-hidamari"]],
    ],
)
def test_cut_rows_that_do_not_name_the_recipient_are_dropped(rows: Any) -> None:
    assert [] == cut_rows(rows, HIDAMARI)


def test_cut_rows_keeps_the_recipients_own_rows_in_order() -> None:
    second = {"agency": "npo-hidamari", "programme": "居場所"}

    assert [OWN, second] == cut_rows([OWN, OTHER, second], HIDAMARI)


def test_minimise_keeps_permitted_fields_and_own_rows_alone() -> None:
    result = minimise(RECORD, ["subject.phones", "support_plan.services"], HIDAMARI)

    assert {"subject.phones": ["0857-00-0000"], "support_plan.services": [OWN]} == result


def test_minimise_without_an_own_row_leaves_the_field_out() -> None:
    result = minimise(RECORD, ["support_plan.services"], AgencyId("kodomo-tsukushi"))

    assert {} == result


def test_minimise_of_a_field_in_no_schema_is_refused_without_repeating_it() -> None:
    with pytest.raises(SchemaViolation) as refused:
        minimise({"subject.sato": "x"}, ["subject.sato"], HIDAMARI)  # type: ignore[dict-item]

    assert (("", "unknown field"),) == refused.value.errors


@pytest.mark.parametrize("id_", ["", "subject", "subject.", "subject.a\n", "a.b\nc.d", "Subject.x"])
def test_field_digest_of_what_is_not_a_field_id_is_refused(id_: str) -> None:
    with pytest.raises(SchemaViolation):
        field_digest(["subject.phones", id_])


def test_field_digest_ignores_order_and_repetition() -> None:
    forward = field_digest(["subject.phones", "referral.urgency"])

    assert forward == field_digest(["referral.urgency", "subject.phones", "referral.urgency"])
    assert forward != field_digest(["subject.phones"])


def test_field_digest_is_sha256_over_lines_in_base64url_without_padding() -> None:
    lines = b"referral.urgency\nsubject.phones\n"
    expected = urlsafe_b64encode(hashlib.sha256(lines).digest()).decode().rstrip("=")

    assert expected == field_digest(["subject.phones", "referral.urgency"])
    assert "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU" == field_digest([])
