"""A pack states what it changes, cites what it says, and enables nothing it may not."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from gateway.policy.bundle import PolicyBundle, build_bundle
from gateway.policy.packs import resolved_packs
from gateway.policy.rejection import RevisionRejected
from tests.simulators.policy_inputs import POLICIES

ROOT = POLICIES / "data/packs"
SCHEMA = json.loads((ROOT / "schema.json").read_text(encoding="utf-8"))
THRESHOLDS = SCHEMA["properties"]["thresholds"]["properties"]
CONFERENCES = {"meeting", "custom", "later"}
REAL = ("ehime", "kitakyushu", "tottori_city", "tottori_pref", "tsukumi", "uwajima")
BASIS: dict[str, Any] = {
    "meeting": {"effective_on": "2021-04-01", "purposes": ["conf"]},
    "agreed": {"effective_on": "2022-06-01", "purposes": ["refer"]},
    "told": {"effective_on": "2000-11-20", "purposes": ["abuse"], "report": True},
    "custom": {"effective_on": "2000-01-01", "purposes": ["conf"], "never": True},
    "later": {
        "effective_on": "2026-04-01",
        "purposes": ["conf"],
        "disabled_reason_ja": "条文を確かめていない。",
    },
}


def stated(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((ROOT / name / "data.json").read_text(encoding="utf-8"))
    return content


def choice(**changes: Any) -> dict[str, Any]:
    return {"enabled_on": "2023-04-01", "disabled_on": None, "row": "C2", **changes}


def body(**changes: Any) -> dict[str, Any]:
    return {
        "name_ja": "会議",
        "basis": "meeting",
        "founding_rule": "",
        "from_on": None,
        "to_on": None,
        "rule_seen": False,
        "trial": False,
        "row": "C2",
        "note_ja": "",
        **changes,
    }


def town(**changes: Any) -> dict[str, Any]:
    """Return the pack of a real city, small enough to read; it is in order."""
    return {
        **stated("tottori_city"),
        "rows": {"C2": "支援会議"},
        "bases": {"meeting": choice()},
        "local_bodies": [body()],
        "ordinances": [],
        "unverified": [],
        **changes,
    }


def resolve(pack: dict[str, Any], **basis: Any) -> dict[str, Any]:
    packs = {"default": {**stated("default"), "bases": {}}, "town": pack}
    resolved: dict[str, Any] = resolved_packs(packs, {**BASIS, **basis}, THRESHOLDS, CONFERENCES)[
        "town"
    ]
    return resolved


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"bases": {"meetings": choice()}}, "basis meetings is unknown"),
        ({"bases": {"meeting": choice(row="")}}, "basis meeting cites no row"),
        ({"bases": {"meeting": choice(row="C9")}}, "basis meeting cites row C9, which"),
        (
            {"bases": {"meeting": choice(enabled_on="2021-03-31")}},
            "basis meeting is enabled before its law's day 2021-04-01",
        ),
        (
            {"bases": {"meeting": choice(disabled_on="2023-04-01")}},
            "basis meeting ends before it begins",
        ),
        ({"bases": {"custom": choice()}}, "basis custom is never a ground"),
        ({"bases": {"later": choice()}}, "basis later may not be enabled: 条文を確かめていない。"),
        (
            {"bases": {"told": choice(disabled_on="2024-04-01")}},
            "basis told is enabled by law and is no choice of a pack",
        ),
        ({"local_bodies": [body(basis="nowhere")]}, "basis nowhere, which is unknown"),
        ({"local_bodies": [body(basis="agreed")]}, "basis agreed, which is no conference"),
        ({"local_bodies": [body(basis="told")]}, "basis told, which is no conference"),
        ({"local_bodies": [body(basis="custom")]}, "custom, which the pack does not enable"),
        ({"bases": {}}, "basis meeting, which the pack does not enable"),
        ({"local_bodies": [body(from_on="2021-03-31")]}, "会議 is older than basis meeting"),
        ({"local_bodies": [body(trial=True)]}, "会議 is a trial, which has no basis"),
        ({"local_bodies": [body(rule_seen=True)]}, "会議 names no founding rule"),
        ({"local_bodies": [body(row="")]}, "local body 会議 cites no row"),
        (
            {"local_bodies": [body(from_on="2023-04-01", to_on="2023-04-01")]},
            "会議 ends before it begins",
        ),
        (
            {"unverified": [{"row": "C5", "what_ja": "要綱", "why_ja": "記載がない。"}]},
            "unverified 要綱 cites row C5",
        ),
        (
            {
                "municipality": {
                    "kind": "municipality",
                    "core_city": True,
                    "has_welfare_office": None,
                    "runs_juso_from_on": None,
                    "rows": {"core_city": "", "has_welfare_office": "", "runs_juso": ""},
                }
            },
            "core_city cites no row",
        ),
    ],
)
def test_pack_that_may_not_is_refused_by_name(changes: dict[str, Any], finding: str) -> None:
    with pytest.raises(RevisionRejected) as refused:
        resolve(town(**changes))

    found = [f for f in refused.value.findings if finding in f]
    assert len(found) == 1
    assert found[0].startswith("data/packs/town/data.json: ")


def test_packs_without_a_default_are_refused() -> None:
    with pytest.raises(RevisionRejected, match="there is no default"):
        resolved_packs({"town": town()}, BASIS, THRESHOLDS, CONFERENCES)


def test_default_that_leaves_a_threshold_out_is_refused() -> None:
    default = {**stated("default"), "bases": {}}
    del default["thresholds"]["small_cell"]

    with pytest.raises(RevisionRejected, match="threshold small_cell is missing"):
        resolved_packs({"default": default}, BASIS, THRESHOLDS, CONFERENCES)


def set_unknown_threshold(pack: dict[str, Any]) -> None:
    pack["thresholds"]["patience_ms"] = 1


def set_wrong_threshold(pack: dict[str, Any]) -> None:
    pack["thresholds"]["small_cell"] = 1


def leave_rows_out(pack: dict[str, Any]) -> None:
    del pack["rows"]


def name_no_day(pack: dict[str, Any]) -> None:
    pack["bases"]["consent_public"]["enabled_on"] = "2025-02-30"


@pytest.mark.parametrize(
    ("broken", "finding"),
    [
        (set_unknown_threshold, "packs/tottori_city/data.json:[0-9]+: thresholds: .*patience_ms"),
        (
            set_wrong_threshold,
            "tottori_city/data.json:[0-9]+: thresholds/small_cell: 1 is less than",
        ),
        (leave_rows_out, 'tottori_city/data.json:[0-9]+: .: "rows" is a required property'),
        (name_no_day, "bases/consent_public/enabled_on: 2025-02-30 is not a day"),
    ],
)
def test_build_with_a_malformed_pack_is_refused_by_name(
    policies_copy: Path, broken: Callable[[dict[str, Any]], None], finding: str
) -> None:
    path = policies_copy / "data/packs/tottori_city/data.json"
    pack = copy.deepcopy(stated("tottori_city"))
    broken(pack)
    path.write_text(json.dumps(pack), encoding="utf-8")

    with pytest.raises(RevisionRejected, match=finding):
        build_bundle(policies_copy)


def test_build_with_a_pack_that_is_no_json_is_refused(policies_copy: Path) -> None:
    (policies_copy / "data/packs/ehime/data.json").write_text("{", encoding="utf-8")

    with pytest.raises(RevisionRejected, match=r"packs/ehime/data\.json:1: is not JSON"):
        build_bundle(policies_copy)


def test_pack_in_order_has_its_own_and_the_default_thresholds() -> None:
    resolved = resolve(town(thresholds={"small_cell": 20}))

    default = stated("default")["thresholds"]
    assert {**default, "small_cell": 20} == resolved["thresholds"]
    assert default["small_cell"] != resolved["thresholds"]["small_cell"]


def test_report_is_enabled_in_every_pack_by_law() -> None:
    resolved = resolve(town())

    assert {"enabled_on": "2000-11-20", "disabled_on": None, "row": "law"} == resolved["bases"][
        "told"
    ]
    assert {"meeting", "told"} == set(resolved["bases"])


def test_report_that_may_not_be_enabled_yet_is_not() -> None:
    waiting = {**BASIS["told"], "disabled_reason_ja": "条文を確かめていない。"}

    assert {"meeting"} == set(resolve(town(), told=waiting)["bases"])


def test_enabling_all_takes_each_basis_from_its_law_and_not_before() -> None:
    resolved = resolve(town(enable_all_from_on="2022-04-01", bases={}))

    days = {id_: row["enabled_on"] for id_, row in resolved["bases"].items()}
    assert {"meeting": "2022-04-01", "agreed": "2022-06-01", "told": "2000-11-20"} == days


def test_enabling_all_gives_way_to_what_the_pack_says_of_a_basis() -> None:
    own = choice(enabled_on="2024-04-01")
    resolved = resolve(town(enable_all_from_on="2022-04-01", bases={"meeting": own}))

    assert own == resolved["bases"]["meeting"]


def test_default_pack_enables_every_basis_that_may_be(bundle: PolicyBundle) -> None:
    may = {
        id_
        for id_, row in bundle.data["basis"].items()
        if not row.get("never") and row.get("disabled_reason_ja") is None
    }

    assert may == set(bundle.data["packs"]["default"]["bases"])
    assert not bundle.data["packs"]["default"]["municipality_ja"]


def test_every_threshold_says_what_it_is_and_stands_in_the_default() -> None:
    assert set(THRESHOLDS) == set(stated("default")["thresholds"])
    assert all(row["description"] for row in THRESHOLDS.values())


def test_packs_are_two_fictional_ones_and_the_six_of_the_report() -> None:
    assert {"default", "cautious", *REAL} == {p.parent.name for p in ROOT.glob("*/data.json")}
    jsonschema_rs.meta.validate(SCHEMA)


@pytest.mark.parametrize("pack", REAL)
def test_pack_of_a_municipality_says_only_what_was_seen(bundle: PolicyBundle, pack: str) -> None:
    """No founding rule of a real municipality has been read, and no trial is a conference."""
    row = bundle.data["packs"][pack]

    assert row["municipality_ja"]
    assert row["enable_all_from_on"] is None
    assert not [b["name_ja"] for b in row["local_bodies"] if b["rule_seen"] or b["founding_rule"]]
    assert {"-"} < {point["row"] for point in row["unverified"]}
    assert {} == stated(pack)["thresholds"]


@pytest.mark.parametrize("pack", REAL)
def test_row_that_a_pack_lists_is_cited(pack: str) -> None:
    content = stated(pack)
    rows = [
        r["row"] for name in ("local_bodies", "ordinances", "unverified") for r in content[name]
    ]
    rows += [r["row"] for r in content["bases"].values()]
    rows += content["municipality"]["rows"].values()

    assert set(content["rows"]) == set(rows) - {"", "-", "law"}


def test_meeting_that_presupposes_consent_is_no_support_conference(bundle: PolicyBundle) -> None:
    bodies = {b["name_ja"]: b for b in bundle.data["packs"]["uwajima"]["local_bodies"]}

    assert bodies["宇和島市重層的支援会議"]["basis"] is None
    assert "shien_kaigi_swa" not in bundle.data["packs"]["uwajima"]["bases"]


def test_ages_of_consent_are_one_in_force_and_one_awaited(bundle: PolicyBundle) -> None:
    ages = bundle.data["packs"]["default"]["thresholds"]["minor_consent_age"]

    assert [True, False] == [row["from_at"] is not None for row in ages]
    assert {"secondary"} == {row["verified"] for row in ages}
