"""Registry, texts, duties and packs hold together, and say what the product promises."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gateway.policy.annotations import annotations_of
from gateway.policy.bundle import PolicyBundle, sources_of
from tests.simulators.policy_inputs import POLICIES, SCHEMAS

SOURCES = sources_of(POLICIES)
RULES = {p: s for p, s in SOURCES.items() if not p.endswith("_test.rego")}
PACKAGES = {a.code: a for p, s in RULES.items() for a in annotations_of(p, s) if a.code.islower()}
ASKER_HEARS = {
    "BASIS_NOT_FOR_RECIPIENT",
    "NOT_MEMBER_TODAY",
    "NO_UNDERTAKING",
    "PURPOSE_FORBIDDEN",
    "REASON_MISSING",
}
NEUTRAL = {"DECISION_UNAVAILABLE", "NOT_SHAREABLE"}


def directories(kind: str) -> set[str]:
    return {p.name for p in (POLICIES / "disclosure" / kind).iterdir() if p.is_dir()}


def texts(bundle: PolicyBundle) -> dict[str, Any]:
    found: dict[str, Any] = bundle.data["meta"]["reasons"]
    return found


def test_every_reason_emitted_has_a_text(bundle: PolicyBundle) -> None:
    """A code without a text would leave a decision undefined."""
    emitted = {c for s in RULES.values() for c in re.findall(r'"([A-Z][A-Z0-9_]{5,})"', s)}

    assert emitted <= set(texts(bundle))


def test_every_reason_with_a_text_is_emitted_or_listed(bundle: PolicyBundle) -> None:
    listed = bundle.data["reasons"]["texts"]
    emitted = {c for s in RULES.values() for c in re.findall(r'"([A-Z][A-Z0-9_]{5,})"', s)}

    assert set(texts(bundle)) - emitted == {
        c for c, row in listed.items() if row["emitted_by"] in {"gateway", "later"}
    }


def test_asker_hears_only_about_itself(bundle: PolicyBundle) -> None:
    sides = {c: row["side"] for c, row in texts(bundle).items()}

    assert ASKER_HEARS | NEUTRAL == {c for c, side in sides.items() if side == "asker"}
    assert {"asker", "controller", "officer"} == set(sides.values())


def test_every_reason_is_complete(bundle: PolicyBundle) -> None:
    for code, row in texts(bundle).items():
        assert all(row[name].strip() for name in row if name != "lawful_alternatives"), code
        assert row["lawful_alternatives"], code
        assert row["next_step_ja"].endswith("。"), code
        assert len(row["next_step_ja"]) <= 200, code


def test_reasons_speak_politely_and_never_label_people(bundle: PolicyBundle) -> None:
    for code, row in texts(bundle).items():
        said = row["title_ja"] + row["next_step_ja"]
        assert not re.search("孤独|孤立|引きこもり|ひきこもり", said), code
        assert re.search("ください|ます|ません", row["next_step_ja"]), code


def test_neutral_text_reveals_nothing(bundle: PolicyBundle) -> None:
    row = texts(bundle)["NOT_SHAREABLE"]

    assert ["ask_officer"] == row["lawful_alternatives"]
    assert not re.search("同意|住所|虐待|会議", row["title_ja"] + row["next_step_ja"])


def test_reason_vocabulary_is_the_designs(bundle: PolicyBundle) -> None:
    schema = json.loads((SCHEMAS / "policy-decision.json").read_text(encoding="utf-8"))
    allowed = schema["properties"]["reasons"]["items"]["properties"]["lawful_alternatives"]
    used = {a for row in texts(bundle).values() for a in row["lawful_alternatives"]}

    assert used <= set(allowed["items"]["enum"])


def test_every_basis_has_a_package_and_a_row(bundle: PolicyBundle) -> None:
    assert directories("basis") == set(bundle.data["basis"])


@pytest.mark.parametrize("basis", sorted(directories("basis")))
def test_registry_and_annotation_agree(bundle: PolicyBundle, basis: str) -> None:
    row, custom = bundle.data["basis"][basis], PACKAGES[basis].custom

    assert (row["article"], row["title_ja"], row["title_en"], row["effective_on"]) == (
        custom["article"],
        custom["title_ja"],
        custom["title_en"],
        custom["effective_from"],
    )


def test_basis_effective_before_its_text_was_verified(bundle: PolicyBundle) -> None:
    for basis, row in bundle.data["basis"].items():
        assert row["effective_at"] <= row["verified_at"], basis


@pytest.mark.parametrize("stop", sorted(directories("stop")))
def test_every_stop_says_how_its_text_was_verified(stop: str) -> None:
    assert PACKAGES[stop].custom["verified"] in {"text", "secondary", "memory"}


def test_every_special_care_class_is_kept_from_opt_out(bundle: PolicyBundle) -> None:
    special = {c for c, row in bundle.data["classes"].items() if row["special_care"]}

    assert special <= set(bundle.data["stops"]["special_care_classes"])


def test_bases_that_stops_know_are_there(bundle: PolicyBundle) -> None:
    stops = bundle.data["stops"]

    assert {*stops["danger_bases"], *stops["pseudonymised_bases"]} <= set(bundle.data["basis"])


def test_every_origin_of_a_field_is_in_the_table(bundle: PolicyBundle) -> None:
    schema = json.loads((SCHEMAS / "policy-input.json").read_text(encoding="utf-8"))
    origins = schema["$defs"]["field"]["properties"]["origin"]["enum"]

    assert set(origins) == set(bundle.data["stops"]["origins"])


@pytest.mark.parametrize("path", [p for p in RULES if p.startswith("disclosure/")])
def test_every_package_says_what_it_is(path: str) -> None:
    if path == "disclosure/main/generated.rego":
        return
    package = next(a for a in annotations_of(path, RULES[path]) if not a.rule)

    assert package.content.get("title")
    assert package.content.get("description")
    assert package.content.get("related_resources")
    assert package.custom.get("article")
    assert Path(path).parent.name == package.code


@pytest.mark.parametrize("path", RULES)
def test_package_is_its_path(path: str) -> None:
    package = re.search(r"^package (\S+)", RULES[path], re.MULTILINE)

    assert package is not None
    expected = Path(path).parent if path != "checks/cast.rego" else Path("checks/cast")
    assert expected.as_posix().replace("/", ".") == package[1]


def test_every_duty_named_exists(bundle: PolicyBundle) -> None:
    table = bundle.data["obligations"]
    named = {c for rows in list(table.values())[:-1] for codes in rows.values() for c in codes}
    named = {
        c
        for name, rows in table.items()
        if name.startswith("by_")
        for codes in rows.values()
        for c in codes
    }
    lists = ("obligations", "obligations_private_recipient", "obligations_public_sender")
    named |= {c for row in bundle.data["basis"].values() for name in lists for c in row[name]}

    assert named <= set(table["duties"])


def test_every_computed_duty_has_a_package(bundle: PolicyBundle) -> None:
    duties = bundle.data["obligations"]["duties"]

    assert directories("obligation") == {c for c, row in duties.items() if row["computed"]}


def test_every_due_time_is_a_threshold(bundle: PolicyBundle) -> None:
    due = {row["due"] for row in bundle.data["obligations"]["duties"].values()} - {None}

    assert due <= set(bundle.data["packs"]["default"]["thresholds"])


def test_every_stop_named_exists(bundle: PolicyBundle) -> None:
    assert set(bundle.data["obligations"]["by_stop"]) <= directories("stop")


def test_every_purpose_and_class_of_a_basis_exists(bundle: PolicyBundle) -> None:
    index = bundle.data["index"]
    purposes = {*index["purposes"], *index["purposes_without_persons"]}
    for basis, row in bundle.data["basis"].items():
        assert set(row["purposes"]) <= purposes, basis
        # Who reported goes on only to whoever takes the same notice over.
        passed_on = bundle.data["reports"].get(basis, {}).get("passed_on")
        never = set() if passed_on else {"REP"}
        assert set(row["classes"]) <= set(bundle.data["classes"]) - never, basis
