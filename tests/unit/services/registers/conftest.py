import pytest

from tests.simulators.house import House
from tests.simulators.register_office import RegisterOffice


@pytest.fixture
def office(house: House) -> RegisterOffice:
    """The registers of あおば市, with two more members."""
    return RegisterOffice(house)
