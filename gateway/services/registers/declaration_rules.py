"""
In what the kinds of declaration differ: who may declare, what the gateway adds, who sees it.

A kind is a row of :data:`RULES`; its members are those of ``schemas/policy-input.json``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from gateway.domain.errors import Conflict, NotAuthorized, NotFound, SchemaViolation
from gateway.domain.log import FactVersion, JSONValue
from gateway.ports.registers import FactRow
from gateway.services.acting import Acting
from gateway.services.registers.registration import Registrar, not_later

__all__ = ["RULES", "Rule"]

_Fact: TypeAlias = dict[str, JSONValue]
_May: TypeAlias = Callable[[Registrar, Acting], tuple[FactVersion, ...]]
_Add: TypeAlias = Callable[[Registrar, Acting, _Fact], tuple[FactVersion, ...]]

_EVERYBODY: Final = ("*",)
_ENDED: Final = "ended_at"
# Who of the municipality's people may switch the disaster mode, on the mayor's order.
_MAY_SWITCH: Final = frozenset({"convener", "inclusion_coordinator", "privacy_officer"})
_LONGEST_SWITCH: Final = "mode_switch_max_ms"


def _nothing(_: Registrar, __: Acting, ___: _Fact) -> tuple[FactVersion, ...]:
    """Add nothing, and rely on nothing more."""
    return ()


@dataclass(frozen=True, slots=True)
class Rule:
    """
    What is particular to one kind.

    Attributes:
        may: Checks who may declare, and returns on what that stands.
        author: The member that names the declaring agency; empty where it is the tenant's own.
        for_others: Whether the operator may declare for another agency.
        seen_by: Members that name the agencies it concerns; ``*`` is every member.
        handles: From the member by which the caller names persons to the fact's own.
        past: The member that says when it happened, now when nobody says; never in the future.
        interval: From when and until when it holds.
        ends: The member that says when it was ended; empty where it does not end.
        add: Checks the terms and adds to them; returns on what that stands.
        one_each: Whether an agency has one, which a further declaration replaces.
        is_listed: Whether whom it concerns may list it.
    """

    may: _May
    author: str
    for_others: bool = False
    seen_by: tuple[str, ...] = ()
    handles: Mapping[str, str] = field(default_factory=dict)
    past: str = ""
    interval: tuple[str, str] = ("valid_from", "valid_to")
    ends: str = "valid_to"
    add: _Add = _nothing
    one_each: bool = False
    is_listed: bool = False

    def completed(
        self, registrar: Registrar, by: Acting, terms: Mapping[str, JSONValue]
    ) -> tuple[_Fact, tuple[FactVersion, ...]]:
        """
        Return the whole fact and on what it stands.

        Raises:
            NotFound, NotAuthorized, Conflict, SchemaViolation, PolicyUnavailable: The terms
                are not such that the gateway could complete them; see the kind.
        """
        fact = dict(terms)
        if self.author:
            named = fact.get(self.author) if self.for_others else None
            fact[self.author] = named or by.agency_id
        if self.ends == _ENDED:
            fact[_ENDED] = None
        said = fact.get(self.past)
        if self.past and (said is None or isinstance(said, int)):
            fact[self.past] = not_later(self.past, said, registrar.context.clock.now())
        return fact, self.add(registrar, by, fact)

    def is_authors(self, fact: Mapping[str, JSONValue], by: Acting) -> bool:
        """Whether a declaration is the caller's to end."""
        own = not self.author or fact[self.author] == by.agency_id
        return own or (self.for_others and by.is_operator)

    def same_author(self, fact: Mapping[str, JSONValue], other: Mapping[str, JSONValue]) -> bool:
        """Whether two declarations come from the same agency."""
        return not self.author or fact[self.author] == other[self.author]

    def concerns(self, fact: Mapping[str, JSONValue], by: Acting) -> bool:
        """Whether the caller's agency may see a declaration."""
        named = (fact[member] for member in self.seen_by if self.seen_by != _EVERYBODY)
        return self.seen_by == _EVERYBODY or any(
            by.agency_id == value or (isinstance(value, list) and by.agency_id in value)
            for value in named
        )


def _own(registrar: Registrar, by: Acting) -> tuple[FactVersion, ...]:
    return registrar.authority.own(by)


def _own_or_operator(registrar: Registrar, by: Acting) -> tuple[FactVersion, ...]:
    return registrar.authority.own_or_operator(by)


def _public(registrar: Registrar, by: Acting) -> tuple[FactVersion, ...]:
    relied_on = registrar.authority.own(by)
    _public_body(registrar, by.agency_id)
    return relied_on


def _officer(registrar: Registrar, by: Acting) -> tuple[FactVersion, ...]:
    return registrar.authority.officer(by)


def _municipality(registrar: Registrar, by: Acting) -> tuple[FactVersion, ...]:
    return registrar.authority.municipality(by)


def _switching(registrar: Registrar, by: Acting) -> tuple[FactVersion, ...]:
    relied_on = registrar.authority.municipality(by)
    registrar.authority.check_role(by, _MAY_SWITCH, "switch-mode")
    return relied_on


def _of_own_meeting(registrar: Registrar, by: Acting, fact: _Fact) -> tuple[FactVersion, ...]:
    meeting = registrar.authority.owned("conference", str(fact.get("conference")), "organiser", by)
    return (meeting.as_version,)


def _designating(registrar: Registrar, by: Acting, fact: _Fact) -> tuple[FactVersion, ...]:
    designates = str(fact["designated_by"])
    if designates != by.agency_id and not by.is_operator:
        raise NotAuthorized("designate-for-another")
    public = _public_body(registrar, designates)
    designated = registrar.authority.fact("agency", str(fact.get("agency")))
    # For which office a body of its kind may designate is for policy to say.
    fact["designated_by_kind"] = public.fact["kind"]
    return (public.as_version, designated.as_version)


