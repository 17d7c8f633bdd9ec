"""A draft is tried on what was decided: real decisions of a real gateway's database."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from gateway.authoring.policy_replay import ReplayReport, replay
from gateway.domain.errors import IntegrityError, SchemaViolation
from gateway.domain.ids import EntryId, Millis
from gateway.domain.log import EntryDraft, EntryType, EraseBody
from gateway.policy.bundle import PolicyBundle, build_bundle
from gateway.policy.contract import PolicyContract
from gateway.policy.rejection import RevisionRejected
from gateway.policy.serving import CurrentPolicy
from gateway.services.past_decisions import PastDecision, PastDecisions
from gateway.services.recording import Change
from tests.simulators.house import GATEWAY, ORIGIN, House
from tests.simulators.kept_decisions import QUESTIONS, decided, keep_decisions
from tests.simulators.kept_log import raw
from tests.simulators.policy_inputs import DAY, POLICIES, SCHEMAS, T0
from tests.simulators.tampering import tamper

STOP = "disclosure/stop/stop_my_number/stop_my_number.rego"


@pytest.fixture(scope="module")
def current_policy() -> CurrentPolicy:
    return CurrentPolicy(POLICIES, PolicyContract.read(SCHEMAS))


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path, current_policy: CurrentPolicy) -> Iterator[House]:
    opened = House(sqlite_url, tmp_path, policy=current_policy)
    decided(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def draft_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same rules, but for a stop that lets a number pass."""
    directory = Path(shutil.copytree(POLICIES, tmp_path_factory.mktemp("draft") / "policies"))
    text = (directory / STOP).read_text(encoding="utf-8")
    assert 'field.my_number == "clear"' in text
    changed = text.replace('field.my_number == "clear"', 'field.screener != "nobody"')
    (directory / STOP).write_text(changed, encoding="utf-8")
    return directory


@pytest.fixture(scope="module")
def draft(draft_directory: Path) -> PolicyBundle:
    return build_bundle(draft_directory)


def read(house: House, **which: Any) -> list[PastDecision]:
    past = PastDecisions(house.context)
    return list(past.read(past.select(**which)))


def kept(house: House) -> Mapping[str, bytes]:
    return {house.current.revision: house.current.bundle.archive}


def test_reading_without_a_reason_is_refused_and_records_nothing(house: House) -> None:
    past, before = PastDecisions(house.context), house.entries()

    for reason in ("", "  ", "理" * 401):
        with pytest.raises(SchemaViolation):
            past.record_reading("console.tester", reason, 3)

    assert before == house.entries()


def test_reading_is_recorded_with_who_why_and_how_many(house: House) -> None:
    PastDecisions(house.context).record_reading("console.tester", "下書きの確認", 3)

    ((_, body),) = house.entries(kinds={"audit-read"})
    schema = json.loads((SCHEMAS / "audit-body.json").read_text(encoding="utf-8"))
    jsonschema_rs.validator_for(
        {"$ref": "#/$defs/audit-read_body", "$defs": schema["$defs"]}
    ).validate(body)
    assert ("console.tester", "policy_replayed", 3) == (body["actor"], body["code"], body["count"])


def test_body_that_was_exchanged_is_noticed(
    house: House, sqlite_url: str, draft: PolicyBundle
) -> None:
    first, second = PastDecisions(house.context).select()[:2]
    tamper(
        sqlite_url,
        "UPDATE log_body SET ciphertext = (SELECT ciphertext FROM log_body WHERE seq = ?)"
        " WHERE seq = ?",
        first,
        second,
    )

    with pytest.raises(IntegrityError):
        replay(read(house), draft, jobs=1)


def test_draft_that_is_no_revision_is_refused(house: House, draft: PolicyBundle) -> None:
    broken = dataclasses.replace(draft, modules={**draft.modules, "lib/x.rego": "package lib."})

    with pytest.raises(RevisionRejected):
        replay(read(house), broken, jobs=1)


def test_same_rules_change_nothing(house: House) -> None:
    report = replay(read(house), house.current.bundle, jobs=1)

    assert (len(QUESTIONS), len(QUESTIONS), 0) == (report.read, report.same, report.changed)


def test_draft_that_lets_more_pass_is_told_by_field_and_never_by_person(
    house: House, draft: PolicyBundle
) -> None:
    report = replay(read(house), draft, jobs=1)

    ((group, count),) = report.groups.items()
    assert (1, len(QUESTIONS) - 1) == (count, report.same)
    assert ("npo-hidamari", "aoba-shakyo", "refer") == (
        group.sender,
        group.recipient,
        group.purpose,
    )
    assert (("subject.phones",), ()) == (group.gained, group.lost)
    told = json.dumps(dataclasses.asdict(group))
    assert [] == [who for who in ("p-sato", "s-sato", "consent-sato", "actor-") if who in told]


def test_draft_that_comes_to_no_decision_is_told(house: House, draft: PolicyBundle) -> None:
    table = draft.data["obligations"]
    duties = {c: row for c, row in table["duties"].items() if c != "purpose_only"}
    data = {**draft.data, "obligations": {**table, "duties": duties}}

    report = replay(read(house), dataclasses.replace(draft, data=data), jobs=1)

    undecided = [g for g in report.groups if g.after is None]
    assert undecided
    assert all(g.before is not None and g.lost for g in undecided)


def test_past_is_replayed_to_the_same_answers(house: House, draft: PolicyBundle) -> None:
    report = replay(read(house), draft, kept=kept(house), jobs=1)

    assert (len(QUESTIONS), [], 0) == (report.checked, report.differing, report.lost_revisions)


