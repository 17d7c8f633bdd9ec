"""A gateway opens when everything agrees, and not otherwise; rules change while it runs."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.bootstrap import LOG_ID, Gateway, open_gateway, open_reader, open_registers
from gateway.crypto.commitment import Leaf
from gateway.crypto.keys import verify_key
from gateway.domain.errors import IntegrityError, LogUnavailable, StorageUnavailable
from gateway.domain.ids import TenantId
from gateway.domain.log import EntryType
from gateway.policy.bundle import build_bundle, read_bundle
from gateway.policy.rejection import RevisionRejected
from gateway.services.recording import Recorder
from gateway.settings import Settings
from gateway.storage.key_ring import create_key_ring
from gateway.system import SystemClock
from tests.simulators.waiting import eventually

ROOT: Final = Path(__file__).resolve().parents[2]
OLDER: Final = ("2026-11-24", 3)
_ENDS_S: Final = 60
_PROGRAM: Final = (
    "from gateway.main import serve; from gateway.settings import load_settings;"
    " serve(load_settings())"
)


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    """Settings of a gateway that opens: database, keys, and rules of its own."""
    create_key_ring(tmp_path / "keys", now=SystemClock().now())
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    return Settings(
        database_url=sqlite_url,
        origin="https://gw.aoba.example",
        keys_dir=tmp_path / "keys",
        state_dir=tmp_path / "state",
        policies_dir=tmp_path / "policies",
        port=0,
    )


@pytest.fixture
def gateway(settings: Settings) -> Iterator[Gateway]:
    with open_gateway(settings) as opened:
        yield opened


def test_gateway_without_keys_does_not_open(settings: Settings) -> None:
    shutil.rmtree(settings.keys_dir)

    _does_not_open(settings, IntegrityError)


@pytest.mark.parametrize(
    "name", ["log.pem", "log.pub.pem", "token.pem", "policy.pem", "reference.key", "index.key"]
)
def test_gateway_without_one_of_its_keys_does_not_open(settings: Settings, name: str) -> None:
    (settings.keys_dir / name).unlink()

    _does_not_open(settings, IntegrityError)


def test_gateway_on_a_database_that_is_not_migrated_does_not_open(
    settings: Settings, tmp_path: Path
) -> None:
    empty = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/empty.db"})

    _does_not_open(empty, StorageUnavailable)


def test_second_gateway_on_the_same_database_does_not_open(
    gateway: Gateway, settings: Settings
) -> None:
    _does_not_open(settings, StorageUnavailable)


def test_gateway_whose_signer_forgot_does_not_open(settings: Settings) -> None:
    with open_gateway(settings):
        pass
    shutil.rmtree(settings.state_dir)

    _does_not_open(settings, IntegrityError)


def test_gateway_of_another_log_does_not_open(settings: Settings) -> None:
    with open_gateway(settings):
        pass

    other = settings.model_copy(update={"log_origin": "gw.aoba.example/audit/other"})
    _does_not_open(other, IntegrityError)


def test_gateway_with_another_log_key_does_not_open(settings: Settings, tmp_path: Path) -> None:
    with open_gateway(settings):
        pass
    create_key_ring(tmp_path / "other", now=SystemClock().now())
    shutil.copy(tmp_path / "other" / "log.pem", settings.keys_dir / "log.pem")

    _does_not_open(settings, IntegrityError)


@pytest.mark.parametrize("serving", [False, True])
def test_gateway_whose_log_keys_are_not_a_pair_does_not_open(
    settings: Settings, tmp_path: Path, *, serving: bool
) -> None:
    """Also where another process signs, whose first head is not the public key's."""
    create_key_ring(tmp_path / "other", now=SystemClock().now())
    shutil.copy(tmp_path / "other" / "log.pem", settings.keys_dir / "log.pem")

    _does_not_open(settings, IntegrityError, serving=serving)


def test_serving_gateway_whose_signer_has_lost_its_state_does_not_open(settings: Settings) -> None:
    with open_gateway(settings):
        pass
    settings.signer_state.unlink()

    _does_not_open(settings, IntegrityError, serving=True)


