"""
Trust policies (C2SP tlog-policy): which witnesses have to have cosigned a head.

* One item a line: ``log``, ``witness``, ``group``, ``quorum``; a name is defined before it is
  used, once, and is a member of one group at most. So there are no cycles, and each witness
  counts in one way.
* A key is there once, whatever its name.
* Names are octets: no two spellings of one character are the same.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.audit.checkpoint import InvalidCheckpoint, TrustedLog, parse_checkpoint_text
from gateway.crypto.signed_note import COSIGNATURE, ED25519, InvalidNote, Note, NoteKey
from gateway.domain.errors import IntegrityError
from gateway.ports.log import Checkpoint

__all__ = [
    "NO_QUORUM",
    "Group",
    "NotWitnessed",
    "PolicyRefused",
    "Verdict",
    "WitnessMember",
    "WitnessPolicy",
]

NO_QUORUM: Final = "none"
_MAX_BYTES: Final = 65_536
_BLANK: Final = re.compile("[ \t]+")
_NOT_ALLOWED: Final = re.compile(rb"[^\t\n\x20-\x7e\x80-\xff]")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_URL: Final = re.compile(
    r"https://[a-z0-9.-]{1,253}(?::[1-9][0-9]{0,4})?(?:/[A-Za-z0-9._~-]{1,60}){0,8}/?"
    r"|http://(?:127\.0\.0\.1|localhost)(?::[1-9][0-9]{0,4})?(?:/[A-Za-z0-9._~-]{1,60}){0,8}/?",
    re.ASCII,
)


class PolicyRefused(IntegrityError):
    """A policy cannot be used; the message names the line."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.line = line


class NotWitnessed(IntegrityError):
    """A head lacks cosignatures that the policy demands; ``missing`` names witnesses."""

    def __init__(self, missing: Iterable[str]) -> None:
        super().__init__("the quorum is not met")
        self.missing = tuple(missing)


