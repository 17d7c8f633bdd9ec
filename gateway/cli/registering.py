"""What every command that writes in a register needs: terms from a file, who acts, an answer."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gateway.cli.output import WRONG, fail, failures, said

if TYPE_CHECKING:
    from gateway.bootstrap import Gateway
    from gateway.services.acting import Acting
    from gateway.services.registers.registration import Registered

__all__ = ["acting", "post_via", "read_terms", "registered_said"]

_MAX_BYTES: Final = 65_536


def read_terms(file: Path, json_: bool, members: set[str] | None = None) -> dict[str, Any]:  # noqa: FBT001 - the flag of every command
    """Return the JSON object in a file, with exactly these members when they are named."""
    from gateway.crypto.json_reader import UnreadableJSON, read_json_object  # noqa: PLC0415

    try:
        content = read_json_object(file.read_bytes(), max_bytes=_MAX_BYTES)
    except UnreadableJSON as error:
        fail(json_, "malformed-request", str(error), WRONG)
    if members is not None and set(content) != members:
        fail(json_, "schema-violation", f"{file.name} needs {', '.join(sorted(members))}", WRONG)
    return content


def acting(gateway: "Gateway", system: str, actor: str, json_: bool) -> "Acting":  # noqa: FBT001 - as above
    """Return a person who acts through a system, with the scopes that the system has."""
    from gateway.domain.disclosure import Caller  # noqa: PLC0415
    from gateway.domain.ids import ActorId, AgencyId, SystemId  # noqa: PLC0415
    from gateway.services.acting import Acting  # noqa: PLC0415

    tenant = gateway.context.tenant_id
    known = gateway.context.registers.fact(tenant, "system", system)
    if known is None:
        fail(json_, "not-found", "there is no such system", WRONG)
    scopes = known.fact["scopes"]
    caller = Caller(
        tenant,
        AgencyId(str(known.fact["agency"])),
        SystemId(system),
        frozenset(map(str, scopes if isinstance(scopes, list) else ())),
    )
    return Acting(caller, ActorId(actor))


def registered_said(registered: "Registered", json_: bool, sentence: str) -> None:  # noqa: FBT001 - as above
    """Say what was registered, and where that stands in the log."""
    answer = {
        "id": registered.id,
        "version": registered.version,
        "log_index": registered.log_index,
    }
    said(json_, answer, lambda console: console.print(f"{sentence} (log {registered.log_index})"))


def post_via(
    via: Path,
    path: str,
    body: Mapping[str, Any],
    json_: bool,  # noqa: FBT001 - as above
    sentence: str,
) -> None:
    """Register something through the running gateway, as a desk, and say what was registered."""
    from gateway.client.config import load_desk_config  # noqa: PLC0415
    from gateway.client.desk import Desk  # noqa: PLC0415

    with failures(json_), Desk.open_at(load_desk_config(via)) as desk:
        answer = desk.register(path, body)
    shown = {name: answer[name] for name in ("id", "version", "log_index")}
    said(json_, shown, lambda console: console.print(f"{sentence} (log {shown['log_index']})"))
