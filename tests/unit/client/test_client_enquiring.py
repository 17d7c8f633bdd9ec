"""Asking other agencies, answering them, and the duties that follow."""

from gateway.client import Desk, Proposal, RecipientRef
from gateway.domain.ids import AgencyId, FieldId, RequestId
from tests.unit.client.conftest import CITY, NPO, RECORD, SATO, SmallGateway

FIELDS = tuple(RECORD)


def test_asker_hears_one_fixed_reason_and_nothing_of_the_request(
    gateway: SmallGateway, city: Desk, npo: Desk
) -> None:
    asked = npo.ask_for(AgencyId(CITY), "refer", FIELDS, sealed_subject="x.y.z")
    assert ("r-1", "open", None) == (asked.request_id, asked.state, asked.asker)

    assert "closed" == city.decline(RequestId("r-1"))

    heard = npo.request(RequestId("r-1"))
    assert ("closed", "not_shareable") == (heard.state, heard.answer)
    assert ["NOT_SHAREABLE"] == [r.code for r in heard.reasons]
    assert ((), "") == (heard.fields, heard.sealed_subject)


def test_controller_sees_what_is_asked_for_and_by_whom(
    gateway: SmallGateway, city: Desk, npo: Desk
) -> None:
    npo.ask_for(AgencyId(CITY), "refer", FIELDS, refs={"consent": "c-1"}, sealed_subject="x.y.z")

    (seen,) = city.requests()

    assert (NPO, FIELDS, "x.y.z") == (seen.asker, seen.fields, seen.sealed_subject)
    assert "c-1" == seen.refs["consent"]
    assert "" == seen.answer


def test_duty_is_listed_and_discharged(gateway: SmallGateway, npo: Desk) -> None:
    gateway.tasks.append(
        {
            "id": "t-1",
            "decision_id": "dec-1",
            "disclosure_id": "d-1",
            "code": "report_outcome",
            "bearer": "recipient",
            "params": {"days": 30},
            "due_at": 5,
            "state": "open",
        }
    )

    (task,) = npo.obligations()

    assert ("t-1", {"days": 30}, 5) == (task.id, task.params, task.due_at)
    assert 7 == npo.discharge(task.id)
    assert [] == list(npo.obligations("done"))


def test_rows_of_other_agencies_never_leave_the_desk(
    gateway: SmallGateway, city: Desk, npo: Desk
) -> None:
    rows = [{"agency": NPO, "task": "visit"}, {"agency": "shakyo", "task": "loan"}]
    record = {FieldId("support_plan.services"): rows}
    recipients = (RecipientRef(AgencyId(NPO)),)
    proposal = Proposal(recipients=recipients, subject=SATO, purpose="refer")

    (sent,) = city.disclose(proposal, record)

    assert {"support_plan.services": rows[:1]} == npo.open(sent.delivery_id).fields
