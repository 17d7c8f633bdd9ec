"""Which log a command trusts: by keys named at the call, or by the key ring of this gateway."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from gateway.cli.output import WRONG, fail, failures, settings

if TYPE_CHECKING:
    from gateway.audit.checkpoint import TrustedLog

__all__ = ["log_key_option", "trusted"]

_Command = TypeVar("_Command", bound=Callable[..., Any])
_HELP: Final = "A key of the log, known from elsewhere than the log; may be repeated."


def log_key_option(command: _Command) -> _Command:
    """Give a command ``--log-key``; it receives the keys as ``vkeys``."""
    return click.option("--log-key", "--vkey", "vkeys", multiple=True, help=_HELP)(command)


def trusted(vkeys: tuple[str, ...], json_: bool) -> "TrustedLog":  # noqa: FBT001 - the flag of every command
    """Return the log that these keys name, without any that of this gateway's own key ring."""
    from gateway.audit.checkpoint import TrustedLog  # noqa: PLC0415
    from gateway.storage.key_ring import load_log_key  # noqa: PLC0415

    with failures(json_):
        if vkeys:
            return TrustedLog.of(vkeys)
        chosen = settings(json_)
        if not chosen.keys_dir.is_dir():
            fail(json_, "no-key", "name the log's key with --log-key", WRONG)
        key = load_log_key(chosen.keys_dir, chosen.log_origin)
        return TrustedLog(chosen.log_origin, (key,))
