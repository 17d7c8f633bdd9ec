"""Trust policies: which are refused and where, and which cosignatures are a quorum."""

from itertools import combinations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import InvalidCheckpoint, checkpoint_text
from gateway.audit.witness_policy import NotWitnessed, PolicyRefused, WitnessPolicy
from gateway.crypto.merkle import leaf_hash, tree_root
from gateway.crypto.signed_note import InvalidNote, NoteSigner


def signer(name: str, seed: int) -> NoteSigner:
    return NoteSigner(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


LOG = signer("gw.aoba.example/audit/main", 1)
W = {f"m{i}": signer(f"w.m{i}.example/2027", 10 + i) for i in range(1, 6)}
VKEY = {name: one.cosigner.to_text() for name, one in W.items()}
LINES = "".join(f"witness {name} {vkey}\n" for name, vkey in VKEY.items())
TEXT = checkpoint_text(LOG.key.name, 1, tree_root([leaf_hash(b"x")]))
HEAD = LOG.sign(TEXT)


def parsed(text: str) -> WitnessPolicy:
    return WitnessPolicy.parse(text.encode())


def head(*names: str) -> str:
    return HEAD + "".join(W[name].cosign(TEXT, 1_800_000_000) for name in names)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 0, "no quorum"),
        ("# nothing\n", 0, "no quorum"),
        (LINES, 0, "no quorum"),
        ("quorum none", 1, "newline"),
        ("quorum none\n\x00\n", 2, "control"),
        ("quorum none\r\n", 1, "control"),
        ("quorum\n", 1, "expected: quorum"),
        ("quorum none none\n", 1, "expected: quorum"),
        ("quorum none\nquorum none\n", 2, "second quorum"),
        ("quorum m1\n" + LINES, 1, "not defined"),
        ("quorum x\n", 1, "not defined"),
        ("Quorum none\n", 1, "neither"),
        ("threshold 3\n", 1, "neither"),
        ("log\n", 1, "expected: log"),
        (f"log {LOG.key.to_text()} https://a.example x\n", 1, "expected: log"),
        ("log x\n", 1, "not a log's key"),
        (f"log {VKEY['m1']}\n", 1, "not a log's key"),
        (f"log {LOG.key.to_text()}\n\nlog {LOG.key.to_text()}\n", 3, "another log line"),
        (
            f"log {LOG.key.to_text()}\nlog {signer('gw.other.example/a', 1).key.to_text()}\n",
            2,
            "another log line",
        ),
        ("witness\n", 1, "expected: witness"),
        ("witness m1\n", 1, "expected: witness"),
        (f"witness m1 {VKEY['m1']} https://a.example x\n", 1, "expected: witness"),
        (f"witness m1 {LOG.key.to_text()}\n", 1, "not a witness's key"),
        (f"witness m1 {VKEY['m1'][:-2]}==\n", 1, "not a witness's key"),
        (f"witness none {VKEY['m1']}\n", 1, "none"),
        (f"{LINES}witness m1 {signer('w', 99).cosigner.to_text()}\n", 6, "defined already"),
        (f"{LINES}witness x {VKEY['m2']}\n", 6, "another witness line"),
        (f"{LINES}witness x {signer('y', 12).cosigner.to_text()}\n", 6, "another witness line"),
        (f"witness m1 {VKEY['m1']} http://a.example\n", 1, "https"),
        (f"witness m1 {VKEY['m1']} file:///etc/passwd\n", 1, "https"),
        (f"witness m1 {VKEY['m1']} https://user@a.example\n", 1, "https"),
        (f"{LINES}group g 1\n", 6, "expected: group"),
        (f"{LINES}group g\n", 6, "expected: group"),
        (f"{LINES}group g 0 m1\n", 6, "threshold"),
        (f"{LINES}group g 2 m1\n", 6, "1 to 1"),
        (f"{LINES}group g 01 m1\n", 6, "threshold"),
        (f"{LINES}group g -1 m1\n", 6, "threshold"),
        (f"{LINES}group g most m1 m2\n", 6, "threshold"),
        (f"{LINES}group g any none\n", 6, "not defined"),
        (f"{LINES}group g any g\n", 6, "not defined"),
        (f"{LINES}group g any h\ngroup h any g\n", 6, "not defined"),
        (f"{LINES}group m1 any m2\n", 6, "defined already"),
        (f"{LINES}group none any m2\n", 6, "none"),
        (f"{LINES}group g any m1 m1\n", 6, "of a group already"),
        (f"{LINES}group g any m1\ngroup h any m1 m2\n", 7, "of a group already"),
        (f"{LINES}quorum g\ngroup g any m1\n", 6, "not defined"),
    ],
)
def test_policy_that_cannot_be_used_is_refused_with_its_line(
    text: str, line: int, reason: str
) -> None:
    with pytest.raises(PolicyRefused, match=reason) as refused:
        parsed(text)
    assert refused.value.line == line


