"""A revision that decides a known case otherwise does not serve."""

import shutil
from pathlib import Path

import pytest

from gateway.policy.bundle import build_bundle
from gateway.policy.cases import read_cases
from gateway.policy.contract import PolicyContract
from gateway.policy.rejection import RevisionRejected
from gateway.policy.selfcheck import check_revision, load_policy
from tests.simulators.policy_inputs import POLICIES, known


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_load_of_the_checked_in_rules_serves(contract: PolicyContract) -> None:
    policy, bundle = load_policy(POLICIES, contract)

    assert bundle.revision == policy.revision
    assert "permit" == policy.decide_now(known("consent_private")).outcome


@pytest.mark.parametrize(
    ("path", "old", "new", "case"),
    [
        (
            "disclosure/stop/stop_my_number/stop_my_number.rego",
            'field.my_number == "clear"',
            'field.my_number != ""',
            "stop_my_number",
        ),
        (
            "disclosure/stop/stop_reporter_identity/stop_reporter_identity.rego",
            "not class in _reporter_classes",
            "class != null",
            "stop_reporter_identity",
        ),
        (
            "disclosure/stop/stop_improper_use/stop_improper_use.rego",
            "if not _purpose_allowed",
            "if _purpose_allowed == 1",
            "stop_improper_use",
        ),
        (
            "lib/counterpart/counterpart.rego",
            "actor in named.actors",
            "actor in named.agencies",
            "stop_protected_address_counterpart",
        ),
        (
            "disclosure/main/generated.rego",
            "stops contains h if some h in data.disclosure.stop.stop_protected_address.hits",
            "",
            "stop_protected_address",
        ),
        (
            "disclosure/basis/minsei_iin/minsei_iin.rego",
            '"minsei" in',
            '"nobody" in',
            "minsei_iin",
        ),
        ("lib/parties/parties.rego", 'agency.status == "active"', "agency.status", "parties"),
    ],
)
def test_check_of_a_weakened_rule_names_the_case(  # noqa: PLR0917 - one row, one weakening
    policies_copy: Path, contract: PolicyContract, path: str, old: str, new: str, case: str
) -> None:
    edit(policies_copy / path, old, new)

    with pytest.raises(RevisionRejected) as caught:
        load_policy(policies_copy, contract)

    assert any(f.startswith(f"{case}: ") for f in caught.value.findings)


def test_check_of_a_rule_without_a_case_is_rejected(
    policies_copy: Path, contract: PolicyContract
) -> None:
    (policies_copy / "disclosure/basis/care_meeting/cases.json").unlink()

    with pytest.raises(RevisionRejected, match="care_meeting: no known case"):
        load_policy(policies_copy, contract)


def test_check_of_a_rule_whose_line_is_gone_is_rejected(
    policies_copy: Path, contract: PolicyContract
) -> None:
    shutil.rmtree(policies_copy / "disclosure/stop/stop_my_number")

    with pytest.raises(RevisionRejected) as caught:
        load_policy(policies_copy, contract)

    assert any(f.startswith("stop_my_number") for f in caught.value.findings)


@pytest.mark.parametrize("new", ["at < )", "at < no.such(end)"])
def test_check_of_rules_that_do_not_compile_is_rejected(
    policies_copy: Path, contract: PolicyContract, new: str
) -> None:
    edit(policies_copy / "lib/time/time.rego", "at < end\n", f"{new}\n")

    with pytest.raises(RevisionRejected) as caught:
        check_revision(build_bundle(policies_copy), contract, read_cases(policies_copy))

    assert not any("Stack backtrace" in f for f in caught.value.findings)


def test_cases_that_change_nothing_there_are_rejected(policies_copy: Path) -> None:
    edit(
        policies_copy / "disclosure/basis/consent_private/cases.json",
        '"/registered/consents"',
        '"/lost/consents"',
    )

    with pytest.raises(RevisionRejected, match=r"cases\.json"):
        read_cases(policies_copy)
