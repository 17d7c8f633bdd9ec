"""Every code has a page that says what it means; nothing is loaded; no result is invented."""

import json
import re
from collections.abc import Mapping
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from gateway.authoring.site import write_site
from gateway.authoring.site.html import Html, page, tag
from gateway.authoring.site.scenarios import FAILED, NOT_RUN, PASSED, Results, read_features
from gateway.policy.bundle import PolicyBundle, build_bundle
from gateway.policy.rejection import RevisionRejected
from tests.simulators.policy_inputs import POLICIES

FEATURES = Path(__file__).parents[2] / "features"
FEATURE = """\
# language: ja
@appi-27
機能: 渡す
  説明

  ルール: 同意

    @c-1
    シナリオ: 渡される
      もし 渡す
      ならば 渡る

    シナリオ: 渡されない
      もし 渡す
      ならば 渡らない

    シナリオテンプレート: <何>を渡す
      もし <何>を渡す
      ならば 渡る

      例:
        | 何   |
        | 氏名 |
        | 電話 |
"""


class Document(HTMLParser):
    """Links, ids and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.said = ""
        self.headings: list[int] = []
        self.feed(text)

    def handle_starttag(  # noqa: D102 - the parser's own
        self, name: str, attributes: list[tuple[str, str | None]]
    ) -> None:
        given = dict(attributes)
        if name == "a":
            self.links.append(str(given["href"]))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if re.fullmatch("h[1-6]", name):
            self.headings.append(int(name[1]))
        assert name not in {"img", "iframe", "link", "object", "form action"}
        assert not [a for a in given if a.startswith("on") or a in {"src", "style", "action"}]

    def handle_data(self, text: str) -> None:  # noqa: D102 - as above
        self.said += text


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("site")
    write_site(directory, policies=POLICIES, features=FEATURES, results=None)
    return directory


@pytest.fixture(scope="module")
def documents(site: Path) -> Mapping[str, Document]:
    return {
        p.relative_to(site).as_posix(): Document(p.read_text(encoding="utf-8"))
        for p in site.rglob("*.html")
    }


@pytest.fixture(scope="module")
def bundle() -> PolicyBundle:
    return build_bundle(POLICIES)


def report(path: Path, *runs: tuple[str, str], uri: str = "features/give.feature") -> Path:
    """Write Cucumber JSON as pytest-bdd does."""
    elements = [
        {"name": name, "steps": [{"result": {"status": "passed"}}, {"result": {"status": status}}]}
        for name, status in runs
    ]
    path.write_text(json.dumps([{"uri": uri, "elements": elements}]), encoding="utf-8")
    return path


def results_of(tmp_path: Path, *runs: tuple[str, str], uri: str = "features/give.feature") -> Any:
    (tmp_path / "features").mkdir()
    (tmp_path / "features/give.feature").write_text(FEATURE, encoding="utf-8")
    results = Results.read(report(tmp_path / "report.json", *runs, uri=uri))
    (feature,) = read_features(tmp_path / "features", results)
    return {s.name: (s.result, s.runs) for s in feature.scenarios}


@pytest.mark.parametrize("content", ["", "{}x", "null", '[{"uri": 1}]', '[{"elements": []}]', "3"])
def test_report_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "report.json"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(RevisionRejected, match=r"report\.json"):
        Results.read(file)


def test_feature_that_is_not_gherkin_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.feature").write_text("# language: ja\nシナリオ: なし\n", encoding="utf-8")

    with pytest.raises(RevisionRejected, match=r"a\.feature"):
        read_features(tmp_path, Results({}))


def test_scenario_that_nobody_ran_has_no_result(tmp_path: Path) -> None:
    said = results_of(tmp_path, ("別のもの", "passed"), ("渡されない", "skipped"))

    assert {(NOT_RUN, 0), (NOT_RUN, 1)} == set(said.values())


def test_result_of_another_feature_is_never_taken(tmp_path: Path) -> None:
    said = results_of(tmp_path, ("渡される", "passed"), uri="features/law/give.feature")

    assert (NOT_RUN, 0) == said["渡される"]


def test_one_failure_among_the_runs_fails_the_scenario(tmp_path: Path) -> None:
    said = results_of(
        tmp_path, ("渡される", "passed"), ("渡される", "failed"), ("渡されない", "passed")
    )

    assert (FAILED, 2) == said["渡される"]
    assert (PASSED, 1) == said["渡されない"]


def test_rows_of_an_outline_count_for_it(tmp_path: Path) -> None:
    said = results_of(tmp_path, ("氏名を渡す", "passed"), ("電話を渡す", "failed"))

    assert (FAILED, 2) == said["<何>を渡す"]


def test_text_is_escaped_wherever_it_comes_from() -> None:
    written = tag("p", "<b>&", title='"<')

    assert '<p title="&quot;&lt;">&lt;b&gt;&amp;</p>' == written
    assert isinstance(written, Html)
    assert "<script>alert" not in page("<script>alert(1)</script>", "<script>alert(2)</script>")


def test_every_reason_has_its_sentence_article_and_next_step(
    documents: Mapping[str, Document], bundle: PolicyBundle
) -> None:
    for code, text in bundle.data["meta"]["reasons"].items():
        said = documents[f"reason/{code}.html"].said
        for name in ("title_ja", "article", "next_step_ja"):
            assert text[name] in said, (code, name)
        for alternative in text["lawful_alternatives"]:
            assert bundle.data["alternatives"][alternative]["title_ja"] in said, code


def test_every_rule_duty_and_pack_has_a_page_that_the_index_links_to(
    documents: Mapping[str, Document], bundle: PolicyBundle
) -> None:
    stops = {p.split("/")[2] for p in bundle.modules if p.startswith("disclosure/stop/")}
    expected = {
        *(f"stop/{stop}.html" for stop in stops),
        *(f"basis/{basis}.html" for basis in bundle.data["basis"]),
        *(f"duty/{code}.html" for code in bundle.data["obligations"]["duties"]),
        *(f"pack/{pack}.html" for pack in bundle.data["packs"]),
        *(f"reason/{code}.html" for code in bundle.data["meta"]["reasons"]),
        "situations.html",
    }

    assert expected <= set(documents)
    assert expected <= set(documents["index.html"].links)


def test_page_of_a_basis_says_who_may_what_and_how_sure_we_are(
    documents: Mapping[str, Document], bundle: PolicyBundle
) -> None:
    for basis, row in bundle.data["basis"].items():
        said = documents[f"basis/{basis}.html"].said
        wanted = (row["article"], row["effective_on"], row["verified_on"], *row["secrecy"].values())
        assert [] == [text for text in wanted if text not in said], basis
        assert ("法律家は未確認" in said) is (row["reviewed_by"] is None), basis


def test_page_of_a_pack_names_everything_unverified(
    documents: Mapping[str, Document], bundle: PolicyBundle
) -> None:
    for pack, row in bundle.data["packs"].items():
        said = documents[f"pack/{pack}.html"].said
        assert [] == [p["what_ja"] for p in row["unverified"] if p["what_ja"] not in said], pack
        assert [] == [b["name_ja"] for b in row["local_bodies"] if b["name_ja"] not in said], pack


def test_every_scenario_is_shown_with_its_steps(documents: Mapping[str, Document]) -> None:
    for feature in read_features(FEATURES, Results({})):
        said = documents[f"feature/{feature.id.replace('/', '-')}.html"].said
        for scenario in feature.scenarios:
            assert scenario.name in said
            assert all(text in said for _, text in scenario.steps)
        assert len(feature.scenarios) == said.count("未実行"), feature.id


def test_all_situations_of_the_law_are_listed(documents: Mapping[str, Document]) -> None:
    said = documents["situations.html"].said

    assert "シナリオなし" in said or "未実行" in said
    assert "78" in said


def test_every_link_leads_somewhere_or_to_the_law(documents: Mapping[str, Document]) -> None:
    for path, document in documents.items():
        home = Path(path).parent
        for target in document.links:
            if target.startswith("https://"):
                continue
            file, _, anchor = target.partition("#")
            found = Path("/", home, file).resolve().relative_to("/").as_posix() if file else path
            assert found in documents, (path, target)
            assert not anchor or anchor in documents[found].ids, (path, target)


def test_every_page_stands_alone_under_a_strict_policy(site: Path) -> None:
    for path in site.rglob("*.html"):
        text = unescape(path.read_text(encoding="utf-8"))
        assert "default-src 'none'" in text
        assert "unsafe" not in text
        assert 1 == text.count("<script>") == text.count("<style>")
        assert not re.search(r"url\(|@import|https?://[^\"]*\.(?:css|js|woff)", text)


def test_every_page_has_one_first_heading_and_no_id_twice(
    documents: Mapping[str, Document],
) -> None:
    for path, document in documents.items():
        assert 1 == document.headings.count(1), path
        assert len(set(document.ids)) == len(document.ids), path
        steps = zip(document.headings, document.headings[1:], strict=False)
        assert all(after <= before + 1 for before, after in steps), path
