"""
What is asked and answered in the words of the OpenID AuthZEN Authorization API 1.0.

* A subject is who would receive, an action the purpose, a resource one record about a person
  whom the caller names by its own reference, in ``id`` and wherever else a person is named.
* A subject, action or resource that nobody here knows is read like any other and answered with
  no: an enforcement point that follows the specification is not broken by us. A member that we
  do not know is refused, since ignoring it could be ignoring a condition.
* A no says nothing of why, and is the same for whatever stands behind it.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from fastapi import Depends, Request
from pydantic import AfterValidator, BaseModel, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError
from typing_extensions import override

from gateway.api.problems import CATALOGUE, NOT_SHAREABLE, Problem, ProblemOf, problem_of
from gateway.api.reading import (
    Body,
    ContentTooLarge,
    OptionalCode,
    OptionalId,
    UnsupportedMediaType,
    WireModel,
    validated,
)
from gateway.api.wire import (
    AssertedValue,
    CapacityAsked,
    DataClass,
    FactName,
    FieldName,
    Origin,
    RefsAsked,
    Relation,
    Urgency,
)
from gateway.domain.disclosure import AssertedFact, Capacity
from gateway.domain.errors import MalformedRequest, RequestError, SchemaViolation
from gateway.domain.ids import ActorId, FieldId
from gateway.ports.rulebook import Rulebook
from gateway.services.dry_run import DryRunAnswer, DryRunAsked, FieldAsked, RecipientType
from gateway.services.registers.subjects import MAX_REFERENCE_CHARS

__all__ = [
    "EvaluationAsked",
    "EvaluationShown",
    "EvaluationsAsked",
    "EvaluationsShown",
    "answer_json",
    "bad_request",
    "evaluation_body",
]

MAX_EVALUATIONS: Final = 50

_MAX_SHOWN_ERRORS: Final = 5
_DEFAULTS: Final = frozenset({"subject", "action", "resource", "context"})
_RECIPIENTS: Final[Mapping[str, RecipientType]] = {
    "agency": "agency",
    "agency_system": "agency_system",
}


def _printable(text: str) -> str:
    if not text.isprintable():
        raise PydanticCustomError("printable", "no control characters")
    return text


Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
LocalRef = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_REFERENCE_CHARS),
    AfterValidator(_printable),
]
OptionalRef = Annotated[
    str, StringConstraints(max_length=MAX_REFERENCE_CHARS), AfterValidator(_printable)
]
# The specification allows properties; none has a meaning here.
NoProperties = Annotated[dict[str, Any], Field(default_factory=dict, max_length=0)]


class EvaluatedSubject(WireModel):
    """Who would receive: an agency, or the system of one."""

    type: Name
    id: Name
    properties: NoProperties


class EvaluatedAction(WireModel):
    """For which purpose."""

    name: Name
    properties: NoProperties


class EvaluatedResource(WireModel):
    """What: a record of this type about the person whom the caller calls by ``id``."""

    type: Name
    id: LocalRef
    properties: NoProperties


class EvaluatedPerson(WireModel):
    """Another person whom the record is about, by the caller's own reference."""

    id: LocalRef
    relation: Relation


class EvaluatedField(WireModel):
    """A field; its classes where a value's are fewer, and whom it is about."""

    id: FieldName
    classes: Annotated[list[DataClass], Field(default_factory=list, max_length=11)]
    about: Annotated[list[LocalRef], Field(default_factory=list, max_length=40)]
    origin: Origin = "own"


class EvaluatedFact(WireModel):
    """A fact that the acting person vouches for; whom it is about by the caller's reference."""

    fact: FactName
    value: AssertedValue
    evidence: Literal["seen", "heard", "document", "assumed"]
    text: Annotated[str, StringConstraints(max_length=2000)] = ""
    subject: OptionalRef = ""


