"""
``tasuki agency``: the first agency of a gateway, further ones, and the list of all.

What writes goes through the running gateway (``--via`` an operator's desk configuration), or
takes the writer's lock while none runs.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from gateway.cli.output import WRONG, as_json, fail, failures, said, settings

if TYPE_CHECKING:
    from gateway.services.registers.registration import Registered

__all__ = ["agency"]

_MAX_BYTES = 65_536
_COLUMNS = ("id", "name_ja", "name_en", "kind", "regime", "status")


@click.group()
def agency() -> None:
    """Agencies of this gateway: found, add, list."""


@agency.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@as_json
def found(*, file: Path, json_: bool) -> None:
    """
    Found the tenant from FILE: its pack, its municipality, the first system and person.

    FILE is JSON with the members pack, agency, system, client_jwk and actor. Only once, and
    only while no gateway runs on the database.
    """
    from gateway.bootstrap import open_gateway  # noqa: PLC0415
    from gateway.services.registers.founding import Founding, found_tenant  # noqa: PLC0415

    members = _read(file, json_, {"pack", "agency", "system", "client_jwk", "actor"})
    chosen = settings(json_)
    with failures(json_), open_gateway(chosen) as gateway:
        registered = found_tenant(gateway.registers.registrar, Founding(**members))
    _registered(registered, json_, f"tenant {chosen.tenant} founded")


@agency.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--via",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="An operator's desk configuration: through the running gateway.",
)
@click.option("--system", default="", help="Without --via: the operator's system.")
@click.option("--actor", default="", help="Without --via: the acting person's opaque id.")
@as_json
def add(*, file: Path, via: Path | None, system: str, actor: str, json_: bool) -> None:
    """Register the agency that FILE describes (JSON: the members of an agency but its status)."""
    terms = _read(file, json_)
    if via is not None:
        _add_via(via, terms, json_)
        return
    if not system or not actor:
        fail(json_, "usage", "name the operator's --system and --actor, or go --via a desk", WRONG)
    from gateway.bootstrap import open_gateway  # noqa: PLC0415
    from gateway.domain.disclosure import Caller  # noqa: PLC0415
    from gateway.domain.ids import ActorId, AgencyId, SystemId, TenantId  # noqa: PLC0415
    from gateway.services.acting import Acting  # noqa: PLC0415

    chosen = settings(json_)
    tenant = TenantId(chosen.tenant)
    with failures(json_), open_gateway(chosen) as gateway:
        registers = gateway.context.registers
        known = registers.fact(tenant, "system", system)
        if known is None:
            fail(json_, "not-found", "there is no such system", WRONG)
        scopes = known.fact["scopes"]
        caller = Caller(
            tenant,
            AgencyId(str(known.fact["agency"])),
            SystemId(system),
            frozenset(map(str, scopes if isinstance(scopes, list) else ())),
        )
        by = Acting(caller, ActorId(actor))
        registered = gateway.registers.directory.register_agency(by, None, terms=terms)
    _registered(registered, json_, f"agency {registered.id} registered")


@agency.command("list")
@as_json
def list_(*, json_: bool) -> None:
    """List every agency, as all members may see it."""
    from gateway.bootstrap import open_registers  # noqa: PLC0415
    from gateway.domain.ids import TenantId  # noqa: PLC0415
    from gateway.services.registers.directory import agencies_of  # noqa: PLC0415

    chosen = settings(json_)
    with failures(json_), open_registers(chosen) as registers:
        agencies = [dict(a) for a in agencies_of(registers, TenantId(chosen.tenant))]

    def human(console: Console) -> None:
        table = Table(*_COLUMNS)
        for a in agencies:
            table.add_row(*(str(a[n]) for n in _COLUMNS))
        console.print(table)

    said(json_, {"agencies": agencies}, human)


def _add_via(via: Path, terms: Mapping[str, Any], json_: bool) -> None:  # noqa: FBT001 - the flag of every command
    from gateway.client.config import load_desk_config  # noqa: PLC0415
    from gateway.client.desk import Desk  # noqa: PLC0415

    with failures(json_), Desk.open_at(load_desk_config(via)) as desk:
        answer = desk.register("agencies", terms)
    shown = {name: answer[name] for name in ("id", "version", "log_index")}
    said(json_, shown, lambda console: console.print(f"agency {shown['id']} registered"))


def _registered(registered: "Registered", json_: bool, sentence: str) -> None:  # noqa: FBT001 - as above
    answer = {
        "id": registered.id,
        "version": registered.version,
        "log_index": registered.log_index,
    }
    said(json_, answer, lambda console: console.print(f"{sentence} (log {registered.log_index})"))


def _read(file: Path, json_: bool, members: set[str] | None = None) -> dict[str, Any]:  # noqa: FBT001 - as above
    from gateway.crypto.json_reader import UnreadableJSON, read_json_object  # noqa: PLC0415

    try:
        content = read_json_object(file.read_bytes(), max_bytes=_MAX_BYTES)
    except UnreadableJSON as error:
        fail(json_, "malformed-request", str(error), WRONG)
    if members is not None and set(content) != members:
        fail(json_, "schema-violation", f"{file.name} needs {', '.join(sorted(members))}", WRONG)
    return content
