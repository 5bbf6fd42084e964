"""What a wider fold may not let through, and what it must find; near misses mark what differs."""

from __future__ import annotations

import html
import sys
import unicodedata
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from extractor.excerpts import NEGATION
from extractor.grounding import Grounding, SourceIndex, ground_quotes
from extractor.near_miss import Difference, NearMiss
from extractor.text import comparable

TEXT = (
    "Ana Ruiz said on 12 March that 1,200 workers would not attend the talks in Oslo. "
    "Kimono seller Ben Ruiz lost 15 km² of land and 30 kg of salt, never 10² tonnes. "
    "“We can’t wait,” he said; No group has claimed the attack on the north-eastern road."
)


def ground(text: str, quote: str) -> Grounding:
    (grounding,) = ground_quotes(text, [quote])
    return grounding


def found(text: str, quote: str) -> list[str]:
    return [text[start:end] for start, end in ground(text, quote).spans]


# ---------------------------------------------------------------- properties

WORD = regex.compile(r"[\w\p{N}’'-]+(?:,\d+)*")
WORDS = [match.span() for match in WORD.finditer(TEXT)]
OTHERS = ["not", "never", "Bergen", "April", "1,300", "kg", "km", "13", "can", "attended", "No"]


def said(words: str) -> tuple[list[str], list[str], list[str]]:
    """What a quotation may not differ in: numbers, negations, words with a capital."""
    plain = comparable(words).text
    return (
        regex.findall(r"\p{N}+", plain),
        NEGATION.findall(plain),
        regex.findall(r"\b\p{Lu}\p{L}*", plain),
    )


@st.composite
def edited(draw: st.DrawFn) -> str:
    """Some words of the text, with one of them left out, replaced, doubled or moved."""
    first = draw(st.integers(0, len(WORDS) - 3))
    last = draw(st.integers(first + 2, min(first + 12, len(WORDS) - 1)))
    chosen = [TEXT[start:end] for start, end in WORDS[first : last + 1]]
    at = draw(st.integers(0, len(chosen) - 1))
    change = draw(st.sampled_from(["none", "drop", "replace", "insert", "swap", "elide"]))
    other = draw(st.sampled_from(OTHERS))
    if change == "drop":
        del chosen[at]
    elif change == "replace":
        chosen[at] = other
    elif change == "insert":
        chosen.insert(at, other)
    elif change == "swap":
        chosen[at], chosen[at - 1] = chosen[at - 1], chosen[at]
    elif change == "elide":
        chosen[at] = draw(st.sampled_from(["…", "...", "[…]", "[the men]"]))
    return " ".join(chosen)


@given(edited())
def test_no_accepted_span_says_another_number_negation_or_name(quote: str) -> None:
    grounding = ground(TEXT, quote)
    if grounding.spans:
        own = regex.sub(r"\[[^\]]*\]|…|\.\.\.", " ", quote)
        spans = " ".join(TEXT[start:end] for start, end in grounding.spans)
        assert said(spans) == said(own)
        between = TEXT[grounding.spans[0][0] : grounding.spans[-1][1]]
        assert len(NEGATION.findall(between)) == len(NEGATION.findall(own))


@given(edited())
def test_a_near_miss_is_reported_and_never_accepted(quote: str) -> None:
    grounding = ground(TEXT, quote)
    if grounding.alignment is not None:
        assert grounding.near_miss is None
    elif (miss := grounding.near_miss) is not None:
        assert 0 <= miss.start < miss.end <= len(TEXT)
        assert miss.differences
        assert all(one.quoted != one.written for one in miss.differences)


