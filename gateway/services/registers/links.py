"""
Linking handles, so that one person's flags and consents are seen whoever registered them.

* Two agencies link by a code that one hands to the other: 128 random bits, used once, for
  seven days. Only its digest is stored, so it is shown exactly once.
* One agency may say of two of its own handles that they are the same person.
* Whoever accepts a code learns nothing about the other agency's handle.
"""

import secrets
from dataclasses import dataclass, field
from typing import Final

from gateway.crypto.encoding import b64u, digest_text
from gateway.domain.errors import Conflict
from gateway.domain.ids import AgencyId, Millis
from gateway.domain.log import FactVersion, JSONValue, MergePersons, PutFact
from gateway.domain.records import fact_key
from gateway.ports.registers import FactRow, SubjectRow
from gateway.services.acting import Acting
from gateway.services.idempotency import IdempotencyKey
from gateway.services.registers.registration import Registered, Registrar, Registration

__all__ = ["LINK_LIFE_MS", "LinkOffer", "SubjectLinks"]

LINK_LIFE_MS: Final = 7 * 24 * 3_600_000
_CODE_BYTES: Final = 16
_KIND: Final = "link_offer"


@dataclass(frozen=True, slots=True)
class LinkOffer:
    """A code to hand to the other agency, shown once; a secret until it is used."""

    code: str = field(repr=False)
    expires_at: Millis


class SubjectLinks:
    """Offers and accepts links between handles."""

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar

    def offer(self, by: Acting, key: IdempotencyKey, subject_id: str) -> LinkOffer:
        """
        Return a code under which another agency may link its handle to this one.

        Raises:
            NotAuthorized: The person may not act for this agency here and now.
            NotFound: The handle is none of this agency's.
            Conflict: LINK_CODE_SHOWN: the same request was answered; ask with a new key.
        """
        relied_on = self._registrar.authority.own(by)
        now = self._registrar.context.clock.now()
        code, expires_at = b64u(secrets.token_bytes(_CODE_BYTES)), Millis(now + LINK_LIFE_MS)
        id_ = digest_text(code.encode())

        def make() -> Registered:
            subject = self._registrar.authority.subject(by, subject_id)
            fact: dict[str, JSONValue] = {
                "id": id_,
                "agency": by.agency_id,
                "subject": subject.subject_id,
                "expires_at": expires_at,
                "used_at": None,
            }
            put = PutFact(_KIND, id_, 0, fact, (fact_key(_KIND, id_),))
            offer = Registration(put, effective=(now, expires_at), relied_on=relied_on)
            return self._registrar.write(by, key, offer)

        if self._registrar.once(key, make).id != id_:
            raise Conflict("LINK_CODE_SHOWN")
        return LinkOffer(code, expires_at)

    def accept(
        self, by: Acting, key: IdempotencyKey | None, subject_id: str, code: str
    ) -> Registered:
        """
        Make the handle and the one that the code was offered for one person.

        Raises:
            NotAuthorized: The person may not act for this agency here and now.
            NotFound: The handle is none of this agency's, or there is no such code.
            Conflict: LINK_CODE_USED, LINK_CODE_EXPIRED, LINK_TO_ITSELF or ALREADY_LINKED.
        """
        relied_on = self._registrar.authority.own(by)

        def make() -> Registered:
            subject = self._registrar.authority.subject(by, subject_id)
            offer = self._registrar.authority.fact(_KIND, digest_text(code.encode()))
            used = self._used(offer)
            agency_id = AgencyId(str(offer.fact["agency"]))
            other = self._registrar.authority.subject_of(agency_id, str(offer.fact["subject"]))
            return self._registrar.write(by, key, self._link(subject, other, relied_on), used)

        return self._registrar.once(key, make)

    def same(
        self, by: Acting, key: IdempotencyKey | None, subject_id: str, same_as: str
    ) -> Registered:
        """
        Make two of the agency's own handles one person.

        Raises:
            NotAuthorized: The person may not act for this agency here and now.
            NotFound: A handle is none of this agency's.
            Conflict: LINK_TO_ITSELF or ALREADY_LINKED.
        """
        relied_on = self._registrar.authority.own(by)

        def make() -> Registered:
            first, second = (
                self._registrar.authority.subject(by, s) for s in (subject_id, same_as)
            )
            return self._registrar.write(by, key, self._link(first, second, relied_on))

        return self._registrar.once(key, make)

    def _link(
        self, first: SubjectRow, second: SubjectRow, relied_on: tuple[FactVersion, ...]
    ) -> Registration:
        if first.subject_id == second.subject_id:
            raise Conflict("LINK_TO_ITSELF")
        if first.person_id == second.person_id:
            raise Conflict("ALREADY_LINKED")
        # The older person stays, so that the same link always ends in the same person.
        kept, absorbed = sorted((first.person_id, second.person_id))
        id_ = self._registrar.context.ids.new()
        fact = {"id": id_, "kept": kept, "absorbed": absorbed}
        return Registration(
            PutFact("subject_link", id_, 0, fact, ()),
            change="linked",
            relied_on=relied_on,
            rows=(MergePersons(absorbed, kept),),
            is_fact=False,
        )

    def _used(self, offer: FactRow) -> Registration:
        now = self._registrar.context.clock.now()
        expires_at = offer.fact["expires_at"]
        if offer.fact["used_at"] is not None:
            raise Conflict("LINK_CODE_USED")
        if not isinstance(expires_at, int) or now >= expires_at:
            raise Conflict("LINK_CODE_EXPIRED")
        fact = {**offer.fact, "used_at": now}
        put = PutFact(_KIND, offer.id, offer.version, fact, (fact_key(_KIND, offer.id),))
        return Registration(put, change="used", effective=(now, None))
