"""
Showing a registered fact to the agency that owns it.

* Persons are shown by the owner's own handles; the gateway's internal ids never leave it.
* What belongs to another agency is not found, exactly as if it were not there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.domain.errors import NotFound
from gateway.domain.log import JSONValue
from gateway.ports.registers import FactRow
from gateway.services.acting import Acting
from gateway.services.registers.registration import Registrar

__all__ = ["SHOWN_KINDS", "FactView", "Showing"]

# The member that names the owner: an agency, a person acting for it, or its meeting.
_OWNERS: Final[Mapping[str, tuple[str, str]]] = {
    "consent": ("agency", "taken_by"),
    "protection_flag": ("agency", "issuer"),
    "conference": ("agency", "organiser"),
    "approval": ("agency", "agency"),
    "entrustment": ("agency", "entruster"),
    "emergency_agreement": ("actor", "started_by"),
    "appointment": ("actor", "actor"),
    "agenda_item": ("conference", "conference"),
}
SHOWN_KINDS: Final = tuple(_OWNERS)
_HANDLES: Final[Mapping[str, str]] = {
    "person": "subject",
    "persons": "subjects",
    "counterpart_persons": "counterpart_subjects",
    "given_by": "given_by",
    "supporter_person": "supporter",
}


@dataclass(frozen=True, slots=True)
class FactView:
    """A fact in its newest version as its owner sees it."""

    id: str
    version: int
    members: Mapping[str, JSONValue]


class Showing:
    """Reads registered facts for their owners."""

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar

    def show(self, by: Acting, kind: str, id_: str) -> FactView:
        """
        Return a fact of the caller's own, one of :data:`SHOWN_KINDS`.

        Raises:
            NotAuthorized: The person may not act for this agency here and now.
            NotFound: It is none of the caller's.
        """
        self._registrar.authority.own(by)
        row = self._registrar.authority.fact(kind, id_)
        if self._owner(row) != by.agency_id:
            raise NotFound
        return self.view(by, row)

    def view(self, by: Acting, row: FactRow) -> FactView:
        """Return a fact with persons by the caller's handles; an unlinked one has none."""
        members = {
            _HANDLES.get(name, name): self._handles(by, name, value)
            for name, value in row.fact.items()
        }
        return FactView(row.id, row.version, members)

    def _owner(self, row: FactRow) -> JSONValue:
        kind, member = _OWNERS[row.kind]
        named = row.fact[member]
        match kind:
            case "agency":
                return named
            case "actor":
                return self._registrar.authority.actor(str(named)).fact["agency"]
            case _:
                return self._registrar.authority.fact(kind, str(named)).fact["organiser"]

    def _handles(self, by: Acting, name: str, value: JSONValue) -> JSONValue:
        if name not in _HANDLES:
            return value
        if isinstance(value, str):
            return next(iter(self._handles_of(by, value)), "")
        persons = value if isinstance(value, list | tuple) else ()
        return [handle for person in persons for handle in self._handles_of(by, str(person))[:1]]

    def _handles_of(self, by: Acting, person: str) -> list[str]:
        context = self._registrar.context
        where = {"agency_id": by.agency_id, "person_id": person}
        rows = context.registers.rows(context.tenant_id, "subject", where)
        return [str(row["id"]) for row in rows]