class EvaluationContext(WireModel):
    """The rest of the question, as a disclosure would ask it."""

    actor: OptionalId = ""
    recipient_actor: OptionalId = ""
    direction: Literal["push"] = "push"
    capacity: CapacityAsked = CapacityAsked(kind="own_business")
    basis: OptionalCode = ""
    refs: RefsAsked = RefsAsked()
    profile: OptionalCode = ""
    urgency: Urgency = "normal"
    co_subjects: Annotated[list[EvaluatedPerson], Field(default_factory=list, max_length=39)]
    fields: Annotated[list[EvaluatedField], Field(default_factory=list, max_length=200)]
    asserted: Annotated[list[EvaluatedFact], Field(default_factory=list, max_length=40)]


class EvaluationAsked(WireModel):
    """Whether one record about one person could pass to one recipient."""

    subject: EvaluatedSubject
    action: EvaluatedAction
    resource: EvaluatedResource
    context: Annotated[EvaluationContext, Field(default_factory=EvaluationContext)]

    def as_asked(self, actor: ActorId | None) -> DryRunAsked:
        """
        Return what is asked, in the words of the domain.

        Args:
            actor: Who acts, as the header says.

        Raises:
            MalformedRequest: Nobody acts, or two different persons.
            SchemaViolation: Another person is named twice.
        """
        said = self.context
        acting = {a for a in (actor, said.actor) if a}
        if len(acting) != 1:
            raise MalformedRequest("actor")
        by = ActorId(acting.pop())
        others = {c.id: c.relation for c in said.co_subjects}
        if len(others) < len(said.co_subjects):
            raise SchemaViolation([("/context/co_subjects", "uniqueItems")])
        return DryRunAsked(
            actor=by,
            recipient_type=_RECIPIENTS.get(self.subject.type, "unknown"),
            recipient=self.subject.id,
            recipient_actor=ActorId(said.recipient_actor) if said.recipient_actor else None,
            purpose=self.action.name,
            record_type=self.resource.type,
            local_ref=self.resource.id,
            capacity=Capacity(said.capacity.kind, said.capacity.ref),
            basis=said.basis,
            refs={name: ref for name, ref in said.refs.model_dump().items() if ref},
            profile=said.profile,
            urgency=said.urgency,
            co_subjects=others,
            fields=tuple(
                FieldAsked(FieldId(f.id), tuple(f.classes), tuple(f.about), f.origin)
                for f in said.fields
            ),
            asserted=tuple(
                AssertedFact(a.fact, a.value, by, a.evidence, a.text, a.subject)
                for a in said.asserted
            ),
        )


class EvaluationOptions(WireModel):
    """How far a batch is answered."""

    evaluations_semantic: Literal["execute_all", "deny_on_first_deny", "permit_on_first_permit"] = (
        "execute_all"
    )

    @property
    def until(self) -> bool | None:
        """The answer after which no further question is answered; ``None`` for none."""
        ends = {"deny_on_first_deny": False, "permit_on_first_permit": True}
        return ends.get(self.evaluations_semantic)


class EvaluationsAsked(WireModel):
    """Several questions, with what they share; without any of them, the one that it is itself."""

    subject: EvaluatedSubject | None = None
    action: EvaluatedAction | None = None
    resource: EvaluatedResource | None = None
    context: EvaluationContext | None = None
    options: Annotated[EvaluationOptions, Field(default_factory=EvaluationOptions)]
    evaluations: Annotated[
        list[Annotated[Any, WithJsonSchema({"type": "object"})]],
        Field(
            default_factory=list,
            max_length=MAX_EVALUATIONS,
            description="Each like EvaluationAsked; what it leaves out stands beside them.",
        ),
    ]

    def alone(self) -> EvaluationAsked:
        """
        Return the one question that this is without others.

        Raises:
            SchemaViolation: It is none.
        """
        return self._completed({})

    def as_asked(self, actor: ActorId | None) -> list[DryRunAsked | RequestError]:
        """Return each question, or what is wrong with it."""
        return [self._asked(item, actor) for item in self.evaluations]

    def _asked(self, item: Any, actor: ActorId | None) -> DryRunAsked | RequestError:
        if not isinstance(item, dict):
            return SchemaViolation([("", "object")])
        try:
            return self._completed(item).as_asked(actor)
        except RequestError as error:
            return error

    def _completed(self, item: Mapping[str, Any]) -> EvaluationAsked:
        shared = self.model_dump(include=set(_DEFAULTS), exclude_unset=True)
        return validated(EvaluationAsked, {**shared, **item})


