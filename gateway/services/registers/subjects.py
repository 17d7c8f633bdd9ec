"""
An agency's handles for persons.

* The agency's own reference is stored as a keyed digest only; nobody can look it up here.
* A new handle is a new person. Two handles become one person by an explicit link alone,
  never because names or birth dates agree.
"""

from typing import Final

from gateway.crypto.pseudonym import reference_digest
from gateway.domain.errors import Conflict, SchemaViolation
from gateway.domain.ids import SubjectId
from gateway.domain.log import InsertRow, PutFact
from gateway.services.acting import Acting
from gateway.services.registers.registration import Registrar, Registration

__all__ = ["MAX_REFERENCE_CHARS", "Subjects"]

MAX_REFERENCE_CHARS: Final = 200


class Subjects:
    """Turns an agency's own references into handles."""

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar

    def resolve(self, by: Acting, local_ref: str) -> SubjectId:
        """
        Return the handle for one of the agency's own references, making it the first time.

        Args:
            by: Who asks.
            local_ref: The agency's reference, for example a case number, always spelt alike.

        Raises:
            NotAuthorized: The person may not act for this agency here and now.
            SchemaViolation: It is empty, too long, or holds control characters.
        """
        relied_on = self._registrar.authority.own(by)
        if not 0 < len(local_ref) <= MAX_REFERENCE_CHARS or not local_ref.isprintable():
            raise SchemaViolation([("/local_ref", "pattern")])
        context = self._registrar.context
        digest = reference_digest(context.keys.reference_key(), by.agency_id, local_ref)
        if (found := self._find(by, digest)) is not None:
            return found
        new, person = context.ids.new(), context.ids.new()
        row: dict[str, str | int | bytes | None] = {
            "id": new,
            "agency_id": by.agency_id,
            "ref_digest": digest,
            "person_id": person,
            "created_at": context.clock.now(),
        }
        fact = {"id": new, "agency": by.agency_id, "person": person}
        registration = Registration(
            PutFact("subject", new, 0, fact, ()),
            relied_on=relied_on,
            rows=(InsertRow("subject", row),),
            is_fact=False,
        )
        try:
            self._registrar.write(by, None, registration)
        except Conflict:
            # Asked twice at once: the other one made the handle.
            if (found := self._find(by, digest)) is None:
                raise
            return found
        return SubjectId(new)

    def _find(self, by: Acting, digest: str) -> SubjectId | None:
        context = self._registrar.context
        found = context.registers.subject_by_ref(context.tenant_id, by.agency_id, digest)
        return None if found is None else found.subject_id
