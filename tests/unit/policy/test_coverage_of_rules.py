"""Every rule has shown that it speaks and that, close by, it does not."""

import json
import shutil
from pathlib import Path

from gateway.authoring.policy_coverage import measure_coverage
from gateway.policy.contract import PolicyContract
from tests.simulators.policy_inputs import POLICIES, corpus_of


def test_every_rule_speaks_and_is_nearly_missed(contract: PolicyContract) -> None:
    report = measure_coverage(POLICIES, contract, corpus_of(POLICIES))

    assert [] == [(r.rule, r.missing) for r in report.rules if r.missing]
    assert () == report.unregistered
    directories = {
        p.name
        for room in ("basis", "stop")
        for p in (POLICIES / "disclosure" / room).iterdir()
        if p.is_dir()
    }
    assert directories == {r.rule for r in report.rules}


def test_rule_that_no_input_reaches_is_uncovered(tmp_path: Path, contract: PolicyContract) -> None:
    """Without the inputs of its tests and its case, nothing shows a stop at work."""
    policies = Path(shutil.copytree(POLICIES, tmp_path / "policies"))
    room = policies / "disclosure/stop/stop_my_number"
    for path in room.glob("*_test.rego"):
        path.unlink()
    for path in policies.rglob("cases.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        content["cases"] = [c for c in content["cases"] if c["rule"] != "stop_my_number"]
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    corpus = corpus_of(policies)
    silent = {n: q for n, q in corpus.named.items() if _is_screened(q)}

    report = measure_coverage(policies, contract, corpus.only(silent))

    assert {"stop_my_number": ("speaks", "near_miss")} == {
        r.rule: r.missing for r in report.rules if r.rule == "stop_my_number"
    }
    assert not report.complete


def _is_screened(question: dict[str, object]) -> bool:
    return '"my_number": "clear"' in json.dumps(question) and not any(
        f'"my_number": "{word}"' in json.dumps(question) for word in ("found", "missing")
    )
