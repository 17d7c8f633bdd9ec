"""The log as anybody may read it: tiles, bundles, proofs, growth; and what is not there."""

import gzip
import json
from pathlib import Path
from typing import Final

import pytest

from gateway.audit.checkpoint import TrustedLog
from gateway.audit.export import export_log
from gateway.audit.fsck import fsck
from gateway.audit.proof_file import ProofFile
from gateway.audit.verify import verify_entry_proof, verify_growth
from gateway.crypto.encoding import unb64
from gateway.crypto.merkle import inclusion_proof, leaf_hash, verify_inclusion
from gateway.crypto.tiles import TILE_WIDTH, Tile, TileHashes, decode_bundle
from tests.simulators.member import HIDAMARI, Cast

ABSENT: Final = "AAAAAAAAAAAAAAAAAAAAAA"


@pytest.mark.parametrize(
    "path",
    [
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/257",
        "0/000",
        "0/001",
        "64/000.p/1",
        "1/000.p/1",
        "0/0.p/1",
        "0/x000/000.p/1",
        "0/000.p/01",
        "-1/000.p/1",
        "entries/000",
        "entries/000.p/0",
        "../../v1/inbox",
        "%2e%2e/keys",
        "0/000.p/1/",
        "",
    ],
)
def test_tile_that_is_not_there_or_spelt_otherwise_is_not_found(cast: Cast, path: str) -> None:
    answer = cast.city.get(f"/audit/tile/{path}")

    assert (404, "not-found") == (answer.status, answer.problem)


@pytest.mark.parametrize("query", ["from=5&to=1", "from=0&to=9007199254740991"])
def test_growth_that_was_not_is_not_found(cast: Cast, query: str) -> None:
    answer = cast.city.get(f"/audit/consistency?{query}")

    assert (404, "not-found") == (answer.status, answer.problem)


@pytest.mark.parametrize("query", ["", "from=1", "from=-1&to=1", "from=1&to=9007199254740992"])
def test_growth_between_no_sizes_is_malformed(cast: Cast, query: str) -> None:
    answer = cast.city.get(f"/audit/consistency?{query}")

    assert (400, "malformed-request") == (answer.status, answer.problem)


def test_proof_of_an_absent_entry_is_not_found(cast: Cast) -> None:
    answer = cast.city.get(f"/audit/proof/{ABSENT}")

    assert (404, "not-found") == (answer.status, answer.problem)


def test_log_needs_no_token_and_is_not_cached_where_it_changes(cast: Cast) -> None:
    connection = cast.gateway.http()

    checkpoint = connection.send("GET", "/audit/checkpoint")
    tile = connection.send("GET", "/audit/tile/0/000.p/1")

    assert [200, 200] == [checkpoint.status, tile.status]
    assert "no-cache" == checkpoint.headers["cache-control"]
    assert "immutable" in tile.headers["cache-control"]


def test_everything_a_stranger_reads_leads_to_the_signed_head(cast: Cast, tmp_path: Path) -> None:
    """Bundles give the leaves, tiles the hashes, and both the root that the log has signed."""
    for number in range(3):
        cast.city.subject(f"case-for-the-log-{number}")
    note = cast.city.get("/audit/checkpoint").body.decode()
    head = cast.trusted.open(note)
    assert 0 < head.size < TILE_WIDTH

    def read(tile: Tile) -> bytes:
        return cast.city.get(f"/audit/{tile.path()}").body

    bundle = read(Tile(None, 0, head.size))
    leaves = list(decode_bundle(bundle, head.size))
    exported = export_log(tmp_path / "log", log=cast.trusted, checkpoint=note, leaves=leaves)
    fsck(tmp_path / "log", cast.trusted)
    hashes = TileHashes(head.size, read).hash_at
    for index, leaf in enumerate(leaves):
        proof = inclusion_proof(index, head.size, hashes)
        verify_inclusion(leaf_hash(leaf), index, head.size, proof, head.root)

    assert head == exported


