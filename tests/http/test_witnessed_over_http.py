"""A gateway whose log is watched: what members and operators see of it, and what stops."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.witness_policy import PolicyRefused, WitnessPolicy
from gateway.bootstrap import open_gateway
from gateway.domain.errors import PolicyUnavailable
from gateway.domain.ids import FieldId
from gateway.policy.rejection import RevisionRejected
from gateway.settings import Settings
from gateway.storage.key_ring import create_key_ring, load_log_signer
from gateway.system import SystemClock
from tests.simulators.databases import SQLiteDatabases
from tests.simulators.member import HIDAMARI, Cast
from tests.simulators.policy_inputs import POLICIES
from tests.simulators.served import ORIGIN
from tests.simulators.witness import WitnessProcess

LOG_ORIGIN = f"{ORIGIN.removeprefix('https://')}/audit/main"
WAIT_S = 20.0


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("watched")
    create_key_ring(home / "keys", now=SystemClock().now())
    return home


@pytest.fixture(scope="module")
def witness(home: Path) -> Iterator[WitnessProcess]:
    vkey = load_log_signer(home / "keys", LOG_ORIGIN).key.to_text()
    with WitnessProcess.running(home / "w", vkey) as witness:
        yield witness


@pytest.fixture(scope="module")
def watched(
    sqlite_databases: SQLiteDatabases, home: Path, witness: WitnessProcess
) -> Iterator[Cast]:
    """A gateway that one witness has to watch, and that does not wait long for it."""
    file = home / "policy-in-force"
    vkey = load_log_signer(home / "keys", LOG_ORIGIN).key.to_text()
    file.write_text(f"log {vkey}\nwitness m {witness.key.to_text()} {witness.url}\nquorum m\n")
    how: dict[str, Any] = {
        "witness_max_age_s": 3,
        "witness_interval_s": 0.05,
        "policy_processes": 0,
    }
    with (
        sqlite_databases.fresh() as url,
        Cast.on(url, home, witness_policy=file, **how) as cast,
    ):
        yield cast


def until(happened: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT_S
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


def ready(cast: Cast) -> dict[str, Any]:
    found: dict[str, Any] = cast.city.get("/health/ready").json()
    return found


def test_silent_witness_stops_new_disclosures_until_it_is_back(
    watched: Cast, witness: WitnessProcess
) -> None:
    cast = watched
    subject, _ = cast.consented("case-watched")
    wanted = cast.city.disclosure(subject, HIDAMARI)
    asked = cast.city.made("/v1/disclosures", wanted)
    payload = cast.city.payload(asked["units"][0], cast.trusted)
    path = f"/v1/disclosures/{asked['disclosure_id']}/payloads/{HIDAMARI}"

    witness.kill()
    cast.city.subject("case-after")
    until(lambda: not ready(cast)["checks"]["witnesses"])
    answers = [cast.city.post("/v1/disclosures", wanted), cast.city.put(path, payload)]

    assert [(503, "audit-unwitnessed")] * 2 == [(a.status, a.problem) for a in answers]
    assert all("189" in a.json()["advice_ja"] for a in answers)
    assert 503 == cast.city.get("/health/ready").status
    assert "Too few witnesses" in ready(cast)["watched"]
    assert [] == cast.hidamari.get("/v1/inbox").json()["deliveries"]
    told_at = SystemClock().now() - 60_000
    told = cast.city.disclosure(subject, HIDAMARI, direction="telephone", occurred_at=told_at)
    assert 201 == cast.city.post("/v1/disclosures", told).status, "what was told is recorded"

    witness.start()
    until(lambda: ready(cast)["checks"]["witnesses"])
    assert 201 == cast.city.put(path, payload).status


def test_checkpoint_is_shown_with_the_cosignatures_of_the_quorum(watched: Cast) -> None:
    cast = watched
    policy = WitnessPolicy.parse(cast.city.get("/audit/policy").body)
    cast.city.subject("case-cosigned")
    size = cast.gateway.parts.context.log.checkpoint(cast.gateway.parts.context.log_id).size

    def shown() -> int:
        answer = cast.city.get("/audit/checkpoint")
        return policy.open(answer.body.decode()).size if answer.status == 200 else -1

    until(lambda: shown() >= size)


@pytest.fixture(scope="module")
def sensitive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rules of which every class of fields waits for witnesses."""
    directory = tmp_path_factory.mktemp("sensitive") / "policies"
    shutil.copytree(POLICIES, directory)
    file = directory / "data" / "packs" / "default" / "data.json"
    pack = json.loads(file.read_text(encoding="utf-8"))
    classes = json.loads((POLICIES / "data/classes/data.json").read_text(encoding="utf-8"))
    pack["thresholds"]["witnessed_classes"] = sorted(classes)
    file.write_text(json.dumps(pack), encoding="utf-8")
    return directory


