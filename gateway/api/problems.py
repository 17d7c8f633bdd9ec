"""
What the outside is told when the answer is not the one hoped for (RFC 9457).

* The types are few and stable; what changes with the law is in ``reasons``.
* One translator from the tree of ``domain/errors.py``; whatever it does not know is
  ``internal`` and says nothing.
* ``title`` never varies; ``detail`` is a code or nothing. Absent and not visible are the
  same body.
* Who hears which reason is decided here and nowhere else (:func:`shown_reasons`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson
from starlette.responses import Response

from gateway.api.reading import ContentTooLarge, UnsupportedMediaType
from gateway.domain.disclosure import Reason, Side
from gateway.domain.errors import (
    Conflict,
    LogUnavailable,
    LogUnwitnessed,
    MalformedRequest,
    NotAuthenticated,
    NotAuthorized,
    NotFound,
    PolicyUnavailable,
    Refused,
    RequestError,
    SchemaViolation,
    TooManyRequests,
    Unavailable,
)
from gateway.domain.log import JSONValue
from gateway.ports.rulebook import Rulebook

__all__ = [
    "ADVICE_EN",
    "ADVICE_JA",
    "CATALOGUE",
    "MEDIA_TYPE",
    "NOT_SHAREABLE",
    "Audience",
    "Problem",
    "ProblemOf",
    "ProblemType",
    "hidden_code",
    "problem_of",
    "problem_response",
    "reason_json",
    "shown_reasons",
]

MEDIA_TYPE: Final = "application/problem+json"
NOT_SHAREABLE: Final = "NOT_SHAREABLE"

# A report of abuse or of danger to life is never turned away: when the door is shut, the
# answer says where to go instead, and that recording can wait (design.md 4).
ADVICE_JA: Final = (
    "急ぐときは先に電話してください。児童は189、命の危険は110・119、"
    "高齢・障害は市町村の担当課へ。記録は後から入力できます。"
)
ADVICE_EN: Final = (
    "If it is urgent, telephone first: 189 for a child, 110 or 119 for danger to life, the"
    " municipality's section for the aged or disabled. It can be recorded afterwards."
)


@dataclass(frozen=True, slots=True)
class ProblemType:
    """
    One type of problem: a line of the catalogue.

    Attributes:
        name: Last part of the type's address.
        status: HTTP status.
        title: The same for every occurrence.
        title_ja: The same in Japanese.
        when: In which case it is answered; for the page.
        advise: Whether the answer says what to do while the gateway cannot serve.
    """

    name: str
    status: int
    title: str
    title_ja: str
    when: str
    advise: bool = False


_TYPES: Final = (
    ProblemType(
        "malformed-request",
        400,
        "The request could not be read",
        "依頼を読み取れません",
        "It is not strict JSON, or a header is missing, doubled or of another form.",
    ),
    ProblemType(
        "agency-not-authenticated",
        401,
        "No usable identity",
        "参加機関を確認できません",
        "There is no access token, or it does not hold here and now.",
    ),
    ProblemType(
        "agency-not-authorized",
        403,
        "This agency may not do this",
        "この操作は許可されていません",
        "The agency, its system or its actor is known, but not enrolled for the operation.",
    ),
    ProblemType(
        "disclosure-refused",
        403,
        "The disclosure is not permitted",
        "提供できません",
        "The rules in force do not permit it. The reasons name the next lawful step.",
    ),
    ProblemType(
        "not-found",
        404,
        "Not found",
        "見つかりません",
        "It does not exist, or this agency may not see it: the two are never told apart.",
    ),
    ProblemType(
        "method-not-allowed",
        405,
        "The method is not allowed here",
        "この方法では利用できません",
        "The path exists, but not for this method.",
    ),
    ProblemType(
        "state-conflict",
        409,
        "The state does not allow it",
        "現在の状態では行えません",
        "It was done before, is too late, or the idempotency key was used for another request."
        " The detail is a stable code.",
    ),
    ProblemType(
        "content-too-large",
        413,
        "The body is too large",
        "本文が大きすぎます",
        "The body is larger than is read here.",
    ),
    ProblemType(
        "unsupported-media-type",
        415,
        "The body has another media type",
        "本文の形式が違います",
        "The body is not in the one format that is read here; the detail names it.",
    ),
    ProblemType(
        "schema-violation",
        422,
        "The request is not as its schema demands",
        "依頼の内容が様式に合いません",
        "It was read, but a member is missing, unknown or of another form; errors say where.",
    ),
    ProblemType(
        "too-many-requests",
        429,
        "Too many requests",
        "依頼が多すぎます",
        "This agency asks more than it may now; Retry-After says when to ask again.",
    ),
    ProblemType(
        "internal",
        500,
        "The gateway failed",
        "内部で問題が起きました",
        "Everything else. Nothing was released; somebody has been told.",
        advise=True,
    ),
    ProblemType(
        "decision-unavailable",
        503,
        "No decision can be made now",
        "提供可否を判断できません",
        "The rules gave no usable answer, so nothing was released.",
        advise=True,
    ),
    ProblemType(
        "audit-unavailable",
        503,
        "Nothing can be recorded now",
        "提供記録簿に記録できません",
        "The entry could not be made durable, so nothing was released.",
        advise=True,
    ),
    ProblemType(
        "audit-unwitnessed",
        503,
        "The log is not watched now",
        "提供記録簿を見守る機関の確認がありません",
        "Too few witnesses have cosigned what was recorded, for too long, or one has seen another"
        " history; so nothing new is released.",
        advise=True,
    ),
    ProblemType(
        "storage-unavailable",
        503,
        "The registers cannot be read now",
        "台帳を参照できません",
        "The registers are silent, so nothing was released.",
        advise=True,
    ),
)
CATALOGUE: Final[Mapping[str, ProblemType]] = {t.name: t for t in _TYPES}

# The most special class of an error that stands here names its type.
_BY_ERROR: Final[Mapping[type[BaseException], str]] = {
    ContentTooLarge: "content-too-large",
    UnsupportedMediaType: "unsupported-media-type",
    MalformedRequest: "malformed-request",
    SchemaViolation: "schema-violation",
    NotAuthenticated: "agency-not-authenticated",
    NotAuthorized: "agency-not-authorized",
    NotFound: "not-found",
    TooManyRequests: "too-many-requests",
    RequestError: "malformed-request",
    Refused: "disclosure-refused",
    Conflict: "state-conflict",
    PolicyUnavailable: "decision-unavailable",
    LogUnavailable: "audit-unavailable",
    LogUnwitnessed: "audit-unwitnessed",
    Unavailable: "storage-unavailable",
}


class Audience(StrEnum):
    """Who is answered."""

    ASKER = "asker"  # asks for another agency's data: hears facts about itself alone
    CONTROLLER = "controller"  # the sending controller's own actors
    OFFICER = "officer"  # officers of the deciding tenant


_HEARD: Final[Mapping[Audience, frozenset[Side]]] = {
    Audience.ASKER: frozenset({Side.ASKER}),
    Audience.CONTROLLER: frozenset({Side.ASKER, Side.CONTROLLER}),
    Audience.OFFICER: frozenset(Side),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One occurrence.

    Attributes:
        type: The catalogue's line.
        detail: A stable code; empty for none.
        headers: Further headers.
        members: ``errors`` and the like.
    """

    type: ProblemType
    detail: str = ""
    headers: Mapping[str, str] | None = None
    members: Mapping[str, JSONValue] | None = None


