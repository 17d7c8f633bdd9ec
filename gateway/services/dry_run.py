"""
Asking without giving: could this pass, by the law and the facts of now?

* The same rules decide as at the door, and the decision is recorded like any other before
  anybody is answered; its entry says that it was only asked. No permit comes of it: there is no
  row under which an envelope could be accepted, and none that counts as an earlier disclosure.
* There are no values yet. Fields count as screened by ``dry-run``, which the disclosure itself
  has to repeat, and a narrative as unread.
* A recipient, purpose or record type that nobody knows is asked about and recorded all the
  same, under an id or a code that stands for nobody's words, so that this answer is no other
  than any other no.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from gateway.domain.disclosure import (
    AssertedFact,
    Caller,
    Capacity,
    Decision,
    Direction,
    FieldRequest,
    Outcome,
    RecipientRef,
    Unit,
)
from gateway.domain.errors import RequestError, SchemaViolation
from gateway.domain.ids import ActorId, AgencyId, FieldId, Millis, SubjectId
from gateway.domain.log import JSONValue, RowChange
from gateway.minimisation.fields import FIELDS
from gateway.services.acting import Acting, within
from gateway.services.asking import Asked, request_of
from gateway.services.context import Context
from gateway.services.door_rows import DoorRows
from gateway.services.entries import decision_draft, dry_run_entry_id
from gateway.services.judging import Judge, Judgement
from gateway.services.recording import Change, PreparedDraft, Recorder
from gateway.services.registers.subjects import Subjects

__all__ = ["DryRun", "DryRunAnswer", "DryRunAsked", "FieldAsked", "RecipientType"]

RecipientType: TypeAlias = Literal["agency", "agency_system", "unknown"]

_SCREENER: Final = "dry-run"
_UNKNOWN_PURPOSE: Final = "unknown"
_RECORD_TYPES: Final = frozenset(field.partition(".")[0] for field in FIELDS)


@dataclass(frozen=True, slots=True)
class FieldAsked:
    """
    A field as somebody asks about it.

    Attributes:
        classes: Sensitivity classes; empty takes all that the field may have.
        about: The caller's own references of whom it is about; empty means everybody named.
    """

    id: FieldId
    classes: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    origin: str = "own"


# No set holds it, so that whatever is asked about something unknown is refused.
_UNKNOWN_FIELD: Final = FieldAsked(FieldId("unknown.unknown"), ("SYS",))


@dataclass(frozen=True, slots=True)
class DryRunAsked:
    """
    One question of a controller about one of its data subjects and one recipient.

    Attributes:
        recipient_type: Whether ``recipient`` is an agency or the system of one.
        recipient: Its id as said; it may be anybody's words.
        purpose: As said.
        record_type: As said, for example ``referral``.
        local_ref: The caller's own reference for the main subject; it is not kept.
        co_subjects: The caller's own references of others concerned, to their relation.
        fields: Empty asks about what the named set or the purpose needs of the record type.
        asserted: What the acting person vouches for; ``subject`` is a reference here.
    """

    actor: ActorId
    recipient_type: RecipientType
    recipient: str
    recipient_actor: ActorId | None
    purpose: str
    record_type: str
    local_ref: str
    capacity: Capacity
    basis: str
    refs: Mapping[str, str]
    profile: str
    urgency: str
    co_subjects: Mapping[str, str]
    fields: tuple[FieldAsked, ...]
    asserted: tuple[AssertedFact, ...]


@dataclass(frozen=True, slots=True)
class DryRunAnswer:
    """A decision that was recorded and that nothing can follow from, and its index."""

    decision: Decision
    index: int

    @property
    def permitted(self) -> bool:
        """Whether something could pass now."""
        return self.decision.outcome is Outcome.PERMIT


class DryRun:
    """Answers members of one tenant whether something could pass."""

    def __init__(self, context: Context, subjects: Subjects) -> None:
        self._context = context
        self._subjects = subjects
        self._judge = Judge(context)
        self._recorder = Recorder(context)
        self._rows = DoorRows(context)

    async def ask(
        self,
        caller: Caller,
        asked: Iterable[DryRunAsked | RequestError],
        *,
        until: bool | None = None,
    ) -> tuple[DryRunAnswer | RequestError, ...]:
        """
        Decide questions in their order and record every decision before answering.

        Args:
            caller: Whose data subjects they are about.
            asked: The questions; one that could not be read stands here as its error, which
                is a no and is passed on.
            until: Go no further than the first answer that is this; ``None`` answers all.

        Returns:
            An answer for each question that was decided, or what was wrong with it.

        Raises:
            LogUnavailable: They could not be recorded, so nobody is answered.
            StorageUnavailable: The registers are silent.
        """
        found: list[Judgement | RequestError] = []
        for question in asked:
            found.append(await self._judged(caller, question))
            if until is not None and until == _permits(found[-1]):
                break
        indices = iter(await self._recorded([j for j in found if isinstance(j, Judgement)]))
        return tuple(
            DryRunAnswer(j.decision, next(indices)) if isinstance(j, Judgement) else j
            for j in found
        )

    # --- how -------------------------------------------------------------------------------

    async def _judged(
        self, caller: Caller, asked: DryRunAsked | RequestError
    ) -> Judgement | RequestError:
        if isinstance(asked, RequestError):
            return asked
        try:
            at = self._context.clock.now()
            unit = await asyncio.to_thread(self._unit, caller, asked, at)
            return await self._judge.judge(unit, at=at, asked_by=asked.actor)
        except RequestError as error:
            return error

    def _unit(self, caller: Caller, asked: DryRunAsked, at: Millis) -> Unit:
        _check_references(asked)
        references = (asked.local_ref, *asked.co_subjects)
        by = Acting(caller, asked.actor)
        handles = {r: self._subjects.resolve(by, r) for r in references}
        purpose = asked.purpose if self._context.rulebook.has_purpose(asked.purpose) else ""
        request = request_of(
            Asked(
                direction=Direction.PUSH,
                capacity=asked.capacity,
                recipients=(RecipientRef(self._recipient(asked, at), asked.recipient_actor),),
                subjects=(handles[asked.local_ref],),
                co_subjects={handles[r]: relation for r, relation in asked.co_subjects.items()},
                purpose=purpose or _UNKNOWN_PURPOSE,
                basis=asked.basis,
                refs=asked.refs,
                profile=asked.profile,
                urgency=asked.urgency,
                fields=tuple(_described(f, handles) for f in self._fields(asked)),
                asserted=tuple(_vouched(fact, handles) for fact in asked.asserted),
            ),
            caller,
            asked.actor,
            disclosure_id=self._context.ids.new(),
            at=at,
        )
        return request.units()[0]

    def _recipient(self, asked: DryRunAsked, at: Millis) -> AgencyId:
        """Return the agency that would receive; a new id, which is nobody's, when none is known."""
        registers, tenant = self._context.registers, self._context.tenant_id
        named = {"agency_system": ("system", "agency"), "agency": ("agency", "id")}
        kind, member = named.get(asked.recipient_type, ("", ""))
        found = registers.fact(tenant, kind, asked.recipient)
        if found is None or (kind == "system" and not _serves(found.fact, at)):
            return AgencyId(self._context.ids.new())
        return AgencyId(str(found.fact[member]))

    def _fields(self, asked: DryRunAsked) -> Sequence[FieldAsked]:
        if asked.record_type not in _RECORD_TYPES:
            return (_UNKNOWN_FIELD,)
        if asked.fields:
            return asked.fields
        needed = self._context.rulebook.needed_fields(asked.purpose, asked.profile)
        own = [FieldAsked(f) for f in needed if f.partition(".")[0] == asked.record_type]
        return own or (_UNKNOWN_FIELD,)

    async def _recorded(self, judged: Sequence[Judgement]) -> tuple[int, ...]:
        if not judged:
            return ()
        drafts = tuple(map(self._draft, judged))
        rows: tuple[RowChange, ...] = tuple(
            row for j in judged for row in self._rows.alerts(j, j.decision.decision_id)
        )
        return (await self._recorder.record_async(Change(drafts, rows))).indices

    def _draft(self, judgement: Judgement) -> PreparedDraft:
        context = self._context
        entry_id = dry_run_entry_id(context.keys.reference_key(), judgement.decision.decision_id)
        purpose_ja = context.rulebook.purpose_ja(judgement.unit.request.purpose)
        return self._recorder.prepare(
            decision_draft(
                judgement, entry_id, purpose_ja=purpose_ja, expires_at=None, dry_run=True
            )
        )


