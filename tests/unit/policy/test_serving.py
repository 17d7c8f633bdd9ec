"""The last good revision stays in force until a better one has shown itself."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.policy.contract import PolicyContract
from gateway.policy.rejection import RevisionRejected
from gateway.policy.serving import CurrentPolicy
from tests.simulators.policy_inputs import T0, known


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_renew_with_a_silent_stop_keeps_the_last_good_revision(
    policies_copy: Path, contract: PolicyContract
) -> None:
    current = CurrentPolicy(policies_copy, contract)
    good = current.revision
    line = "stops contains h if some h in data.disclosure.stop.stop_my_number.hits\n"
    edit(policies_copy / "disclosure/main/generated.rego", line, "")

    with pytest.raises(RevisionRejected, match="stop_my_number"):
        current.renew()

    answer = asyncio.run(current.decide(known("stop_my_number")))
    assert good == current.revision == answer.revision
    assert "subject.phones" not in answer.decision["fields_permitted"]


def rule_without_metadata(directory: Path) -> str:
    file = "disclosure/stop/stop_my_number/stop_my_number.rego"
    text = (directory / file).read_text(encoding="utf-8")
    (directory / file).write_text(text[text.index("package ") :], encoding="utf-8")
    return f"{file}:1: "


def purpose_that_nobody_knows(directory: Path) -> str:
    edit(directory / "disclosure/basis/consent_private/basis.json", '"refer"', '"gossip"')
    return "disclosure/basis/consent_private/basis.json:"


def pack_that_is_malformed(directory: Path) -> str:
    edit(directory / "data/packs/default/data.json", '"ad_hoc_limit": 3', '"ad_hoc_limit": "3"')
    return "data/packs/default/data.json:"


def pack_that_is_null(directory: Path) -> str:
    (directory / "data/packs/default/data.json").write_text("null", encoding="utf-8")
    return "data/packs/default/data.json:1: "


def table_that_is_empty(directory: Path) -> str:
    (directory / "data/reasons/data.json").write_text("{}", encoding="utf-8")
    return "data/reasons/data.json:1: "


def table_that_is_no_json(directory: Path) -> str:
    (directory / "data/purposes/data.json").write_text('{\n"refer": }', encoding="utf-8")
    return "data/purposes/data.json:2: "


def rule_that_does_not_parse(directory: Path) -> str:
    edit(directory / "lib/time/time.rego", "at < end", "at < ")
    return "lib/time/time.rego:"


@pytest.mark.parametrize(
    "broken",
    [
        rule_without_metadata,
        purpose_that_nobody_knows,
        pack_that_is_malformed,
        pack_that_is_null,
        table_that_is_empty,
        table_that_is_no_json,
        rule_that_does_not_parse,
    ],
    ids=lambda broken: broken.__name__,
)
def test_renew_with_a_broken_draft_names_the_place_and_keeps_the_last_good_revision(
    policies_copy: Path, contract: PolicyContract, broken: Callable[[Path], str]
) -> None:
    current = CurrentPolicy(policies_copy, contract)
    good, archive = current.revision, current.bundle.archive
    place = broken(policies_copy)

    with pytest.raises(RevisionRejected) as rejected:
        current.renew()

    assert any(place in finding for finding in rejected.value.findings), rejected.value.findings
    answer = asyncio.run(current.decide(known("consent_private")))
    assert good == current.revision == answer.revision
    assert archive == current.bundle.archive
    assert "permit" == answer.decision["outcome"]


def test_start_with_a_revision_that_may_not_serve_is_rejected(
    policies_copy: Path, contract: PolicyContract
) -> None:
    (policies_copy / "checks/base.json").unlink()

    with pytest.raises(RevisionRejected):
        CurrentPolicy(policies_copy, contract)


def test_renew_with_a_good_revision_puts_it_in_force(
    policies_copy: Path, contract: PolicyContract
) -> None:
    current = CurrentPolicy(policies_copy, contract)
    good = current.revision
    edit(
        policies_copy / "data/packs/default/data.json",
        '"ack_receipt_ms": 259200000',
        '"ack_receipt_ms": 1',
    )

    assert current.renew()

    answer = asyncio.run(current.decide(known("consent_private")))
    due = {o["code"]: o["due_at"] for o in answer.decision["obligations"]}
    assert good != answer.revision
    assert T0 + 1 == due["ack_receipt"]


def test_renew_without_a_change_changes_nothing(
    policies_copy: Path, contract: PolicyContract
) -> None:
    current = CurrentPolicy(policies_copy, contract)

    assert not current.renew()
