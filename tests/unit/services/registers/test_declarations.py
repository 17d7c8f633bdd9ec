from collections.abc import Mapping
from typing import Any

import pytest

from gateway.domain.disclosure import (
    Capacity,
    Direction,
    DisclosureRequest,
    RecipientRef,
    Unit,
)
from gateway.domain.errors import (
    Conflict,
    IdempotencyMismatch,
    NotAuthorized,
    NotFound,
    PolicyUnavailable,
    SchemaViolation,
)
from gateway.domain.ids import ActorId, AgencyId, DisclosureId, Millis, SubjectId, SystemId
from gateway.domain.records import agency_key, keys_of
from gateway.ports.registers import UnitFacts
from gateway.services.acting import Acting
from gateway.services.facts import FACT_LISTS, policy_input, query_for
from gateway.services.idempotency import IdempotencyKey
from gateway.services.registers import declarations
from gateway.services.registers.declaration_rules import RULES
from gateway.services.registers.registration import Registered
from tests.simulators.declarations import KINDS, declaration
from tests.simulators.house import TENANT
from tests.simulators.policy_inputs import DAY, HOUR, T0
from tests.simulators.register_office import (
    CITY,
    HIDAMARI,
    SHAKYO,
    RegisterOffice,
    consent_terms,
)

CONVENER = f"{CITY}-convener"
OFFICER = f"{CITY}-officer"
PERSONAL = ("statutory_request", "list_entry", "rights_request", "rebasing", "stalker_notice")
ENDING = tuple(kind for kind in KINDS if RULES[kind].ends)


@pytest.fixture(autouse=True)
def posts(office: RegisterOffice) -> None:
    """Who may order the disaster mode, and who is told by the police."""
    office.hire(CITY, CONVENER, roles=["convener"])
    office.hire(CITY, OFFICER, roles=["privacy_officer"])


def _by(office: RegisterOffice, kind: str) -> Acting:
    """Return a person of あおば市 who may declare a kind."""
    if kind == "stalker_notice":
        return office.acting(CITY, "officer", actor=OFFICER)
    return office.acting(CITY, actor=CONVENER if kind == "mode_switch" else "")


def _terms(
    office: RegisterOffice, kind: str, agency_: str = CITY, /, **changes: Any
) -> dict[str, Any]:
    subject, services = office.subject(agency_, "c-1"), office.services
    made = {"conference": "", "consent": ""}
    if kind == "council_notice":
        meeting = {
            "basis": "shien_kaigi_swa",
            "local_name_ja": "あおば市支援会議",
            "founding_rule": "要綱",
            "valid_from": T0 - DAY,
            "valid_to": None,
        }
        made["conference"] = services.conferences.convene(
            office.acting(agency_), office.key(), terms=meeting
        ).id
    if kind == "rebasing":
        made["consent"] = _consent(office, agency_, subject).id
    body = declaration(kind, now=T0, subject=subject, other=office.subject(agency_, "c-2"), **made)
    return {**body, **changes}


def _consent(office: RegisterOffice, agency: str, subject: str) -> Registered:
    return office.services.consents.register(
        office.acting(agency), office.key(), subject=subject, imported=False, terms=consent_terms()
    )


def _declare(
    office: RegisterOffice,
    kind: str,
    by: Acting | None = None,
    /,
    **changes: Any,
) -> Registered:
    by = by or _by(office, kind)
    terms = _terms(office, kind, by.agency_id, **changes)
    return office.services.declarations.register(by, office.key(), kind, terms=terms)


def _found(office: RegisterOffice, key: str) -> list[str]:
    return [row.id for row in office.house.context.registers.facts_by_key(TENANT, key)]


# --- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_suspended_person_may_not_declare_or_end_anything(
    office: RegisterOffice, kind: str
) -> None:
    by = _by(office, kind)
    done = _declare(office, kind)
    office.services.directory.suspend_actor(
        office.operator if by.actor_id != office.operator.actor_id else _second(office),
        office.key(),
        CITY,
        by.actor_id,
        suspended=True,
    )
    size = office.log_size()

    with pytest.raises(NotAuthorized):
        office.services.declarations.register(by, office.key(), kind, terms={})
    with pytest.raises(NotAuthorized):
        office.services.declarations.end(by, office.key(), kind, done.id)

    assert size == office.log_size()


