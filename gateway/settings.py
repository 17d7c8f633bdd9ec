"""
Settings, read once when a process starts.

* Every setting is an environment variable ``TASUKI_<NAME>``; an unknown one is refused, so
  that a slip of spelling never leaves a safe-looking default in force.
* A secret may stand in a file that ``TASUKI_<NAME>_FILE`` names, and then not beside it.
* No message and no representation holds the value of a setting.
"""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

__all__ = ["PREFIX", "BadSettings", "Settings", "load_settings"]

PREFIX: Final = "TASUKI_"

_SECRETS: Final = frozenset({"database_url"})
_FILE: Final = "_file"
_HOST: Final = r"[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?"
_ORIGIN: Final = re.compile(
    rf"https://{_HOST}(?::[1-9][0-9]{{0,4}})?|http://(?:127\.0\.0\.1|localhost)(?::[1-9][0-9]{{0,4}})?",
    re.ASCII,
)
# The form of an origin of a log, as gateway.audit.checkpoint checks it once more.
_LOG_ORIGIN: Final = re.compile(
    r"[a-z0-9.-]{1,100}(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]{1,60}){0,8}", re.ASCII
)
_SOCKET_BYTES: Final = 107  # sun_path of unix(7), without its end
_SIGNER_STATE: Final = "log-signer.json"
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class BadSettings(Exception):
    """The settings cannot be used; the message names each variable and what is wrong with it."""


def _beside_package(name: str) -> Path:
    """Return a directory of the source tree, or where an installation puts its data."""
    beside = Path(__file__).resolve().parent.parent / name
    return beside if beside.is_dir() else Path(sys.prefix) / "share" / "tasuki" / name


def _spare_cores() -> int:
    """Return how many cores there are beside the one that serves, at most 4."""
    return min((os.cpu_count() or 1) - 1, 4)


def _check_origin(origin: str) -> str:
    if not _ORIGIN.fullmatch(origin):
        raise ValueError(
            "must be https://host[:port] in lower case without a trailing slash;"
            " http is for 127.0.0.1 and localhost alone"
        )
    return origin


def _check_log_origin(origin: str) -> str:
    if origin and not _LOG_ORIGIN.fullmatch(origin):
        raise ValueError("must be host[:port]/path without a scheme")
    return origin


def _check_loopback(host: str) -> str:
    if host not in _LOOPBACK:
        raise ValueError("must be on the loopback interface")
    return host


def _check_socket(path: str) -> str:
    if len(os.fsencode(path)) > _SOCKET_BYTES or "\0" in path:
        raise ValueError(f"must be a path of at most {_SOCKET_BYTES} bytes")
    return path


