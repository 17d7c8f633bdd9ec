import pytest

from gateway.domain.errors import Conflict, IdempotencyMismatch
from gateway.domain.ids import AgencyId
from gateway.services.idempotency import Idempotency, IdempotencyKey
from tests.simulators.house import House

KEY = IdempotencyKey(AgencyId("npo-hidamari"), "key-1", "digest")


def _remember(house: House, key: IdempotencyKey, resource: str) -> None:
    house.put(Idempotency(house.context).row(key, "disclosure", resource, house.clock.now()))


def test_key_with_another_request_is_refused(house: House) -> None:
    _remember(house, KEY, "d-1")

    with pytest.raises(IdempotencyMismatch) as refusal:
        Idempotency(house.context).find(IdempotencyKey(KEY.agency_id, KEY.key, "other"))

    assert "IDEMPOTENCY_KEY_REUSED" == refusal.value.reason


def test_key_remembered_twice_is_a_conflict(house: House) -> None:
    _remember(house, KEY, "d-1")

    with pytest.raises(Conflict) as refusal:
        _remember(house, KEY, "d-2")

    assert "ROW_EXISTS" == refusal.value.reason
    assert "d-1" == Idempotency(house.context).find(KEY)


def test_key_nobody_used_is_unknown(house: House) -> None:
    assert Idempotency(house.context).find(KEY) is None


def test_same_key_of_another_agency_is_unknown(house: House) -> None:
    _remember(house, KEY, "d-1")

    other = IdempotencyKey(AgencyId("aoba-shakyo"), KEY.key, KEY.request_digest)

    assert Idempotency(house.context).find(other) is None


def test_key_is_stored_as_a_digest(house: House) -> None:
    key = IdempotencyKey(AgencyId("npo-hidamari"), "sato-hanako", "digest")

    row = Idempotency(house.context).row(key, "disclosure", "d-1", house.clock.now())

    assert "sato" not in repr(row)


def test_agency_and_key_cannot_run_into_each_other() -> None:
    first = IdempotencyKey(AgencyId("npo"), "a:b", "digest")
    second = IdempotencyKey(AgencyId("npo:a"), "b", "digest")

    assert first.row_id != second.row_id
