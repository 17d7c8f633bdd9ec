"""What somebody else agreed to: approvals, emergency agreements, officers' verdicts."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from gateway.api.dependencies import PathId, RequestedKey
from gateway.api.reading import body_of
from gateway.api.registers.calling import ActingFor, Services, registered_reply, view_reply
from gateway.api.registers.forms import ApprovalForm, EmergencyAgreementForm, VerdictForm

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["registers"])


@router.post(
    "/approvals",
    status_code=201,
    summary="Register an approval",
    description="A formal consent (決裁) of the caller's agency itself.",
)
def approve(
    by: ActingFor,
    key: RequestedKey,
    services: Services,
    form: Annotated[ApprovalForm, body_of(ApprovalForm)],
) -> Response:
    done = services.approvals.register(
        by,
        key,
        subject=form.subject,
        approver=form.approver,
        approved_at=form.approved_at,
        terms=form.model_dump(exclude={"subject", "approver", "approved_at"}),
    )
    return registered_reply(done)


@router.get(
    "/approvals/{approval_id}",
    summary="Show an approval",
    description="To the agency that gave it.",
)
def show_approval(approval_id: PathId, by: ActingFor, services: Services) -> Response:
    return view_reply(services.showing.show(by, "approval", approval_id))


@router.post(
    "/emergency-agreements",
    status_code=201,
    summary="Register an emergency agreement",
    description="That a second person agreed, perhaps by call-back; it is reviewed afterwards.",
)
def agree(
    by: ActingFor,
    key: RequestedKey,
    services: Services,
    form: Annotated[EmergencyAgreementForm, body_of(EmergencyAgreementForm)],
) -> Response:
    done = services.emergencies.register(
        by,
        key,
        subject=form.subject,
        agreed_by=form.second_person,
        agreed_at=form.agreed_at,
        terms=form.model_dump(exclude={"subject", "second_person", "agreed_at"}),
    )
    return registered_reply(done)


@router.get(
    "/emergency-agreements/{agreement_id}",
    summary="Show an emergency agreement",
    description="To the agency that started it.",
)
def show_agreement(agreement_id: PathId, by: ActingFor, services: Services) -> Response:
    return view_reply(services.showing.show(by, "emergency_agreement", agreement_id))


@router.post(
    "/officer-verdicts",
    status_code=201,
    summary="Lift what is held",
    description="With a reason and a second person. Nothing is released by a verdict alone: it"
    " becomes a fact of a new decision.",
)
def lift(
    by: ActingFor,
    key: RequestedKey,
    services: Services,
    form: Annotated[VerdictForm, body_of(VerdictForm)],
) -> Response:
    done = services.verdicts.register(
        by,
        key,
        decision_id=form.decision_id,
        agreed_by=form.second_person,
        agreed_at=form.agreed_at,
        lifts=tuple(form.lifts),
        reason_code=form.reason_code,
        terms=form.model_dump(include={"second_agreed", "expires_at", "fields"}),
    )
    return registered_reply(done)
