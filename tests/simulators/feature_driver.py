"""
What the features in Japanese do, whatever gateway they do it with.

A feature never knows which driver it runs on: it sees :class:`Driver`, whose desks behave as
:class:`gateway.client.desk.Desk` does.

* A register is written by its path and body on the wire, whatever the driver.
* Whatever says no says it as :class:`Declined`, with the word that the wire would use.
* A driver proves what it hands out: a decision, a release and a recall count only with the
  proof of their entry in the log.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.client.answers import (
    Answer,
    InboxItem,
    InformationRequest,
    ObligationTask,
    OpenedDelivery,
    Recalled,
    Sent,
)
from gateway.client.problems import GatewayProblem
from gateway.client.proposal import Proposal, Record
from gateway.domain.errors import Conflict, GatewayError
from gateway.domain.ids import (
    AgencyId,
    DisclosureId,
    Millis,
    RequestId,
    SubjectId,
)
from gateway.domain.log import JSONValue

__all__ = ["Declined", "DeskLike", "Driver", "Seat", "declined", "declining"]


@dataclass(frozen=True, slots=True)
class Seat:
    """A person at the desk of an agency; ``operator`` may enrol others."""

    agency: str
    actor: str

    @property
    def system(self) -> str:
        """The agency's one system."""
        return f"{self.agency}-system"


class Declined(Exception):
    """
    The gateway said no.

    Attributes:
        code: The problem's word, for example ``state-conflict``.
        detail: What it adds, for example ``RECALLED``; empty for nothing.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.detail = detail


class DeskLike(Protocol):
    """What one person at one agency can do; see :class:`gateway.client.desk.Desk`."""

    def ask(self, proposal: Proposal, record: Record) -> Answer:
        """Return every unit as decided, permitted or not, each proven to be in the log."""
        ...

    def send(self, answer: Answer, record: Record) -> list[Sent]:
        """Seal what is permitted and upload it."""
        ...

    def recall(self, disclosure_id: DisclosureId, code: str) -> list[Recalled]:
        """Take back what nobody has opened."""
        ...

    def inbox(self) -> Iterator[InboxItem]:
        """Yield what came."""
        ...

    def open(self, delivery_id: str) -> OpenedDelivery:
        """Open a delivery after proving its release."""
        ...

    def ask_for(
        self, controller: AgencyId, purpose: str, fields: tuple[str, ...]
    ) -> InformationRequest:
        """Ask another agency for data."""
        ...

    def request(self, request_id: RequestId) -> InformationRequest:
        """Return a request, with its answer for who asked."""
        ...

    def decline(self, request_id: RequestId) -> str:
        """Close a request without giving anything."""
        ...

    def obligations(self) -> Iterator[ObligationTask]:
        """Yield open duties."""
        ...

    def discharge(self, task_id: str) -> int:
        """Say that a duty is done; return the index of the entry."""
        ...

    def subject(self, local_ref: str) -> SubjectId:
        """Return this agency's handle for a person."""
        ...

    def register(self, path: str, body: Mapping[str, JSONValue]) -> dict[str, Any]:
        """Write in a register by its path below ``/v1/`` and the body on the wire."""
        ...

    def alerts(self) -> list[str]:
        """Return the kinds of alerts that wait for an officer."""
        ...

    def read_entry(self, entry_id: str) -> dict[str, Any]:
        """Return all that an entry says, as an officer may read it; the reading is recorded."""
        ...


class Driver(Protocol):
    """A gateway in which a feature can happen."""

    def now(self) -> Millis:
        """Return the gateway's time."""
        ...

    def move_to(self, at: int) -> None:
        """Let time pass until ``at``, and what is due then happen."""
        ...

    def found(
        self, pack: str, agency: Mapping[str, JSONValue], actor: Mapping[str, JSONValue]
    ) -> None:
        """Found the tenant with its municipality and the first person there."""
        ...

    def enrol(self, by: Seat, agency: Mapping[str, JSONValue]) -> None:
        """Register an agency."""
        ...

    def equip(self, by: Seat, agency_id: str) -> None:
        """Give an agency its system and keys."""
        ...

    def desk(self, seat: Seat) -> DeskLike:
        """Return the desk of a person."""
        ...

    def entry_types(self) -> list[str]:
        """Return the type of every entry of the log, as anybody can read it."""
        ...

    def everything_logged(self) -> str:
        """Return all that the log holds, encrypted bodies opened where the driver can."""
        ...

    def silence_policy(self) -> None:
        """Let the decision point fall silent."""
        ...

    def stop_log(self) -> None:
        """Let the log take nothing more."""
        ...

    def close(self) -> None:
        """Stop everything."""
        ...


@contextmanager
def declining() -> Iterator[None]:
    """Say whatever the gateway raises on purpose as the wire would say it."""
    try:
        yield
    except GatewayError as error:
        raise declined(error) from error


def declined(error: GatewayError) -> Declined:
    """Return an error as the wire would say it."""
    if isinstance(error, GatewayProblem):
        return Declined(error.code, error.detail)
    return Declined(error.code, error.reason if isinstance(error, Conflict) else "")
