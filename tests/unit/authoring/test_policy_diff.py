"""Between two revisions everything that is otherwise is said, and nothing else."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.authoring.policy_diff import Change, PolicyDiff, diff_revisions, open_revision
from gateway.policy.bundle import build_bundle
from gateway.policy.rejection import RevisionRejected
from tests.simulators.policy_inputs import CASES, POLICIES

STOP = "disclosure/stop/stop_my_number/stop_my_number"


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    return Path(shutil.copytree(POLICIES, tmp_path / "policies"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def edit_json(path: Path, change: Callable[[Any], None]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def compared(draft: Path) -> PolicyDiff:
    return diff_revisions(open_revision(str(POLICIES)), open_revision(str(draft)))


def test_revision_that_is_no_revision_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "bundle.tar.gz"
    broken.write_bytes(b"null")

    with pytest.raises(RevisionRejected):
        open_revision(str(broken))
    with pytest.raises(RevisionRejected):
        open_revision(str(tmp_path))
    with pytest.raises(OSError, match="nowhere"):
        open_revision(str(tmp_path / "nowhere"))


def test_revision_compared_with_itself_has_no_difference(draft: Path) -> None:
    found = compared(draft)

    assert found.before == found.after
    assert len(CASES) == found.asked
    parts = (found.rules, found.registry, found.packs, found.tables, found.texts, found.cases)
    assert all(part == () for part in parts)


def test_rule_changed_is_told_from_words_changed(draft: Path) -> None:
    edit(draft / f"{STOP}.rego", 'field.screener != ""', "field.screener")
    edit(draft / "lib/harm/harm.rego", "# title: ", "# title: The ")

    assert (
        Change("disclosure/stop/stop_my_number/stop_my_number", "changed"),
        Change("lib/harm/harm", "texts"),
    ) == compared(draft).rules


def test_rule_that_let_more_pass_is_seen_in_the_known_cases(draft: Path) -> None:
    edit(draft / f"{STOP}.rego", 'field.screener != ""', "field.my_number")
    edit(draft / f"{STOP}.rego", 'field.my_number == "clear"', "field.id")

    cases = {c.case: c for c in compared(draft).cases}

    changed = cases["stop_my_number"]
    assert changed.before is not None
    assert changed.after is not None
    assert "subject.phones" not in changed.before.permitted
    assert "subject.phones" in changed.after.permitted
    assert ("stop_my_number",) == changed.before.stops
    assert () == changed.after.stops


def test_row_changed_is_said_member_by_member_without_derived_instants(draft: Path) -> None:
    file = draft / "disclosure/basis/consent_private/basis.json"

    def change(row: Any) -> None:
        row["verified_on"] = "2025-07-01"
        row["purposes"].remove("refer")
        row["purposes"].append("conf")

    edit_json(file, change)

    found = {c.where: c for c in compared(draft).registry}

    assert {"basis/consent_private/purposes", "basis/consent_private/verified_on"} == set(found)
    assert ["refer"] == found["basis/consent_private/purposes"].before
    assert ["conf"] == found["basis/consent_private/purposes"].after
    assert "2025-07-01" == found["basis/consent_private/verified_on"].after


def test_pack_and_text_changed_are_said_by_member_and_code(draft: Path) -> None:
    edit_json(
        draft / "data/packs/default/data.json",
        lambda pack: pack["thresholds"].update(min_reason_chars=30),
    )
    edit(draft / "lib/harm/harm.rego", 'title_en: "', 'title_en: "Plainly: ')

    found = compared(draft)

    assert Change("packs/default/thresholds/min_reason_chars", "changed", 20, 30) in found.packs
    assert all(c.where.endswith("/title_en") for c in found.texts)
    assert found.texts


def test_archive_is_compared_and_asked_the_directorys_cases(draft: Path, tmp_path: Path) -> None:
    archive = tmp_path / "bundle.tar.gz"
    archive.write_bytes(build_bundle(POLICIES).archive)
    edit(draft / f"{STOP}.rego", 'field.screener != ""', "field.my_number")

    found = diff_revisions(open_revision(str(archive)), open_revision(str(draft)))

    assert len(CASES) == found.asked
    assert [Change(STOP, "changed")] == list(found.rules)