def test_every_partial_tile_is_served(cast: Cast) -> None:
    size = _size(cast)
    whole = cast.city.get(f"/audit/tile/0/000.p/{size}").body

    for width in range(1, size):
        assert whole[: 32 * width] == cast.city.get(f"/audit/tile/0/000.p/{width}").body


def test_bundle_is_compressed_for_whoever_can_read_that(cast: Cast) -> None:
    size = _size(cast)
    plain = cast.city.get(f"/audit/tile/entries/000.p/{size}")
    packed = cast.city.get(f"/audit/tile/entries/000.p/{size}", Accept_Encoding="gzip")

    assert "content-encoding" not in plain.headers
    assert "gzip" == packed.headers["content-encoding"]
    assert plain.body == gzip.decompress(packed.body)


def test_entry_of_a_decision_is_proven_on_its_own(cast: Cast) -> None:
    subject, _ = cast.consented("case-proven")
    unit = cast.city.made("/v1/disclosures", cast.city.disclosure(subject, HIDAMARI))["units"][0]
    leaf = unit["evidence"]["leaf"]

    text = cast.shakyo.get(f"/audit/proof/{json.loads(leaf)['e']}").body.decode()

    proof = ProofFile.parse(text)
    verify_entry_proof(leaf.encode(), proof, cast.trusted)
    assert unit["log_index"] == proof.index


def test_growth_is_proven_between_two_heads(cast: Cast) -> None:
    old = cast.trusted.open(cast.city.get("/audit/checkpoint").body.decode())
    cast.city.subject("case-growth")
    note = cast.city.get("/audit/checkpoint").body.decode()
    new = cast.trusted.open(note)

    answer = cast.city.get(f"/audit/consistency?from={old.size}&to={new.size}").json()

    assert new.size > old.size
    verify_growth(old, note, tuple(unb64(h) for h in answer["hashes"]), cast.trusted)


def test_keys_shown_are_the_ones_known_from_elsewhere(cast: Cast) -> None:
    shown = cast.city.get("/audit/keys").body.decode().splitlines()
    about = cast.city.get("/.well-known/tasuki").json()

    assert cast.trusted == TrustedLog.of(shown)
    assert shown == about["log_vkeys"]
    assert (cast.trusted.origin, "aoba") == (about["log_origin"], about["tenant"])


def test_reading_an_entry_is_the_officers_and_is_recorded_first(cast: Cast) -> None:
    subject, _ = cast.consented("case-read")
    unit = cast.city.made("/v1/disclosures", cast.city.disclosure(subject, HIDAMARI))["units"][0]
    path = f"/audit/records/entries/{json.loads(unit['evidence']['leaf'])['e']}"

    refused = cast.hidamari.post(path, {"reason": "curious"})
    before = _size(cast)
    shown = cast.city.post(path, {"reason": "review"})

    assert (403, "agency-not-authorized") == (refused.status, refused.problem)
    assert (200, before) == (shown.status, shown.json()["read_index"])
    assert "permit" == shown.json()["body"]["outcome"]


def test_rules_are_served_with_their_digest_and_not_twice(cast: Cast) -> None:
    first = cast.city.get("/policies/bundle.tar.gz")
    etag = first.headers["etag"]

    again = cast.city.get("/policies/bundle.tar.gz", If_None_Match=f'"other", W/{etag}')
    ready = cast.city.get("/health/ready").json()

    assert (200, "application/gzip") == (first.status, first.headers["content-type"])
    assert (304, b"") == (again.status, again.body)
    assert f'"{ready["policy_revision"]}"' == etag


def test_page_of_every_problem_is_served(cast: Cast) -> None:
    problem = cast.city.get("/v1/disclosures/absent").json()
    path = problem["type"].removeprefix(cast.gateway.settings.origin)

    page = cast.city.get(path)

    assert (200, "text/html; charset=utf-8") == (page.status, page.headers["content-type"])
    assert "見つかりません" in page.body.decode()
    assert 404 == cast.city.get("/problems/unheard-of").status


def _size(cast: Cast) -> int:
    return cast.trusted.open(cast.city.get("/audit/checkpoint").body.decode()).size
