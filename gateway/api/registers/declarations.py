"""
What agencies declare: notices, designations, lists, orders, requests by statute.

Every kind is registered alike; whether it ends and whether it is listed is its rule's to say
(:mod:`gateway.services.registers.declaration_rules`).
"""

from typing import Annotated, Final, NamedTuple

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from gateway.api.answers import reply
from gateway.api.dependencies import PathId, RequestedKey
from gateway.api.reading import WireModel, body_of
from gateway.api.registers import declaration_forms as forms
from gateway.api.registers.calling import (
    ActingFor,
    Reconsidering,
    Services,
    SomeKey,
    reconsider_persons,
    registered_reply,
    view_reply,
)
from gateway.services.facts import FACT_LISTS
from gateway.services.registers.declaration_rules import RULES

__all__ = ["DECLARED", "path_of", "router"]

router = APIRouter(prefix="/v1", tags=["registers"])


class _Declared(NamedTuple):
    form: type[WireModel]
    what: str
    by: str


DECLARED: Final = {
    "council_notice": _Declared(
        forms.CouncilNoticeForm, "the public notice of a council", "By the meeting's organiser."
    ),
    "joint_use_notice": _Declared(
        forms.JointUseNoticeForm, "a notice of joint use", "By whoever published it."
    ),
    "use_purpose": _Declared(
        forms.UsePurposeForm, "the purposes of a file", "By the agency that keeps it."
    ),
    "department": _Declared(forms.DepartmentForm, "a unit of an agency", "By that agency."),
    "designation": _Declared(
        forms.DesignationForm,
        "the designation of an agency",
        "By the public body that designates, or by the operator for it.",
    ),
    "mode_switch": _Declared(
        forms.ModeSwitchForm,
        "an order of disaster mode",
        "By the municipality, in force at once and only as long as its pack allows.",
    ),
    "statutory_request": _Declared(
        forms.StatutoryRequestForm,
        "a request that a statute provides for",
        "By the public authority that asks.",
    ),
    "list_entry": _Declared(
        forms.ListEntryForm, "an entry on a statutory list", "By the agency that holds the list."
    ),
    "rights_request": _Declared(
        forms.RightsRequestForm, "a person's own request", "By the agency that received it."
    ),
    "rebasing": _Declared(
        forms.RebasingForm,
        "items put on a consent",
        "Field by field, by the agency that took the consent.",
    ),
    "stalker_notice": _Declared(
        forms.StalkerNoticeForm,
        "a police notice of stalking",
        "By a privacy officer. It is shown to nobody.",
    ),
    "flag_source": _Declared(
        forms.FlagSourceForm,
        "when flags were compared with their source",
        "By the municipality; a later one replaces it.",
    ),
}


def path_of(kind: str) -> str:
    """Return the path of a kind below ``/v1/``, for example ``mode-switches``."""
    return FACT_LISTS[kind].replace("_", "-")


def _add_registering(kind: str, declared: _Declared) -> None:
    @router.post(
        f"/{path_of(kind)}",
        status_code=201,
        summary=f"Register {declared.what}",
        description=f"{declared.by} What waits about a person it names is judged again.",
        name=f"register_{kind}",
    )
    async def register(
        by: ActingFor,
        key: RequestedKey,
        services: Services,
        reconsider: Reconsidering,
        form: Annotated[WireModel, body_of(declared.form)],
    ) -> Response:
        terms = form.model_dump()
        done = await run_in_threadpool(services.declarations.register, by, key, kind, terms=terms)
        await reconsider_persons(reconsider, done.persons)
        return registered_reply(done)


def _add_ending(kind: str, declared: _Declared) -> None:
    @router.post(
        f"/{path_of(kind)}/{{declaration_id}}/end",
        status_code=201,
        summary=f"End {declared.what}",
        description="By whoever may register it; what waits unopened is judged again.",
        name=f"end_{kind}",
    )
    async def end(
        declaration_id: PathId,
        by: ActingFor,
        key: SomeKey,
        services: Services,
        reconsider: Reconsidering,
        form: Annotated[forms.EndingForm, body_of(forms.EndingForm)],
    ) -> Response:
        done = await run_in_threadpool(
            services.declarations.end, by, key, kind, declaration_id, form.ended_at
        )
        await reconsider_persons(reconsider, done.persons)
        return registered_reply(done)


def _add_showing(kind: str, declared: _Declared) -> None:
    @router.get(
        f"/{path_of(kind)}/{{declaration_id}}",
        summary=f"Show {declared.what}",
        description="To the agencies that it concerns.",
        name=f"show_{kind}",
    )
    def show(declaration_id: PathId, by: ActingFor, services: Services) -> Response:
        return view_reply(services.declarations.show(by, kind, declaration_id))


def _add_listing(kind: str, declared: _Declared) -> None:
    @router.get(
        f"/{path_of(kind)}",
        summary=f"List: {declared.what}",
        description="Those that concern the caller's agency, ended ones too; without persons.",
        name=f"list_{kind}",
    )
    def list_(by: ActingFor, services: Services) -> Response:
        return reply({FACT_LISTS[kind]: services.declarations.listed(by, kind)})


for _kind, _declared in DECLARED.items():
    _add_registering(_kind, _declared)
    if RULES[_kind].ends:
        _add_ending(_kind, _declared)
    if RULES[_kind].seen_by:
        _add_showing(_kind, _declared)
    if RULES[_kind].is_listed:
        _add_listing(_kind, _declared)
