"""What the demonstration promises, seen from outside."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from gateway.minimisation.fields import FIELDS
from tests.demo.running import DemoRun, tasuki

OUTCOMES = {
    ("voice-consent", "aoba-shakyo"): ("permit", "consent_public"),
    ("mothers-signature", "aoba-shakyo"): ("deny", "consent_public"),
    ("conference-8050", "aoba-shakyo"): ("permit", "shien_kaigi_swa"),
    ("conference-8050", "aoba-gas"): ("permit_partial", "shien_kaigi_swa"),
    ("founding-rule-not-seen", "aoba-shakyo"): ("deny", "shien_kaigi_swa"),
    ("diagnosis-withheld", "aoba-shakyo"): ("permit_partial", "consent_public"),
    ("not-on-the-roster", "kodomo-tsukushi"): ("deny", "shien_kaigi_swa"),
    ("proxy-without-undertaking", "aoba-gas"): ("deny", "shien_kaigi_swa"),
    ("food-request", "npo-hidamari"): ("permit", "consent_public"),
    ("withdrawn-consent", "npo-hidamari"): ("deny", ""),
    ("urgent-alone", "aoba-city"): ("held", "vital_interest_private"),
    ("urgent-household", "aoba-city"): ("permit", "vital_interest_private"),
    ("neutral-question", "aoba-minsei"): ("permit", "minsei_iin"),
    ("food-by-approval", "npo-hidamari"): ("permit", "public_special_reason"),
    ("protected-address", "kodomo-tsukushi"): ("deny", ""),
    ("my-number-removed", "aoba-shakyo"): ("permit_partial", "consent_private"),
    ("my-number-alone", "aoba-shakyo"): ("deny", ""),
    ("welfare-receipt-to-ward-head", "aoba-chiku-3"): ("deny", "consent_public"),
}
REASONS = {
    "mothers-signature": "CONSENTER_NO_AUTHORITY",
    "founding-rule-not-seen": "NO_BASIS",
    "not-on-the-roster": "NOT_MEMBER_TODAY",
    "proxy-without-undertaking": "NO_UNDERTAKING",
    "withdrawn-consent": "CONSENT_WITHDRAWN",
    "urgent-alone": "APPROVAL_REQUIRED",
    "protected-address": "NOT_SHAREABLE",
    "my-number-alone": "MY_NUMBER_FOUND",
    "welfare-receipt-to-ward-head": "BASIS_NOT_FOR_RECIPIENT",
}
# What records of the scenario hold; no gateway may keep or say any of it readably.
VALUES = ("佐藤", "田中", "若葉町", "000-000-0001", "1234 5678 9018", "架空の診断名", "倒れかけて")


@pytest.mark.parametrize("id_", REASONS)
def test_demo_when_refused_says_why_with_article_and_next_step(demo_run: DemoRun, id_: str) -> None:
    part = demo_run.part(id_)

    assert REASONS[id_] == part["reasons"][0]
    assert [] == part["fields_passed"]
    for reason in part["refused_because"]:
        assert reason["article"]
        assert reason["next_step_ja"]
        assert reason["next_step_en"]
        assert reason["lawful_alternatives"]


def test_demo_when_counterpart_asks_tells_the_officer_alone(demo_run: DemoRun) -> None:
    part = demo_run.part("protected-address")

    assert ["NOT_SHAREABLE"] == part["asker_heard"]
    assert ["PROTECTED_ADDRESS"] == part["officer_read"]
    assert "PROTECTED_ADDRESS" not in part["reasons"]


def test_demo_when_diagnosis_was_not_agreed_passes_the_rest(demo_run: DemoRun) -> None:
    part = demo_run.part("diagnosis-withheld")

    assert ["assessment.diagnosis"] == part["fields_withheld"]
    assert ["referral.urgency", "subject.name_original", "subject.phones"] == part["fields_passed"]


def test_demo_when_watching_shows_only_what_to_watch(demo_run: DemoRun) -> None:
    whole = demo_run.part("conference-8050", "aoba-shakyo")
    watcher = demo_run.part("conference-8050", "aoba-gas")

    assert [
        "assessment.housing_condition",
        "assessment.safety_note_for_visitors",
        "subject.address_actual",
    ] == watcher["fields_passed"]
    assert set(watcher["fields_passed"]) < set(whole["fields_passed"])


def test_demo_when_held_passes_after_a_second_person_and_is_reviewed(demo_run: DemoRun) -> None:
    held, passed = demo_run.part("urgent-alone"), demo_run.part("urgent-household")

    assert ["second_person"] == held["held_by"]
    assert "officer_review" in passed["obligations"]


def test_demo_comes_out_as_written(demo_run: DemoRun) -> None:
    outcomes = {(e["id"], e["to"]): (e["outcome"], e["basis"]) for e in demo_run.exchanges}

    assert 0 == demo_run.status
    assert OUTCOMES == outcomes
    assert all(e["as_written"] for e in demo_run.exchanges)


def test_demo_says_its_json_in_the_promised_shape(demo_run: DemoRun) -> None:
    answer = demo_run.answer

    assert 12 <= len(answer["exchanges"])
    assert 6 <= sum(e["outcome"] == "deny" for e in answer["exchanges"])
    for exchange in answer["exchanges"]:
        assert exchange["outcome"] in {"permit", "permit_partial", "deny", "held"}
        assert exchange["journey"].startswith("J")
        assert exchange["rows"]
        assert isinstance(exchange["log_index"], int)
        asked = {*exchange["fields_passed"], *exchange["fields_withheld"]}
        assert asked
        assert asked <= FIELDS.keys()
    assert answer["log"]["size"] > 0
    assert len(bytes.fromhex(answer["log"]["root"])) == 32
    assert (True, True) == (answer["log"]["verified"], answer["log"]["tamper_detected"])


def test_demo_opens_and_acknowledges_what_is_carried(demo_run: DemoRun) -> None:
    for exchange in demo_run.exchanges:
        carried = bool(exchange["fields_passed"]) and exchange["direction"] in {"push", "pull"}
        assert carried == (exchange["opened_index"] is not None), exchange["id"]
        if carried:
            assert exchange["log_index"] < exchange["opened_index"]
            assert exchange["opened_index"] < exchange["acknowledged_index"]


def test_demo_proves_every_entry_of_every_log(demo_run: DemoRun) -> None:
    for log in demo_run.answer["logs"]:
        assert log["verified"]
        assert log["size"] == log["proofs"]
    assert {e["pack"] for e in demo_run.exchanges} == {
        log["pack"] for log in demo_run.answer["logs"]
    }


def test_demo_gateways_keep_no_value_readably(demo_run: DemoRun) -> None:
    places = [*demo_run.folder.glob("towns/*/gateway/**/*"), *demo_run.folder.glob("logs/**/*")]
    files = [path for path in places if path.is_file()]

    assert any(path.name == "gateway.db" for path in files)
    for path in files:
        content = path.read_bytes()
        assert [] == [value for value in VALUES if value.encode() in content], path


def test_demo_leaves_no_gateway_running(demo_run: DemoRun) -> None:
    assert 0 == demo_run.status

    for folder in demo_run.folder.glob("towns/*/gateway"):
        running = _processes_that_have_open(folder / "gateway.log")
        assert [] == running, folder


def test_demo_into_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "something").touch()

    done = tasuki("demo", "--folder", str(tmp_path))

    assert 2 == done.returncode
    assert "not empty" in done.stderr


@pytest.mark.long
def test_demo_kept_answers_its_command_lines_until_it_is_ended(tmp_path: Path) -> None:
    """The printed lines are run as they are: one permitted, one refused, inbox, checkpoint."""
    if shutil.which("curl") is None:
        pytest.skip("no curl")
    done = tasuki("demo", "--keep", "--json", "--folder", str(tmp_path / "kept"))
    answer = DemoRun(done.returncode, done.stdout, tmp_path / "kept", {}).answer
    kept = answer["kept"]
    try:
        answers = [
            subprocess.run(  # noqa: S603 - the line that a visitor is shown
                ["/bin/sh", "-c", line["command"]],
                capture_output=True,
                text=True,
                timeout=30,
                check=True,
            ).stdout
            for line in kept["curl"]
        ]
    finally:
        os.kill(kept["pid"], signal.SIGTERM)

    permitted, refused, inbox, checkpoint = answers
    assert '"label":"permit"' in permitted
    assert "MY_NUMBER_FOUND" in refused
    assert '"deliveries":[{' in inbox
    assert checkpoint.startswith(answer["log"]["origin"])


def _processes_that_have_open(file: Path) -> list[str]:
    found = []
    for opened in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if opened.resolve() == file:
                found.append(opened.parts[2])
        except OSError:
            continue  # another's process, or one that has ended meanwhile
    return found
