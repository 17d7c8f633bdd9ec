"""When retention ends that starts once a fact is replaced, and whom an entry concerns."""

from gateway.domain.ids import EntryId
from gateway.ports.log import StoredEntry
from gateway.services.erasure import Confirmed, Erasures
from gateway.services.registers.registration import Registered
from gateway.services.retention import RetentionEnds
from tests.simulators.erasing import YEAR, entry_of
from tests.simulators.house import LOG
from tests.simulators.policy_inputs import DAY, T0
from tests.simulators.register_office import HIDAMARI, RegisterOffice, consent_terms


def stored(office: RegisterOffice, of: Registered) -> StoredEntry:
    found = office.house.context.log.find(LOG, entry_of(of.evidence))
    assert found is not None
    return found


def consent(office: RegisterOffice, **changes: object) -> Registered:
    return office.services.consents.register(
        office.acting(HIDAMARI),
        office.key(),
        subject=office.subject(),
        imported=False,
        terms=consent_terms(**changes),
    )


def test_retention_of_a_fact_in_force_does_not_end(office: RegisterOffice) -> None:
    given = consent(office, valid_to=None)
    office.house.clock.advance(90 * YEAR)
    assert RetentionEnds(office.house.context).of(stored(office, given)) is None
    assert not RetentionEnds(office.house.context).has_ended(stored(office, given))


def test_retention_starts_when_a_fact_is_replaced(office: RegisterOffice) -> None:
    given = consent(office, valid_to=None)
    office.house.clock.advance(30 * DAY)
    office.services.consents.withdraw(office.acting(HIDAMARI), office.key(), given.id)
    ends = RetentionEnds(office.house.context)

    assert T0 + 30 * DAY + 5 * YEAR == ends.of(stored(office, given))
    office.house.clock.set(T0 + 30 * DAY + 5 * YEAR - 1)
    assert not ends.has_ended(stored(office, given))
    office.house.clock.set(T0 + 30 * DAY + 5 * YEAR)
    assert ends.has_ended(stored(office, given))


def test_due_run_keeps_the_newest_version_and_erases_the_one_before(
    office: RegisterOffice,
) -> None:
    given = consent(office, valid_to=None)
    withdrawn = office.services.consents.withdraw(office.acting(HIDAMARI), office.key(), given.id)
    office.house.clock.advance(5 * YEAR)

    Erasures(office.house.context).erase_due(Confirmed("console.test"))

    assert stored(office, given).body is None
    assert stored(office, withdrawn).body is not None


def test_entries_under_both_ids_of_a_linked_person_are_found(office: RegisterOffice) -> None:
    first, second = office.subject(ref="case-1"), office.subject(ref="case-2")
    terms = consent_terms()
    by = office.acting(HIDAMARI)
    made = [
        office.services.consents.register(
            by, office.key(), subject=subject, imported=False, terms=terms
        )
        for subject in (first, second)
    ]
    office.services.links.same(by, office.key(), first, second)
    wanted: set[EntryId] = {entry_of(one.evidence) for one in made}

    erasures = Erasures(office.house.context)

    assert wanted <= set(erasures.about(first))
    assert set(erasures.about(first)) == set(erasures.about(second))
