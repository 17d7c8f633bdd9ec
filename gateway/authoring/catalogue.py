"""
Everything that is derived from ``schemas/records``, so that a field is described once.

* ``policies/data/records/data.json``: what rules need to know of a field;
* ``gateway/minimisation/field_table.py``: the same for a member's desk, which has no
  ``schemas/`` beside it;
* ``docs/records.md``: the listing that an officer reads.

``python -m gateway.authoring.catalogue`` writes the three; a test says when one is stale.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["CatalogueField", "derived_files", "fields_of", "main", "stale_files"]

_SUFFIX = ".schema.json"


@dataclass(frozen=True, slots=True)
class CatalogueField:
    """
    One field of a record, as its schema describes it.

    Attributes:
        id: ``record.field``.
        record: The record it belongs to.
        type: Its type in the catalogue's words, for example ``code[]``.
        classes: Its sensitivity classes; with ``by_value`` the whole set.
        by_value: Whether the classes of one value may be fewer.
        narrative: Whether it is withheld until somebody has read it.
        own_rows: Member of a row that names the agency it is for; empty when rows stay.
        label_ja: Japanese label.
        label_en: English label.
        purposes: Purposes for which it is typical; the profile decides.
    """

    id: str
    record: str
    type: str
    classes: tuple[str, ...]
    by_value: bool
    narrative: bool
    own_rows: str
    label_ja: str
    label_en: str
    purposes: tuple[str, ...]


def fields_of(root: Path) -> tuple[CatalogueField, ...]:
    """
    Return every field of every record below ``root``, in the order of the schemas.

    Raises:
        OSError: A schema cannot be read.
        KeyError: A property lacks one of its annotations.
    """
    return tuple(
        _field(record, name, spec)
        for record, schema in _schemas(root)
        for name, spec in schema["properties"].items()
    )


def derived_files(root: Path) -> dict[Path, str]:
    """Return each derived file below ``root`` with the text it must have."""
    fields = fields_of(root)
    return {
        root / "policies/data/records/data.json": _policy_table(fields),
        root / "gateway/minimisation/field_table.py": _python_table(fields),
        root / "docs/records.md": _listing(root, fields),
    }


def stale_files(root: Path) -> tuple[Path, ...]:
    """Return the derived files below ``root`` that are missing or say something else."""
    return tuple(
        path
        for path, text in derived_files(root).items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    )


def main() -> int:
    """Write every derived file that is stale; the answer is the exit status."""
    root = Path(__file__).resolve().parents[2]
    for path, text in derived_files(root).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


def _schemas(root: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in sorted((root / "schemas/records").glob(f"*{_SUFFIX}")):
        yield path.name.removesuffix(_SUFFIX), json.loads(path.read_text(encoding="utf-8"))


def _field(record: str, name: str, spec: Mapping[str, Any]) -> CatalogueField:
    return CatalogueField(
        id=f"{record}.{name}",
        record=record,
        type=spec["x-type"],
        classes=tuple(spec["x-class"]),
        by_value=spec.get("x-class-by-value", False),
        narrative="NAR" in spec["x-class"],
        own_rows=spec.get("x-own-rows", ""),
        label_ja=spec["x-label-ja"],
        label_en=spec["x-label-en"],
        purposes=tuple(spec["x-purposes"]),
    )


def _policy_table(fields: tuple[CatalogueField, ...]) -> str:
    rows = {f.id: {k: v for k, v in asdict(f).items() if k != "id"} for f in fields}
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def _python_table(fields: tuple[CatalogueField, ...]) -> str:
    rows = "".join(f"    {_python_row(f)},\n" for f in fields)
    return (
        '"""Generated from ``schemas/records`` by ``gateway.authoring.catalogue``; not edited."""\n'
        "\n"
        "# ruff: noqa: E501 -- one field, one line\n"
        "# fmt: off\n"
        '__all__ = ["FIELD_ROWS"]\n'
        "\n"
        "# id, type, classes, by value, own rows, label_ja, label_en\n"
        "FIELD_ROWS: tuple[tuple[str, str, str, bool, str, str, str], ...] = (\n"
        f"{rows})\n"
    )


def _python_row(field: CatalogueField) -> str:
    texts = (field.id, field.type, " ".join(field.classes))
    ends = (field.own_rows, field.label_ja, field.label_en)
    cells = [*map(_quoted, texts), str(field.by_value), *map(_quoted, ends)]
    return f"({', '.join(cells)})"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _listing(root: Path, fields: tuple[CatalogueField, ...]) -> str:
    profiles, classes = _table(root, "profiles"), _table(root, "classes")
    lines = [
        "# 様式と項目",
        "",
        "この一覧は `schemas/records/` と `policies/data/` から生成される。",
        "直すときは元を直し、`python -m gateway.authoring.catalogue` を実行する。",
        "",
        "Generated from the schemas and tables; to change it, change those.",
        "",
        *_class_lines(classes),
        *_profile_lines(profiles),
    ]
    for record, schema in _schemas(root):
        lines += ["", f"## `{record}` {schema['title']}", "", schema["x-title-en"], ""]
        lines += ["| 項目 | 日本語 | English | 型 | 区分 | 提供範囲 |", "|---|---|---|---|---|---|"]
        lines += [_listing_row(f, profiles) for f in fields if f.record == record]
    return "\n".join(lines) + "\n"


def _class_lines(classes: Mapping[str, Any]) -> list[str]:
    ordered = sorted(classes.items(), key=lambda row: int(row[1]["strictness"]))
    head = ["## 情報の区分", "", "下ほど厳しい。複数あるときは最も厳しい区分による。", ""]
    rows = [
        f"| `{code}` | {c['label_ja']} | {c['label_en']} | {'○' if c['special_care'] else ''} |"
        for code, c in ordered
    ]
    return [*head, "| 区分 | 日本語 | English | 要配慮個人情報 |", "|---|---|---|---|", *rows]


def _profile_lines(profiles: Mapping[str, Any]) -> list[str]:
    rows = [
        f"| `{id_}` | {p['label_ja']} | {p['label_en']} | {', '.join(p['purposes'])} "
        f"| {len(p['fields'])} |"
        for id_, p in profiles.items()
    ]
    head = ["", "## 提供範囲", "", "| 提供範囲 | 日本語 | English | 目的 | 項目数 |"]
    return [*head, "|---|---|---|---|---|", *rows]


def _listing_row(field: CatalogueField, profiles: Mapping[str, Any]) -> str:
    named = ", ".join(f"`{id_}`" for id_, p in profiles.items() if field.id in p["fields"])
    joint = " / " if field.by_value else " "
    classes = joint.join(field.classes) + (" (値による)" if field.by_value else "")
    name = field.id.removeprefix(f"{field.record}.")
    return (
        f"| `{name}` | {field.label_ja} | {field.label_en} | {field.type} | {classes} | {named} |"
    )


def _table(root: Path, name: str) -> Mapping[str, Any]:
    path = root / "policies/data" / name / "data.json"
    table: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return table


if __name__ == "__main__":
    sys.exit(main())