def _second(office: RegisterOffice) -> Acting:
    return office.acting(CITY, "operator", actor=f"{CITY}-2")


@pytest.mark.parametrize("kind", ["mode_switch", "flag_source"])
def test_other_agency_than_the_municipality_may_not_declare_its_matters(
    office: RegisterOffice, kind: str
) -> None:
    office.hire(SHAKYO, "shakyo-convener", roles=["convener", "privacy_officer"])

    with pytest.raises(NotAuthorized):
        _declare(office, kind, office.acting(SHAKYO, actor="shakyo-convener"))


def test_person_without_the_post_may_not_switch_the_mode(office: RegisterOffice) -> None:
    done = _declare(office, "mode_switch")

    with pytest.raises(NotAuthorized):
        _declare(office, "mode_switch", office.acting(CITY))
    with pytest.raises(NotAuthorized):
        office.services.declarations.end(office.acting(CITY), office.key(), "mode_switch", done.id)


@pytest.mark.parametrize(
    ("scope", "actor"), [("member", OFFICER), ("officer", f"{CITY}-1")], ids=["scope", "role"]
)
def test_stalker_notice_by_nobody_but_an_officer_is_refused(
    office: RegisterOffice, scope: str, actor: str
) -> None:
    done = _declare(office, "stalker_notice")
    by = office.acting(CITY, scope, actor=actor)

    with pytest.raises(NotAuthorized):
        _declare(office, "stalker_notice", by)
    with pytest.raises(NotAuthorized):
        office.services.declarations.end(by, office.key(), "stalker_notice", done.id)


def test_private_body_may_not_ask_by_a_statute(office: RegisterOffice) -> None:
    with pytest.raises(NotAuthorized):
        _declare(office, "statutory_request", office.acting(HIDAMARI), asked=CITY)


def test_private_body_may_not_designate(office: RegisterOffice) -> None:
    with pytest.raises(NotAuthorized):
        _declare(office, "designation", office.acting(SHAKYO))


def test_what_designates_is_said_by_the_register_alone(office: RegisterOffice) -> None:
    done = _declare(office, "designation", designated_by_kind="prefecture")

    assert "municipality" == office.fact("designation", done.id)["designated_by_kind"]


def test_public_body_may_not_designate_for_another(office: RegisterOffice) -> None:
    with pytest.raises(NotAuthorized):
        _declare(office, "designation", office.acting(SHAKYO), designated_by=CITY)


def test_operator_may_not_designate_in_the_name_of_a_private_body(office: RegisterOffice) -> None:
    with pytest.raises(NotAuthorized):
        _declare(office, "designation", office.operator, designated_by=SHAKYO)


def test_operator_designates_in_the_name_of_a_public_body(office: RegisterOffice) -> None:
    done = _declare(office, "designation", office.operator, designated_by=CITY)

    made = office.fact("designation", done.id)
    assert (CITY, "municipality") == (made["designated_by"], made["designated_by_kind"])
    assert (
        2
        == office.services.declarations.end(
            office.operator, office.key(), "designation", done.id
        ).version
    )


def test_notice_of_another_agencys_meeting_is_not_found(office: RegisterOffice) -> None:
    meeting = _terms(office, "council_notice")["conference"]

    with pytest.raises(NotFound):
        _declare(office, "council_notice", office.acting(SHAKYO), conference=meeting)


@pytest.mark.parametrize("kind", PERSONAL)
def test_person_of_another_agency_is_not_found(office: RegisterOffice, kind: str) -> None:
    foreign = office.subject(HIDAMARI, "case-1")
    handle = {"subjects": [foreign]} if kind == "statutory_request" else {"subject": foreign}

    with pytest.raises(NotFound):
        _declare(office, kind, **handle)


@pytest.mark.parametrize(
    ("kind", "member"), [("designation", "agency"), ("statutory_request", "asked")]
)
def test_agency_that_is_not_registered_is_not_found(
    office: RegisterOffice, kind: str, member: str
) -> None:
    with pytest.raises(NotFound):
        _declare(office, kind, **{member: "npo-nowhere"})


