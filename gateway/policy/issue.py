"""
Which revision is older: the day it was issued and its number on that day.

A digest names a revision and says nothing of its age, so whoever can replace the policies
could put back rules whose faults were mended. Every revision carries its place in the table
``data/revision``, below its digest; a gateway remembers the newest it has served.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from typing_extensions import override

from gateway.policy.rejection import RevisionRejected

__all__ = ["Issue", "check_succession"]

_TEXT: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.([1-9][0-9]{0,3})", re.ASCII)
_TABLE: Final = "data/revision/data.json"


@dataclass(frozen=True, slots=True, order=True)
class Issue:
    """
    The place of a revision; a later one is greater.

    Attributes:
        issued_on: The day, ISO 8601.
        number: Which one of that day, from 1.
    """

    issued_on: str
    number: int

    @classmethod
    def of(cls, table: Mapping[str, Any] | None) -> Self | None:
        """Return the issue that the table ``revision`` says, or ``None`` without one."""
        return None if table is None else cls(table["issued_on"], table["number"])

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the issue of a text such as ``2026-11-25.1``, or ``None`` when it is none."""
        found = _TEXT.fullmatch(text)
        return None if found is None else cls(found[1], int(found[2]))

    @override
    def __str__(self) -> str:
        """Return the text that :meth:`parse` reads."""
        return f"{self.issued_on}.{self.number}"


def check_succession(
    revision: str,
    issue: Issue | None,
    newest: tuple[str, str],
    *,
    production: bool,
    allowed: str,
) -> bool:
    """
    Check that a revision may follow what has been in force.

    Args:
        revision: Its digest.
        issue: Its place.
        newest: Issue and digest of the newest that was ever in force; both empty before the
            first that had a place.
        production: Whether real people's data pass: then one place is one digest.
        allowed: Digest of an older revision that the operator wants back on purpose.

    Returns:
        Whether it is older and in force because the operator named it.

    Raises:
        RevisionRejected: It may not.
    """
    said, digest = newest
    if not said:
        return False
    known = Issue.parse(said)
    if known is None or issue is None:
        raise RevisionRejected([f"{_TABLE}: cannot be compared with what was in force"])
    if issue < known:
        if revision == allowed:
            return True
        finding = (
            f"{_TABLE}: {issue} is older than {known}, which was in force;"
            f" TASUKI_POLICY_ALLOW_OLDER does not name {revision}"
        )
        raise RevisionRejected([finding])
    if issue == known and revision != digest and production:
        raise RevisionRejected(
            [f"{_TABLE}: {issue} was in force with other contents; issue it anew"]
        )
    return False