class Settings(BaseSettings):
    """
    All settings of one gateway process.

    Attributes:
        database_url: ``sqlite:///path`` or ``postgresql://…``; a secret.
        origin: Public address: issuer and audience of tokens; no trailing slash.
        log_origin: Name of the log, for ever; derived from ``origin`` unless given.
        tenant: Id of the municipality that runs this gateway.
        keys_dir: Directory of the key ring.
        state_dir: Directory of what the log's signer remembers; outlives every installation.
        signer_socket: Unix socket of a signer that runs apart; empty lets the gateway start one.
        policies_dir: Directory of the policies.
        schemas_dir: Directory of the schemas.
        pdp: Which engine decides: in this process, or an OPA server beside it.
        policy_processes: In how many further processes the embedded engine decides; 0 decides in
            the serving one. One for each core beside the first, at most 4, unless given.
        opa_host: Where OPA listens: the loopback interface.
        opa_port: Its port.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        log_level: Least severity that is logged.
        log_format: One JSON object a line, or lines for a person at a terminal.
        token_life_s: Seconds that an access token lives, at most 600.
        dry_runs_per_minute: How often one system may ask in a minute whether something could
            pass; each item of a batch counts.
        production: Whether real people's data pass: then no legal basis is enabled that no
            lawyer has reviewed, and a pack that enables one does not serve.
        policy_allow_older: Digest of the one revision that may come into force although a newer
            one has been; empty allows none.
        witness_policy: File that says which witnesses have to cosign the log (C2SP
            tlog-policy); none when not given.
        witness_max_age_s: Seconds after which an entry that no quorum of witnesses has cosigned
            stops new disclosures.
        witness_interval_s: Seconds between two heads submitted to witnesses.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    database_url: str = Field(default="sqlite:///var/tasuki.db", repr=False, min_length=1)
    origin: Annotated[str, AfterValidator(_check_origin)] = "http://127.0.0.1:8420"
    log_origin: Annotated[str, AfterValidator(_check_log_origin)] = ""
    tenant: str = Field(default="aoba", pattern=r"^[A-Za-z0-9._:-]{1,80}$")
    keys_dir: Path = Path("var/keys")
    state_dir: Path = Path("var/state")
    signer_socket: Annotated[str, AfterValidator(_check_socket)] = ""
    policies_dir: Path = Field(default_factory=lambda: _beside_package("policies"))
    schemas_dir: Path = Field(default_factory=lambda: _beside_package("schemas"))
    pdp: Literal["embedded", "opa"] = "embedded"
    policy_processes: int = Field(default_factory=_spare_cores, ge=0, le=64)
    opa_host: Annotated[str, AfterValidator(_check_loopback)] = "127.0.0.1"
    opa_port: int = Field(default=8181, ge=1, le=65535)
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8420, ge=0, le=65535)
    log_level: Literal["debug", "info", "warning", "error", "critical"] = "info"
    log_format: Literal["json", "console"] = "json"
    token_life_s: int = Field(default=600, ge=1, le=600)
    dry_runs_per_minute: int = Field(default=60, ge=1, le=100_000)
    production: bool = False
    policy_allow_older: str = Field(default="", pattern=r"^(sha256:[0-9a-f]{64})?$")
    witness_policy: Path | None = None
    witness_max_age_s: int = Field(default=900, ge=1, le=86_400)
    witness_interval_s: float = Field(default=5.0, ge=0.05, le=3_600)

    @property
    def signer_state(self) -> Path:
        """Where a signer beside the gateway keeps what it signed last."""
        return self.state_dir / _SIGNER_STATE

    @model_validator(mode="after")
    def _name_the_log(self) -> Self:
        if not self.log_origin:
            derived = f"{self.origin.partition('://')[2]}/audit/main"
            object.__setattr__(self, "log_origin", derived)
        return self

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments first, then the environment, and nothing else."""
        return init_settings, _Environment(settings_cls, os.environ)


class _Environment(PydanticBaseSettingsSource):
    """Every variable with our prefix, also those that are no setting."""

    def __init__(self, settings_cls: type[BaseSettings], environ: Mapping[str, str]) -> None:
        super().__init__(settings_cls)
        self._environ = environ

    @override
    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return one variable, its name, and that it is not itself JSON."""
        del field  # every setting is read alike
        return self._environ.get(PREFIX + field_name.upper()), field_name, False

    @override
    def __call__(self) -> dict[str, Any]:
        """Return setting name to text."""
        found = {
            name.removeprefix(PREFIX): value
            for name, value in self._environ.items()
            if name.startswith(PREFIX)
        }
        # Only the documented spelling counts: another case stays unknown and is refused.
        values = {n.lower() if n.isupper() else n: value for n, value in found.items()}
        for secret in _SECRETS:
            path = values.pop(secret + _FILE, None)
            if path is not None:
                values[secret] = _read_secret(secret, path, twice=secret in values)
        return values


def _read_secret(name: str, path: str, *, twice: bool) -> str:
    variable = PREFIX + name.upper()
    if twice:
        raise BadSettings(f"{variable} and {variable}_FILE exclude each other")
    try:
        return Path(path).read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError):
        problem = BadSettings(f"{variable}_FILE names no readable text file")
    raise problem


def load_settings() -> Settings:
    """
    Return the settings that the environment gives.

    Raises:
        BadSettings: One is unknown or cannot be used.
    """
    problems: list[str]
    try:
        return Settings()
    except ValidationError as error:
        problems = [
            _problem(str(e["loc"][0]) if e["loc"] else "", e["type"], e["msg"])
            for e in error.errors(include_url=False, include_context=False, include_input=False)
        ]
    raise BadSettings("; ".join(problems))


def _problem(name: str, kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return f"{PREFIX}{name if not name.islower() else name.upper()} is not a setting"
    return f"{PREFIX}{name.upper()}: {message.removeprefix('Value error, ')}"
