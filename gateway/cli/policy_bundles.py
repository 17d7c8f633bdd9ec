"""Commands that make and check the file of a bundle: bundle, verify."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli.output import UNVERIFIED, WRONG, as_json, fail, failures, said, settings

if TYPE_CHECKING:
    from gateway.policy.bundle import PolicyBundle

__all__ = ["BUNDLES"]


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file to write; one that is there is replaced.",
)
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Private key (PEM, P-256) that signs; the policy key of the key ring unless given.",
)
@as_json
def bundle(*, out: Path, key: Path | None, json_: bool) -> None:
    """Build the rules as one signed file that OPA loads."""
    from gateway.policy.bundle import build_bundle  # noqa: PLC0415
    from gateway.policy.signing import sign_archive  # noqa: PLC0415
    from gateway.storage.key_ring import load_policy_key, load_signing_key  # noqa: PLC0415

    chosen = settings(json_)
    with failures(json_):
        signer = load_policy_key(chosen.keys_dir) if key is None else load_signing_key(key)
        built = build_bundle(chosen.policies_dir)
        archive = sign_archive(built.archive, signer)
    try:
        out.write_bytes(archive)
    except OSError:
        fail(json_, "not-written", f"{out} cannot be written", WRONG)
    _say(built, signer.kid, json_)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Public key (PEM) whose signature is trusted.",
)
@as_json
def verify(*, file: Path, key: Path, json_: bool) -> None:
    """Check that the key signed every rule and table in FILE, and nothing else is there."""
    from gateway.crypto.key_files import load_verify_key  # noqa: PLC0415
    from gateway.policy.bundle import read_bundle  # noqa: PLC0415
    from gateway.policy.signing import BundleNotTrusted  # noqa: PLC0415

    with failures(json_):
        trusted = load_verify_key(key)
        try:
            found = read_bundle(file.read_bytes(), key=trusted)
        except BundleNotTrusted as error:
            fail(json_, "bundle-not-trusted", str(error), UNVERIFIED, findings=error.findings)
    _say(found, trusted.kid, json_)


def _say(found: "PolicyBundle", kid: str, json_: bool) -> None:  # noqa: FBT001 - the flag of every command
    issued = str(found.issue or "")
    answer = {"revision": found.revision, "issued": issued, "kid": kid}
    said(
        json_,
        answer,
        lambda console: console.print(f"{found.revision} · {issued} · {kid}", soft_wrap=True),
    )


BUNDLES: Final = (bundle, verify)
