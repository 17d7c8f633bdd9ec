"""The commands as an operator types them, in processes of their own."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.crypto.key_files import public_pem, save_private_key
from gateway.crypto.keys import generate_signing_key
from tests.simulators.declarations import declaration
from tests.simulators.policy_inputs import POLICIES, known
from tests.simulators.waiting import eventually

HEAVY = ("fastapi", "sqlalchemy", "pydantic", "regorus", "uvicorn", "alembic", "psycopg")
OPERATOR = ("--system", "aoba-operator", "--actor", "actor-operator")
FOUNDING: dict[str, Any] = {
    "pack": "default",
    "agency": {
        "id": "aoba-city",
        "kind": "municipality",
        "regime": "public",
        "country": "JP",
        "name_ja": "あおば市",
        "name_en": "Aoba City",
        "valid_from": 0,
        "valid_to": None,
    },
    "system": {
        "id": "aoba-operator",
        "name": "operator",
        "scopes": ["member", "operator", "officer"],
        "valid_from": 0,
        "valid_to": None,
    },
    "actor": {
        "id": "actor-operator",
        "post_ja": "情報政策課主任",
        "roles": ["system_admin", "privacy_officer"],
        "term_from": 0,
        "term_to": None,
        "training_until": None,
        "department": "",
    },
}


class Installation:
    """A gateway's directory, and the commands run for it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            "TASUKI_DATABASE_URL": f"sqlite:///{home}/tasuki.db",
            "TASUKI_KEYS_DIR": str(home / "keys"),
            "TASUKI_STATE_DIR": str(home / "state"),
        }

    def run(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run one command to its end."""
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("TASUKI_")},
            **self.environment,
            **more,
        }
        return subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", "from gateway.cli.main import main; main()", *arguments],
            check=False,
            capture_output=True,
            text=True,
            env=environment,
            cwd=POLICIES.parent,
        )

    def json(self, *arguments: str) -> Mapping[str, Any]:
        """Run one command that must succeed, and return its JSON."""
        done = self.run(*arguments, "--json")
        assert 0 == done.returncode, done.stderr + done.stdout
        answer: Mapping[str, Any] = json.loads(done.stdout)
        return answer

    @contextmanager
    def serving(self, port: int) -> Iterator[None]:
        """Run the gateway until the block ends."""
        server = subprocess.Popen(
            [sys.executable, "-m", "gateway.cli.main", "serve"],
            env={**os.environ, **self.environment},
            cwd=POLICIES.parent,
            stderr=subprocess.DEVNULL,
        )
        try:
            eventually(lambda: _answers(port), within_s=60)
            yield
        finally:
            server.terminate()
            server.wait(30)

    @contextmanager
    def signing(self, *arguments: str) -> Iterator[None]:
        """Run a signer apart until the block ends."""
        signer = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "gateway.cli.main", "signer", "serve", *arguments],
            env={**os.environ, **self.environment},
            cwd=POLICIES.parent,
            stderr=subprocess.DEVNULL,
        )
        try:
            eventually(Path(self.environment["TASUKI_SIGNER_SOCKET"]).is_socket)
            yield
        finally:
            signer.terminate()
            assert 0 == signer.wait(30)

    def with_desk(self) -> tuple[Path, int]:
        """Found a gateway for a free port; return the operator's desk and the port."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        origin = f"http://127.0.0.1:{port}"
        self.environment |= {"TASUKI_ORIGIN": origin, "TASUKI_PORT": str(port)}
        self.founded()
        desk = self.home / "desk.toml"
        desk.write_text(
            f'gateway = "{origin}"\norigin = "{origin}"\nclient_id = "aoba-operator"\n'
            'agency = "aoba-city"\nactor = "actor-operator"\n'
            'keys_dir = "desk"\nstate_dir = "desk-state"\n'
            f'log_vkeys = ["{self.json("keys", "show")["log_vkey"]}"]\n'
        )
        return desk, port

    def founded(self) -> "Installation":
        """Make database, keys and tenant."""
        self.json("migrate")
        self.json("keys", "init")
        desk = self.json("keys", "desk", str(self.home / "desk"))
        file = self.home / "founding.json"
        file.write_text(json.dumps({**FOUNDING, "client_jwk": desk["client_jwk"]}))
        self.json("agency", "found", str(file))
        return self


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from gateway.cli.main import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])\n"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert "[]" == done.stdout.strip()


