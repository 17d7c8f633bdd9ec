"""The signer's state as others read it."""

import json
from pathlib import Path

import pytest

from gateway.crypto.merkle import EMPTY_ROOT
from gateway.domain.errors import IntegrityError
from gateway.signer.state import signed_head
from tests.simulators.signer import HonestSigner


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"note":1}', b'{"note":"x"}', b"[" * 99], ids=repr
)
def test_state_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state").write_bytes(content)
    with pytest.raises(IntegrityError):
        signed_head(tmp_path / "state", HonestSigner().trusted)


def test_state_of_another_log_is_refused(tmp_path: Path) -> None:
    signer = HonestSigner()
    head = signer.sign(0, EMPTY_ROOT, ())
    (tmp_path / "state").write_text(json.dumps({"note": head.note}))

    assert head == signed_head(tmp_path / "state", signer.trusted)
    with pytest.raises(IntegrityError):
        signed_head(tmp_path / "state", HonestSigner().trusted)


def test_state_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert signed_head(tmp_path / "state", HonestSigner().trusted) is None
