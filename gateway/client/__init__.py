"""
What a member runs: ask, verify the proof, seal, send; fetch, verify, open.

Needs ``cryptography``, ``joserfc`` and ``httpx2`` alone. A quick start::

    from pathlib import Path

    from gateway.client import Desk, Proposal, RecipientRef, load_desk_config

    with Desk.open_at(load_desk_config(Path("desk.toml"))) as desk:
        sato = desk.subject("case-0042")  # our own reference; it stays ours
        hidamari = (RecipientRef("npo-hidamari"),)
        record = {"subject.name_original": "佐藤", "subject.phones": ["00-0000-0000"]}
        proposal = Proposal(recipients=hidamari, subject=sato, purpose="refer")
        for sent in desk.disclose(proposal, record):
            print(sent.delivery_id, sent.state, *sent.fields)

``desk.toml`` holds the members of :class:`DeskConfig`; :func:`create_desk_keys` makes the
three keys whose public halves the operator registers. The log's keys come from the operator
on paper, never from the gateway.
"""

from gateway.client.answers import (
    Answer,
    InboxItem,
    InformationRequest,
    ObligationTask,
    OpenedDelivery,
    ReasonGiven,
    Recalled,
    Sent,
    UnitAnswer,
)
from gateway.client.config import (
    DeskConfig,
    DeskKeys,
    PublicDeskKeys,
    create_desk_keys,
    load_desk_config,
    load_desk_keys,
)
from gateway.client.desk import Desk
from gateway.client.errors import (
    BadDeskConfig,
    GatewayUnreachable,
    KeyNotConfirmed,
    LogRewritten,
    ReplayedDecision,
    StateDamaged,
    UnreadableAnswer,
)
from gateway.client.pins import KeyUse
from gateway.client.problems import GatewayProblem
from gateway.client.proposal import Assertion, Proposal
from gateway.domain.disclosure import Capacity, Direction, RecipientRef

__all__ = [
    "Answer",
    "Assertion",
    "BadDeskConfig",
    "Capacity",
    "Desk",
    "DeskConfig",
    "DeskKeys",
    "Direction",
    "GatewayProblem",
    "GatewayUnreachable",
    "InboxItem",
    "InformationRequest",
    "KeyNotConfirmed",
    "KeyUse",
    "LogRewritten",
    "ObligationTask",
    "OpenedDelivery",
    "Proposal",
    "PublicDeskKeys",
    "ReasonGiven",
    "Recalled",
    "RecipientRef",
    "ReplayedDecision",
    "Sent",
    "StateDamaged",
    "UnitAnswer",
    "UnreadableAnswer",
    "create_desk_keys",
    "load_desk_config",
    "load_desk_keys",
]