def test_policy_that_is_too_long_is_refused() -> None:
    with pytest.raises(PolicyRefused):
        WitnessPolicy.parse(b"#" * 70_000 + b"\nquorum none\n")


def test_names_that_look_alike_are_not_the_same() -> None:
    """A Kelvin sign is no K: names are octets."""
    text = f"witness K {VKEY['m1']}\nwitness \u212a {VKEY['m2']}\nquorum \u212a\n"
    (counting,) = parsed(text).counting
    assert counting != "K"


def test_policy_may_be_written_with_tabs_and_comments() -> None:
    text = f"\t# 見守る機関\n \n\twitness \t m1 {VKEY['m1']}  \nquorum\tm1\n"
    assert parsed(text).quorum == "m1"


# --- the quorum ------------------------------------------------------------------------------

MEMBERS = f"{LINES}group members 4 m1 m2 m3 m4 m5\nquorum members\n"


@pytest.mark.parametrize("count", range(6))
def test_quorum_of_four_of_five_is_met_by_any_four(count: int) -> None:
    policy = parsed(MEMBERS)
    for names in combinations(W, count):
        verdict = policy.check(head(*names))
        assert verdict.satisfied == (count >= 4)
        assert (verdict.cosigned, set(verdict.missing)) == (set(names), set(W) - set(names))


@pytest.mark.parametrize(
    ("names", "satisfied"),
    [("", False), ("m1 m2", False), ("m4", False), ("m1 m4", False), ("m1 m3 m5", True)],
)
def test_quorum_of_groups_needs_each_of_them(names: str, satisfied: bool) -> None:  # noqa: FBT001 - a table
    policy = parsed(
        f"{LINES}group members 2 m1 m2 m3\ngroup others any m4 m5\n"
        "group final all members others\nquorum final\n"
    )
    assert policy.check(head(*names.split())).satisfied == satisfied


def test_quorum_of_one_witness_is_met_by_no_other() -> None:
    policy = parsed(f"{LINES}quorum m2\n")
    assert policy.counting == ("m2",)
    assert not policy.check(head("m1", "m3", "m4", "m5")).satisfied
    assert policy.check(head("m2")).satisfied


def test_quorum_none_is_met_by_a_bare_head() -> None:
    assert parsed("quorum none\n").check(HEAD).satisfied


def test_cosignature_of_a_stranger_counts_for_nothing() -> None:
    stranger = signer("w.m1.example/2027", 77)
    note = HEAD + stranger.cosign(TEXT, 1) + W["m1"].sign(TEXT).partition("\n\n")[2]
    assert parsed(MEMBERS).check(note).cosigned == frozenset()


def test_cosignature_given_twice_counts_once() -> None:
    assert not parsed(MEMBERS).check(head("m1", "m1", "m2", "m3")).satisfied


def test_cosignature_of_another_head_is_refused() -> None:
    other = checkpoint_text(LOG.key.name, 2, tree_root([leaf_hash(b"x")] * 2))
    with pytest.raises(InvalidNote):
        parsed(MEMBERS).check(HEAD + W["m1"].cosign(other, 1))


def test_old_head_is_verified_by_log_and_quorum() -> None:
    policy = parsed(f"log {LOG.key.to_text()} https://gw.aoba.example\n{MEMBERS}")
    assert policy.open(head("m1", "m2", "m3", "m5")).size == 1
    with pytest.raises(NotWitnessed) as refused:
        policy.open(head("m1", "m2", "m3"))
    assert refused.value.missing == ("m4", "m5")


def test_head_of_a_log_that_the_policy_does_not_name_is_refused() -> None:
    with pytest.raises(InvalidCheckpoint):
        parsed(MEMBERS).open(head(*W))
    other = signer(LOG.key.name, 2).key.to_text()
    with pytest.raises(InvalidNote):
        parsed(f"log {other}\n{MEMBERS}").open(head(*W))
