"""What a desk may hear instead of an answer; problems the gateway states are in ``problems``."""

from gateway.domain.errors import IntegrityError, MalformedRequest, Unavailable

__all__ = [
    "BadDeskConfig",
    "GatewayUnreachable",
    "KeyNotConfirmed",
    "LogRewritten",
    "ReplayedDecision",
    "StateDamaged",
    "UnreadableAnswer",
]


class BadDeskConfig(MalformedRequest):
    """The desk's configuration cannot be used; ``reason`` names the member, never its value."""


class GatewayUnreachable(Unavailable):
    """No answer of the gateway arrived; what was asked may or may not have happened."""


class UnreadableAnswer(Unavailable):
    """Something answered, but not as a gateway of this version does."""


class StateDamaged(IntegrityError):
    """What the desk remembers cannot be read or written; nothing is trusted in its place."""


class LogRewritten(IntegrityError):
    """The log is not a continuation of what this desk saw before: it shrank, or it forked."""


class ReplayedDecision(IntegrityError):
    """A decision shown as new was in the log before it was asked for."""


class KeyNotConfirmed(IntegrityError):
    """
    A key is another than the one pinned; compare fingerprints by telephone, then confirm it.

    Attributes:
        owner: The agency whose key it is said to be, or the gateway's origin.
        use: ``seal`` or ``sign``.
        fingerprint: RFC 7638 thumbprint of the key that was shown.
    """

    def __init__(self, owner: str, use: str, fingerprint: str) -> None:
        super().__init__("a key is another than the one pinned")
        self.owner = owner
        self.use = use
        self.fingerprint = fingerprint
