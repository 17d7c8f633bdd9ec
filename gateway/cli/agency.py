"""
``tasuki agency``: the first agency of a gateway, further ones, and the list of all.

What writes goes through the running gateway (``--via`` an operator's desk configuration), or
takes the writer's lock while none runs.
"""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from gateway.cli.output import WRONG, as_json, fail, failures, said, settings
from gateway.cli.registering import acting, post_via, read_terms, registered_said

__all__ = ["agency"]

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

    members = read_terms(file, json_, {"pack", "agency", "system", "client_jwk", "actor"})
    chosen = settings(json_)
    with failures(json_), open_gateway(chosen) as gateway:
        registered = found_tenant(gateway.registers.registrar, Founding(**members))
    registered_said(registered, json_, f"tenant {chosen.tenant} founded")


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
    terms = read_terms(file, json_)
    if via is not None:
        post_via(via, "agencies", terms, json_, "agency registered")
        return
    if not system or not actor:
        fail(json_, "usage", "name the operator's --system and --actor, or go --via a desk", WRONG)
    from gateway.bootstrap import open_gateway  # noqa: PLC0415

    chosen = settings(json_)
    with failures(json_), open_gateway(chosen) as gateway:
        by = acting(gateway, system, actor, json_)
        registered = gateway.registers.directory.register_agency(by, None, terms=terms)
    registered_said(registered, json_, f"agency {registered.id} registered")


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
