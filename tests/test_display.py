"""An extraction for people: what is marked, how it is numbered, and that it steers nothing."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import RootModel
from rich.cells import cell_len
from rich.console import Console

from extractor.display import marked_text, number_places, safe, show
from extractor.records import (
    Alignment,
    Article,
    ArticleInfo,
    Evidence,
    Extraction,
    Problem,
    Provenance,
    Reference,
    Span,
    SupportKind,
    Usage,
)

TEXT = "Ann Lee met Bob Roy in Oslo. Ann Lee left."


class Record(RootModel[Any]):
    """Any JSON as a record."""


def span(start: int, end: int, text: str = TEXT, alignment: Alignment = "exact") -> Span:
    return Span(text=text[start:end], start=start, end=end, alignment=alignment)


def quoted(*places: tuple[int, int], support: SupportKind = "quoted") -> Evidence:
    alignment: Alignment = "ambiguous" if len(places) > 1 else "exact"
    return Evidence(
        support=support, spans=tuple(span(*place, alignment=alignment) for place in places)
    )


def extraction(record: Any, evidence: dict[str, Evidence], **changes: Any) -> Extraction[Record]:
    fields: dict[str, Any] = {
        "article": ArticleInfo.of(
            Article(
                text=TEXT,
                id="visit-1",
                title="A visit",
                outlet="The Gazette",
                published=date(2026, 3, 9),
            )
        ),
        "status": "complete",
        "record": None if record is None else Record(record),
        "evidence": evidence,
        "problems": (),
        "provenance": None,
    }
    return Extraction(**{**fields, **changes})


def shown(extraction: Extraction[Record], text: str = TEXT, width: int = 80) -> str:
    file = StringIO()
    show(extraction, text, Console(width=width, file=file))
    return file.getvalue()


def lines(text: str) -> list[str]:
    """The lines without what pads them."""
    return [line.rstrip() for line in text.split("\n")]


PROVENANCE = Provenance(
    extractor="0.1.0",
    prompt=Reference(id="event@1", digest="00"),
    record_schema=Reference(id="event@1", digest="11"),
    article_digest="22",
    model_asked="qwen",
    model_answered=None,
    endpoint="embedded",
    wire="strict",
    parameters={},
    attempts=1,
    usage=Usage(input_tokens=2431, cached_tokens=1990, output_tokens=412),
    seconds=23.44,
    time=datetime(2026, 3, 9, tzinfo=UTC),
)


def test_the_whole() -> None:
    record = {
        "trigger": "met",
        "certain": True,
        "actors": [{"name": "Ann Lee", "country": None}, {"name": "Bob Roy", "country": "NOR"}],
        "places": [],
        "share": 0.5,
    }
    evidence = {
        "/trigger": quoted((8, 11)),
        "/certain": quoted((8, 11), support="derived"),
        "/actors/0/name": quoted((0, 7), (29, 36)),
        "/actors/1/name": quoted((12, 19)),
        "/actors/1/country": quoted((12, 19), support="computed"),
        "/share": Evidence(support="none"),
    }
    problems = (
        Problem(code="uncited", path="/share", message="no words", severity="info"),
        Problem(code="ungrounded", path="/actors/2", message="no such words", quote="Carol\nCo"),
    )
    made = extraction(record, evidence, problems=problems, status="partial", provenance=PROVENANCE)
    rule = "─" * 80
    assert lines(shown(made)) == [
        "A visit",
        "The Gazette · 2026-03-09 · visit-1",
        rule,
        "[Ann Lee]1 [met]2 [Bob Roy]3 in Oslo. Ann Lee left.",
        rule,
        "trigger    “met”                                                     quoted    2",
        "certain    true                                                      derived   2",
        "actors/0",
        "  name     “Ann Lee”                                                 quoted    1",
        "  country  –",
        "actors/1",
        "  name     “Bob Roy”                                                 quoted    3",
        "  country  NOR                                                       computed  3",
        "places     –",
        "share      0.5                                                       none",
        rule,
        "uncited  /share",
        "  no words",
        "ungrounded  /actors/2",
        "  no such words: “Carol Co”",
        rule,
        "partial · event@1 · embedded model qwen · 2,431 tokens in (1,990 cached), 412",
        "out · 23.4 s",
        "",
    ]


def test_without_a_record_there_is_the_reason_alone() -> None:
    problem = Problem(code="model.timeout", path="", message="no answer in 600 s", severity="error")
    made = extraction(None, {}, status="failed", problems=(problem,))
    assert lines(shown(made))[3:] == [
        "model.timeout  the whole record",
        "  no answer in 600 s",
        "─" * 80,
        "failed",
        "",
    ]


def test_problems_that_differ_in_their_place_only_are_one() -> None:
    problems = tuple(
        Problem(code="uncited", path=f"/{name}", message="no words", severity="info")
        for name in ("a", "b", "c")
    )
    text = shown(extraction({"a": 1}, {}, problems=problems))
    assert "uncited  /a, /b, /c\n" in text
    assert text.count("no words") == 1


def test_the_numbers_beside_a_value_lead_to_its_words() -> None:
    places = [(0, 7), (8, 11), (12, 19), (23, 27)]
    evidence = {f"/{i}": quoted(place) for i, place in enumerate(places)}
    spans = tuple(span(*place) for place in reversed(places))
    evidence["/4"] = Evidence(support="derived", spans=spans)
    evidence["/5"] = Evidence(support="computed", spans=(*spans[:1], span(29, 36)))
    text = shown(extraction(["a", "b", "c", "d", "e", "f"], evidence))
    assert "[Oslo]4" in text
    assert re.search(r"4 +e +derived +1, 2, 3 …\n", text)
    # A place that no quotation stands at has no number.
    assert re.search(r"5 +f +computed +4\n", text)


# ---------------------------------------------------------------- marks in the article


def marked(*places: tuple[int, int], text: str = "one two three four") -> str:
    numbers = {place: number for number, place in enumerate(sorted(places), start=1)}
    return marked_text(text, numbers).plain


MARKS: list[tuple[list[tuple[int, int]], str]] = [
    ([], "one two three four"),
    ([(0, 18)], "[one two three four]1"),
    ([(0, 3), (4, 7)], "[one]1 [two]2 three four"),
    ([(0, 4), (4, 7)], "[one ]1[two]2 three four"),
    # one within another
    ([(0, 7), (4, 7)], "[one [two]2]1 three four"),
    ([(0, 3), (0, 7)], "[[one]1 two]2 three four"),
    ([(0, 13), (4, 7), (8, 13)], "[one [two]2 [three]3]1 four"),
    # one across another: without the number in front, [two]1 would be the first
    ([(0, 7), (4, 13)], "[1:one [2:two]1 three]2 four"),
    ([(0, 7), (4, 13), (8, 18), (14, 18)], "[1:one [2:two]1 [3:three]2 [four]4]3"),
]


@pytest.mark.parametrize(("places", "expected"), MARKS)
def test_the_right_words_are_marked(places: list[tuple[int, int]], expected: str) -> None:
    assert marked(*places) == expected


PLACES = st.sets(
    st.tuples(st.integers(0, 17), st.integers(1, 18)).filter(lambda place: place[0] < place[1]),
    max_size=6,
)


@given(PLACES)
def test_marks_can_be_read_back(places: set[tuple[int, int]]) -> None:
    """Each opening bracket has its number or is closed as brackets are."""
    found: dict[int, str] = {}
    stack: list[tuple[int | None, int]] = []
    plain = ""
    for token in re.findall(r"\[\d+:|\[|\]\d+|.", marked(*places)):
        if token.startswith("["):
            stack.append((int(token[1:-1]) if token[-1] == ":" else None, len(plain)))
        elif token.startswith("]"):
            number = int(token[1:])
            labels = [label for label, _ in stack]
            at = labels.index(number) if number in labels else len(stack) - 1
            assert stack[at][0] in {number, None}
            found[number] = plain[stack.pop(at)[1] :]
        else:
            plain += token
    assert plain == "one two three four"
    assert not stack
    expected = [plain[start:end] for start, end in sorted(places)]
    assert [found[number] for number in sorted(found)] == expected


def test_one_place_has_one_number_whatever_stands_on_it() -> None:
    evidence = {"/a": quoted((0, 7)), "/b": quoted((0, 7)), "/c": quoted((8, 11))}
    assert number_places(evidence) == {(0, 7): 1, (8, 11): 2}


def test_an_ambiguous_quotation_is_marked_once() -> None:
    assert number_places({"/a": quoted((0, 7), (29, 36))}) == {(0, 7): 1}
    assert number_places({"/a": Evidence(support="quoted")}) == {}


def test_the_marks_are_of_characters_not_of_bytes() -> None:
    text = "😀 e\u0301 — Zoë"
    assert marked((7, 10), text=text) == "😀 e\u0301 — [Zoë]1"


# ---------------------------------------------------------------- width


WIDE = [
    "word " * 60,
    "x" * 300,
    "東京都" * 60,
    "😀" * 90,
    "e\u0301" * 200,
    "a\tb" * 50,
    "one\r\ntwo\u2028three\u0085four\n\n" * 9,
]


@pytest.mark.parametrize("wide", WIDE)
@pytest.mark.parametrize("width", [80, 40])
def test_nothing_is_wider_than_the_terminal(wide: str, width: int) -> None:
    article = Article(text=wide, id=wide[:90], title=wide, outlet=wide)
    record = {"value": wide, wide: {"deep": [{"er": [[wide]]}]}, "n": 10**90}
    evidence = {
        "/value": Evidence(support="quoted", spans=(span(0, len(wide) - 1, wide),)),
        "/n": Evidence(support="none"),
    }
    problem = Problem(code="invalid", path=f"/{wide}", message=wide, quote=wide)
    provenance = PROVENANCE.model_copy(update={"model_asked": wide})
    made = extraction(
        record,
        evidence,
        article=ArticleInfo.of(article),
        problems=(problem,),
        provenance=provenance,
    )
    text = shown(made, wide, width)
    assert max(cell_len(line) for line in text.split("\n")) <= width


def test_a_long_value_is_shown_to_its_end() -> None:
    words = " ".join(f"w{i}" for i in range(60))
    text = shown(extraction({"content": words}, {"/content": quoted((0, 7))}))
    assert re.findall(r"w\d+", text.replace("“", "")) == words.split()


def test_a_title_in_several_lines_is_shown_in_one() -> None:
    article = Article(text=TEXT, title="One\n\n  two", outlet="A\r\nB")
    text = shown(extraction(None, {}, article=ArticleInfo.of(article)))
    assert lines(text)[0] == "One two"
    assert lines(text)[1].startswith("A B · ")


# ---------------------------------------------------------------- terminals


EVIL = "\x1b[31m\x1b]0;owned\x07 \x9b2J\x00\x08\x7f\r\u202etxt\u2066\u200f\ud800"


def everywhere(evil: str) -> tuple[Extraction[Record], str]:
    """An extraction with a string wherever one can be."""
    article = ArticleInfo(
        id=evil, title=evil, published=None, outlet=evil, language=None, digest=""
    )
    text = f"{evil} {evil}"
    evidence = {"/value": Evidence(support="quoted", spans=(span(0, len(evil), text),))}
    problem = Problem.model_construct(
        code="invalid", path=f"/{evil}", message=evil, quote=evil, severity="error"
    )
    made = extraction(
        {"value": evil, evil: [evil], "deep": {evil: {evil: None}}},
        evidence,
        article=article,
        problems=(problem,),
        provenance=PROVENANCE.model_copy(update={"model_asked": evil}),
    )
    return made, text


def steering(text: str) -> set[str]:
    return {
        char
        for char in text
        if char != "\n"
        and (
            unicodedata.category(char) in {"Cc", "Cs"}
            or unicodedata.bidirectional(char) in {"RLO", "LRO", "RLE", "LRE", "PDF"}
            or unicodedata.bidirectional(char) in {"RLI", "LRI", "FSI", "PDI"}
        )
    }


def test_an_article_cannot_steer_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    evil = EVIL.replace("\ud800", "")  # no article can hold it
    made, text = everywhere(evil)
    assert steering(shown(made, text)) == set()
    monkeypatch.delenv("NO_COLOR", raising=False)
    file = StringIO()
    show(made, text, Console(width=80, file=file, force_terminal=True, color_system="standard"))
    styled = re.sub(r"\x1b\[[\d;]*m", "", file.getvalue())
    assert "\x1b[" in file.getvalue()
    assert steering(styled) == set()
    assert "[31m" in styled, "shown, but without its effect"


@given(st.text(st.characters(categories=["Cc", "Cf", "Zl", "L"]), min_size=1, max_size=9))
@settings(max_examples=50)
def test_nothing_that_steers_comes_through(evil: str) -> None:
    assert steering(shown(*everywhere(evil + "x"))) == set()


def test_what_is_safe_stays() -> None:
    kept = "Zoë — 東京 😀 “x”\n\t[bold]x[/bold] שלום"
    assert safe(kept) == kept
    assert safe("one\r\ntwo\rthree") == "one\ntwo·three"
    assert safe(EVIL).count("·") == 12


def test_markup_in_an_article_is_text() -> None:
    text = "[red]Ann[/red] met [link=http://x]Bob[/link]."
    made = extraction({"a": "[bold]x[/bold]"}, {})
    assert text in shown(made, text)
    assert "[bold]x[/bold]" in shown(made, text)


@pytest.mark.parametrize("setting", ["a file", "NO_COLOR", "no colour"])
def test_without_colour_there_are_no_escape_codes(
    setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if setting == "NO_COLOR":
        monkeypatch.setenv("NO_COLOR", "1")
    file = StringIO()
    options: dict[str, Any] = {} if setting == "a file" else {"force_terminal": True}
    if setting == "no colour":
        options["no_color"] = True
    problem = Problem(code="invalid", path="/a", message="m", severity="error")
    made = extraction({"a": "met"}, {"/a": quoted((8, 11))}, problems=(problem,))
    show(made, TEXT, Console(width=80, file=file, **options))
    assert "\x1b" not in file.getvalue()
    assert "Ann Lee [met]1" in file.getvalue()
