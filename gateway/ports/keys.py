"""Secret keys the gateway itself holds, by use; a file first, a hardware token later."""

from typing import Protocol

__all__ = ["Keys"]


class Keys(Protocol):
    """Hands out key material by id; a key that is not there is never replaced silently."""

    def kek(self, kek_id: str | None = None) -> tuple[str, bytes]:
        """
        Return ``(id, 32 bytes)`` of a key-encryption key; ``None`` asks for the current one.

        Raises:
            IntegrityError: The key was destroyed or cannot be read.
        """
        ...

    def kek_ids(self) -> tuple[str, ...]:
        """
        Return the ids of the key-encryption keys that are left, oldest first.

        Raises:
            IntegrityError: Nobody can tell.
        """
        ...

    def index_key(self) -> bytes:
        """Return the 32-byte key under which persons are pseudonymised in the subject index."""
        ...

    def reference_key(self) -> bytes:
        """Return the 32-byte key under which agencies' own references are digested."""
        ...
