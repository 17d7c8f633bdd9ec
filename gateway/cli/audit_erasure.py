"""``tasuki audit erase`` and ``hold``: what the log says is destroyed on a ground, or kept."""

import getpass
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from rich.console import Console

from gateway.cli.output import WRONG, as_json, fail, failures, progress_bar, said, settings
from gateway.cli.registering import acting
from gateway.domain.errors import Conflict

if TYPE_CHECKING:
    from gateway.bootstrap import Gateway
    from gateway.services.erasure import Confirmed, DueErased

__all__ = ["erase", "hold"]

_Command = TypeVar("_Command", bound=Callable[..., Any])
# Why not, and what leads on.
_WAY_OUT: Final[Mapping[str, str]] = {
    "GROUND_UNKNOWN": "the pack knows no such ground; log_erasure of the pack lists them",
    "OFFICER_NEEDED": "a privacy officer confirms it: --system and --actor",
    "SECOND_PERSON_NEEDED": "a second person confirms it: --second",
    "SECOND_PERSON_SAME": "the second person is somebody else",
    "SECOND_PERSON_NOT_IN_OFFICE": "the second person is not in office today",
    "LEGAL_HOLD": "it is held; tasuki audit hold list says why, an officer lifts it",
    "RETENTION_RUNNING": "its retention has not ended; --due erases it then, --ground names another"
    " ground",
    "DELIVERY_WAITING": "a delivery still waits, or a permit can be used; recall it, or wait",
    "ERASE_ENTRY_KEPT": "it says what was erased, names nobody and is kept",
    "HOLD_LIFTED": "that hold does not stand any more",
    "STALE_FACTS": "somebody changed a hold or a person meanwhile; try again",
}


def _by_officer(*, required: bool) -> Callable[[_Command], _Command]:
    def add(command: _Command) -> _Command:
        command = click.option("--actor", default="", required=required, help="The officer.")(
            command
        )
        return click.option(
            "--system", default="", required=required, help="The officer's system."
        )(command)

    return add


# An entry id may begin with a hyphen; it is an argument all the same.
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("ids", metavar="[ENTRY]...", nargs=-1)
@click.option("--subject", default="", help="Everything about whom this handle stands for.")
@click.option("--due", is_flag=True, help="Everything whose retention has ended.")
@click.option("--ground", default="retention_over", show_default=True, help="Why: a code.")
@_by_officer(required=False)
@click.option("--second", default="", help="The second person, where the ground needs one.")
@click.option("--yes", is_flag=True, help="Do not ask: what is erased never comes back.")
@as_json
def erase(
    *,
    ids: tuple[str, ...],
    subject: str,
    due: bool,
    ground: str,
    system: str,
    actor: str,
    second: str,
    yes: bool,
    json_: bool,
) -> None:
    """
    Erase what entries say: bodies, their keys, their index of persons, the rows beside them.

    Leaves and proofs stay. One entry says which were erased and why, and never whose they were.
    Run it while no gateway serves; --due as often as you like.
    """
    if sum((bool(ids), bool(subject), due)) != 1:
        fail(json_, "wrong-call", "name entries, or --subject, or --due", WRONG)
    if due and ground != "retention_over":
        fail(json_, "wrong-call", "--due has its own ground", WRONG)
    if bool(system) != bool(actor):
        fail(json_, "wrong-call", "--system and --actor go together", WRONG)
    if not yes and json_:
        fail(json_, "wrong-call", "say --yes: what is erased never comes back", WRONG)
    named = _entry_ids(ids, json_)
    with _opened(json_) as gateway:
        from gateway.services.erasure import Confirmed, Erasures  # noqa: PLC0415

        by = acting(gateway, system, actor, json_) if system else None
        confirmed = Confirmed(f"console.{getpass.getuser()}", by, second)
        if due:
            _erase_due(gateway, confirmed, yes=yes, json_=json_)
            return
        erasures = Erasures(gateway.context)
        entries = erasures.about(subject) if subject else named
        if not yes:
            click.confirm(f"Erase {len(entries)} bodies for ever?", abort=True)
        done = erasures.erase(entries, ground, confirmed)
    answer = {
        "erased": list(done.entries),
        "already_erased": list(done.already),
        "recorded_as": list(done.indices),
    }
    said(
        json_,
        answer,
        lambda console: console.print(
            f"{len(done.entries)} erased, {len(done.already)} were before;"
            f" recorded as {', '.join(map(str, done.indices)) or 'nothing'}"
        ),
    )