def test_rebasing_on_a_consent_of_another_agency_or_person_is_not_found(
    office: RegisterOffice,
) -> None:
    theirs = _consent(office, HIDAMARI, office.subject(HIDAMARI, "case-1")).id
    other = _consent(office, CITY, office.subject(CITY, "c-2")).id

    for consent in (theirs, other, "not-there"):
        with pytest.raises(NotFound):
            _declare(office, "rebasing", consent=consent)


def test_rebasing_on_a_withdrawn_consent_is_refused(office: RegisterOffice) -> None:
    terms = _terms(office, "rebasing")
    office.services.consents.withdraw(office.acting(CITY), office.key(), terms["consent"])

    with pytest.raises(Conflict) as refusal:
        office.services.declarations.register(
            office.acting(CITY), office.key(), "rebasing", terms=terms
        )

    assert "CONSENT_WITHDRAWN" == refusal.value.reason


# --- what may be said ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "flag_source"])
def test_terms_that_say_nothing_are_refused(office: RegisterOffice, kind: str) -> None:
    size = office.log_size()

    with pytest.raises((SchemaViolation, NotFound)):
        office.services.declarations.register(_by(office, kind), office.key(), kind, terms={})

    assert size == office.log_size()


@pytest.mark.parametrize("kind", KINDS)
def test_terms_with_a_member_too_many_are_refused(office: RegisterOffice, kind: str) -> None:
    with pytest.raises(SchemaViolation) as refusal:
        _declare(office, kind, note="x")

    assert (("", "additionalProperties"),) == refusal.value.errors


@pytest.mark.parametrize(
    ("kind", "changes", "error"),
    [
        ("council_notice", {"announced_at": T0 + 1}, ("/announced_at", "not in the future")),
        ("joint_use_notice", {"published_at": T0 + 1}, ("/published_at", "not in the future")),
        ("joint_use_notice", {"item_classes": ["ALL"]}, ("/item_classes/0", "enum")),
        ("use_purpose", {"valid_to": T0 - DAY}, ("/valid_to", "after valid_from")),
        ("use_purpose", {"purposes": []}, ("/purposes", "minItems")),
        ("department", {"ground_level": "habit"}, ("/ground_level", "enum")),
        ("designation", {"office": "friend"}, ("/office", "enum")),
        ("mode_switch", {"ends_at": None}, ("/ends_at", "type")),
        ("mode_switch", {"ends_at": T0}, ("/ends_at", "after starts_at")),
        ("mode_switch", {"starts_at": T0 + 1}, ("/starts_at", "not in the future")),
        (
            "mode_switch",
            {"ends_at": T0 + 30 * DAY + 1},
            ("/ends_at", "later than the municipality allows"),
        ),
        ("statutory_request", {"asked": CITY}, ("/asked", "another agency")),
        ("statutory_request", {"fields": ["所得"]}, ("/fields/0", "pattern")),
        ("statutory_request", {"valid_to": T0 - 1}, ("/valid_to", "after requested_at")),
        ("list_entry", {"list": "wish_list"}, ("/list", "enum")),
        ("rights_request", {"identity_checked": "yes"}, ("/identity_checked", "type")),
        ("rights_request", {"received_at": T0 + 1}, ("/received_at", "not in the future")),
        ("rebasing", {"rebased_at": T0 + 1}, ("/rebased_at", "not in the future")),
        ("stalker_notice", {"agencies": ["山田 太郎"]}, ("/agencies/0", "pattern")),
        ("stalker_notice", {"notified_at": T0 + 1}, ("/notified_at", "not in the future")),
        ("flag_source", {"checked_at": T0 + 1}, ("/checked_at", "not in the future")),
    ],
)
def test_terms_against_the_schema_or_the_calendar_are_refused(
    office: RegisterOffice, kind: str, changes: Mapping[str, Any], error: tuple[str, str]
) -> None:
    with pytest.raises(SchemaViolation) as refusal:
        _declare(office, kind, **changes)

    assert error in refusal.value.errors


