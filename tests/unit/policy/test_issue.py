"""No way back: an older revision follows only where its digest was named."""

import json
from pathlib import Path

import pytest

from gateway.policy.bundle import PolicyBundle, build_bundle
from gateway.policy.issue import Issue, check_succession
from gateway.policy.rejection import RevisionRejected

ONE, OTHER = "sha256:1", "sha256:2"
NEWEST = ("2026-11-25.2", ONE)


@pytest.mark.parametrize("issue", [Issue("2026-11-25", 1), Issue("2026-11-24", 9)], ids=str)
@pytest.mark.parametrize("allowed", ["", ONE])
@pytest.mark.parametrize("production", [True, False])
def test_older_revision_is_refused_and_named(
    issue: Issue, allowed: str, *, production: bool
) -> None:
    with pytest.raises(RevisionRejected) as refused:
        check_succession(OTHER, issue, NEWEST, production=production, allowed=allowed)

    (finding,) = refused.value.findings
    assert finding.startswith(f"data/revision/data.json: {issue} is older than 2026-11-25.2")
    assert OTHER in finding


@pytest.mark.parametrize("allowed", ["", OTHER])
def test_other_contents_in_a_place_that_was_served_are_refused_in_production(allowed: str) -> None:
    with pytest.raises(RevisionRejected, match="other contents"):
        check_succession(OTHER, Issue.parse(NEWEST[0]), NEWEST, production=True, allowed=allowed)


@pytest.mark.parametrize(
    ("issue", "newest"),
    [(None, NEWEST), (Issue("2027-01-01", 1), ("yesterday", ONE))],
    ids=["without a place", "after what has none"],
)
def test_revision_that_cannot_be_compared_is_refused(
    issue: Issue | None, newest: tuple[str, str]
) -> None:
    with pytest.raises(RevisionRejected, match="cannot be compared"):
        check_succession(OTHER, issue, newest, production=False, allowed=OTHER)


def test_older_revision_whose_digest_was_named_follows_and_is_called_older() -> None:
    issue = Issue("2026-11-25", 1)

    assert check_succession(OTHER, issue, NEWEST, production=True, allowed=OTHER)


@pytest.mark.parametrize(
    ("issue", "newest", "production"),
    [
        (Issue("2026-11-25", 3), NEWEST, True),
        (Issue("2026-12-01", 1), NEWEST, True),
        (Issue("2026-11-25", 10), ("2026-11-25.9", ONE), True),
        (Issue("2026-11-25", 2), ("2026-11-25.2", OTHER), True),
        (Issue("2026-11-25", 2), NEWEST, False),
        (Issue("2026-11-25", 1), ("", ""), True),
    ],
    ids=["later number", "later day", "ninth and tenth", "the same", "in development", "first"],
)
def test_revision_that_may_follow_is_not_called_older(
    issue: Issue, newest: tuple[str, str], *, production: bool
) -> None:
    assert not check_succession(OTHER, issue, newest, production=production, allowed="")


@pytest.mark.parametrize(
    "text", ["", "2026-11-25", "2026-11-25.0", "2026-11-25.1\n", "２026-11-25.1"]
)
def test_text_that_is_no_place_is_none(text: str) -> None:
    assert Issue.parse(text) is None


def test_place_reads_back_from_its_text(bundle: PolicyBundle) -> None:
    assert bundle.issue is not None
    assert bundle.issue == Issue.parse(str(bundle.issue))


@pytest.mark.parametrize(
    "table",
    [
        {"issued_on": "2026-02-30", "number": 1},
        {"issued_on": "2026-11-25", "number": 0},
        {"issued_on": "2026-11-25", "number": "1"},
        {"issued_on": "2026-11-25"},
        {"issued_on": None, "number": 1},
    ],
    ids=str,
)
def test_revision_without_a_proper_place_is_rejected(policies_copy: Path, table: object) -> None:
    path = policies_copy / "data/revision/data.json"
    path.write_text(json.dumps(table), encoding="utf-8")

    with pytest.raises(RevisionRejected, match=r"data/revision/data\.json"):
        build_bundle(policies_copy)


def test_revision_without_the_table_is_rejected(policies_copy: Path) -> None:
    (policies_copy / "data/revision/data.json").unlink()

    with pytest.raises(RevisionRejected, match="data/revision"):
        build_bundle(policies_copy)


def test_place_is_below_the_digest(bundle: PolicyBundle, policies_copy: Path) -> None:
    """Nobody can make an old revision new without making it another."""
    path = policies_copy / "data/revision/data.json"
    path.write_text('{"issued_on": "2030-01-01", "number": 1}', encoding="utf-8")

    assert bundle.revision != build_bundle(policies_copy).revision
