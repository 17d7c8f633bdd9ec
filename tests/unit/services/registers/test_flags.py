from typing import Any

import pytest

from gateway.domain.errors import Conflict, NotFound, SchemaViolation
from gateway.domain.ids import Millis, PersonId
from gateway.domain.records import person_key
from gateway.services.registers.registration import Registered
from tests.simulators.house import TENANT
from tests.simulators.policy_inputs import DAY, T0
from tests.simulators.register_office import CITY, HIDAMARI, RegisterOffice, flag_terms


def _raise(office: RegisterOffice, *counterparts: str, **changes: Any) -> Registered:
    return office.services.flags.raise_flag(
        office.acting(CITY),
        office.key(),
        subject=office.subject(CITY, "c-1"),
        counterpart_subjects=counterparts,
        terms=flag_terms(**changes),
    )


def test_flag_with_another_agencys_counterpart_is_not_found(office: RegisterOffice) -> None:
    foreign = office.subject(HIDAMARI, "case-1")

    with pytest.raises(NotFound):
        _raise(office, foreign)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"kind": "rumour"}, ("/kind", "enum")),
        ({"counterpart_agencies": ["山田 太郎"]}, ("/counterpart_agencies/0", "pattern")),
        (
            {"counterpart_persons": ["p-1"], "lifted_at": 5, "note": "x"},
            ("", "additionalProperties"),
        ),
        ({"valid_to": T0 - DAY}, ("/valid_to", "after effective_from")),
    ],
)
def test_flag_against_its_schema_is_refused(
    office: RegisterOffice, changes: dict[str, Any], error: tuple[str, str]
) -> None:
    with pytest.raises(SchemaViolation) as refusal:
        _raise(office, **changes)

    assert (error,) == refusal.value.errors


def test_lifting_of_another_agencys_flag_is_not_found(office: RegisterOffice) -> None:
    flag = _raise(office)

    with pytest.raises(NotFound):
        office.services.flags.lift(office.acting(HIDAMARI), office.key(), flag.id)


def test_lifting_in_the_future_is_refused(office: RegisterOffice) -> None:
    flag = _raise(office)

    with pytest.raises(SchemaViolation):
        office.services.flags.lift(office.acting(CITY), office.key(), flag.id, Millis(T0 + 1))


def test_second_lifting_is_refused(office: RegisterOffice) -> None:
    flag = _raise(office)
    office.services.flags.lift(office.acting(CITY), office.key(), flag.id)

    with pytest.raises(Conflict) as refusal:
        office.services.flags.lift(office.acting(CITY), office.key(), flag.id)

    assert "ALREADY_LIFTED" == refusal.value.reason


def test_terms_cannot_say_who_issued_or_lifted_a_flag(office: RegisterOffice) -> None:
    flag = _raise(office, issuer="npo-hidamari", lifted_at=1, person="p-else")

    fact = office.fact("protection_flag", flag.id)
    person = office.person(office.subject(CITY, "c-1"))
    assert (CITY, None, person) == (fact["issuer"], fact["lifted_at"], fact["person"])


def test_flag_is_found_from_the_counterparts_side(office: RegisterOffice) -> None:
    counterpart = office.subject(CITY, "c-husband")

    flag = _raise(office, counterpart, counterpart_actors=["actor-x"])

    persons = [office.person(office.subject(CITY, ref)) for ref in ("c-1", "c-husband")]
    for person in persons:
        found = office.house.context.registers.facts_by_key(TENANT, person_key(PersonId(person)))
        assert [flag.id] == [row.id for row in found]
    assert tuple(persons) == flag.persons
    assert [persons[1]] == office.fact("protection_flag", flag.id)["counterpart_persons"]


def test_flag_says_where_its_counterparts_act(office: RegisterOffice) -> None:
    flag = _raise(office, counterpart_actors=[office.acting(HIDAMARI).actor_id, "actor-x"])

    assert [HIDAMARI] == list(office.fact("protection_flag", flag.id)["counterpart_actor_agencies"])


def test_lifted_flag_stays_found_by_both(office: RegisterOffice) -> None:
    counterpart = office.subject(CITY, "c-husband")
    flag = _raise(office, counterpart)

    lifted = office.services.flags.lift(office.acting(CITY), office.key(), flag.id)

    assert (2, T0) == (lifted.version, office.fact("protection_flag", flag.id)["lifted_at"])
    key = person_key(PersonId(office.person(counterpart)))
    assert office.house.context.registers.facts_by_key(TENANT, key)
