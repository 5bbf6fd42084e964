"""The report of a run as one HTML file: what is in it, and that articles are text in it."""

from __future__ import annotations

import asyncio
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from extractor.cases import Case
from extractor.catalog import Recipe, Schema
from extractor.cli import app
from extractor.errors import InputError
from extractor.evals import run
from extractor.evals.page import report
from extractor.evals.page.marks import Mark, Piece, pieces
from extractor.evals.page.plots import Point, scatter
from extractor.evals.page.views import read_whole_run
from extractor.evals.report import run_json, whole_run_json
from extractor.records import Article
from tests.test_breakdowns import Found, Scripted
from tests.test_report import noted_recipe

HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=alert(1)>"
TEXTS = {
    "marks": "👩‍👩‍👧 e\u0301te\u0301 🇭🇷: Ann met Bob.\r\n\r\nLater Ann met Cy & <b>𝔘nion</b>.",
    "hostile": f"It rained on Ann. {HOSTILE} \"Bob\" & 'Cy' left.",
}
GOLD: dict[str, dict[str, Any]] = {
    "marks": {"who": ["Bob", "Cy"], "trigger": "met Cy", "kind": "meeting", "day": None},
    "hostile": {"who": ["Ann"], "trigger": "rained", "kind": "weather", "day": None},
}
REPLIES: dict[str, dict[str, Any]] = {
    "marks": {"who": ["Cy", "𝔘nion"], "trigger": "met Bob", "kind": "meeting", "day": None},
    "hostile": {"who": [HOSTILE], "trigger": "rained", "kind": "weather", "day": None},
}


def write_whole(path: Path, replies: dict[str, dict[str, Any]]) -> Path:
    """A whole run, as `eval run --out` writes it."""
    recipe = Recipe(noted_recipe().prompt, Schema.of_model(Found))
    cases = [
        Case(article=Article(id=name, text=text, outlet="A&B"), schema_id="Found", gold=GOLD[name])
        for name, text in TEXTS.items()
    ]
    model = Scripted({TEXTS[name]: reply for name, reply in replies.items()})
    found = asyncio.run(run(cases, recipe, model))
    path.write_text(json.dumps(whole_run_json(found)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A run, and the one before it, which had no values for the first article."""
    folder = tmp_path_factory.mktemp("runs")
    nothing = {"who": ["Ann"], "trigger": None, "kind": None, "day": None}
    return (
        write_whole(folder / "now.json", REPLIES),
        write_whole(folder / "before.json", {**REPLIES, "marks": nothing}),
    )


class Reader(HTMLParser):
    """Reads a page as a browser would: which elements there are, and the texts of the marks."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self._depth = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if self._depth or (tag == "div" and "words" in (dict(attrs).get("class") or "")):
            self._depth += 1
            if self._depth == 1:
                self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._depth -= self._depth > 0

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.texts[-1] += data


def test_an_article_is_text_and_never_markup(runs: tuple[Path, Path]) -> None:
    html = report(read_whole_run(runs[0]), read_whole_run(runs[1]))
    found = Reader(html)
    assert found.tags.count("script") == 1
    assert not {"img", "b", "iframe", "link", "object"} & set(found.tags)
    assert sorted(found.texts) == sorted([*TEXTS.values(), *TEXTS.values()])
    assert "https://" not in html
    assert "http://" not in html


def test_the_report_has_what_a_reader_asks(runs: tuple[Path, Path]) -> None:
    html = report(read_whole_run(runs[0]), read_whole_run(runs[1]))
    for said in ("F1 against tokens", "The reply as it came", "The previous run: ", "By outlet"):
        assert said in html
    assert "A&amp;B" in html
    assert report(read_whole_run(runs[0]), read_whole_run(runs[1])) == html
    assert "The previous run" not in report(read_whole_run(runs[0]))


def test_texts_are_cut_at_code_points() -> None:
    text = TEXTS["marks"]
    start = text.index("Ann")
    found = pieces(text, [Mark(start, start + 3, 1, "right"), Mark(start, start + 7, 2, "wrong")])
    assert "".join(piece.text for piece in found) == text
    assert found[1:3] == [Piece("Ann", (1, 2), "wrong"), Piece(" met", (2,), "wrong")]
    assert pieces("", []) == []


def test_a_name_in_a_plot_is_text() -> None:
    svg = str(scatter([Point(3, 0.5, "<b>&", "now")], "tokens", "F1"))
    assert "&lt;b&gt;&amp;: 0.500 at 3 tokens" in svg
    assert scatter([], "tokens", "F1").startswith("<svg")


def extractor(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_command_writes_one_file(runs: tuple[Path, Path], tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = extractor("eval", "report", *runs, "-o", page)
    assert (done.exit_code, done.stdout) == (0, f"{page}\n"), done.output
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_scores_alone_make_no_report(tmp_path: Path) -> None:
    recipe = Recipe(noted_recipe().prompt, Schema.of_model(Found))
    case = Case(article=Article(id="one", text="It rained."), schema_id="Found", gold={"day": None})
    found = asyncio.run(run([case], recipe, Scripted({"It rained.": GOLD["hostile"]})))
    path = tmp_path / "scores.json"
    path.write_text(json.dumps(run_json(found)), encoding="utf-8")
    with pytest.raises(InputError, match="this run has scores, but no articles"):
        read_whole_run(path)
