"""What is written into rules and tables is refused, by file and line, when it cannot be."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.policy.bundle import PolicyBundle, build_bundle, read_bundle
from gateway.policy.cases import read_cases
from gateway.policy.gates import is_citation
from gateway.policy.places import line_of
from gateway.policy.rejection import RevisionRejected
from tests.simulators.policy_inputs import POLICIES

STOP = "disclosure/stop/stop_my_number/stop_my_number.rego"
ROW = "disclosure/basis/consent_private/basis.json"


def rewritten(directory: Path, file: str, old: str, new: str) -> None:
    path = directory / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def member(directory: Path, file: str, change: Callable[[Any], None]) -> int:
    """Change a table and return the number of its lines."""
    path = directory / file
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    text = json.dumps(content, ensure_ascii=False, indent=2)
    path.write_text(text, encoding="utf-8")
    return text.count("\n") + 1


def findings(directory: Path) -> tuple[str, ...]:
    with pytest.raises(RevisionRejected) as rejected:
        build_bundle(directory)
    return rejected.value.findings


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("#   code: stop_my_number\n", "", "no METADATA with a code; it must be stop_my_number"),
        ("code: stop_my_number", "code: stop_other", "not the name of the directory"),
        ('effective_from: "2015-10-05"', 'effective_from: "5 Oct 2015"', "is not a day"),
        ('effective_from: "2015-10-05"', 'effective_from: "2015-13-05"', "is not a day"),
        ('#   effective_from: "2015-10-05"\n', "", "has no effective_from"),
        ("# title: No My Number passes\n", "", "has no title"),
        ('19条・20条"', 'のどこか"', "cites no law and no article"),
        ("lawful_alternatives: [reduce_fields]", "lawful_alternatives: [pray]", "pray is no alter"),
        ("[reduce_fields]", "[none, reduce_fields]", "none stands alone"),
        ("My Number", "未記入", "title_en is not filled in"),
    ],
)
def test_metadata_of_a_rule_that_says_less_or_nonsense_is_refused_by_line(
    policies_copy: Path, old: str, new: str, what: str
) -> None:
    text = (policies_copy / STOP).read_text(encoding="utf-8")
    at = text.index(f'"{old}"') if f'"{old}"' in text else text.index(old)
    (policies_copy / STOP).write_text(text[:at] + text[at:].replace(old, new, 1), encoding="utf-8")

    found = findings(policies_copy)

    assert any(f.startswith(f"{STOP}:") and what in f for f in found), found


def test_rule_without_metadata_is_refused_by_file(policies_copy: Path) -> None:
    path = policies_copy / STOP
    kept = [s for s in path.read_text(encoding="utf-8").splitlines() if not s.startswith("#")]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")

    assert any(
        f.startswith(f"{STOP}:1: the package has no METADATA") for f in findings(policies_copy)
    )


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("purposes", ["refer", "tax_collection_"], "purposes names tax_collection_"),
        ("obligations", ["no_onward", "sing"], "obligations names sing"),
        ("classes", ["IDN", "XYZ"], '"XYZ" is not one of'),
        ("verified_on", "2005-03-31", "verified before it was in force"),
        ("repealed_on", "2005-04-01", "repealed before it was in force"),
        ("reviewed_by", "弁護士", "a reviewer and a day, or neither"),
        ("effective_on", "2005-02-31", "is not a day"),
        ("title_ja", "別の題", "title_ja is another in the METADATA"),
        ("source", "未記入", "source is not filled in"),
        (
            "advice",
            {
                "NO_BASIS": {
                    "next_step_ja": "祈る",
                    "next_step_en": "Pray",
                    "lawful_alternatives": ["pray"],
                }
            },
            "pray is no alternative",
        ),
    ],
)
def test_row_of_the_registry_that_cannot_be_is_refused_by_line(
    policies_copy: Path, name: str, value: object, what: str
) -> None:
    member(policies_copy, ROW, lambda row: row.update({name: value}))
    lines = (policies_copy / ROW).read_text(encoding="utf-8").splitlines()
    first = next(n for n, text in enumerate(lines, 1) if text.startswith(f'  "{name}"'))

    found = [f for f in findings(policies_copy) if what in f]

    assert found, findings(policies_copy)
    assert found[0].startswith(f"{ROW}:")
    assert first <= int(found[0].split(":")[1]) <= first + len(json.dumps(value))


def test_profile_with_an_unknown_field_is_refused_by_line(policies_copy: Path) -> None:
    file = "data/profiles/data.json"
    lines = member(
        policies_copy, file, lambda t: t["food_delivery"]["fields"].append("subject.shoe_size")
    )

    found = [f for f in findings(policies_copy) if "subject.shoe_size" in f]

    assert found
    assert all(f.startswith(f"{file}:") and 1 < int(f.split(":")[1]) < lines for f in found)


@pytest.mark.parametrize("content", ["{}", "null", "[]", "", "{", '"packs"', "\ufeff{}"])
@pytest.mark.parametrize("table", ["reasons", "obligations", "purposes", "alternatives"])
def test_table_that_holds_nothing_is_refused_by_file(
    policies_copy: Path, table: str, content: str
) -> None:
    (policies_copy / f"data/{table}/data.json").write_text(content, encoding="utf-8")

    assert any(table in f for f in findings(policies_copy))


# One of each kind; of files that rules bring with them, those of one rule.
FILES = sorted(
    file
    for file in (p.relative_to(POLICIES).as_posix() for p in POLICIES.rglob("*.json"))
    if not file.startswith(("disclosure/", "data/packs/", "lib/"))
    or "consent_private" in file
    or file.startswith(("disclosure/basis/schema", "data/packs/default", "data/packs/schema"))
)


@pytest.mark.parametrize("file", FILES)
def test_file_that_holds_something_else_is_refused_and_never_an_error(
    policies_copy: Path, file: str
) -> None:
    for content in ("null", "[]", "3", '"x"', "[null]", '{"cases": [null]}', '{"cases": [{}]}'):
        (policies_copy / file).write_text(content, encoding="utf-8")

        with pytest.raises(RevisionRejected) as rejected:
            _ = (build_bundle(policies_copy), read_cases(policies_copy))

        assert any(file in finding for finding in rejected.value.findings)


@pytest.mark.parametrize("content", ["{}", "null", "[]", "", "{"])
def test_registry_row_that_holds_nothing_is_refused_by_file(
    policies_copy: Path, content: str
) -> None:
    (policies_copy / ROW).write_text(content, encoding="utf-8")

    assert all(f.startswith(f"{ROW}:") for f in findings(policies_copy))


def test_every_alternative_has_words_and_is_one_a_decision_may_name(bundle: PolicyBundle) -> None:
    schema = Path(__file__).resolve().parents[3] / "schemas/policy-decision.json"
    reasons = json.loads(schema.read_text(encoding="utf-8"))["properties"]["reasons"]
    named = reasons["items"]["properties"]["lawful_alternatives"]["items"]["enum"]

    assert set(named) == set(bundle.data["alternatives"])


def test_every_reason_has_an_alternative_or_exactly_none(bundle: PolicyBundle) -> None:
    for code, text in bundle.data["meta"]["reasons"].items():
        chosen = text["lawful_alternatives"]
        assert chosen, code
        assert "none" not in chosen or chosen == ["none"], code
        assert set(chosen) <= set(bundle.data["alternatives"]), code


@pytest.mark.parametrize(
    ("article", "is_one"),
    [
        ("個人情報の保護に関する法律27条1項柱書", True),
        ("社会福祉法106条の6第2項・第3項", True),
        (
            "行政手続における特定の個人を識別するための番号の利用等に関する法律(平成25年法律第27号)19条",
            True,
        ),
        ("鳥取県温もりのある支え愛社会づくり推進条例28条", True),
        ("運用規程(事後審査)", True),
        ("個人情報の保護に関する法律", False),
        ("27条", False),
        ("法の趣旨", False),
        ("", False),
        (None, False),
    ],
)
def test_citation_names_a_law_and_its_article(article: object, is_one: bool) -> None:  # noqa: FBT001 - a case
    assert is_citation(article) is is_one


def test_bundle_read_back_is_the_one_that_was_built(bundle: PolicyBundle) -> None:
    assert bundle == read_bundle(bundle.archive)


@pytest.mark.parametrize("archive", [b"", b"{}", b"null", b"\x1f\x8b\x08\x00"], ids=repr)
def test_archive_that_is_no_bundle_is_refused(archive: bytes) -> None:
    with pytest.raises(RevisionRejected, match="not a policy bundle"):
        read_bundle(archive)


def test_archive_of_another_revision_than_it_names_is_refused(
    bundle: PolicyBundle, policies_copy: Path
) -> None:
    """The digest is the revision's name and its seal: nobody can change what it stands for."""
    rewritten(policies_copy, "lib/time/time.rego", "at < end", "at <= end")
    other = build_bundle(policies_copy)
    forged = _renamed(other.archive, other.revision, bundle.revision)

    with pytest.raises(RevisionRejected, match="does not hold the revision it names"):
        read_bundle(forged)


def test_archive_of_a_revision_that_was_not_asked_for_is_refused(bundle: PolicyBundle) -> None:
    """An archive kept under a digest that is not its own says nothing of the past."""
    with pytest.raises(RevisionRejected, match="and not sha256:other"):
        read_bundle(bundle.archive, revision="sha256:other")
    assert bundle == read_bundle(bundle.archive, revision=bundle.revision)


def test_line_of_a_member_and_of_what_is_not_there() -> None:
    text = '{\n "a": {\n  "b": [\n   "x",\n   {"c": 1}\n  ]\n }\n}\n'

    assert 1 == line_of(text)
    assert 2 == line_of(text, "a")
    assert 3 == line_of(text, "a", "b")
    assert 4 == line_of(text, "a", "b", "x") == line_of(text, "a", "b", "0")
    assert 5 == line_of(text, "a", "b", "1", "c")
    assert 3 == line_of(text, "a", "b", "lost")
    with pytest.raises(ValueError, match="Expecting"):
        line_of("{")


def _renamed(archive: bytes, old: str, new: str) -> bytes:
    return gzip.compress(gzip.decompress(archive).replace(old.encode(), new.encode()))
