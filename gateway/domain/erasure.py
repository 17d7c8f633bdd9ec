"""How long what the log says is kept, and on what ground it may be erased: data of a pack."""

from dataclasses import dataclass

__all__ = ["ErasureGround", "Retention"]


@dataclass(frozen=True, slots=True)
class Retention:
    """
    How long bodies of one class are kept.

    Attributes:
        period_ms: For so long after the start.
        starts: ``recorded``, when the entry was made; or ``replaced``, when the fact that it is
            about got another version or came to its end.
    """

    period_ms: int
    starts: str


@dataclass(frozen=True, slots=True)
class ErasureGround:
    """
    Why something may be erased.

    Attributes:
        code: For example ``retention_over``.
        before_end: Whether before its retention has ended, too.
        officers: How many persons must confirm it: nobody, a privacy officer, or a privacy
            officer and a second person.
        article: The provision; empty where the pack names none.
    """

    code: str
    before_end: bool
    officers: int
    article: str
