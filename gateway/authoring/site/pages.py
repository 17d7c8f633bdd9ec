"""The pages: an index of everything, and one page for each thing that has a code."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from gateway.authoring.outcomes import Outline
from gateway.authoring.site.html import Html, badge, cells, items, link, page, tag
from gateway.authoring.site.law import DecidedCase, Law, Rule
from gateway.authoring.site.scenarios import FAILED, NOT_RUN, PASSED, Feature, Scenario
from gateway.authoring.site.words import amount, relation, word, words

__all__ = ["SITUATIONS", "pages"]

# The decision scenarios of the law that the product promises to decide, ``@c-1`` to ``@c-78``.
SITUATIONS: Final = 78

_RESULTS: Final = {
    PASSED: badge("ok", "期待どおり"),
    FAILED: badge("no", "期待と異なる"),
    NOT_RUN: badge("wait", "未実行"),
}
_KINDS: Final = {"basis": "根拠", "stop": "停止", "obligation": "条件"}
_CAUSES: Final = {
    "class": "情報の区分",
    "direction": "伝え方",
    "purpose": "目的",
    "recipient_kind": "提供先の種類",
    "stop": "停止",
}
_UP: Final = "../"


def pages(law: Law) -> Iterator[tuple[str, str]]:
    """Yield every page: its path below the site, and its text."""
    yield "index.html", _index(law)
    yield "situations.html", _situations(law)
    for code in law.reasons:
        yield f"reason/{code}.html", _reason(law, code)
    for rule in law.rules:
        if rule.kind != "obligation":
            yield f"{rule.kind}/{rule.id}.html", _rule(law, rule)
    for code in law.duties:
        yield f"duty/{code}.html", _duty(law, code)
    for pack in law.data["packs"]:
        yield f"pack/{pack}.html", _pack(law, pack)
    for feature in law.features:
        yield f"feature/{_slug(feature.id)}.html", _feature(feature)


# --- the index -------------------------------------------------------------------------------


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
    numbers = (
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
    return _card(f"feature/{_slug(feature.id)}.html", feature.name, feature.id, count)


def _card(target: str, title: object, code: str, note: object) -> Html:
    return Html(f"{link(target, title)}{tag('small', note)}{tag('code', code)}")


# --- reasons, rules, duties ------------------------------------------------------------------


def _reason(law: Law, code: str) -> str:
    text = law.reasons[code]
    chosen = [law.data["alternatives"][a]["title_ja"] for a in text["lawful_alternatives"]]
    later = law.data["reasons"]["texts"].get(code, {}).get("emitted_by") == "later"
    return page(
        text["title_ja"],
        tag("p", tag("code", code), " ", badge("wait", "予定: まだ使われない") if later else None),
        _next_step(text["next_step_ja"]),
        _facts(
            ("条文", text["article"]),
            ("条文を読む", items(*(link(address, name) for address, name in law.sources(code)))),
            ("ほかにできること", items(*chosen)),
            ("この理由を聞く人", word(text["side"])),
            ("述べる確認", items(*law.checks_saying(code))),
            ("述べるルール", items(*(_to_rule(r) for r in law.saying(code)))),
            ("English", f"{text['title_en']} — {text['next_step_en']}"),
        ),
        _examples(law.cases_with(reason=code), law.quoting(text["title_ja"])),
        root=_UP,
        trail=(link(f"{_UP}index.html#reasons", "断りの理由"),),
    )


def _rule(law: Law, rule: Rule) -> str:
    custom = rule.note.custom
    row: Mapping[str, Any] = law.data["basis"].get(rule.id, {})
    sources = [link(address, name) for address, name in law.sources(rule.id)]
    facts = [
        ("条文", custom["article"]),
        ("条文を読む", items(*sources)),
        ("施行", custom.get("effective_from")),
    ]
    facts += _of_row(law, rule.id, row) if row else []
    reasons = [link(f"{_UP}reason/{c}.html", law.reasons[c]["title_ja"]) for c in rule.codes]
    anchor = "bases" if rule.kind == "basis" else "stops"
    return page(
        rule.title,
        tag("p", tag("code", rule.id), " ", *_marks(row)),
        tag("p", rule.sentence),
        _facts(*facts, ("述べることのある理由", items(*reasons)), ("English", custom["title_en"])),
        _examples(law.cases_with(rule=rule.id), law.quoting(rule.title)),
        root=_UP,
        trail=(link(f"{_UP}index.html#{anchor}", _KINDS[rule.kind]),),
    )


def _marks(row: Mapping[str, Any]) -> Iterator[Html]:
    if not row:
        return
    yield badge("ok" if row["verified"] == "text" else "wait", word(row["verified"]))
    yield badge("ok", "法律家の確認済み") if row["reviewed_by"] else badge("wait", "法律家は未確認")
    if row.get("never"):
        yield badge("no", "根拠にならない")
    if row.get("report"):
        yield badge("", "通告・通報")
    if row.get("disabled_reason_ja"):
        yield badge("no", "まだ有効にできない")


def _of_row(law: Law, basis: str, row: Mapping[str, Any]) -> list[tuple[str, object]]:
    secrecy = row["secrecy"]
    reviewed = f"{row['reviewed_by']}({row['reviewed_on']})" if row["reviewed_by"] else "まだ"
    duties = dict.fromkeys(d for n in row if n.startswith("obligations") for d in row[n])
    packs = [
        Html(f"{link(f'{_UP}pack/{id_}.html', pack['title_ja'])} {since} から")
        for id_, pack in sorted(law.data["packs"].items())
        if basis in pack["bases"]
        for since in [pack["bases"][basis]["enabled_on"]]
    ]
    groups: Mapping[str, Any] = law.data.get("subject_groups", {})
    about = [groups.get(g, {}).get("title_ja", g) for g in row.get("subject_groups", ())]
    return [
        ("廃止", row["repealed_on"]),
        ("条文の確認", f"{word(row['verified'])}({row['verified_on']} の条文から)"),
        ("法律家の確認", reviewed),
        ("有効にできない理由", row.get("disabled_reason_ja")),
        ("提供できる機関", f"{words(row['sender_kinds'])}({words(row['sender_regimes'])})"),
        ("提供できる立場", words(row["sender_capacities"])),
        ("受け取れる機関", f"{words(row['recipient_kinds'])}({words(row['recipient_regimes'])})"),
        ("だれについて", "、".join((*about, *map(relation, row.get("subject_relations", ()))))),
        ("目的", _labels(law, "purposes", row["purposes"])),
        ("情報の区分", _labels(law, "classes", row["classes"])),
        ("付く条件", items(*(_to_duty(law, d) for d in duties))),
        ("守秘義務", _joined(secrecy["article"], secrecy["penalty"], " / 罰則: ")),
        ("有効にしている自治体", items(*packs)),
    ]


def _duty(law: Law, code: str) -> str:
    row = law.duties[code]
    due = row["due"]
    causes = [_cause(law, kind, cause) for kind, cause in law.bringing(code)]
    standard = law.data["packs"]["default"]["thresholds"].get(due) if due else None
    params = [f"{name}: {value}" for name, value in row["params"].items()]
    rule = next((r for r in law.of_kind("obligation") if r.id == code), None)
    return page(
        row["title_ja"],
        tag("p", tag("code", code)),
        tag("p", rule.sentence) if rule else None,
        _facts(
            ("担う人", word(row["bearer"])),
            ("期限(標準の設定)", amount(due, standard) if due else None),
            ("条文", rule.note.custom["article"] if rule else None),
            ("定め", items(*params)),
            ("付く場合", items(*causes)),
            ("English", row["title_en"]),
        ),
        _examples(law.cases_with(duty=code), law.quoting(row["title_ja"])),
        root=_UP,
        trail=(link(f"{_UP}index.html#duties", "条件"),),
    )


def _cause(law: Law, kind: str, cause: str) -> Html | str:
    if kind == "basis":
        return _to(law, "basis", cause)
    if kind == "stop":
        return _to(law, "stop", cause)
    table = {"class": "classes", "purpose": "purposes"}.get(kind)
    said = law.data[table].get(cause, {}).get("label_ja", cause) if table else word(cause)
    return f"{_CAUSES.get(kind, kind)}: {said}"


# --- municipalities --------------------------------------------------------------------------


def _pack(law: Law, pack: str) -> str:
    row = law.data["packs"][pack]
    tables = (
        ("有効な根拠", ("根拠", "有効にした日", "やめた日", "報告書の行"), _enabled(law, row)),
        ("会議体など", ("名前", "あたる根拠", "要綱", "報告書の行と注"), _bodies(law, row)),
        ("未確認の点", ("こと", "なぜ", "報告書の行"), _points(row)),
        ("期限などの値", ("名前", "値"), _values(row)),
    )
    unreviewed = f"{len(law.bundle.unreviewed(pack))} / {len(row['bases'])}"
    return page(
        row["title_ja"],
        tag("p", tag("code", pack)),
        tag("p", "法律家が確認していない根拠: ", unreviewed),
        *(
            tag(
                "section",
                tag("h2", title),
                cells(title, head=head, rows=rows, quiet=True) or tag("p", "なし"),
            )
            for title, head, rows in tables
        ),
        root=_UP,
        trail=(link(f"{_UP}index.html#packs", "自治体の設定"),),
    )


def _enabled(law: Law, pack: Mapping[str, Any]) -> list[tuple[object, ...]]:
    return [
        (_to(law, "basis", b), c["enabled_on"], c["disabled_on"] or "", _row(c["row"], pack))
        for b, c in sorted(pack["bases"].items())
    ]


def _bodies(law: Law, pack: Mapping[str, Any]) -> list[tuple[object, ...]]:
    return [
        (
            body["name_ja"],
            _to(law, "basis", body["basis"]) if body["basis"] else "根拠のない場",
            "確認した" if body["rule_seen"] else "見ていない",
            f"{_row(body['row'], pack)} {body['note_ja']}",
        )
        for body in pack["local_bodies"]
    ]


def _points(pack: Mapping[str, Any]) -> list[tuple[object, ...]]:
    return [(p["what_ja"], p["why_ja"], _row(p["row"], pack)) for p in pack["unverified"]]


def _values(pack: Mapping[str, Any]) -> list[tuple[object, ...]]:
    values = sorted(pack["thresholds"].items())
    return [(tag("code", name), amount(name, value)) for name, value in values if _is_plain(value)]


def _row(row: str, pack: Mapping[str, Any]) -> str:
    rows = pack["rows"]
    said = rows.get(row, "") if isinstance(rows, Mapping) else ""
    return f"{row} {said}".strip()


def _is_plain(value: object) -> bool:
    return not isinstance(value, list) or all(isinstance(v, str) for v in value)


# --- features and situations -----------------------------------------------------------------


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
        root=_UP,
        trail=(link(f"{_UP}index.html#features", "機能とシナリオ"),),
    )


def _scenario(scenario: Scenario) -> Html:
    steps = (tag("li", tag("b", keyword), text) for keyword, text in scenario.steps)
    head, *rows = scenario.rows or ((),)
    runs = f" {scenario.runs} 回実行" if scenario.runs else ""
    return tag(
        "article",
        tag("h3", scenario.name),
        tag("p", _RESULTS[scenario.result], tag("small", runs)),
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
            _to_scenario(scenario, ""),
            items(*scenario.outcomes),
            _RESULTS[scenario.result],
        )


def _worst(told: tuple[Scenario, ...]) -> str:
    results = {s.result for s in told}
    return FAILED if FAILED in results else NOT_RUN if NOT_RUN in results else PASSED


# --- parts -----------------------------------------------------------------------------------


def _next_step(text: str) -> Html:
    return tag("section", tag("h2", "次の一歩"), tag("p", text), class_="next")


def _facts(*rows: tuple[str, object]) -> Html:
    told = (Html(f"{tag('dt', name)}{tag('dd', value)}") for name, value in rows if value)
    return tag("dl", *told, class_="facts")


def _examples(cases: tuple[DecidedCase, ...], told: tuple[Scenario, ...]) -> Html:
    rows = [(c.case.title_ja, _said(c.outline), _as_expected(c)) for c in cases]
    scenarios = [Html(f"{_to_scenario(s, _UP)} {_RESULTS[s.result]}") for s in told]
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
    return _RESULTS[PASSED if decided.as_expected else FAILED]


def _to_scenario(scenario: Scenario, root: str) -> Html:
    return link(f"{root}feature/{_slug(scenario.feature)}.html#l{scenario.line}", scenario.name)


def _to_rule(rule: Rule) -> Html:
    home = "duty" if rule.kind == "obligation" else rule.kind
    return link(f"{_UP}{home}/{rule.id}.html", rule.title)


def _to(law: Law, kind: str, id_: str) -> Html | str:
    """Return a link to a stop or basis; its bare id where there is no such rule."""
    return next((_to_rule(r) for r in law.rules if (r.kind, r.id) == (kind, id_)), id_)


def _to_duty(law: Law, code: str) -> Html:
    return link(f"{_UP}duty/{code}.html", law.duties[code]["title_ja"])


def _labels(law: Law, table: str, codes: Iterable[str]) -> str:
    rows = law.data[table]
    return "、".join(rows.get(c, {}).get("label_ja", c) for c in codes)


def _joined(one: str, other: str, between: str) -> str:
    return f"{one}{between}{other}" if one and other else one or other


def _slug(feature: str) -> str:
    return feature.replace("/", "-")
