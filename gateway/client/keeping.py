"""Keeping: duties that came with what was received, and what stands in the registers."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gateway.client.answers import ObligationTask, read_task
from gateway.client.connection import path_id
from gateway.client.kit import AtDesk
from gateway.domain.ids import SubjectId
from gateway.domain.log import JSONValue

__all__ = ["Keeping"]

_V1: Final = "/v1/"


class Keeping(AtDesk):
    """Duties and registers."""

    def obligations(self, state: str = "open") -> Iterator[ObligationTask]:
        """Yield this agency's duties in one state."""
        pages = self._kit.connection.pages("/v1/obligations", "tasks", {"state": state})
        return map(read_task, pages)

    def discharge(
        self,
        task_id: str,
        *,
        proof_kind: str = "statement",
        proof_digest: str = "",
        note_code: str = "",
    ) -> int:
        """
        Say that a duty is done, and return the index of the entry that says so.

        Args:
            task_id: The duty.
            proof_kind: ``statement``, ``certificate`` or ``report``.
            proof_digest: Digest of a proof that stays at the agency; empty without one.
            note_code: A code that says more; empty without one.
        """
        answered = self._kit.connection.post_once(
            f"/v1/obligations/{path_id(task_id)}/discharge",
            {"proof_kind": proof_kind, "proof_digest": proof_digest, "note_code": note_code},
        )
        return answered.whole("log_index")

    def subject(self, local_ref: str) -> SubjectId:
        """Return the handle of a person whom this agency knows by ``local_ref``."""
        answered = self._kit.connection.post("/v1/subjects/resolve", {"local_ref": local_ref})
        return SubjectId(answered.text("subject"))

    def read_record(self, entry_id: str, *, reason: str) -> dict[str, Any]:
        """
        Read what an entry of the log says, as an officer or auditor; that is recorded first.

        Args:
            entry_id: The entry.
            reason: Why it is read; it stands in the log.

        Returns:
            ``entry_id``, ``body``, ``evidence`` and ``read_index``.

        Raises:
            GatewayProblem: This person may not, or there is no such entry.
        """
        path = f"/audit/records/entries/{path_id(entry_id)}"
        return self._kit.connection.post(path, {"reason": reason}).as_dict()

    def listed(self, path: str) -> dict[str, Any]:
        """
        Return what a register lists for this agency, under its own name.

        Args:
            path: Below ``/v1/``, for example ``mode-switches``.

        Raises:
            MalformedRequest: It is not such a path.
            GatewayProblem: The gateway refuses.
        """
        return self._kit.connection.get(_V1 + path_id(path)).as_dict()

    def register(
        self, path: str, body: Mapping[str, JSONValue], *, key: str = ""
    ) -> dict[str, Any]:
        """
        Enter something in a register, verify its entry, and return the answer.

        Args:
            path: Below ``/v1/``, for example ``consents``.
            body: As the register demands.
            key: The Idempotency-Key of an earlier attempt; empty makes a new one.

        Raises:
            MalformedRequest: It is not such a path.
            GatewayProblem: The gateway refuses.
            IntegrityError: The entry is not proven.
        """
        parts = path.removeprefix(_V1).split("/")
        answered = self._kit.connection.post(_V1 + "/".join(map(path_id, parts)), body, key=key)
        if answered.has("evidence"):
            self._kit.proofs.check_entry(
                answered.evidence("evidence"), index=answered.whole("log_index")
            )
        return answered.as_dict()
