"""The promises of the Containerfile, read from its instructions."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
GOOD = """\
FROM python:3.11-slim AS build
COPY gateway gateway
RUN python -m venv /opt/tasuki
FROM python:3.11-slim
COPY --from=build /opt/tasuki /opt/tasuki
USER 10001:10001
ENTRYPOINT ["tasuki"]
"""
_SECRET = re.compile(r"secret|password|passwd|token|private|credential|api_?key", re.IGNORECASE)


def instructions(text: str) -> list[tuple[str, str]]:
    """Return (instruction, arguments) with continued lines joined and comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    parts = (line.split(None, 1) for line in joined.splitlines() if line.strip())
    return [(name.upper(), argument) for name, argument in parts]


def copied(steps: list[tuple[str, str]]) -> list[str]:
    """Return the sources that are copied from the checkout."""
    return [
        source
        for name, argument in steps
        if name == "COPY" and not argument.startswith("--from=")
        for source in argument.split()[:-1]
    ]


def admitted(source: str) -> bool:
    """Whether the build sees a path at the top of the checkout."""
    ignore = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
    return "*" in ignore and f"!{source}" in ignore


def faults(text: str) -> list[str]:
    """Return every promise that a Containerfile breaks."""
    steps = instructions(text)
    users = [argument for name, argument in steps if name == "USER"]
    entries = [argument for name, argument in steps if name == "ENTRYPOINT"]
    found = [f"ADD {argument}" for name, argument in steps if name == "ADD"]
    found += [f"no {s}" for s in copied(steps) if not (ROOT / s).exists() or not admitted(s)]
    if not users or not re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1]):
        found.append("no numeric user other than root")
    if entries != ['["tasuki"]']:
        found.append("another entrypoint")
    if [name for name, _ in steps].count("FROM") < 2:
        found.append("built and run in one stage")
    found += [f"secret: {a}" for n, a in steps if n in {"ARG", "ENV"} and _SECRET.search(a)]
    found += [f"fetches: {a}" for n, a in steps if n == "RUN" and re.search(r"curl|wget|://", a)]
    found += [f"unpinned: {a}" for n, a in steps if n == "FROM" and "latest" in a]
    return found


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("USER 10001:10001\n", "", "numeric user"),
        ("USER 10001:10001", "USER 0:0", "numeric user"),
        ("USER 10001:10001", "USER tasuki", "numeric user"),
        ("USER 10001:10001", "USER 10001:10001\nUSER root", "numeric user"),
        ("COPY gateway gateway", "ADD https://example.org/a.tar.gz /", "ADD"),
        ("COPY gateway gateway", "COPY nowhere nowhere", "no nowhere"),
        ("COPY gateway gateway", "COPY tests tests", "no tests"),
        ("USER", "ENV DATABASE_PASSWORD=x\nUSER", "secret"),
        ("USER", "ARG \\\n  API_KEY\nUSER", "secret"),
        ("RUN python", "RUN curl -O https://example.org/a && python", "fetches"),
        ('ENTRYPOINT ["tasuki"]', "ENTRYPOINT tasuki", "entrypoint"),
        ("FROM python:3.11-slim\nCOPY --from=build /opt/tasuki /opt/tasuki\n", "", "one stage"),
        ("FROM python:3.11-slim AS", "FROM python:latest AS", "unpinned"),
    ],
)
def test_faults_of_a_broken_containerfile_are_found(old: str, new: str, fault: str) -> None:
    assert old in GOOD
    assert not faults(GOOD)

    assert any(fault in found for found in faults(GOOD.replace(old, new, 1)))


def test_containerfile_keeps_every_promise() -> None:
    assert [] == faults((ROOT / "Containerfile").read_text(encoding="utf-8"))


def test_containerfile_copies_what_the_gateway_reads() -> None:
    """Package, policies and schemas stand where an installed gateway looks for them."""
    steps = instructions((ROOT / "Containerfile").read_text(encoding="utf-8"))

    assert ("COPY", "policies /opt/tasuki/share/tasuki/policies") in steps
    assert ("COPY", "schemas /opt/tasuki/share/tasuki/schemas") in steps
    assert {"gateway", "policies", "schemas"} <= set(copied(steps))
