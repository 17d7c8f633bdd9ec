"""
One input, its decision, and which rules brought it about.

For an author who asks *why*, and *why not*: stops, parties and every legal basis in the order
of the decision, each with what it said; and each field, with what carries it or stands
against it. The decision itself is the one that would be served.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.authoring.engines import Ask, asking
from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import PolicyBundle, build_bundle
from gateway.policy.contract import PolicyContract

__all__ = ["Evaluation", "FieldTrace", "Said", "Step", "evaluate_input"]

CARRIES: Final = "carries"
HOLDS: Final = "holds"
ELIGIBLE: Final = "eligible"
CANDIDATE: Final = "candidate"
ELSEWHERE: Final = "elsewhere"

_DECISION: Final = "disclosure.main.decision"
_AGAINST: Final = "disclosure.main.against"
# What is checked beside stops and bases, and where it says so.
_CHECKS: Final = {
    "parties": ("lib.parties.sender_against", "lib.parties.recipient_against"),
    "minimise": ("lib.minimise.against",),
    "safeguards": ("lib.safeguards.against",),
}
_PATHS: Final = (
    _DECISION,
    "disclosure.main.grounds",
    _AGAINST,
    "disclosure.main.blocks",
    *(path for paths in _CHECKS.values() for path in paths),
    "lib.registry.candidates",
    "lib.registry.eligible",
)


@dataclass(frozen=True, slots=True)
class Said:
    """
    One thing that a rule said.

    Attributes:
        code: A reason code or a duty; empty for a ground.
        title_ja: Its sentence.
        article: The article of the rule that spoke.
        next_step_ja: What can be done; empty unless it is a reason.
        subject: About whom, by the sender's handle; empty means everybody.
        fields: About which fields; empty means all.
        facts: Registered facts on which a ground stands.
        by: Who may lift it.
    """

    code: str
    title_ja: str
    article: str
    next_step_ja: str = ""
    subject: str = ""
    fields: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """
    One rule that was asked.

    Attributes:
        kind: ``stop``, ``parties``, ``basis``, ``minimise`` or ``obligation``.
        rule: Its id.
        title_ja: Its title.
        article: Its article.
        standing: Of a basis: ``carries`` the decision, ``holds`` beside another, ``eligible``
            or ``candidate`` without holding, ``elsewhere``: not one for this question. Of
            every other rule ``carries`` when it spoke, else empty.
        said: What it said; of a basis that does not hold, everything against it.
    """

    kind: str
    rule: str
    title_ja: str
    article: str
    standing: str
    said: tuple[Said, ...]

    @property
    def spoke(self) -> bool:
        """Whether it said anything that counts: a ground, a stop, a finding, a duty."""
        return self.standing in {CARRIES, HOLDS}


@dataclass(frozen=True, slots=True)
class FieldTrace:
    """
    What became of one field.

    Attributes:
        field: Its id.
        label_ja: Its label.
        passes: Whether it passes.
        bases: Bases that carry it.
        against: What stands against it: code and rule.
    """

    field: str
    label_ja: str
    passes: bool
    bases: tuple[str, ...]
    against: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """
    A decision and the rules behind it.

    Attributes:
        revision: Digest of the rules.
        engine: Which engine was asked.
        decision: As ``schemas/policy-decision.json`` says.
        candidates: Bases that were looked at, sorted.
        eligible: Those that exist for these parties, this purpose and day, sorted.
        steps: Every rule that was asked, in the order of the decision.
        fields: Every field asked for, in order of its id.
        reasons: Title by reason code, for all that is named here.
    """

    revision: str
    engine: str
    decision: Mapping[str, Any]
    candidates: tuple[str, ...]
    eligible: tuple[str, ...]
    steps: tuple[Step, ...]
    fields: tuple[FieldTrace, ...]
    reasons: Mapping[str, str]


def evaluate_input(
    directory: Path,
    contract: PolicyContract,
    policy_input: Mapping[str, Any],
    *,
    engine: str = "interpreter",
    opa: Path | None = None,
) -> Evaluation:
    """
    Decide one input by the rules of a directory and say which rules decided.

    Args:
        directory: The policies directory.
        contract: The schemas of question and answer.
        policy_input: The question.
        engine: ``interpreter``, ``compiled`` or ``opa``.
        opa: The OPA program, where OPA is asked.

    Raises:
        RevisionRejected: The directory does not make a revision.
        PolicyUnavailable: The input is not as the schema demands, or the engine failed.
    """
    bundle = build_bundle(directory)
    contract.check_question(policy_input)
    stops = _ids(bundle, "stop")
    paths = [*_PATHS, *(f"disclosure.stop.{i}.hits" for i in stops)]
    with asking(engine, bundle, paths, opa=opa) as ask:
        return _Trace(bundle, contract, ask, policy_input, engine).evaluation(stops)


class _Trace:
    """Asks one engine about one input, and joins what it says with the texts of the law."""

    def __init__(
        self,
        bundle: PolicyBundle,
        contract: PolicyContract,
        ask: Ask,
        policy_input: Mapping[str, Any],
        engine: str,
    ) -> None:
        self._bundle = bundle
        self._meta = bundle.data["meta"]
        self._ask = ask
        self._input = policy_input
        self._engine = engine
        said = ask(_DECISION, policy_input)
        if said is None:
            raise PolicyUnavailable("the decision is undefined")
        answer = contract.read_answer(said, revision=bundle.revision, engine=engine)
        self._decision: Mapping[str, Any] = answer.decision

    def evaluation(self, stops: Iterable[str]) -> Evaluation:
        """Return everything."""
        candidates, eligible = self._all("lib.registry.candidates", "lib.registry.eligible")
        steps = (
            *(self._stop(i) for i in stops),
            self._findings("parties"),
            *self._bases(set(candidates), set(eligible)),
            self._findings("minimise"),
            self._findings("safeguards"),
            *self._duties(),
        )
        return Evaluation(
            revision=self._bundle.revision,
            engine=self._engine,
            decision=self._decision,
            candidates=tuple(candidates),
            eligible=tuple(eligible),
            steps=steps,
            fields=tuple(self._fields()),
            reasons={code: row["title_ja"] for code, row in self._meta["reasons"].items()},
        )

    def _all(self, *paths: str) -> Iterator[list[Any]]:
        """Yield what sets of rules hold, in order."""
        for path in paths:
            yield sorted(self._ask(path, self._input) or (), key=repr)

    def _stop(self, rule: str) -> Step:
        (hits,) = self._all(f"disclosure.stop.{rule}.hits")
        return self._step("stop", rule, CARRIES if hits else "", hits)

    def _findings(self, rule: str) -> Step:
        against = [a for found in self._all(*_CHECKS[rule]) for a in found]
        return self._step(rule, rule, CARRIES if against else "", against)

    def _bases(self, candidates: set[str], eligible: set[str]) -> Iterator[Step]:
        grounds, against = self._all("disclosure.main.grounds", _AGAINST)
        carrying = {g["basis"] for g in self._decision["grounds"]}
        holding = {g["basis"] for g in grounds}
        for rule in sorted(self._bundle.data["basis"], key=self._rank):
            if rule not in candidates:
                yield self._step("basis", rule, ELSEWHERE, self._elsewhere(rule))
                continue
            standing = ELIGIBLE if rule in eligible else CANDIDATE
            if rule in holding:
                standing = CARRIES if rule in carrying else HOLDS
            found = [a for a in against if a["rule"] == rule]
            yield self._step(
                "basis", rule, standing, [*(g for g in grounds if g["basis"] == rule), *found]
            )

    def _elsewhere(self, rule: str) -> list[Any]:
        """Return what would be against this basis if the request named it."""
        asked = {**self._input, "request": {**self._input["request"], "basis": rule}}
        return [a for a in self._ask(_AGAINST, asked) or () if a["rule"] == rule]

    def _rank(self, rule: str) -> tuple[int, str]:
        return int(self._bundle.data["basis"][rule]["rank"]), rule

    def _duties(self) -> Iterator[Step]:
        for duty in self._decision["obligations"]:
            yield Step("obligation", duty["code"], duty["title_ja"], "", CARRIES, ())

    def _fields(self) -> Iterator[FieldTrace]:
        (blocks,) = self._all("disclosure.main.blocks")
        labels = self._bundle.data["records"]
        permitted = set(self._decision["fields_permitted"])
        for field in sorted({f["id"] for f in self._input["request"]["fields"]}):
            yield FieldTrace(
                field=field,
                label_ja=labels.get(field, {}).get("label_ja", field),
                passes=field in permitted,
                bases=tuple(g["basis"] for g in self._decision["grounds"] if field in g["fields"]),
                against=tuple(sorted({(c, r) for f, c, r, _ in blocks if f == field})),
            )

    def _step(self, kind: str, rule: str, standing: str, said: Iterable[Any]) -> Step:
        text = self._meta["rules"].get(rule, {})
        title, article = text.get("title_ja", rule), text.get("article", "")
        return Step(kind, rule, title, article, standing, tuple(map(self._said, said)))

    def _said(self, one: Mapping[str, Any]) -> Said:
        rule = str(one.get("rule") or one.get("stop") or one.get("basis"))
        code = str(one.get("code", ""))
        text = self._meta["reasons"].get(code, {})
        of_rule = self._meta["rules"].get(rule, {})
        return Said(
            code=code,
            title_ja=text.get("title_ja") or of_rule.get("title_ja", rule),
            article=of_rule.get("article") or text.get("article", ""),
            next_step_ja=text.get("next_step_ja", ""),
            subject=one.get("subject", ""),
            fields=tuple(one.get("fields", ())),
            facts=tuple(one.get("facts", ())),
            by=tuple(one.get("by", ())),
        )


def _ids(bundle: PolicyBundle, kind: str) -> list[str]:
    prefix = f"disclosure/{kind}/"
    return sorted({p.split("/")[2] for p in bundle.modules if p.startswith(prefix)})
