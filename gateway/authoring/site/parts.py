"""What pages have in common: facts, examples, and links from one thing to another."""

from collections.abc import Iterable
from typing import Final

from gateway.authoring.outcomes import Outline
from gateway.authoring.site.html import Html, badge, cells, items, link, tag
from gateway.authoring.site.law import DecidedCase, Law, Rule
from gateway.authoring.site.scenarios import FAILED, NOT_RUN, PASSED, Scenario
from gateway.authoring.site.words import word

__all__ = [
    "RESULTS",
    "UP",
    "examples",
    "facts",
    "joined",
    "labels",
    "next_step",
    "slug",
    "to",
    "to_duty",
    "to_rule",
    "to_scenario",
]

# The way from a page to the index.
UP: Final = "../"

RESULTS: Final = {
    PASSED: badge("ok", "期待どおり"),
    FAILED: badge("no", "期待と異なる"),
    NOT_RUN: badge("wait", "未実行"),
}


def next_step(text: str) -> Html:
    """Return what can be done now, before anything else."""
    return tag("section", tag("h2", "次の一歩"), tag("p", text), class_="next")


def facts(*rows: tuple[str, object]) -> Html:
    """Return names with what is said of them; what says nothing is left out."""
    told = (Html(f"{tag('dt', name)}{tag('dd', value)}") for name, value in rows if value)
    return tag("dl", *told, class_="facts")


def examples(cases: tuple[DecidedCase, ...], told: tuple[Scenario, ...]) -> Html:
    """Return known cases and scenarios, with what came of them."""
    rows = [(c.case.title_ja, _said(c.outline), _as_expected(c)) for c in cases]
    scenarios = [Html(f"{to_scenario(s, UP)} {RESULTS[s.result]}") for s in told]
    return tag(
        "section",
        tag("h2", "例"),
        None if cases or told else tag("p", "この理由や定めがあらわれる例は、まだありません。"),
        cells("既知の事例", head=("事例", "いまの結果", "期待"), rows=rows),
        tag("h3", "シナリオ") if scenarios else None,
        items(*scenarios),
    )


def _said(outline: Outline | None) -> str:
    return "判断できない" if outline is None else word(outline.outcome)


def _as_expected(decided: DecidedCase) -> Html:
    return RESULTS[PASSED if decided.as_expected else FAILED]


def to_scenario(scenario: Scenario, root: str) -> Html:
    """Return a link to a scenario."""
    return link(f"{root}feature/{slug(scenario.feature)}.html#l{scenario.line}", scenario.name)


def to_rule(rule: Rule) -> Html:
    """Return a link to a rule."""
    home = "duty" if rule.kind == "obligation" else rule.kind
    return link(f"{UP}{home}/{rule.id}.html", rule.title)


def to(law: Law, kind: str, id_: str) -> Html | str:
    """Return a link to a stop or basis; its bare id where there is no such rule."""
    return next((to_rule(r) for r in law.rules if (r.kind, r.id) == (kind, id_)), id_)


def to_duty(law: Law, code: str) -> Html:
    """Return a link to a duty."""
    return link(f"{UP}duty/{code}.html", law.duties[code]["title_ja"])


def labels(law: Law, table: str, codes: Iterable[str]) -> str:
    """Return the labels that a table has for codes."""
    rows = law.data[table]
    return "、".join(rows.get(c, {}).get("label_ja", c) for c in codes)


def joined(one: str, other: str, between: str) -> str:
    """Return two texts joined, or the one that says something."""
    return f"{one}{between}{other}" if one and other else one or other


def slug(feature: str) -> str:
    """Return the name of a feature's page."""
    return feature.replace("/", "-")
