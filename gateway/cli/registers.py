"""
``tasuki register`` and ``tasuki registers``: what agencies declare.

What writes goes through the running gateway (``--via`` a desk configuration), or takes the
writer's lock while none runs. Deliveries that wait are then judged again when they are opened.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from rich.console import Console

from gateway.cli.output import WRONG, as_json, fail, failures, said, settings
from gateway.cli.registering import acting, post_via, read_terms, registered_said
from gateway.domain.records import DECLARED_KINDS

if TYPE_CHECKING:
    from gateway.services.acting import Acting
    from gateway.services.registers.declarations import Declarations
    from gateway.services.registers.registration import Registered

__all__ = ["register", "registers"]

_Command = TypeVar("_Command", bound=Callable[..., Any])
_FILE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)
_kind = click.argument("kind", type=click.Choice(DECLARED_KINDS))
_via = click.option("--via", type=_FILE, help="A desk configuration: through the running gateway.")


def _by(command: _Command) -> _Command:
    """Give a command ``--via``, or ``--system`` and ``--actor``."""
    for option in (
        click.option("--actor", default="", help="Without --via: the acting person's opaque id."),
        click.option("--system", default="", help="Without --via: the agency's system."),
        _via,
    ):
        command = option(command)
    return command


@click.command()
@_kind
@click.option("--file", type=_FILE, required=True, help="JSON, as the register's form demands.")
@_by
@as_json
def register(
    *, kind: str, file: Path, via: Path | None, system: str, actor: str, json_: bool
) -> None:
    """Enter a declaration of KIND in its register."""
    body = read_terms(file, json_)
    if via is not None:
        post_via(via, _path_of(kind), body, json_, f"{kind} registered")
        return

    def made(declarations: "Declarations", by: "Acting") -> "Registered":
        from gateway.api.reading import validated  # noqa: PLC0415
        from gateway.api.registers.declarations import DECLARED  # noqa: PLC0415

        terms = validated(DECLARED[kind].form, body).model_dump()
        return declarations.register(by, None, kind, terms=terms)

    _write_here(made, system, actor, json_, f"{kind} registered")


@click.group()
def registers() -> None:
    """Declarations of agencies: list, end."""


@registers.command()
@_kind
@click.argument("id_", metavar="ID")
@_by
@as_json
def end(*, kind: str, id_: str, via: Path | None, system: str, actor: str, json_: bool) -> None:
    """End the declaration ID of KIND now."""
    if via is not None:
        post_via(via, f"{_path_of(kind)}/{id_}/end", {}, json_, f"{kind} ended")
        return
    _write_here(
        lambda declarations, by: declarations.end(by, None, kind, id_),
        system,
        actor,
        json_,
        f"{kind} ended",
    )


@registers.command("list")
@_kind
@_via
@as_json
def list_(*, kind: str, via: Path | None, json_: bool) -> None:
    """List declarations of KIND, without persons; --via lists those that concern that agency."""
    listed = _listed_here(kind, json_) if via is None else _listed_via(via, kind, json_)

    def human(console: Console) -> None:
        for fact in next(iter(listed.values())):
            said_of_it = ", ".join(f"{n} {v}" for n, v in sorted(fact.items()) if n != "id")
            console.print(f"[bold]{fact['id']}[/] {said_of_it}", soft_wrap=True)

    said(json_, listed, human)


def _path_of(kind: str) -> str:
    from gateway.services.facts import FACT_LISTS  # noqa: PLC0415

    return FACT_LISTS[kind].replace("_", "-")


def _write_here(
    write: "Callable[[Declarations, Acting], Registered]",
    system: str,
    actor: str,
    json_: bool,  # noqa: FBT001 - the flag of every command
    sentence: str,
) -> None:
    if not system or not actor:
        fail(json_, "usage", "name the --system and the --actor, or go --via a desk", WRONG)
    from gateway.bootstrap import open_gateway  # noqa: PLC0415

    with failures(json_), open_gateway(settings(json_)) as gateway:
        by = acting(gateway, system, actor, json_)
        done = write(gateway.registers.declarations, by)
    registered_said(done, json_, sentence)


def _listed_via(via: Path, kind: str, json_: bool) -> dict[str, Any]:  # noqa: FBT001 - as above
    from gateway.client.config import load_desk_config  # noqa: PLC0415
    from gateway.client.desk import Desk  # noqa: PLC0415

    with failures(json_), Desk.open_at(load_desk_config(via)) as at_desk:
        return at_desk.listed(_path_of(kind))


def _listed_here(kind: str, json_: bool) -> dict[str, Any]:  # noqa: FBT001 - as above
    from gateway.bootstrap import open_registers  # noqa: PLC0415
    from gateway.domain.ids import TenantId  # noqa: PLC0415
    from gateway.services.facts import FACT_LISTS  # noqa: PLC0415
    from gateway.services.registers.declaration_rules import RULES  # noqa: PLC0415
    from gateway.services.registers.declarations import declared  # noqa: PLC0415

    if not RULES[kind].is_listed:
        fail(json_, "usage", f"{kind} is about persons and is not listed", WRONG)
    chosen = settings(json_)
    with failures(json_), open_registers(chosen) as found:
        return {FACT_LISTS[kind]: list(declared(found, TenantId(chosen.tenant), kind))}
