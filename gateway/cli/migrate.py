"""``tasuki migrate``: the newest revision, from nothing or from an older one."""

import click
from rich.console import Console

from gateway.cli.output import as_json, failures, said, settings

__all__ = ["migrate"]


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; say whether it is up to date.")
@as_json
def migrate(*, check: bool, json_: bool) -> None:
    """Bring the database to the newest revision, in one transaction; run again, it does nothing."""
    from gateway.storage.connect import database_url, engine_for, sqlite_path  # noqa: PLC0415
    from gateway.storage.migrate import is_current, upgrade  # noqa: PLC0415

    chosen = settings(json_)
    with failures(json_):
        url = database_url(chosen.database_url)
        if url.get_backend_name() == "sqlite" and not check:
            sqlite_path(url).parent.mkdir(parents=True, exist_ok=True)
        if not check:
            upgrade(chosen.database_url)
        engine = engine_for(url)
        try:
            current = is_current(engine)
        finally:
            engine.dispose()

    def human(console: Console) -> None:
        state = "[green]up to date[/]" if current else "[red]not at the newest revision[/]"
        console.print(f"database ({url.get_backend_name()}): {state}")

    said(json_, {"database": url.get_backend_name(), "current": current}, human)
    if not current:
        raise SystemExit(1)
