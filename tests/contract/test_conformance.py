"""One policy, four engines that share little code, one answer."""

import shutil
from pathlib import Path

import pytest

from gateway.authoring.conformance import ENGINES, Conformance, check_conformance
from gateway.authoring.corpus import Corpus
from gateway.authoring.opa_server import find_opa
from gateway.policy.contract import PolicyContract
from tests.simulators.policy_inputs import POLICIES, SCHEMAS, corpus_of

ROOT = POLICIES.parent
OPA = find_opa(ROOT)
SEED = 20260415


@pytest.fixture(scope="module")
def contract() -> PolicyContract:
    return PolicyContract.read(SCHEMAS)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return corpus_of(POLICIES)


def asked(directory: Path, contract: PolicyContract, corpus: Corpus, count: int) -> Conformance:
    return check_conformance(directory, contract, corpus, seed=SEED, count=count, opa=OPA)


def share(found: Conformance, outcome: str) -> float:
    return found.histogram.outcomes.get(outcome, 0) / found.inputs


@pytest.mark.opa
@pytest.mark.parametrize(
    "count", [pytest.param(150, id="some"), pytest.param(2400, id="many", marks=pytest.mark.long)]
)
def test_engines_answer_alike(contract: PolicyContract, corpus: Corpus, count: int) -> None:
    """Known cases, inputs of Rego tests and made ones; permits and denials both abound."""
    found = asked(POLICIES, contract, corpus, count)

    assert () == found.differences
    assert set(ENGINES) - {*found.engines} <= ({"opa"} if OPA is None else set())
    assert count == found.inputs
    assert found.unfinished < found.inputs / 10
    assert share(found, "permit") >= 0.3
    assert share(found, "deny") >= 0.3


@pytest.mark.long
def test_many_inputs_show_every_rule(contract: PolicyContract, corpus: Corpus) -> None:
    """Every ground, stop, reason and duty occurs, so that engines are compared on each."""
    found = asked(POLICIES, contract, corpus, max(2000, len(corpus.named)))

    assert {} == dict(found.histogram.missing)


def test_a_construct_that_one_engine_reads_otherwise_is_shown(
    tmp_path: Path, contract: PolicyContract
) -> None:
    """``not`` inside ``every`` is always true for regopy: a stop would not fire there."""
    policies = Path(shutil.copytree(POLICIES, tmp_path / "policies"))
    stop = "disclosure/stop/stop_reporter_identity/stop_reporter_identity.rego"
    text = (policies / stop).read_text(encoding="utf-8")
    assert "_of_others(class)" in text
    changed = text.replace("\t\t_of_others(class)\n", "\t\tnot class in _reporter_classes\n")
    (policies / stop).write_text(changed, encoding="utf-8")
    corpus = corpus_of(policies)
    about = {n: q for n, q in corpus.named.items() if "stop_reporter_identity" in n}

    found = asked(policies, contract, corpus.only(about), len(about))

    assert found.differences
    assert {("interpreter", "regopy")} == {d.engines for d in found.differences}
    assert any("stops" in d.members for d in found.differences)
