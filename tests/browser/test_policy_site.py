"""Whoever was refused finds out in a real browser what it means and what can be done."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.authoring.site import write_site
from gateway.policy.bundle import build_bundle
from tests.simulators.browser import Browser
from tests.simulators.policy_inputs import POLICIES

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "var/browser"
REASONS: dict[str, dict[str, Any]] = build_bundle(POLICIES).data["meta"]["reasons"]
TAB = "\ue004"
# WCAG 2.2 1.4.3: text has a contrast of at least 4.5 to what is behind it.
CONTRAST = """
const channel = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
const parts = c => c.match(/[\\d.]+/g).map(Number);
const light = c => { const [r, g, b] = parts(c).map(channel);
  return .2126 * r + .7152 * g + .0722 * b };
const ground = e => { for (; e; e = e.parentElement) {
  const c = parts(getComputedStyle(e).backgroundColor);
  if (c.length < 4 || c[3] > 0) return getComputedStyle(e).backgroundColor }
  return "rgb(255,255,255)" };
const worst = [];
for (const e of document.querySelectorAll("body *")) {
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.offsetParent) continue;
  const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
  const ratio = (a + .05) / (b + .05);
  if (ratio < 4.5) worst.push(e.tagName + "." + e.className + " " + ratio.toFixed(2));
}
return worst;
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> str:
    site = tmp_path_factory.mktemp("site")
    write_site(site, policies=POLICIES, features=ROOT / "tests/features", results=None)
    return (site / "index.html").as_uri()


@pytest.fixture(scope="module")
def window(browser_programs: tuple[str, str]) -> Iterator[Browser]:
    with Browser.open(browser_programs) as opened:
        yield opened


@pytest.mark.parametrize("code", sorted(REASONS))
def test_reason_is_explained_within_two_clicks_of_the_index(
    window: Browser, index: str, code: str
) -> None:
    window.visit(index)

    window.click(f'#main a[href="reason/{code}.html"]')

    said = window.text("main")
    assert code in said
    for name in ("title_ja", "article", "next_step_ja"):
        assert REASONS[code][name] in said
    assert not window.problems()


def test_search_narrows_the_lists_and_gives_them_back(window: Browser, index: str) -> None:
    window.visit(index)
    shown = "return [...document.querySelectorAll('ul.cards>li')].filter(e => !e.hidden).length"
    everything = window.run(shown)

    window.type_into("#search", "consent_withdrawn")
    found = window.run(shown)
    window.screenshot(SHOTS / "search.png")
    window.run(
        "const b = document.querySelector('#search'); b.value = '';"
        "b.dispatchEvent(new Event('input'))"
    )

    assert 1 == found
    assert everything == window.run(shown) > len(REASONS)
    assert not window.problems()


@pytest.mark.parametrize(
    ("page", "width"),
    [
        ("index.html", 1200),
        ("index.html", 360),
        ("reason/CONSENT_MISSING.html", 1200),
        ("reason/CONSENT_MISSING.html", 360),
        ("basis/shien_kaigi_swa.html", 1200),
        ("stop/stop_protected_address.html", 1200),
        ("pack/tottori_city.html", 1200),
        ("pack/tottori_city.html", 360),
        ("duty/secrecy_notice.html", 1200),
        ("situations.html", 1200),
        ("situations.html", 360),
        ("feature/consent_private.html", 1200),
    ],
)
def test_page_is_readable_fits_and_asks_nobody(
    window: Browser, index: str, page: str, width: int
) -> None:
    window.resize(width, 1000)
    window.visit(index.replace("index.html", page))

    window.screenshot(SHOTS / f"{page.removesuffix('.html').replace('/', '-')}-{width}.png")

    root = "document.documentElement"
    assert [] == window.run(CONTRAST)
    assert window.run(f"return {root}.scrollWidth <= {root}.clientWidth")
    loaded = window.run("return performance.getEntriesByType('resource').map(e => e.name)")
    assert [] == loaded
    assert "ja" == window.run(f"return {root}.lang")
    assert not window.problems()


def test_page_runs_no_script_but_its_own(window: Browser, index: str) -> None:
    window.visit(index)

    window.run(
        "const s = document.createElement('script'); s.textContent = 'document.title = 1';"
        "document.body.append(s)"
    )

    assert "判定基準" in window.run("return document.title")
    assert [message for message in window.problems() if "Content Security Policy" in message]


def test_keyboard_alone_skips_to_the_text(window: Browser, index: str) -> None:
    window.visit(index)

    window.press(TAB)

    assert "#main" == window.run("return document.activeElement.getAttribute('href')")
    place = window.run(
        "const r = document.activeElement.getBoundingClientRect();return [r.left, r.top]"
    )
    assert all(0 <= side for side in place)
