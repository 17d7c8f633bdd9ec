"""
``tasuki``: one command, its subcommands imported only when they are called.

Exit codes: 0 done; 1 the answer is no (a check failed, a request was refused); 2 the call
was wrong; 3 something needed is silent; 4 evidence does not verify.
"""

import importlib
from typing import Final

import click
from typing_extensions import override

__all__ = ["main"]

_COMMANDS: Final = {
    "agency": ("gateway.cli.agency:agency", "Agencies of this gateway: found, add, list."),
    "audit": ("gateway.cli.audit:audit", "The log: verify, prove, open, erase, …"),
    "backup": ("gateway.cli.backup:backup", "Copy the embedded database, and check the copy."),
    "demo": ("gateway.cli.demo:demo", "Play the report's flows between fictional agencies."),
    "keys": ("gateway.cli.keys:keys", "Keys of the gateway, and keys of a member's desk."),
    "migrate": ("gateway.cli.migrate:migrate", "Bring the database to the newest revision."),
    "policy": (
        "gateway.cli.policy:policy",
        "The law as rules: test, eval, new, diff, replay, docs, …",
    ),
    "register": ("gateway.cli.registers:register", "Enter a declaration of an agency."),
    "registers": ("gateway.cli.registers:registers", "Declarations of agencies: list, end."),
    "signer": ("gateway.cli.signer:signer", "The log's signer, run apart from the gateway."),
    "serve": ("gateway.cli.serve:serve", "Run the gateway."),
    "witness": ("gateway.cli.witness:witness", "Watch logs of others: init, serve, log, evidence."),
}


class _Lazy(click.Group):
    """Shows all commands and imports the one that is called."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        return command if isinstance(command, click.Command) else None

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tasuki-gateway", prog_name="tasuki")
def main() -> None:
    """
    Tasuki (襷): the one door through which agencies hand over case information.

    Settings are environment variables TASUKI_…; every command takes --json.

    Exit codes: 0 done, 1 the answer is no, 2 wrong call, 3 something is silent, 4 evidence
    does not verify.
    """


if __name__ == "__main__":
    main()
