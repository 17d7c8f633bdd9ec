"""``policies/README.md``, generated from the annotations and the registry."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gateway.policy.annotations import Annotation, annotations_of
from gateway.policy.bundle import build_bundle, sources_of

__all__ = ["policies_readme"]

_HEAD = """\
# 判定基準 — the law as rules

提供してよいかどうかは、ここにあるルールと表だけで決まります。Whether something may pass is
decided by the rules and tables of this directory alone, from the input alone: no clock, no
network, no register. この表は注釈から自動で作られます(`tasuki policy docs`)。

順序: 提供できない場合(停止) → 法令の根拠 → 本人の同意 → 緊急 → お断り。
The order: stops → statutory basis → consent → emergency → refusal.

| Where | What |
| --- | --- |
| `disclosure/main/` | the decision; its list of rules is generated |
| `disclosure/stop/<id>/` | one package per absolute stop |
| `disclosure/basis/<id>/` | one package per legal basis |
| `disclosure/obligation/<id>/` | duties that have something to compute |
| `duty/` | what the law demands after a breach or a provision: the second entry point |
| `lib/` | the vocabulary that rules share |
| `data/<table>/` | tables with their schemas; no number or list stands in a rule |
| `checks/` | known cases that every revision must decide as expected, and words for tests |

To add a legal basis: a directory with the rule, its tests, its registry row (`basis.json`)
and known cases (`cases.json`), then `tasuki policy compose` and `tasuki policy docs`.
"""


def policies_readme(directory: Path) -> str:
    """
    Return the text of ``README.md`` for a policies directory.

    Raises:
        RevisionRejected: The directory does not make a revision.
    """
    bundle = build_bundle(directory)
    notes = [a for p, s in sources_of(directory).items() for a in annotations_of(p, s) if a.code]
    return "\n".join(
        [
            _HEAD,
            "## 提供できない場合 — stops\n",
            *_rules(notes, "disclosure.stop."),
            "\n## 根拠 — legal bases\n",
            *_bases(notes, bundle.data["basis"]),
            "\n## 提供に付す条件 — duties\n",
            *_duties(bundle.data["obligations"]["duties"]),
            "\n## 断りの理由 — reasons\n",
            *_reasons(bundle.data),
            "\n## 自治体設定 — policy packs\n",
            *_packs(bundle.data["packs"]),
            "",
        ]
    )


def _rules(notes: Iterable[Annotation], prefix: str) -> list[str]:
    rows = [
        f"| `{n.code}` | {n.custom['title_ja']} — {n.custom['title_en']} "
        f"| {n.custom['article']} | {n.custom['effective_from']} | {n.custom['verified']} |"
        for n in notes
        if n.package.startswith(prefix) and not n.rule
    ]
    head = ["| code | title | article | in force from | text |", "| --- | --- | --- | --- | --- |"]
    return [*head, *rows]


def _bases(notes: Iterable[Annotation], registry: Mapping[str, Any]) -> list[str]:
    head = [
        "| code | title | article | in force from | text | verified from | reviewed by |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    rows = [
        f"| `{n.code}` | {n.custom['title_ja']} — {n.custom['title_en']} | {n.custom['article']} "
        f"| {row['effective_on']} | {row['verified']} | {row['verified_on']} "
        f"| {row['reviewed_by'] or 'まだ (not yet)'} |"
        for n in notes
        if n.package.startswith("disclosure.basis.") and not n.rule
        for row in [registry[n.code]]
    ]
    return head + rows


def _duties(duties: Mapping[str, Any]) -> list[str]:
    rows = [
        f"| `{code}` | {row['title_ja']} — {row['title_en']} | {row['bearer']} |"
        for code, row in sorted(duties.items())
    ]
    return ["| code | duty | borne by |", "| --- | --- | --- |", *rows]


def _reasons(data: Mapping[str, Any]) -> list[str]:
    later = {c for c, row in data["reasons"]["texts"].items() if row["emitted_by"] == "later"}
    words = {code: row["title_ja"] for code, row in data["alternatives"].items()}
    rows = [
        f"| `{code}`{' (予定)' if code in later else ''} | {row['title_ja']} "
        f"| {row['next_step_ja']} | {'、'.join(words[a] for a in row['lawful_alternatives'])} "
        f"| {row['side']} |"
        for code, row in sorted(data["meta"]["reasons"].items())
    ]
    return [
        "| code | 理由 | 次の一歩 | ほかにできること | who hears it |",
        "| --- | --- | --- | --- | --- |",
        *rows,
    ]


def _packs(packs: Mapping[str, Any]) -> list[str]:
    rows = [
        f"| `{pack_id}` | {row['title_ja']} | {_enabled(row['bases'])} | {len(row['unverified'])} |"
        for pack_id, row in sorted(packs.items())
    ]
    return [
        "| pack | 自治体 | 有効な根拠 (報告書の行) | 未確認の点 |",
        "| --- | --- | --- | --- |",
        *rows,
    ]


def _enabled(bases: Mapping[str, Any]) -> str:
    named = (f"`{b}`{' (' + r['row'] + ')' if r['row'] else ''}" for b, r in sorted(bases.items()))
    return ", ".join(named) or "なし"
