"""Whoever was handed the policy checks a head offline; what is missing is named."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import checkpoint_text
from gateway.cli.main import main
from gateway.crypto.merkle import leaf_hash, tree_root
from gateway.crypto.signed_note import NoteSigner


def signer(name: str, seed: int) -> NoteSigner:
    return NoteSigner(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


LOG = signer("gw.aoba.example/audit/main", 1)
W = {name: signer(f"w.{i}.example", 10 + i) for i, name in enumerate(("緑市", "川辺町", "社協"))}
TEXT = checkpoint_text(LOG.key.name, 1, tree_root([leaf_hash(b"x")]))
AT = 1_800_000_000


def head(*names: str) -> bytes:
    return (LOG.sign(TEXT) + "".join(W[name].cosign(TEXT, AT) for name in names)).encode()


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    lines = [f"log {LOG.key.to_text()}"]
    lines += [f"witness {name} {one.cosigner.to_text()}" for name, one in W.items()]
    lines += [f"group members 2 {' '.join(W)}", "quorum members", ""]
    file = tmp_path / "policy"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def check(tmp_path: Path, content: bytes, policy: Path, *more: str) -> tuple[int, Any]:
    file = tmp_path / "head"
    file.write_bytes(content)
    how = ("audit", "check-head", str(file), "--policy", str(policy), "--json")
    done = CliRunner().invoke(main, [*how, *more])
    return done.exit_code, json.loads(done.stdout)


def test_head_without_the_quorum_is_refused_and_the_missing_are_named(
    tmp_path: Path, policy: Path
) -> None:
    status, said = check(tmp_path, head("川辺町"), policy)

    assert (4, "not-witnessed") == (status, said["error"]["code"])
    assert ["緑市", "社協"] == said["error"]["findings"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\n",
        head("緑市", "社協")[:-1],
        head("緑市", "社協").replace(b"\n1\n", b"\n2\n", 1),
    ],
    ids=["empty", "not UTF-8", "cut", "changed"],
)
def test_file_that_is_no_head_of_the_log_is_refused(
    tmp_path: Path, policy: Path, content: bytes
) -> None:
    status, said = check(tmp_path, content, policy)

    assert (4, "integrity") == (status, said["error"]["code"])


def test_file_that_is_too_large_is_a_wrong_call(tmp_path: Path, policy: Path) -> None:
    assert 2 == check(tmp_path, b"x" * 70_000, policy)[0]


def test_policy_that_cannot_be_used_is_refused_with_its_line(tmp_path: Path, policy: Path) -> None:
    policy.write_text("quorum nobody\n", encoding="utf-8")

    status, said = check(tmp_path, head(*W), policy)

    assert (4, True) == (status, said["error"]["message"].startswith("line 1:"))


def test_head_that_the_quorum_cosigned_is_verified_with_times(tmp_path: Path, policy: Path) -> None:
    status, said = check(tmp_path, head("緑市", "社協"), policy)

    assert (0, True, 1) == (status, said["verified"], said["size"])
    assert {"緑市": AT, "社協": AT} == said["cosigned_at"]


def test_verified_head_is_told_to_people_too(tmp_path: Path, policy: Path) -> None:
    file = tmp_path / "head"
    file.write_bytes(head(*W))

    done = CliRunner().invoke(main, ["audit", "check-head", str(file), "--policy", str(policy)])

    assert 0 == done.exit_code
    assert "緑市 at 2027-01-15T08:00:00+00:00" in done.stdout
