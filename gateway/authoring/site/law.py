"""What the pages are made of: the rules with their texts, rows, cases and scenarios."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from gateway.authoring.outcomes import Outline, Outlook
from gateway.authoring.policy_coverage import CoverageReport, RuleCoverage
from gateway.authoring.site.scenarios import Feature, Scenario
from gateway.policy.annotations import Annotation, annotations_of
from gateway.policy.bundle import PolicyBundle, build_bundle
from gateway.policy.cases import KnownCase, read_cases

__all__ = ["DecidedCase", "Law", "Rule"]

_CODE: Final = re.compile(r'"([A-Z][A-Z0-9_]{5,})"')
_LIB: Final = re.compile(r"data\.lib\.([a-z0-9_]+)")
# What every rule uses says nothing of one of them.
_COMMON: Final = {
    "duties",
    "facts",
    "minimise",
    "parties",
    "registry",
    "result",
    "safeguards",
    "time",
}
_NUMBERED: Final = re.compile(r"c-([0-9]+)")


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One stop, basis or duty with a package of its own.

    Attributes:
        kind: ``stop``, ``basis`` or ``obligation``.
        id: Its id.
        note: The METADATA above its package.
        codes: Reasons that its files name.
    """

    kind: str
    id: str
    note: Annotation
    codes: tuple[str, ...]

    @property
    def title(self) -> str:
        """Its title in Japanese."""
        return str(self.note.custom.get("title_ja", self.id))

    @property
    def sentence(self) -> str:
        """What it says, in the author's words."""
        return str(self.note.content.get("description", ""))


@dataclass(frozen=True, slots=True)
class DecidedCase:
    """A known case, and what the rules make of it now."""

    case: KnownCase
    outline: Outline | None

    @property
    def as_expected(self) -> bool:
        """Whether outcome, fields, bases and stops are the expected ones."""
        wanted, said = self.case, self.outline
        return said is not None and (
            (wanted.outcome, wanted.permitted, wanted.bases, wanted.stops)
            == (said.outcome, said.permitted, said.bases, said.stops)
        )