def test_gateway_whose_signer_apart_is_not_there_does_not_open(
    settings: Settings, tmp_path: Path
) -> None:
    """Nor does it sign with the key that it could read."""
    apart = settings.model_copy(update={"signer_socket": str(tmp_path / "signer.sock")})

    _does_not_open(apart, LogUnavailable)
    assert not settings.signer_state.exists()


def test_gateway_with_broken_rules_does_not_open(settings: Settings) -> None:
    _break_rules(settings.policies_dir)

    _does_not_open(settings, RevisionRejected)


def test_gateway_with_older_rules_than_it_has_served_does_not_open(settings: Settings) -> None:
    """Nor does it when its operator allows another digest than theirs."""
    with open_gateway(settings) as opened:
        newest = opened.policy.revision
    older = _reissue(settings.policies_dir, *OLDER)

    refusals = [
        _refusal(settings.model_copy(update={"policy_allow_older": allowed}))
        for allowed in ("", newest)
    ]

    for refusal in refusals:
        assert "2026-11-24.3 is older than" in refusal.findings[0]
        assert older in refusal.findings[0]
    with open_registers(settings) as registers:
        found = registers.fact(TenantId("aoba"), "policy_in_force", "policy")
    assert found is not None
    assert newest == found.fact["revision"]


def test_older_rules_leave_the_newest_in_force_and_alert_the_officers(
    gateway: Gateway, settings: Settings
) -> None:
    newest = gateway.policy.revision
    older = _reissue(settings.policies_dir, *OLDER)

    assert not gateway.renew_policy()

    assert newest == gateway.policy.revision
    _, (type_, body) = _entries(gateway)
    assert (EntryType.POLICY, "refused", newest) == (type_, body["change"], body["policy_revision"])
    assert "2026-11-24.3 is older than" in body["note"]
    (alert,) = gateway.context.registers.rows(TenantId("aoba"), "notice", {})
    assert ("officers", "policy_refused") == (alert["recipient_agency"], alert["kind"])
    assert older not in gateway.kept_bundles()


def test_other_rules_in_a_place_that_was_served_are_refused_in_production_alone(
    settings: Settings,
) -> None:
    with open_gateway(settings):
        pass
    _change_rules(settings.policies_dir)

    refusal = _refusal(settings.model_copy(update={"production": True}))

    assert "was in force with other contents" in refusal.findings[0]
    with open_gateway(settings) as opened:
        assert 2 == len(_entries(opened))


def test_older_rules_that_the_operator_names_come_into_force_and_the_log_says_so(
    settings: Settings,
) -> None:
    """What was in force once stays the newest: without the word they are refused again."""
    with open_gateway(settings) as opened:
        newest, issued = opened.policy.revision, str(opened.policy.bundle.issue)
    older = _reissue(settings.policies_dir, *OLDER)

    with open_gateway(settings.model_copy(update={"policy_allow_older": older})) as opened:
        assert older == opened.policy.revision
        told = [
            (b["policy_revision"], b["previous_revision"], b["issued"], b["code"])
            for _, b in _entries(opened)
        ]
    _does_not_open(settings, RevisionRejected)

    assert [
        (newest, "", issued, ""),
        (older, newest, "2026-11-24.3", "older_allowed"),
    ] == told


def test_newer_rules_come_into_force_after_older_ones_were_allowed(settings: Settings) -> None:
    with open_gateway(settings):
        pass
    older = _reissue(settings.policies_dir, *OLDER)
    with open_gateway(settings.model_copy(update={"policy_allow_older": older})) as opened:
        newer = _reissue(settings.policies_dir, "2999-01-01", 1)

        assert opened.renew_policy()
        assert newer == opened.policy.revision
        assert ("2999-01-01.1", "") == tuple(_entries(opened)[-1][1][n] for n in ("issued", "code"))


def test_gateway_that_did_not_open_leaves_nothing_behind(settings: Settings) -> None:
    """The next one opens at once: no lock, no half-made log."""
    _break_rules(settings.policies_dir)
    _does_not_open(settings, RevisionRejected)
    shutil.rmtree(settings.policies_dir)
    shutil.copytree(ROOT / "policies", settings.policies_dir)

    with open_gateway(settings) as opened:
        assert [EntryType.POLICY] == [type_ for type_, _ in _entries(opened)]