def test_mode_that_is_switched_for_as_long_as_the_pack_allows_is_registered(
    office: RegisterOffice,
) -> None:
    done = _declare(office, "mode_switch", ends_at=T0 + 30 * DAY)

    fact = office.fact("mode_switch", done.id)
    assert (T0, CONVENER, "地域福祉係 係員", None) == tuple(
        fact[name] for name in ("starts_at", "ordered_by", "ordered_by_post_ja", "ended_at")
    )


def test_mode_is_not_switched_where_no_pack_says_for_how_long(
    office: RegisterOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = office.house.current.bundle
    monkeypatch.delitem(bundle.pack("default")["thresholds"], "mode_switch_max_ms")

    with pytest.raises(PolicyUnavailable):
        _declare(office, "mode_switch")


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if RULES[kind].author and not RULES[kind].for_others]
)
def test_terms_cannot_say_who_declares(office: RegisterOffice, kind: str) -> None:
    author = RULES[kind].author
    done = _declare(office, kind, **{author: HIDAMARI})

    assert CITY == office.fact(kind, done.id)[author]


def test_necessity_is_counted_and_its_words_are_not_kept(office: RegisterOffice) -> None:
    done = _declare(office, "statutory_request", necessity=" 安否を\n確かめる ")

    fact = office.fact("statutory_request", done.id)
    assert 7 == fact["necessity_chars"]
    assert "安否" not in repr(fact)


def test_comparison_that_is_not_newer_is_refused_and_a_newer_one_replaces_it(
    office: RegisterOffice,
) -> None:
    first = _declare(office, "flag_source", checked_at=T0 - HOUR)

    with pytest.raises(Conflict) as refusal:
        _declare(office, "flag_source", checked_at=T0 - HOUR)
    again = _declare(office, "flag_source")

    assert "NOT_NEWER" == refusal.value.reason
    assert (first.id, 2) == (again.id, again.version)
    assert T0 == office.fact("flag_source", CITY)["checked_at"]


def test_one_agency_cannot_fill_what_decisions_about_another_read(
    office: RegisterOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(declarations, "MOST_OF_ONE_AGENCY", 2)
    for _ in range(2):
        _declare(office, "joint_use_notice", office.acting(HIDAMARI), members=[CITY])

    with pytest.raises(Conflict) as refusal:
        _declare(office, "joint_use_notice", office.acting(HIDAMARI), members=[CITY])

    assert "TOO_MANY" == refusal.value.reason
    assert _declare(office, "joint_use_notice", office.acting(SHAKYO), members=[CITY]).id


# --- what is registered --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_key_with_another_body_is_refused_and_the_same_request_is_answered_again(
    office: RegisterOffice, kind: str
) -> None:
    key = office.key("one")
    by, terms = _by(office, kind), _terms(office, kind)
    first = office.services.declarations.register(by, key, kind, terms=terms)

    again = office.services.declarations.register(by, key, kind, terms=terms)

    assert (first.id, first.log_index) == (again.id, again.log_index)
    with pytest.raises(IdempotencyMismatch):
        office.services.declarations.register(
            by, IdempotencyKey(key.agency_id, key.key, "another"), kind, terms=terms
        )


@pytest.mark.parametrize("kind", KINDS)
def test_declaration_is_found_by_its_keys_and_logged_by_its_kind_in_the_body(
    office: RegisterOffice, kind: str
) -> None:
    done = _declare(office, kind)

    fact = office.fact(kind, done.id)
    for key in keys_of(kind, TENANT, fact):
        assert done.id in _found(office, key)
    shown = done.evidence.fields()
    assert (kind, CITY) == (shown["kind"], shown["agency"])
    assert kind not in done.evidence.to_json()["leaf"]


def test_stalker_notice_is_not_found_by_the_agency_it_names(office: RegisterOffice) -> None:
    done = _declare(office, "stalker_notice", agencies=[HIDAMARI])

    assert done.id not in _found(office, agency_key(office.acting(HIDAMARI).agency_id))


def test_everybody_whom_a_declaration_names_is_to_be_reconsidered(office: RegisterOffice) -> None:
    persons = tuple(office.person(office.subject(CITY, ref)) for ref in ("c-1", "c-2"))

    assert persons == _declare(office, "list_entry").persons
    assert persons == _declare(office, "stalker_notice").persons
    assert persons[:1] == _declare(office, "statutory_request").persons


