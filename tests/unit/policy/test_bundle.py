"""A revision is deterministic, complete, and refused when something in it is not in order."""

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from gateway.policy.bundle import PolicyBundle, build_bundle
from gateway.policy.rejection import RevisionRejected
from gateway.policy.tables import instant_of_day
from tests.simulators.policy_inputs import POLICIES


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_build_of_a_table_against_its_schema_is_rejected(policies_copy: Path) -> None:
    edit(
        policies_copy / "disclosure/basis/entrustment/basis.json",
        '"verified": "text"',
        '"verified": "hearsay"',
    )

    with pytest.raises(RevisionRejected, match="hearsay"):
        build_bundle(policies_copy)


@pytest.mark.parametrize("lost", ["data/purposes/data.json", "data/packs/schema.json"])
def test_build_without_a_table_or_schema_is_rejected(policies_copy: Path, lost: str) -> None:
    (policies_copy / lost).unlink()

    with pytest.raises(RevisionRejected):
        build_bundle(policies_copy)


def test_build_with_a_code_owned_twice_is_rejected(policies_copy: Path) -> None:
    edit(policies_copy / "lib/harm/harm.rego", "code: IMPROPER_USE", "code: CONSENT_WITHDRAWN")

    with pytest.raises(RevisionRejected, match="CONSENT_WITHDRAWN is owned twice"):
        build_bundle(policies_copy)


def test_build_with_a_text_missing_is_rejected(policies_copy: Path) -> None:
    path = policies_copy / "lib/harm/harm.rego"
    kept = [s for s in path.read_text(encoding="utf-8").splitlines() if "next_step_ja" not in s]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")

    with pytest.raises(RevisionRejected, match="IMPROPER_USE has no next_step_ja"):
        build_bundle(policies_copy)


def test_build_twice_gives_the_same_bytes(bundle: PolicyBundle) -> None:
    again = build_bundle(POLICIES)

    assert bundle.archive == again.archive
    assert bundle.etag == again.etag


def test_build_after_a_change_has_another_revision(
    bundle: PolicyBundle, policies_copy: Path
) -> None:
    edit(policies_copy / "lib/time/time.rego", "at < end", "at <= end")

    assert bundle.revision != build_bundle(policies_copy).revision


def test_archive_is_a_bundle_without_tests_schemas_and_cases(bundle: PolicyBundle) -> None:
    plain = io.BytesIO(gzip.decompress(bundle.archive))
    with tarfile.open(fileobj=plain) as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile("/.manifest"))  # type: ignore[arg-type]
        modified = {m.mtime for m in tar.getmembers()}

    assert sorted(names) == names
    assert not [n for n in names if "test" in n or "checks" in n or "schema" in n]
    assert bundle.revision == manifest["revision"]
    assert {*bundle.data, "disclosure", "duty", "lib"} == set(manifest["roots"])
    assert {0} == modified


def test_day_begins_at_midnight_in_japan() -> None:
    assert 1_806_505_200_000 == instant_of_day("2027-04-01")


def test_tables_carry_instants_beside_their_days(bundle: PolicyBundle) -> None:
    row = bundle.data["basis"]["shien_kaigi_swa"]

    assert instant_of_day("2025-10-01") == row["verified_at"]
    assert row["repealed_at"] is None


def test_pack_unknown_is_none(bundle: PolicyBundle) -> None:
    assert bundle.pack("nowhere") is None
    assert not bundle.unreviewed("nowhere")


def test_unreviewed_bases_are_named(bundle: PolicyBundle) -> None:
    """Production refuses to enable what no lawyer has reviewed; the demo says so."""
    assert "shien_kaigi_swa" in bundle.unreviewed("tottori_city")
