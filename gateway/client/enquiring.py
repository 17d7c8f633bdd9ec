"""Enquiring: ask other agencies for data, and answer when they ask."""

from collections.abc import Iterator, Mapping

from gateway.client.answers import InformationRequest, read_request
from gateway.client.connection import path_id
from gateway.client.kit import AtDesk
from gateway.domain.ids import AgencyId, Millis, RequestId

__all__ = ["Enquiring"]


class Enquiring(AtDesk):
    """Requests for another agency's data, from both sides."""

    def ask_for(
        self,
        controller: AgencyId,
        purpose: str,
        fields: tuple[str, ...],
        *,
        profile: str = "",
        basis: str = "",
        refs: Mapping[str, str] | None = None,
        urgency: str = "normal",
        question_code: str = "",
        sealed_subject: str = "",
        due_at: Millis | None = None,
    ) -> InformationRequest:
        """
        Ask another agency for data.

        Args:
            controller: The agency that holds them.
            purpose: A purpose code.
            fields: Ids of the fields asked for.
            profile: Named field subset; empty for none.
            basis: The basis named; empty for none.
            refs: Named facts.
            urgency: ``normal``, ``today`` or ``emergency``.
            question_code: What is asked, when no fields are.
            sealed_subject: About whom, sealed to the controller; empty when ``refs`` say it.
            due_at: Until when an answer is of use.

        Raises:
            GatewayProblem: This agency itself may not ask so.
        """
        answered = self._kit.connection.post(
            "/v1/requests",
            {
                "controller": controller,
                "purpose": purpose,
                "profile": profile,
                "basis": basis,
                "refs": dict(refs or {}),
                "fields": fields,
                "urgency": urgency,
                "question_code": question_code,
                "sealed_subject": sealed_subject,
                "due_at": due_at,
            },
        )
        return InformationRequest(
            request_id=RequestId(answered.text("request_id")),
            controller=controller,
            purpose=purpose,
            state=answered.text("state"),
            due_at=due_at,
        )

    def requests(self, role: str = "controller") -> Iterator[InformationRequest]:
        """Yield requests that this agency made (``asker``) or got (``controller``)."""
        pages = self._kit.connection.pages("/v1/requests", "requests", {"role": role})
        return map(read_request, pages)

    def request(self, request_id: RequestId) -> InformationRequest:
        """Return one request and, for its asker, the answer."""
        return read_request(self._kit.connection.get(f"/v1/requests/{path_id(request_id)}"))

    def decline(self, request_id: RequestId) -> str:
        """
        Answer a request with ``not_shareable``, and return its state.

        To share something instead, disclose with ``Direction.PULL`` and ``answers_request``.
        """
        answered = self._kit.connection.post_once(
            f"/v1/requests/{path_id(request_id)}/answer", {"answer": "not_shareable"}
        )
        return answered.text("state")
