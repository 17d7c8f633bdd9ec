"""A proof file has one spelling."""

from itertools import count

import pytest

from gateway.audit.proof_file import InvalidProofFile, ProofFile

PROOF = ProofFile(73_894, (bytes(32), bytes(range(32))), "note\n\n\u2014 log AAAA\n")
TEXT = PROOF.to_text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT.replace("@v1", "@v2"),
        TEXT.replace("index 73894", "index 073894"),
        TEXT.replace("index 73894", "index -1"),
        TEXT.replace("index 73894", "index  73894"),
        TEXT.replace("index 73894\n", ""),
        TEXT.replace("index 73894\n", "extra AAAA\nindex 73894\n"),
        TEXT.replace("index 73894", "index 9999999999999999"),
        TEXT.replace("AAECAw", "AAECA"),
        TEXT.replace("=\n", "\n"),
        TEXT.replace("\n\n", "\n"),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("index", "\nindex"),
        " " + TEXT,
        ProofFile(1, (bytes(32),) * 64, "n").to_text(),
        ProofFile(1, (bytes(31),), "n").to_text(),
        ProofFile(1, (), "n" * 70_000).to_text(),
    ],
    ids=count(),
)
def test_proof_file_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(InvalidProofFile):
        ProofFile.parse(text)


def test_proof_file_of_the_specification_is_written_so() -> None:
    expected = [
        "c2sp.org/tlog-proof@v1",
        "index 73894",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "",
        "note",
        "",
        "\u2014 log AAAA",
        "",
    ]

    assert expected == TEXT.split("\n")
    assert PROOF == ProofFile.parse(TEXT)
    assert ProofFile(0, (), "n") == ProofFile.parse(ProofFile(0, (), "n").to_text())
