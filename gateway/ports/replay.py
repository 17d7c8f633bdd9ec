"""Single-use identifiers, remembered for every process of the gateway."""

from typing import Protocol

from gateway.domain.ids import Millis

__all__ = ["ReplayStore"]


class ReplayStore(Protocol):
    """Remembers identifiers durably; whoever cannot remember one must not accept it."""

    def remember(self, owner: str, identifier: str, *, expires_at: Millis, now: Millis) -> bool:
        """
        Return whether the identifier is new, and remember it until it expires.

        Args:
            owner: Whose identifier it is, for example a client id.
            identifier: The ``jti`` of an assertion or a proof.
            expires_at: Until when it could be presented again.
            now: The present instant; what expired before may be forgotten.

        Raises:
            StorageUnavailable: It cannot be remembered.
        """
        ...
