"""``tasuki serve``: run the gateway until it is told to stop."""

import click

from gateway.cli.output import failures, settings

__all__ = ["serve"]


@click.command()
@click.option("--host", help="Address to listen on (TASUKI_HOST).")
@click.option("--port", type=int, help="Port to listen on (TASUKI_PORT); 0 takes a free one.")
@click.option("--json", "json_", is_flag=True, help="A failure to start as one JSON object.")
def serve(*, host: str | None, port: int | None, json_: bool) -> None:
    """Run the gateway: API, log, policy and their background work; a child process signs."""
    from gateway.main import serve as run  # noqa: PLC0415

    chosen = settings(json_)
    changes = {n: v for n, v in (("host", host), ("port", port)) if v is not None}
    with failures(json_):
        run(chosen.model_copy(update=changes))