# --- ending ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["rebasing", "flag_source"])
def test_kind_that_does_not_end_cannot_be_ended(office: RegisterOffice, kind: str) -> None:
    done = _declare(office, kind)

    with pytest.raises(NotFound):
        office.services.declarations.end(_by(office, kind), office.key(), kind, done.id)


@pytest.mark.parametrize("kind", ["use_purpose", "list_entry", "joint_use_notice", "department"])
def test_ending_of_another_agencys_declaration_is_not_found(
    office: RegisterOffice, kind: str
) -> None:
    done = _declare(office, kind)

    for id_ in (done.id, "not-there"):
        with pytest.raises(NotFound):
            office.services.declarations.end(office.acting(HIDAMARI), office.key(), kind, id_)


@pytest.mark.parametrize("kind", ENDING)
def test_declaration_ends_once_and_not_in_the_future(office: RegisterOffice, kind: str) -> None:
    by, ends = _by(office, kind), RULES[kind].ends
    done = _declare(office, kind)

    with pytest.raises(SchemaViolation):
        office.services.declarations.end(by, office.key(), kind, done.id, T0 + 1)
    ended = office.services.declarations.end(by, office.key(), kind, done.id)
    with pytest.raises(Conflict) as refusal:
        office.services.declarations.end(by, office.key(), kind, done.id)

    assert (2, T0) == (ended.version, office.fact(kind, done.id)[ends])
    assert "ALREADY_ENDED" == refusal.value.reason
    assert done.persons == ended.persons
    assert done.id in _found(office, keys_of(kind, TENANT, office.fact(kind, done.id))[0])


def test_mode_that_has_run_out_cannot_be_ended_any_more(office: RegisterOffice) -> None:
    done = _declare(office, "mode_switch", ends_at=T0 + HOUR)
    office.house.clock.advance(HOUR)

    with pytest.raises(Conflict) as refusal:
        office.services.declarations.end(
            _by(office, "mode_switch"), office.key(), "mode_switch", done.id
        )

    assert "ALREADY_ENDED" == refusal.value.reason


# --- showing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "mode_switch"])
def test_declaration_is_not_shown_or_listed_to_an_agency_it_does_not_concern(
    office: RegisterOffice, kind: str
) -> None:
    done = _declare(office, kind)

    for id_ in (done.id, "not-there"):
        with pytest.raises(NotFound):
            office.services.declarations.show(office.acting(SHAKYO), kind, id_)
    assert [] == office.services.declarations.listed(office.acting(SHAKYO), kind)


def test_stalker_notice_is_shown_to_nobody_at_all(office: RegisterOffice) -> None:
    done = _declare(office, "stalker_notice")

    for by in (office.acting(CITY, "member", "officer", actor=OFFICER), office.acting(HIDAMARI)):
        with pytest.raises(NotFound):
            office.services.declarations.show(by, "stalker_notice", done.id)
        assert [] == office.services.declarations.listed(by, "stalker_notice")


@pytest.mark.parametrize(
    "kind",
    ["council_notice", "joint_use_notice", "use_purpose", "designation", "statutory_request"],
)
def test_agency_that_a_declaration_names_is_shown_and_listed_it(
    office: RegisterOffice, kind: str
) -> None:
    done = _declare(office, kind)

    view = office.services.declarations.show(office.acting(HIDAMARI), kind, done.id)

    (listed,) = office.services.declarations.listed(office.acting(HIDAMARI), kind)
    without_persons = {n: v for n, v in view.members.items() if n != "subjects"}
    assert {**without_persons, "version": 1} == listed


def test_order_of_disaster_mode_is_shown_to_every_member(office: RegisterOffice) -> None:
    done = _declare(office, "mode_switch")

    view = office.services.declarations.show(office.acting(HIDAMARI), "mode_switch", done.id)

    listed = office.services.declarations.listed(office.acting(SHAKYO), "mode_switch")
    assert [{**view.members, "version": 1}] == listed


