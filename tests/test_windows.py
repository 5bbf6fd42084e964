"""A long text in windows: all of it, in order, and never cut where it must not be."""

from __future__ import annotations

from itertools import pairwise

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from extractor.errors import ArticleTooLong
from extractor.furniture import furniture
from extractor.model import Message, Parameters, Request
from extractor.text import sentences
from extractor.windows import (
    DEFAULT_SIZE,
    MAX_WINDOWS,
    SMALLEST_SIZE,
    LongText,
    Window,
    hopeless,
    window_size,
)

PIECES = [
    *(
        "ferry",
        "sank",
        "Oslo",
        "1,200",
        "12 000",
        "don't",
        "-5",
        " ",
        " ",
        " ",
        ". ",
        ".\n",
        "\r\n",
    ),
    *("\n\n", "総理", "到着した。", "会談", "وصل", "غدا. ", "क्षत्रिय", "한국", "\u1112\u1161\u11ab"),
    *("👩‍👩‍👧‍👦", "🇫🇷", "😀", "👍🏽", "e\u0301", "\u0301", "\u200d", "\u00ad", "#\ufe0f\u20e3"),
]
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=80).map("".join)


def whole(text: str) -> Window:
    return Window(0, len(text))


def divided(text: str, size: int) -> list[str]:
    return [window.of(text) for window in LongText(text).divide(whole(text), size)]


@given(TEXTS, st.integers(min_value=1, max_value=60))
@example("🇫🇷" * 20, 7)
@example("e" + "\u0301" * 50, 10)
@example("\r\n" * 20, 3)
def test_windows_are_all_of_the_text_and_cut_no_character(text: str, size: int) -> None:
    found = divided(text, size)
    assert "".join(found) == text
    clusters = [match.end() for match in regex.finditer(r"\X", text)]
    end = 0
    for part in found:
        end += len(part)
        assert end in clusters
        assert 0 < len(part) <= size or len(regex.findall(r"\X", part)) == 1


WORDS = st.lists(
    st.sampled_from(
        ["Talks", "ended", "in", "Oslo.", "The", "ferry", "sank,", "1,200", "weeks.\n"]
    ),
    min_size=1,
    max_size=200,
).map(" ".join)


@given(WORDS, st.integers(min_value=10, max_value=200))
def test_a_window_ends_with_a_word(text: str, size: int) -> None:
    for one, other in pairwise(divided(text, size)):
        assert one[-1].isspace() or other[0].isspace()


@given(st.integers(min_value=100, max_value=400))
def test_a_window_ends_with_a_sentence_where_one_ends(size: int) -> None:
    text = "The ferry sank off Oslo on Friday. Nobody was hurt, police said. " * 20
    begins = {start for start, _ in sentences(text)}
    windows = LongText(text).divide(whole(text), size)
    assert {window.start for window in windows} <= begins


def test_windows_are_of_like_length() -> None:
    """A last window of one sentence would be asked about nothing."""
    text = "The ferry sank off Oslo. " * 41
    lengths = [len(part) for part in divided(text, 1000)]
    assert len(lengths) == 2
    assert max(lengths) - min(lengths) <= 25


LINES = st.lists(
    st.one_of(
        st.sampled_from(["File photo", "Read more: the ferry", "See also", "Photo by A. Berg", ""]),
        st.integers(min_value=1, max_value=14).map("The ferry sank off Oslo. ".__mul__),
        st.just("It was no file photo. " * 12 + "It was taken from Getty Images"),
        st.just("Watch: the ferry sinks. " * 25),
    ),
    min_size=20,
    max_size=60,
).map("\n".join)


@given(LINES, st.integers(min_value=SMALLEST_SIZE * 3, max_value=2_000))
def test_furniture_is_in_a_window_what_it_is_in_the_article(text: str, size: int) -> None:
    """Else a window would hide a report's words, or show a caption's."""
    found = [
        (start + window.start, end + window.start)
        for window in LongText(text).divide(whole(text), size)
        for start, end in furniture(window.of(text))
    ]
    assert found == list(furniture(text))


def test_windows_without_words_are_not_read() -> None:
    text = "The ferry sank off Oslo. " * 20 + "\nSee also: more" * 60
    parts = LongText(text).smaller(whole(text), 500, MAX_WINDOWS)
    assert parts
    assert all("ferry" in part.of(text) for part in parts)


def test_what_takes_too_many_windows_is_not_divided() -> None:
    text = "The ferry sank off Oslo. " * 400
    assert len(LongText(text).smaller(whole(text), 1_000, 12)) in range(10, 13)
    assert LongText(text).smaller(whole(text), 1_000, 9) == ()


def test_a_refused_window_becomes_at_least_two() -> None:
    text = "The ferry sank off Oslo. " * 40
    assert len(LongText(text).smaller(whole(text), 10_000, MAX_WINDOWS)) == 2


def test_a_short_text_is_not_what_is_too_long() -> None:
    text = "The ferry sank off Oslo."
    assert LongText(text).smaller(whole(text), 1_000, MAX_WINDOWS) == ()
    assert "the prompt alone" in hopeless(ArticleTooLong("10 of 8"), len(text), 1_000).message


REQUEST = Request(
    messages=(
        Message(role="system", content="p" * 1_000),
        Message(role="user", content="t" * 9_000),
    ),
    schema_name="any",
    wire_schema={},
    strict=True,
    parameters=Parameters(max_tokens=200),
)


def test_the_size_leaves_room_for_prompt_and_reply() -> None:
    """2,500 tokens for 10,000 characters; 1,000 fit, of which the reply may take 200."""
    size = window_size(ArticleTooLong("", asked=2_500, fits=1_000), REQUEST, 9_000)
    assert size == int(0.9 * 800 * 4) - 1_000
    assert (size + 1_000) / 4 + 200 < 1_000


def test_a_context_that_the_prompt_fills_leaves_no_size() -> None:
    assert window_size(ArticleTooLong("", asked=2_500, fits=400), REQUEST, 9_000) <= 0


def test_without_figures_the_size_is_stated() -> None:
    assert window_size(ArticleTooLong(""), REQUEST, 9_000) == DEFAULT_SIZE


@pytest.mark.parametrize("sign", ["a", "\u0301", "🇫🇷", "語", "語。", "س ", "😀", "a. ", "\n"])
def test_any_long_text_can_be_divided(sign: str) -> None:
    """Not a matter of time here; a text of these by the megabyte takes seconds."""
    text = sign * (300_000 // len(sign))
    assert "".join(divided(text, 30_000)) == text
