"""
The features as they are written, and how each scenario came out when it was run last.

Results are the Cucumber JSON that ``pytest --cucumberjson`` writes. A scenario runs on several
drivers and, as an outline, with several rows: one failure among them fails it. What nobody ran
has no result, and a result of another scenario is never taken for it.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from gateway.policy.rejection import RevisionRejected

__all__ = ["FAILED", "NOT_RUN", "PASSED", "Feature", "Results", "Scenario", "read_features"]

PASSED: Final = "passed"
FAILED: Final = "failed"
NOT_RUN: Final = "not_run"

_ROW: Final = re.compile(r"<[^<>]+>")


@dataclass(frozen=True, slots=True)
class Scenario:
    """
    One scenario.

    Attributes:
        feature: Path of its feature below the features directory, without suffix.
        rule: The rule it stands under; may be empty.
        name: Its name.
        line: Its line in the file.
        tags: Its tags and its feature's, without ``@``.
        steps: Keyword and text, the background's first, an outline's as written.
        rows: The examples of an outline, headings first; empty otherwise.
        result: ``passed``, ``failed`` or ``not_run``.
        runs: How often it was run.
    """

    feature: str
    rule: str
    name: str
    line: int
    tags: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]
    result: str
    runs: int

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What is expected: the steps from ``ならば`` on."""
        kinds = [keyword for keyword, _ in self.steps]
        first = next((i for i, k in enumerate(kinds) if k in {"ならば", "Then"}), len(kinds))
        return tuple(text for _, text in self.steps[first:])

    @property
    def texts(self) -> str:
        """Every step and example, for whoever looks for what is quoted there."""
        return "\n".join([*(t for _, t in self.steps), *("\n".join(row) for row in self.rows)])


@dataclass(frozen=True, slots=True)
class Feature:
    """
    One feature.

    Attributes:
        id: Its path below the features directory, without suffix.
        name: Its name.
        description: Lines below the name.
        tags: Its tags, without ``@``.
        scenarios: In order.
    """

    id: str
    name: str
    description: str
    tags: tuple[str, ...]
    scenarios: tuple[Scenario, ...]


class Results:
    """
    How scenarios came out.

    Args:
        runs: Feature and scenario to the status of each run.
    """

    def __init__(self, runs: Mapping[tuple[str, str], Sequence[str]]) -> None:
        self._runs = runs

    @classmethod
    def read(cls, path: Path) -> "Results":
        """
        Read Cucumber JSON.

        Raises:
            RevisionRejected: The file is not such a report.
        """
        runs: dict[tuple[str, str], list[str]] = {}
        try:
            for feature in json.loads(path.read_text(encoding="utf-8")):
                id_ = _feature_of(feature["uri"])
                for element in feature["elements"]:
                    key = (id_, element["name"])
                    statuses = {step["result"]["status"] for step in element["steps"]}
                    runs.setdefault(key, []).append(_status(statuses))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RevisionRejected([f"{path.name}: is no Cucumber JSON report"]) from error
        return cls(runs)

    def of(self, feature: str, name: str) -> tuple[str, int]:
        """Return how a scenario came out, and of how many runs."""
        said = [
            status
            for (ran_in, ran), statuses in self._runs.items()
            if ran_in == feature and (ran == name or _is_row_of(ran, name))
            for status in statuses
        ]
        result = FAILED if FAILED in said else PASSED if PASSED in said else NOT_RUN
        return result, len(said)


def read_features(directory: Path, results: Results) -> tuple[Feature, ...]:
    """
    Read every feature below a directory.

    Raises:
        RevisionRejected: One is not Gherkin, or the parser is not installed.
    """
    try:
        from gherkin.parser import Parser  # noqa: PLC0415 - of authors, not of the gateway
    except ImportError as error:
        raise RevisionRejected(["features need the package gherkin-official"]) from error
    found = []
    for path in sorted(directory.rglob("*.feature")):
        id_ = path.relative_to(directory).with_suffix("").as_posix()
        try:
            document = Parser().parse(path.read_text(encoding="utf-8"))
        except Exception as error:  # the parser's own, without a common ancestor
            raise RevisionRejected([f"{id_}.feature: {error}"]) from error
        if feature := document.get("feature"):
            found.append(_feature(id_, feature, results))
    return tuple(found)


def _feature(id_: str, feature: Mapping[str, Any], results: Results) -> Feature:
    tags = _tags(feature)
    return Feature(
        id=id_,
        name=feature["name"],
        description=_stripped(feature["description"]),
        tags=tags,
        scenarios=tuple(_scenarios(_Place(id_, "", (), tags), feature["children"], results)),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a feature a scenario stands, and what it has from there."""

    feature: str
    rule: str
    before: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]


def _scenarios(
    place: _Place, children: Sequence[Mapping[str, Any]], results: Results
) -> Iterator[Scenario]:
    for child in children:
        if "background" in child:
            place = replace(place, before=(*place.before, *_steps(child["background"])))
        elif "rule" in child:
            rule = child["rule"]
            inner = replace(place, rule=rule["name"], tags=(*place.tags, *_tags(rule)))
            yield from _scenarios(inner, rule["children"], results)
        else:
            yield _scenario(place, child["scenario"], results)


def _scenario(place: _Place, told: Mapping[str, Any], results: Results) -> Scenario:
    result, runs = results.of(place.feature, told["name"])
    return Scenario(
        feature=place.feature,
        rule=place.rule,
        name=told["name"],
        line=told["location"]["line"],
        tags=tuple(dict.fromkeys((*place.tags, *_tags(told), *_example_tags(told)))),
        steps=(*place.before, *_steps(told)),
        rows=tuple(_rows(told)),
        result=result,
        runs=runs,
    )


def _steps(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(s["keyword"].strip(), s["text"]) for s in told["steps"]]


def _rows(told: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for examples in told.get("examples", ()):
        if examples.get("tableHeader"):
            for row in (examples["tableHeader"], *examples["tableBody"]):
                yield tuple(cell["value"] for cell in row["cells"])


def _tags(told: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(tag["name"].removeprefix("@") for tag in told.get("tags", ()))


def _example_tags(told: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(tag for examples in told.get("examples", ()) for tag in _tags(examples))


def _stripped(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _feature_of(uri: str) -> str:
    """Return a feature's id from where the report says it was: below ``features/``."""
    return uri.split("features/", 1)[-1].removesuffix(".feature")


def _is_row_of(ran: str, name: str) -> bool:
    """Whether a run's name is an outline's with the placeholders filled in."""
    if not _ROW.search(name):
        return False
    pattern = ".+".join(map(re.escape, _ROW.split(name)))
    return re.fullmatch(pattern, ran) is not None


def _status(statuses: set[str]) -> str:
    if FAILED in statuses:
        return FAILED
    return PASSED if statuses == {PASSED} else NOT_RUN