TYPESET: dict[str, Callable[[str], str]] = {
    "soft hyphens": lambda text: regex.sub(r"(?<=\p{L}\p{L})(?=\p{L}\p{L})", "\u00ad", text),
    "zero width": lambda text: text.replace("a", "a\u200b"),
    "full width": lambda text: regex.sub(
        r"[A-Za-z]", lambda match: chr(ord(match.group()) + 0xFEE0), text
    ),
    "ligatures": lambda text: text.replace("ff", "ﬀ").replace("fi", "ﬁ"),
    "references": lambda text: html.escape(text).replace("’", "&rsquo;").replace(" ", "&nbsp;"),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "lines": lambda text: text.replace(" ", " \r\n"),
    "bold": lambda text: regex.sub(
        r"[a-z]", lambda match: chr(0x1D41A + ord(match.group()) - ord("a")), text
    ),
}


@given(st.sampled_from(WORDS), st.integers(1, 9), st.sampled_from(list(TYPESET)), st.booleans())
def test_words_are_found_where_they_stand_in_any_typography(
    word: tuple[int, int], count: int, way: str, in_text: bool
) -> None:
    first = WORDS.index(word)
    start, end = word[0], WORDS[min(first + count, len(WORDS)) - 1][1]
    written, quote = TYPESET[way](TEXT), TEXT[start:end]
    text, asked = (written, quote) if in_text else (TEXT, TYPESET[way](quote))
    spans = ground(text, asked).spans
    assert spans
    for place in spans:
        assert comparable(text[slice(*place)]).text == comparable(asked).text.strip(" ")
    if in_text:
        before = len(TYPESET[way](TEXT[:start]))
        assert any(abs(place[0] - before) <= 1 for place in spans)


@given(st.text(st.sampled_from("&amp;lt#39x ;&quot é’1"), max_size=30))
def test_references_are_read_with_their_places(text: str) -> None:
    form = comparable(text)
    assert len(form.starts) == len(form.ends) == len(form.text)
    places = list(zip(form.starts, form.ends, strict=True))
    assert places == sorted(places)
    assert all(0 <= start < end <= len(text) for start, end in places)


# ---------------------------------------------------------------- words that a line break parts


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("the govern-\nment fell", "the government fell"),
        ("the govern\u2010\r\n  ment fell", "government"),
        ("the govern\u00ad\nment fell", "government"),
        ("the government fell", "the govern-\nment fell"),
        ("a north-\neastern town", "north-eastern town"),
        ("a north-\neastern town", "northeastern town"),
        ("pre-\nand post-war", "pre- and post-war"),
        ("the Anglo-\nSaxon king", "Anglo-Saxon king"),
        ("金正恩は\n月曜日に出発した", "金正恩は月曜日に"),
    ],
)
def test_a_word_broken_at_the_end_of_a_line_is_one_word(text: str, quote: str) -> None:
    grounding = ground(text, quote)
    assert grounding.alignment in {"folded", "exact"}
    ((start, end),) = grounding.spans
    assert (start, end) == (text.index(quote[:3]), text.index(quote[-3:]) + 3)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("they re-sign the deal", "they resign the deal"),
        ("they resign the deal", "they re-sign the deal"),
        ("the govern-\nment fell", "govern"),
        ("the govern-\nment fell", "ment fell"),
        ("an Anglo-\nSaxon king", "AngloSaxon king"),
        ("some 12\n345 people", "12345"),
        ("some 12\n345 people", "12 345 people"),
        ("some 12-\n345 people", "12345"),
        ("a word -\nnext", "wordnext"),
        ("over-\n\nthrow", "overthrow"),
    ],
)
def test_nothing_else_is_glued(text: str, quote: str) -> None:
    assert ground(text, quote) == Grounding(None)


# ---------------------------------------------------------------- pieces


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("Ana Ruiz … 1,200 workers", ["Ana Ruiz", "1,200 workers"]),
        ("“Ana Ruiz said ... 1,200 […] would", ["Ana Ruiz said", "1,200", "would"]),
        ("Ana Ruiz [the mayor] said on 12 March", ["Ana Ruiz", "said on 12 March"]),
        ("[A]na Ruiz said", ["Ruiz said"]),
        ("… said on 12 March …", ["said on 12 March"]),
        ("talks in Oslo … Ben Ruiz", ["talks in Oslo", "Ben Ruiz"]),
    ],
)
def test_a_divided_quotation_stands_in_pieces(quote: str, expected: list[str]) -> None:
    quote = quote.removeprefix("“")
    assert found(TEXT, quote) == expected
    assert ground(TEXT, quote).alignment == "folded"