@click.group()
def hold() -> None:
    """Legal holds: what may not be erased until an officer lifts it."""


@hold.command(context_settings={"ignore_unknown_options": True})
@click.argument("id_", metavar="[ENTRY]", required=False, default="")
@click.option("--subject", default="", help="Everything about whom this handle stands for.")
@click.option("--code", required=True, help="Why, in lower snake case, for example lawsuit.")
@_by_officer(required=True)
@as_json
def place(*, id_: str, subject: str, code: str, system: str, actor: str, json_: bool) -> None:
    """Hold ENTRY, or everything about a person."""
    with _opened(json_) as gateway:
        from gateway.domain.ids import EntryId  # noqa: PLC0415
        from gateway.services.legal_holds import LegalHolds  # noqa: PLC0415

        by = acting(gateway, system, actor, json_)
        entry = EntryId(id_) if id_ else None
        placed = LegalHolds(gateway.context).place(by, code, entry_id=entry, subject=subject)
    said(json_, {"id": placed.id}, lambda console: console.print(f"hold {placed.id} stands"))


@hold.command()
@click.argument("id_", metavar="HOLD")
@click.option("--code", required=True, help="Why it is lifted, in lower snake case.")
@_by_officer(required=True)
@as_json
def lift(*, id_: str, code: str, system: str, actor: str, json_: bool) -> None:
    """Lift a hold."""
    with _opened(json_) as gateway:
        from gateway.services.legal_holds import LegalHolds  # noqa: PLC0415

        LegalHolds(gateway.context).lift(acting(gateway, system, actor, json_), id_, code)
    said(json_, {"id": id_}, lambda console: console.print(f"hold {id_} is lifted"))


@hold.command("list")
@as_json
def list_(*, json_: bool) -> None:
    """List the holds that stand, also while the gateway serves; whom one holds is not shown."""
    from gateway.bootstrap import open_registers  # noqa: PLC0415
    from gateway.domain.ids import TenantId  # noqa: PLC0415
    from gateway.services.legal_holds import active_holds  # noqa: PLC0415

    chosen = settings(json_)
    with failures(json_), open_registers(chosen) as registers:
        holds = active_holds(registers, TenantId(chosen.tenant))
    answer = [
        {
            "id": h.id,
            "code": h.code,
            "entry_id": h.entry_id,
            "of": "person" if h.person else "entry",
        }
        for h in holds
    ]

    def human(console: Console) -> None:
        for one in answer:
            console.print(f"{one['id']}  {one['code']}  {one['entry_id'] or 'a person'}")

    said(json_, {"holds": answer}, human)


def _erase_due(gateway: "Gateway", confirmed: "Confirmed", *, yes: bool, json_: bool) -> None:
    from gateway.services.erasure import Erasures  # noqa: PLC0415

    if not yes:
        click.confirm("Erase every body whose retention has ended, for ever?", abort=True)
    with progress_bar("erasing", quiet=json_) as progress:
        done = Erasures(gateway.context).erase_due(confirmed, progress)
    answer = {
        "erased": done.erased,
        "held": done.held,
        "waiting": done.waiting,
        "without_period": dict(done.unruled),
        "recorded_as": done.indices,
    }
    said(json_, answer, lambda console: _due_said(console, done))


def _due_said(console: Console, done: "DueErased") -> None:
    console.print(f"{done.erased} erased · {done.held} held · {done.waiting} still waiting")
    for retention, count in sorted(done.unruled.items()):
        console.print(f"  {count} of class {retention}: the pack has no period, nothing is erased")


@contextmanager
def _opened(json_: bool) -> "Iterator[Gateway]":  # noqa: FBT001 - the flag of every command
    from gateway.bootstrap import open_gateway  # noqa: PLC0415

    chosen = settings(json_)
    with failures(json_), open_gateway(chosen) as gateway:
        try:
            yield gateway
        except Conflict as conflict:
            way_out = _WAY_OUT.get(conflict.reason)
            if way_out is None:
                raise
            fail(json_, conflict.code, f"{conflict.reason}: {way_out}")


def _entry_ids(ids: tuple[str, ...], json_: bool) -> tuple[Any, ...]:  # noqa: FBT001 - as above
    from gateway.domain.ids import EntryId  # noqa: PLC0415

    unknown = [id_ for id_ in ids if len(id_) != _ENTRY_ID]
    if unknown:
        fail(json_, "wrong-call", f"{unknown[0]} is no id of an entry", WRONG)
    return tuple(map(EntryId, ids))


_ENTRY_ID: Final = 22
