"""A named field set that is too wide or missing keeps a revision from serving."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.policy.bundle import PolicyBundle, build_bundle
from gateway.policy.profiles import check_profiles
from gateway.policy.rejection import RevisionRejected
from tests.simulators.policy_inputs import POLICIES

Tables = dict[str, Any]


def tables() -> Tables:
    names = ("profiles", "purposes", "records")
    paths = {n: POLICIES / "data" / n / "data.json" for n in names}
    return {n: json.loads(p.read_text(encoding="utf-8")) for n, p in paths.items()}


def forbidden_purpose(content: Tables) -> None:
    content["profiles"]["food_delivery"]["purposes"].append("marketing")


def person_in_figures(content: Tables) -> None:
    content["profiles"]["stats"]["fields"].append("subject.age_band")
    content["profiles"]["stats"]["fields"].append("subject.phones")


def whole_rows(content: Tables) -> None:
    del content["profiles"]["plan_own_line"]["cut_rows"]["support_plan.services"]


def cut_of_nothing(content: Tables) -> None:
    content["profiles"]["food_delivery"]["cut_rows"]["support_plan.services"] = "agency"


def purpose_unserved(content: Tables) -> None:
    del content["profiles"]["missing_broadcast"]


def purpose_served_by_name_alone(content: Tables) -> None:
    content["profiles"]["missing_broadcast"]["named_only"] = True


@pytest.mark.parametrize(
    ("broken", "finding"),
    [
        (
            forbidden_purpose,
            "data/profiles/data.json: food_delivery: purpose marketing is forbidden",
        ),
        (
            person_in_figures,
            "data/profiles/data.json: stats: field subject.phones is of a class that purpose stats",
        ),
        (
            whole_rows,
            "data/profiles/data.json: plan_own_line: field support_plan.services is not cut",
        ),
        (
            cut_of_nothing,
            "data/profiles/data.json: food_delivery: field support_plan.services is cut and not in",
        ),
        (purpose_unserved, "data/purposes/data.json: missing: no field set serves it"),
        (purpose_served_by_name_alone, "data/purposes/data.json: missing: no field set serves it"),
    ],
)
def test_table_out_of_order_is_refused_by_name(
    broken: Callable[[Tables], None], finding: str
) -> None:
    content = copy.deepcopy(tables())
    broken(content)

    with pytest.raises(RevisionRejected) as refused:
        check_profiles(**content)

    assert len(refused.value.findings) == 1
    assert refused.value.findings[0].startswith(finding)


def test_build_with_a_person_in_the_figures_is_refused(policies_copy: Path) -> None:
    content = tables()
    person_in_figures(content)
    path = policies_copy / "data/profiles/data.json"
    path.write_text(json.dumps(content["profiles"]), encoding="utf-8")

    with pytest.raises(RevisionRejected, match=r"stats: field subject\.phones"):
        build_bundle(policies_copy)


def test_set_that_counts_only_by_name_is_not_needed_otherwise(bundle: PolicyBundle) -> None:
    index = bundle.data["index"]

    assert "assessment.diagnosis" in index["profile_fields"]["referral_health"]
    assert "assessment.diagnosis" not in index["purpose_fields"]["refer"]
    assert "subject.phones" in index["purpose_fields"]["refer"]


def test_purposes_with_and_without_persons_are_all_that_are_not_forbidden(
    bundle: PolicyBundle,
) -> None:
    index, purposes = bundle.data["index"], bundle.data["purposes"]
    forbidden = {p for p, row in purposes.items() if row["forbidden"]}

    assert not set(index["purposes"]) & set(index["purposes_without_persons"])
    assert set(purposes) - forbidden == {*index["purposes"], *index["purposes_without_persons"]}