@pytest.mark.parametrize(
    "quote",
    [
        "workers would … attend the talks",  # not
        "he said; … group has claimed",  # No
        "workers would [not] attend",
        "Ana Ruiz [never] said",
        "1,200 workers … on 12 March",  # out of order
        "Ana Ruiz said … would attend",
        "on 12 March … 300 workers",
        "lost 15 [16] km²",
        "Ana Ruiz said … the attack",  # three sentences on
        "Ana Ru… said on 12 March",
        "… …",
    ],
)
def test_no_piece_is_found_out_of_order_too_far_or_over_a_negation(quote: str) -> None:
    assert ground(TEXT, quote) == Grounding(None)


def test_an_ellipsis_at_an_end_singles_nothing_out() -> None:
    assert ground("Kim left. Kim came.", "… Kim …") == Grounding("ambiguous", ((0, 3), (10, 13)))


def test_places_beyond_measure_are_ambiguous_and_decided_by_no_neighbour() -> None:
    text = "a " * 100_001 + "Kim"
    (grounding, _) = ground_quotes(text, ["a", "Kim"])
    assert grounding.alignment == "ambiguous"
    assert len(grounding.spans) == 100_000


def test_the_nearest_pieces_belong_together() -> None:
    text = "The train, a train from Oslo, left. The bus left."
    assert found(text, "train … left") == ["train", "left"]
    assert ground(text, "train … left").spans[0] == (13, 18)


# ---------------------------------------------------------------- parts that say something else


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("10² tonnes", "102 tonnes"),
        ("10² tonnes", "10"),
        ("CO₂ rose", "CO2"),
        ("2½ hours", "2"),
        ("2 ½ hours", "2"),
        ("some ½ of it", "1/2"),
        ("in group ① of 3", "1"),
        ("a non-lethal weapon", "lethal weapon"),
        ("they can’t leave", "they can"),
        ("ils n’iront pas", "iront"),
        ("in N’Djamena now", "Djamena"),
        ("他不会参加会谈", "会参加会谈"),
        ("เขาไม่ไปรัสเซีย", "ไปรัสเซีย"),
        ("三十二人受伤", "二人受伤"),
        ("有12万人", "12"),
        ("１２，５００ men", "500 men"),
        ("חיילי צה״ל נסעו", "צה"),
        ("вшанували пам’ять", "ять"),
        ("the Ｋｉｍｏｎｏ", "Kim"),
        ("a 5&nbsp;000 limit", "5"),
        ("fell to &minus;5 degrees", "5 degrees"),
        ("Смит сказал", "Cмит"),  # a Latin C
        ("un café", "un cafe"),
    ],
)
def test_a_part_that_says_something_else_is_not_found(text: str, quote: str) -> None:
    assert ground(text, quote) == Grounding(None)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("a 5 ㎞ road", "5 km road"),
        ("the ﬁrst oﬃce", "first office"),
        ("他说，今天", "他说,今天"),
        ("in ２０２５ and", "2025"),
        ("2019，2020年", "2019"),
        ("ﾊﾟﾝ を買う", "パン"),
        ("AT&amp;T rose", "AT&T"),
        ("AT&T rose", "AT&amp;T"),
        ("&ldquo;We go,&rdquo; she said", '"We go," she said'),
        ("she said -- and left", "she said — and left"),
        ("ראש־הממשלה הגיע", "ראש-הממשלה"),
        ("l’homme est là", "homme"),
        ("would not attend the talks", "attend the talks"),  # words of the text: see decisions
    ],
)
def test_another_way_of_setting_the_same_is_found(text: str, quote: str) -> None:
    assert len(ground(text, quote).spans) == 1


