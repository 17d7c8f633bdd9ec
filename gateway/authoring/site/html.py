"""
HTML by small functions: whatever is not already HTML is escaped.

A page needs nothing but itself: its style and the one script are inline and named by digest in
its Content-Security-Policy, nothing is loaded, and without the script everything is there.
"""

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from typing import Final

__all__ = ["Html", "badge", "cells", "items", "link", "page", "tag"]


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, /, *children: object, **attributes: str | bool) -> Html:
    """
    Return one element.

    Args:
        name: Its name.
        children: Text, which is escaped, or :class:`Html`; ``None`` is left out.
        attributes: Attributes; underscores become hyphens, ``class_`` and ``for_`` lose theirs,
            false ones are left out.
    """
    written = "".join(_attribute(k, v) for k, v in attributes.items() if v is not False)
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{''.join(map(_text, children))}</{name}>")


def link(target: str, *children: object) -> Html:
    """Return a link to a page of the site, or to a text of the law elsewhere."""
    if target.startswith("https://"):
        return tag("a", *children, href=target, rel="noreferrer external", class_="external")
    return tag("a", *children, href=target)


def items(*rows: object, class_: str = "") -> Html | None:
    """Return a list, or nothing where there is nothing to list."""
    if not rows:
        return None
    return tag("ul", *(tag("li", row) for row in rows), class_=class_ or False)


def cells(
    caption: str,
    *,
    head: tuple[str, ...],
    rows: Sequence[tuple[object, ...]],
    quiet: bool = False,
) -> Html | None:
    """
    Return a table; the first cell of a row names it. Nothing without rows.

    Args:
        caption: What the table is.
        head: The name of each column.
        rows: The cells of each row.
        quiet: Whether the caption is only spoken, because a heading says the same above it.
    """
    if not rows:
        return None
    body = (
        tag("tr", tag("th", first, scope="row"), *(tag("td", cell) for cell in rest))
        for first, *rest in rows
    )
    table = tag(
        "table",
        tag("caption", tag("span", caption, class_="unseen" if quiet else False)),
        tag("thead", tag("tr", *(tag("th", h, scope="col") for h in head))),
        tag("tbody", *body),
    )
    # A wide table scrolls in its frame, with the keyboard as well.
    return tag("div", table, class_="frame", tabindex="0", role="region", aria_label=caption)


def badge(kind: str, text: str) -> Html:
    """Return a small mark; what it says stands in words, never in colour alone."""
    return tag("span", text, class_=f"badge {kind}")


def page(title: str, *content: object, root: str = "", trail: tuple[Html, ...] = ()) -> str:
    """
    Return a whole page.

    Args:
        title: Its title and first heading.
        content: What it says.
        root: The way up to the index, ``""`` or ``"../"``.
        trail: Links of the pages above it.
    """
    crumbs = [link(f"{root}index.html", "一覧"), *trail] if root else []
    way = tag("nav", items(*crumbs, tag("span", title, aria_current="page")), aria_label="現在位置")
    body = tag(
        "body",
        tag("a", "本文へ移る", href="#main", class_="skip"),
        tag("header", tag("div", link(f"{root}index.html", "判定基準 — 襷"), class_="inner")),
        tag("main", way if crumbs else None, tag("h1", title), *content, id="main"),
        tag("footer", tag("p", _FOOT, class_="inner")),
        tag("script", Html(_SCRIPT)),
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", f"{title} | 判定基準 — 襷"),
        tag("style", Html(_STYLE)),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='ja')}\n"


def _text(child: object) -> str:
    if child is None:
        return ""
    return child if isinstance(child, Html) else escape(str(child), quote=False)


def _attribute(name: str, value: str | bool) -> str:  # noqa: FBT001 - as HTML has them
    written = name.rstrip("_").replace("_", "-")
    return f" {written}" if value is True else f' {written}="{escape(str(value))}"'