@dataclass(frozen=True, slots=True)
class WitnessMember:
    """
    A witness of a policy.

    Attributes:
        name: Within the policy.
        key: By which its cosignatures verify.
        url: Its submission prefix without a trailing slash (C2SP tlog-witness); may be empty.
    """

    name: str
    key: NoteKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group has witnessed a head once ``threshold`` of its ``members`` have."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What a policy says of a set of cosignatures.

    Attributes:
        satisfied: Whether the quorum is met.
        cosigned: Names of the witnesses that did.
        missing: Names of the witnesses that did not and count for the quorum.
    """

    satisfied: bool
    cosigned: frozenset[str]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WitnessPolicy:
    """
    A policy as read.

    Attributes:
        logs: Keys of the logs it is about, each with its address; may be empty.
        witnesses: By name, in the order of the file.
        groups: By name.
        quorum: Name of the witness or group that has to have witnessed a head; or ``none``.
    """

    logs: Mapping[NoteKey, str]
    witnesses: Mapping[str, WitnessMember]
    groups: Mapping[str, Group]
    quorum: str

    @classmethod
    def parse(cls, data: bytes) -> "WitnessPolicy":
        """
        Read a policy file.

        Raises:
            PolicyRefused: It is not one; the message names the line.
        """
        reader = _Reader()
        if len(data) > _MAX_BYTES:
            raise PolicyRefused(0, "longer than 64 KiB")
        lines = data.split(b"\n")
        if lines.pop():
            raise PolicyRefused(len(lines) + 1, "does not end with a newline")
        for number, line in enumerate(lines, 1):
            if _NOT_ALLOWED.search(line):
                raise PolicyRefused(number, "a control character")
            # Octets that are no ASCII stay what they are; nothing here reads them.
            reader.read(number, line.decode("ascii", "surrogateescape").strip(" \t"))
        return reader.policy()

    @property
    def counting(self) -> tuple[str, ...]:
        """Names of the witnesses that count for the quorum, in the order of the file."""
        below = self._below(self.quorum)
        return tuple(name for name in self.witnesses if name in below)

    def evaluate(self, cosigned: Iterable[str]) -> Verdict:
        """Return whether these witnesses, by name, are a quorum, and which are missing."""
        given = frozenset(cosigned) & frozenset(self.witnesses)
        missing = tuple(name for name in self.counting if name not in given)
        return Verdict(self._witnessed(self.quorum, given), given, missing)

    def check(self, note: str) -> Verdict:
        """
        Return what the policy says of a head's cosignatures; those of strangers say nothing.

        Raises:
            InvalidNote: It is no note, or a line of a known witness does not verify.
        """
        parsed = Note.parse(note)
        keys = {member.key: member.name for member in self.witnesses.values()}
        named = {(key.name, key.key_id) for key in keys}
        if not any((name, key_id) in named for name, key_id, _ in parsed.lines):
            return self.evaluate(())
        return self.evaluate(keys[key] for key in parsed.verify(tuple(keys)))

    def open(self, note: str) -> Checkpoint:
        """
        Return the head that a note holds, once log and quorum are verified; however old it is.

        Raises:
            InvalidNote, InvalidCheckpoint: It is not a head of a log of this policy.
            NotWitnessed: Cosignatures are missing.
        """
        origin, _, _ = parse_checkpoint_text(Note.parse(note).text)
        keys = tuple(key for key in self.logs if key.name == origin)
        if not keys:
            raise InvalidCheckpoint("the checkpoint is of another log")
        head = TrustedLog(origin, keys).open(note)
        verdict = self.check(note)
        if not verdict.satisfied:
            raise NotWitnessed(verdict.missing)
        return head

    def _witnessed(self, name: str, given: frozenset[str]) -> bool:
        if name == NO_QUORUM:
            return True
        group = self.groups.get(name)
        if group is None:
            return name in given
        return sum(self._witnessed(member, given) for member in group.members) >= group.threshold

    def _below(self, name: str) -> frozenset[str]:
        group = self.groups.get(name)
        if group is None:
            return frozenset({name})
        return frozenset().union(*(self._below(member) for member in group.members))


@dataclass(slots=True)
class _Reader:
    """What has been read so far."""

    logs: dict[NoteKey, str] = field(default_factory=dict)
    witnesses: dict[str, WitnessMember] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str = ""
    grouped: set[str] = field(default_factory=set)

    def read(self, number: int, line: str) -> None:
        if not line or line.startswith("#"):
            return
        kind, *items = _BLANK.split(line)
        match kind:
            case "log":
                self._log(number, items)
            case "witness":
                self._witness(number, items)
            case "group":
                self._group(number, items)
            case "quorum":
                self._quorum(number, items)
            case _:
                raise PolicyRefused(number, "neither log, witness, group nor quorum")

    def policy(self) -> WitnessPolicy:
        if not self.quorum:
            raise PolicyRefused(0, "there is no quorum line")
        return WitnessPolicy(self.logs, self.witnesses, self.groups, self.quorum)

    def _log(self, number: int, items: list[str]) -> None:
        vkey, url = _with_url(number, items, "log <vkey> [<url>]")
        key = _key(number, vkey, ED25519)
        if any(known.public == key.public for known in self.logs):
            raise PolicyRefused(number, "the key of another log line")
        self.logs[key] = url

    def _witness(self, number: int, items: list[str]) -> None:
        form = "witness <name> <vkey> [<url>]"
        name = items[0] if items else ""
        vkey, url = _with_url(number, items[1:], form)
        self._check_new(number, name)
        key = _key(number, vkey, COSIGNATURE)
        if any(known.key.public == key.public for known in self.witnesses.values()):
            raise PolicyRefused(number, "the key of another witness line")
        if url and not _URL.fullmatch(url):
            raise PolicyRefused(number, "the address must be https, or http on this machine")
        self.witnesses[name] = WitnessMember(name, key, url.removesuffix("/"))

    def _group(self, number: int, items: list[str]) -> None:
        name, threshold, *members = items if len(items) > 2 else ("", "", "")  # noqa: PLR2004 - name, threshold and one member
        if not name:
            raise PolicyRefused(number, "expected: group <name> <all|any|number> <name>...")
        self._check_new(number, name)
        for member in members:
            self._check_known(number, member)
            if member in self.grouped:
                raise PolicyRefused(number, "a member of a group already")
            self.grouped.add(member)
        self.groups[name] = Group(_threshold(number, threshold, len(members)), tuple(members))

    def _quorum(self, number: int, items: list[str]) -> None:
        if len(items) != 1:
            raise PolicyRefused(number, "expected: quorum <name>")
        if self.quorum:
            raise PolicyRefused(number, "a second quorum line")
        if items[0] != NO_QUORUM:
            self._check_known(number, items[0])
        self.quorum = items[0]

    def _check_new(self, number: int, name: str) -> None:
        if name == NO_QUORUM:
            raise PolicyRefused(number, "the name none has a meaning of its own")
        if name in self.witnesses or name in self.groups:
            raise PolicyRefused(number, "a name that is defined already")

    def _check_known(self, number: int, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise PolicyRefused(number, "a name that is not defined on an earlier line")


def _with_url(number: int, items: list[str], form: str) -> tuple[str, str]:
    if len(items) not in {1, 2}:
        raise PolicyRefused(number, f"expected: {form}")
    return items[0], items[1] if len(items) > 1 else ""


def _key(number: int, vkey: str, kind: int) -> NoteKey:
    key: NoteKey | None
    try:
        key = NoteKey.parse(vkey)
    except InvalidNote:
        key = None
    if key is None or key.type != kind:
        needed = "a log's key" if kind == ED25519 else "a witness's key"
        raise PolicyRefused(number, f"not {needed}")
    return key


def _threshold(number: int, text: str, count: int) -> int:
    if text in {"all", "any"}:
        return count if text == "all" else 1
    if not _NUMBER.fullmatch(text) or int(text) > count:
        raise PolicyRefused(number, f"the threshold must be all, any or 1 to {count}")
    return int(text)