# ---------------------------------------------------------------- which mention is meant


def test_the_nearest_mention_is_meant() -> None:
    text = "Kim slept. Kim woke. At noon Eve met Kim, and Kim’s car left for the port. Kim ate."
    (name, _) = ground_quotes(text, ["Kim", "left for the port"])
    assert name.spans == ((46, 49),)
    (name, _) = ground_quotes(text, ["Kim", "slept"])
    assert name.spans == ((0, 3),)


def test_the_nearest_sentence_counts_when_none_has_both() -> None:
    text = "Kim slept. It rained. The port was shut. Nobody came. Bo sang. Kim woke."
    (name, _) = ground_quotes(text, ["Kim", "It rained"])
    assert name == Grounding("exact", ((0, 3),))


def test_two_repeated_mentions_that_share_one_sentence() -> None:
    text = "Kim slept. Eve met Kim. Eve woke."
    assert [g.spans for g in ground_quotes(text, ["Kim", "Eve"])] == [((19, 22),), ((11, 14),)]


def test_most_neighbours_decide_and_a_tie_decides_nothing() -> None:
    text = "Kim met Eve in Oslo. Bo and Kim came home."
    (name, *_) = ground_quotes(text, ["Kim", "Eve", "Oslo", "home"])
    assert name.spans == ((0, 3),)
    (name, *_) = ground_quotes(text, ["Kim", "Eve", "home"])
    assert name == Grounding("ambiguous", ((0, 3), (28, 31)))


# ---------------------------------------------------------------- near misses


@pytest.mark.parametrize(
    ("quote", "written", "differences"),
    [
        (
            "1,300 workers would not attend",
            "1,200 workers would not attend",
            [("1,300", "1,200")],
        ),
        ("workers would attend the talks", "workers would not attend the talks", [("", "not")]),
        ("the talks in Bergen", "the talks in Oslo", [("Bergen", "Oslo")]),
        ("Kim", "Kimono", [("Kim", "Kimono")]),
        ("200", "1,200", [("200", "1,200")]),
        ("30 kg of white salt", "30 kg of salt", [("white", "")]),
        ("Ana ruiz said", "Ana Ruiz said", [("ruiz", "Ruiz")]),
    ],
)
def test_a_near_miss_marks_what_differs(
    quote: str, written: str, differences: list[tuple[str, str]]
) -> None:
    start = TEXT.index(written)
    expected = tuple(Difference(*pair) for pair in differences)
    assert ground(TEXT, quote).near_miss == NearMiss(start, start + len(written), expected)


@pytest.mark.parametrize("quote", ["", "…", "the president resigned yesterday", "zeppelins"])
def test_what_comes_near_nothing_has_no_near_miss(quote: str) -> None:
    assert ground(TEXT, quote).near_miss is None


def test_a_near_miss_says_what_to_mend() -> None:
    miss = ground("There were 112 men.", "were 12 men").near_miss
    assert str(miss) == "nearest at 6-18: '112' stands there, not '12'"


# ---------------------------------------------------------------- hostile texts


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a ",
        "a-\n",
        "1 ",
        "“",
        "…",
        "&amp;",
        "\u0301",
        "🇳🇴",
        "n'a ",
        "not ",
        "京\n",
        "[",
        "Kim left. ",
    ],
)
def test_work_grows_with_the_text_and_no_faster(unit: str) -> None:
    """Counted in lines of Python that are run, which no other work on the machine changes."""
    quotes = ["Kim", unit * 3, f"{unit} … {unit}", "Kim arrived … left", "Kim “left”"]
    small, large = (lines_run(unit * (size // len(unit)), quotes) for size in (500, 2_000))
    assert large < 6 * small + 2_000


def lines_run(text: str, quotes: list[str]) -> int:
    count = 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        index = SourceIndex(text)
        for grounding in ground_quotes(index, quotes):
            assert grounding.near_miss is None or grounding.alignment is None
    finally:
        sys.settrace(before)
    return count
