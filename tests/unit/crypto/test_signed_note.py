"""Notes as others write them are read; what nobody known signed is refused."""

from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.crypto.encoding import b64
from gateway.crypto.signed_note import COSIGNATURE, InvalidNote, Note, NoteKey, NoteSigner

TEXT = "gw.example/audit\n1\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n"
LOG = NoteSigner("gw.example/audit", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
WITNESS = NoteSigner("w.example/npo", Ed25519PrivateKey.from_private_bytes(bytes(32)))
NOTE = LOG.sign(TEXT)


def _verify(note: str, *keys: NoteKey) -> None:
    Note.parse(note).verify(keys or (LOG.key,))


@pytest.mark.parametrize(
    "note",
    [
        "",
        TEXT,
        TEXT + "\n",
        NOTE[:-1],
        NOTE.replace("\u2014", "-"),
        NOTE.replace("\u2014 ", "\u2014"),
        NOTE.replace("\n\n", "\n"),
        NOTE + "\n",
        NOTE + "trailing\n",
        NOTE.replace("1\n", "1\r\n", 1),
        NOTE.replace("1\n", "1\x1b[2J\n", 1),
        NOTE.replace("1\n", "1\0\n", 1),
        NOTE.replace("1\n", "1\ud800\n", 1),
        "\n\n" + NOTE.split("\n\n")[1],
        NOTE + "x" * 70_000 + "\n",
        TEXT + "\n" + NOTE.split("\n\n")[1] * 65,
        TEXT + "\n\u2014 gw.example/audit AAAA\n",
        TEXT + "\n\u2014 gw.example/audit not base64\n",
        TEXT + "\n\u2014 gw.example/audit " + b64(bytes(68)).rstrip("=") + "\n",
    ],
    ids=count(),
)
def test_note_in_another_form_is_refused(note: str) -> None:
    with pytest.raises(InvalidNote):
        _verify(note)


def test_note_of_an_unknown_key_is_refused() -> None:
    other = NoteSigner("gw.example/audit", Ed25519PrivateKey.generate())
    renamed = NoteKey("gw.example/other", LOG.key.public)

    for key in (other.key, renamed, LOG.cosigner, WITNESS.key):
        with pytest.raises(InvalidNote):
            _verify(NOTE, key)


@pytest.mark.parametrize("place", range(0, len(NOTE), 3))
def test_note_with_any_character_changed_is_refused(place: int) -> None:
    character = "A" if NOTE[place] != "A" else "B"

    with pytest.raises(InvalidNote):
        _verify(NOTE[:place] + character + NOTE[place + 1 :])


def test_note_with_a_bad_line_of_a_known_key_beside_a_good_one_is_refused() -> None:
    bad = f"\u2014 {LOG.key.name} {b64(LOG.key.key_id + bytes(64))}\n"

    for note in (NOTE + bad, f"{TEXT}\n{bad}{NOTE.split(chr(10) * 2)[1]}"):
        with pytest.raises(InvalidNote):
            _verify(note)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "gw.example/audit",
        LOG.key.to_text() + "\n",
        LOG.key.to_text().replace("+", " ", 1),
        "x" + LOG.key.to_text(),
        LOG.key.to_text().replace(LOG.key.key_id.hex(), "00000000"),
        LOG.key.to_text().replace(LOG.key.key_id.hex(), LOG.key.key_id.hex().upper() + "0"),
        NoteKey.parse(LOG.key.to_text()).to_text()[:-4],
        "a b+00000000+" + b64(b"\x01" + bytes(32)),
        "a+00000000+" + b64(b"\x02" + bytes(32)),
    ],
    ids=count(),
)
def test_vkey_in_another_form_is_refused(vkey: str) -> None:
    with pytest.raises(InvalidNote):
        NoteKey.parse(vkey)


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\u3000b", "あ", "a\nb", "\u2014", "a" * 256], ids=count()
)
def test_key_of_an_unfit_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidNote):
        NoteSigner(name, Ed25519PrivateKey.generate())


@pytest.mark.parametrize(
    "text",
    ["", "\n", "no newline", "a\x07\n", "a\r\n", "a\x7f\n", "\ud800\n"],
    ids=count(),
)
def test_signing_what_cannot_be_a_note_is_refused(text: str) -> None:
    with pytest.raises(InvalidNote):
        LOG.sign(text)


