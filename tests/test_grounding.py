"""A quotation is found wherever it stands, and nothing else is."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import pytest
import regex
from hypothesis import assume, given
from hypothesis import strategies as st

from extractor.grounding import Grounding, SourceIndex, ground_quotes
from extractor.text import fold

PRINTED = str.maketrans({"'": "’", '"': "”", "-": "–"})
MARKS_AND_JOINERS = regex.compile(r"[\p{M}\p{Cf}\u1160-\u11ff\U0001F3FB-\U0001F3FF\u0e33\u0eb3]")

MIXED = st.text(
    alphabet=st.sampled_from("aAkKimé12.,:'’\"“”-–…()́̈ßİ日本語한กำ👩🇫🇷\u200b\u00adк"),
    min_size=1,
    max_size=8,
)


def is_whole(word: str) -> bool:
    """Whether a word can be bounded by spaces without a character going on across them."""
    return (
        not any(char.isspace() for char in word)
        and not MARKS_AND_JOINERS.match(word)
        and not MARKS_AND_JOINERS.match(word[-1])
        and not word.isnumeric()  # 12 000 is one number
    )


words = st.lists((MIXED | st.text(min_size=1, max_size=8)).filter(is_whole), min_size=1, max_size=9)


def ground(text: str, quote: str, *, fold_case: bool = False) -> Grounding:
    (grounding,) = ground_quotes(text, [quote], fold_case=fold_case)
    return grounding


def found(text: str, quote: str) -> list[str]:
    return [text[start:end] for start, end in ground(text, quote).spans]


def even(text: str) -> str:
    return fold(text).text.strip(" ")


# ---------------------------------------------------------------- properties


@st.composite
def quoted(draw: st.DrawFn) -> tuple[str, str, int]:
    """A text, some whole words of it, and where they begin."""
    chosen = draw(words)
    first = draw(st.integers(0, len(chosen) - 1))
    last = draw(st.integers(first, len(chosen) - 1))
    quote = " ".join(chosen[first : last + 1])
    assume(any(unicodedata.category(char)[0] in "LN" for char in quote))
    return " ".join(chosen), quote, len(" ".join([*chosen[:first], ""]))


@given(quoted())
def test_words_of_the_text_are_found_where_they_stand(case: tuple[str, str, int]) -> None:
    text, quote, start = case
    grounding = ground(text, quote)
    inside = [(s, e) for s, e in grounding.spans if start <= s and e <= start + len(quote)]
    assert [even(text[s:e]) for s, e in inside] == [even(quote)]
    for s, e in grounding.spans:
        assert even(text[s:e]) == even(quote)
    if len(grounding.spans) > 1:
        assert grounding.alignment == "ambiguous"
    else:
        ((s, e),) = grounding.spans
        assert grounding.alignment == ("exact" if text[s:e] == quote else "folded")


@given(quoted(), st.booleans())
def test_words_are_found_however_they_are_typeset(
    case: tuple[str, str, int], in_text: bool
) -> None:
    text, quote, _ = case
    # Marks of some scripts are two in form D and may not stand before each other again.
    assume(even(unicodedata.normalize("NFD", text)) == even(text))
    printed_text, printed = text, f" {unicodedata.normalize('NFD', quote).translate(PRINTED)}\n"
    printed = printed.replace(" ", "\u00a0\n ").replace("...", "…")
    if in_text:
        printed_text, printed = text.translate(PRINTED).replace(" ", " \n\t"), quote
    spans = ground(printed_text, printed).spans
    assert spans
    assert {even(printed_text[start:end]) for start, end in spans} == {even(quote)}


@given(st.text(max_size=40) | MIXED, st.data())
def test_no_character_is_cut(text: str, data: st.DataObject) -> None:
    assume(text)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    whole = {0, *(match.end() for match in regex.finditer(r"\X", text))}
    for place in ground(text, text[start:end]).spans:
        assert whole.issuperset(place)


@given(st.text(alphabet="ab1 ", min_size=1, max_size=30), st.data())
def test_no_word_is_cut(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    for first, last in ground(text, text[start:end]).spans:
        assert not f" {text}"[first : first + 2].isalnum()
        assert not f"{text} "[last - 1 : last + 1].isalnum()


@given(st.text(max_size=40), st.text(max_size=8))
def test_what_is_found_is_what_was_asked(text: str, quote: str) -> None:
    for start, end in ground(text, quote).spans:
        assert even(text[start:end]) in {even(quote), even(quote)[1:-1].strip(" ")}


NUMBER = st.integers(0, 99_999).map(str) | st.floats(0, 99).map(lambda x: f"{x:.1f}")


@given(st.lists(NUMBER, min_size=1, max_size=5), st.data())
def test_another_number_is_not_found(numbers: list[str], data: st.DataObject) -> None:
    text = "".join(f"There were {number} people, they said. " for number in numbers)
    number = data.draw(st.sampled_from(numbers))
    digits = [i for i, char in enumerate(number) if char.isdigit()]
    at = data.draw(st.sampled_from(digits))
    changed = number[:at] + data.draw(st.sampled_from("0123456789")) + number[at + 1 :]
    assume(changed not in numbers)
    for quote in (changed, f"{changed} people", f"There were {changed}"):
        assert ground(text, quote) == Grounding(None)


@given(words, st.lists(st.text(max_size=6), max_size=5))
def test_an_index_gives_the_same_as_the_text(chosen: list[str], quotes: list[str]) -> None:
    text = " ".join(chosen)
    quotes = quotes + chosen[:2]
    assert ground_quotes(SourceIndex(text), quotes) == ground_quotes(text, quotes)


# ---------------------------------------------------------------- examples

REPORT = (
    "Kimono sellers saw 112 of Kim’s guests, 12,000 soldiers and −5 degrees in the USA. "
    "He can’t say if “the deal” cost $3.5 million; O’Brien measured 10² at 10:30… and 40 000 more."
)


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("Kim", "Kim"),
        ("  Kim\n", "Kim"),
        ("Kim's guests", "Kim’s guests"),
        ("12,000 soldiers", "12,000 soldiers"),
        ('"the deal"', "“the deal”"),
        ("the deal", "the deal"),
        ('if "the deal" cost', "if “the deal” cost"),
        ("-5 degrees", "−5 degrees"),
        ("$3.5 million", "$3.5 million"),
        ("O'Brien", "O’Brien"),
        ("10:30...", "10:30…"),
        ("40 000 more", "40 000 more"),
        ('"soldiers"', "soldiers"),
    ],
)
def test_what_stands_there_is_found(quote: str, expected: str) -> None:
    assert found(REPORT, quote) == [expected]


@pytest.mark.parametrize(
    "quote",
    [
        *("", "   ", "\n", "-", "...", "“”", "'", "$", "\u0301", "\u200b"),  # no words
        *("12", "000 soldiers", "5 degrees", "3", "5 million", "10", "30", "40", "000"),
        *("US", "Kimon", "ono", "s guests", "can", "t say", "Brien", "measure", "10:30."),
        *("kim", "the Deal", "usa", "the “deal”", "soldiers 12,000", "Kim guests", "102"),
    ],
)
def test_what_does_not_stand_there_is_not_found(quote: str) -> None:
    assert ground(REPORT, quote) == Grounding(None)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("金正恩は月曜日に出発した。", "金正恩"),
        ("会議は9月12日に", "12"),
        ("김정은은 월요일에 떠났다", "김정은"),
        ("Kim은 떠났다", "Kim"),
        ("เขาเดินทางไปรัสเซีย", "รัสเซีย"),
        ("Глава МИД прибыл.", "МИД"),
        ("وصل الرئيس يوم الاثنين", "الرئيس"),
        ("l’homme est là", "homme"),
        ("the 👩\u200d👧 left", "👩\u200d👧"),
        ("🇫🇷🇩🇪", "🇩🇪"),
        ("US-led talks", "US"),
    ],
)
def test_scripts_of_all_kinds(text: str, quote: str) -> None:
    assert ground(text, quote).alignment == "exact"
    assert found(text, quote) == [quote]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("cafe\u0301", "cafe"),
        ("👩\u200d👧", "👩"),
        ("🇫🇷🇩🇪", "🇷🇩"),
        ("1\ufe0f\u20e3", "1"),
        ("👍🏽", "👍"),
        ("น้ำ", "น้"),
        ("МИДа", "МИД"),
        ("9月112日", "12"),
        ("१२", "१"),
    ],
)
def test_characters_words_and_numbers_are_not_cut(text: str, quote: str) -> None:
    assert ground(text, quote) == Grounding(None)


def test_case_is_folded_only_on_request() -> None:
    text = "Die STRASSE in Weiß, and us and US"
    assert ground(text, "straße").alignment is None
    assert ground(text, "straße", fold_case=True) == Grounding("folded", ((4, 11),))
    assert ground(text, "weiss", fold_case=True) == Grounding("folded", ((15, 19),))
    assert ground(text, "US") == Grounding("exact", ((32, 34),))
    assert ground(text, "Us", fold_case=True).alignment == "ambiguous"


def test_several_places_are_all_listed() -> None:
    assert ground("ha ha ha", "ha ha") == Grounding("ambiguous", ((0, 5), (3, 8)))
    assert len(ground("Kim " * 10_000, "Kim").spans) == 10_000


def test_a_neighbour_in_the_sentence_singles_a_place_out() -> None:
    text = "Kim met Eve. Kim left the port on “Monday”. Kim came home."
    (name, _, _) = ground_quotes(text, ["Kim", "left the port", '"Monday"'])
    assert name == Grounding("exact", ((13, 16),))
    (name, day) = ground_quotes(text + " “Kim”", ["Kim", '"Monday"'])
    assert name == Grounding("exact", ((13, 16),))
    assert day.alignment == "folded"


def test_neighbours_that_disagree_single_nothing_out() -> None:
    text = "Kim met Eve. Kim left the port. Kim came home."
    (name, _, _) = ground_quotes(text, ["Kim", "left the port", "came home"])
    assert name.alignment == "ambiguous"
    assert len(name.spans) == 3
    (name, _) = ground_quotes(text, ["Kim", "nowhere"])
    assert name.alignment == "ambiguous"


def test_a_quotation_with_typography_of_its_own_was_copied() -> None:
    text = "It's late. It’s late."
    assert ground(text, "It’s late") == Grounding("exact", ((11, 20),))
    assert ground(text, "It's late").alignment == "ambiguous"


def test_no_quotations() -> None:
    assert ground_quotes("text", []) == []


def test_one_long_word_does_not_take_for_ever() -> None:
    assert ground("a" * 300_000, "aaaa") == Grounding(None)
    assert ground("e" + "\u0301" * 100_000, "é") == Grounding(None)


PAGE = st.lists(
    st.sampled_from(["Advertisement\n", "© Ada\r\n", "\n", "Ada came.\n", "Ada"]), max_size=8
).map("".join)


@given(PAGE, st.integers(0, 60), st.integers(1, 40))
def test_a_place_is_withheld_when_a_line_of_it_holds_the_whole_place(
    text: str, start: int, length: int
) -> None:
    index = SourceIndex(text)
    holding = [line for line in index.withheld if line[0] <= start and start + length <= line[1]]
    assert index.is_withheld((start, start + length)) is bool(holding)


class Watched(Sequence[tuple[int, int]]):
    """Places that count how many of them are looked at."""

    def __init__(self, places: Sequence[tuple[int, int]]) -> None:
        self.places = places
        self.seen = 0

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, at: Any) -> Any:
        self.seen += 1
        return self.places[at]


def test_few_lines_of_furniture_are_looked_at_to_judge_a_place() -> None:
    index = SourceIndex("Advertisement\nAda came.\n" * 10_000)
    watched = Watched(index.withheld)
    vars(index)["withheld"] = watched
    assert index.is_withheld((0, 5))
    assert not index.is_withheld((len(index.text) - 5, len(index.text)))
    assert watched.seen < 50
