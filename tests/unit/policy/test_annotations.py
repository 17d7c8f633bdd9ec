"""METADATA is read strictly, and as YAML would read it."""

import pytest
import yaml

from gateway.policy.annotations import annotations_of
from gateway.policy.bundle import sources_of
from gateway.policy.rejection import RevisionRejected
from tests.simulators.policy_inputs import POLICIES

SOURCES = sources_of(POLICIES)


def block(*lines: str) -> str:
    return "\n".join(["# METADATA", *(f"# {line}" for line in lines), "package a"])


@pytest.mark.parametrize(
    "lines",
    [
        ["title"],
        ["title: one", "title: two"],
        ["title:"],
        ["title: a: b"],
        ["title: 'single'"],
        ['title: "open'],
        ["custom:", "  side: [a, b"],
        ["Title: capital"],
        ["related_resources:", "  - ref"],
        ["title: one", "  more"],
    ],
)
def test_annotations_written_otherwise_are_rejected(lines: list[str]) -> None:
    with pytest.raises(RevisionRejected) as caught:
        annotations_of("a.rego", block(*lines))

    assert caught.value.findings[0].startswith("a.rego:")


def test_annotations_above_nothing_are_rejected() -> None:
    with pytest.raises(RevisionRejected, match="stands above its rule"):
        annotations_of("a.rego", "package a\n\n# METADATA\n# title: lost\n")


def test_annotation_names_package_rule_and_line() -> None:
    source = "# METADATA\n# title: whole\npackage a.b\n\n# METADATA\n# title: part\nfound := 1\n"

    whole, part = annotations_of("a.rego", source)

    assert ("a.b", "", 1) == (whole.package, whole.rule, whole.line)
    assert ("a.b", "found", 5) == (part.package, part.rule, part.line)


@pytest.mark.parametrize("path", SOURCES)
def test_annotations_of_every_file_are_what_yaml_says(path: str) -> None:
    """The little that is understood is understood as everybody else does."""
    expected = []
    lines = SOURCES[path].splitlines()
    for start, text in enumerate(lines):
        if text == "# METADATA":
            end = start + 1
            while lines[end].startswith("#"):
                end += 1
            body = "\n".join(line[2:] for line in lines[start + 1 : end])
            expected.append(yaml.load(body, Loader=yaml.BaseLoader))  # noqa: S506 - it builds text, lists and maps only

    assert as_read(expected) == [as_yaml(a.content) for a in annotations_of(path, SOURCES[path])]


def as_read(value: object) -> object:
    """Drop the line feed with which YAML ends block text."""
    if isinstance(value, dict):
        return {k: as_read(v) for k, v in value.items()}
    if isinstance(value, list):
        return [as_read(v) for v in value]
    return value.rstrip("\n") if isinstance(value, str) else value


def as_yaml(value: object) -> object:
    """Write truth values as YAML's base loader does."""
    if isinstance(value, dict):
        return {k: as_yaml(v) for k, v in value.items()}
    if isinstance(value, list):
        return [as_yaml(v) for v in value]
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value
