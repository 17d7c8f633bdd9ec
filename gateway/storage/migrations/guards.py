"""
Guards of the append-only tables, as SQL for each database.

They are hygiene, not evidence: whoever owns the database can remove them. What cannot be
removed unnoticed is what the signer and the witnesses have seen. Still they stop mistakes,
injected SQL and the application's own role:

* no UPDATE, DELETE or TRUNCATE of an append-only row, and no ``INSERT OR REPLACE``;
* an entry takes the next index and no other, a head covers exactly the entries, the tip
  only grows;
* a body can be emptied whole or re-wrapped, never exchanged or removed, and its index of
  persons goes only once it is empty;
* on PostgreSQL a transaction that adds a head cannot commit without waiting for its disk.

A revision that is released never changes: later guards are new functions here.
"""

from collections.abc import Iterator

__all__ = [
    "append_only_guards",
    "postgres_erasure_guards",
    "postgres_guards",
    "sqlite_erasure_guards",
    "sqlite_guards",
]

# Table and its keys; a second key is another unique constraint that REPLACE could hit.
_APPEND_ONLY = {
    "log_entry": (("log_id", "seq"),),
    "log_head": (("log_id", "size"), ("log_id", "prev_size")),
    "log_checkpoint": (("log_id", "size"),),
    "log_tile": (("log_id", "level", "n"),),
    "register_fact_history": (("tenant_id", "kind", "id", "version"),),
}
_KEPT = {
    "log_body": (("log_id", "entry_id"), ("log_id", "seq")),
    "log_tip": (("log_id",),),
}
_NEXT_SEQ = "(SELECT coalesce(max(seq) + 1, 0) FROM log_entry WHERE log_id = NEW.log_id)"
_OTHER_BODY = (
    "NEW.log_id <> OLD.log_id OR NEW.entry_id <> OLD.entry_id OR NEW.seq <> OLD.seq"
    " OR NEW.retention <> OLD.retention"
    " OR (NEW.ciphertext IS NOT NULL AND NEW.ciphertext IS DISTINCT FROM OLD.ciphertext)"
    " OR (NEW.nonce IS NOT NULL AND NEW.nonce IS DISTINCT FROM OLD.nonce)"
    " OR (OLD.wrapped_key IS NULL AND NEW.wrapped_key IS NOT NULL)"
)
# Emptied in part, or an emptied one that says it is under another key.
_TORN_BODY = (
    "(NEW.wrapped_key IS NULL) <> (NEW.ciphertext IS NULL)"
    " OR (NEW.nonce IS NULL) <> (NEW.ciphertext IS NULL)"
    " OR (OLD.wrapped_key IS NULL AND NEW.kek_id IS DISTINCT FROM OLD.kek_id)"
)
_BODY_IS_THERE = (
    "EXISTS (SELECT 1 FROM log_body WHERE log_id = OLD.log_id AND entry_id = OLD.entry_id"
    " AND wrapped_key IS NOT NULL)"
)
_TIP_MOVES_WRONG = "NEW.log_id <> OLD.log_id OR NEW.size <= OLD.size"


def sqlite_guards() -> Iterator[str]:
    """Yield the triggers for SQLite."""
    for name, keys in _APPEND_ONLY.items():
        yield _sqlite_refuses(name, "update", "UPDATE")
        yield _sqlite_refuses(name, "delete", "DELETE")
        yield from _sqlite_refuses_replacing(name, keys)
    for name, keys in _KEPT.items():
        yield _sqlite_refuses(name, "delete", "DELETE")
        yield from _sqlite_refuses_replacing(name, keys)
    yield _sqlite_refuses("log_subject_ix", "update", "UPDATE")
    yield _sqlite_refuses("log_entry", "gap", "INSERT", f"NEW.seq <> {_NEXT_SEQ}")
    yield _sqlite_refuses("log_head", "covers", "INSERT", f"NEW.size <> {_NEXT_SEQ}")
    yield _sqlite_refuses("log_body", "exchange", "UPDATE", _OTHER_BODY)
    yield _sqlite_refuses("log_tip", "shrink", "UPDATE", _TIP_MOVES_WRONG)


def sqlite_erasure_guards() -> Iterator[str]:
    """Yield the triggers of revision 0004 for SQLite."""
    yield _sqlite_refuses("log_body", "tearing", "UPDATE", _TORN_BODY)
    yield _sqlite_refuses("log_subject_ix", "loss", "DELETE", _BODY_IS_THERE)


