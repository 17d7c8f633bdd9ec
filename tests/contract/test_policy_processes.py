"""The embedded engine in processes of its own: the same answers, whatever becomes of them."""

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import PolicyBundle
from gateway.policy.contract import PolicyContract
from gateway.policy.processes import PolicyProcess, PolicyProcesses
from gateway.policy.serving import CurrentPolicy
from tests.simulators.policy_inputs import CASES, POLICIES, SCHEMAS, known

_Answer = TypeVar("_Answer")
CASE = "consent_private"


@pytest.fixture(scope="module")
def contract() -> PolicyContract:
    return PolicyContract.read(SCHEMAS)


@pytest.fixture(scope="module")
def policy(contract: PolicyContract) -> CurrentPolicy:
    return CurrentPolicy(POLICIES, contract)


def served(
    policy: CurrentPolicy,
    contract: PolicyContract,
    work: Callable[[PolicyProcesses], Awaitable[_Answer]],
    **how: Any,
) -> _Answer:
    """Do some work with processes that are ended afterwards."""

    async def within() -> _Answer:
        async with PolicyProcesses(policy, contract, **{"count": 1, **how}) as processes:
            assert how.get("count", 1) == len(processes.pids)
            return await work(processes)

    return asyncio.run(within())


async def until_ready(processes: PolicyProcesses, count: int) -> None:
    """Ask, as members would, until so many processes answer."""
    async with asyncio.timeout(30):
        while len(processes.pids) < count:
            await processes.decide(known(CASE))
            await asyncio.sleep(0.02)


def test_decide_with_a_broken_input_reaches_no_process(
    policy: CurrentPolicy, contract: PolicyContract
) -> None:
    with pytest.raises(PolicyUnavailable, match="its schema"):
        served(policy, contract, lambda p: p.decide({}))


def test_decide_by_a_process_that_hangs_is_silence_and_ends_it(
    policy: CurrentPolicy, contract: PolicyContract
) -> None:
    async def work(processes: PolicyProcesses) -> int:
        os.kill(processes.pids[0], signal.SIGSTOP)
        with pytest.raises(PolicyUnavailable, match="too slow"):
            await processes.decide(known(CASE))
        return len(processes.pids)

    assert 0 == served(policy, contract, work, answer_s=0.3)


def test_worker_whose_engine_fails_is_silent_and_answers_the_next_question() -> None:
    """A rule with two values at once is an error in every engine."""
    rule = "package disclosure.main\n\nimport rego.v1\n\ndecision := v if some v in input.said\n"
    bundle = PolicyBundle("sha256:test", {"main.rego": rule}, {}, b"")

    async def work() -> list[bytes]:
        worker = await PolicyProcess.start(bundle)
        questions = (b'{"said": ["permit", "deny"]}', b'{"said": []}', b'{"said": ["deny"]}')
        said = [await worker.ask(q) for q in questions]
        await worker.end()
        return said

    assert [b"", b'"<undefined>"', b'"deny"'] == asyncio.run(work())


@pytest.mark.parametrize("case", CASES)
def test_decide_answers_as_the_serving_process_would(
    case: str, policy: CurrentPolicy, contract: PolicyContract
) -> None:
    expected = asyncio.run(policy.decide(known(case)))

    answer = served(policy, contract, lambda p: p.decide(known(case)))

    assert expected == answer


def test_decide_before_any_process_is_there_is_answered_here(
    policy: CurrentPolicy, contract: PolicyContract
) -> None:
    processes = PolicyProcesses(policy, contract, count=1)

    answer = asyncio.run(processes.decide(known(CASE)))

    assert 0 == len(processes.pids)
    assert policy.revision == answer.revision


def test_decide_after_a_process_was_killed_is_answered_and_another_starts(
    policy: CurrentPolicy, contract: PolicyContract
) -> None:
    async def work(processes: PolicyProcesses) -> tuple[set[int], set[int]]:
        before = set(processes.pids)
        asked = [asyncio.create_task(processes.decide(known(CASE))) for _ in range(20)]
        await asyncio.sleep(0)
        os.kill(min(before), signal.SIGKILL)
        answers = await asyncio.gather(*asked)
        assert {"permit"} == {str(a.outcome) for a in answers}
        await until_ready(processes, 2)
        return before, set(processes.pids)

    before, after = served(policy, contract, work, count=2)

    assert max(before) in after
    assert min(before) not in after


def test_decide_of_many_at_once_gives_each_its_own_answer(
    policy: CurrentPolicy, contract: PolicyContract
) -> None:
    asked = [known(case) for case in CASES] * 5
    expected = [asyncio.run(policy.decide(q)).decision for q in asked]

    async def work(processes: PolicyProcesses) -> list[Any]:
        return list(await asyncio.gather(*(processes.decide(q) for q in asked)))

    answers = served(policy, contract, work, count=2)

    assert expected == [a.decision for a in answers]


def test_decide_after_another_revision_came_into_force_names_that_one(
    contract: PolicyContract, tmp_path: Path
) -> None:
    shutil.copytree(POLICIES, tmp_path / "policies")
    policy = CurrentPolicy(tmp_path / "policies", contract)
    rule = tmp_path / "policies/lib/time/time.rego"

    async def work(processes: PolicyProcesses) -> tuple[str, str]:
        rule.write_text(f"# Another revision.\n{rule.read_text(encoding='utf-8')}", "utf-8")
        assert policy.renew()
        at_once = await processes.decide(known(CASE))
        await until_ready(processes, 1)
        by_process = await processes.decide(known(CASE))
        return at_once.revision, by_process.revision

    before = policy.revision
    answered = served(policy, contract, work)

    assert before != policy.revision
    assert (policy.revision, policy.revision) == answered


def test_processes_end_with_the_gateway(policy: CurrentPolicy, contract: PolicyContract) -> None:
    async def work(processes: PolicyProcesses) -> tuple[int, ...]:
        return processes.pids

    for pid in served(policy, contract, work, count=2):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
