"""The Japanese words of features, and what the law in force and the schemas call them."""

from collections.abc import Iterable, Mapping

from gateway.domain.ids import FieldId
from gateway.policy.bundle import PolicyBundle

__all__ = ["Words"]

_COMMA = "、"


class Words:
    """
    Looks up what a feature quotes; a word that nobody has fails the step that says it.

    Titles of reasons, rules and duties are those of the revision in force; labels of
    purposes, field sets and fields are those of its tables.
    """

    def __init__(self, bundle: PolicyBundle) -> None:
        data = bundle.data
        later = {c for c, t in data["reasons"]["texts"].items() if t["emitted_by"] == "later"}
        self.reasons: Mapping[str, str] = {
            code: text["title_ja"]
            for code, text in data["meta"]["reasons"].items()
            if code not in later
        }
        self.sides = {code: text["side"] for code, text in data["meta"]["reasons"].items()}
        self.stops = _titles(data["meta"]["rules"], prefix="stop_")
        self.bases = {b: data["meta"]["rules"][b]["title_ja"] for b in data["basis"]}
        self._duties = {c: d["title_ja"] for c, d in data["obligations"]["duties"].items()}
        self._purposes = {p: row["label_ja"] for p, row in data["purposes"].items()}
        self._profiles = {p: row["label_ja"] for p, row in data["profiles"].items()}
        self._fields = {f: row["label_ja"] for f, row in data["records"].items()}
        self.classes = {f: tuple(row["classes"]) for f, row in data["records"].items()}

    def reason(self, title: str) -> str:
        """Return the code of a reason."""
        return _one(self.reasons, title)

    def rule(self, title: str) -> str:
        """Return the id of a stop or basis."""
        return _one({**self.stops, **self.bases}, title)

    def duty(self, title: str) -> str:
        """Return the code of a duty."""
        return _one(self._duties, title)

    def title_of_duty(self, code: str) -> str:
        """Return what a duty is called."""
        return self._duties[code]

    def purpose(self, label: str) -> str:
        """Return the code of a purpose."""
        return _one(self._purposes, label)

    def profile(self, label: str) -> str:
        """Return the id of a field set."""
        return _one(self._profiles, label)

    def fields(self, labels: str) -> tuple[FieldId, ...]:
        """Return the ids of fields named one after the other."""
        return tuple(FieldId(_one(self._fields, label)) for label in labels.split(_COMMA))

    def classes_of(self, fields: Iterable[FieldId]) -> list[str]:
        """Return every class that one of the fields has, sorted."""
        return sorted({c for f in fields for c in self.classes[f]})


def _titles(rules: Mapping[str, Mapping[str, str]], *, prefix: str) -> dict[str, str]:
    return {id_: rule["title_ja"] for id_, rule in rules.items() if id_.startswith(prefix)}


def _one(titles: Mapping[str, str], title: str) -> str:
    found = [code for code, known in titles.items() if known == title]
    assert 1 == len(found), f"「{title}」は判定基準にひとつだけある言葉ではありません: {found}"
    return found[0]
