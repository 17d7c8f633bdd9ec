"""
Judging one unit: read its facts in one statement, ask policy, and keep why.

* Whatever policy does not answer in full is a refusal, recorded as ``INDETERMINATE``.
* A question that is asked again is asked by the law and the facts of now.
* Nothing here writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

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
    """

    unit: Unit
    facts: UnitFacts
    question: Mapping[str, Any]
    answer: PolicyAnswer | None
    decision: Decision
    pack: str
    at: Millis

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

    async def judge(self, unit: Unit, *, at: Millis) -> Judgement:
        """
        Judge a unit for the first time.

        Raises:
            NotAuthorized, NotFound: See :func:`gateway.services.facts.check_sender`.
            StorageUnavailable: The registers are silent.
        """
        return await self._judge(unit, None, at)

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
        return await self._judge(unit, asserted, at, counted_at)

    async def _judge(
        self,
        unit: Unit,
        asserted: Sequence[Mapping[str, JSONValue]] | None,
        at: Millis,
        counted_at: Millis | None = None,
    ) -> Judgement:
        facts, pack = await self._facts(unit, at)
        if counted_at is not None and counted_at >= at - self._window(pack):
            facts = replace(facts, ad_hoc_count=facts.ad_hoc_count - 1)
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

    async def _facts(self, unit: Unit, at: Millis) -> tuple[UnitFacts, str]:
        """Return the facts, counted over the window of the pack that they themselves name."""
        while True:
            counted_with = self._pack
            window = 0 if counted_with is None else self._window(counted_with)
            query = query_for(self._context.tenant_id, unit, ad_hoc_since=Millis(at - window))
            facts = await self._context.facts.facts(self._context.tenant_id, query)
            pack = _pack_of(facts)
            if pack == counted_with:
                return facts, pack
            self._pack = pack

    def _window(self, pack: str) -> int:
        try:
            return self._context.rulebook.threshold(pack, "ad_hoc_window_ms")
        except PolicyUnavailable:
            return 0  # a pack that the revision does not have enables nothing; policy says so


def _pack_of(facts: UnitFacts) -> str:
    tenant = next((f.fact for f in facts.facts if f.kind == "tenant"), None)
    if tenant is None:
        raise NotFound
    return str(tenant["pack"])
