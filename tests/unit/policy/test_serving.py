"""The last good revision stays in force until a better one has shown itself."""

import asyncio
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