def test_note_with_lines_of_unknown_keys_is_accepted() -> None:
    unknown = "".join(
        f"\u2014 {LOG.key.name} {b64(bytes([i, 0, 0, 0]) + bytes(64))}\n" for i in range(16)
    )

    assert (LOG.key,) == Note.parse(NOTE + unknown).verify([LOG.key])


def test_note_text_may_hold_a_line_that_looks_like_a_signature() -> None:
    """A forged line in the text is text: signatures stand after the last empty line."""
    text = TEXT + "\n" + NOTE.split("\n\n")[1]

    note = WITNESS.sign(text)

    assert text == Note.parse(note).text
    with pytest.raises(InvalidNote):
        _verify(note, LOG.key)


def test_cosignature_says_when_and_does_not_stand_for_the_log() -> None:
    note = NOTE + WITNESS.cosign(TEXT, 1679315147)

    assert 1679315147 == Note.parse(note).cosigned_at(WITNESS.cosigner)
    assert (LOG.key, WITNESS.cosigner) == Note.parse(note).verify([LOG.key, WITNESS.cosigner])
    with pytest.raises(InvalidNote):
        Note.parse(NOTE).cosigned_at(WITNESS.cosigner)


def test_cosignature_moved_in_time_or_to_another_text_is_refused() -> None:
    line = WITNESS.cosign(TEXT, 1679315147)
    later = line.split(" ")[-1]
    moved = line.replace(later[:12], b64(WITNESS.cosigner.key_id + bytes(5))[:12])

    for note in (NOTE + moved, LOG.sign(TEXT.replace("\n1\n", "\n2\n")) + line):
        with pytest.raises(InvalidNote):
            _verify(note, LOG.key, WITNESS.cosigner)


def test_note_of_the_go_reference_verifies() -> None:
    """The published example of Go's note package (golang.org/x/mod/sumdb/note)."""
    key = NoteKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    line = (
        "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf"
        "qdngotpRZb6KE6RyyBwJnAM=\n"
    )

    assert (key,) == Note.parse(f"{text}\n{line}").verify([key])


def test_vkeys_of_one_key_differ_by_type() -> None:
    assert LOG.key.key_id != LOG.cosigner.key_id
    assert COSIGNATURE == NoteKey.parse(LOG.cosigner.to_text()).type


def test_cosignature_of_the_specification_is_read() -> None:
    """The example of C2SP tlog-cosignature: which line says what, and when it was made."""
    note = Note.parse(
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN"
        "7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9d"
        "lrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )

    name, key_id, signature = note.lines[1]

    assert ("witness.example.com/w1", "8d66cf3f") == (name, key_id.hex())
    assert (8 + 64, 1679315147) == (len(signature), int.from_bytes(signature[:8], "big"))


def test_cosigned_message_is_the_one_of_the_specification() -> None:
    """Header line, time line and the whole text are what is signed (C2SP tlog-cosignature)."""
    public = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    line = WITNESS.cosign(TEXT, 1679315147)

    _, _, signature = Note.parse(f"{TEXT}\n{line}").lines[0]

    public.verify(signature[8:], f"cosignature/v1\ntime 1679315147\n{TEXT}".encode())


@pytest.mark.parametrize("at", [-1, 2**63])
def test_cosignature_at_a_time_that_cannot_be_is_refused(at: int) -> None:
    with pytest.raises(InvalidNote):
        WITNESS.cosign(TEXT, at)


def test_cosignature_dated_beyond_the_specification_is_refused() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signed = private.sign(f"cosignature/v1\ntime {2**63}\n{TEXT}".encode())
    material = WITNESS.cosigner.key_id + (2**63).to_bytes(8, "big") + signed

    with pytest.raises(InvalidNote):
        _verify(f"{TEXT}\n\u2014 {WITNESS.cosigner.name} {b64(material)}\n", WITNESS.cosigner)


def test_signature_of_a_log_is_no_cosignature_and_the_other_way_round() -> None:
    """The same key signs both kinds; neither stands for the other."""
    plain = LOG.sign(TEXT).replace(b64(LOG.key.key_id)[:5], b64(LOG.cosigner.key_id)[:5])
    cosigned = f"{TEXT}\n{LOG.cosign(TEXT, 1)}"

    for note, key in ((plain, LOG.cosigner), (cosigned, LOG.key)):
        with pytest.raises(InvalidNote):
            _verify(note, key)
