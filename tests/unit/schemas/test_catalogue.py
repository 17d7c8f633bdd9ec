"""One source for every field: what is derived from the schemas is never stale."""

import json
import shutil
from pathlib import Path

import pytest

from gateway.authoring.catalogue import derived_files, fields_of, stale_files
from gateway.minimisation.fields import FIELDS

ROOT = Path(__file__).resolve().parents[3]
DERIVED = (
    "policies/data/records/data.json",
    "gateway/minimisation/field_table.py",
    "docs/records.md",
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the sources and of what is derived from them."""
    for folder in ("schemas", "policies/data"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for path in DERIVED:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    return tmp_path


def test_derived_files_are_in_step_with_the_schemas() -> None:
    assert () == stale_files(ROOT)


@pytest.mark.parametrize("path", DERIVED)
def test_derived_file_edited_by_hand_is_stale(copy: Path, path: str) -> None:
    text = (copy / path).read_text(encoding="utf-8")
    (copy / path).write_text(text + "\n", encoding="utf-8")

    assert (copy / path,) == stale_files(copy)


@pytest.mark.parametrize("path", DERIVED)
def test_derived_file_that_is_missing_is_stale(copy: Path, path: str) -> None:
    (copy / path).unlink()

    assert (copy / path,) == stale_files(copy)


def test_class_changed_in_a_schema_makes_every_derived_file_stale(copy: Path) -> None:
    path = copy / "schemas/records/subject.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    schema["properties"]["phones"]["x-class"] = ["CON", "PAD"]
    path.write_text(json.dumps(schema, ensure_ascii=False), encoding="utf-8")

    assert {copy / p for p in DERIVED} == set(stale_files(copy))


def test_field_without_an_annotation_is_refused(copy: Path) -> None:
    path = copy / "schemas/records/subject.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    del schema["properties"]["phones"]["x-class"]
    path.write_text(json.dumps(schema), encoding="utf-8")

    with pytest.raises(KeyError, match="x-class"):
        fields_of(copy)


def test_desk_and_rules_know_the_same_of_every_field() -> None:
    table = json.loads((ROOT / DERIVED[0]).read_text(encoding="utf-8"))

    assert list(table) == list(FIELDS)
    for id_, row in table.items():
        spec = FIELDS[id_]
        assert (row["type"], tuple(row["classes"]), row["by_value"], row["narrative"]) == (
            spec.type,
            spec.classes,
            spec.by_value,
            spec.narrative,
        )
        assert row["own_rows"] == spec.own_rows


def test_derived_files_are_exactly_these() -> None:
    assert {ROOT / p for p in DERIVED} == set(derived_files(ROOT))
