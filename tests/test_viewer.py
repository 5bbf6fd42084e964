"""The evidence viewer in a real browser, over replayed traffic."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx2
import pytest
from starlette.testclient import TestClient

from extractor.cases import read_cases
from extractor.catalog import Catalog
from extractor.evals.scores import score
from extractor.service import create_app
from tests.recorded import CASSETTES, recorded_case, recorded_model
from tests.replay_server import ReplayServer
from tests.running import running

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH"),
]
CASE = recorded_case("visit-conflicting-reports")
BODY = CASE.article.model_dump(mode="json")


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reviews")


@pytest.fixture(scope="module")
def address(reviews: Path) -> Iterator[str]:
    """A running service whose model replays."""
    with ReplayServer(CASSETTES) as answers:
        model = recorded_model(answers.base_url)
        app = create_app(Catalog.open(), model, reviews=reviews, repair=0)
        with running(app) as address:
            yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    with opened(browser, address) as page:
        yield page


@contextmanager
def opened(browser: Any, address: str) -> Iterator[Any]:
    """The viewer, freshly opened; what its scripts complain of fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(15_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
    page.goto(address)
    page.wait_for_selector("#prompt option", state="attached")
    yield page
    context.close()
    assert not complaints


def is_complaint(said: Any) -> bool:
    """An error of a script; that a request was refused is told there too, and is none."""
    return said.type == "error" and not said.text.startswith("Failed to load resource")


def extract(page: Any) -> dict[str, Any]:
    """Pastes the recorded article and extracts it; the answer of the service."""
    paste(page)
    page.click("button.main")
    page.wait_for_selector("#copy:visible")
    # Chromium does not hand out what came in a stream, and a replayed answer is always the same.
    answer = httpx2.post(urljoin(page.url, "/v1/extract"), json=BODY)
    found: dict[str, Any] = answer.json()
    return found


def paste(page: Any) -> None:
    article = CASE.article
    page.fill("#text", article.text)
    page.fill("#published", str(article.published))
    page.fill("#outlet", article.outlet or "")
    page.fill("#title", article.title or "")


def lit(page: Any) -> str:
    return "".join(page.locator("mark.lit").all_text_contents())


def test_a_value_lights_the_words_that_say_it(page: Any) -> None:
    found = extract(page)
    assert page.input_value("#prompt").startswith("event@")
    quoted = {path: each["spans"] for path, each in found["evidence"].items() if each["spans"]}
    assert len(quoted) > 20
    for path in list(quoted)[:12]:
        page.click(f'[data-path="{path}"]')
        places = {at for span in quoted[path] for at in range(span["start"], span["end"])}
        assert lit(page) == "".join(CASE.article.text[at] for at in sorted(places)), path
        assert page.get_attribute(f'[data-path="{path}"]', "aria-pressed") == "true"
    page.keyboard.press("Escape")
    assert lit(page) == ""
    assert page.locator('[data-path][aria-pressed="true"]').count() == 0


def test_words_show_the_values_that_rest_on_them_by_keyboard_too(page: Any) -> None:
    found = extract(page)
    word = page.locator("mark", has_text="Algiers").first
    word.focus()
    page.keyboard.press("Enter")
    place = CASE.article.text.index(word.text_content())
    expected = {
        path
        for path, each in found["evidence"].items()
        if any(span["start"] <= place < span["end"] for span in each["spans"])
    }
    pressed = page.locator('[data-path][aria-pressed="true"]')
    shown = {one.get_attribute("data-path") for one in pressed.all()}
    assert shown == expected != set()


def test_problems_and_provenance_are_told(page: Any) -> None:
    found = extract(page)
    assert page.text_content("#status") == found["status"]
    told = page.text_content("#problems")
    assert all(problem["code"] in told for problem in found["problems"])
    flagged = {one.get_attribute("data-path") for one in page.locator(".flagged").all()}
    warned = {p["path"] for p in found["problems"] if p["severity"] != "info"}
    assert flagged == warned & found["evidence"].keys() != set()
    page.click("summary")
    assert found["provenance"]["prompt"]["id"] in page.text_content("#provenance")


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[tuple[str, ReplayServer]]:
    """A service that keeps records and articles, whose model takes its time over each piece."""
    with ReplayServer(CASSETTES, pace=0.05) as answers:
        model = recorded_model(answers.base_url)
        app = create_app(Catalog.open(), model, keep=tmp_path, keep_articles=True, repair=0)
        with running(app) as address:
            yield address, answers


def test_the_record_fills_in_and_is_shared_by_its_id(
    browser: Any, slow: tuple[str, ReplayServer]
) -> None:
    address, answers = slow
    with opened(browser, address) as page:
        paste(page)
        page.click("button.main")
        page.wait_for_selector("#values .draft")
        assert page.text_content("#words") == CASE.article.text
        assert page.text_content("#status") == "writing"
        assert not page.is_visible("#copy")
        early = page.locator("[data-path]").count()
        page.wait_for_function(
            "early => document.querySelectorAll('[data-path]').length > early", arg=early
        )
        answers.pace = 0
        page.wait_for_selector("#copy:visible")
        assert page.locator("#values .draft").count() == 0
        link = page.url
        values = page.locator("#values").inner_text()
    assert "?record=" in link
    with opened(browser, link) as page:
        page.wait_for_selector("#link:visible")
        assert page.text_content("#words") == CASE.article.text
        assert page.locator("#values").inner_text() == values
        page.click('[data-path="/main_event/trigger"]')
        assert lit(page)
    assert len(answers.requests) == 1


def test_a_record_without_its_article_shows_its_words(browser: Any, tmp_path: Path) -> None:
    with ReplayServer(CASSETTES) as answers:
        model = recorded_model(answers.base_url)
        app = create_app(Catalog.open(), model, keep=tmp_path, repair=0)
        with running(app) as address:
            with opened(browser, address) as page:
                extract(page)
                link = page.url
            with opened(browser, link) as page:
                page.wait_for_selector("#link:visible")
                assert "not kept here" in page.text_content("#words")
                trigger = page.locator('[data-path="/main_event/trigger"]')
                trigger.click()
                assert "rests on: visit" in page.text_content("#said")
            with opened(browser, f"{address}/?record=0000") as page:
                page.wait_for_selector("#said.failed")
                assert "there is no record" in page.text_content("#said")


def test_an_extraction_can_be_cancelled_while_it_is_written(
    browser: Any, slow: tuple[str, ReplayServer]
) -> None:
    address, _ = slow
    with opened(browser, address) as page:
        paste(page)
        page.click("button.main")
        page.wait_for_selector("#values .draft")
        page.set_viewport_size({"width": 390, "height": 844})
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        assert page.evaluate("window.scrollY") > 400
        place = page.locator("#cancel").bounding_box()
        assert 0 <= place["y"] <= 844 - place["height"], "it is in sight wherever one reads"
        assert place["x"] + place["width"] <= 390
        page.click("#cancel")
        page.wait_for_selector("#said.failed")
        assert page.text_content("#said") == "cancelled"
        assert not page.is_visible("#result")


def test_what_the_service_refuses_is_said(page: Any) -> None:
    page.fill("#text", "An article that nobody has recorded.")
    with page.expect_response("**/v1/extract*"):
        page.click("button.main")
    page.wait_for_selector("#said.failed, #result:not([hidden])")
    page.fill("#text", "   ")
    page.click("button.main")
    assert page.text_content("#said") == "The article is empty."


def test_an_article_is_text_and_never_markup(page: Any) -> None:
    hostile = (
        "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
    )
    result = {
        "status": "partial",
        "record": {"name": hostile},
        "evidence": {"/name": {"support": "quoted", "spans": [{"start": 0, "end": len(hostile)}]}},
        "problems": [
            {"code": "x", "path": "", "message": hostile, "severity": "warning", "quote": hostile}
        ],
        "provenance": {"model_asked": hostile},
    }
    page.route("**/v1/extract*", lambda route: route.fulfill(json=result))
    page.fill("#text", hostile)
    page.click("button.main")
    page.wait_for_selector("#result:not([hidden])")
    assert page.locator("#result img, #result script").count() == 0
    assert page.title() == "extractor"
    assert page.text_content("#words") == hostile


def select_words(page: Any, words: str) -> None:
    """Selects the first place of the words in the article, as a mouse would."""
    page.evaluate(
        """words => {
          const walk = document.createTreeWalker(document.querySelector("#words"), 4);
          let text = "", ends = [], nodes = [];
          while (walk.nextNode()) {
            text += walk.currentNode.data; nodes.push(walk.currentNode); ends.push(text.length);
          }
          const point = (at, closing) => {
            const n = ends.findIndex((end) => (closing ? at <= end : at < end));
            return [nodes[n], at - (ends[n] - nodes[n].data.length)];
          };
          const begin = text.indexOf(words), range = document.createRange();
          range.setStart(...point(begin, false));
          range.setEnd(...point(begin + words.length, true));
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }""",
        words,
    )


def test_a_review_becomes_a_gold_case_that_is_scored(page: Any, reviews: Path) -> None:
    found = extract(page)
    page.click("#review")
    page.wait_for_selector("#review-bar:not([hidden])")
    assert page.text_content("#review-path") == "/lead"
    page.keyboard.press("a")
    page.click('[data-path="/main_event/recipients/0/name"]')
    select_words(page, "Algerian President Yacine Ferhati")
    page.keyboard.press("c")
    recipient = page.locator('[data-path="/main_event/recipients/0/name"]')
    assert "Algerian President Yacine Ferhati" in recipient.text_content()
    page.click('[data-path="/main_event/type"]')
    page.click("#review-reject")
    page.click('[data-path="/main_event/factuality/certainty"]')
    page.fill("#review-value", "PS")
    page.click("#review-correct")
    page.click('[data-path="/main_event/trigger"]')
    page.click("#review-correct")
    assert "Select the right words" in page.text_content("#said")
    assert page.text_content("#review-path") == "/main_event/trigger"
    with page.expect_response("**/v1/cases") as waiting:
        page.click("#review-save")
    assert waiting.value.status == 201
    page.wait_for_function("() => document.querySelector('#said').textContent.startsWith('saved')")
    [case] = read_cases(reviews)
    assert case.article.text == CASE.article.text
    assert case.schema_id == found["provenance"]["schema"]["id"]
    assert case.gold == {
        "lead": found["record"]["lead"],
        "main_event": {
            "recipients": [{"name": "Algerian President Yacine Ferhati"}],
            "type": None,
            "factuality": {"certainty": "PS"},
        },
    }
    schema = Catalog.open().schema(case.schema_id)
    scores = score([(case.gold, found["record"])], schema.json_schema)
    assert {field.path: field.right for field in scores.fields} == {
        "lead": 1,
        "main_event/recipients/*/name": 0,
        "main_event/type": 0,
        "main_event/factuality/certainty": 0,
    }


def test_without_a_folder_there_is_no_review() -> None:
    with ReplayServer(CASSETTES) as answers:
        app = create_app(Catalog.open(), recorded_model(answers.base_url))
        with TestClient(app) as client:
            assert client.get("/healthz").json()["reviews"] is False
            assert client.post("/v1/cases", json={}).status_code == 404


WORDS = [
    "👩‍👩‍👧 met",
    "e\u0301te\u0301",
    "مرحبا بكم",
    "שלום",
    "🇭🇷",
    "a\r\nb",
    "𝔘nion",
    "plain",
    "\u200f",
]


@pytest.mark.parametrize("seed", range(4))
def test_offsets_are_code_points_whatever_stands_before_them(page: Any, seed: int) -> None:
    parts = [WORDS[(seed * 5 + n * (seed + 1)) % len(WORDS)] for n in range(9)]
    text = " ".join(parts)
    spans = {
        f"/{n}": [start := len(" ".join(parts[:n])) + (n > 0), start + len(part)]
        for n, part in enumerate(parts)
    }
    spans["/all"] = [0, len(text)]
    spans["/over"] = [1, len(text) - 1]
    evidence = {
        path: {"support": "quoted", "spans": [{"start": start, "end": end}]}
        for path, (start, end) in spans.items()
    }
    pieces = page.evaluate(
        "async ([text, evidence]) => (await import('/spans.js')).segments(text, evidence)",
        [text, evidence],
    )
    assert "".join(piece["text"] for piece in pieces) == text
    for path, (start, end) in spans.items():
        assert "".join(p["text"] for p in pieces if path in p["paths"]) == text[start:end], path
