"""The process that is killed: one gateway, at work until its fuse burns through."""

import asyncio
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from tests.crash.adapters import WatchedDatabase, WatchedPolicy
from tests.crash.exchange import exchange
from tests.crash.mutants import MUTANTS
from tests.crash.points import Fuse, Point
from tests.simulators.house import House
from tests.simulators.policy_inputs import known

__all__ = ["CASE", "Failed", "Plan", "work"]

CASE = "consent_private"


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What a process does and where it ends.

    Attributes:
        url: A furnished database.
        home: Its keys and its signer's state.
        point: Where it is killed.
        nth: At which time, from 1.
        width: How many exchanges are under way at once.
        rounds: How often they are; each comes to every point at least once.
        mutant: Which broken build it is, or empty for the product.
    """

    url: str
    home: Path
    point: Point
    nth: int
    width: int
    rounds: int
    mutant: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """What went wrong in a process that was not killed in time."""

    traceback: str


def work(plan: Plan, to_parent: Connection) -> None:
    """Do what is planned, telling the parent of each answer."""
    fuse = Fuse(plan.point, plan.nth, to_parent.send)
    mutants = [MUTANTS[plan.mutant]] if plan.mutant else []
    try:
        database = WatchedDatabase.watch(plan.url, fuse, mutants)
        house = House(plan.url, plan.home, policy=WatchedPolicy(fuse), database=database)
        for _ in range(plan.rounds):
            house.run(_round(house, fuse, plan.width))
        house.close()
    except Exception:  # noqa: BLE001 - whatever it is, the parent fails with it
        to_parent.send(Failed(traceback.format_exc()))


async def _round(house: House, fuse: Fuse, width: int) -> None:
    question = known(CASE)
    await asyncio.gather(
        *(exchange(house, question, say=fuse.say, reach=fuse.reach) for _ in range(width))
    )
