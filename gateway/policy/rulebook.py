"""The tables of a revision as services may read them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.domain.disclosure import Reason, Side
from gateway.domain.erasure import ErasureGround, Retention
from gateway.domain.errors import PolicyUnavailable
from gateway.domain.ids import FieldId
from gateway.policy.serving import CurrentPolicy

__all__ = ["CurrentRulebook"]


class CurrentRulebook:
    """Reads the revision in force; see :class:`gateway.ports.rulebook.Rulebook`."""

    def __init__(self, policy: CurrentPolicy) -> None:
        self._policy = policy

    def threshold(self, pack: str, name: str) -> int:
        """Return a municipality's threshold."""
        row = self._policy.bundle.pack(pack)
        value = None if row is None else row["thresholds"].get(name)
        if type(value) is not int:
            raise PolicyUnavailable("the revision in force has no such threshold")
        return value

    def retention(self, pack: str) -> Mapping[str, Retention]:
        """Return how long bodies of the log are kept, by retention class."""
        rows = self._choices(pack, "log_retention")
        return {name: Retention(row["period_ms"], row["starts"]) for name, row in rows.items()}

    def erasure_ground(self, pack: str, code: str) -> ErasureGround | None:
        """Return a ground on which bodies of the log may be erased, or ``None``."""
        row = self._choices(pack, "log_erasure").get(code)
        if row is None:
            return None
        return ErasureGround(code, row["before_end"], row["officers"], row["article"])

    def awaits_witnesses(self, pack: str, fields: Sequence[FieldId]) -> bool:
        """Return whether any of these fields waits for the quorum of witnesses."""
        bundle = self._policy.bundle
        if bundle.pack(pack) is None:
            raise PolicyUnavailable("the revision in force has no such pack")
        waiting = bundle.witnessed_classes(pack)
        if not waiting:
            return False
        records = bundle.data["records"]
        # A field that only may be of a class waits, and so does one that is not known any more.
        return any(f not in records or waiting & set(records[f]["classes"]) for f in fields)

    def is_ad_hoc(self, basis: str) -> bool:
        """Return whether permits by this basis are counted."""
        row = self._policy.bundle.data["basis"].get(basis)
        return row is not None and bool(row["ad_hoc"])

    def reason(self, code: str, *, rule: str = "main", fields: Sequence[FieldId] = ()) -> Reason:
        """Return the full text of a reason."""
        text: Mapping[str, Any] | None = self._policy.bundle.data["meta"]["reasons"].get(code)
        if text is None:
            raise PolicyUnavailable("the revision in force has no such reason")
        return Reason(
            code=code,
            rule=rule,
            article=text["article"],
            title_ja=text["title_ja"],
            title_en=text["title_en"],
            next_step_ja=text["next_step_ja"],
            next_step_en=text["next_step_en"],
            side=Side(text["side"]),
            lawful_alternatives=tuple(text["lawful_alternatives"]),
            fields=tuple(fields),
        )

    def _choices(self, pack: str, name: str) -> Mapping[str, Any]:
        row = self._policy.bundle.pack(pack)
        found = None if row is None else row["thresholds"].get(name)
        if not isinstance(found, Mapping):
            raise PolicyUnavailable("the revision in force has no such choice")
        return found

    def has_purpose(self, purpose: str) -> bool:
        """Return whether this is the code of a purpose."""
        return purpose in self._policy.bundle.data["purposes"]

    def needed_fields(self, purpose: str, profile: str) -> tuple[FieldId, ...]:
        """Return the fields that a named set, or every set for a purpose, holds."""
        index = self._policy.bundle.data["index"]
        if not profile:
            return _sorted(index["purpose_fields"].get(purpose, ()))
        serves = purpose in index["profile_purposes"].get(profile, ())
        return _sorted(index["profile_fields"][profile]) if serves else ()

    def purpose_ja(self, purpose: str) -> str:
        """Return the Japanese label of a purpose."""
        row = self._policy.bundle.data["purposes"].get(purpose)
        return purpose if row is None else str(row["label_ja"])


def _sorted(fields: Iterable[str]) -> tuple[FieldId, ...]:
    return tuple(sorted(map(FieldId, fields)))
