"""
What holds for every input, whatever the rules: more doubt never opens a door.

Inputs are drawn by the same changes as those of the conformance run, and asked of two engines
that must agree. Which lists restrict stands here once; every other list of the schema grants, so
that a new list is held to that from the day it is there.
"""

import asyncio
import contextlib
import copy
import functools
import json
import random
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.authoring.opa_server import find_opa, opa_serving
from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import PolicyBundle, build_bundle
from gateway.policy.cases import changed, read_cases
from gateway.policy.compiled import CompiledPolicy, TooLong
from gateway.policy.contract import PolicyContract
from gateway.policy.interpreter import InterpretedPolicy
from gateway.policy.opa import OPAPolicy
from tests.simulators.policy_inputs import POLICIES, SCHEMAS, T0, corpus_of

# Rows of these close doors: one more never permits. Rows of every other list open them.
_RESTRICTING: Final = {"protection_flags", "stalker_notices"}
# Who is in the record is no permission of anybody.
_NEITHER: Final = {"subjects"}
# What the controller tells that speaks against handing on, in a value that says so.
_DOUBTS: Final = {
    "inappropriate_purpose_suspected": True,
    "protection_status": "shien_sochi",
    "opt_out": True,
}

OPA = find_opa(POLICIES.parent)
counts = pytest.mark.parametrize(
    "count", [pytest.param(25, id="some"), pytest.param(1500, id="many", marks=pytest.mark.long)]
)


@functools.cache
def bundle() -> PolicyBundle:
    return build_bundle(POLICIES)


@functools.cache
def engines() -> tuple[InterpretedPolicy, CompiledPolicy]:
    revision = (bundle().modules, bundle().data_json)
    return InterpretedPolicy(*revision), CompiledPolicy(*revision)


@functools.cache
def contract() -> PolicyContract:
    return PolicyContract.read(SCHEMAS)


