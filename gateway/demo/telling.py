"""
Telling what came out, in Japanese and English.

Values are never shown, only the labels of fields: what a recipient reads stays with it.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.client import ReasonGiven
from gateway.demo.cast import PERSONS, actor_of, agency_of
from gateway.demo.evidence import CheckedLog
from gateway.demo.player import Part
from gateway.demo.run import Report
from gateway.domain.disclosure import Obligation
from gateway.minimisation.fields import spec_of

__all__ = ["NOT_REVIEWED", "tell"]

NOT_REVIEWED: Final = (
    "登場する機関・人・住所はすべて架空です。根拠の規定は法務の確認前です。",
    "Every agency, person and address is fictional; no legal basis has been reviewed yet.",
)
_LABELS: Final[Mapping[str, str]] = {
    "permit": "[bold green]提供 · permitted[/]",
    "permit_partial": "[bold yellow]一部提供 · partly permitted[/]",
    "deny": "[bold red]不提供 · refused[/]",
    "held": "[bold magenta]保留 · held[/]",
}
_BEARERS: Final[Mapping[str, str]] = {
    "recipient": "提供先 recipient",
    "controller": "提供元 sender",
    "gateway": "ゲートウェイ gateway",
}
_JST: Final = timezone(timedelta(hours=9))
_ROOT_SHOWN: Final = 16


def tell(report: Report, console: Console, purposes: Mapping[str, Any]) -> None:
    """
    Tell each exchange, the logs, and what became of the tampering.

    Args:
        report: What came out.
        console: Where to tell it.
        purposes: The table of purposes, for their labels.
    """
    console.print()
    for sentence in NOT_REVIEWED:
        console.print(sentence)
    for part in report.parts:
        _tell_part(part, console, purposes)
    _tell_logs(report, console)
    _tell_tampering(report, console)
    _tell_end(report, console)


def _tell_part(part: Part, console: Console, purposes: Mapping[str, Any]) -> None:
    exchange, unit = part.exchange, part.unit
    console.print()
    console.rule(f"[bold]{exchange.journey}[/] {_LABELS[str(unit.label)]}", align="left")
    console.print(f"[bold]{escape(exchange.title_ja)}[/]")
    console.print(f"{escape(exchange.title_en)}")
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(overflow="fold")
    for name, words in (
        ("誰から誰へ who", _who(part)),
        ("本人 person", _both(PERSONS[exchange.subject])),
        ("目的 purpose", _purpose(part, purposes)),
        ("根拠 basis", _basis(part)),
        ("渡した項目 passed", _fields(unit.permitted)),
        ("渡さない項目 withheld", _fields(w.id for w in part.withheld)),
        ("条件 duties", "\n".join(map(_duty, unit.obligations))),
        ("保留を解けるのは may lift", " ".join(unit.held_by)),
        ("記録 log", _log(part)),
    ):
        if words:
            rows.add_row(name, escape(words))
    console.print(rows)
    _tell_reasons(unit.reasons, console)
    if part.asker_heard:
        console.print(f"  求めた側に伝わること · the asker hears: {' '.join(part.asker_heard)}")
    if part.officer_read:
        console.print("  個人情報保護の担当に警告が届き、判断の記録を読む(読んだことも記録される)")
        console.print("  The privacy officer is alerted and reads the record, which is logged too.")
    if _codes(part.officer_read) != _codes(unit.reasons):
        _tell_reasons(part.officer_read, console)
    if not part.as_written:
        console.print("  [bold red]✗ 台本と違う結果 · not as written[/]")


def _tell_reasons(reasons: Iterable[ReasonGiven], console: Console) -> None:
    rows = Table.grid(padding=(0, 1))
    rows.add_column(width=3, justify="right")
    rows.add_column(overflow="fold")
    for reason in reasons:
        said = f"{escape(reason.title_ja)} [dim]{reason.code} · {escape(reason.article)}[/]"
        rows.add_row("[red]✗[/]", said)
        rows.add_row("", f"[dim]{escape(reason.title_en)}[/]")
        rows.add_row("[green]→[/]", escape(reason.next_step_ja))
        rows.add_row("", f"[dim]{escape(reason.next_step_en)}[/]")
    console.print(rows)


def _tell_logs(report: Report, console: Console) -> None:
    console.print()
    console.rule("[bold]記録の検証 · the logs, verified[/]", align="left")
    table = Table("設定 pack", "件数 entries", "root", "証明 proofs", "結果 result")
    for log in report.logs:
        table.add_row(
            log.pack,
            str(log.size),
            f"{log.root[:_ROOT_SHOWN]}…",
            str(log.proofs),
            _verdict(log),
        )
    console.print(table)


def _tell_tampering(report: Report, console: Console) -> None:
    console.print()
    console.rule("[bold]改ざんしてみる · a copy is tampered with[/]", align="left")
    for attempt in report.attempts:
        mark = "[green]✓ 気づいた noticed[/]" if attempt.fault else "[bold red]✗ 気づかない[/]"
        console.print(f"  {mark} {attempt.what_ja} · {attempt.what_en}")
        console.print(f"      {escape(attempt.fault)}", style="dim", soft_wrap=True)


def _tell_end(report: Report, console: Console) -> None:
    main = report.main_log
    console.print()
    console.rule(align="left")
    console.print(f"検証した記録 · the log:      {main.folder}", soft_wrap=True)
    console.print(f"改ざんした写し · tampered:   {report.tampered}", soft_wrap=True)
    console.print("自分で確かめる · check it yourself:")
    for folder in (main.folder, report.tampered):
        console.print(f"  tasuki audit verify {folder} --vkey '{main.vkey}'", soft_wrap=True)
    kept = sum(part.as_written for part in report.parts)
    style = "bold green" if report.passed else "bold red"
    console.print(
        f"[{style}]{kept}/{len(report.parts)} 台本どおり · as written[/]"
        f" · {report.seconds:.0f} s · {len(report.logs)} gateways"
    )


def _codes(reasons: Iterable[ReasonGiven]) -> list[str]:
    return [reason.code for reason in reasons]


def _who(part: Part) -> str:
    exchange, to = part.exchange, part.expected.to
    giver, taker = agency_of(exchange.by), agency_of(to)
    ja = f"{giver.name_ja}({actor_of(exchange.by).post_ja}) → {taker.name_ja}"
    en = f"{giver.name_en} → {taker.name_en}"
    return f"{ja}({actor_of(to).post_ja})\n{en} ({actor_of(to).post_en})"


def _both(person: Any) -> str:
    return f"{person.name_ja} · {person.name_en}"


def _purpose(part: Part, purposes: Mapping[str, Any]) -> str:
    exchange = part.exchange
    row = purposes[exchange.purpose]
    how = "" if str(exchange.direction) == "push" else f" · {exchange.direction}"
    rows = " ".join(exchange.rows)
    return (
        f"{row['label_ja']} · {row['label_en']}{how}\n"
        f"自治体設定 pack {part.town.pack} · 報告書の行 rows {rows}"
    )


def _basis(part: Part) -> str:
    grounds = [f"{ground.article} · {ground.basis}" for ground in part.unit.bases]
    if not grounds and part.exchange.basis:
        return f"({part.exchange.basis} — 成り立たない · does not carry)"
    return "\n".join(grounds)


def _fields(ids: Iterable[str]) -> str:
    specs = [spec_of(id_) for id_ in ids]
    if not specs:
        return ""
    ja, en = (
        "、".join(s.label_ja for s in specs),
        ", ".join(s.label_en for s in specs),
    )
    return f"{ja}\n{en}"


def _duty(duty: Obligation) -> str:
    due = "" if duty.due_at is None else f" [{_day(duty.due_at)}まで]"
    return f"{duty.title_ja}({_BEARERS[duty.bearer]}){due}\n  {duty.title_en}"


def _log(part: Part) -> str:
    said = [f"判断 decision #{part.unit.log_index}"]
    if part.unit.release_index is not None:
        said.append(f"伝達 told #{part.unit.release_index}")
    if part.received is not None:
        said.append(f"開封 opened #{part.received.opened_index}")
        said.append(f"受領 acknowledged #{part.received.acknowledged_index}")
    return " · ".join(said)


def _verdict(log: CheckedLog) -> str:
    return "[green]verified[/]" if log.verified else f"[red]{escape(log.fault)}[/]"


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(_JST).strftime("%Y-%m-%d %H:%M")