def test_rules_in_force_are_announced_once_and_kept(settings: Settings) -> None:
    with open_gateway(settings) as first:
        revision = first.policy.revision
    with open_gateway(settings) as second:
        entries = _entries(second)
        kept = second.policy.bundle.archive
        found = second._database.policy_revisions(TenantId("aoba")).bundle(revision)  # noqa: SLF001 - what replay will ask

    assert [(EntryType.POLICY, revision)] == [(t, b["policy_revision"]) for t, b in entries]
    assert kept == found


def test_changed_rules_are_kept_and_announced_before_they_decide(
    gateway: Gateway, settings: Settings
) -> None:
    before = gateway.policy.revision
    _change_rules(settings.policies_dir)

    changed = gateway.renew_policy()

    after = gateway.policy.revision
    assert changed
    assert before != after
    announced = [b for t, b in _entries(gateway) if t == EntryType.POLICY]
    assert [("", before), (before, after)] == [
        (b["previous_revision"], b["policy_revision"]) for b in announced
    ]
    etag, archive = gateway.parts.published.bundle()
    (trusted,) = (verify_key(k) for k in gateway.parts.published.policy_jwks)
    assert f'"{after}"' == etag
    assert after == read_bundle(archive, key=trusted).revision


def test_broken_rules_leave_the_last_good_ones_in_force(
    gateway: Gateway, settings: Settings
) -> None:
    before = gateway.policy.revision
    _break_rules(settings.policies_dir)

    changed = gateway.renew_policy()

    assert not changed
    assert before == gateway.policy.revision
    _, (type_, body) = _entries(gateway)
    assert (EntryType.POLICY, "refused", before) == (type_, body["change"], body["policy_revision"])
    assert body["note"]
    (alert,) = gateway.context.registers.rows(TenantId("aoba"), "notice", {})
    assert ("officers", "policy_refused", "new") == (
        alert["recipient_agency"],
        alert["kind"],
        alert["state"],
    )


def test_broken_rules_of_a_gateway_that_cannot_record_are_not_in_force_either(
    gateway: Gateway, settings: Settings
) -> None:
    before = gateway.policy.revision
    _break_rules(settings.policies_dir)
    gateway.close()

    assert not gateway.renew_policy()
    assert before == gateway.policy.revision


def test_rules_that_cannot_be_recorded_do_not_come_into_force(
    gateway: Gateway, settings: Settings
) -> None:
    before = gateway.policy.revision
    _change_rules(settings.policies_dir)
    gateway.close()

    changed = gateway.renew_policy()

    assert not changed
    assert before == gateway.policy.revision


def test_same_rules_again_announce_nothing(gateway: Gateway) -> None:
    changed = gateway.renew_policy()

    assert not changed
    assert 1 == len(_entries(gateway))


def test_log_and_registers_can_be_read_beside_a_running_gateway(
    gateway: Gateway, settings: Settings
) -> None:
    with open_reader(settings) as reader, open_registers(settings) as registers:
        size = len(reader.leaves(LOG_ID, 0, 10))
        found = registers.fact(TenantId("aoba"), "policy_in_force", "policy")

    assert 1 == size
    assert found is not None
    assert gateway.policy.revision == found.fact["revision"]


def test_serving_gateway_never_opens_the_private_key_of_the_log(settings: Settings) -> None:
    """As the interpreter itself reports each file that is opened."""
    program = (
        "import sys; opened = []\n"
        "sys.addaudithook(lambda e, a: opened.append(str(a[0])) if e == 'open' else None)\n"
        "from gateway.bootstrap import open_gateway\n"
        "from gateway.settings import load_settings\n"
        "with open_gateway(load_settings(), serving=sys.argv[1] == 'serving'):\n"
        "    print(sorted({p.rpartition('/')[2] for p in opened if '/keys/log' in p}))\n"
    )
    found = [
        subprocess.run(  # noqa: S603 - this interpreter, a fixed program
            [sys.executable, "-c", program, how],
            cwd=ROOT,
            env=_environment(settings),
            check=True,
            capture_output=True,
            text=True,
        ).stdout.splitlines()[-1]
        for how in ("command", "serving")
    ]

    assert ["['log.pem', 'log.pub.pem']", "['log.pub.pem']"] == found


