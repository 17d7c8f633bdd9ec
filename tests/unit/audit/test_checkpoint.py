"""A head is believed when the log's own key signed it, in its one spelling."""

from itertools import count

import pytest

from gateway.audit.checkpoint import (
    InvalidCheckpoint,
    TrustedLog,
    check_origin,
    checkpoint_text,
    parse_checkpoint_text,
    sign_checkpoint,
)
from gateway.crypto.keys import generate_log_key
from gateway.crypto.merkle import EMPTY_ROOT
from gateway.crypto.signed_note import InvalidNote, NoteKey, NoteSigner

ORIGIN = "gw.example/audit/2027a"
ROOT = bytes(range(32))
TEXT = checkpoint_text(ORIGIN, 70_000, ROOT)
SIGNER = NoteSigner(ORIGIN, generate_log_key())
LOG = TrustedLog(ORIGIN, (SIGNER.key,))


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "https://gw.example/audit",
        "gw.example/audit/",
        "/audit",
        "gw example",
        "gw.example/a+b",
        "GW.example",
        "gw.example/\u2014 x",
        "gw.example/あおば",
        "gw.example\nx",
        "gw.example//a",
        "gw.example/" + "a" * 61,
    ],
    ids=count(),
)
def test_origin_in_another_form_is_refused(origin: str) -> None:
    with pytest.raises(InvalidCheckpoint):
        check_origin(origin)


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-1],
        TEXT + "\n",
        TEXT + "extension\n",
        TEXT.replace("70000", "070000"),
        TEXT.replace("70000", "+70000"),
        TEXT.replace("70000", "-1"),
        TEXT.replace("70000", "7e4"),
        TEXT.replace("70000", "７００００"),
        TEXT.replace("70000", "9007199254740992"),
        TEXT.replace("70000", ""),
        TEXT.replace("70000", "0"),
        TEXT.replace(ORIGIN + "\n", ""),
        TEXT.replace("=\n", "\n"),
        TEXT.replace("AAECAw", "AAECA"),
        "\n".join(TEXT.split("\n")[:2]) + "\n",
        TEXT.replace("\n", "\r\n"),
    ],
    ids=count(),
)
def test_checkpoint_text_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(InvalidCheckpoint):
        parse_checkpoint_text(text)


@pytest.mark.parametrize(
    ("size", "root"), [(-1, ROOT), (1, ROOT[:31]), (0, ROOT), (2**53, ROOT)], ids=count()
)
def test_head_that_cannot_be_is_not_signed(size: int, root: bytes) -> None:
    with pytest.raises(InvalidCheckpoint):
        sign_checkpoint(ORIGIN, size, root, SIGNER)


def test_head_of_another_log_is_refused() -> None:
    other = NoteSigner("gw.example/audit/2028a", generate_log_key())

    with pytest.raises(InvalidCheckpoint):
        sign_checkpoint(ORIGIN, 1, ROOT, other)
    with pytest.raises(InvalidCheckpoint):
        LOG.open(SIGNER.sign(checkpoint_text("gw.example/audit/2028a", 1, ROOT)))
    with pytest.raises(InvalidNote):
        LOG.open(sign_checkpoint("gw.example/audit/2028a", 1, ROOT, other).note)


def test_text_signed_by_the_log_that_is_no_head_is_refused() -> None:
    for text in (f"{ORIGIN}\n", TEXT + "extension\n", "\n" + TEXT):
        with pytest.raises(InvalidCheckpoint):
            LOG.open(SIGNER.sign(text))


def test_cosignature_alone_is_refused() -> None:
    """A witness says what it saw; only the log says what it is."""
    with pytest.raises(InvalidNote):
        LOG.open(f"{TEXT}\n{SIGNER.cosign(TEXT, 1)}")


def test_log_whose_keys_bear_another_name_is_refused() -> None:
    with pytest.raises(InvalidCheckpoint):
        TrustedLog(ORIGIN, ())
    with pytest.raises(InvalidCheckpoint):
        TrustedLog(ORIGIN, (SIGNER.key, NoteKey("gw.example/other", SIGNER.key.public)))
    with pytest.raises(InvalidCheckpoint):
        TrustedLog(ORIGIN, (SIGNER.cosigner,))
    with pytest.raises(InvalidCheckpoint):
        TrustedLog.of([])


def test_head_of_the_log_is_read_with_old_and_new_key() -> None:
    """While a key is being replaced each head bears both signatures; each verifier needs one."""
    new = NoteSigner(ORIGIN, generate_log_key())
    note = sign_checkpoint(ORIGIN, 70_000, ROOT, SIGNER).note + new.sign(TEXT).split("\n\n")[1]

    for keys in ((SIGNER.key,), (new.key,), (SIGNER.key, new.key)):
        head = TrustedLog(ORIGIN, keys).open(note)
        assert (70_000, ROOT, note) == (head.size, head.root, head.note)


def test_head_of_the_empty_log_is_read() -> None:
    note = sign_checkpoint(ORIGIN, 0, EMPTY_ROOT, SIGNER).note

    assert 0 == TrustedLog.of([SIGNER.key.to_text()]).open(note).size
