"""
What every part of a revision must say of itself, checked when its bundle is built.

* A stop, a basis and a computed duty stand in a directory of their own name and say code,
  article, titles and, where law begins some day, that day.
* An article is a citation: a law with its article, or the operating rules.
* Days are in order: a text is verified in force, and repealed later; a review has a day.
* Whatever a table names exists in the table that owns it.

Each finding begins with file and line, so that an editor can jump there.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from gateway.policy.annotations import Annotation

__all__ = ["UNFILLED", "Where", "check_annotations", "check_present", "check_tables", "is_citation"]

# File and line of a member of a table: ``where("packs", "uwajima", "bases")``.
Where: TypeAlias = "Callable[..., str]"

# What a skeleton says where somebody has to write; nothing serves that still says it.
UNFILLED: Final = "未記入"

_CITATION: Final = re.compile(
    r"(?:法律|法|令|規則|条例|条約|憲法)(?:\([^()]*\))?(?:附則|別表)?第?[0-9]+条"
    r"|^(?:運用|各根拠法)|(?:ガイドライン|通知|指針|要綱|要領)"
)
_TABLES: Final = (
    "alternatives",
    "basis",
    "classes",
    "obligations",
    "packs",
    "profiles",
    "purposes",
    "reasons",
    "records",
    "revision",
    "rights",
    "stops",
    "subject_groups",
)
_KINDS: Final = ("stop", "basis", "obligation")
_DATED: Final = {"stop", "basis"}
_NONE: Final = "none"


def is_citation(article: object) -> bool:
    """Whether a text names a law with its article, a published guideline or our own rules."""
    return isinstance(article, str) and bool(_CITATION.search(article))


def check_present(tables: Mapping[str, Any]) -> list[str]:
    """Return which tables are missing that every revision needs."""
    return [f"data/{name}: the table is missing" for name in _TABLES if name not in tables]


def check_annotations(
    annotations: Iterable[Annotation], paths: Iterable[str], tables: Mapping[str, Any]
) -> list[str]:
    """
    Return what is missing or malformed in the METADATA of the rules.

    Args:
        annotations: Every annotation of every module that serves.
        paths: The path of every such module.
        tables: The tables, for the vocabulary of alternatives.
    """
    kept = list(annotations)
    packages = {a.path: a for a in kept if not a.rule}
    findings = [f for path in paths for f in _of_package(path, packages.get(path))]
    for annotation in kept:
        findings += _unfilled(f"{annotation.path}:{annotation.line}", annotation.content)
        if annotation.code:
            findings += _of_annotation(annotation, tables)
    return findings


def check_tables(tables: Mapping[str, Any], rules: Mapping[str, Any], where: Where) -> list[str]:
    """
    Return what the tables say that cannot be.

    Args:
        tables: The tables as read.
        rules: ``data.meta.rules``: the texts of the rules by their code.
        where: File and line of a member of a table.
    """
    return [
        *_of_days(tables["basis"], where),
        *_of_names(tables, where),
        *_of_rows(tables["basis"], rules, where),
        *_of_reasons(tables, where),
        *_of_advice(tables, where),
    ]


def _of_package(path: str, package: Annotation | None) -> Iterator[str]:
    parts = path.split("/")
    if parts[0] != "disclosure" or parts[1] not in _KINDS:
        return
    kind, directory = parts[1], parts[2]
    if package is None or not package.code:
        line = 1 if package is None else package.line
        yield f"{path}:{line}: the package has no METADATA with a code; it must be {directory}"
        return
    at = f"{path}:{package.line}"
    if package.code != directory:
        yield f"{at}: the code {package.code} is not the name of the directory {directory}"
    if kind in _DATED and not package.custom.get("effective_from"):
        yield f"{at}: {package.code} has no effective_from"
    for name in ("title", "description", "related_resources"):
        if not package.content.get(name):
            yield f"{at}: {package.code} has no {name}"


def _unfilled(at: str, content: object, name: str = "") -> Iterator[str]:
    if isinstance(content, Mapping):
        for key, value in content.items():
            yield from _unfilled(at, value, key)
    elif isinstance(content, list):
        for value in content:
            yield from _unfilled(at, value, name)
    elif content == UNFILLED:
        yield f"{at}: {name} is not filled in"


def _of_annotation(annotation: Annotation, tables: Mapping[str, Any]) -> Iterator[str]:
    at, custom = f"{annotation.path}:{annotation.line}", annotation.custom
    article, since = custom.get("article"), custom.get("effective_from")
    if article and article != UNFILLED and not is_citation(article):
        yield f"{at}: {annotation.code}: the article {article} cites no law and no article"
    if since is not None and not _is_day(since):
        yield f"{at}: {annotation.code}: effective_from {since} is not a day (YYYY-MM-DD)"
    if annotation.code.isupper():
        for finding in _of_chosen(custom.get("lawful_alternatives"), tables):
            yield f"{at}: {annotation.code}: {finding}"


def _of_reasons(tables: Mapping[str, Any], where: Where) -> Iterator[str]:
    for code, row in tables["reasons"]["texts"].items():
        findings = [*_of_chosen(row["lawful_alternatives"], tables)]
        if not is_citation(row["article"]):
            findings.append(f"the article {row['article']} cites no law and no article")
        for finding in findings:
            yield f"{where('reasons', 'texts', code)}: {code}: {finding}"


def _of_advice(tables: Mapping[str, Any], where: Where) -> Iterator[str]:
    for basis, row in tables["basis"].items():
        for code, advice in row.get("advice", {}).items():
            for finding in _of_chosen(advice["lawful_alternatives"], tables):
                yield f"{where('basis', basis, 'advice', code)}: {basis}: {code}: {finding}"


def _of_chosen(chosen: object, tables: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(chosen, list):
        return  # that it is missing is said where texts are read
    for name in chosen:
        if name not in tables["alternatives"]:
            yield f"{name} is no alternative of data/alternatives"
    if _NONE in chosen and chosen != [_NONE]:
        yield f"{_NONE} stands alone"


def _of_days(registry: Mapping[str, Any], where: Where) -> Iterator[str]:
    for id_, row in registry.items():
        effective = row["effective_on"]
        if row["verified_on"] < effective:
            yield f"{where('basis', id_, 'verified_on')}: {id_}: verified before it was in force"
        if row["repealed_on"] is not None and row["repealed_on"] <= effective:
            yield f"{where('basis', id_, 'repealed_on')}: {id_}: repealed before it was in force"
        if (row["reviewed_by"] is None) != (row["reviewed_on"] is None):
            at = where("basis", id_, "reviewed_by")
            yield f"{at}: {id_}: a review has a reviewer and a day, or neither"


def _of_names(tables: Mapping[str, Any], where: Where) -> Iterator[str]:
    duties = tables["obligations"]["duties"]
    owners = {
        "basis": {
            "purposes": tables["purposes"],
            "classes": tables["classes"],
            "obligations": duties,
            "obligations_private_recipient": duties,
            "obligations_public_sender": duties,
            "subject_groups": tables["subject_groups"],
        },
        "profiles": {"purposes": tables["purposes"], "fields": tables["records"]},
        "records": {"purposes": tables["purposes"], "classes": tables["classes"]},
    }
    for table, members in owners.items():
        for id_, row in tables[table].items():
            for member, owner in members.items():
                for name in row[member]:
                    if name not in owner:
                        at = where(table, id_, member, name)
                        yield f"{at}: {id_}: {member} names {name}, which does not exist"


def _of_rows(registry: Mapping[str, Any], rules: Mapping[str, Any], where: Where) -> Iterator[str]:
    for basis, row in registry.items():
        text = rules.get(basis)
        if text is None:
            yield f"{where('basis', basis)}: {basis}: the registry has a row, and there is no rule"
            continue
        for name, value in row.items():
            for _ in _unfilled("", value):
                yield f"{where('basis', basis, name)}: {basis}: {name} is not filled in"
        for name in ("article", "title_ja", "title_en"):
            if row[name] != text.get(name):
                yield f"{where('basis', basis, name)}: {basis}: {name} is another in the METADATA"


def _is_day(text: object) -> bool:
    try:
        return isinstance(text, str) and dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
