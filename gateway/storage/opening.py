"""
What must hold before a log is written to: the database and the signer tell one story.

* The tip is the newest head, covers exactly the entries, and its root is recomputed from
  the stored leaves of the right edge and the full tiles beside them.
* The signer has signed nothing that the database does not hold. If it has, acknowledged
  entries are lost and the log is dead; it is never continued from a backup.
* The signer remembers every head that the database holds a copy of. If not, its state was
  restored or lost, and whoever did that could have it sign a second history.
* Tiles are derived: a missing one is made again.
"""

from collections.abc import Iterator
from itertools import count
from typing import Final

from gateway.crypto.merkle import leaf_hash
from gateway.crypto.tiles import TILE_WIDTH
from gateway.domain.errors import IntegrityError
from gateway.domain.ids import LogId, Millis
from gateway.ports.log import Checkpoint, Signer
from gateway.storage import statements as sql
from gateway.storage.session import WriteSession
from gateway.storage.steps import Step
from gateway.storage.tree import (
    Tree,
    reduce_tile,
    split_hashes,
    tree_from_edge,
)

__all__ = ["begin_log", "check_signed", "load_tree", "sign_backlog"]

_BACKLOG: Final = 65_536  # leaves handed to the signer at a time


def begin_log(session: WriteSession, log_id: LogId, signer: Signer, now: Millis) -> None:
    """
    Create an empty log unless there is one.

    Raises:
        IntegrityError: The signer has signed for this log, but the database lost it.
    """
    if session.fetch(sql.SELECT_TIP, (log_id,)):
        return
    if signer.last() is not None:
        raise IntegrityError("the signer knows a log that the database has lost")
    empty = Tree()
    session.begin()
    session.run(
        [
            Step(sql.INSERT_HEAD, (log_id, 0, None, empty.root, b"", 0, now), 1),
            Step(sql.INSERT_TIP, (log_id, 0, empty.root, b""), 1),
        ]
    )
    session.commit()


def load_tree(session: WriteSession, log_id: LogId) -> Tree:
    """
    Return the tree at the tip, recomputed.

    Raises:
        IntegrityError: Tip, heads, entries and tiles do not agree.
    """
    ((size, root, frontier),) = session.fetch(sql.SELECT_TIP, (log_id,))
    ((entries,),) = session.fetch(sql.COUNT_ENTRIES, (log_id,))
    heads = session.fetch(sql.SELECT_HEAD, (log_id, size))
    later = session.fetch(sql.SELECT_NEXT_HEAD, (log_id, size))
    if entries != size or heads != [(root, frontier)] or later:
        raise IntegrityError("the tip is not the newest head of the stored entries")
    tree = tree_from_edge(size, tuple(_edge(session, log_id, size)))
    if (tree.root, tree.frontier.to_bytes()) != (root, frontier):
        raise IntegrityError("the stored entries do not lead to the stored root")
    return tree


def check_signed(session: WriteSession, log_id: LogId, tree: Tree, signer: Signer) -> None:
    """
    Check that whatever was signed is what is stored.

    Raises:
        IntegrityError: The signer is ahead, signed another root, or has forgotten a head that
            was stored after it was signed.
    """
    last = signer.last()
    # A copy is stored only of what was signed: whoever knows less was put back.
    for size, _ in session.fetch(sql.SELECT_LAST_CHECKPOINT, (log_id,)):
        if last is None or last.size < size:
            raise IntegrityError("the signer has forgotten what it signed")
    if last is None:
        return
    if last.size > tree.size:
        raise IntegrityError("the signer has signed entries that the database has lost")
    heads = session.fetch(sql.SELECT_HEAD, (log_id, last.size))
    if [root for root, _ in heads] != [last.root]:
        raise IntegrityError("the signer has signed another history")


def sign_backlog(session: WriteSession, log_id: LogId, tree: Tree, signer: Signer) -> Checkpoint:
    """
    Return the signed head of ``tree``, after signing what a crash left unsigned.

    Raises:
        IntegrityError: The signer finds that the leaves do not lead to the roots.
    """
    last = signer.last() or signer.sign(0, Tree().root, ())
    while last.size < tree.size:
        found = session.fetch(sql.SELECT_LAST_HEAD, (log_id, last.size, last.size + _BACKLOG))
        ((size, root),) = found or session.fetch(sql.SELECT_NEXT_HEAD, (log_id, last.size))
        rows = session.fetch(sql.SELECT_ENTRIES, (log_id, last.size, size))
        last = signer.sign(size, root, [leaf for leaf, _ in rows])
    return last


def _edge(session: WriteSession, log_id: LogId, size: int) -> Iterator[bytes]:
    """Yield for each tile level the hashes beyond its last full tile."""
    if not size:
        return
    yield b"".join(_leaf_hashes(session, log_id, size - size % TILE_WIDTH, size))
    for level in count(1):
        full = size >> (8 * level)
        if not full:
            return
        first = full - full % TILE_WIDTH
        roots = (_tile_root(session, log_id, level - 1, n) for n in range(first, full))
        yield b"".join(roots)


def _tile_root(session: WriteSession, log_id: LogId, level: int, number: int) -> bytes:
    return reduce_tile(split_hashes(_tile(session, log_id, level, number)))[-1][0]


def _tile(session: WriteSession, log_id: LogId, level: int, number: int) -> bytes:
    for (stored,) in session.fetch(sql.SELECT_TILE, (log_id, level, number)):
        return bytes(stored)
    first = number * TILE_WIDTH
    if level == 0:
        hashes = b"".join(_leaf_hashes(session, log_id, first, first + TILE_WIDTH))
    else:
        below = range(first, first + TILE_WIDTH)
        hashes = b"".join(_tile_root(session, log_id, level - 1, n) for n in below)
    session.begin()
    session.run([Step(sql.INSERT_TILE, (log_id, level, number, hashes), 1)])
    session.commit()
    return hashes


def _leaf_hashes(session: WriteSession, log_id: LogId, start: int, end: int) -> Iterator[bytes]:
    rows = session.fetch(sql.SELECT_ENTRIES, (log_id, start, end))
    if len(rows) != end - start:
        raise IntegrityError("entries are missing")
    for leaf, stored in rows:
        if leaf_hash(leaf) != stored:
            raise IntegrityError("a stored leaf has changed")
        yield bytes(stored)
