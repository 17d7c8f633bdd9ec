"""
Named field sets against purposes and fields: none is missing and none too wide.

* Every purpose that is not forbidden has a field set, or nothing could ever be said to be
  needed for it.
* Below identified nobody is known, so a set for such a purpose holds only the classes that
  the purpose names.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.policy.rejection import RevisionRejected

__all__ = ["check_profiles", "purpose_fields"]


def check_profiles(
    profiles: Mapping[str, Any], purposes: Mapping[str, Any], records: Mapping[str, Any]
) -> None:
    """
    Check every named field set; that its fields and purposes exist was checked before.

    Raises:
        RevisionRejected: A set serves a forbidden purpose, holds a class that its purpose may
            not carry or a list whose rows are left whole; or a purpose has no set.
    """
    findings = [
        f"data/profiles/data.json: {id_}: {finding}"
        for id_, row in sorted(profiles.items())
        for finding in (*_of_fields(row, records), *_of_purposes(row, purposes, records))
    ]
    needed = purpose_fields(profiles, purposes, records)
    findings += [
        f"data/purposes/data.json: {id_}: no field set serves it"
        for id_, row in sorted(purposes.items())
        if not row["forbidden"] and not needed.get(id_)
    ]
    if findings:
        raise RevisionRejected(findings)


def purpose_fields(
    profiles: Mapping[str, Any], purposes: Mapping[str, Any], records: Mapping[str, Any]
) -> dict[str, dict[str, bool]]:
    """Return what each purpose needs where a request names no set: purpose to field ids."""
    whole = dict.fromkeys(sorted(records), True)
    found = {id_: dict(whole) for id_, row in purposes.items() if row["any_field"]}
    for profile in profiles.values():
        if not profile["named_only"]:
            for purpose in profile["purposes"]:
                found.setdefault(purpose, {}).update(dict.fromkeys(profile["fields"], True))
    return found


def _of_fields(profile: Mapping[str, Any], records: Mapping[str, Any]) -> Iterator[str]:
    for field in profile["fields"]:
        if records[field]["own_rows"] != profile["cut_rows"].get(field, ""):
            yield f"field {field} is not cut to the rows of the recipient"
    for field in sorted(set(profile["cut_rows"]) - set(profile["fields"])):
        yield f"field {field} is cut and not in the set"


def _of_purposes(
    profile: Mapping[str, Any], purposes: Mapping[str, Any], records: Mapping[str, Any]
) -> Iterator[str]:
    for id_ in profile["purposes"]:
        if purposes[id_]["forbidden"]:
            yield f"purpose {id_} is forbidden"
            continue
        may = purposes[id_]["classes"]
        for field in () if may is None else profile["fields"]:
            if not set(records[field]["classes"]) <= set(may):
                yield f"field {field} is of a class that purpose {id_} may not carry"
