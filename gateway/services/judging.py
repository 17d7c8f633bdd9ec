"""
Judging one unit: read its facts in one statement, ask policy, and keep why.

* Whatever policy does not answer in full is a refusal, recorded as ``INDETERMINATE``.
* A question that is asked again is asked by the law and the facts of now.
* Nothing here writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.domain.decisions import decision_from, indeterminate
from gateway.domain.disclosure import Decision, Outcome, Unit
from gateway.domain.errors import NotFound, PolicyUnavailable
from gateway.domain.ids import ActorId, DecisionId, FieldId, Millis, PersonId
from gateway.domain.log import JSONValue
from gateway.domain.policy import PolicyAnswer
from gateway.ports.registers import UnitFacts
from gateway.services.context import Context
from gateway.services.facts import check_sender, policy_input, query_for, question_again

__all__ = ["Judge", "Judgement"]

_AD_HOC: Final = "ad_hoc_window_ms"
_LATELY: Final = "rate_window_ms"


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    One unit as judged.

    Attributes:
        unit: What was asked.
        facts: What the registers said, with the key epochs it stands on.
        question: The whole policy input.
        answer: The whole policy answer; ``None`` when policy was silent.
        decision: The answer as a decision.
        pack: The municipality's pack.
        at: When it was judged.
        asked_by: Who asked; ``None`` when the question was only asked again.
    """

    unit: Unit
    facts: UnitFacts
    question: Mapping[str, Any]
    answer: PolicyAnswer | None
    decision: Decision
    pack: str
    at: Millis
    asked_by: ActorId | None = None

    @property
    def person(self) -> PersonId:
        """The person that the unit's main subject stands for."""
        return next(s.person_id for s in self.facts.subjects if s.subject_id == self.unit.subject)

    @property
    def persons(self) -> tuple[PersonId, ...]:
        """Everybody the unit concerns."""
        return tuple(dict.fromkeys(s.person_id for s in self.facts.subjects))

    def permits(self, fields: Sequence[FieldId]) -> bool:
        """Whether every one of these fields may pass."""
        permitted = self.decision.outcome is Outcome.PERMIT
        return permitted and set(fields) <= set(self.decision.permitted)


class Judge:
    """Judges units of one tenant."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._pack: str | None = None

    async def judge(
        self, unit: Unit, *, at: Millis, asked_by: ActorId, asked_before: int = 0
    ) -> Judgement:
        """
        Judge a unit for the first time.

        Args:
            unit: What is asked.
            at: The present instant.
            asked_by: Who asks: the acting person, or the one at the agency that is answered.
            asked_before: About how many units this person asks in the same request before it.

        Raises:
            NotAuthorized, NotFound: See :func:`gateway.services.facts.check_sender`.
            StorageUnavailable: The registers are silent.
        """
        facts, pack = await self._facts(unit, at, asked_by)
        if self._window(pack, _LATELY) is not None:
            facts = replace(facts, lately_count=facts.lately_count + asked_before)
        judged = await self._judge(unit, facts, pack, at=at, asserted=None)
        return replace(judged, asked_by=asked_by)

    async def judge_again(
        self,
        kept: Mapping[str, Any],
        *,
        at: Millis,
        counted_at: Millis | None,
        law_at: Millis | None = None,
        to_actor: ActorId | None = None,
    ) -> Judgement:
        """
        Judge a question again, as it was kept, by the facts of ``at``.

        Nobody asks anew, so that how much somebody asked about lately does not come into it.

        Args:
            kept: See :func:`gateway.services.facts.question_to_keep`.
            at: The present instant.
            counted_at: When the unit itself began to count as occasional; it is not counted
                against itself. ``None`` when it does not count.
            law_at: By the law of which instant; ``None`` means of now.
            to_actor: A person at the recipient's to ask about, where the whole agency was
                meant.

        Raises:
            NotAuthorized, NotFound, StorageUnavailable: As :meth:`judge`.
        """
        requested_at = at if law_at is None else law_at
        unit, asserted = question_again(kept, requested_at=requested_at, to_actor=to_actor)
        facts, pack = await self._facts(unit, at, "")
        if counted_at is not None and counted_at >= at - (self._window(pack, _AD_HOC) or 0):
            facts = replace(facts, ad_hoc_count=facts.ad_hoc_count - 1)
        return await self._judge(unit, facts, pack, at=at, asserted=asserted)

    async def _judge(
        self,
        unit: Unit,
        facts: UnitFacts,
        pack: str,
        *,
        at: Millis,
        asserted: Sequence[Mapping[str, JSONValue]] | None,
    ) -> Judgement:
        check_sender(unit, facts, now=at)
        question = policy_input(unit, facts, now=at, asserted=asserted)
        decision_id = DecisionId(self._context.ids.new())
        pdp = self._context.pdp
        try:
            answer = await pdp.decide(question)
        except PolicyUnavailable:
            asked = tuple(f.id for f in unit.request.fields)
            silent = indeterminate(decision_id, asked, revision=pdp.revision, engine=pdp.engine)
            return Judgement(unit, facts, question, None, silent, pack, at)
        decision = decision_from(answer, decision_id)
        return Judgement(unit, facts, question, answer, decision, pack, at)

    async def _facts(self, unit: Unit, at: Millis, asked_by: str) -> tuple[UnitFacts, str]:
        """Return the facts, counted over the windows of the pack that they themselves name."""
        while True:
            counted_with = self._pack
            ad_hoc, lately = (self._window(counted_with, name) for name in (_AD_HOC, _LATELY))
            query = query_for(
                self._context.tenant_id,
                unit,
                ad_hoc_since=Millis(at - (ad_hoc or 0)),
                asking_actor="" if lately is None else asked_by,
                lately_since=Millis(at - (lately or 0)),
            )
            facts = await self._context.facts.facts(self._context.tenant_id, query)
            pack = _pack_of(facts)
            if pack == counted_with:
                return facts, pack
            self._pack = pack

    def _window(self, pack: str | None, name: str) -> int | None:
        """Return a window of a pack, ``None`` where it counts nothing."""
        try:
            return None if pack is None else self._context.rulebook.threshold(pack, name)
        except PolicyUnavailable:
            return None  # a pack that the revision does not have enables nothing; policy says so


def _pack_of(facts: UnitFacts) -> str:
    tenant = next((f.fact for f in facts.facts if f.kind == "tenant"), None)
    if tenant is None:
        raise NotFound
    return str(tenant["pack"])
