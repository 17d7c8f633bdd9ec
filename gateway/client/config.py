"""
What one desk is set up with: where the gateway is, who asks, which log it believes.

* The log's keys come from the operator on paper or by another channel, never from the
  gateway itself: they are what makes its proofs worth anything.
* Plain HTTP is for the loopback interface alone.
* Three keys, one use each: ``client.key`` for tokens, ``sign.key`` for records that leave,
  ``seal.key`` to open what arrives. Private keys never leave the directory.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from gateway.audit.checkpoint import TrustedLog
from gateway.client.errors import BadDeskConfig
from gateway.crypto.key_files import KeyFileUnusable, load_private_key, save_private_key
from gateway.crypto.keys import (
    Algorithm,
    SealingKey,
    SigningKey,
    generate_sealing_key,
    generate_signing_key,
    public_jwk,
    thumbprint,
)
from gateway.domain.errors import IntegrityError
from gateway.domain.ids import ActorId, AgencyId, SystemId

__all__ = [
    "DeskConfig",
    "DeskKeys",
    "PublicDeskKeys",
    "create_desk_keys",
    "is_loopback",
    "load_desk_config",
    "load_desk_keys",
]

_CLIENT, _SIGN, _SEAL = "client.key", "sign.key", "seal.key"
_MAX_CONFIG_BYTES: Final = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskConfig:
    """
    The configuration of one desk.

    Attributes:
        gateway: URL to connect to, without a path.
        origin: The gateway's origin, which tokens and envelopes are bound to.
        client_id: Id of the agency's system at the gateway.
        agency: The agency.
        actor: Opaque id of the person who acts.
        keys_dir: Directory of the three keys.
        state_dir: Directory of what the desk remembers: pinned keys, the newest head.
        log_vkeys: Keys of the log (C2SP vkey), known beforehand.
        timeout_s: Seconds to wait for each step of a call.
        retry_waits_s: Seconds to wait before each repetition of what may be repeated.
        ca_file: Further certificate authorities (PEM); ``None`` takes those of the computer.

    Raises:
        BadDeskConfig: A member cannot be used.
    """

    gateway: str
    origin: str
    client_id: SystemId
    agency: AgencyId
    actor: ActorId
    keys_dir: Path
    state_dir: Path
    log_vkeys: tuple[str, ...]
    timeout_s: float = 10.0
    retry_waits_s: tuple[float, ...] = (0.3, 1.5)
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        _check_url(self.gateway)
        for name in ("origin", "client_id", "agency", "actor"):
            value: str = getattr(self, name)
            if not value or not value.isascii() or not value.isprintable() or " " in value:
                raise BadDeskConfig(name)
        if self.timeout_s <= 0 or any(wait < 0 for wait in self.retry_waits_s):
            raise BadDeskConfig("timeout_s")
        try:
            self.log()
        except IntegrityError as error:
            raise BadDeskConfig("log_vkeys") from error

    def log(self) -> TrustedLog:
        """Return the log that this desk believes."""
        return TrustedLog.of(self.log_vkeys)


@dataclass(frozen=True, slots=True)
class DeskKeys:
    """The private keys of one desk."""

    client: SigningKey = field(repr=False)
    sign: SigningKey = field(repr=False)
    seal: SealingKey = field(repr=False)

    def public(self) -> "PublicDeskKeys":
        """Return what the operator registers."""
        return PublicDeskKeys(
            self.client.public().jwk(), self.sign.public().jwk(), self.seal.public().jwk()
        )


@dataclass(frozen=True, slots=True)
class PublicDeskKeys:
    """Public JWKs to hand to the operator; each ``kid`` is the fingerprint to read aloud."""

    client: Mapping[str, str]
    sign: Mapping[str, str]
    seal: Mapping[str, str]


def load_desk_config(path: Path) -> DeskConfig:
    """
    Read a desk's configuration from a TOML file; paths in it are relative to the file.

    Raises:
        BadDeskConfig: The file cannot be read, or a member is missing, unknown or unusable.
    """
    try:
        with path.open("rb") as file:
            members = tomllib.loads(file.read(_MAX_CONFIG_BYTES).decode("utf-8"))
    except (OSError, ValueError) as error:
        raise BadDeskConfig("file") from error
    unknown = members.keys() - _READERS.keys()
    missing = _REQUIRED - members.keys()
    if unknown or missing:
        # An unknown name may be anything the person wrote, so only known ones are repeated.
        raise BadDeskConfig(min(missing, default="unknown member"))
    return DeskConfig(**{n: _READERS[n](n, value, path.parent) for n, value in members.items()})


def create_desk_keys(directory: Path) -> PublicDeskKeys:
    """
    Make the three keys of a new desk and return their public halves.

    Raises:
        KeyFileUnusable: One exists already, or cannot be written; nothing is overwritten.
    """
    if any((directory / name).exists() for name in (_CLIENT, _SIGN, _SEAL)):
        raise KeyFileUnusable("a key file exists already")
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KeyFileUnusable("the directory cannot be made") from error
    keys = DeskKeys(generate_signing_key(), generate_signing_key(), generate_sealing_key())
    for name, key in ((_CLIENT, keys.client), (_SIGN, keys.sign), (_SEAL, keys.seal)):
        save_private_key(directory / name, key.private)
    return keys.public()


def load_desk_keys(directory: Path) -> DeskKeys:
    """
    Read the three keys of a desk.

    Raises:
        KeyFileUnusable: One is missing, open to others, not on P-256, or used twice.
    """
    client, sign, seal = (_load(directory / name) for name in (_CLIENT, _SIGN, _SEAL))
    kids = [thumbprint(public_jwk(key.public_key())) for key in (client, sign, seal)]
    if len(set(kids)) != len(kids):
        raise KeyFileUnusable("one key has two uses")
    return DeskKeys(
        SigningKey(kids[0], Algorithm.ES256, client),
        SigningKey(kids[1], Algorithm.ES256, sign),
        SealingKey(kids[2], seal),
    )


def is_loopback(host: str) -> bool:
    """Whether a host of a URL is this computer."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _load(path: Path) -> ec.EllipticCurvePrivateKey:
    key = load_private_key(path)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise KeyFileUnusable("not a P-256 key")
    return key


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadDeskConfig("gateway") from error
    bare = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    if not host or not bare:
        raise BadDeskConfig("gateway")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise BadDeskConfig("gateway")


def _text(name: str, value: object, _: Path) -> str:
    if not isinstance(value, str):
        raise BadDeskConfig(name)
    return value


def _texts(name: str, value: object, _: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadDeskConfig(name)
    return tuple(value)


def _path(name: str, value: object, beside: Path) -> Path:
    return beside / _text(name, value, beside)


def _number(name: str, value: object, _: Path) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadDeskConfig(name)
    return float(value)


def _numbers(name: str, value: object, beside: Path) -> tuple[float, ...]:
    if not isinstance(value, list):
        raise BadDeskConfig(name)
    return tuple(_number(name, item, beside) for item in value)


_READERS: Final[Mapping[str, Callable[[str, object, Path], Any]]] = {
    **dict.fromkeys(("gateway", "origin", "client_id", "agency", "actor"), _text),
    **dict.fromkeys(("keys_dir", "state_dir", "ca_file"), _path),
    "log_vkeys": _texts,
    "timeout_s": _number,
    "retry_waits_s": _numbers,
}
_REQUIRED: Final = _READERS.keys() - {"timeout_s", "retry_waits_s", "ca_file"}
