"""What is otherwise in scenarios about the general bases."""

from pytest_bdd import given

from tests.features.law.conftest import Law


@given("目的は採用の調査である")
def _hiring_check(law: Law) -> None:
    law.change({"/request/purpose": "hiring_screening"})
