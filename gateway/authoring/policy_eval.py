"""
One input, its decision, and which rules brought it about.

For an author who asks *why*: stops, parties and candidates in the order of the decision,
each with what it said. The decision itself is the one that would be served.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from gateway.policy.bundle import build_bundle
from gateway.policy.contract import PolicyContract
from gateway.policy.embedded import EmbeddedPolicy, engine_for, guarded

__all__ = ["Evaluation", "Step", "evaluate_input"]


@dataclass(frozen=True, slots=True)
class Step:
    """
    One rule that was asked.

    Attributes:
        kind: ``stop``, ``parties``, ``basis``, ``minimise`` or ``obligation``.
        rule: Its id.
        spoke: Whether it said anything that counts.
        said: What it said: hits of stops and grounds, or the codes against it.
    """

    kind: str
    rule: str
    spoke: bool
    said: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """
    A decision and the rules behind it.

    Attributes:
        revision: Digest of the rules.
        decision: As ``schemas/policy-decision.json`` says.
        candidates: Bases that were looked at, sorted.
        eligible: Those that exist for these parties, this purpose and day, sorted.
        steps: Every rule that was asked, in the order of the decision.
    """

    revision: str
    decision: Mapping[str, Any]
    candidates: tuple[str, ...]
    eligible: tuple[str, ...]
    steps: tuple[Step, ...]


def evaluate_input(
    directory: Path, contract: PolicyContract, policy_input: Mapping[str, Any]
) -> Evaluation:
    """
    Decide one input by the rules of a directory and say which rules decided.

    Raises:
        RevisionRejected: The directory does not make a revision.
        PolicyUnavailable: The input is not as the schema demands, or the engine failed.
    """
    bundle = build_bundle(directory)
    decision = EmbeddedPolicy(bundle, contract).decide_now(policy_input).decision
    engine = engine_for(bundle.modules, bundle.data_json)
    with guarded():
        engine.set_input_json(json.dumps(policy_input, ensure_ascii=False))

        def said(path: str) -> Any:
            return orjson.loads(engine.eval_rule_as_json(f"data.{path}"))

        grounds, against = said("disclosure.main.grounds"), said("disclosure.main.against")
        candidates = tuple(said("lib.registry.candidates"))
        steps = (
            *(_stop(i, said(f"disclosure.stop.{i}.hits")) for i in _ids(bundle.modules, "stop")),
            _against("parties", said("lib.parties.against")),
            *(_basis(i, grounds, against) for i in candidates),
            _against("minimise", said("lib.minimise.against")),
            *_duties(decision),
        )
        eligible = tuple(said("lib.registry.eligible"))
    return Evaluation(bundle.revision, decision, candidates, eligible, steps)


def _duties(decision: Mapping[str, Any]) -> Iterator[Step]:
    for duty in decision["obligations"]:
        yield Step("obligation", duty["code"], spoke=True, said=(duty,))


def _ids(modules: Mapping[str, str], kind: str) -> list[str]:
    prefix = f"disclosure/{kind}/"
    return sorted({p.split("/")[2] for p in modules if p.startswith(prefix)})


def _stop(rule: str, hits: list[Mapping[str, Any]]) -> Step:
    return Step("stop", rule, spoke=bool(hits), said=tuple(hits))


def _against(rule: str, findings: list[Mapping[str, Any]]) -> Step:
    return Step(rule, rule, spoke=bool(findings), said=tuple(findings))


def _basis(rule: str, grounds: list[Mapping[str, Any]], against: list[Mapping[str, Any]]) -> Step:
    hits = tuple(g for g in grounds if g["basis"] == rule)
    codes = tuple(a for a in against if a["rule"] == rule)
    return Step("basis", rule, spoke=bool(hits), said=(*hits, *codes))
