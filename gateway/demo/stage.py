"""
One town set up: its gateway process, the desks of its members, what they register.

Every entry is made over HTTP by the desk of whoever may make it: the operator's for the
directory, the organiser's for a meeting, each agency's own for its persons and consents.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from gateway.client import (
    Desk,
    DeskConfig,
    PublicDeskKeys,
    create_desk_keys,
    load_desk_keys,
)
from gateway.client.clock import SystemClock
from gateway.client.connection import Connection
from gateway.demo.cast import Actor, Agency, actor_of, agency_of
from gateway.demo.process import GatewayProcess
from gateway.demo.script import DAY, At, Handle, Made, Register, Town
from gateway.domain.ids import ActorId, AgencyId, SubjectId, SystemId

__all__ = ["Stage"]

Tick = Callable[[], None]

_OPERATIONS, _OFFICE, _DESK = "operations", "officer", "desk"
_SCOPES: Final[Mapping[str, tuple[str, ...]]] = {
    _OPERATIONS: ("operator",),
    _OFFICE: ("officer",),
    _DESK: ("member",),
}
_TERM: Final = 365 * DAY


class Stage:
    """
    A town that is being played.

    Attributes:
        town: What is played.
        process: Its gateway.
    """

    def __init__(self, town: Town, folder: Path) -> None:
        """
        Prepare a town; nothing is started yet.

        Args:
            town: What is played.
            folder: Everything of this town lies below it.
        """
        self.town = town
        self.process = GatewayProcess(
            folder / "gateway", tenant=town.tenant, log_origin=f"demo.example/{town.pack}"
        )
        self._folder = folder
        self._open = ExitStack()
        self._public: dict[str, PublicDeskKeys] = {}
        self._desks: dict[str, Desk] = {}
        self._handles: dict[tuple[str, str], SubjectId] = {}
        self._made: dict[str, Mapping[str, Any]] = {}

    @property
    def agencies(self) -> tuple[Agency, ...]:
        """Every agency of the town, the one that runs it first."""
        return (self.town.founder, *self.town.members)

    @property
    def steps(self) -> int:
        """How often the set-up calls ``tick``."""
        enrolled = sum(4 + len(agency.actors) for agency in self.agencies)
        return 2 + enrolled + len(self.town.registers)

    def set_up(self, tick: Tick) -> None:
        """
        Start the gateway and register everything that the exchanges need.

        Args:
            tick: Called after each step.

        Raises:
            GatewayDidNotStart: The gateway cannot be set up or does not answer.
            GatewayProblem: It refuses an entry.
            IntegrityError: An entry is not proven.
        """
        operator = actor_of(self.town.operator)
        jwk = self._keys(self.town.founder, _OPERATIONS).client
        self.process.set_up(self._founding(operator, jwk))
        tick()
        self.process.start()
        tick()
        for agency in self.agencies:
            self._enrol(agency, tick)
        for entry in self.town.registers:
            self.register(entry)
            tick()

    def close(self) -> None:
        """Close the desks and end the gateway."""
        self._open.close()
        self.process.stop()

    def desk(self, actor_id: str) -> Desk:
        """Return the desk at which somebody acts."""
        if actor_id not in self._desks:
            config = self._config(actor_id, self._system_of(actor_id))
            desk = self._open.enter_context(Desk(config, load_desk_keys(config.keys_dir)))
            desk.check_gateway()
            self._desks[actor_id] = desk
        return self._desks[actor_id]

    def connection(self, actor_id: str) -> Connection:
        """Return the bare connection of somebody, for what a desk has no method for."""
        config = self._config(actor_id, self._system_of(actor_id))
        keys = load_desk_keys(config.keys_dir)
        connection = Connection(config, keys.client, clock=SystemClock())
        self._open.callback(connection.close)
        return connection

    def config(self, actor_id: str) -> DeskConfig:
        """Return the configuration of somebody's desk."""
        return self._config(actor_id, self._system_of(actor_id))

    def handle(self, by: str, person: str) -> SubjectId:
        """Return the handle by which an actor's agency knows a person."""
        key = (agency_of(by).id, person)
        if key not in self._handles:
            self._handles[key] = self.desk(by).subject(f"case-{person}")
        return self._handles[key]

    def register(self, entry: Register) -> Mapping[str, Any]:
        """
        Make one register entry.

        Raises:
            GatewayProblem: The gateway refuses.
            IntegrityError: The entry is not proven.
        """
        ids = {name: made["id"] for name, made in self._made.items() if "id" in made}
        path = entry.path.format_map(ids)
        body = {name: self.resolved(value, entry.by) for name, value in entry.body.items()}
        answer = self.desk(entry.by).register(path, body)
        if entry.name:
            self._made[entry.name] = answer
        return answer

    def resolved(self, value: Any, by: str) -> Any:
        """Return what a value of the scenario stands for, now that it is played."""
        match value:
            case Handle(person):
                return self.handle(by, person)
            case Made(name, member):
                return self._made[name][member]
            case At(offset):
                return now() + offset
            case list() | tuple():
                return [self.resolved(item, by) for item in value]
            case _:
                return value

    # Steps -----------------------------------------------------------------------------------

    def _founding(self, operator: Actor, jwk: Mapping[str, str]) -> dict[str, Any]:
        return {
            "pack": self.town.pack,
            "agency": _agency_terms(self.town.founder),
            "system": _system_terms(self.town.founder, _OPERATIONS),
            "client_jwk": dict(jwk),
            "actor": _actor_terms(operator),
        }

    def _enrol(self, agency: Agency, tick: Tick) -> None:
        operator = self.desk(self.town.operator)
        if agency is not self.town.founder:
            operator.register("agencies", _agency_terms(agency))
        tick()
        below = f"agencies/{agency.id}"
        for part in (_DESK, _OFFICE) if agency is self.town.founder else (_DESK,):
            client = dict(self._keys(agency, part).client)
            operator.register(
                f"{below}/systems", {**_system_terms(agency, part), "client_jwk": client}
            )
        tick()
        public = self._keys(agency, _DESK)
        for use, jwk in (("sign", public.sign), ("seal", public.seal)):
            operator.register(f"{below}/keys", {"use": use, "jwk": dict(jwk)})
            tick()
        for actor in agency.actors:
            if actor.id != self.town.operator:
                operator.register(f"{below}/actors", _actor_terms(actor))
            tick()

    def _keys(self, agency: Agency, part: str) -> PublicDeskKeys:
        name = _system_id(agency, part)
        if name not in self._public:
            self._public[name] = create_desk_keys(self._keys_dir(name))
        return self._public[name]

    def _keys_dir(self, system_id: str) -> Path:
        return self._folder / "desks" / system_id / "keys"

    def _system_of(self, actor_id: str) -> str:
        parts = {self.town.operator: _OPERATIONS, self.town.officer: _OFFICE}
        return _system_id(agency_of(actor_id), parts.get(actor_id, _DESK))

    def _config(self, actor_id: str, system_id: str) -> DeskConfig:
        return DeskConfig(
            gateway=self.process.origin,
            origin=self.process.origin,
            client_id=SystemId(system_id),
            agency=AgencyId(agency_of(actor_id).id),
            actor=ActorId(actor_id),
            keys_dir=self._keys_dir(system_id),
            state_dir=self._folder / "desks" / system_id / actor_id,
            log_vkeys=(self.process.vkey,),
        )


def now() -> int:
    """Return the time of this computer in epoch milliseconds."""
    return SystemClock().now()


def _system_id(agency: Agency, part: str) -> str:
    return f"{agency.id}.{part}"


def _agency_terms(agency: Agency) -> dict[str, Any]:
    return {
        "id": agency.id,
        "kind": agency.kind,
        "regime": agency.regime,
        "country": "JP",
        "name_ja": agency.name_ja,
        "name_en": agency.name_en,
        "valid_from": now() - _TERM,
        "valid_to": None,
    }


def _system_terms(agency: Agency, part: str) -> dict[str, Any]:
    return {
        "id": _system_id(agency, part),
        "name": part,
        "scopes": list(_SCOPES[part]),
        "valid_from": now() - DAY,
        "valid_to": None,
    }


def _actor_terms(actor: Actor) -> dict[str, Any]:
    return {
        "id": actor.id,
        "post_ja": actor.post_ja,
        "roles": list(actor.roles),
        "term_from": now() - _TERM,
        "term_to": now() + _TERM,
        "training_until": now() + _TERM,
        "department": "",
    }