def _digest(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


_VOID: Final = {"meta", "input", "br", "hr"}
_FOOT: Final = (
    "このページは、ルール・表・機能の記述から自動で作られています。"
    "法律上の助言ではありません。判断の根拠は、条文と各機関の規程でお確かめください。"
)

_STYLE: Final = """
:root{--ink:#1a1a1c;--soft:#4d4d4d;--line:#d8d8db;--pale:#f5f7fc;--blue:#0017c1;--deep:#00118f;
--ok:#115a36;--ok-pale:#e6f5ec;--no:#a30009;--no-pale:#fdeeee;--wait:#6e4a00;--wait-pale:#fbf5e0}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:1rem}
body{margin:0;color:var(--ink);background:#fff;font:1rem/1.8 "Noto Sans JP","Noto Sans CJK JP",
"Hiragino Sans","BIZ UDPGothic","Yu Gothic",Meiryo,sans-serif;letter-spacing:.02em;
overflow-wrap:anywhere;line-break:strict}
.inner,main{max-width:72rem;margin:0 auto;padding:0 1.5rem}
header{border-bottom:1px solid var(--line)}
header .inner{padding-block:1rem}
header a{color:var(--ink);font-weight:700;font-size:1.125rem;text-decoration:none}
main{padding-block:1.5rem 5rem}
footer{border-top:1px solid var(--line);background:var(--pale);color:var(--soft)}
footer .inner{padding-block:1.5rem;margin-block:0;font-size:.875rem}
h1{font-size:clamp(1.6rem,1.2rem + 1.6vw,2.25rem);line-height:1.4;margin:.5rem 0 1.25rem}
h2{font-size:1.5rem;line-height:1.5;margin:3rem 0 1rem;padding-top:1.25rem;
border-top:1px solid var(--line)}
h3{font-size:1.125rem;margin:1.75rem 0 .5rem}
p{margin:0 0 1rem;max-width:48rem}
a{color:var(--blue);text-underline-offset:.2em}
a:hover{color:var(--deep);text-decoration-thickness:.15em}
a:focus-visible,summary:focus-visible,input:focus-visible,.frame:focus-visible{
outline:4px solid #000;outline-offset:2px;box-shadow:0 0 0 2px #ffd43d;border-radius:.25rem}
.external::after{content:" (外部)";font-size:.8em;color:var(--soft)}
.skip{position:absolute;left:-100vw;background:#fff;padding:.5rem 1rem}
.skip:focus{left:1rem;top:.5rem;z-index:1}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem .5rem;list-style:none;margin:0 0 1rem;padding:0;
font-size:.875rem}
nav[aria-label="現在位置"] li+li::before{content:"›";margin-right:.5rem;color:var(--soft)}
code{font:.875em/1.5 ui-monospace,"BIZ UDGothic",monospace;color:var(--soft);letter-spacing:0}
.jump ul{gap:.5rem}
.jump a{display:block;padding:.4rem 1rem;border:1px solid var(--blue);border-radius:.5rem;
text-decoration:none;font-size:.9375rem}
.jump a:hover{background:var(--pale);text-decoration:underline}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:.75rem;
margin:1.5rem 0}
.numbers div{border:1px solid var(--line);border-radius:.75rem;padding:.75rem 1rem}
.numbers dt{color:var(--soft);font-size:.875rem}
.numbers dd{margin:0;font-size:1.75rem;font-weight:700;line-height:1.4}
.numbers small{display:block;font-size:.875rem;font-weight:400;line-height:1.6;color:var(--soft)}
.search{background:var(--pale);border-radius:.75rem;padding:1.25rem 1.5rem;margin:0 0 1.5rem}
.search label{font-weight:700;display:block;margin-bottom:.25rem}
.search input{width:100%;max-width:36rem;font:inherit;padding:.6rem 1rem;border:1px solid #626264;
border-radius:.5rem;background:#fff}
.search p{margin:.5rem 0 0;font-size:.875rem;color:var(--soft)}
ul.cards{list-style:none;margin:0;padding:0;display:grid;gap:.75rem;
grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr))}
ul.cards>li{border:1px solid var(--line);border-radius:.75rem;padding:.9rem 1.1rem}
ul.cards>li:focus-within,ul.cards>li:hover{border-color:var(--blue)}
ul.cards a{font-weight:700;display:block;line-height:1.6}
ul.cards small{display:block;color:var(--soft);font-size:.8125rem;line-height:1.6}
.next{border:1px solid var(--blue);border-left-width:.5rem;border-radius:.5rem;
padding:1rem 1.5rem;margin:1.5rem 0}
.next h2{border:0;margin:0 0 .5rem;padding:0;font-size:1.125rem}
.next p{font-size:1.125rem;margin:0}
dl.facts{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;margin:0 0 1.5rem;
border-top:1px solid var(--line)}
dl.facts>dt,dl.facts>dd{margin:0;padding:.7rem 0;border-bottom:1px solid var(--line)}
dl.facts>dt{font-weight:700}
dl.facts ul{margin:0;padding-left:1.25rem}
@media(max-width:40rem){dl.facts{grid-template-columns:1fr}dl.facts>dt{border:0;padding-bottom:0}}
.frame{overflow-x:auto;margin:0 0 1.5rem}
table{border-collapse:collapse;width:100%;min-width:34rem;font-size:.9375rem}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
caption{text-align:left;font-weight:700;padding:.25rem 0 .5rem}
caption:has(.unseen){padding:0}
th,td{border-bottom:1px solid var(--line);padding:.6rem .9rem;text-align:left;vertical-align:top}
thead th{background:var(--pale);white-space:nowrap}
tbody th{font-weight:400}
td ul{margin:0;padding-left:1.25rem}
.badge{display:inline-block;border:1px solid;border-radius:.375rem;padding:0 .55rem;
margin-right:.4rem;
font-size:.8125rem;line-height:1.7;white-space:nowrap;color:var(--soft);background:#fff}
.ok{color:var(--ok);background:var(--ok-pale)}.no{color:var(--no);background:var(--no-pale)}
.wait{color:var(--wait);background:var(--wait-pale)}
.scenario{border:1px solid var(--line);border-radius:.75rem;padding:.25rem 1.25rem 1rem;
margin:1rem 0}
.scenario h3,.scenario h4{margin:.75rem 0 .5rem;font-size:1.0625rem}
ol.steps{list-style:none;margin:0;padding:0}
ol.steps li{padding:.15rem 0 .15rem 4.5rem;position:relative}
ol.steps b{position:absolute;left:0;width:4rem;text-align:right;color:var(--soft);font-weight:400}
[hidden]{display:none}
@media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{header,.search,.jump,.skip{display:none}a{color:inherit}}
"""

# Narrows the lists of the index; all of them are there without it.
_SCRIPT: Final = """
const box=document.querySelector("[data-search]"),said=document.querySelector("[data-found]");
if(box){box.closest("form").hidden=false;box.addEventListener("input",()=>{
const words=box.value.normalize("NFKC").toLowerCase().split(/\\s+/).filter(Boolean);let n=0;
for(const card of document.querySelectorAll("ul.cards>li")){
const text=card.textContent.normalize("NFKC").toLowerCase();
card.hidden=!words.every(w=>text.includes(w));n+=card.hidden?0:1}
for(const part of document.querySelectorAll("section:has(ul.cards)"))
part.hidden=!part.querySelector("ul.cards>li:not([hidden])");
said.textContent=words.length?n+" 件":""})}
"""

_POLICY: Final = (
    f"default-src 'none'; style-src {_digest(_STYLE)}; script-src {_digest(_SCRIPT)}; "
    "base-uri 'none'; form-action 'none'"
)
