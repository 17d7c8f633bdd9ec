"""Every page: the index, one for each thing that has a code, the features, the situations."""

from collections.abc import Iterator
from typing import Final

from gateway.authoring.site.html import Html, badge, cells, items, link, page, tag
from gateway.authoring.site.law import Law, Rule
from gateway.authoring.site.parts import RESULTS, UP, slug, to_scenario
from gateway.authoring.site.rule_pages import duty_page, pack_page, reason_page, rule_page
from gateway.authoring.site.scenarios import FAILED, NOT_RUN, PASSED, Feature, Scenario
from gateway.authoring.site.words import word

__all__ = ["SITUATIONS", "pages"]

# The decision scenarios of the law that the product promises to decide, ``@c-1`` to ``@c-78``.
SITUATIONS: Final = 78


def pages(law: Law) -> Iterator[tuple[str, str]]:
    """Yield every page: its path below the site, and its text."""
    yield "index.html", _index(law)
    yield "situations.html", _situations(law)
    for code in law.reasons:
        yield f"reason/{code}.html", reason_page(law, code)
    for rule in law.rules:
        if rule.kind != "obligation":
            yield f"{rule.kind}/{rule.id}.html", rule_page(law, rule)
    for code in law.duties:
        yield f"duty/{code}.html", duty_page(law, code)
    for pack in law.data["packs"]:
        yield f"pack/{pack}.html", pack_page(law, pack)
    for feature in law.features:
        yield f"feature/{slug(feature.id)}.html", _feature(feature)


def _index(law: Law) -> str:
    sections = (
        ("reasons", "断りの理由", [_reason_card(law, code) for code in sorted(law.reasons)]),
        ("stops", "提供できない場合(停止)", [_rule_card(r) for r in law.of_kind("stop")]),
        ("bases", "法令の根拠", [_rule_card(r) for r in law.of_kind("basis")]),
        ("duties", "提供に付す条件", [_duty_card(law, c) for c in sorted(law.duties)]),
        ("packs", "自治体の設定", [_pack_card(law, p) for p in sorted(law.data["packs"])]),
        ("features", "機能とシナリオ", [_feature_card(f) for f in law.features]),
    )
    jumps = [link(f"#{id_}", f"{title} {len(cards)}") for id_, title, cards in sections]
    return page(
        "判定基準の一覧",
        tag(
            "p",
            "機関のあいだで情報を渡してよいかどうかは、ここにあるルールと表だけで決まります。"
            "断られたときは、画面に出た理由の名前か符号を選ぶと、条文と次にできることが分かります。",
        ),
        _search(),
        tag(
            "nav",
            items(*jumps, link("situations.html", "78の場面")),
            aria_label="目次",
            class_="jump",
        ),
        _numbers(law),
        *(
            tag("section", tag("h2", title, id=id_), items(*cards, class_="cards"))
            for id_, title, cards in sections
        ),
        tag("p", "版 ", tag("code", law.bundle.revision)),
    )


def _search() -> Html:
    return tag(
        "form",
        tag("label", "さがす", for_="search"),
        tag("input", id="search", type="search", data_search=True, autocomplete="off"),
        tag(
            "p",
            "理由・条文・符号のことばで絞り込みます。",
            tag("output", data_found=True, for_="search"),
        ),
        class_="search",
        role="search",
        hidden=True,
    )


def _numbers(law: Law) -> Html:
    results = [s.result for s in law.scenarios]
    titles = {r.id: r.title for r in law.rules if r.kind in {"basis", "stop"}}
    told = [id_ for id_, title in titles.items() if law.quoting(title)]
    right = sum(c.as_expected for c in law.cases)
    shown = [c for c in law.coverage.values() if not c.missing]
    measured = f"{len(shown)} / {len(law.coverage)}" if law.coverage else "未計測"
    numbers = (
        ("試験が示したルール", measured, "はたらく例と、はたらかない例がある"),
        ("根拠と停止", str(len(titles)), f"うちシナリオのあるもの {len(told)}"),
        ("断りの理由", str(len(law.reasons)), ""),
        ("シナリオ", str(len(results)), f"期待どおり {results.count(PASSED)}"),
        ("未実行", str(results.count(NOT_RUN)), f"期待と異なる {results.count(FAILED)}"),
        ("既知の事例", str(len(law.cases)), f"期待どおり {right}"),
        ("78の場面", str(len(law.numbered)), f"{SITUATIONS} のうち書かれたもの"),
    )
    return tag(
        "dl",
        *(
            tag("div", tag("dt", name), tag("dd", number, tag("small", note)))
            for name, number, note in numbers
        ),
        class_="numbers",
    )