def test_unknown_command_is_a_wrong_call(installation: Installation) -> None:
    assert 2 == installation.run("disclose-everything").returncode


def test_unknown_setting_is_a_wrong_call(installation: Installation) -> None:
    done = installation.run("migrate", "--json", TASUKI_DATABSE_URL="sqlite:///x")

    assert 2 == done.returncode
    assert "settings" == json.loads(done.stdout)["error"]["code"]


def test_silent_database_has_its_own_exit_code(installation: Installation) -> None:
    done = installation.run(
        "migrate", "--json", TASUKI_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"
    )

    assert 3 == done.returncode
    assert "storage-unavailable" == json.loads(done.stdout)["error"]["code"]


def test_gateway_without_keys_does_not_open(installation: Installation) -> None:
    installation.json("migrate")
    file = installation.home / "founding.json"
    file.write_text(json.dumps({**FOUNDING, "client_jwk": {}}))

    done = installation.run("agency", "found", str(file), "--json")

    assert 4 == done.returncode


def test_signer_apart_does_not_start_without_its_state_unless_the_log_is_new(
    installation: Installation,
) -> None:
    installation.json("keys", "init")
    (installation.home / "state").mkdir()

    done = installation.run("signer", "serve", "--socket", str(installation.home / "s"), "--json")

    assert 4 == done.returncode
    assert "state is missing" in json.loads(done.stdout)["error"]["message"]
    assert not (installation.home / "s").exists()


@pytest.mark.parametrize(
    "arguments", [(), ("--socket", "x" * 108), ("--socket", "s", "--peer", "nobody-of-this-name")]
)
def test_signer_apart_without_a_usable_socket_or_peer_is_a_wrong_call(
    installation: Installation, arguments: tuple[str, ...]
) -> None:
    assert 2 == installation.run("signer", "serve", *arguments, "--json").returncode


def test_signer_apart_loads_neither_database_nor_service(installation: Installation) -> None:
    installation.json("keys", "init")
    code = (
        "import sys, os, signal, threading, time\n"
        "from gateway.cli.main import main\n"
        f"path = {str(installation.home / 's')!r}\n"
        "def end():\n"
        "    while not os.path.exists(path): time.sleep(0.01)\n"
        "    time.sleep(0.2); os.kill(os.getpid(), signal.SIGTERM)\n"
        "threading.Thread(target=end, daemon=True).start()\n"
        "sys.argv = ['tasuki', 'signer', 'serve', '--new', '--socket', path]\n"
        "try: main()\n"
        "except SystemExit as done: print(done.code)\n"
        "print([m for m in ('sqlalchemy', 'fastapi', 'psycopg', 'pysqlite3') if m in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **installation.environment},
        cwd=POLICIES.parent,
    )

    assert ["0", "[]"] == done.stdout.splitlines()[-2:]
    assert "signer.listening" in done.stderr


def test_gateway_of_a_signer_apart_never_has_its_key(installation: Installation) -> None:
    """Every command that writes goes through the socket; the log is one and verifies."""
    home = installation.home
    installation.json("migrate")
    installation.json("keys", "init")
    (home / "apart").mkdir(mode=0o700)
    (home / "keys" / "log.pem").rename(home / "apart" / "log.pem")
    installation.environment |= {"TASUKI_SIGNER_SOCKET": str(home / "s.sock")}
    desk = installation.json("keys", "desk", str(home / "desk"))
    file = home / "founding.json"
    file.write_text(json.dumps({**FOUNDING, "client_jwk": desk["client_jwk"]}))
    found = ("agency", "found", str(file))

    silent = installation.run(*found, "--json")
    with installation.signing(
        "--new", "--key", str(home / "apart/log.pem"), "--state", str(home / "apart/state.json")
    ):
        installation.json(*found)
        exported = installation.json("audit", "export", str(home / "log"))
        verified = installation.json("audit", "verify", str(home / "log"))
        installation.json("audit", "fsck")
    not_compared = installation.run("audit", "fsck", "--json")

    assert 3 == silent.returncode == not_compared.returncode
    assert exported["root"] == verified["root"]
    assert not (home / "s.sock").exists()
    assert not (home / "state").exists()


