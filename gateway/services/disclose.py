"""
The one door: the only code that lets case content pass.

In this order, and the order is the design: the caller is identified, the request is read,
facts are gathered (never contents), policy is asked for each unit, the decision is made
durable, and only then is anybody answered. A permit is used once, within its time, for
exactly the fields it names; if a fact it stands on has changed, the door decides anew. A
delivery becomes visible in the same transaction as its ``release`` entry.

A pure core between three awaits: facts, append, answer. Permit and refusal take the same
way; a refusal is recorded as durably as a permit.
"""

import asyncio
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from gateway.crypto.binding import (
    Binding,
    EnvelopeHeader,
    FieldsExceedDecision,
    SealError,
    check_envelope,
    read_protected_header,
)
from gateway.crypto.encoding import digest_text, unb64u
from gateway.domain.disclosure import Caller, DisclosureRequest, Outcome
from gateway.domain.errors import (
    Conflict,
    NotAuthorized,
    NotFound,
    PolicyUnavailable,
    Refused,
    SchemaViolation,
    StaleFacts,
)
from gateway.domain.ids import ActorId, DeliveryId, DisclosureId, Millis
from gateway.domain.log import JSONValue, MoveRow, RowChange
from gateway.services.asking import (
    Asked,
    DecidedDisclosure,
    DecidedUnit,
    Released,
    Upload,
    check_told_at,
    request_of,
)
from gateway.services.context import Context
from gateway.services.disclosures import Disclosures, jwk_of
from gateway.services.door_rows import DoorRows
from gateway.services.entries import (
    SHOWN_TO_MEMBERS,
    decision_draft,
    release_draft,
    told_draft,
)
from gateway.services.facts import holds_seal_key, recipient_seal_key
from gateway.services.idempotency import Idempotency
from gateway.services.judging import Judge, Judgement
from gateway.services.recording import Change, PreparedDraft, Recorder
from gateway.services.units import KeptUnit, UnitState, judgement_columns

__all__ = ["Door"]

