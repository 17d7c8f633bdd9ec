"""
Reading an answer member by member.

What is missing or of another type is refused; what is not known is passed over, since a
newer gateway may say more.
"""

from typing import Any, TypeVar

from gateway.audit.verify import Evidence
from gateway.client.errors import UnreadableAnswer
from gateway.domain.ids import Millis

__all__ = ["Members"]

_Value = TypeVar("_Value")


class Members:
    """One object of an answer."""

    __slots__ = ("_object",)

    def __init__(self, value: object) -> None:
        """Take a value that has to be an object."""
        if not isinstance(value, dict):
            raise UnreadableAnswer("an answer has another shape")
        self._object: dict[str, Any] = value

    def text(self, name: str) -> str:
        """Return a text that has to be there."""
        return self._typed(name, str)

    def text_or_none(self, name: str) -> str:
        """Return a text, or an empty one where it is absent or null."""
        return "" if self._object.get(name) is None else self.text(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        items = self._typed(name, list)
        if not all(isinstance(item, str) for item in items):
            raise UnreadableAnswer("an answer has another shape")
        return tuple(items)

    def whole(self, name: str) -> int:
        """Return a whole number."""
        return self._typed(name, int)

    def whole_or_none(self, name: str) -> int | None:
        """Return a whole number, or ``None`` where it is absent or null."""
        return None if self._object.get(name) is None else self.whole(name)

    def instant(self, name: str) -> Millis | None:
        """Return an instant in epoch milliseconds, or ``None``."""
        value = self.whole_or_none(name)
        return None if value is None else Millis(value)

    def members(self, name: str) -> "Members":
        """Return an object."""
        return Members(self._object.get(name))

    def members_or_none(self, name: str) -> "Members | None":
        """Return an object, or ``None`` where it is absent or null."""
        return None if self._object.get(name) is None else self.members(name)

    def every(self, name: str) -> tuple["Members", ...]:
        """Return a list of objects."""
        return tuple(Members(item) for item in self._typed(name, list))

    def every_or_none(self, name: str) -> tuple["Members", ...]:
        """Return a list of objects, or an empty one where it is absent or null."""
        return () if self._object.get(name) is None else self.every(name)

    def evidence(self, name: str) -> Evidence:
        """
        Return evidence, not yet verified.

        Raises:
            InvalidOpening: It is none, or is missing.
        """
        return Evidence.from_json(self._object.get(name))

    def has(self, name: str) -> bool:
        """Whether a member is there and is not null."""
        return self._object.get(name) is not None

    def as_dict(self) -> dict[str, Any]:
        """Return the object as it was read."""
        return dict(self._object)

    def _typed(self, name: str, type_: type[_Value]) -> _Value:
        value: Any = self._object.get(name)
        # Exactly this type, since a truth value is a number in Python.
        if type(value) is not type_:
            raise UnreadableAnswer("an answer has another shape")
        checked: _Value = value
        return checked