def test_tenant_is_founded_once(installation: Installation) -> None:
    installation.founded()

    done = installation.run("agency", "found", str(installation.home / "founding.json"), "--json")

    assert 1 == done.returncode
    assert "ALREADY_FOUNDED" in done.stdout


def test_founding_with_a_member_too_few_is_a_wrong_call(installation: Installation) -> None:
    file = installation.home / "founding.json"
    file.write_text(json.dumps(FOUNDING))

    assert 2 == installation.run("agency", "found", str(file)).returncode


def test_agency_added_while_no_gateway_runs_is_listed_and_logged(
    installation: Installation,
) -> None:
    installation.founded()
    file = installation.home / "npo.json"
    file.write_text(
        json.dumps({**FOUNDING["agency"], "id": "hidamari", "kind": "npo", "regime": "private"})
    )

    added = installation.json("agency", "add", str(file), *OPERATOR)

    assert "hidamari" == added["id"]
    listed = installation.json("agency", "list")["agencies"]
    assert ["aoba-city", "hidamari"] == [a["id"] for a in listed]


def test_exported_log_is_verified_and_a_changed_copy_is_not(installation: Installation) -> None:
    installation.founded()
    folder = installation.home / "log"
    exported = installation.json("audit", "export", str(folder))

    verified = installation.json("audit", "verify", str(folder))
    bundle = next((folder / "tile/entries").rglob("*.p/*"))
    content = bytearray(bundle.read_bytes())
    content[len(content) // 2] ^= 1
    bundle.write_bytes(content)
    refused = installation.run("audit", "verify", str(folder), "--json")

    assert verified["verified"]
    assert exported["size"] == verified["size"] > 0
    assert 4 == refused.returncode


def test_reading_an_entry_is_recorded_before_it_is_shown(installation: Installation) -> None:
    installation.founded()
    size = installation.json("audit", "export", str(installation.home / "log"))["size"]
    proofs = sorted((installation.home / "log/proofs").iterdir())

    shown = installation.json("audit", "show", proofs[0].stem, "--reason", "年次監査")

    assert shown["body"]
    assert shown["read_index"] >= size
    assert 2 == installation.run("audit", "show", proofs[0].stem).returncode


def test_policy_test_passes_and_names_the_revision(installation: Installation) -> None:
    answer = installation.json("policy", "test", "--only", "stop_my_number")

    assert answer["passed"] > 0
    assert [] == answer["failed"]
    assert answer["revision"].startswith("sha256:")


def test_policy_eval_says_which_rule_decided(installation: Installation) -> None:
    file = installation.home / "input.json"
    file.write_text(json.dumps(known("stop_improper_use")), encoding="utf-8")

    answer = installation.json("policy", "eval", str(file))

    assert "deny" == answer["decision"]["outcome"]
    assert ["stop_improper_use"] == [
        s["rule"] for s in answer["steps"] if s["kind"] == "stop" and s["spoke"]
    ]


def test_policy_eval_says_in_japanese_why_nothing_else_carried_it(
    installation: Installation,
) -> None:
    file = installation.home / "input.json"
    file.write_text(json.dumps(known("stop_my_number")), encoding="utf-8")

    said = installation.run("policy", "eval", str(file), COLUMNS="200").stdout

    assert "提供する" in said
    assert "対象外" in said
    assert "MY_NUMBER_FOUND" in said
    assert "本人の同意(行政機関等から)" in said


def test_policy_new_writes_what_no_gate_lets_through(installation: Installation) -> None:
    policies = installation.home / "policies"
    shutil.copytree(POLICIES, policies)
    at = {"TASUKI_POLICIES_DIR": str(policies)}

    taken = installation.run("policy", "new", "basis", "consent_private", "--json", **at)
    done = installation.run("policy", "new", "basis", "care_plan_meeting", "--json", **at)
    refused = installation.run("policy", "test", "--json", **at)

    assert (1, 0, 1) == (taken.returncode, done.returncode, refused.returncode)
    assert "disclosure/basis/care_plan_meeting/basis.json" in json.loads(done.stdout)["files"]
    findings = json.loads(refused.stdout)["error"]["findings"]
    assert all(f.startswith("disclosure/basis/care_plan_meeting/") for f in findings)


def test_policy_diff_says_which_known_cases_come_out_otherwise(installation: Installation) -> None:
    draft = Path(shutil.copytree(POLICIES, installation.home / "policies"))
    stop = draft / "disclosure/stop/stop_my_number/stop_my_number.rego"
    text = stop.read_text(encoding="utf-8")
    stop.write_text(text.replace('my_number == "clear"', 'screener != "x"'), encoding="utf-8")

    answer = installation.json("policy", "diff", str(POLICIES), str(draft))
    lost = installation.run("policy", "diff", str(POLICIES), str(draft / "nowhere"), "--json")

    assert ["disclosure/stop/stop_my_number/stop_my_number"] == [
        c["where"] for c in answer["rules"]
    ]
    assert "stop_my_number" in {c["case"] for c in answer["cases"]}
    assert (2, "no-such-revision") == (lost.returncode, json.loads(lost.stdout)["error"]["code"])


def test_policy_bundle_is_verified_by_the_key_that_signed_it_alone(
    installation: Installation,
) -> None:
    shown = installation.json("keys", "init")
    file, pem, other = (installation.home / n for n in ("bundle.tar.gz", "policy.pem", "other.pem"))
    pem.write_text(shown["policy_pem"], encoding="ascii")
    other.write_text(public_pem(generate_signing_key().public().public), encoding="ascii")

    made = installation.json("policy", "bundle", "--out", str(file))
    verified = installation.json("policy", "verify", str(file), "--key", str(pem))
    same = installation.json("policy", "diff", str(file), str(POLICIES), "--key", str(pem))
    refused = [
        installation.run("policy", *command, "--key", str(other), "--json")
        for command in (("verify", str(file)), ("diff", str(file), str(POLICIES)))
    ]

    assert made == verified
    assert shown["policy_jwk"]["kid"] == made["kid"]
    assert made["revision"] == same["before"] == same["after"]
    assert [4, 1] == [r.returncode for r in refused]
    errors = [json.loads(r.stdout)["error"] for r in refused]
    assert ["bundle-not-trusted", "revision-rejected"] == [e["code"] for e in errors]
    assert 2 * [["/.signatures.json: is signed by another key"]] == [e["findings"] for e in errors]


def test_policy_bundle_of_an_author_is_signed_by_the_key_given(installation: Installation) -> None:
    key, file, pem = (installation.home / n for n in ("author.pem", "b.tar.gz", "author.pub.pem"))
    author = generate_signing_key()
    save_private_key(key, author.private)
    pem.write_text(public_pem(author.public().public), encoding="ascii")

    keyless = installation.run("policy", "bundle", "--out", str(file), "--json")
    made = installation.json("policy", "bundle", "--out", str(file), "--key", str(key))
    secret = installation.run("policy", "verify", str(file), "--key", str(key), "--json")

    assert 4 == keyless.returncode == secret.returncode
    assert author.kid == made["kid"]
    assert made == installation.json("policy", "verify", str(file), "--key", str(pem))


def test_policy_site_is_written_with_what_tests_show(installation: Installation) -> None:
    site = installation.home / "site"

    answer = installation.json("policy", "docs", "--site", str(site))
    broken = installation.run(
        "policy", "docs", "--site", str(site), "--results", __file__, "--json"
    )

    assert answer["pages"] == len(list(site.rglob("*.html")))
    assert "はたらかない近い例" in (site / "stop/stop_my_number.html").read_text(encoding="utf-8")
    assert (1, "revision-rejected") == (
        broken.returncode,
        json.loads(broken.stdout)["error"]["code"],
    )


def test_policy_eval_of_a_duplicate_key_is_a_wrong_call(installation: Installation) -> None:
    file = installation.home / "input.json"
    file.write_text('{"request": 1, "request": 2}')

    assert 2 == installation.run("policy", "eval", str(file)).returncode


@pytest.mark.parametrize("what", ["docs", "compose"])
def test_generated_policy_files_are_up_to_date(installation: Installation, what: str) -> None:
    assert {"changed": False} == {
        "changed": installation.json("policy", what, "--check")["changed"]
    }


@pytest.fixture
def purposes(installation: Installation) -> Path:
    """A file that says for what the city uses its case file."""
    file = installation.home / "purposes.json"
    file.write_text(json.dumps(declaration("use_purpose", now=time.time_ns() // 1_000_000)))
    return file


def test_declaration_that_is_not_well_said_is_refused(
    installation: Installation, purposes: Path
) -> None:
    installation.founded()
    use, flags = (("register", k, "--file", str(purposes)) for k in ("use_purpose", "flag_source"))
    nobody = ("--system", "no-such", "--actor", "nobody")
    refused = {
        ("register", "rumour", "--file", str(purposes)): 2,
        ("register", "use_purpose", "--file", "no-such.json", *OPERATOR): 2,
        use: 2,
        (*use, *nobody): 2,
        (*flags, *OPERATOR): 2,
        ("registers", "end", "use_purpose", "not-there", *OPERATOR): 1,
        ("registers", "list", "stalker_notice"): 2,
    }

    for arguments, code in refused.items():
        assert code == installation.run(*arguments).returncode, arguments
    assert {"use_purposes": []} == installation.json("registers", "list", "use_purpose")


def test_declaration_is_made_listed_and_ended_while_no_gateway_runs(
    installation: Installation, purposes: Path
) -> None:
    installation.founded()

    made = installation.json("register", "use_purpose", "--file", str(purposes), *OPERATOR)
    ended = installation.json("registers", "end", "use_purpose", made["id"], *OPERATOR)

    (listed,) = installation.json("registers", "list", "use_purpose")["use_purposes"]
    assert (made["id"], 2) == (listed["id"], listed["version"])
    assert (2, "aoba-city") == (ended["version"], listed["agency"])
    assert made["log_index"] < ended["log_index"]


def test_declaration_is_made_listed_and_ended_through_the_running_gateway(
    installation: Installation, purposes: Path
) -> None:
    desk, port = installation.with_desk()

    with installation.serving(port):
        via = ("--via", str(desk))
        made = installation.json("register", "use_purpose", "--file", str(purposes), *via)
        locked = installation.run(
            "register", "use_purpose", "--file", str(purposes), *OPERATOR, "--json"
        )
        installation.json("registers", "end", "use_purpose", made["id"], *via)
        (listed,) = installation.json("registers", "list", "use_purpose", *via)["use_purposes"]

    assert (made["id"], 2) == (listed["id"], listed["version"])
    assert 3 == locked.returncode


def test_officer_reads_an_entry_through_the_running_gateway(installation: Installation) -> None:
    desk, port = installation.with_desk()
    installation.json("audit", "export", str(installation.home / "log"))
    entry = min((installation.home / "log/proofs").iterdir()).stem

    with installation.serving(port):
        shown = installation.json(
            "audit", "show", entry, "--reason", "年次監査", "--via", str(desk)
        )

    assert shown["body"]
    assert shown["read_index"] > shown["log_index"]


def test_entry_whose_id_begins_with_a_hyphen_is_looked_for(installation: Installation) -> None:
    installation.founded()

    done = installation.run("audit", "show", "-" * 22, "--reason", "年次監査", "--json")

    assert 1 == done.returncode
    assert "not-found" == json.loads(done.stdout)["error"]["code"]
