"""
A house whose log holds as many decisions as one likes, each opened like any other.

A few are made at the door; the others are their bodies under new ids, committed to, encrypted
and appended by the real writer.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from gateway.domain.ids import Millis
from gateway.domain.log import EntryDraft, EntryType
from gateway.services.recording import Change
from tests.simulators.house import House
from tests.simulators.policy_inputs import T0, known

__all__ = ["QUESTIONS", "decided", "keep_decisions"]

_BATCH = 200

# Permitted in full, permitted in part, refused.
QUESTIONS: tuple[dict[str, Any], ...] = (
    known("consent_private"),
    known("consent_private", {"/request/fields/1/my_number": "found"}),
    known("consent_private", {"/request/purpose": "watch"}),
)


def decided(house: House) -> Sequence[dict[str, Any]]:
    """Ask the door every question once; return the bodies of the decisions."""
    house.furnish(QUESTIONS[0])
    for question in QUESTIONS:
        house.disclose(question)
    return [body for _, body in house.entries(kinds={"decision"})]


def keep_decisions(house: House, count: int, *, at: int = T0) -> None:
    """Append further decisions, ``count`` in all, by turns of each kind that was made."""
    bodies = house.entries(kinds={"decision"})
    drafts = (
        EntryDraft(
            house.context.ids.entry(),
            EntryType.DECISION,
            Millis(at),
            {**body, "decision_id": f"decision-again-{number}"},
        )
        for number in range(count)
        for _, body in [bodies[number % len(bodies)]]
    )
    while batch := list(islice(drafts, _BATCH)):
        house.recorder.record(Change(tuple(map(house.recorder.prepare, batch))))