def test_delivery_that_waits_for_witnesses_is_handed_over_once_they_have_cosigned(
    sqlite_url: str, home: Path, witness: WitnessProcess, sensitive: Path
) -> None:
    """The envelope stays here meanwhile, and nothing says that anybody opened it."""
    origin, other = "gw.midori.example/audit/main", home / "other"
    create_key_ring(other / "keys", now=SystemClock().now())
    witness.watch(load_log_signer(other / "keys", origin).key.to_text())
    file = other / "witness-policy"
    file.write_text(f"witness m {witness.key.to_text()} {witness.url}\nquorum m\n")
    how: dict[str, Any] = {
        "log_origin": origin,
        "policies_dir": sensitive,
        "witness_interval_s": 0.05,
        "policy_processes": 0,
    }
    with Cast.on(sqlite_url, other, witness_policy=file, **how) as cast:
        subject, _ = cast.consented("case-sensitive")
        asked = cast.city.made("/v1/disclosures", cast.city.disclosure(subject, HIDAMARI))
        payload = cast.city.payload(asked["units"][0], cast.trusted)
        path = f"/v1/disclosures/{asked['disclosure_id']}/payloads/{HIDAMARI}"
        witness.kill()
        sent = cast.city.put(path, payload)
        delivery = f"/v1/inbox/{sent.json()['delivery_id']}"

        early = cast.hidamari.get(delivery)
        (waiting,) = cast.hidamari.get("/v1/inbox").json()["deliveries"]
        witness.start()
        until(lambda: cast.hidamari.get(delivery).status != 503)

        assert (201, 503, "audit-unwitnessed") == (sent.status, early.status, early.problem)
        assert (None, "waiting") == (waiting.get("opened_at"), waiting["state"])
        assert 200 == cast.hidamari.get(delivery).status
        rulebook = cast.gateway.parts.context.rulebook
        assert rulebook.awaits_witnesses("default", [FieldId("never.heard_of")])
        with pytest.raises(PolicyUnavailable):
            rulebook.awaits_witnesses("nowhere", [])
        settings = cast.gateway.settings

    unwatched = settings.model_copy(update={"witness_policy": None})
    with pytest.raises(RevisionRejected) as refused, open_gateway(unwatched):
        pass
    assert any("HEA waits for witnesses" in finding for finding in refused.value.findings)


def test_gateway_without_a_policy_says_that_nobody_watches_it(cast: Cast) -> None:
    said = ready(cast)

    assert "witnesses" not in said["checks"]
    assert "Nobody outside watches this log" in said["watched"]
    assert 404 == cast.city.get("/audit/policy").status


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "cannot be read"),
        ("quorum m\n", "line 1"),
        ("", "no quorum"),
    ],
)
def test_gateway_with_a_policy_that_cannot_be_used_does_not_open(
    sqlite_url: str, tmp_path: Path, text: str | None, reason: str
) -> None:
    create_key_ring(tmp_path / "keys", now=SystemClock().now())
    file = tmp_path / "witness-policy"
    if text is not None:
        file.write_text(text)
    settings = Settings(
        database_url=sqlite_url,
        origin=ORIGIN,
        keys_dir=tmp_path / "keys",
        state_dir=tmp_path / "state",
        witness_policy=file,
        policy_processes=0,
    )
    with pytest.raises(PolicyRefused, match=reason), open_gateway(settings):
        pass
