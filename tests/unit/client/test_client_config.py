"""A desk is set up strictly: one spelling, private keys, no plain HTTP beyond this computer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.client import BadDeskConfig, DeskConfig, KeyUse, create_desk_keys, load_desk_config
from gateway.client.config import load_desk_keys
from gateway.client.errors import KeyNotConfirmed, StateDamaged
from gateway.client.pins import PinStore
from gateway.client.state_file import StateFile
from gateway.crypto.key_files import KeyFileUnusable, save_private_key
from gateway.crypto.keys import generate_log_key, generate_sealing_key, seal_to, verify_key
from gateway.domain.errors import MalformedRequest
from tests.unit.audit.conftest import SmallLog

VKEY = SmallLog().signer.key.to_text()
TOML: dict[str, Any] = {
    "gateway": "https://gw.example",
    "origin": "https://gw.example",
    "client_id": "npo-hidamari-system",
    "agency": "npo-hidamari",
    "actor": "a-yamada",
    "keys_dir": "keys",
    "state_dir": "state",
    "log_vkeys": [VKEY],
}


def _written(path: Path, **changes: Any) -> Path:
    members = {n: v for n, v in {**TOML, **changes}.items() if v is not None}
    # A list or a text of these is spelled the same in TOML and in Python's own notation.
    file = path / "desk.toml"
    file.write_text("".join(f"{name} = {value!r}\n" for name, value in members.items()))
    return file


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"gateway": "http://gw.example"}, "gateway"),
        ({"gateway": "http://127.0.0.1.example"}, "gateway"),
        ({"gateway": "https://user@gw.example"}, "gateway"),
        ({"gateway": "https://gw.example/path"}, "gateway"),
        ({"gateway": "https://gw.example:x"}, "gateway"),
        ({"gateway": "ftp://127.0.0.1"}, "gateway"),
        ({"gateway": "gw.example"}, "gateway"),
        ({"actor": ""}, "actor"),
        ({"actor": "山田"}, "actor"),
        ({"actor": None}, "actor"),
        ({"log_vkeys": []}, "log_vkeys"),
        ({"log_vkeys": ["x"]}, "log_vkeys"),
        ({"log_vkeys": VKEY}, "log_vkeys"),
        ({"agency": 7}, "agency"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"retry_waits_s": [-1]}, "timeout_s"),
        ({"password": "x"}, "unknown member"),
    ],
)
def test_configuration_that_cannot_be_used_is_refused(
    tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    with pytest.raises(BadDeskConfig) as refused:
        load_desk_config(_written(tmp_path, **change))
    assert named == refused.value.reason


def test_configuration_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "desk.toml"
    with pytest.raises(BadDeskConfig):
        load_desk_config(file)
    for content in (b"gateway", b"\xff"):
        file.write_bytes(content)
        with pytest.raises(BadDeskConfig):
            load_desk_config(file)


def test_configuration_is_read_with_paths_beside_it(tmp_path: Path) -> None:
    config = load_desk_config(_written(tmp_path, gateway="http://127.0.0.1:8420", timeout_s=2))

    assert isinstance(config, DeskConfig)
    assert (tmp_path / "keys", 2.0, (VKEY,)) == (
        config.keys_dir,
        config.timeout_s,
        config.log_vkeys,
    )


def test_keys_are_never_made_over_others(tmp_path: Path) -> None:
    create_desk_keys(tmp_path / "keys")
    before = {p.name: p.read_bytes() for p in (tmp_path / "keys").iterdir()}

    (tmp_path / "keys" / "client.key").unlink()
    with pytest.raises(KeyFileUnusable):
        create_desk_keys(tmp_path / "keys")
    left = {p.name: p.read_bytes() for p in (tmp_path / "keys").iterdir()}
    assert {n: c for n, c in before.items() if n != "client.key"} == left


@pytest.mark.parametrize("slip", ["missing", "open", "another kind", "twice"])
def test_keys_that_cannot_be_trusted_are_refused(tmp_path: Path, slip: str) -> None:
    create_desk_keys(tmp_path)
    seal = tmp_path / "seal.key"
    if slip == "open":
        seal.chmod(0o644)
    else:
        seal.unlink()
    if slip == "another kind":
        save_private_key(seal, generate_log_key())
    if slip == "twice":
        save_private_key(seal, load_sign(tmp_path))

    with pytest.raises(KeyFileUnusable):
        load_desk_keys(tmp_path)


def load_sign(directory: Path) -> Any:
    """The desk's signing key, which has a use already."""
    other = directory / "other"
    create_desk_keys(other)
    (directory / "sign.key").unlink()
    key = load_desk_keys(other).sign.private
    save_private_key(directory / "sign.key", key)
    return key


def test_public_keys_are_what_the_private_ones_open(tmp_path: Path) -> None:
    public = create_desk_keys(tmp_path)
    keys = load_desk_keys(tmp_path)

    assert keys.public() == public
    assert {"d"}.isdisjoint({*public.client, *public.sign, *public.seal})
    assert keys.sign.public() == verify_key(public.sign)
    assert keys.seal.public() == seal_to(public.seal)
    assert "private" not in repr(keys)


def _pins(path: Path) -> PinStore:
    return PinStore(StateFile(path / "pins.json"))


def test_pins_that_were_damaged_are_no_first_use(tmp_path: Path) -> None:
    key = generate_sealing_key().public().public
    for content in ("", "[]", '{"seal npo":[]}', '{"seal npo":"x"}', '{"seal npo":[1]}'):
        (tmp_path / "pins.json").write_text(content)
        with pytest.raises(StateDamaged):
            _pins(tmp_path).check("npo", KeyUse.SEAL, key)


def test_pin_that_cannot_be_kept_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StateDamaged):
        _pins(tmp_path / "file").check("npo", KeyUse.SEAL, generate_sealing_key().public().public)


def test_confirmation_of_no_fingerprint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedRequest):
        _pins(tmp_path).confirm("npo", KeyUse.SEAL, "yes")


def test_pins_of_owners_and_uses_stand_apart(tmp_path: Path) -> None:
    first, second = (generate_sealing_key().public().public for _ in range(2))
    check: Callable[..., str] = _pins(tmp_path).check
    shown = check("npo", KeyUse.SEAL, first)
    check("npo", KeyUse.SIGN, second)
    check("shakyo", KeyUse.SEAL, second)

    with pytest.raises(KeyNotConfirmed):
        _pins(tmp_path).check("npo", KeyUse.SEAL, second)
    assert (shown,) == _pins(tmp_path).pinned("npo", KeyUse.SEAL)
    assert 0o600 == (tmp_path / "pins.json").stat().st_mode & 0o777
