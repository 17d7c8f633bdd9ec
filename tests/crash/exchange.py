"""One exchange from end to end: ask, seal, release, open, as members would do it."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.audit.verify import verify_release
from gateway.crypto.commitment import Leaf
from gateway.crypto.keys import generate_signing_key
from gateway.domain.ids import ActorId
from tests.crash.points import HandedOver, Point, Shown
from tests.simulators.house import House, asked_of

__all__ = ["exchange"]


async def exchange(
    house: House,
    question: Mapping[str, Any],
    *,
    say: Callable[[Shown | HandedOver], None],
    reach: Callable[[Point, tuple[str, ...]], None] = lambda _point, _ids: None,
) -> None:
    """
    Let one permitted question pass through the door and be opened.

    Args:
        house: The gateway.
        question: A policy input that is permitted, furnished before.
        say: Told of each answer before anything else happens.
        reach: Told of each step between the answers, with the entry just answered.
    """
    sender, recipient = question["request"]["sender"], question["request"]["recipient"]
    caller, actor = house.caller(sender["agency"], sender["system"]), ActorId(sender["actor"])
    # The gateway never looks inside an envelope, so that any key of the sender's will do.
    house.signing.setdefault(sender["agency"], generate_signing_key())

    decided = await house.door.disclose(caller, actor, asked_of(question))
    unit = decided.units[0]
    say(Shown(unit.index, unit.evidence.leaf, unit.evidence.proof))
    reach(Point.DECISION_ANSWERED, (Leaf.parse(unit.evidence.leaf).entry_id,))

    upload = house.sealed(decided, unit, sender["agency"])
    released = await house.door.release(caller, actor, upload)
    evidence = released.evidence
    say(Shown(released.index, evidence.leaf, evidence.proof, released.delivery_id))
    reach(Point.RELEASE_ANSWERED, (Leaf.parse(evidence.leaf).entry_id,))

    opened = await house.deliveries.open(
        house.caller(recipient["agency"]), ActorId(recipient["actor"]), released.delivery_id
    )
    say(HandedOver(opened.opened_index, released.delivery_id))
    verify_release(
        opened.release,
        house.trusted,
        envelope=opened.envelope,
        expected={"disclosure_id": decided.disclosure_id, "recipient_agency": unit.recipient},
    )