def _time_boxed(registrar: Registrar, by: Acting, fact: _Fact) -> tuple[FactVersion, ...]:
    actor = registrar.authority.actor(by.actor_id)
    fact["ordered_by"], fact["ordered_by_post_ja"] = actor.id, actor.fact["post_ja"]
    start, end = fact["starts_at"], fact.get("ends_at")
    longest = registrar.threshold(_LONGEST_SWITCH)
    if isinstance(start, int) and isinstance(end, int) and end - start > longest:
        raise SchemaViolation([("/ends_at", "later than the municipality allows")])
    return (actor.as_version,)


def _asked(registrar: Registrar, by: Acting, fact: _Fact) -> tuple[FactVersion, ...]:
    asked = registrar.authority.fact("agency", str(fact.get("asked")))
    if asked.id == by.agency_id:
        raise SchemaViolation([("/asked", "another agency")])
    # Policy asks how much was said about why; the words stay with the agencies.
    words = str(fact.pop("necessity", ""))
    fact["necessity_chars"] = len("".join(filter(str.isprintable, words)).strip())
    return (asked.as_version,)


def _by_consent(registrar: Registrar, by: Acting, fact: _Fact) -> tuple[FactVersion, ...]:
    consent = registrar.authority.owned("consent", str(fact.get("consent")), "taken_by", by)
    if consent.fact["person"] != fact["person"]:
        raise NotFound
    if consent.fact["withdrawn_at"] is not None:
        raise Conflict("CONSENT_WITHDRAWN")
    return (consent.as_version,)


def _newer(registrar: Registrar, by: Acting, fact: _Fact) -> tuple[FactVersion, ...]:
    context = registrar.context
    known = context.registers.fact(context.tenant_id, "flag_source", by.agency_id)
    before = None if known is None else known.fact["checked_at"]
    after = fact["checked_at"]
    if isinstance(before, int) and isinstance(after, int) and after <= before:
        raise Conflict("NOT_NEWER")
    return ()


def _public_body(registrar: Registrar, agency_id: str) -> FactRow:
    agency = registrar.authority.fact("agency", agency_id)
    if agency.fact["regime"] != "public":
        raise NotAuthorized("act-as-public-body")
    return agency


def _workplaces(registrar: Registrar, _: Acting, fact: _Fact) -> tuple[FactVersion, ...]:
    """Say where the persons named act, so that no agency as a whole receives what they may not."""
    fact["actor_agencies"] = registrar.authority.workplaces(fact.get("actors"))
    return ()


RULES: Final[Mapping[str, Rule]] = {
    # 公示: by the meeting's organiser (社会福祉法106条の6, 児童福祉法25条の2 and the like).
    "council_notice": Rule(
        _own,
        "publisher",
        seen_by=("publisher", "members", "coordinator"),
        past="announced_at",
        add=_of_own_meeting,
        is_listed=True,
    ),
    # 共同利用: by whoever has told the persons beforehand (個人情報保護法27条5項3号).
    "joint_use_notice": Rule(
        _own,
        "publisher",
        seen_by=("publisher", "members", "responsible"),
        past="published_at",
        is_listed=True,
    ),
    # 利用目的・個人情報ファイル簿 (個人情報保護法61条・75条).
    "use_purpose": Rule(_own, "agency", seen_by=("agency", "recipient_agencies"), is_listed=True),
    "department": Rule(_own, "agency", seen_by=("agency",), is_listed=True),
    # 指定・登録: by the public body that designates, never by whoever is designated.
    "designation": Rule(
        _own_or_operator,
        "designated_by",
        for_others=True,
        seen_by=("agency", "designated_by"),
        add=_designating,
        is_listed=True,
    ),
    # Of the tenant's municipality alone; it ends by itself, within what the pack allows.
    "mode_switch": Rule(
        _switching,
        "",
        seen_by=_EVERYBODY,
        past="starts_at",
        interval=("starts_at", "ends_at"),
        ends=_ENDED,
        add=_time_boxed,
        is_listed=True,
    ),
    "statutory_request": Rule(
        _public,
        "asked_by",
        seen_by=("asked_by", "asked"),
        handles={"subjects": "persons"},
        past="requested_at",
        interval=("requested_at", "valid_to"),
        add=_asked,
        is_listed=True,
    ),
    "list_entry": Rule(
        _own,
        "held_by",
        seen_by=("held_by",),
        handles={"subject": "person", "supporter": "supporter_person"},
    ),
    "rights_request": Rule(
        _own,
        "agency",
        seen_by=("agency",),
        handles={"subject": "person"},
        past="received_at",
        interval=("received_at", "valid_to"),
    ),
    # Field by field and by a consent that the same agency took; it ends as the consent does.
    "rebasing": Rule(
        _own,
        "agency",
        seen_by=("agency",),
        handles={"subject": "person"},
        past="rebased_at",
        interval=("rebased_at", ""),
        ends="",
        add=_by_consent,
    ),
    # Nobody is shown one: that there is one tells whom the person has to fear, or where not.
    "stalker_notice": Rule(
        _officer,
        "",
        handles={"subject": "person", "counterpart_subjects": "persons"},
        past="notified_at",
        interval=("notified_at", _ENDED),
        ends=_ENDED,
        add=_workplaces,
    ),
    "flag_source": Rule(
        _municipality,
        "agency",
        seen_by=("agency",),
        past="checked_at",
        interval=("checked_at", ""),
        ends="",
        add=_newer,
        one_each=True,
        is_listed=True,
    ),
}
