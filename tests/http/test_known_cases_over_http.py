"""Every known case comes out at the one door over HTTP as it does in policy alone."""

from collections.abc import Iterator

import pytest

from gateway.policy.cases import KnownCase, read_cases
from tests.simulators.databases import SQLiteDatabases
from tests.simulators.law_door import DoorOverHTTP
from tests.simulators.policy_inputs import POLICIES

CASES = read_cases(POLICIES)
# An answer to a request needs the request; it is asked in ``test_requests_over_http``.
# What the door counts by itself cannot be told it.
COUNTED = ("ad_hoc_count", "lately_count")
ASKED = [
    c
    for c in CASES
    if c.policy_input["request"]["direction"] != "pull"
    and not any(c.policy_input["computed"][name] for name in COUNTED)
]
LABELS = {"permit": {"permit", "permit_partial"}, "deny": {"deny", "held"}}


@pytest.fixture(scope="module")
def door(
    sqlite_databases: SQLiteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DoorOverHTTP]:
    with (
        sqlite_databases.fresh() as url,
        DoorOverHTTP.on(url, tmp_path_factory.mktemp("cases")) as opened,
    ):
        yield opened


@pytest.mark.parametrize("case", ASKED, ids=lambda case: case.id)
def test_known_case_at_the_door_is_decided_as_expected(door: DoorOverHTTP, case: KnownCase) -> None:
    judged = door.ask(case.policy_input)

    assert judged.label in LABELS.get(case.outcome, {"deny"})
    assert case.permitted == judged.permitted
    assert set(case.bases) == set(judged.bases)