def test_past_that_is_replayed_to_another_answer_is_named(
    house: House, draft: PolicyBundle
) -> None:
    report = replay(read(house), draft, kept={house.current.revision: draft.archive}, jobs=1)

    partly = PastDecisions(house.context).select()[1]
    stored = house.context.log.stored(house.context.log_id, partly, partly + 1)
    assert [stored[0].entry_id] == report.differing


def test_decision_whose_revision_was_not_kept_is_counted(house: House, draft: PolicyBundle) -> None:
    report = replay(read(house), draft, kept={}, jobs=1)

    assert (0, len(QUESTIONS)) == (report.checked, report.lost_revisions)


def test_decision_that_was_erased_is_counted_and_not_asked(
    house: House, draft: PolicyBundle
) -> None:
    erased = read(house)[1].entry_id
    draft_entry = EntryDraft(house.context.ids.entry(), EntryType.ERASE, house.clock.now(), {})
    house.recorder.record(
        Change((house.recorder.prepare(draft_entry),), (EraseBody(EntryId(erased)),))
    )

    report = replay(read(house), draft, kept=kept(house), jobs=1)

    assert (3, 1, 2, 0) == (report.read, report.erased, report.same, report.changed)
    assert 2 == report.checked


def test_decisions_under_a_key_that_was_destroyed_are_erased(
    house: House, tmp_path: Path, draft: PolicyBundle
) -> None:
    for key in (tmp_path / "keys").glob("kek-*"):
        key.unlink()

    report = replay(read(house), draft, jobs=1)

    assert (3, 3, 0) == (report.read, report.erased, report.changed)


def test_silence_of_the_past_is_compared_with_what_the_draft_says(
    house: House, draft: PolicyBundle
) -> None:
    past = read(house)[0]
    assert past.body is not None
    silent = dataclasses.replace(past, body={**past.body, "policy_decision": {}})

    report = replay([silent], draft, kept=kept(house), jobs=1)

    ((group, _),) = report.groups.items()
    assert group.before is None
    assert group.after is not None
    assert (0, 0) == (report.checked, report.lost_revisions)


def test_newest_decisions_since_a_day_are_chosen(house: House) -> None:
    keep_decisions(house, 5, at=T0 + DAY)

    assert 8 == len(read(house))
    assert 5 == len(read(house, since=Millis(T0 + DAY)))
    assert [] == read(house, since=Millis(T0 + DAY + 1))
    assert [T0 + DAY] * 2 == [d.at for d in read(house, limit=2)]
    assert 8 == len(read(house, limit=9))


def test_several_processes_find_what_one_finds(house: House, draft: PolicyBundle) -> None:
    keep_decisions(house, 300)
    seen: list[int] = []

    alone = replay(read(house), draft, kept=kept(house), jobs=1)
    together = replay(read(house), draft, kept=kept(house), jobs=2, progress=seen.append)

    assert alone == together
    assert (303, 101) == (together.read, together.changed)
    assert sorted(seen) == seen
    assert 303 == seen[-1]


def test_operator_replays_at_the_console_and_it_is_recorded(
    sqlite_url: str, tmp_path: Path, current_policy: CurrentPolicy, draft_directory: Path
) -> None:
    house = House(sqlite_url, tmp_path, policy=current_policy)
    decided(house)
    bundle = house.current.bundle
    revisions = house.database.policy_revisions(house.context.tenant_id)
    revisions.keep(bundle.revision, bundle.archive, now=house.clock.now())
    house.close()
    (tmp_path / "state").mkdir(mode=0o700)
    shutil.copy(tmp_path / "signer.json", tmp_path / "state/log-signer.json")
    settings = {
        "TASUKI_DATABASE_URL": sqlite_url,
        "TASUKI_KEYS_DIR": str(tmp_path / "keys"),
        "TASUKI_STATE_DIR": str(tmp_path / "state"),
        "TASUKI_ORIGIN": GATEWAY,
        "TASUKI_LOG_ORIGIN": ORIGIN,
        "TASUKI_TENANT": "aoba",
    }

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "gateway.cli.main", "policy", *arguments, "--json"],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, **settings},
            cwd=POLICIES.parent,
        )

    refused = run("replay", str(draft_directory))
    done = run("replay", str(draft_directory), "--reason", "下書き", "--check", "--jobs", "1")
    compared = run("diff", bundle.revision, str(draft_directory))

    assert 2 == refused.returncode
    assert 0 == done.returncode, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert (3, 1, 3, []) == tuple(answer[n] for n in ("read", "changed", "checked", "differing"))
    assert ["subject.phones"] == answer["groups"][0]["gained"]
    assert ["disclosure/stop/stop_my_number/stop_my_number"] == [
        c["where"] for c in json.loads(compared.stdout)["rules"]
    ]
    rows = raw(sqlite_url, "SELECT leaf FROM log_entry ORDER BY seq DESC LIMIT 1")
    assert "audit-read" == json.loads(rows[0][0])["ty"]


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_ten_thousand_decisions_are_replayed_to_the_same_answers(
    house: House, draft: PolicyBundle
) -> None:
    """Every past decision can be asked again, and a draft tried on all of them."""
    keep_decisions(house, 10_000)
    began = time.perf_counter()

    report: ReplayReport = replay(read(house), draft, kept=kept(house))

    sys.stdout.write(f"replayed {report.read / (time.perf_counter() - began):.0f} decisions/s\n")
    assert 10_003 == report.read == report.checked
    assert [] == report.differing
    assert 3334 == report.changed
