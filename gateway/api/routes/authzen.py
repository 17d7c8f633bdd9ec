"""AuthZEN 1.0: whether something could pass, asked and recorded, and never released."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from gateway.api.answers import reply
from gateway.api.authzen import (
    EvaluationAsked,
    EvaluationsAsked,
    EvaluationShown,
    EvaluationsShown,
    answer_json,
    bad_request,
    evaluation_body,
)
from gateway.api.dependencies import (
    ActingPersonIfGiven,
    Member,
    Take,
    allowance,
    echoed_request_id,
)
from gateway.api.parts import CurrentParts, service
from gateway.api.problems import ProblemOf
from gateway.domain.disclosure import Caller
from gateway.domain.errors import RequestError, SchemaViolation
from gateway.domain.ids import ActorId
from gateway.ports.rulebook import Rulebook
from gateway.services.dry_run import DryRun

__all__ = ["router"]

router = APIRouter(tags=["authzen"])

_EVALUATION = "/access/v1/evaluation"
_EVALUATIONS = "/access/v1/evaluations"
_ECHOED = [Depends(echoed_request_id)]

DryRuns = Annotated[DryRun, service(DryRun)]
Takes = Annotated[Take, allowance("dry_runs")]


@router.post(
    _EVALUATION,
    summary="Ask whether a record could pass",
    description="AuthZEN 1.0 access evaluation: the door's own rules, recorded like a decision,"
    " and no permit. A no is one fixed text.",
    response_model=EvaluationShown,
    dependencies=_ECHOED,
)
async def evaluate(
    caller: Member,
    actor: ActingPersonIfGiven,
    asked: Annotated[EvaluationAsked, evaluation_body(EvaluationAsked)],
    take: Takes,
    dry_runs: DryRuns,
    parts: CurrentParts,
) -> Response:
    take(1)
    return await _alone(caller, actor, asked, dry_runs, parts.context.rulebook)


@router.post(
    _EVALUATIONS,
    summary="Ask whether several records could pass",
    description="AuthZEN 1.0 access evaluations: answered in order, as far as the options say.",
    response_model=EvaluationsShown | EvaluationShown,
    dependencies=_ECHOED,
)
async def evaluate_all(
    caller: Member,
    actor: ActingPersonIfGiven,
    asked: Annotated[EvaluationsAsked, evaluation_body(EvaluationsAsked)],
    take: Takes,
    dry_runs: DryRuns,
    parts: CurrentParts,
) -> Response:
    take(max(1, len(asked.evaluations)))
    rulebook = parts.context.rulebook
    if not asked.evaluations:
        return await _alone(caller, actor, asked, dry_runs, rulebook)
    answers = await dry_runs.ask(caller, asked.as_asked(actor), until=asked.options.until)
    return reply({"evaluations": [answer_json(a, rulebook) for a in answers]})


@router.get(
    "/.well-known/authzen-configuration",
    summary="Where the decision point is asked",
    description="AuthZEN 1.0 metadata.",
)
def configuration(parts: CurrentParts) -> Response:
    origin = parts.context.gateway
    return reply(
        {
            "policy_decision_point": origin,
            "access_evaluation_endpoint": origin + _EVALUATION,
            "access_evaluations_endpoint": origin + _EVALUATIONS,
        }
    )


async def _alone(
    caller: Caller,
    actor: ActorId | None,
    asked: EvaluationAsked | EvaluationsAsked,
    dry_runs: DryRun,
    rulebook: Rulebook,
) -> Response:
    try:
        one = asked if isinstance(asked, EvaluationAsked) else asked.alone()
        (answer,) = await dry_runs.ask(caller, [one.as_asked(actor)])
        if isinstance(answer, RequestError):
            raise answer
    except SchemaViolation as error:
        raise ProblemOf(bad_request(error)) from None
    return reply(answer_json(answer, rulebook))
