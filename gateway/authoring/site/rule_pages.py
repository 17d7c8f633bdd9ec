"""One page for each reason, stop, basis, duty and municipality."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gateway.authoring.site.html import Html, badge, cells, items, link, page, tag
from gateway.authoring.site.law import Law, Rule
from gateway.authoring.site.parts import (
    UP,
    examples,
    facts,
    joined,
    labels,
    next_step,
    to,
    to_duty,
    to_rule,
)
from gateway.authoring.site.words import amount, relation, word, words

__all__ = ["duty_page", "pack_page", "reason_page", "rule_page"]

_KINDS: Final = {"basis": "根拠", "stop": "停止", "obligation": "条件"}
_CAUSES: Final = {
    "class": "情報の区分",
    "direction": "伝え方",
    "purpose": "目的",
    "recipient_kind": "提供先の種類",
    "stop": "停止",
}


def reason_page(law: Law, code: str) -> str:
    """Return the page of a reason: what it means and what can be done."""
    text = law.reasons[code]
    chosen = [law.data["alternatives"][a]["title_ja"] for a in text["lawful_alternatives"]]
    later = law.data["reasons"]["texts"].get(code, {}).get("emitted_by") == "later"
    return page(
        text["title_ja"],
        tag("p", tag("code", code), " ", badge("wait", "予定: まだ使われない") if later else None),
        next_step(text["next_step_ja"]),
        facts(
            ("条文", text["article"]),
            ("条文を読む", items(*(link(address, name) for address, name in law.sources(code)))),
            ("ほかにできること", items(*chosen)),
            ("この理由を聞く人", word(text["side"])),
            ("述べる確認", items(*law.checks_saying(code))),
            ("述べるルール", items(*(to_rule(r) for r in law.saying(code)))),
            ("English", f"{text['title_en']} — {text['next_step_en']}"),
        ),
        examples(law.cases_with(reason=code), law.quoting(text["title_ja"])),
        root=UP,
        trail=(link(f"{UP}index.html#reasons", "断りの理由"),),
    )


def rule_page(law: Law, rule: Rule) -> str:
    """Return the page of a stop or a basis."""
    custom = rule.note.custom
    row: Mapping[str, Any] = law.data["basis"].get(rule.id, {})
    sources = [link(address, name) for address, name in law.sources(rule.id)]
    told = [
        ("条文", custom["article"]),
        ("条文を読む", items(*sources)),
        ("施行", custom.get("effective_from")),
    ]
    told += _of_row(law, rule.id, row) if row else []
    reasons = [link(f"{UP}reason/{c}.html", law.reasons[c]["title_ja"]) for c in rule.codes]
    anchor = "bases" if rule.kind == "basis" else "stops"
    return page(
        rule.title,
        tag("p", tag("code", rule.id), " ", *_marks(row)),
        tag("p", rule.sentence),
        facts(
            *told,
            ("述べることのある理由", items(*reasons)),
            ("試験", _shown(law, rule.id)),
            ("English", custom["title_en"]),
        ),
        examples(law.cases_with(rule=rule.id), law.quoting(rule.title)),
        root=UP,
        trail=(link(f"{UP}index.html#{anchor}", _KINDS[rule.kind]),),
    )


def _shown(law: Law, rule: str) -> Html | None:
    row = law.coverage.get(rule)
    if row is None:
        return None
    missing = "ない"
    return items(
        f"はたらく例: {row.speaks or missing}", f"はたらかない近い例: {row.near_miss or missing}"
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
        Html(f"{link(f'{UP}pack/{id_}.html', pack['title_ja'])} {since} から")
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
        ("目的", labels(law, "purposes", row["purposes"])),
        ("情報の区分", labels(law, "classes", row["classes"])),
        ("付く条件", items(*(to_duty(law, d) for d in duties))),
        ("守秘義務", joined(secrecy["article"], secrecy["penalty"], " / 罰則: ")),
        ("有効にしている自治体", items(*packs)),
    ]


def duty_page(law: Law, code: str) -> str:
    """Return the page of a duty."""
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
        facts(
            ("担う人", word(row["bearer"])),
            ("期限(標準の設定)", amount(due, standard) if due else None),
            ("条文", rule.note.custom["article"] if rule else None),
            ("定め", items(*params)),
            ("付く場合", items(*causes)),
            ("English", row["title_en"]),
        ),
        examples(law.cases_with(duty=code), law.quoting(row["title_ja"])),
        root=UP,
        trail=(link(f"{UP}index.html#duties", "条件"),),
    )


def _cause(law: Law, kind: str, cause: str) -> Html | str:
    if kind == "basis":
        return to(law, "basis", cause)
    if kind == "stop":
        return to(law, "stop", cause)
    table = {"class": "classes", "purpose": "purposes"}.get(kind)
    said = law.data[table].get(cause, {}).get("label_ja", cause) if table else word(cause)
    return f"{_CAUSES.get(kind, kind)}: {said}"


def pack_page(law: Law, pack: str) -> str:
    """Return the page of a municipality's choices."""
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
        root=UP,
        trail=(link(f"{UP}index.html#packs", "自治体の設定"),),
    )


def _enabled(law: Law, pack: Mapping[str, Any]) -> list[tuple[object, ...]]:
    return [
        (to(law, "basis", b), c["enabled_on"], c["disabled_on"] or "", _row(c["row"], pack))
        for b, c in sorted(pack["bases"].items())
    ]


def _bodies(law: Law, pack: Mapping[str, Any]) -> list[tuple[object, ...]]:
    return [
        (
            body["name_ja"],
            to(law, "basis", body["basis"]) if body["basis"] else "根拠のない場",
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
