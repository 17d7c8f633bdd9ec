"""Commands run in this process, for tests that need many and none of them alone."""

import subprocess

from click.testing import CliRunner
from typing_extensions import override

from gateway.cli.main import main
from tests.unit.cli.test_commands import Installation

__all__ = ["Console"]


class Console(Installation):
    """An installation whose commands cost no start of an interpreter."""

    @override
    def run(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run one command to its end."""
        done = CliRunner().invoke(main, arguments, env={**self.environment, **more})
        return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)
