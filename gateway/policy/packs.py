"""
Policy packs: what municipalities have chosen, completed when a bundle is built.

* A pack states what it changes: every other threshold is the default pack's.
* ``enable_all_from_on`` enables every basis that may be enabled, each from its law's day but
  not before that one, so that nobody edits the pack for a new basis.
* A report (``report`` in the registry) is enabled in every pack by law; no pack may say
  otherwise.
* Of a real municipality everything cites a row of the report that the pack lists, or ``law``.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from gateway.policy.rejection import RevisionRejected

__all__ = ["DEFAULT_PACK", "resolved_packs"]

DEFAULT_PACK: Final = "default"

_BY_LAW: Final = "law"
_KIND: Final = {
    "core_city": "core_city",
    "has_welfare_office": "has_welfare_office",
    "runs_juso_from_on": "runs_juso",
}


def resolved_packs(
    stated: Mapping[str, Mapping[str, Any]],
    basis: Mapping[str, Mapping[str, Any]],
    thresholds: Collection[str],
    conferences: Collection[str],
) -> dict[str, Any]:
    """
    Return every pack with all its thresholds and enabled bases.

    Args:
        stated: Pack id to what its file says, already checked against the schema.
        basis: The registry of legal bases.
        thresholds: Every threshold there is.
        conferences: The bases that are statutory or consent-based meetings.

    Raises:
        RevisionRejected: There is no default pack or it leaves a threshold out, or a pack
            enables, cites or maps what it may not; every finding names its pack.
    """
    default = stated.get(DEFAULT_PACK)
    if default is None:
        raise RevisionRejected([f"packs: there is no {DEFAULT_PACK}"])
    findings = [
        f"data/packs/{DEFAULT_PACK}/data.json: threshold {name} is missing"
        for name in sorted(set(thresholds) - set(default["thresholds"]))
    ]
    packs = {
        id_: {
            **pack,
            "bases": {**_enabled(pack, basis), **pack["bases"]},
            "thresholds": {**default["thresholds"], **pack["thresholds"]},
        }
        for id_, pack in sorted(stated.items())
    }
    for id_, pack in packs.items():
        found = (
            *_of_bases(stated[id_], basis),
            *_of_bodies(pack, basis, conferences),
            *_of_rows(stated[id_]),
            *_of_days(pack),
        )
        findings += [f"data/packs/{id_}/data.json: {finding}" for finding in found]
    if findings:
        raise RevisionRejected(findings)
    return packs


def _enabled(
    pack: Mapping[str, Any], basis: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return the bases that are enabled without being named: reports, and all where it says so."""
    first = pack["enable_all_from_on"]
    rows: dict[str, dict[str, Any]] = {}
    for id_, row in sorted(basis.items()):
        if _barred(row):
            continue
        if row.get("report"):
            rows[id_] = _choice(row["effective_on"], _BY_LAW)
        elif first is not None:
            rows[id_] = _choice(max(row["effective_on"], first), "")
    return rows


def _choice(enabled_on: str, row: str) -> dict[str, Any]:
    return {"enabled_on": enabled_on, "disabled_on": None, "row": row}


def _barred(row: Mapping[str, Any]) -> str:
    """Return why no pack may enable a basis, or an empty text."""
    if row.get("never"):
        return "is never a ground"
    reason: str | None = row.get("disabled_reason_ja")
    return "" if reason is None else f"may not be enabled: {reason}"


def _of_bases(pack: Mapping[str, Any], basis: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for id_, choice in sorted(pack["bases"].items()):
        row = basis.get(id_)
        if row is None:
            yield f"basis {id_} is unknown"
            continue
        if barred := _barred(row):
            yield f"basis {id_} {barred}"
        if row.get("report"):
            yield f"basis {id_} is enabled by law and is no choice of a pack"
        if choice["enabled_on"] < row["effective_on"]:
            yield f"basis {id_} is enabled before its law's day {row['effective_on']}"


def _of_bodies(
    pack: Mapping[str, Any],
    basis: Mapping[str, Mapping[str, Any]],
    conferences: Collection[str],
) -> Iterator[str]:
    for body in pack["local_bodies"]:
        name, id_ = body["name_ja"], body["basis"]
        if body["rule_seen"] and not body["founding_rule"]:
            yield f"local body {name} names no founding rule that could have been seen"
        if id_ is None:
            continue
        row = basis.get(id_)
        if row is None:
            yield f"local body {name} maps to basis {id_}, which is unknown"
        elif id_ not in conferences:
            yield f"local body {name} maps to basis {id_}, which is no conference"
        elif id_ not in pack["bases"]:
            yield f"local body {name} maps to basis {id_}, which the pack does not enable"
        elif body["from_on"] is not None and body["from_on"] < row["effective_on"]:
            yield f"local body {name} is older than basis {id_}"
        if body["trial"]:
            yield f"local body {name} is a trial, which has no basis"


def _of_rows(pack: Mapping[str, Any]) -> Iterator[str]:
    for what, row in _cited(pack):
        if not row and pack["municipality_ja"]:
            yield f"{what} cites no row"
        elif row and row not in {_BY_LAW, *pack["rows"]}:
            yield f"{what} cites row {row}, which the pack does not list"


def _cited(pack: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from ((f"basis {id_}", row["row"]) for id_, row in sorted(pack["bases"].items()))
    yield from ((f"local body {row['name_ja']}", row["row"]) for row in pack["local_bodies"])
    yield from ((f"ordinance {row['title_ja']}", row["row"]) for row in pack["ordinances"])
    kind, rows = pack["municipality"], pack["municipality"]["rows"]
    # What nobody knows cites nothing.
    yield from ((m, rows[r]) for m, r in _KIND.items() if kind[m] is not None)
    for point in pack["unverified"]:
        # A point about the pack as a whole is about no row.
        yield f"unverified {point['what_ja']}", point["row"].replace("-", _BY_LAW)


def _of_days(pack: Mapping[str, Any]) -> Iterator[str]:
    spans = [
        *((f"basis {i}", r["enabled_on"], r["disabled_on"]) for i, r in pack["bases"].items()),
        *((r["name_ja"], r["from_on"], r["to_on"]) for r in pack["local_bodies"]),
        *((r["title_ja"], r["from_on"], r["to_on"]) for r in pack["ordinances"]),
        *(
            (f"age {r['age']}", r["from_on"], r["to_on"])
            for r in pack["thresholds"].get("minor_consent_age", ())
        ),
    ]
    for what, start, end in spans:
        if start is not None and end is not None and end <= start:
            yield f"{what} ends before it begins"