def decided(question: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the decision on which both engines agree; what neither can decide permits nothing."""
    interpreter, compiled = engines()
    try:
        contract().check_question(question)
        said = interpreter.said(question)
        decision = contract().read_answer(said, revision="", engine="").decision
    except PolicyUnavailable:
        return {"outcome": "silent", "fields_permitted": [], "grounds": [], "fields_withheld": []}
    with contextlib.suppress(TooLong):
        assert decision == compiled.said(question)
    return decision


def permitted(question: Mapping[str, Any]) -> set[str]:
    return set(decided(question)["fields_permitted"])


def inputs() -> st.SearchStrategy[dict[str, Any]]:
    """Named inputs with up to four changes; shrinks to a named input without any."""
    corpus = corpus_of(POLICIES)

    def varied(name: str, choose: random.Random, changes: int) -> dict[str, Any]:
        return corpus.varied(corpus.named[name], choose, changes)

    return st.builds(
        varied,
        st.sampled_from(sorted(corpus.named)),
        st.randoms(use_true_random=False),
        st.integers(min_value=0, max_value=4),
    )


def doubt(question: Mapping[str, Any], fact: str) -> dict[str, Any]:
    """Return the change by which the sender tells one thing that speaks against handing on."""
    told = {
        "fact": fact,
        "value": _DOUBTS[fact],
        "actor": question["request"]["sender"]["actor"],
        "subject": "",
        "evidence": "seen",
        "text_chars": 0,
        "text": "",
    }
    return {"/asserted": [*question["asserted"], told]}


def registered_lists() -> list[str]:
    schema = json.loads((SCHEMAS / "policy-input.json").read_text(encoding="utf-8"))
    members = schema["properties"]["registered"]["properties"]
    return sorted(name for name, spec in members.items() if spec.get("type") == "array")


def holds(count: int, check: Any, *strategies: st.SearchStrategy[Any]) -> None:
    """Run a check on so many drawn examples."""
    kept = settings(
        max_examples=count, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    kept(given(*strategies)(check))()


# Doubt.


@counts
def test_withdrawal_of_a_consent_never_permits(count: int) -> None:
    def check(question: dict[str, Any], choose: random.Random) -> None:
        consents = question["registered"]["consents"]
        assume(consents)
        place = f"/registered/consents/{choose.randrange(len(consents))}/withdrawn_at"
        at = min(question["computed"]["law_at"], question["computed"]["now"])

        assert permitted(changed(question, {place: at})) <= permitted(question)

    holds(count, check, inputs(), st.randoms(use_true_random=False))


@counts
@pytest.mark.parametrize("restricting", sorted(_RESTRICTING))
def test_a_restricting_row_never_permits(restricting: str, count: int) -> None:
    known = corpus_of(POLICIES).vocabulary.items[f"/registered/{restricting}"]
    rows = [row for row in known if isinstance(row, dict)]
    assert rows

    def check(question: dict[str, Any], row: dict[str, Any], choose: random.Random) -> None:
        held = question["registered"][restricting]
        assume(row["id"] not in {r["id"] for r in held})
        about = choose.choice(question["registered"]["subjects"])["person"]
        mine = {k: (about if k == "person" else v) for k, v in row.items()}

        more = changed(question, {f"/registered/{restricting}": [*held, mine]})

        assert permitted(more) <= permitted(question)

    holds(count, check, inputs(), st.sampled_from(rows), st.randoms(use_true_random=False))


@counts
def test_a_doubt_that_the_controller_tells_never_permits(count: int) -> None:
    def check(question: dict[str, Any], fact: str) -> None:
        doubted = changed(question, doubt(question, fact))

        assert permitted(doubted) <= permitted(question)

    holds(count, check, inputs(), st.sampled_from(sorted(_DOUBTS)))


@counts
def test_a_number_found_or_a_text_unread_never_permits(count: int) -> None:
    def check(question: dict[str, Any], choose: random.Random) -> None:
        place = f"/request/fields/{choose.randrange(len(question['request']['fields']))}"
        member, value = choose.choice([("my_number", "found"), ("share_ready_by", "")])

        assert permitted(changed(question, {f"{place}/{member}": value})) <= permitted(question)

    holds(count, check, inputs(), st.randoms(use_true_random=False))


# Grants.


@counts
@pytest.mark.parametrize("granting", sorted({*registered_lists()} - _RESTRICTING - _NEITHER))
def test_a_registered_fact_less_never_permits(granting: str, count: int) -> None:
    """Whoever loses a consent, an item, an approval or any other row gains nothing by it."""

    def check(question: dict[str, Any], choose: random.Random) -> None:
        held = question["registered"][granting]
        assume(held)
        gone = without_one(granting, held, choose)

        fewer = changed(question, {f"/registered/{granting}": gone})

        assert permitted(fewer) <= permitted(question)

    holds(max(5, count // 5), check, having(granting), st.randoms(use_true_random=False))


def having(granting: str) -> st.SearchStrategy[dict[str, Any]]:
    """Inputs that start from one in which the list has rows."""
    corpus = corpus_of(POLICIES)
    names = sorted(n for n, q in corpus.named.items() if q["registered"][granting])
    if not names:
        pytest.skip(f"no case and no test input registers {granting}")

    def varied(name: str, choose: random.Random, changes: int) -> dict[str, Any]:
        return corpus.varied(corpus.named[name], choose, changes)

    return st.builds(
        varied,
        st.sampled_from(names),
        st.randoms(use_true_random=False),
        st.integers(min_value=0, max_value=3),
    )


def without_one(
    granting: str, held: list[dict[str, Any]], choose: random.Random
) -> list[dict[str, Any]]:
    """
    Return a list with one fact taken away.

    A record of consent that holds a refusal speaks against, so it stays. A person who stands
    on a roster twice may see the least of both, so both rows go.
    """
    row = choose.choice(held)
    if granting == "consents" and (row["recipients_refused"] or row["items_refused"]):
        return held
    if granting == "participants":
        return [r for r in held if (r["item"], r["actor"]) != (row["item"], row["actor"])]
    return [r for r in held if r != row]


@counts
def test_absent_facts_give_no_ground(count: int) -> None:
    """What stands on registered facts does not stand when none of them is there."""

    def check(question: dict[str, Any]) -> None:
        standing = {f for g in decided(question)["grounds"] for f in g["facts"]}
        bare = copy.deepcopy(question)
        for name in {*registered_lists()} - _RESTRICTING - _NEITHER:
            bare["registered"][name] = []
        bare["asserted"] = []

        grounds = decided(bare)["grounds"]

        assert not standing & {f for g in grounds for f in g["facts"]}
        assert all(not g["facts"] for g in grounds)

    holds(count, check, inputs())


@counts
def test_what_passes_is_asked_needed_and_within_the_class(count: int) -> None:
    def check(question: dict[str, Any]) -> None:
        decision = decided(question)
        request, data = question["request"], bundle().data
        needed = (
            data["index"]["profile_fields"].get(request["profile"], {})
            if request["profile"]
            else data["index"]["purpose_fields"].get(request["purpose"], {})
        )
        asked = {f["id"] for f in request["fields"]}
        allowed = {
            f
            for ground in decision["grounds"]
            for f in ground["fields"]
            if classes_of(request, f) <= set(data["basis"][ground["basis"]]["classes"])
        }

        assert set(decision["fields_permitted"]) <= asked & set(needed) & allowed

    holds(2 * count, check, inputs())


def classes_of(request: Mapping[str, Any], field: str) -> set[str]:
    """Return the classes that the sender and the catalogue give a field."""
    fixed = bundle().data["index"]["fixed_classes"].get(field, ())
    return {*fixed, *(c for f in request["fields"] if f["id"] == field for c in f["classes"])}


# Reports.


def test_a_report_is_never_turned_away() -> None:
    """Neither a doubt nor a sender in disorder turns a report into a refusal."""
    rows = {b for b, row in bundle().data["basis"].items() if row.get("report", False)}
    reports = [
        c
        for c in read_cases(POLICIES)
        if rows & set(c.bases) and c.outcome == "permit" and tells_of_the_person(c.policy_input)
    ]
    assert rows == {b for c in reports for b in c.bases} & rows

    for report in reports:
        for trouble in troubles(report.policy_input):
            assert "permit" == decided(changed(report.policy_input, trouble))["outcome"], report.id


def tells_of_the_person(question: Mapping[str, Any]) -> bool:
    """Say whether a report is more than the sealed name of who reported, sent after it."""
    main = question["request"]["subject"]
    return any(main in field["about"] for field in question["request"]["fields"])


def troubles(question: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what would refuse anything but a report."""
    yield {"/registered/sender/actor": None}
    yield {"/registered/sender/agency/status": "suspended"}
    yield {"/registered/sender/actor/term_to": T0}
    for fact in _DOUBTS:
        yield doubt(question, fact)


# The long run asks a real OPA too.


@pytest.mark.long
@pytest.mark.opa
@pytest.mark.skipif(OPA is None, reason="no OPA binary: run `make tools`")
def test_opa_keeps_to_the_same() -> None:
    """Withdrawal and one registered fact less, asked of a real OPA server."""
    assert OPA is not None
    choose = random.Random(T0)

    async def run(port: int) -> int:
        server = OPAPolicy(contract(), revision=bundle().revision, port=port, timeout_s=10.0)
        tried = 0
        async with server:

            async def passes(question: dict[str, Any]) -> set[str]:
                return set((await server.decide(question)).decision["fields_permitted"])

            for _, question in corpus_of(POLICIES).made(seed=T0, count=1500):
                lists = {*registered_lists()} - _RESTRICTING - _NEITHER
                full = sorted(n for n in lists if question["registered"][n])
                if not full:
                    continue
                name = choose.choice(full)
                fewer = without_one(name, question["registered"][name], choose)
                try:
                    before = await passes(question)
                except PolicyUnavailable:
                    continue
                assert await passes(changed(question, {f"/registered/{name}": fewer})) <= before
                tried += 1
        return tried

    with opa_serving(OPA, bundle().archive) as port:
        assert asyncio.run(run(port)) > 500
