"""Proof vectors made by others (transparency-dev/merkle), read where they are present."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from gateway.crypto.merkle import InvalidProof, verify_consistency, verify_inclusion

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("TASUKI_VECTORS", ROOT.parent / "shared" / "vectors"))
DATA = FOLDER / "merkle" / "testdata"

# Accepted there because roots of any length are; here a hash is 32 bytes.
NOT_HASHES = {"consistency/additional/sizes-are-equal-one-and-proof-is-empty.json"}

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the vectors of transparency-dev/merkle are not beside this checkout"
)


def _cases(kind: str) -> list[Any]:
    files = sorted((DATA / kind).rglob("*.json"))
    return [pytest.param(f, id=str(f.relative_to(DATA))) for f in files]


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def _check(path: Path, vector: dict[str, Any], verify: Any) -> None:
    refused = vector["wantErr"]
    if path.relative_to(DATA).as_posix() in NOT_HASHES:
        refused = True
    if refused:
        with pytest.raises(InvalidProof):
            verify()
    else:
        verify()


@pytest.mark.parametrize("path", _cases("inclusion"))
def test_inclusion_vector_is_judged_as_its_authors_do(path: Path) -> None:
    v = json.loads(path.read_text())
    proof = [_bytes(h) for h in v["proof"] or ()]

    _check(
        path,
        v,
        lambda: verify_inclusion(
            _bytes(v["leafHash"]), v["leafIdx"], v["treeSize"], proof, _bytes(v["root"])
        ),
    )


@pytest.mark.parametrize("path", _cases("consistency"))
def test_consistency_vector_is_judged_as_its_authors_do(path: Path) -> None:
    v = json.loads(path.read_text())
    proof = [_bytes(h) for h in v["proof"] or ()]

    _check(
        path,
        v,
        lambda: verify_consistency(
            v["size1"], v["size2"], proof, _bytes(v["root1"]), _bytes(v["root2"])
        ),
    )


def test_vectors_are_all_there() -> None:
    assert 98 == len(_cases("inclusion"))
    assert 98 == len(_cases("consistency"))
