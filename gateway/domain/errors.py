"""
Every failure the gateway knows, as one tree.

::

    GatewayError
    ├── RequestError            the caller asked wrongly
    │   ├── MalformedRequest        not readable
    │   ├── SchemaViolation         readable, but not as the schema demands
    │   ├── NotAuthenticated        no usable identity
    │   ├── NotAuthorized           known agency, not enrolled for this
    │   ├── NotFound                absent, or not visible to this agency
    │   └── TooManyRequests         more than this agency may ask now
    ├── Refused                 the lawful answer is no (carries decisions and reasons)
    ├── Conflict                the state does not allow it
    │   ├── IdempotencyMismatch     the key was used with another body
    │   └── StaleFacts              a fact relied on has changed since it was read
    ├── Unavailable             something we need is silent
    │   ├── PolicyUnavailable       no usable answer from the policy engine
    │   ├── LogUnavailable          the entry could not be recorded; nothing was released
    │   ├── LogUnwitnessed          witnesses have not cosigned the log for too long
    │   └── StorageUnavailable      the registers cannot be read
    └── IntegrityError          evidence does not verify (alert; never retried)

``code`` is stable and public. No message holds personal data, SQL, a path or a secret.
"""

from collections.abc import Sequence
from typing import ClassVar

__all__ = [
    "Conflict",
    "GatewayError",
    "IdempotencyMismatch",
    "IntegrityError",
    "LogUnavailable",
    "LogUnwitnessed",
    "MalformedRequest",
    "NotAuthenticated",
    "NotAuthorized",
    "NotFound",
    "PolicyUnavailable",
    "Refused",
    "RequestError",
    "SchemaViolation",
    "StaleFacts",
    "StorageUnavailable",
    "TooManyRequests",
    "Unavailable",
]


class GatewayError(Exception):
    """The root: whatever the gateway raises on purpose."""

    code: ClassVar[str] = "internal"


class RequestError(GatewayError):
    """The caller asked wrongly; asking the same again will fail again."""

    code: ClassVar[str] = "malformed-request"


class MalformedRequest(RequestError):
    """The request could not be read; ``reason`` is one of a closed list of codes."""

    code: ClassVar[str] = "malformed-request"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SchemaViolation(RequestError):
    """The request was read, but is not as the schema demands."""

    code: ClassVar[str] = "schema-violation"

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        """Take ``(JSON pointer, rule broken)`` pairs; never the offending value."""
        super().__init__("schema violation")
        self.errors = tuple(errors)


class NotAuthenticated(RequestError):
    """No usable identity; the caller is never told why."""

    code: ClassVar[str] = "agency-not-authenticated"


class NotAuthorized(RequestError):
    """The agency is known, but may not do this; ``operation`` names what."""

    code: ClassVar[str] = "agency-not-authorized"

    def __init__(self, operation: str) -> None:
        super().__init__(operation)
        self.operation = operation


class NotFound(RequestError):
    """Absent, or not visible to this agency: the two are never told apart."""

    code: ClassVar[str] = "not-found"


class TooManyRequests(RequestError):
    """This agency asks more than it may; ``retry_after`` is in whole seconds."""

    code: ClassVar[str] = "too-many-requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many requests")
        self.retry_after = retry_after


class Refused(GatewayError):
    """The lawful answer is no, and it has been recorded; ``decision_ids`` lead to why."""

    code: ClassVar[str] = "disclosure-refused"

    def __init__(self, decision_ids: Sequence[str], reason_codes: Sequence[str]) -> None:
        super().__init__("refused")
        self.decision_ids = tuple(decision_ids)
        self.reason_codes = tuple(reason_codes)


class Conflict(GatewayError):
    """The state does not allow it; ``reason`` is a stable code without facts about a person."""

    code: ClassVar[str] = "state-conflict"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class IdempotencyMismatch(Conflict):
    """The idempotency key was used before with another body."""


class StaleFacts(Conflict):
    """A fact that a change relied on has another version now; decide anew."""


class Unavailable(GatewayError):
    """Something the gateway needs is silent; nothing was released."""

    code: ClassVar[str] = "unavailable"


class PolicyUnavailable(Unavailable):
    """The policy engine gave no usable answer: an error, a timeout or a wrong shape."""

    code: ClassVar[str] = "decision-unavailable"


class LogUnavailable(Unavailable):
    """The log entry could not be made durable, so nothing was released."""

    code: ClassVar[str] = "audit-unavailable"


class LogUnwitnessed(Unavailable):
    """The witnesses that the policy demands have not cosigned the log; nothing was released."""

    code: ClassVar[str] = "audit-unwitnessed"


class StorageUnavailable(Unavailable):
    """The registers cannot be read or written."""

    code: ClassVar[str] = "storage-unavailable"


class IntegrityError(GatewayError):
    """Evidence does not verify. This is an alarm, never a reason to retry."""

    code: ClassVar[str] = "integrity"
