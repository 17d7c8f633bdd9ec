"""
The one writer: a thread that owns the connection on which the log changes.

* It takes all that waits, commits it once, lets the signer sign, and only then answers.
  There is no timer: while one commit waits for the disk, the next batch gathers.
* A change that cannot be is dropped alone; a database that fails drops the whole batch.
* A commit whose outcome is unknown is looked up by entry id on a fresh connection.
* Evidence that does not verify stops the writer for good; a silent database only until it
  answers again. A disk that lost a write is never asked again.
"""

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.domain.errors import GatewayError, IntegrityError, LogUnavailable, StorageUnavailable
from gateway.domain.ids import LogId
from gateway.domain.log import Appended, LoggedChange
from gateway.ports.clock import Clock
from gateway.ports.log import Checkpoint, Signer
from gateway.storage import opening
from gateway.storage.appending import Outcome, Written, append, checkpoint_step, find_indices
from gateway.storage.memory import LogMemory
from gateway.storage.session import StepFailed, WriteFailed, WriteSession
from gateway.storage.steps import CompiledChange, compile_change
from gateway.storage.tree import Tree

__all__ = ["Writer", "WriterState"]

_BATCH: Final = 256
_QUEUE: Final = 4_096
_IDLE_S: Final = 0.2  # after this long without work the newest signed head is stored
_STORE_S: Final = 1.0  # under load it is stored along with a batch this often
_REOPEN_S: Final = 5.0  # how long a lost connection is sought before callers are told
_REOPEN_PAUSE_S: Final = 0.05


class WriterState(StrEnum):
    """Whether the writer works, waits for its database, or has stopped for good."""

    READY = "ready"
    SILENT = "silent"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class _Job:
    change: CompiledChange
    future: "Future[Appended]"


