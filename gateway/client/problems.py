"""A refusal or a problem as the gateway states it (RFC 9457), typed."""

from gateway.client.answers import ReasonGiven, UnitAnswer, read_reason, read_unit
from gateway.client.members import Members
from gateway.domain.errors import GatewayError

__all__ = ["GatewayProblem", "read_problem"]


class GatewayProblem(GatewayError):
    """
    The gateway answered no, or that it cannot.

    Attributes:
        status: HTTP status.
        code: Last part of the problem's type, for example ``disclosure-refused``.
        detail: What the gateway adds, for example the conflict's reason.
        decision_id: The decision that leads to why; empty when none was made.
        reasons: Why, and the next lawful step.
        units: The decision for each recipient.
        errors: ``(JSON pointer, rule broken)`` pairs.
        advice_ja: What to do while decisions or the log are down: telephone first.
        advice_en: The same in English.
        retry_after: Seconds to wait; ``None`` when the gateway does not say.
    """

    code: str  # type: ignore[misc] # repeats the gateway's word instead of saying ours

    def __init__(
        self,
        status: int,
        code: str,
        *,
        detail: str = "",
        decision_id: str = "",
        reasons: tuple[ReasonGiven, ...] = (),
        units: tuple[UnitAnswer, ...] = (),
        errors: tuple[tuple[str, str], ...] = (),
        advice_ja: str = "",
        advice_en: str = "",
        retry_after: int | None = None,
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.detail = detail
        self.decision_id = decision_id
        self.reasons = reasons
        self.units = units
        self.errors = errors
        self.advice_ja = advice_ja
        self.advice_en = advice_en
        self.retry_after = retry_after


def read_problem(members: Members, *, status: int, retry_after: int | None) -> GatewayProblem:
    """
    Return the problem that an ``application/problem+json`` body states.

    Raises:
        UnreadableAnswer: A member has another type.
    """
    return GatewayProblem(
        status,
        members.text("type").rpartition("/")[2],
        detail=members.text_or_none("detail"),
        decision_id=members.text_or_none("decision_id"),
        reasons=tuple(map(read_reason, members.every_or_none("reasons"))),
        units=tuple(map(read_unit, members.every_or_none("units"))),
        errors=tuple(
            (m.text("pointer"), m.text("message")) for m in members.every_or_none("errors")
        ),
        advice_ja=members.text_or_none("advice_ja"),
        advice_en=members.text_or_none("advice_en"),
        retry_after=retry_after,
    )