_ANEW: Final = 3  # how often a release is tried while facts keep changing


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A judged unit with its entries; everything that is appended follows from it."""

    judgement: Judgement
    state: str
    expires_at: Millis | None
    seal_key: Mapping[str, JSONValue] | None
    decision: PreparedDraft
    told: PreparedDraft | None

    @property
    def drafts(self) -> tuple[PreparedDraft, ...]:
        return (self.decision,) if self.told is None else (self.decision, self.told)


class Door:
    """Decides about disclosures of one tenant and lets what is permitted pass."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._judge = Judge(context)
        self._recorder = Recorder(context)
        self._rows = DoorRows(context)
        self._idempotency = Idempotency(context)
        self._disclosures = Disclosures(context)

    async def disclose(self, caller: Caller, actor: ActorId, asked: Asked) -> DecidedDisclosure:
        """
        Decide each unit of a request, and record every decision before answering.

        A request in which nothing is permitted is answered like any other; whoever answers
        the member has to look at ``permitted``. Nothing passes here in any case.

        Raises:
            NotAuthorized: The acting person is not the sending agency's.
            NotFound: A subject or a request is not one of this agency.
            SchemaViolation: The parts of the request do not fit each other.
            IdempotencyMismatch: The key was used with another request.
            Conflict: The request of another agency has been answered already.
            LogUnavailable: It could not be recorded, so the answer is no.
            LogUnwitnessed: Nobody watches the log as the policy demands, so nothing is decided;
                what was told already is recorded all the same.
            StorageUnavailable: The registers are silent.
        """
        context = self._context
        if not asked.direction.is_recorded_only:
            context.watch.check()
        request = request_of(
            asked, caller, actor, disclosure_id=context.ids.new(), at=context.clock.now()
        )
        asked_by, answered = await self._answered(asked, request)
        judged = [
            await self._judge.judge(
                unit, at=request.requested_at, asked_by=asked_by, asked_before=position
            )
            for position, unit in enumerate(request.units())
        ]
        try:
            self._check_told_at(request, judged[0].pack)
        except SchemaViolation as late:
            return await self._decided_before(caller, asked, late)
        units = [self._prepare(judgement, asked) for judgement in judged]
        drafts = itertools.chain.from_iterable(unit.drafts for unit in units)
        if _is_silent(judged):
            answered = ()  # nothing was decided, so the request can still be answered
        rows = (*self._disclosure_rows(request, units, asked), *answered)
        try:
            recorded = await self._recorder.record_async(Change(tuple(drafts), rows))
        except Conflict as conflict:
            return await self._decided_before(caller, asked, conflict)
        indices = iter(recorded.indices)
        decided = tuple(self._decided(unit, indices) for unit in units)
        return DecidedDisclosure(request.disclosure_id, decided)

    async def release(self, caller: Caller, actor: ActorId, upload: Upload) -> Released:
        """
        Take a sealed envelope and make its delivery visible together with its entry.

        Raises:
            NotFound: There is no such unit of this agency, disclosure and recipient.
            NotAuthorized: Another person acts than the one who was permitted.
            SchemaViolation: It is no envelope, or belongs to something else, or declares
                fields that are not permitted.
            Conflict: ``NOT_PERMITTED``, ``PERMIT_USED``, ``PERMIT_EXPIRED`` or
                ``DECIDE_AGAIN``.
            Refused: A fact has changed and it is not permitted any more; recorded.
            PolicyUnavailable: A fact has changed and policy is silent; recorded.
            LogUnavailable: It could not be recorded, so nothing was released.
            LogUnwitnessed: Nobody watches the log as the policy demands.
        """
        self._context.watch.check()
        unit = await self._permitted_unit(caller, actor, upload)
        header = _checked_header(upload, unit, self._context.gateway)
        if unit.state == UnitState.RELEASED:
            return await asyncio.to_thread(self._released_before, unit, upload)
        if unit.expires_at is None or self._context.clock.now() >= unit.expires_at:
            raise Conflict("PERMIT_EXPIRED")
        turned = unit.has_turned(self._context.clock.now())
        fresh = await self._permitted_anew(unit, upload) if turned else None
        for _ in range(_ANEW):
            try:
                return await self._release(unit, upload, header, fresh)
            except StaleFacts:
                fresh = await self._permitted_anew(unit, upload)
            except Conflict:
                # Sent twice at once: the other one has been released.
                return await asyncio.to_thread(self._released_before, unit, upload)
        raise Conflict("DECIDE_AGAIN")

    # --- deciding --------------------------------------------------------------------------

    def _check_told_at(self, request: DisclosureRequest, pack: str) -> None:
        if request.occurred_at is not None:
            late_after = self._context.rulebook.threshold(pack, "late_entry_ms")
            check_told_at(request, late_after=late_after)

    async def _answered(
        self, asked: Asked, request: DisclosureRequest
    ) -> tuple[ActorId, tuple[RowChange, ...]]:
        """Return who asks, and the change that marks another agency's request as answered."""
        if not asked.answers_request:
            return request.sender_actor_id, ()
        tenant = self._context.tenant_id
        row = await self._context.facts.row(tenant, "request", asked.answers_request)
        if row is None or row["controller_agency"] != request.sender_agency_id:
            raise NotFound
        if [r.agency_id for r in request.recipients] != [row["asker_agency"]]:
            raise SchemaViolation([("/recipients", "the agency that asked")])
        answered = MoveRow("request", asked.answers_request, "open", "answered")
        return ActorId(str(row["asker_actor"])), (answered,)

    def _prepare(self, judgement: Judgement, asked: Asked) -> _Prepared:
        context, at = self._context, judgement.at
        state = _state_of(judgement)
        expires_at, key = None, None
        if state == UnitState.PERMITTED:
            expires_at = Millis(at + context.rulebook.threshold(judgement.pack, "decision_ttl_ms"))
            key = recipient_seal_key(judgement.unit, judgement.facts, at=at)
        purpose_ja = context.rulebook.purpose_ja(asked.purpose)
        decision = self._recorder.prepare(
            decision_draft(
                judgement,
                context.ids.entry(),
                purpose_ja=purpose_ja,
                expires_at=expires_at,
                request_digest=_digest_of(asked),
            )
        )
        told = None
        if state == UnitState.TOLD:
            leaf = decision.entry.leaf_hash
            draft = told_draft(
                judgement, context.ids.entry(), decision_leaf=leaf, purpose_ja=purpose_ja
            )
            told = self._recorder.prepare(draft)
        return _Prepared(judgement, state, expires_at, key, decision, told)

    def _disclosure_rows(
        self, request: DisclosureRequest, units: list[_Prepared], asked: Asked
    ) -> Iterator[RowChange]:
        yield self._rows.disclosure(request, asked.answers_request, _digest_of(asked))
        for position, unit in enumerate(units):
            yield from self._rows.unit(
                unit.judgement,
                unit.decision,
                position=position,
                state=unit.state,
                seal_kid=None if unit.seal_key is None else str(unit.seal_key["id"]),
                expires_at=unit.expires_at,
            )
        if asked.idempotency is not None:
            yield self._idempotency.row(
                asked.idempotency, "disclosure", request.disclosure_id, request.requested_at
            )

    def _decided(self, unit: _Prepared, indices: Iterator[int]) -> DecidedUnit:
        to = unit.judgement.unit.recipient
        return DecidedUnit(
            decision=unit.judgement.decision,
            recipient=to.agency_id,
            recipient_actor=to.actor_id,
            subject=unit.judgement.unit.subject,
            state=unit.state,
            expires_at=unit.expires_at,
            recipient_key=None if unit.seal_key is None else jwk_of(unit.seal_key),
            index=next(indices),
            evidence=self._recorder.evidence(unit.decision, only=SHOWN_TO_MEMBERS),
            release_index=None if unit.told is None else next(indices),
        )

    async def _decided_before(
        self, caller: Caller, asked: Asked, error: Conflict | SchemaViolation
    ) -> DecidedDisclosure:
        """Return what the same request was answered with, or raise what is in the way."""
        if asked.idempotency is None:
            raise error
        found = await asyncio.to_thread(self._idempotency.find, asked.idempotency)
        if found is None:
            raise error
        return await asyncio.to_thread(self._disclosures.decided, caller, DisclosureId(found))

    # --- releasing -------------------------------------------------------------------------

    async def _permitted_unit(self, caller: Caller, actor: ActorId, upload: Upload) -> KeptUnit:
        row = await self._context.facts.row(self._context.tenant_id, "unit", upload.decision_id)
        unit = None if row is None else KeptUnit.read(row)
        named = (caller.agency_id, upload.disclosure_id, upload.recipient)
        if unit is None or (unit.sender, unit.disclosure_id, unit.recipient) != named:
            raise NotFound
        if unit.state not in {UnitState.PERMITTED, UnitState.RELEASED}:
            raise Conflict("NOT_PERMITTED")
        if actor != unit.question["request"]["sender"]["actor"]:
            raise NotAuthorized("act-for-agency")
        return unit

    async def _permitted_anew(self, unit: KeptUnit, upload: Upload) -> Judgement:
        """
        Return the decision made anew under which an envelope may still pass.

        Raises:
            Refused, PolicyUnavailable: It may not; recorded.
            Conflict: ``DECIDE_AGAIN``: the key it is sealed to is not the recipient's any more.
        """
        now = self._context.clock.now()
        fresh = await self._judge.judge_again(unit.question, at=now, counted_at=unit.counted_at)
        if not fresh.permits(upload.fields):
            raise await self._lapsed(unit, fresh)
        if not holds_seal_key(fresh.unit, fresh.facts, unit.seal_kid, at=now):
            raise Conflict("DECIDE_AGAIN")
        return fresh

    async def _release(
        self, unit: KeptUnit, upload: Upload, header: EnvelopeHeader, fresh: Judgement | None
    ) -> Released:
        context, now = self._context, self._context.clock.now()
        delivery_id = DeliveryId(context.ids.new())
        expires_at = Millis(now + context.rulebook.threshold(unit.pack, "delivery_ms"))
        purpose = unit.question["request"]["purpose"]
        envelope: dict[str, JSONValue] = {
            "delivery_id": delivery_id,
            "field_ids": tuple(sorted(upload.fields)),
            "envelope_digest": digest_text(upload.envelope.encode("ascii")),
            "fields_digest": header.fields_digest,
            "recipient_kid": header.kid,
        }
        standing = unit if fresh is None else _standing_on(unit, fresh)
        release = self._recorder.prepare(
            release_draft(
                standing,
                context.ids.entry(),
                at=now,
                envelope=envelope,
                expires_at=expires_at,
                labels_ja={purpose: context.rulebook.purpose_ja(purpose)},
            )
        )
        rows = self._rows.release(
            standing, upload, release, envelope=envelope, fresh=fresh, expires_at=expires_at
        )
        recorded = await self._recorder.record_async(
            Change(
                drafts=(release,) if fresh is None else (self._anew(unit, fresh), release),
                rows=tuple(rows),
                relied_on_keys=unit.relied_on if fresh is None else fresh.facts.epochs,
            )
        )
        # Durable and visible; if the process ends here, the recipient finds it all the same.
        return Released(
            delivery_id=delivery_id,
            decision_id=unit.decision.decision_id,
            state="waiting",
            expires_at=expires_at,
            index=recorded.indices[-1],
            evidence=self._recorder.evidence(release, only=SHOWN_TO_MEMBERS),
        )

    def _anew(self, unit: KeptUnit, fresh: Judgement) -> PreparedDraft:
        """Return the entry of a decision made anew, because a fact had changed."""
        return self._recorder.prepare(
            decision_draft(
                fresh,
                self._context.ids.entry(),
                purpose_ja=self._context.rulebook.purpose_ja(fresh.unit.request.purpose),
                expires_at=unit.expires_at,
            )
        )

    async def _lapsed(self, unit: KeptUnit, fresh: Judgement) -> Refused | PolicyUnavailable:
        """Record that a permit does not hold any more; return the refusal."""
        id_ = unit.decision.decision_id
        columns = judgement_columns(fresh)
        lapse = MoveRow("unit", id_, UnitState.PERMITTED, UnitState.LAPSED, columns)
        rows = (lapse, *self._rows.alerts(fresh, id_))
        await self._recorder.record_async(Change((self._anew(unit, fresh),), rows))
        if fresh.decision.outcome is Outcome.INDETERMINATE:
            return PolicyUnavailable("a fact has changed and policy is silent")
        return Refused([id_], [r.code for r in fresh.decision.reasons])

    def _released_before(self, unit: KeptUnit, upload: Upload) -> Released:
        found = self._context.registers.rows(
            self._context.tenant_id, "delivery", {"decision_id": unit.decision.decision_id}
        )
        digest = digest_text(upload.envelope.encode("ascii"))
        if not found or found[0]["envelope_digest"] != digest:
            raise Conflict("PERMIT_USED")
        return self._disclosures.released(found[0])


