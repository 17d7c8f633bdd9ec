"""
Units as they are kept: one row holds what is needed to explain, to ask again and to release.

The row holds no case content: field ids, codes, opaque ids and the question without words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.domain.decisions import decision_from, indeterminate
from gateway.domain.disclosure import Decision, Outcome
from gateway.domain.ids import (
    ActorId,
    AgencyId,
    DecisionId,
    DisclosureId,
    EntryId,
    FieldId,
    Millis,
    PersonId,
    SubjectId,
)
from gateway.domain.log import InsertRow, JSONValue, KeyEpoch, PreparedEntry
from gateway.domain.policy import PolicyAnswer
from gateway.domain.records import person_key
from gateway.ports.registers import Row
from gateway.services.facts import next_turn, question_to_keep
from gateway.services.judging import Judgement

__all__ = ["KeptUnit", "UnitState", "judgement_columns", "unit_row"]

_OF_PERSON: Final = person_key(PersonId(""))  # the key of each person starts with it


class UnitState:
    """States of a unit row; see ``UNIT_STATES`` of ``domain.records``."""

    REFUSED = "refused"
    PERMITTED = "permitted"
    RELEASED = "released"
    TOLD = "told"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class KeptUnit:
    """
    One unit row as read back.

    Attributes:
        decision: The decision, complete with reasons and duties.
        question: The kept question, see ``facts.question_to_keep``.
        relied_on: Key epochs that the decision stands on.
        leaf_hash: Hash of the decision's leaf, base64url.
        seal_kid: Id of the recipient's key that was named with a permit.
        turns_at: The first instant at which the same facts may have another meaning.
        counted_at: When it began to count as occasional; ``None`` when it does not count.
    """

    decision: Decision
    disclosure_id: DisclosureId
    position: int
    sender: AgencyId
    recipient: AgencyId
    recipient_actor: ActorId | None
    subject: SubjectId
    person: PersonId
    state: str
    question: Mapping[str, Any]
    relied_on: tuple[KeyEpoch, ...]
    pack: str
    entry_id: EntryId
    leaf_hash: str
    seal_kid: str | None
    decided_at: Millis
    expires_at: Millis | None
    turns_at: Millis | None
    counted_at: Millis | None

    @property
    def persons(self) -> tuple[PersonId, ...]:
        """Everybody the unit concerns, the main subject first."""
        found = (e.key for e in self.relied_on if e.key.startswith(_OF_PERSON))
        others = (PersonId(key.removeprefix(_OF_PERSON)) for key in found)
        return tuple(dict.fromkeys((self.person, *others)))

    def has_turned(self, now: Millis) -> bool:
        """Whether a term, a consent or anything else has begun or ended since the decision."""
        return self.turns_at is not None and now >= self.turns_at

    @classmethod
    def read(cls, row: Row) -> "KeptUnit":
        """Return the unit that a row holds."""
        kept = orjson.loads(str(row["decision"]))
        question = orjson.loads(str(row["question"]))
        expires_at, actor = row["expires_at"], row["recipient_actor"]
        decided_at, turns_at = Millis(_int(row["decided_at"])), kept["turns_at"]
        return cls(
            decision=_decision(DecisionId(str(row["id"])), kept, question),
            disclosure_id=DisclosureId(str(row["disclosure_id"])),
            position=_int(row["position"]),
            sender=AgencyId(str(row["sender_agency"])),
            recipient=AgencyId(str(row["recipient_agency"])),
            recipient_actor=None if actor is None else ActorId(str(actor)),
            subject=SubjectId(str(row["subject_id"])),
            person=PersonId(str(row["person_id"])),
            state=str(row["state"]),
            question=question,
            relied_on=tuple(KeyEpoch(k, e) for k, e in orjson.loads(str(row["relied_on"]))),
            pack=kept["pack"],
            entry_id=EntryId(str(row["entry_id"])),
            leaf_hash=str(row["leaf_hash"]),
            seal_kid=None if row["seal_kid"] is None else str(row["seal_kid"]),
            decided_at=decided_at,
            expires_at=None if expires_at is None else Millis(_int(expires_at)),
            turns_at=None if turns_at is None else Millis(turns_at),
            counted_at=decided_at if row["ad_hoc"] else None,
        )


def unit_row(
    judgement: Judgement,
    entry: PreparedEntry,
    *,
    leaf_hash: str,
    position: int,
    state: str,
    ad_hoc: bool,
    seal_kid: str | None,
    expires_at: Millis | None,
) -> InsertRow:
    """Return the row of a unit just judged, to be inserted with its ``decision`` entry."""
    unit, decision = judgement.unit, judgement.decision
    return InsertRow(
        "unit",
        {
            "id": decision.decision_id,
            "disclosure_id": unit.request.disclosure_id,
            "position": position,
            "sender_agency": unit.request.sender_agency_id,
            "recipient_agency": unit.recipient.agency_id,
            "recipient_actor": unit.recipient.actor_id,
            "asking_actor": judgement.asked_by,
            "subject_id": unit.subject,
            "person_id": judgement.person,
            "state": state,
            "basis": " ".join(dict.fromkeys(decision.bases)),
            "ad_hoc": int(ad_hoc),
            "question": _json(question_to_keep(unit, judgement.question)),
            "entry_id": entry.entry_id,
            "leaf_hash": leaf_hash,
            "seal_kid": seal_kid,
            "decided_at": judgement.at,
            "expires_at": expires_at,
            **judgement_columns(judgement),
        },
    )


def judgement_columns(judgement: Judgement) -> dict[str, str]:
    """Return the columns that change when a unit is judged again."""
    answer, decision = judgement.answer, judgement.decision
    return {
        "label": str(decision.label),
        "decision": _json(
            {
                "answer": None if answer is None else answer.decision,
                "revision": decision.policy_revision,
                "engine": decision.engine,
                "pack": judgement.pack,
                "turns_at": next_turn(judgement.facts, after=judgement.at),
            }
        ),
        "relied_on": _json([[e.key, e.epoch] for e in judgement.facts.epochs]),
    }


def _decision(decision_id: DecisionId, kept: Mapping[str, Any], question: Any) -> Decision:
    answer, revision, engine = kept["answer"], kept["revision"], kept["engine"]
    if answer is None:
        asked = [FieldId(f["id"]) for f in question["request"]["fields"]]
        return indeterminate(decision_id, asked, revision=revision, engine=engine)
    outcome = Outcome(answer["outcome"])
    return decision_from(PolicyAnswer(outcome, answer, revision, engine), decision_id)


def _json(value: JSONValue) -> str:
    return orjson.dumps(value, default=dict).decode()


def _int(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a column that counts holds a number")
    return value
