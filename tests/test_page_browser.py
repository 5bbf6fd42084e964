"""The report of a run in a real browser, from a file and without a server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extractor.evals.page import report
from extractor.evals.page.views import read_whole_run
from tests.test_page import GOLD, REPLIES, TEXTS, write_whole

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH"),
]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    now = write_whole(folder / "now.json", REPLIES)
    before = write_whole(folder / "before.json", {**REPLIES, "marks": GOLD["marks"]})
    page = folder / "report.html"
    html = report(read_whole_run(now), read_whole_run(before))
    page.write_text(html, encoding="utf-8", newline="")
    return page


@pytest.fixture(scope="module")
def browser(file: Path) -> Iterator[Any]:
    """Started after the file was made: while it runs, no other event loop can."""
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(file: Path, browser: Any) -> Iterator[Any]:
    """The report, freshly opened; anything that is complained of or asked for fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(15_000)
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda said: told.append(said.text))
    page.on("request", lambda request: told.append(request.url))
    page.goto(file.as_uri())
    yield page
    context.close()
    assert told == [file.as_uri()]


def open_case(page: Any, name: str) -> Any:
    case = page.locator("details.case", has=page.locator(".id", has_text=name))
    case.locator("summary").first.click()
    return case


def lit(case: Any, side: str) -> list[str]:
    found: list[str] = case.locator(f".{side} mark.lit").all_text_contents()
    return found


def test_a_click_on_a_value_lights_its_words_on_both_sides(page: Any, file: Path) -> None:
    """What stands before them are emoji of several code points, flags and combining marks."""
    case = open_case(page, "marks")
    shown = TEXTS["marks"].replace("\r\n", "\n")  # as HTML has line ends
    for side in ("gold", "found"):
        assert case.locator(f".{side}").text_content() == shown
    data = json.loads((file.parent / "now.json").read_text(encoding="utf-8"))
    [article] = [each for each in data["articles"] if each["id"] == "marks"]
    text = TEXTS["marks"]
    for number, (path, _, gold_at, found_at, _) in enumerate(article["pairs"]):
        row = case.locator(f'tr[data-v="{number}"]')
        row.locator("button").click()
        for side, spans in (
            ("gold", article["gold_spans"].get(gold_at, [])),
            ("found", article["spans"].get(found_at, [])),
        ):
            words = "".join(text[start:end] for start, end in sorted(spans))
            assert "".join(lit(case, side)) == words, (path, side)
        assert row.locator("button").get_attribute("aria-pressed") == "true"
    page.keyboard.press("Escape")
    assert page.locator(".lit").count() == 0


def test_a_click_on_words_lights_the_values_that_rest_on_them(page: Any) -> None:
    case = open_case(page, "marks")
    case.locator(".found mark", has_text="𝔘nion").click()
    rows = case.locator("tr.lit")
    assert rows.count() == 1
    assert "who/*" in rows.first.text_content()
    assert lit(case, "found") == ["𝔘nion"]


def test_it_is_worked_by_keyboard(page: Any) -> None:
    page.keyboard.press("j")
    assert page.locator("details.case[open]").count() == 1
    first = page.locator("details.case[open] .id").text_content()
    page.keyboard.press("j")
    assert page.locator("details.case[open] .id").text_content() != first
    page.keyboard.press("k")
    assert page.locator("details.case[open] .id").text_content() == first
    buttons = page.locator("details.case[open] .pairs button")
    buttons.first.focus()
    page.keyboard.press("Enter")
    assert buttons.first.get_attribute("aria-pressed") == "true"


def test_articles_are_found_and_right_values_are_hidden(page: Any) -> None:
    page.fill("#find", "hostile")
    page.wait_for_function("document.getElementById('shown').textContent === '1 of 2 articles'")
    page.fill("#find", "")
    case = open_case(page, "hostile")
    right = case.locator("tr.right").first
    assert right.is_visible()
    page.check("#amiss")
    assert not right.is_visible()


def test_an_article_takes_nothing_over(page: Any) -> None:
    open_case(page, "hostile")
    assert page.title() != "taken"
    assert page.locator("img, .words script").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(page: Any, width: int, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    open_case(page, "marks")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, paper[4:-1].split(","))) < 380) == (scheme == "dark")


def test_what_is_open_is_printed(page: Any) -> None:
    case = open_case(page, "marks")
    page.emulate_media(media="print")
    assert not page.locator("#find").is_visible()
    assert case.locator(".words").first.is_visible()