class Writer:
    """
    Appends to one or more logs of one database; see :class:`gateway.ports.log.LogWriter`.

    Args:
        open_session: Opens the writer's connection and takes the writer's lock.
        signers: Which logs, and who signs each.
        memory: Where readers of this process find what is new, by log.
        clock: Dates heads and facts.
        queue_size: How many changes may wait before further ones are refused.
        batch_size: How many are committed at most at a time.

    Raises:
        StorageUnavailable: The database is silent, or another writer holds it.
        IntegrityError: What is stored and what was signed do not agree; see ``opening``.
    """

    def __init__(
        self,
        open_session: Callable[[], WriteSession],
        signers: Mapping[LogId, Signer],
        memory: Mapping[LogId, LogMemory],
        clock: Clock,
        *,
        queue_size: int = _QUEUE,
        batch_size: int = _BATCH,
    ) -> None:
        self._open_session = open_session
        self._signers = dict(signers)
        self._memory = memory
        self._clock = clock
        self._batch_size = batch_size
        self._queue: queue.Queue[_Job | None] = queue.Queue(queue_size)
        self._trees: dict[LogId, Tree] = {}
        self._unstored: dict[LogId, Checkpoint] = {}
        self._stored_at = time.monotonic()
        self._session: WriteSession | None = None
        self._state = WriterState.READY
        self._closing = False
        self._ended = False
        self._open()
        self._thread = threading.Thread(target=self._run, name="tasuki-log-writer", daemon=True)
        self._thread.start()

    @property
    def state(self) -> WriterState:
        """Whether it works."""
        return self._state

    @property
    def healthy(self) -> bool:
        """Whether a change submitted now can be expected to be appended."""
        return self._state is WriterState.READY and not self._closing and self._thread.is_alive()

    def latest(self, log_id: LogId) -> Checkpoint | None:
        """Return the newest signed head of a log."""
        return self._memory[log_id].latest

    def submit(self, change: LoggedChange) -> "Future[Appended]":
        """
        Queue a change; the future answers once it is durable and its head is signed.

        Raises:
            ValueError: The change itself is malformed: a mistake of the calling code.
        """
        future: Future[Appended] = Future()
        if change.log_id not in self._signers:
            raise ValueError("this writer does not keep that log")
        job = _Job(compile_change(change, self._clock.now()), future)
        if self._closing or self._state is WriterState.STOPPED:
            future.set_exception(LogUnavailable("the log writer has stopped"))
            return future
        try:
            self._queue.put_nowait(job)
        except queue.Full:
            future.set_exception(LogUnavailable("too many changes are waiting"))
        if self._ended:
            # The thread may have looked for the last time before this one was queued.
            self._refuse_waiting()
        return future

    def close(self) -> None:
        """Append what is queued, store the newest signed head, and stop."""
        if not self._closing:
            self._closing = True
            if not self._ended:
                self._queue.put(None)
        self._thread.join()

    # --- the thread ------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._work()
        finally:
            self._let_go()
            self._ended = True
            self._refuse_waiting()

    def _work(self) -> None:
        last = False
        while not last and self._state is not WriterState.STOPPED:
            waits = bool(self._unstored) or self._session is None
            try:
                job = self._queue.get(timeout=_IDLE_S if waits else None)
            except queue.Empty:
                self._use_leisure()
                continue
            jobs, last = self._gather(job)
            if jobs:
                self._write(jobs)
        self._store_heads()

    def _gather(self, first: _Job | None) -> tuple[list[_Job], bool]:
        """Return what waits, and whether it is the last."""
        jobs: list[_Job] = []
        job = first
        while job is not None:
            if job.future.set_running_or_notify_cancel():
                jobs.append(job)
            if len(jobs) >= self._batch_size:
                return jobs, False
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return jobs, False
        return jobs, True

    def _write(self, jobs: list[_Job]) -> None:
        try:
            session = self._ready_session()
            written = self._append(session, jobs)
            if written is not None:
                self._sign(jobs, written)
        except IntegrityError as error:
            self._stop(jobs, error)
        except GatewayError:
            self._refuse(jobs)
        except Exception as error:
            # A defect of ours: nobody knows what holds now, so nothing more is written.
            self._stop(jobs, error)
            raise

    def _append(self, session: WriteSession, jobs: list[_Job]) -> Written | None:
        store = self._unstored if self._is_time_to_store() else {}
        changes = [job.change for job in jobs]
        try:
            written = append(session, self._trees, changes, store, self._clock.now())
        except WriteFailed as failure:
            self._recover(jobs, failure)
            return None
        # The batch is durable. If the process ends here, callers find it by entry id.
        if store:
            self._unstored = {}
            self._stored_at = time.monotonic()
        return written

    def _sign(self, jobs: list[_Job], written: Written) -> None:
        for log_id, growth in written.growths.items():
            self._trees[log_id] = growth.tree
            memory = self._memory[log_id]
            memory.nodes.put(growth.nodes)
            memory.entries.put(written.entries[log_id])
        for log_id, growth in written.growths.items():
            tree, signer = growth.tree, self._signers[log_id]
            try:
                checkpoint = signer.sign(tree.size, tree.root, written.leaves[log_id])
            except IntegrityError:
                raise
            except (GatewayError, OSError) as error:
                # Durable but unsigned: the backlog is signed before anything else is written.
                self._become_silent()
                raise LogUnavailable("the head could not be signed") from error
            self._publish(log_id, checkpoint)
        _answer(jobs, written.outcomes, self._latest_heads())

    def _recover(self, jobs: list[_Job], failure: WriteFailed) -> None:
        """Find out on a fresh connection what became of the batch, and answer accordingly."""
        self._become_silent()
        if failure.final:
            raise IntegrityError("the disk may have lost what it acknowledged") from failure
        session = self._reopened()
        outcomes: list[Outcome | None] = list(find_indices(session, [job.change for job in jobs]))
        _answer(jobs, outcomes, self._latest_heads())

    # --- opening and signing ---------------------------------------------------------------

    def _open(self) -> WriteSession:
        """Open the connection and verify every log before anything is written."""
        session = self._open_session()
        try:
            for log_id, signer in self._signers.items():
                opening.begin_log(session, log_id, signer, self._clock.now())
                tree = opening.load_tree(session, log_id)
                opening.check_signed(session, log_id, tree, signer)
                self._trees[log_id] = tree
                self._publish(log_id, opening.sign_backlog(session, log_id, tree, signer))
        except (WriteFailed, StepFailed, OSError) as error:
            session.close()
            raise StorageUnavailable("the log cannot be opened") from error
        except BaseException:
            session.close()
            raise
        self._session = session
        self._state = WriterState.READY
        return session

    def _ready_session(self) -> WriteSession:
        return self._session if self._session is not None else self._reopened(patience_s=0.0)

    def _reopened(self, patience_s: float = _REOPEN_S) -> WriteSession:
        deadline = time.monotonic() + patience_s
        while True:
            try:
                return self._open()
            except StorageUnavailable:
                if time.monotonic() >= deadline:
                    raise
            time.sleep(_REOPEN_PAUSE_S)

    def _publish(self, log_id: LogId, checkpoint: Checkpoint) -> None:
        memory = self._memory[log_id]
        if memory.latest is None or checkpoint.size > memory.latest.size:
            self._unstored[log_id] = checkpoint
        memory.latest = checkpoint

    def _latest_heads(self) -> dict[LogId, Checkpoint]:
        heads = ((log_id, self._memory[log_id].latest) for log_id in self._signers)
        return {log_id: head for log_id, head in heads if head is not None}

    def _is_time_to_store(self) -> bool:
        return bool(self._unstored) and time.monotonic() - self._stored_at >= _STORE_S

    def _use_leisure(self) -> None:
        """Store heads, or look whether a silent database answers again."""
        if self._session is not None:
            self._store_heads()
            return
        try:
            self._open()
        except IntegrityError as error:
            self._stop((), error)
        except GatewayError:
            return  # still silent; asked again after the next pause

    def _store_heads(self) -> None:
        """Store the newest signed heads for readers of other processes; a copy, not evidence."""
        heads, self._unstored = self._unstored, {}
        if self._session is None or not heads:
            return
        try:
            self._session.begin()
            self._session.run([checkpoint_step(*item) for item in heads.items()])
            self._session.commit()
        except WriteFailed as failure:
            self._become_silent()
            if failure.final:
                self._state = WriterState.STOPPED
        self._stored_at = time.monotonic()

    # --- ending ----------------------------------------------------------------------------

    def _become_silent(self) -> None:
        self._let_go()
        self._state = WriterState.SILENT

    def _let_go(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _stop(self, jobs: Sequence[_Job], error: Exception) -> None:
        self._let_go()
        self._state = WriterState.STOPPED
        for job in jobs:
            if not job.future.done():
                job.future.set_exception(error)

    def _refuse_waiting(self) -> None:
        while True:
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return
            if job is not None and job.future.set_running_or_notify_cancel():
                self._refuse([job])

    @staticmethod
    def _refuse(jobs: Sequence[_Job]) -> None:
        for job in jobs:
            if not job.future.done():
                job.future.set_exception(LogUnavailable("the entry could not be recorded"))


def _answer(
    jobs: Sequence[_Job],
    outcomes: Sequence[Outcome | None],
    heads: Mapping[LogId, Checkpoint],
) -> None:
    for job, outcome in zip(jobs, outcomes, strict=True):
        if outcome is None:
            job.future.set_exception(LogUnavailable("the entry could not be recorded"))
        elif isinstance(outcome, tuple):
            head = heads[job.change.log_id]
            job.future.set_result(Appended(outcome, head.note, head.size))
        else:
            job.future.set_exception(outcome)