def test_persons_are_shown_by_the_viewers_own_handles(office: RegisterOffice) -> None:
    entry, request = _declare(office, "list_entry"), _declare(office, "statutory_request")
    subject, other = office.subject(CITY, "c-1"), office.subject(CITY, "c-2")
    show = office.services.declarations.show

    mine = show(office.acting(CITY), "list_entry", entry.id).members
    asked = show(office.acting(HIDAMARI), "statutory_request", request.id).members

    assert (subject, other) == (mine["subject"], mine["supporter"])
    assert [] == asked["subjects"]
    for person in (office.person(subject), office.person(other)):
        assert person not in repr((mine, asked))


def test_consent_given_by_another_is_shown_by_a_handle(office: RegisterOffice) -> None:
    subject, giver = office.subject(CITY, "c-1"), office.subject(CITY, "c-mother")
    done = office.services.consents.register(
        office.acting(CITY),
        office.key(),
        subject=subject,
        imported=False,
        terms=consent_terms(capacity="guardian_parent", given_by=giver),
    )

    shown = office.services.showing.show(office.acting(CITY), "consent", done.id).members

    assert giver == shown["given_by"]


# --- what decisions read --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_declaration_reaches_every_decision_it_bears_on_and_its_end_unsettles_them(
    office: RegisterOffice, kind: str
) -> None:
    """What is read has its keys among the epochs on which a waiting delivery stands."""
    terms = _terms(office, kind)
    by = _by(office, kind)
    if kind == "statutory_request":  # the authority that asks is the recipient
        terms["asked"] = SHAKYO
    done = office.services.declarations.register(by, office.key(), kind, terms=terms)
    unit = _unit(office, kind, done.id, str(terms.get("conference", "")))

    facts = _facts(office, unit)

    told: Any = policy_input(unit, facts, now=Millis(T0))
    assert done.id in [fact["id"] for fact in told["registered"][FACT_LISTS[kind]]]
    keys = set(keys_of(kind, TENANT, office.fact(kind, done.id)))
    assert keys & {epoch.key for epoch in facts.epochs}


def test_file_kept_for_another_purpose_enters_no_decision(office: RegisterOffice) -> None:
    for purposes in (["watch", "plan"], ["refer", "watch"]):
        _declare(office, "use_purpose", purposes=purposes)
    unit = _unit(office, "use_purpose", "", "")

    told = _told_of(office, unit)

    assert [["refer", "watch"]] == [u["purposes"] for u in told["registered"]["use_purposes"]]


def test_file_of_another_agency_enters_no_decision(office: RegisterOffice) -> None:
    _declare(office, "use_purpose", office.acting(SHAKYO))

    told = _told_of(office, _unit(office, "use_purpose", "", ""))

    assert [] == told["registered"]["use_purposes"]


def _facts(office: RegisterOffice, unit: Unit) -> UnitFacts:
    query = query_for(TENANT, unit, ad_hoc_since=Millis(0), asking_actor="", lately_since=Millis(0))
    return office.house.run(office.house.context.facts.facts(TENANT, query))


def _told_of(office: RegisterOffice, unit: Unit) -> Any:
    return policy_input(unit, _facts(office, unit), now=Millis(T0))


def _unit(office: RegisterOffice, kind: str, id_: str, conference: str) -> Unit:
    """Return a disclosure between two agencies, to the recipient as a whole."""
    sender, recipient = (SHAKYO, CITY) if kind == "statutory_request" else (CITY, HIDAMARI)
    refs = {"conference": conference, "sender_department": id_ if kind == "department" else ""}
    to = RecipientRef(AgencyId(recipient), None)
    subject = SubjectId(office.subject(sender, "c-1"))
    request = DisclosureRequest(
        disclosure_id=DisclosureId("d-1"),
        direction=Direction.PULL,
        sender_agency_id=AgencyId(sender),
        sender_actor_id=ActorId(f"{sender}-1"),
        sender_system_id=SystemId(f"{sender}-desk"),
        capacity=Capacity("own_business", ""),
        recipients=(to,),
        subjects=(subject,),
        co_subjects={},
        purpose="refer",
        basis="",
        refs=refs,
        profile="",
        fields=(),
        asserted=(),
        urgency="normal",
        requested_at=Millis(T0),
    )
    return Unit(request, to, subject)