class ProblemOf(Exception):
    """A problem that a route has composed itself, with members of its own."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.type.name)
        self.problem = problem


def problem_of(error: BaseException) -> Problem:
    """Return what the outside is told of an error; of an unknown one nothing."""
    name = next((_BY_ERROR[c] for c in type(error).__mro__ if c in _BY_ERROR), "internal")
    kind = CATALOGUE[name]
    headers: Mapping[str, str] | None = None
    members: Mapping[str, JSONValue] | None = None
    detail = ""
    match error:
        case UnsupportedMediaType():
            detail = error.expected
        case MalformedRequest() | Conflict():
            detail = error.reason
        case NotAuthorized():
            detail = error.operation
        case NotAuthenticated():
            headers = {"WWW-Authenticate": "Bearer"}
        case TooManyRequests():
            headers = {"Retry-After": str(error.retry_after)}
        case SchemaViolation():
            members = {"errors": tuple({"pointer": p, "message": m} for p, m in error.errors)}
        case Refused():
            members = {"decision_id": next(iter(error.decision_ids), "")}
        case _:
            pass
    return Problem(kind, detail, headers, members)


def problem_response(
    problem: Problem,
    *,
    origin: str,
    instance: str,
    members: Mapping[str, JSONValue] | None = None,
) -> Response:
    """
    Return a problem as it is sent.

    Args:
        problem: What happened.
        origin: The gateway's origin, under which the types have their pages.
        instance: URN of this occurrence: the request's id.
        members: Further members, for example ``units`` and ``reasons``.
    """
    kind = problem.type
    body: dict[str, Any] = {
        "type": f"{origin}/problems/{kind.name}",
        "title": kind.title,
        "status": kind.status,
        "instance": instance,
        **({"detail": problem.detail} if problem.detail else {}),
        **({"advice_ja": ADVICE_JA, "advice_en": ADVICE_EN} if kind.advise else {}),
        **(problem.members or {}),
        **(members or {}),
    }
    return Response(
        orjson.dumps(body, default=_plain),
        kind.status,
        dict(problem.headers or {}),
        MEDIA_TYPE,
    )


def shown_reasons(
    reasons: Iterable[Reason], audience: Audience, rulebook: Rulebook
) -> tuple[Reason, ...]:
    """
    Return the reasons that this audience may hear.

    Others are dropped, not replaced, so that nobody can count what is not said; only when
    none is left does one fixed text stand for them.
    """
    heard = tuple(r for r in reasons if r.side in _HEARD[audience])
    # A permit has no reasons to hide; whoever shows a refusal always has one.
    return heard or (rulebook.reason(NOT_SHAREABLE),)


def hidden_code(code: str, reasons: Sequence[Reason], audience: Audience) -> str:
    """Return a code as this audience may hear it: itself, or ``NOT_SHAREABLE``."""
    sides = {r.side for r in reasons if r.code == code}
    return code if sides and sides <= _HEARD[audience] else NOT_SHAREABLE


def reason_json(reason: Reason) -> dict[str, JSONValue]:
    """Return a reason as the wire holds it."""
    return {
        "code": reason.code,
        "rule": reason.rule,
        "article": reason.article,
        "title_ja": reason.title_ja,
        "title_en": reason.title_en,
        "next_step_ja": reason.next_step_ja,
        "next_step_en": reason.next_step_en,
        "lawful_alternatives": reason.lawful_alternatives,
        "fields": reason.fields,
    }


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError("not JSON")
