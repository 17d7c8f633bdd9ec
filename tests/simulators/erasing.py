"""A house with privacy officers and something to erase: one disclosure of the known cases."""

from typing import Any, Final

from gateway.audit.verify import Evidence
from gateway.crypto.commitment import Leaf
from gateway.domain.disclosure import Caller
from gateway.domain.ids import ActorId, AgencyId, EntryId, SystemId
from gateway.services.acting import Acting
from gateway.services.asking import DecidedDisclosure
from gateway.services.erasure import Confirmed, Erasures
from gateway.services.legal_holds import LegalHolds
from tests.simulators.house import TENANT, House
from tests.simulators.policy_inputs import T0, known

__all__ = ["YEAR", "Erasing", "entry_of"]

YEAR: Final = 31_557_600_000


def entry_of(evidence: Evidence) -> EntryId:
    """Return the entry that evidence is of."""
    return EntryId(Leaf.parse(evidence.leaf).entry_id)


class Erasing:
    """
    What a privacy officer of the sender's agency may do here.

    Attributes:
        question: The policy input that was asked and permitted.
        disclosed: What the door answered.
        decision: The entry of the decision.
    """

    def __init__(self, house: House) -> None:
        self.house = house
        self.question: dict[str, Any] = known("consent_private")
        house.furnish(self.question)
        self.agency = str(self.question["request"]["sender"]["agency"])
        self.hire("officer-1", ["privacy_officer"])
        self.hire("officer-2", ["privacy_officer"])
        self.hire("clerk", ["municipal_caseworker"])
        self.disclosed: DecidedDisclosure = house.disclose(self.question)
        self.decision = entry_of(self.disclosed.units[0].evidence)
        self.erasures = Erasures(house.context)
        self.holds = LegalHolds(house.context)
        self.subject = str(self.question["request"]["subject"])

    def hire(self, actor: str, roles: list[str], *, term_to: int | None = None) -> None:
        """Register a person of the sender's agency."""
        self.house.fact(
            "actor",
            {
                "id": actor,
                "agency": self.agency,
                "post_ja": "個人情報保護担当",
                "roles": roles,
                "status": "active",
                "term_from": T0 - YEAR,
                "term_to": term_to,
                "training_until": None,
                "department": "",
            },
        )

    def acting(self, actor: str = "officer-1") -> Acting:
        """Return a person at a system with the officer's scope."""
        scopes = frozenset({"member", "officer"})
        caller = Caller(TENANT, AgencyId(self.agency), SystemId("desk"), scopes)
        return Acting(caller, ActorId(actor))

    def confirmed(self, second: str = "officer-2") -> Confirmed:
        """Return two persons who confirm."""
        return Confirmed("console.test", self.acting(), second)

    def lapse(self) -> None:
        """Let the permit's time pass."""
        self.house.clock.advance(3_600_000)

    def has_body(self, entry_id: EntryId) -> bool:
        """Whether an entry still says something."""
        found = self.house.context.log.find(self.house.context.log_id, entry_id)
        assert found is not None
        return found.body is not None
