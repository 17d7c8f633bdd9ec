"""
What changes between two revisions, said so that a lawyer can check it.

Rules by package, registry rows, packs and other tables member by member, texts by code, and
every known case that comes out otherwise. A revision is a directory or an archive; only a
directory holds known cases, and the cases of either side are asked of both.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.authoring.outcomes import Outline, Outlook
from gateway.crypto.keys import VerifyKey
from gateway.policy.bundle import PolicyBundle, build_bundle, read_bundle
from gateway.policy.cases import KnownCase, read_cases

__all__ = ["Change", "ChangedCase", "PolicyDiff", "Revision", "diff_revisions", "open_revision"]

ADDED: Final = "added"
REMOVED: Final = "removed"
CHANGED: Final = "changed"
TEXTS_ONLY: Final = "texts"

_DERIVED: Final = {"index", "meta"}
_COMMENT: Final = re.compile(r"^\s*#.*$\n?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Revision:
    """
    One side of a comparison.

    Attributes:
        name: How it was named.
        bundle: The rules and tables.
        cases: Its known cases; an archive has none.
    """

    name: str
    bundle: PolicyBundle
    cases: tuple[KnownCase, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """
    One thing that is otherwise.

    Attributes:
        where: A rule's package, or a table, row and member joined by ``/``.
        how: ``added``, ``removed``, ``changed``; of a rule also ``texts``: comments alone.
        before: What it was; of a list only what is no longer in it. Of a rule ``None``.
        after: What it is; of a list only what is new.
    """

    where: str
    how: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class ChangedCase:
    """A known case that comes out otherwise; a side that could not decide is ``None``."""

    case: str
    title_ja: str
    before: Outline | None
    after: Outline | None


@dataclass(frozen=True, slots=True)
class PolicyDiff:
    """
    Everything that is otherwise.

    Attributes:
        before: Digest of the one revision.
        after: Digest of the other.
        rules: By package.
        registry: Members of rows of the registry of legal bases.
        packs: Members of municipalities' packs.
        tables: Members of every other table.
        texts: Titles, articles, next steps, by code.
        asked: How many known cases were asked of both.
        cases: Those that come out otherwise.
    """

    before: str
    after: str
    rules: tuple[Change, ...]
    registry: tuple[Change, ...]
    packs: tuple[Change, ...]
    tables: tuple[Change, ...]
    texts: tuple[Change, ...]
    asked: int
    cases: tuple[ChangedCase, ...]


def open_revision(
    name: str, archive: bytes | None = None, *, key: VerifyKey | None = None
) -> Revision:
    """
    Return a revision by the name of a directory or an archive.

    Args:
        name: A directory, the file of an archive, or the digest of the given archive.
        archive: The archive itself, where it comes from elsewhere than a file.
        key: Whose signature a file must carry; ``None`` demands none.

    Raises:
        BundleNotTrusted: The file does not carry the key's signature.
        RevisionRejected: It does not make a revision.
        OSError: It cannot be read.
    """
    path = Path(name)
    if archive is None and path.is_dir():
        return Revision(name, build_bundle(path), read_cases(path))
    if archive is None:
        return Revision(name, read_bundle(path.read_bytes(), key=key), ())
    return Revision(name, read_bundle(archive, revision=name), ())


def diff_revisions(one: Revision, other: Revision) -> PolicyDiff:
    """
    Compare two revisions.

    Raises:
        RevisionRejected: An engine cannot read the rules of one of them.
    """
    before, after = _said(one.bundle.data), _said(other.bundle.data)
    tables = {
        name: tuple(_members(before.get(name), after.get(name), name))
        for name in sorted({*before, *after} - _DERIVED)
    }
    cases = {c.id: c for c in (*one.cases, *other.cases)}
    return PolicyDiff(
        before=one.bundle.revision,
        after=other.bundle.revision,
        rules=tuple(_rules(one.bundle.modules, other.bundle.modules)),
        registry=tables.pop("basis", ()),
        packs=tables.pop("packs", ()),
        tables=tuple(change for changes in tables.values() for change in changes),
        texts=tuple(_members(before["meta"], after["meta"], "meta")),
        asked=len(cases),
        cases=tuple(_cases(one.bundle, other.bundle, cases)),
    )


def _rules(one: Mapping[str, str], other: Mapping[str, str]) -> Iterator[Change]:
    for path in sorted({*one, *other}):
        before, after = one.get(path), other.get(path)
        where = path.removesuffix(".rego")
        if before is None or after is None:
            yield Change(where, ADDED if before is None else REMOVED)
        elif before != after:
            same = _COMMENT.sub("", before) == _COMMENT.sub("", after)
            yield Change(where, TEXTS_ONLY if same else CHANGED)


def _members(one: Any, other: Any, where: str) -> Iterator[Change]:
    if one == other:
        return
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in sorted({*one, *other}):
            yield from _members(one.get(name), other.get(name), f"{where}/{name}")
    elif _names(one) and _names(other):
        gone, new = [n for n in one if n not in other], [n for n in other if n not in one]
        yield Change(where, CHANGED, gone, new)
    else:
        how = ADDED if one is None else REMOVED if other is None else CHANGED
        yield Change(where, how, one, other)


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _said(value: Any) -> Any:
    """Return what a table says, without the instants derived from the legal days beside them."""
    if isinstance(value, list):
        return [_said(v) for v in value]
    if not isinstance(value, Mapping):
        return value
    derived = {f"{name.removesuffix('_on')}_at" for name in value if name.endswith("_on")}
    return {name: _said(v) for name, v in value.items() if name not in derived}


def _cases(
    one: PolicyBundle, other: PolicyBundle, cases: Mapping[str, KnownCase]
) -> Iterator[ChangedCase]:
    before, after = Outlook(one), Outlook(other)
    for case in cases.values():
        was, now = before.outline(case.policy_input), after.outline(case.policy_input)
        if was != now:
            yield ChangedCase(case.id, case.title_ja, was, now)