def _reason_card(law: Law, code: str) -> Html:
    text = law.reasons[code]
    return _card(f"reason/{code}.html", text["title_ja"], code, text["article"])


def _rule_card(rule: Rule) -> Html:
    return _card(f"{rule.kind}/{rule.id}.html", rule.title, rule.id, rule.note.custom["article"])


def _duty_card(law: Law, code: str) -> Html:
    row = law.duties[code]
    return _card(f"duty/{code}.html", row["title_ja"], code, f"担う人: {word(row['bearer'])}")


def _pack_card(law: Law, pack: str) -> Html:
    row = law.data["packs"][pack]
    count = f"有効な根拠 {len(row['bases'])} ・ 未確認の点 {len(row['unverified'])}"
    return _card(f"pack/{pack}.html", row["title_ja"], pack, count)


def _feature_card(feature: Feature) -> Html:
    results = [s.result for s in feature.scenarios]
    count = f"シナリオ {len(results)} ・ 期待どおり {results.count(PASSED)}"
    return _card(f"feature/{slug(feature.id)}.html", feature.name, feature.id, count)


def _card(target: str, title: object, code: str, note: object) -> Html:
    return Html(f"{link(target, title)}{tag('small', note)}{tag('code', code)}")


def _feature(feature: Feature) -> str:
    parts: list[Html] = []
    rule = ""
    for scenario in feature.scenarios:
        if scenario.rule != rule:
            rule = scenario.rule
            parts.append(tag("h2", rule))
        parts.append(_scenario(scenario))
    return page(
        feature.name,
        tag("p", *(tag("code", f"@{t} ") for t in feature.tags)),
        tag("p", feature.description),
        *parts,
        root=UP,
        trail=(link(f"{UP}index.html#features", "機能とシナリオ"),),
    )


def _scenario(scenario: Scenario) -> Html:
    steps = (tag("li", tag("b", keyword), text) for keyword, text in scenario.steps)
    head, *rows = scenario.rows or ((),)
    runs = f" {scenario.runs} 回実行" if scenario.runs else ""
    return tag(
        "article",
        tag("h3", scenario.name),
        tag("p", RESULTS[scenario.result], tag("small", runs)),
        tag("ol", *steps, class_="steps"),
        cells("例", head=tuple(head), rows=rows),
        class_="scenario",
        id=f"l{scenario.line}",
    )


def _situations(law: Law) -> str:
    last = max([SITUATIONS, *law.numbered])
    rows = [row for n in range(1, last + 1) for row in _situation(n, law.numbered.get(n, ()))]
    results = [_worst(s) for s in law.numbered.values()]
    return page(
        "78の場面",
        tag(
            "p",
            "法律の検討で定めた判断の場面です。期待する結果は、機能に書かれた「ならば」のとおりです。",
            f"期待どおり {results.count(PASSED)}、期待と異なる {results.count(FAILED)}、"
            f"未実行 {results.count(NOT_RUN)}、まだ書かれていない {last - len(results)}。",
        ),
        cells("場面ごとの結果", head=("番号", "場面", "期待", "実際"), rows=rows),
        root="./",
    )


def _situation(number: int, told: tuple[Scenario, ...]) -> Iterator[tuple[object, ...]]:
    if not told:
        yield (number, "まだ書かれていない", "", badge("wait", "シナリオなし"))
    for scenario in told:
        yield (
            number,
            to_scenario(scenario, ""),
            items(*scenario.outcomes),
            RESULTS[scenario.result],
        )


def _worst(told: tuple[Scenario, ...]) -> str:
    results = {s.result for s in told}
    return FAILED if FAILED in results else NOT_RUN if NOT_RUN in results else PASSED
