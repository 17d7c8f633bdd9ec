"""A demonstration that does not come out as written says so."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.client import ReasonGiven, UnitAnswer
from gateway.client.answers import Ground
from gateway.demo.evidence import Attempt, CheckedLog
from gateway.demo.exchanges import TOWNS
from gateway.demo.player import Part, Received
from gateway.demo.run import Report
from gateway.domain.disclosure import Label
from gateway.domain.ids import AgencyId, DecisionId, FieldId, SubjectId

TOWN = next(town for town in TOWNS if town.pack == "uwajima")
FOOD, WITHDRAWN = TOWN.exchanges[0], TOWN.exchanges[1]
PASSED = tuple(map(FieldId, FOOD.expected[0].passed))
REASON = ReasonGiven("CONSENT_WITHDRAWN", "consent_public", "…", "", "", "", "", ("none",), ())
LOG = CheckedLog("default", Path("log"), "demo.example/default", "vkey", size=2, proofs=2)
NOTICED = Attempt("", "", "keys", "keys: other keys than those known")


def _unit(**changes: Any) -> UnitAnswer:
    unit = UnitAnswer(
        decision_id=DecisionId("decision"),
        recipient=AgencyId("npo-hidamari"),
        recipient_actor="npo-hidamari-01",
        subject=SubjectId("subject"),
        label=Label.PERMIT,
        bases=(Ground("consent_public", "…"),),
        permitted=PASSED,
        withheld=(),
        reasons=(),
        obligations=(),
        held_by=(),
        expires_at=None,
        recipient_key=None,
        log_index=1,
        release_index=None,
        evidence=None,
    )
    return replace(unit, **changes)


def _permit(**changes: Any) -> Part:
    received = Received(tuple(PASSED), 3, 4)
    return replace(Part(TOWN, FOOD, FOOD.expected[0], _unit(), received, (), ()), **changes)


def _refusal(**changes: Any) -> Part:
    unit = _unit(label=Label.DENY, bases=(), permitted=(), reasons=(REASON,))
    return replace(Part(TOWN, WITHDRAWN, WITHDRAWN.expected[0], unit, None, (), ()), **changes)


def _report(*parts: Part, **changes: Any) -> Report:
    report = Report(Path(), parts, (LOG,), (NOTICED,), Path("tampered"), 1.0, ())
    return replace(report, **changes)


@pytest.mark.parametrize(
    "part",
    [
        _permit(unit=_unit(label=Label.PERMIT_PARTIAL)),
        _permit(unit=_unit(permitted=PASSED[1:])),
        _permit(unit=_unit(bases=(Ground("public_special_reason", "…"),))),
        _permit(unit=_unit(bases=())),
        _permit(received=None),
        _permit(received=Received(tuple(PASSED[1:]), 3, 4)),
        _permit(officer_read=(REASON,)),
        _refusal(unit=_unit()),
        _refusal(unit=_unit(label=Label.HELD, bases=(), permitted=(), reasons=(REASON,))),
        _refusal(unit=_unit(label=Label.DENY, bases=(), permitted=())),
        _refusal(received=Received((), 3, 4)),
    ],
)
def test_part_that_came_out_otherwise_is_not_as_written(part: Part) -> None:
    assert not part.as_written
    assert not _report(_permit(), part).passed


def test_report_with_a_log_that_does_not_verify_has_not_passed() -> None:
    assert not _report(_permit(), logs=(replace(LOG, fault="checkpoint: missing"),)).passed


def test_report_with_tampering_unnoticed_has_not_passed() -> None:
    unnoticed = replace(NOTICED, fault="")

    assert not _report(_permit(), attempts=(NOTICED, unnoticed)).passed
    assert not _report(_permit(), attempts=()).passed


def test_report_of_parts_as_written_has_passed() -> None:
    assert _permit().as_written
    assert _refusal().as_written
    assert _report(_permit(), _refusal()).passed
