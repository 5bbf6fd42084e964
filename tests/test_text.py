"""Folding is exact and changes nothing twice; sentences cover the text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import text as text_module
from extractor.text import flatten, fold, folded_text, sentences
from extractor.typography import PLAIN

# What folding is about, in a density that ordinary random text does not have.
SPECIAL = (
    "aeA1 \n\t\r'\"-.‘’“”„«»–—…`´\u00a0\u2009\u2028\u00ad\u200b\u200d\u200e\ufeff\u034f\u0301\u0323"
    "\u0308éẹ\u212b\uf900\u0958\u093c\u1112\u1161\u11ab가👩👧\U0001f3fd\ufe0f日本🇫🇷\u0f75\u0344"
)
texts = st.text(alphabet=st.sampled_from(SPECIAL), max_size=60) | st.text(max_size=60)


@given(texts)
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text).text
    assert fold(once).text == once
    assert unicodedata.is_normalized("NFC", once)


@given(texts)
def test_the_quick_look_finds_all_that_is_special(text: str) -> None:
    """`fold` looks closely only where a class of characters says that it may be worth it."""
    plain = "".join(map(one_for_one, text))
    quick = [match.span() for match in text_module._specials(plain)]
    assert quick == [match.span() for match in text_module._SPECIAL.finditer(plain)]
    assert text_module._PERHAPS_NOT_PLAIN.sub(text_module._one_for_one, text) == plain


def one_for_one(char: str) -> str:
    plain = PLAIN.get(char, "")
    return plain if len(plain) == 1 else char


@given(texts | st.text(st.sampled_from("ab '`-.\n"), max_size=20))
def test_the_text_without_places_is_the_same(text: str) -> None:
    assert folded_text(text) == fold(text).text


@given(texts)
def test_every_folded_character_has_its_place(text: str) -> None:
    folded = fold(text)
    assert len(folded.starts) == len(folded.ends) == len(folded.text)
    places = list(zip(folded.starts, folded.ends, strict=True))
    assert places == sorted(places)
    for position, (start, end) in enumerate(places):
        assert 0 <= start < end <= len(text)
        assert folded.splits(position) == (position > 0 and places[position - 1][0] == start)
        if position and not folded.splits(position):
            assert places[position - 1][1] <= start


@given(texts, st.data())
def test_a_piece_of_the_source_folds_to_its_piece_of_the_text(
    text: str, data: st.DataObject
) -> None:
    folded = fold(text)
    whole = [  # a joiner stays only where an emoji goes on after it
        i
        for i in range(len(folded.text) + 1)
        if not folded.splits(i) and folded.text[:i][-1:] != "\u200d"
    ]
    start, end = sorted(data.draw(st.tuples(st.sampled_from(whole), st.sampled_from(whole))))
    if start == end:
        return
    first, last = folded.source_span(start, end)
    assert fold(text[first:last]).text == folded.text[start:end]


@given(st.text(alphabet=st.characters(max_codepoint=0x24F), max_size=60))
def test_typesetting_makes_no_difference(text: str) -> None:
    printed = unicodedata.normalize("NFD", text).replace("'", "’").replace('"', "”")
    printed = printed.replace("-", "–").replace("...", "…").replace(" ", "\u00a0\n")
    assert fold(printed).text == fold(text).text


@given(texts)
def test_case_is_folded_only_on_request(text: str) -> None:
    folded = fold(text)
    assert folded.casefold().text == "".join(char.casefold() for char in folded.text)
    assert len(folded.casefold().starts) == len(folded.casefold().text)
    assert fold("US and May").text == "US and May"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("‘a’ “b” „c‟ «d» it´s", '\'a\' "b" "c" "d" it\'s'),
        ("1–2 — 3 − 4‐5", "1-2 - 3 - 4-5"),
        ("wait… what", "wait... what"),
        ("a \u00a0\n\u2009b", "a b"),
        ("co\u00adop\u200bera\u2060te", "cooperate"),
        ("cafe\u0301 e\u00ad\u0301", "café é"),
        ("👩\u200d👧 a\u200db", "👩\u200d👧 ab"),
        ("", ""),
    ],
)
def test_what_is_folded(text: str, expected: str) -> None:
    assert fold(text).text == expected


def test_one_ellipsis_character_is_never_halved() -> None:
    folded = fold("end…")
    assert [folded.splits(i) for i in range(7)] == [False] * 4 + [True, True, False]
    assert folded.source_span(3, 6) == (3, 4)


def test_ten_thousand_marks_in_the_wrong_order_are_put_in_order() -> None:
    folded = fold("e" + "\u0301\u0323" * 5_000)
    assert folded.text == "ẹ" + "\u0323" * 4_999 + "\u0301" * 5_000


@given(texts)
def test_flat_text_is_one_line(text: str) -> None:
    assert not any(char.isspace() and char != " " for char in flatten(text))
    assert fold(flatten(text)).text.strip(" ") == fold(text).text.strip(" ")


@given(texts | st.text(alphabet="aA.!?\n \u00a0J。”", max_size=200))
def test_sentences_cover_all_words_in_order(text: str) -> None:
    done = 0
    for start, end in sentences(text):
        assert done <= start < end <= len(text)
        assert not text[done:start].strip()
        assert text[start:end] == text[start:end].strip() != ""
        done = end
    assert not text[done:].strip()


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def test_a_headline_is_a_sentence_of_its_own() -> None:
    assert found("Port closes\nThe port closed. It was full.\n") == [
        "Port closes",
        "The port closed.",
        "It was full.",
    ]


def test_lines_that_are_broken_at_a_width_go_on() -> None:
    text = "Dr. Marsh said the port\nwould close on the second\nof May. It was full.\r\n\r\nThe end"
    assert found(text) == [
        "Dr. Marsh said the port\nwould close on the second\nof May.",
        "It was full.",
        "The end",
    ]


def test_white_space_that_the_splitter_cannot_take() -> None:
    assert found("Mr. J.\u00a0Marsh left.\u2003He did.") == ["Mr. J.\u00a0Marsh left.", "He did."]


def test_what_runs_on_is_cut_at_a_blank() -> None:
    parts = sentences("word " * 2_000)
    assert len(parts) > 1
    assert all(end - start <= 4_000 for start, end in parts)
    assert all((end - start) % 5 == 4 for start, end in parts)
    assert len(sentences("a" * 10_000)) == 3
