"""
Saying what happened: for people with colour and tables, for programs as one JSON object.

* JSON goes to standard output and nothing else does; progress and errors go to the other.
* An error is a stable code and a sentence, without a trace, a path of ours or a secret.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, NoReturn, TypeVar

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text
from typing_extensions import override

from gateway.domain.errors import (
    Conflict,
    GatewayError,
    IntegrityError,
    MalformedRequest,
    RequestError,
    SchemaViolation,
    Unavailable,
)
from gateway.logging import configure_logging
from gateway.policy.rejection import RevisionRejected
from gateway.settings import BadSettings, Settings, load_settings

__all__ = ["NO", "SILENT", "UNVERIFIED", "as_json", "fail", "progress_bar", "said", "settings"]

NO: Final = 1
WRONG: Final = 2
SILENT: Final = 3
UNVERIFIED: Final = 4

_Command = TypeVar("_Command", bound=Callable[..., Any])
_errors = Console(stderr=True, highlight=False)


def as_json(command: _Command) -> _Command:
    """Give a command ``--json``; it receives it as ``json_``."""
    option = click.option("--json", "json_", is_flag=True, help="One JSON object, nothing else.")
    return option(command)


def said(json_: bool, answer: Mapping[str, Any], human: Callable[[Console], None]) -> None:  # noqa: FBT001 - the flag of every command
    """Print an answer: as JSON, or as ``human`` writes it."""
    if json_:
        sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2, default=str) + "\n")
    else:
        human(Console(highlight=False))


def fail(
    json_: bool,  # noqa: FBT001 - as above
    code: str,
    message: str,
    status: int = NO,
    *,
    findings: Sequence[str] = (),
) -> NoReturn:
    """Say why not, finding by finding where there are some; end with a documented exit code."""
    if json_:
        error = {"code": code, "message": message, **({"findings": findings} if findings else {})}
        sys.stdout.write(json.dumps({"error": error}, ensure_ascii=False, indent=2) + "\n")
    else:
        lines = [f"[bold red]{code}[/]: ", *(f"\n  {escape(f)}" for f in findings)]
        _errors.print("".join(lines) if findings else f"{lines[0]}{message}", soft_wrap=True)
    raise SystemExit(status)


@contextmanager
def failures(json_: bool) -> Iterator[None]:  # noqa: FBT001 - as above
    """Turn what the gateway raises on purpose into a sentence and an exit code."""
    try:
        yield
    except BadSettings as error:
        fail(json_, "settings", str(error), WRONG)
    except RevisionRejected as error:
        fail(json_, "revision-rejected", str(error), findings=error.findings)
    except IntegrityError as error:
        fail(json_, error.code, str(error), UNVERIFIED)
    except Unavailable as error:
        fail(json_, error.code, str(error), SILENT)
    except SchemaViolation as error:
        fail(json_, error.code, "; ".join(f"{p or '/'}: {rule}" for p, rule in error.errors), WRONG)
    except (MalformedRequest, Conflict) as error:
        fail(json_, error.code, error.reason, WRONG if isinstance(error, RequestError) else NO)
    except GatewayError as error:
        fail(json_, error.code, str(error) or error.code)


def settings(json_: bool) -> Settings:  # noqa: FBT001 - as above
    """Return the settings, or end with what is wrong with them; what is logged is no answer."""
    with failures(json_):
        chosen = load_settings()
    configure_logging(level=chosen.log_level, log_format=chosen.log_format)
    return chosen


@contextmanager
def progress_bar(title: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Yield what shows how far a long piece of work is: call it with done and total."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        console=_errors,
        disable=quiet,
        transient=True,
    )
    with bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


class _Rate(ProgressColumn):
    """How many a second."""

    @override
    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:,.0f}/s")
