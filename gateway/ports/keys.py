"""Secret keys the gateway itself holds, by use; a file first, a hardware token later."""

from typing import Protocol

from gateway.domain.ids import Millis

__all__ = ["KeyStore", "Keys"]


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


class KeyStore(Protocol):
    """What may change key-encryption keys; the process that serves never needs it."""

    def next_kek_id(self, now: Millis) -> str:
        """
        Return the id of the key-encryption key that would be made now.

        Raises:
            IntegrityError: Nobody can tell which there are.
        """
        ...

    def add_kek(self, kek_id: str) -> None:
        """
        Make a further key-encryption key; the newest by id becomes the current one.

        Raises:
            Conflict: It would not be the newest, or is no id of such a key.
            IntegrityError: It cannot be written.
        """
        ...

    def destroy_kek(self, kek_id: str) -> None:
        """
        Destroy a key-encryption key.

        Raises:
            Conflict: It is the current key.
            IntegrityError: There is no such key, or it could not be removed durably.
        """
        ...