class Law:
    """
    One revision, read for people.

    Args:
        directory: The policies directory.
        features: Its features, with results.
        coverage: What tests and cases show of each rule, where somebody measured it.
    """

    def __init__(
        self,
        directory: Path,
        features: tuple[Feature, ...],
        coverage: CoverageReport | None = None,
    ) -> None:
        """
        Build the revision and decide its known cases.

        Raises:
            RevisionRejected: The directory does not make a revision.
        """
        self.bundle: PolicyBundle = build_bundle(directory)
        self.data: Mapping[str, Any] = self.bundle.data
        self.features = features
        measured = () if coverage is None else coverage.rules
        self.coverage: Mapping[str, RuleCoverage] = {row.rule: row for row in measured}
        outlook = Outlook(self.bundle)
        self.cases = tuple(
            DecidedCase(case, outlook.outline(case.policy_input)) for case in read_cases(directory)
        )
        self.rules = tuple(self._rules())

    @cached_property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Every scenario of every feature."""
        return tuple(s for feature in self.features for s in feature.scenarios)

    @cached_property
    def numbered(self) -> Mapping[int, tuple[Scenario, ...]]:
        """The decision scenarios of the law by their number, as tagged ``@c-…``."""
        found: dict[int, list[Scenario]] = {}
        for scenario in self.scenarios:
            for tag in scenario.tags:
                if match := _NUMBERED.fullmatch(tag):
                    found.setdefault(int(match[1]), []).append(scenario)
        return {number: tuple(found[number]) for number in sorted(found)}

    @property
    def reasons(self) -> Mapping[str, Mapping[str, Any]]:
        """Reason codes with their texts."""
        reasons: Mapping[str, Mapping[str, Any]] = self.data["meta"]["reasons"]
        return reasons

    @property
    def duties(self) -> Mapping[str, Mapping[str, Any]]:
        """Duties with their rows."""
        duties: Mapping[str, Mapping[str, Any]] = self.data["obligations"]["duties"]
        return duties

    def sources(self, code: str) -> tuple[tuple[str, str], ...]:
        """Return address and name of each text of the law that a rule or reason links to."""
        note = self._notes.get(code)
        found = None if note is None else note.content.get("related_resources")
        if note is None or not isinstance(found, list):
            return ()
        article = str(note.custom.get("article", ""))
        rows = (row for row in found if isinstance(row, dict))
        return tuple((row["ref"], row.get("description", article)) for row in rows)

    def of_kind(self, kind: str) -> tuple[Rule, ...]:
        """Return the rules of one kind, bases in the order of the law."""
        rows: Mapping[str, Any] = self.data["basis"]
        found = [r for r in self.rules if r.kind == kind]
        return tuple(sorted(found, key=lambda r: (rows.get(r.id, {}).get("rank", 0), r.id)))

    def saying(self, code: str) -> tuple[Rule, ...]:
        """Return the rules that may give a reason."""
        return tuple(r for r in self.rules if code in r.codes)

    def checks_saying(self, code: str) -> tuple[str, ...]:
        """Return the titles of the common checks that may give a reason."""
        titles = (
            str(note.custom.get("title_ja", note.package))
            for path, source in self.bundle.modules.items()
            if path.startswith(("lib/", "disclosure/main/")) and f'"{code}"' in source
            for note in annotations_of(path, source)
            if not note.rule and note.custom
        )
        return tuple(dict.fromkeys(titles))

    def quoting(self, title: str) -> tuple[Scenario, ...]:
        """Return the scenarios in which a title is quoted."""
        return tuple(s for s in self.scenarios if title in _quoted(s.texts))

    def cases_with(
        self, *, reason: str = "", rule: str = "", duty: str = ""
    ) -> tuple[DecidedCase, ...]:
        """Return the known cases about a rule, or in which a reason or duty comes out."""
        return tuple(c for c in self.cases if _is_about(c, reason, rule, duty))

    def bringing(self, duty: str) -> Iterator[tuple[str, str]]:
        """Yield what brings a duty: a kind of cause, and its code or basis."""
        for id_, row in self.data["basis"].items():
            if any(duty in row[name] for name in row if name.startswith("obligations")):
                yield "basis", id_
        for name, rows in self.data["obligations"].items():
            if name.startswith("by_") and isinstance(rows, Mapping):
                for cause, duties in rows.items():
                    if duty in duties:
                        yield name.removeprefix("by_"), cause

    @cached_property
    def _notes(self) -> Mapping[str, Annotation]:
        notes = (
            note
            for path, source in self.bundle.modules.items()
            for note in annotations_of(path, source)
        )
        return {note.code: note for note in notes if note.code}

    def _rules(self) -> Iterator[Rule]:
        sources: dict[tuple[str, str], list[str]] = {}
        notes: dict[tuple[str, str], Annotation] = {}
        for path, source in self.bundle.modules.items():
            parts = path.split("/")
            if parts[0] != "disclosure" or parts[1] == "main":
                continue
            key = (parts[1], parts[2])
            sources.setdefault(key, []).append(source)
            for note in annotations_of(path, source):
                if not note.rule:
                    notes[key] = note
        for (kind, id_), texts in sources.items():
            used = {lib for text in texts for lib in _LIB.findall(text)} - _COMMON
            texts += [self.bundle.modules.get(f"lib/{lib}/{lib}.rego", "") for lib in used]
            codes = {c for text in texts for c in _CODE.findall(text)} & set(self.reasons)
            yield Rule(kind, id_, notes[kind, id_], tuple(sorted(codes)))


def _quoted(text: str) -> Iterable[str]:
    """Return what stands in corner brackets, lists of fields split."""
    found = re.findall(r"「([^「」]+)」", text)
    # An outline quotes a placeholder; its rows hold what is meant.
    return {*found, *text.splitlines()}


def _is_about(decided: DecidedCase, reason: str, rule: str, duty: str) -> bool:
    said = decided.outline
    if rule and (decided.case.rule == rule or (said and rule in (*said.bases, *said.stops))):
        return True
    return said is not None and (
        bool(reason and reason in said.reasons) or bool(duty and duty in said.duties)
    )
