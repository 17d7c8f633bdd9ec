"""Settings: what is misspelt, misplaced or unfit is refused by name and never by value."""

import os
from pathlib import Path

import pytest

from gateway.audit.checkpoint import check_origin
from gateway.settings import BadSettings, Settings, load_settings

CANARY = "canary-7f3a"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("TASUKI_")]:
        monkeypatch.delenv(name)


def _refusal() -> str:
    with pytest.raises(BadSettings) as refused:
        load_settings()
    assert refused.value.__context__ is None
    return str(refused.value)


@pytest.mark.parametrize("name", ["TASUKI_COLOUR", "TASUKI_", "TASUKI_ORIGIN_FILE", "TASUKI_Port"])
def test_settings_with_an_unknown_variable_are_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, CANARY)

    message = _refusal()

    assert f"{name} is not a setting" == message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORIGIN", "https://gw.example/"),
        ("ORIGIN", "https://gw.example/path"),
        ("ORIGIN", "https://GW.example"),
        ("ORIGIN", "https://gw.example\n"),
        ("ORIGIN", "https://user@gw.example"),
        ("ORIGIN", "http://gw.example"),
        ("ORIGIN", "http://127.0.0.1.gw.example"),
        ("ORIGIN", "ftp://127.0.0.1"),
        ("ORIGIN", ""),
        ("LOG_ORIGIN", "https://gw.example/audit"),
        ("LOG_ORIGIN", "gw.example/audit/"),
        ("LOG_ORIGIN", "gw.example/audit main"),
        ("TENANT", "あおば"),
        ("TENANT", "aoba\n"),
        ("TENANT", ""),
        ("PDP", "none"),
        ("SIGNER_SOCKET", "/" * 108),
        ("OPA_HOST", "opa.example"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "tcp://10.0.0.1:80"),
        ("LOG_LEVEL", "trace"),
        ("LOG_FORMAT", "xml"),
        ("TOKEN_LIFE_S", "601"),
        ("TOKEN_LIFE_S", "0"),
        ("DRY_RUNS_PER_MINUTE", "0"),
        ("POLICY_ALLOW_OLDER", "true"),
        ("POLICY_ALLOW_OLDER", "sha256:*"),
        ("PRODUCTION", "perhaps"),
        ("DATABASE_URL", ""),
    ],
)
def test_settings_with_an_unfit_value_are_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"TASUKI_{name}", value)

    message = _refusal()

    assert message.startswith(f"TASUKI_{name}: ")
    assert len(value) < 4 or value not in message


def test_settings_with_several_mistakes_are_refused_with_each_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TASUKI_PORT", CANARY)
    monkeypatch.setenv("TASUKI_COLOUR", CANARY)

    message = _refusal()

    assert "TASUKI_PORT: " in message
    assert "TASUKI_COLOUR is not a setting" in message
    assert CANARY not in message


def test_secret_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("sqlite:///a.db\n")
    monkeypatch.setenv("TASUKI_DATABASE_URL", "sqlite:///b.db")
    monkeypatch.setenv("TASUKI_DATABASE_URL_FILE", str(file))

    assert "exclude each other" in _refusal()


def test_secret_file_that_cannot_be_read_is_refused_without_its_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TASUKI_DATABASE_URL_FILE", str(tmp_path / CANARY))

    message = _refusal()

    assert "TASUKI_DATABASE_URL_FILE names no readable text file" == message


def test_secret_file_that_is_not_text_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "url"
    file.write_bytes(b"\xff\xfe")
    monkeypatch.setenv("TASUKI_DATABASE_URL_FILE", str(file))

    assert "names no readable text file" in _refusal()


def test_secret_file_is_read_without_its_last_newline(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "url"
    file.write_text(f"postgresql://gateway:{CANARY}@127.0.0.1/tasuki\n")
    monkeypatch.setenv("TASUKI_DATABASE_URL_FILE", str(file))

    settings = load_settings()

    assert f"postgresql://gateway:{CANARY}@127.0.0.1/tasuki" == settings.database_url


def test_settings_do_not_show_the_database_url() -> None:
    settings = Settings(database_url=f"postgresql://gateway:{CANARY}@127.0.0.1/tasuki")

    assert CANARY not in repr(settings)
    assert CANARY not in str(settings)


def test_settings_without_variables_have_defaults_that_find_the_repository() -> None:
    settings = load_settings()

    assert "http://127.0.0.1:8420" == settings.origin
    assert ("127.0.0.1", 8420) == (settings.host, settings.port)
    assert (settings.policies_dir / "data").is_dir()
    assert (settings.schemas_dir / "policy-input.json").is_file()


@pytest.mark.parametrize(
    ("origin", "log_origin"),
    [
        ("http://127.0.0.1:8420", "127.0.0.1:8420/audit/main"),
        ("http://localhost:1", "localhost:1/audit/main"),
        ("https://gw.example", "gw.example/audit/main"),
        ("https://tasuki.aoba.example:8443", "tasuki.aoba.example:8443/audit/main"),
    ],
)
def test_log_origin_not_given_is_derived_and_fit_for_a_log(origin: str, log_origin: str) -> None:
    settings = Settings(origin=origin)

    assert log_origin == settings.log_origin
    check_origin(settings.log_origin)


def test_log_origin_given_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASUKI_LOG_ORIGIN", "gw.example/audit/2027a")

    assert "gw.example/audit/2027a" == load_settings().log_origin


def test_settings_from_variables_are_read_by_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASUKI_PORT", "0")
    monkeypatch.setenv("TASUKI_KEYS_DIR", "elsewhere/keys")
    monkeypatch.setenv("TASUKI_PDP", "opa")

    settings = load_settings()

    assert (0, Path("elsewhere/keys"), "opa") == (settings.port, settings.keys_dir, settings.pdp)
