"""What services may read of the revision in force: thresholds, texts and labels, never rules."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from gateway.domain.disclosure import Reason
from gateway.domain.erasure import ErasureGround, Retention
from gateway.domain.ids import FieldId

__all__ = ["Rulebook"]


class Rulebook(Protocol):
    """The tables of the policy revision in force, by name."""

    def threshold(self, pack: str, name: str) -> int:
        """
        Return a municipality's threshold, for example ``decision_ttl_ms``.

        Raises:
            PolicyUnavailable: There is no such pack or threshold; nothing may rest on a guess.
        """
        ...

    def retention(self, pack: str) -> Mapping[str, Retention]:
        """
        Return how long bodies of the log are kept, by retention class.

        Raises:
            PolicyUnavailable: There is no such pack; nothing may rest on a guess.
        """
        ...

    def erasure_ground(self, pack: str, code: str) -> ErasureGround | None:
        """
        Return a ground on which bodies of the log may be erased, or ``None``.

        Raises:
            PolicyUnavailable: There is no such pack.
        """
        ...

    def awaits_witnesses(self, pack: str, fields: Sequence[FieldId]) -> bool:
        """
        Return whether any of these fields is handed over only once witnesses have cosigned.

        Raises:
            PolicyUnavailable: There is no such pack.
        """
        ...

    def is_ad_hoc(self, basis: str) -> bool:
        """Return whether a basis allows only now and then, so that its permits are counted."""
        ...

    def reason(self, code: str, *, rule: str = "main", fields: Sequence[FieldId] = ()) -> Reason:
        """
        Return the full text of a reason.

        Raises:
            PolicyUnavailable: The revision has no such reason.
        """
        ...

    def has_purpose(self, purpose: str) -> bool:
        """Return whether this is the code of a purpose, whatever the rules say of it."""
        ...

    def needed_fields(self, purpose: str, profile: str) -> tuple[FieldId, ...]:
        """
        Return, sorted, the fields that a named set holds for a purpose.

        Without a set, those of every set that serves the purpose; nothing where the revision
        has no such set, or the set does not serve it.
        """
        ...

    def purpose_ja(self, purpose: str) -> str:
        """Return the Japanese label of a purpose as of today; the code when it is unknown."""
        ...
