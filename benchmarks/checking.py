"""
Whether what was fast was also true: proofs of a sample, and the whole log from its leaves.

Everything is checked by what a member or an auditor has: the log's key, the answers, and the
public files of the log.
"""

from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from benchmarks.cast import RECIPIENT, SENDER
from benchmarks.servers import Tasuki, fetch
from gateway.audit.tile_builder import TileBuilder
from gateway.audit.verify import Evidence, decision_binding, verify_decision, verify_evidence
from gateway.crypto.commitment import Leaf
from gateway.crypto.tiles import TILE_WIDTH, Tile, decode_bundle
from gateway.domain.log import EntryType

__all__ = ["check_kept", "check_log"]


def check_kept(gateway: Tasuki, kept: list[dict[str, Any]]) -> int:
    """
    Verify decision and release of each disclosure that was kept; return how many proofs.

    Raises:
        IntegrityError: An answer is not what the log says.
    """
    for both in kept:
        disclosed, sent = both["disclosed"], both["sent"]
        unit = disclosed["units"][0]
        decision = Evidence.from_json(unit["evidence"])
        expected: Mapping[str, Any] = {
            "disclosure_id": disclosed["disclosure_id"],
            "sender_agency": SENDER,
            "recipient_agency": RECIPIENT,
            "field_ids": unit["fields_permitted"],
        }
        verify_decision(decision, gateway.log, expected=expected)
        decision_binding(decision, gateway=gateway.url)
        release = Evidence.from_json(sent["evidence"])
        verify_evidence(release, gateway.log, type_=EntryType.RELEASE)
        assert release.fields()["delivery_id"] == sent["delivery_id"]
    return 2 * len(kept)


def check_log(gateway: Tasuki) -> dict[str, int]:
    """
    Read the whole log as an auditor does and derive its root; return entries by type.

    Raises:
        IntegrityError: The signed head does not follow from the leaves.
    """
    head = gateway.log.open(fetch(f"{gateway.url}/audit/checkpoint").decode())
    builder, types = TileBuilder(), Counter[str]()
    for start in range(0, head.size, TILE_WIDTH):
        tile = Tile(None, start // TILE_WIDTH, min(TILE_WIDTH, head.size - start))
        leaves = decode_bundle(fetch(f"{gateway.url}/audit/{tile.path()}"), tile.width)
        types.update(Leaf.parse(leaf).type for leaf in leaves)
        builder.add([sha256(b"\x00" + leaf).digest() for leaf in leaves])
    builder.finish()
    assert builder.root() == head.root, "the leaves do not lead to the signed head"
    return {"entries": head.size, **dict(sorted(types.items()))}