def test_serving_gateway_whose_signer_is_killed_starts_another_and_loses_nothing(
    settings: Settings,
) -> None:
    with open_gateway(settings, serving=True) as opened:
        before = len(_entries(opened))
        (pid,) = _children("gateway.signing")
        os.kill(pid, signal.SIGKILL)
        _change_rules(settings.policies_dir)
        eventually(opened.renew_policy)  # each is an entry, refused while nobody signs
        (other,) = _children("gateway.signing")
        entries = _entries(opened)

    assert pid != other
    assert before < len(entries)
    assert [] == _children("gateway.signing")
    with open_gateway(settings) as again:
        assert entries == _entries(again)[: len(entries)]


def test_process_renews_its_rules_at_sighup_and_ends_at_sigterm(settings: Settings) -> None:
    """As an operator sees it: lines on standard error, and the exit status."""
    with _process(settings) as process:
        assert process.stderr is not None
        _line(process.stderr, "server.listening")

        _change_rules(settings.policies_dir)
        process.send_signal(signal.SIGHUP)
        renewed = _line(process.stderr, "policy.renewed")
        process.send_signal(signal.SIGTERM)
        process.wait(_ENDS_S)

    with open_gateway(settings) as opened:
        assert opened.policy.revision == f"sha256:{renewed['policy_revision']}"
        assert 2 == len(_entries(opened))
    assert 0 == process.returncode


def _reissue(policies: Path, day: str, number: int) -> str:
    """Give the rules another place among all, and return the digest they have there."""
    table = {"issued_on": day, "number": number}
    (policies / "data" / "revision" / "data.json").write_text(json.dumps(table), encoding="utf-8")
    return build_bundle(policies).revision


def _refusal(settings: Settings) -> RevisionRejected:
    with pytest.raises(RevisionRejected) as refused, ExitStack() as stack:
        stack.enter_context(open_gateway(settings))
    return refused.value


def _does_not_open(settings: Settings, error: type[Exception], *, serving: bool = False) -> None:
    with pytest.raises(error), ExitStack() as stack:
        stack.enter_context(open_gateway(settings, serving=serving))


def _children(program: str) -> list[int]:
    """Return the processes of a program that this process has started and that run."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        for pid in map(int, (task / "children").read_text().split()):
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            found += [pid] if program.encode() in command else []
    return found


def _break_rules(policies: Path) -> None:
    (policies / "disclosure" / "main" / "main.rego").write_text("package disclosure.main\n")


def _change_rules(policies: Path) -> None:
    """Word a purpose otherwise: other bytes, the same decisions."""
    path = policies / "data" / "purposes" / "data.json"
    tables = json.loads(path.read_text(encoding="utf-8"))
    tables["refer"]["label_ja"] += "(改)"
    path.write_text(json.dumps(tables, ensure_ascii=False), encoding="utf-8")


def _entries(gateway: Gateway) -> list[tuple[str, dict[str, Any]]]:
    context, recorder = gateway.context, Recorder(gateway.context)
    size = context.log.checkpoint(context.log_id).size
    parsed = [Leaf.parse(leaf) for leaf in context.log.leaves(context.log_id, 0, size)]
    return [(leaf.type, recorder.body_of(leaf.entry_id)) for leaf in parsed]


def _environment(settings: Settings) -> dict[str, str]:
    chosen = {
        "DATABASE_URL": settings.database_url,
        "ORIGIN": settings.origin,
        "KEYS_DIR": str(settings.keys_dir),
        "STATE_DIR": str(settings.state_dir),
        "POLICIES_DIR": str(settings.policies_dir),
        "PORT": "0",
    }
    return {**os.environ, **{f"TASUKI_{name}": value for name, value in chosen.items()}}


def _process(settings: Settings) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603 - this interpreter, a fixed program
        [
            sys.executable,
            "-c",
            _PROGRAM,
        ],
        cwd=ROOT,
        env=_environment(settings),
        stderr=subprocess.PIPE,
        text=True,
    )


def _line(stream: Any, event: str) -> dict[str, Any]:
    """Return the first line with this event; the test's own time limit ends the wait."""
    for text in stream:
        line: dict[str, Any] = json.loads(text)
        if line["event"] == event:
            return line
    pytest.fail(f"{event} was never logged")
