"""
The driver of features over the wire: a gateway behind a real port, and desks as members run.

Nothing is asked but through :class:`gateway.client.desk.Desk` and the public log; the gateway
is reached inside only to found its tenant, to stop its log, and to do at once what its
housekeeping does every half minute.
"""

import asyncio
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

from gateway.audit.checkpoint import TrustedLog
from gateway.audit.verify import verify_evidence
from gateway.client import Desk, DeskConfig, DeskKeys
from gateway.client.answers import (
    Answer,
    InboxItem,
    InformationRequest,
    ObligationTask,
    OpenedDelivery,
    Recalled,
    Sent,
)
from gateway.client.connection import Connection
from gateway.client.problems import GatewayProblem
from gateway.client.proposal import Proposal, Record
from gateway.crypto.commitment import Leaf
from gateway.crypto.keys import generate_sealing_key, generate_signing_key
from gateway.crypto.tiles import TILE_WIDTH, Tile, decode_bundle
from gateway.domain.errors import GatewayError
from gateway.domain.ids import (
    ActorId,
    AgencyId,
    DisclosureId,
    Millis,
    RequestId,
    SubjectId,
    SystemId,
)
from gateway.domain.log import EntryType, JSONValue
from gateway.services.deliveries import Deliveries
from gateway.services.registers.founding import Founding, found_tenant
from gateway.services.registers.services import RegisterServices
from tests.simulators.clock import FixedClock
from tests.simulators.feature_driver import Declined, DeskLike, Seat, declined, declining
from tests.simulators.policy_inputs import T0
from tests.simulators.served import ORIGIN, ServedGateway

__all__ = ["HTTPDriver"]

_FIRST: Final = 0
_EVERY_SCOPE: Final = ["member", "operator", "officer"]