def append_only_guards(table: str, key: tuple[str, ...], dialect: str) -> Iterator[str]:
    """Yield the triggers of one further append-only table, after the first revision."""
    if dialect == "sqlite":
        yield _sqlite_refuses(table, "update", "UPDATE")
        yield _sqlite_refuses(table, "delete", "DELETE")
        yield from _sqlite_refuses_replacing(table, (key,))
    else:
        yield from _postgres_trigger(table, "append_only", "BEFORE UPDATE OR DELETE")
        yield from _postgres_trigger(table, "no_truncate", "BEFORE TRUNCATE", each="STATEMENT")


def _sqlite_refuses(table: str, name: str, event: str, when: str = "") -> str:
    condition = f" WHEN {when}" if when else ""
    return (
        f"CREATE TRIGGER {table}_no_{name} BEFORE {event} ON {table}{condition}"
        f" BEGIN SELECT RAISE(ABORT, '{table}: append only'); END"
    )


def _sqlite_refuses_replacing(table: str, keys: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    # REPLACE deletes silently when recursive triggers are off on somebody's connection.
    for number, key in enumerate(keys):
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - names above
        yield _sqlite_refuses(table, f"replace_{number}", "INSERT", taken)


def postgres_guards() -> Iterator[str]:
    """Yield functions and triggers for PostgreSQL."""
    yield (
        "CREATE FUNCTION tasuki_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION '%: append only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';"
        " END $$"
    )
    yield _postgres_check("tasuki_next_entry", f"NEW.seq <> {_NEXT_SEQ}")
    yield _postgres_check("tasuki_head_covers", f"NEW.size <> {_NEXT_SEQ}")
    yield _postgres_check("tasuki_same_body", _OTHER_BODY)
    yield _postgres_check("tasuki_tip_grows", _TIP_MOVES_WRONG)
    yield _postgres_check(
        "tasuki_waits_for_disk",
        "current_setting('synchronous_commit') NOT IN ('on', 'remote_write', 'remote_apply')",
    )
    for name in _APPEND_ONLY:
        yield from _postgres_trigger(name, "append_only", "BEFORE UPDATE OR DELETE")
    for name in _KEPT:
        yield from _postgres_trigger(name, "kept", "BEFORE DELETE")
    yield from _postgres_trigger("log_subject_ix", "kept", "BEFORE UPDATE")
    for name in (*_APPEND_ONLY, *_KEPT, "log_subject_ix"):
        yield from _postgres_trigger(name, "no_truncate", "BEFORE TRUNCATE", each="STATEMENT")
    yield from _postgres_trigger("log_entry", "next", "BEFORE INSERT", "tasuki_next_entry")
    yield from _postgres_trigger("log_head", "covers", "BEFORE INSERT", "tasuki_head_covers")
    yield from _postgres_trigger("log_body", "same", "BEFORE UPDATE", "tasuki_same_body")
    yield from _postgres_trigger("log_tip", "grows", "BEFORE UPDATE", "tasuki_tip_grows")
    yield (
        "CREATE CONSTRAINT TRIGGER log_head_durable AFTER INSERT ON log_head"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tasuki_waits_for_disk()"
    )
    yield "ALTER TABLE log_head ENABLE ALWAYS TRIGGER log_head_durable"


def postgres_erasure_guards() -> Iterator[str]:
    """Yield the functions and triggers of revision 0004 for PostgreSQL."""
    yield _postgres_check("tasuki_whole_body", _TORN_BODY)
    yield _postgres_check("tasuki_index_of_erased", _BODY_IS_THERE, then="OLD")
    yield from _postgres_trigger("log_body", "whole", "BEFORE UPDATE", "tasuki_whole_body")
    yield from _postgres_trigger(
        "log_subject_ix", "loss", "BEFORE DELETE", "tasuki_index_of_erased"
    )


def _postgres_check(function: str, refused_when: str, *, then: str = "NEW") -> str:
    return (
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {refused_when} THEN"
        " RAISE EXCEPTION '%: append only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';"
        f" END IF; RETURN {then}; END $$"
    )


def _postgres_trigger(
    table: str, name: str, event: str, function: str = "tasuki_refuse", *, each: str = "ROW"
) -> Iterator[str]:
    yield (
        f"CREATE TRIGGER {table}_{name} {event} ON {table}"
        f" FOR EACH {each} EXECUTE FUNCTION {function}()"
    )
    # Without ALWAYS, session_replication_role = replica would pass them by.
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}"
