"""
What a revision must show before it serves.

* The list of rules in ``disclosure.main`` and the rules that are there are the same.
* Every stop and every ground has a known case in which it speaks; what is never a ground, or
  may not be enabled yet, has one in which the refusal names it.
* Every known case comes out as expected on the interpreter.
* The compiled evaluator says the very same, member for member.

A revision that fails keeps the last good one in place; the findings name the cases, which
are fictional.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import PolicyBundle, build_bundle
from gateway.policy.cases import KnownCase, read_cases
from gateway.policy.compiled import CompiledPolicy
from gateway.policy.composition import GENERATED
from gateway.policy.contract import PolicyContract
from gateway.policy.embedded import EmbeddedPolicy
from gateway.policy.interpreter import InterpretedPolicy
from gateway.policy.rejection import RevisionRejected

__all__ = ["check_revision", "load_policy"]

_LISTED = re.compile(r"data\.disclosure\.(stop|basis)\.(\w+)\.(?:hits|reasons)")
_KINDS = {"disclosure/stop/": "stops", "disclosure/basis/": "bases"}


def load_policy(directory: Path, contract: PolicyContract) -> tuple[EmbeddedPolicy, PolicyBundle]:
    """
    Build, check and return the revision that a policies directory holds.

    Returns:
        The engine that may serve, and the bundle it serves.

    Raises:
        RevisionRejected: The revision may not serve; the findings say why.
    """
    bundle = build_bundle(directory)
    check_revision(bundle, contract, read_cases(directory))
    return EmbeddedPolicy(bundle, contract), bundle


def check_revision(
    bundle: PolicyBundle, contract: PolicyContract, cases: Sequence[KnownCase]
) -> None:
    """
    Check one revision against its known cases.

    Raises:
        RevisionRejected: A rule is without a case, or a case came out otherwise.
    """
    findings = [*_unlisted(bundle), *_unspoken(bundle, cases)]
    try:
        compiled = CompiledPolicy(bundle.modules, bundle.data_json)
    except PolicyUnavailable as error:
        raise RevisionRejected([f"the rules do not compile: {_first_line(error)}"]) from error
    interpreter = InterpretedPolicy(bundle.modules, bundle.data_json)
    for case in cases:
        findings += _of_case(case, contract, interpreter, compiled)
    if findings:
        raise RevisionRejected(findings)


def _unlisted(bundle: PolicyBundle) -> list[str]:
    listed = set(_LISTED.findall(bundle.modules.get(GENERATED.as_posix(), "")))
    there = {(prefix.split("/")[1], rule) for prefix in _KINDS for rule in _rules(bundle, prefix)}
    return [
        *(f"{rule}: is listed in {GENERATED.name} but is not there" for _, rule in listed - there),
        *(f"{rule}: is not listed in {GENERATED.name}" for _, rule in there - listed),
    ]


def _unspoken(bundle: PolicyBundle, cases: Iterable[KnownCase]) -> list[str]:
    basis = bundle.data["basis"]
    never = {i for i, row in basis.items() if row["never"] or row["disabled_reason_ja"]}
    spoken = {"stops": set[str](), "bases": set[str]()}
    for case in cases:
        spoken["stops"].update(case.stops)
        spoken["bases"].update(case.bases)
        if case.rule in never and case.outcome == "deny":
            spoken["bases"].add(case.rule)
    return [
        f"{rule}: no known case in which it speaks"
        for prefix, kind in _KINDS.items()
        for rule in _rules(bundle, prefix)
        if rule not in spoken[kind]
    ]


def _rules(bundle: PolicyBundle, prefix: str) -> list[str]:
    return sorted({p.split("/")[2] for p in bundle.modules if p.startswith(prefix)})


def _of_case(
    case: KnownCase,
    contract: PolicyContract,
    interpreter: InterpretedPolicy,
    compiled: CompiledPolicy,
) -> list[str]:
    try:
        contract.check_question(case.policy_input)
        answer = interpreter.said(case.policy_input)
        decision = contract.read_answer(answer, revision="", engine="").decision
        said = compiled.said(case.policy_input)
    except PolicyUnavailable as error:
        return [f"{case.id}: {_first_line(error)}"]
    findings = []
    if case.differs(decision):
        findings.append(f"{case.id}: {case.rule} decided otherwise than expected")
    if said != decision:
        findings.append(f"{case.id}: the interpreter and the compiled evaluator differ")
    return findings


def _first_line(error: PolicyUnavailable) -> str:
    cause = f": {error.__cause__}" if error.__cause__ else ""
    return f"{error}{cause}".split("Stack backtrace", 1)[0].strip()
