"""
The words in which a scenario is written: towns, register entries, exchanges.

Nothing here does anything; :mod:`gateway.demo.player` plays it. A value in a register entry
may stand for something that exists only once it is played: a handle, the id of an earlier
entry, an instant relative to now.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.client import Direction
from gateway.demo.cast import Agency

__all__ = [
    "DAY",
    "HOUR",
    "Asked",
    "At",
    "Exchange",
    "Expected",
    "Handle",
    "Made",
    "Register",
    "Telling",
    "Town",
]

HOUR: Final = 3_600_000
DAY: Final = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Handle:
    """The handle by which the acting agency knows a person."""

    person: str


@dataclass(frozen=True, slots=True)
class Made:
    """A member of the answer to an earlier register entry."""

    name: str
    member: str = "id"


@dataclass(frozen=True, slots=True)
class At:
    """An instant, in milliseconds from now."""

    offset: int


@dataclass(frozen=True, slots=True)
class Register:
    """
    One entry in a register.

    Attributes:
        by: The actor who makes it.
        path: Below ``/v1/``; a part in braces is the id of an earlier entry.
        body: As the register demands.
        name: Under which its answer is remembered; empty when nothing refers to it.
    """

    by: str
    path: str
    body: Mapping[str, Any]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """A fact that the sender vouches for, with the words behind it."""

    fact: str
    value: str | int | bool
    evidence: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """The request of another agency that an exchange answers."""

    by: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """
    How one recipient's part has to come out.

    Attributes:
        to: The recipient: an actor, or an agency as a whole.
        outcome: The label.
        basis: The basis that carries a permit; empty for a refusal.
        passed: Ids of the fields that pass.
        reasons: Codes that have to be among the reasons.
        officer_reads: Codes that the privacy officer, alerted, reads in the log; empty where
            nobody is alerted.
    """

    to: str
    outcome: str
    basis: str = ""
    passed: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    officer_reads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """
    One exchange, from one agency to one or more.

    Attributes:
        id: Short and stable.
        journey: The journey of the report that it plays.
        rows: The rows of the report that it models.
        title_ja: What happens, in Japanese.
        title_en: The same in English.
        by: The actor who sends.
        expected: How it has to come out, for each recipient.
        subject: The main subject.
        purpose: A purpose code.
        record: Field id to value: what the sender holds and would pass.
        profile: Named field subset; empty for none.
        basis: The basis named; empty lets policy look for one.
        refs: Named facts.
        direction: How it would pass.
        urgency: ``normal``, ``today`` or ``emergency``.
        told: What the sender vouches for.
        others: Relation of every other person the fields are about.
        about: Persons a field is about, where not the main subject alone.
        narrowed: Narrower classes of single values.
        read_by: Who read and cleared each narrative.
        before: Register entries made just before.
        asked: The request that it answers.
    """

    id: str
    journey: str
    rows: tuple[str, ...]
    title_ja: str
    title_en: str
    by: str
    expected: tuple[Expected, ...]
    subject: str
    purpose: str
    record: Mapping[str, Any]
    profile: str = ""
    basis: str = ""
    refs: Mapping[str, Made] = field(default_factory=dict)
    direction: Direction = Direction.PUSH
    urgency: str = "normal"
    told: tuple[Telling, ...] = ()
    others: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    narrowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    read_by: Mapping[str, str] = field(default_factory=dict)
    before: tuple[Register, ...] = ()
    asked: Asked | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """
    One gateway: a tenant with its pack, its members and what happens there.

    Attributes:
        pack: The policy pack in force.
        tenant: Id of the tenant.
        founder: The body that runs it.
        operator: The actor of the founder who operates it.
        officer: The actor of the founder who is the privacy officer.
        members: The other agencies.
        registers: What is registered beforehand.
        exchanges: What happens, in this order.
    """

    pack: str
    tenant: str
    founder: Agency
    operator: str
    officer: str
    members: tuple[Agency, ...]
    registers: tuple[Register, ...]
    exchanges: tuple[Exchange, ...]
