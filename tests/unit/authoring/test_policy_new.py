"""A skeleton that nobody has filled in serves nowhere, and says where it is not filled in."""

import shutil
from pathlib import Path

import pytest

from gateway.authoring.policy_new import KINDS, new_rule
from gateway.policy.bundle import build_bundle
from gateway.policy.gates import UNFILLED
from gateway.policy.rejection import RevisionRejected
from tests.simulators.policy_inputs import POLICIES

IDS = {"basis": "care_plan_meeting", "stop": "stop_sealed_record", "obligation": "tell_the_mayor"}


@pytest.fixture
def policies_copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(POLICIES, tmp_path / "policies"))


@pytest.mark.parametrize(
    ("kind", "id_"),
    [
        ("basis", "Consent"),
        ("basis", "同意"),
        ("basis", "../escape"),
        ("basis", "a b"),
        ("basis", ""),
        ("basis", "x" * 61),
        ("basis", "stop_something"),
        ("basis", "consent_private"),
        ("obligation", "consent_private"),
        ("obligation", "registry"),
        ("basis", "main"),
        ("stop", "my_number"),
        ("stop", "stop_my_number"),
    ],
)
def test_new_with_an_id_that_is_bad_or_taken_writes_nothing(
    policies_copy: Path, kind: str, id_: str
) -> None:
    before = set(policies_copy.rglob("*"))

    with pytest.raises(RevisionRejected):
        new_rule(policies_copy, kind, id_)

    assert before == set(policies_copy.rglob("*"))


@pytest.mark.parametrize("kind", KINDS)
def test_new_rule_is_refused_by_line_until_it_is_filled_in(policies_copy: Path, kind: str) -> None:
    written = new_rule(policies_copy, kind, IDS[kind])
    rule = next(p for p in written if p.name == f"{IDS[kind]}.rego")

    with pytest.raises(RevisionRejected) as rejected:
        build_bundle(policies_copy)

    home = rule.parent.relative_to(policies_copy).as_posix()
    assert all(f.startswith(f"{home}/") for f in rejected.value.findings)
    assert all(f.split(":")[1].isdigit() for f in rejected.value.findings)


def test_new_basis_with_a_whole_row_is_still_refused_for_its_texts(policies_copy: Path) -> None:
    new_rule(policies_copy, "basis", IDS["basis"])
    home = policies_copy / "disclosure/basis"
    shutil.copy(home / "consent_private/basis.json", home / IDS["basis"] / "basis.json")

    with pytest.raises(RevisionRejected, match="article is not filled in"):
        build_bundle(policies_copy)


@pytest.mark.parametrize("kind", KINDS)
def test_new_rule_has_what_every_rule_has(policies_copy: Path, kind: str) -> None:
    written = {
        p.name: p.read_text(encoding="utf-8") for p in new_rule(policies_copy, kind, IDS[kind])
    }

    beside = {"basis.json"} if kind == "basis" else set()
    assert {f"{IDS[kind]}.rego", f"{IDS[kind]}_test.rego", "cases.json"} | beside == set(written)
    assert all(UNFILLED in text for text in written.values())