def _permits(judged: Judgement | RequestError) -> bool:
    return isinstance(judged, Judgement) and judged.decision.outcome is Outcome.PERMIT


def _check_references(asked: DryRunAsked) -> None:
    """
    Check, before a handle is made, that the parts of a question speak of each other.

    Raises:
        SchemaViolation: They do not.
    """
    named = {asked.local_ref, *asked.co_subjects}
    about = {r for f in asked.fields for r in f.about}
    vouched = {fact.subject for fact in asked.asserted} - {""}
    ids = [f.id for f in asked.fields]
    errors = [
        (f"/context/{member}", rule)
        for member, rule, broken in (
            ("co_subjects", "not the main subject", asked.local_ref in asked.co_subjects),
            ("fields", "uniqueItems", len(set(ids)) < len(ids)),
            ("fields", "unknown field", not set(ids) <= FIELDS.keys()),
            ("fields", "about whom is named", not about <= named),
            ("asserted", "about whom is named", not vouched <= named),
        )
        if broken
    ]
    if errors:
        raise SchemaViolation(errors)


def _serves(system: Mapping[str, JSONValue], at: Millis) -> bool:
    in_time = within(system["valid_from"], system["valid_to"], at)
    return system["status"] == "active" and in_time


def _described(field: FieldAsked, handles: Mapping[str, SubjectId]) -> FieldRequest:
    """Return a field as the door would be told of it, but for what only its value could say."""
    spec = FIELDS.get(field.id)
    return FieldRequest(
        id=field.id,
        classes=field.classes or (() if spec is None else spec.classes),
        about=tuple(handles[r] for r in field.about) or tuple(handles.values()),
        my_number="clear",
        screener=_SCREENER,
        origin=field.origin,
    )


def _vouched(fact: AssertedFact, handles: Mapping[str, SubjectId]) -> AssertedFact:
    return replace(fact, subject=handles[fact.subject]) if fact.subject else fact