class DutyOf(WireModel):
    """A duty that would come with a permit."""

    code: str
    title_ja: str
    title_en: str


class ReasonForUser(WireModel):
    """What may be said of a no, and the next step."""

    ja: str
    en: str


class PermittedContext(WireModel):
    """What would pass, and under which duties."""

    decision_id: str
    log_index: int
    fields_permitted: list[str]
    obligations: list[DutyOf]


class RefusedContext(WireModel):
    """One text for every no."""

    decision_id: str
    log_index: int
    reason_user: ReasonForUser


class EvaluationError(WireModel):
    """Why a question of a batch was not decided."""

    status: int
    message: str


class UndecidedContext(WireModel):
    """A question of a batch that was not decided, which is a no."""

    error: EvaluationError


class EvaluationShown(WireModel):
    """An answer; it permits nothing and nothing passes by it."""

    decision: bool
    context: PermittedContext | RefusedContext | UndecidedContext


class EvaluationsShown(WireModel):
    """Answers in the order of the questions, as far as they were answered."""

    evaluations: list[EvaluationShown]


class EvaluationBody(Body):
    """A body that the specification wants answered 400, whatever is wrong with it."""

    problems: ClassVar[tuple[str, ...]] = ()

    @override
    async def __call__(self, request: Request) -> BaseModel:
        """
        Return the body.

        Raises:
            MalformedRequest: It is not readable.
            ProblemOf: It is larger, of another type or form than is read here.
        """
        try:
            return await super().__call__(request)
        except (ContentTooLarge, SchemaViolation, UnsupportedMediaType) as error:
            found = error
        raise ProblemOf(bad_request(found))


def evaluation_body(model: type[BaseModel]) -> Any:
    """Return the dependency that reads the body as ``model``; for use in ``Annotated``."""
    return Depends(EvaluationBody(model))


def bad_request(error: RequestError) -> Problem:
    """Return the problem of a question of another form, with the status of the specification."""
    found = problem_of(error)
    detail = found.detail or "schema"
    return Problem(CATALOGUE["malformed-request"], detail, members=found.members)


def answer_json(answer: DryRunAnswer | RequestError, rulebook: Rulebook) -> dict[str, Any]:
    """Return an answer, or why there is none, as the wire holds it."""
    if isinstance(answer, RequestError):
        return {"decision": False, "context": {"error": _error_json(answer)}}
    recorded = {"decision_id": answer.decision.decision_id, "log_index": answer.index}
    if not answer.permitted:
        text = rulebook.reason(NOT_SHAREABLE)
        said = {
            "ja": f"{text.title_ja}。{text.next_step_ja}",
            "en": f"{text.title_en}. {text.next_step_en}",
        }
        return {"decision": False, "context": {**recorded, "reason_user": said}}
    duties = [
        {"code": o.code, "title_ja": o.title_ja, "title_en": o.title_en}
        for o in answer.decision.obligations
    ]
    passes = {"fields_permitted": answer.decision.permitted, "obligations": duties}
    return {"decision": True, "context": {**recorded, **passes}}


def _error_json(error: RequestError) -> dict[str, Any]:
    problem = bad_request(error) if isinstance(error, SchemaViolation) else problem_of(error)
    where = error.errors[:_MAX_SHOWN_ERRORS] if isinstance(error, SchemaViolation) else ()
    message = "; ".join((problem.type.title, *(f"{p or '/'} {rule}" for p, rule in where)))
    return {"status": problem.type.status, "message": message}
