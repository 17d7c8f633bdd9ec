"""Two linked handles become one person: every fact, key and row of one goes to the other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, cast

import orjson

from gateway.domain.ids import Millis, TenantId
from gateway.domain.log import FactVersion, JSONValue, MergePersons
from gateway.domain.records import person_key
from gateway.storage import statements as sql
from gateway.storage.steps import STALE, Step, Value, fact_text, next_version

__all__ = ["Fetch", "merge_steps"]

Fetch: TypeAlias = Callable[[str, Sequence[Value]], list[tuple[Any, ...]]]


def merge_steps(fetch: Fetch, tenant: TenantId, merge: MergePersons, now: Millis) -> Iterator[Step]:
    """
    Yield the steps that make ``absorbed`` and ``kept`` one person.

    Every fact that names ``absorbed`` anywhere gets a new version that names ``kept``, so
    that policy, which compares persons by id, cannot overlook a flag or a counterpart.
    Afterwards nothing can be put under the absorbed person's key.

    Args:
        fetch: Reads in the writer's transaction.
        tenant: Whose registers.
        merge: The two persons.
        now: When it happens.
    """
    named = orjson.dumps(merge.absorbed).decode()
    for kind, id_, version, text in sorted(fetch(sql.SELECT_FACTS_NAMING, (tenant, named))):
        fact = _renamed(orjson.loads(text), merge)
        renamed = fact_text(cast("Mapping[str, JSONValue]", fact))
        yield from next_version(tenant, FactVersion(kind, id_, version), renamed, now)
    old_key, new_key = person_key(merge.absorbed), person_key(merge.kept)
    yield Step(sql.CLOSE_KEY, (tenant, old_key), 1, STALE)
    yield Step(sql.RAISE_EPOCH, (tenant, new_key), 1, STALE)
    for kind, id_ in sorted(fetch(sql.SELECT_KEYS_OF_PERSON, (tenant, old_key))):
        yield Step(sql.INSERT_KEY, (tenant, new_key, kind, id_))
    yield Step(sql.DROP_PERSON, (tenant, old_key))
    for statement in sql.merge_row_persons():
        yield Step(statement, (merge.kept, tenant, merge.absorbed))


def _renamed(value: JSONValue, merge: MergePersons) -> JSONValue:
    if value == merge.absorbed:
        return merge.kept
    if isinstance(value, Mapping):
        return {name: _renamed(member, merge) for name, member in value.items()}
    if isinstance(value, list):
        members = [_renamed(member, merge) for member in value]
        # A list of persons holds each once; two who became one must not stand there twice.
        return list(dict.fromkeys(members)) if merge.absorbed in value else members
    return value