def _is_silent(judged: Iterable[Judgement]) -> bool:
    """Whether nothing is permitted because policy was silent."""
    outcomes = {j.decision.outcome for j in judged}
    return Outcome.INDETERMINATE in outcomes and Outcome.PERMIT not in outcomes


def _state_of(judgement: Judgement) -> str:
    if judgement.decision.outcome is not Outcome.PERMIT:
        return UnitState.REFUSED
    told = judgement.unit.request.direction.is_recorded_only
    return UnitState.TOLD if told else UnitState.PERMITTED


def _standing_on(unit: KeptUnit, fresh: Judgement) -> KeptUnit:
    """Return a unit with what was decided anew: grounds, duties and whom it is about."""
    decision = replace(
        fresh.decision,
        decision_id=unit.decision.decision_id,
        permitted=unit.decision.permitted,
    )
    return replace(unit, decision=decision, person=fresh.person, relied_on=fresh.facts.epochs)


def _digest_of(asked: Asked) -> str:
    return "" if asked.idempotency is None else asked.idempotency.request_digest


def _checked_header(upload: Upload, unit: KeptUnit, gateway: str) -> EnvelopeHeader:
    """
    Return the header of an envelope that belongs to this unit and declares what may pass.

    Raises:
        SchemaViolation: It does not; the pointer says what to look at.
    """
    binding = Binding(
        gateway=gateway,
        disclosure_id=unit.disclosure_id,
        recipient=unit.recipient,
        controller=unit.sender,
        leaf_hash=unb64u(unit.leaf_hash),
        permitted=frozenset(unit.decision.permitted),
    )
    found: EnvelopeHeader | None = None
    pointer, rule = "/envelope", "sealed for this decision"
    try:
        header = read_protected_header(upload.envelope)
        check_envelope(header, binding, declared=upload.fields, kid=unit.seal_kid or "")
        found = header
    except FieldsExceedDecision:
        pointer, rule = "/fields", "within the decision"
    except (SealError, ValueError):
        pass
    if found is None:
        raise SchemaViolation([(pointer, rule)])
    return found