class HTTPDriver:
    """
    Drives a gateway that listens; it starts when its tenant is founded.

    Args:
        url: A migrated database.
        home: Where keys and states are.
    """

    def __init__(self, url: str, home: Path) -> None:
        self._url, self._home = url, home
        self.clock = FixedClock(T0)
        self._keys: dict[str, DeskKeys] = {}
        self._desks: dict[Seat, HTTPDesk] = {}
        self._gateway: ServedGateway | None = None
        self._closing = ExitStack()
        self._logged: list[str] = []

    def now(self) -> Millis:
        """Return the gateway's time."""
        return self.clock.now()

    def move_to(self, at: int) -> None:
        """Let time pass; deliveries that waited too long expire, as housekeeping does."""
        self.clock.advance(at - self.now())
        if self._gateway is not None:
            deliveries: Deliveries = self._gateway.parts.service(Deliveries)
            asyncio.run(deliveries.expire_due())

    def found(
        self, pack: str, agency: Mapping[str, JSONValue], actor: Mapping[str, JSONValue]
    ) -> None:
        """Found the tenant before the gateway listens, and give its municipality keys."""
        agency_id = str(agency["id"])
        keys = self._new_keys(agency_id)

        def founding(app: FastAPI) -> None:
            registers: RegisterServices = app.state.parts.service(RegisterServices)
            system = _system(agency_id, _EVERY_SCOPE)
            client_jwk = keys.client.public().jwk()
            found_tenant(registers.registrar, Founding(pack, agency, system, client_jwk, actor))

        self._start(before=founding)
        self._publish(Seat(agency_id, str(actor["id"])), agency_id)

    def enrol(self, by: Seat, agency: Mapping[str, JSONValue]) -> None:
        """Register an agency."""
        self.desk(by).register("agencies", agency)

    def equip(self, by: Seat, agency_id: str) -> None:
        """Give an agency its system and keys."""
        client_jwk = dict(self._new_keys(agency_id).client.public().jwk())
        system = {**_system(agency_id, ["member"]), "client_jwk": client_jwk}
        self.desk(by).register(f"agencies/{agency_id}/systems", system)
        self._publish(by, agency_id)

    def desk(self, seat: Seat) -> DeskLike:
        """Return the desk of a person, the same each time."""
        if seat not in self._desks:
            self._desks[seat] = HTTPDesk(self._config(seat), self._keys[seat.agency], self.clock)
        return self._desks[seat]

    def entry_types(self) -> list[str]:
        """Return the type of every entry, read as a stranger reads the log."""
        return [str(Leaf.parse(leaf).type) for leaf in self._leaves()]

    def everything_logged(self) -> str:
        """Return every leaf, and every line that the gateway wrote about itself."""
        leaves = "" if self._gateway is None else "\n".join(map(repr, self._leaves()))
        lines = "" if self._gateway is None else self._gateway.lines.getvalue()
        return "\n".join([*self._logged, leaves, lines])

    def silence_policy(self) -> None:
        """Let the gateway come back without the engine that it asks."""
        gateway = self._served
        self._logged.append(gateway.lines.getvalue())
        self._stop()
        self._start(pdp="opa", opa_port=_nobodys_port())

    def stop_log(self) -> None:
        """Let the log take nothing more."""
        writer: Any = self._served.parts.context.writer
        writer.close()

    def close(self) -> None:
        """Stop everything."""
        self._stop()

    @property
    def _served(self) -> ServedGateway:
        assert self._gateway is not None, "the tenant is not founded yet"
        return self._gateway

    def _start(self, before: Callable[[FastAPI], None] = lambda _: None, **settings: Any) -> None:
        served = ServedGateway.on(
            self._url, self._home, before=before, clock=self.clock, log_level="debug", **settings
        )
        self._gateway = self._closing.enter_context(served)

    def _stop(self) -> None:
        for desk in self._desks.values():
            desk.close()
        self._desks.clear()
        self._closing.close()
        self._gateway = None

    def _config(self, seat: Seat) -> DeskConfig:
        return DeskConfig(
            gateway=f"http://127.0.0.1:{self._served.port}",
            origin=ORIGIN,
            client_id=SystemId(seat.system),
            agency=AgencyId(seat.agency),
            actor=ActorId(seat.actor),
            keys_dir=self._home / "unused",
            state_dir=self._home / "desks" / seat.actor,
            log_vkeys=self._served.parts.published.log_vkeys,
            retry_waits_s=(),
        )

    def _new_keys(self, agency_id: str) -> DeskKeys:
        keys = DeskKeys(generate_signing_key(), generate_signing_key(), generate_sealing_key())
        self._keys[agency_id] = keys
        return keys

    def _publish(self, by: Seat, agency_id: str) -> None:
        keys = self._keys[agency_id].public()
        for use, jwk in (("seal", keys.seal), ("sign", keys.sign)):
            body: dict[str, JSONValue] = {"use": use, "jwk": dict(jwk), "valid_from": _FIRST}
            self.desk(by).register(f"agencies/{agency_id}/keys", body)

    def _leaves(self) -> list[bytes]:
        http = self._served.http()
        trusted = TrustedLog.of(self._served.parts.published.log_vkeys)
        head = trusted.open(http.send("GET", "/audit/checkpoint").body.decode())
        leaves: list[bytes] = []
        for index in range(-(-head.size // TILE_WIDTH)):
            width = min(TILE_WIDTH, head.size - index * TILE_WIDTH)
            bundle = http.send("GET", f"/audit/{Tile(None, index, width).path()}").body
            leaves += decode_bundle(bundle, width)
        http.close()
        return leaves


class HTTPDesk:
    """A real desk, whose gateway's problems are said as :class:`Declined`."""

    def __init__(self, config: DeskConfig, keys: DeskKeys, clock: FixedClock) -> None:
        self._desk = Desk(config, keys, clock=clock)
        self._officers = Connection(config, keys.client, clock=clock)
        self._log = config.log()

    def close(self) -> None:
        """Close what is open towards the gateway."""
        self._desk.close()
        self._officers.close()

    def ask(self, proposal: Proposal, record: Record) -> Answer:
        """Return every unit as decided, refusals too, each proven to be in the log."""
        told = proposal.direction.is_recorded_only
        try:
            answer = self._desk.tell(proposal, record) if told else self._desk.ask(proposal, record)
        except GatewayProblem as problem:
            if not problem.units:
                raise Declined(problem.code, problem.detail) from problem
            answer = Answer(DisclosureId(""), problem.units, "")
        except GatewayError as error:
            raise declined(error) from error
        for unit in answer.units:
            assert unit.evidence is not None
            verify_evidence(unit.evidence, self._log, type_=EntryType.DECISION)
            assert list(unit.permitted) == unit.evidence.fields()["field_ids"]
        return answer

    def send(self, answer: Answer, record: Record) -> list[Sent]:
        """Seal what is permitted and upload it."""
        with declining():
            return self._desk.send(answer, record)

    def recall(self, disclosure_id: DisclosureId, code: str) -> list[Recalled]:
        """Take back what nobody has opened."""
        with declining():
            return self._desk.recall(disclosure_id, code)

    def inbox(self) -> Iterator[InboxItem]:
        """Yield what came."""
        with declining():
            yield from self._desk.inbox()

    def open(self, delivery_id: str) -> OpenedDelivery:
        """Open a delivery after proving its release."""
        with declining():
            return self._desk.open(delivery_id)

    def ask_for(
        self, controller: AgencyId, purpose: str, fields: tuple[str, ...]
    ) -> InformationRequest:
        """Ask another agency for data."""
        with declining():
            return self._desk.ask_for(controller, purpose, fields)

    def request(self, request_id: RequestId) -> InformationRequest:
        """Return a request, with its answer for who asked."""
        with declining():
            return self._desk.request(request_id)

    def decline(self, request_id: RequestId) -> str:
        """Close a request without giving anything."""
        with declining():
            return self._desk.decline(request_id)

    def obligations(self) -> Iterator[ObligationTask]:
        """Yield open duties."""
        with declining():
            yield from self._desk.obligations()

    def discharge(self, task_id: str) -> int:
        """Say that a duty is done; return the index of the entry."""
        with declining():
            return self._desk.discharge(task_id)

    def subject(self, local_ref: str) -> SubjectId:
        """Return this agency's handle for a person."""
        with declining():
            return self._desk.subject(local_ref)

    def register(self, path: str, body: Mapping[str, JSONValue]) -> dict[str, Any]:
        """Write in a register by its path below ``/v1/`` and the body on the wire."""
        with declining():
            return self._desk.register(path, body)

    def alerts(self) -> list[str]:
        """Return the kinds of alerts that wait for an officer."""
        with declining():
            found = self._officers.get("/v1/alerts").every("alerts")
            return [alert.text("kind") for alert in found]

    def read_entry(self, entry_id: str) -> dict[str, Any]:
        """Return all that an entry says; the reading is recorded."""
        with declining():
            path = f"/audit/records/entries/{entry_id}"
            return self._officers.post_once(path, {"reason": "事後審査"}).members("body").as_dict()


def _system(agency_id: str, scopes: list[str]) -> dict[str, JSONValue]:
    return {
        "id": Seat(agency_id, "").system,
        "name": "事例管理",
        "scopes": scopes,
        "valid_from": _FIRST,
        "valid_to": None,
    }


def _nobodys_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
