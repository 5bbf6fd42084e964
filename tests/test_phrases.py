"""Phrases are found at the words that can begin them, as they would be found everywhere."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from extractor.checks.phrases import Phrases, first_words

PHRASES = [
    "said",
    "says?",
    "sa",
    "(?:a|ont) dit",
    r"\p{Ll}+-il",
    "tell|told",
    "a|b",
    "an? lié",
    r"(?:re|be)[ad]\w* to",
    "(?:no |not )*said",
    "(?:'s|is) said",
    r"l'\p{L}+",
    r"(?<=no )tell",
    r"(?:a(?:b|n)){1,2}",
    "(?:sa){0,2}id",
    "(?i:No) tell(?! a)",
]


def test_the_words_that_can_begin_a_match() -> None:
    assert first_words(r"(?i)\b(?:sa(?:id|ys?)|den(?:ied|ies) it)\b") == {
        "said",
        "say",
        "says",
        "denied",
        "denies",
    }


def test_what_every_word_can_begin_that_begins_so() -> None:
    assert first_words(r"refus\w* to|[rs]ay+") == {
        "refus",
        "refus*",
        "ray*",
        "say*",
    }


def test_what_may_be_left_out_or_repeated() -> None:
    assert first_words(r"(?:no |very )*likely|an{0,1}|o{2,}h") == {
        "no",
        "very",
        "likely",
        "a",
        "an",
        "o*",
    }


def test_what_has_no_width_begins_nothing() -> None:
    assert first_words(r"(?<=is )untrue(?= )|(?!no)not\b") == {"untrue", "not"}


def test_a_beginning_that_is_no_word_is_empty() -> None:
    assert first_words(r"\d+ dead|, said") == {""}
    assert first_words(r"'s due|\p{L}+ly") == {"'", "*"}


@pytest.mark.parametrize("pattern", ["(?:said", "a)b", "(?P<a"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="no pattern"):
        first_words(pattern)


@given(
    st.lists(st.sampled_from(PHRASES), min_size=1, max_size=8),
    st.text(alphabet="said tolerbnc-ié|dSAxy'", max_size=40),
    st.sampled_from([r"\b", r"(?<![\p{L}-])"]),
)
def test_the_same_places_are_found(phrases: list[str], text: str, before: str) -> None:
    patterns = [regex.compile(rf"(?i){before}(?:{each})(?!\p{{L}})") for each in phrases]
    plain = [
        (number, match.span())
        for number, pattern in enumerate(patterns)
        for match in pattern.finditer(text)
    ]
    assert [(n, match.span()) for n, match in Phrases(*patterns).matches(text)] == plain


@given(st.text(alphabet="said tol'é\u0301İſ-", max_size=30))
def test_marks_and_letters_without_a_small_one_change_nothing(text: str) -> None:
    pattern = regex.compile(r"(?i)(?<![\p{L}-])(?:sa(?:id|y)|dit|'s|était?)(?![\p{L}-])")
    plain = [match.span() for match in pattern.finditer(text)]
    assert [match.span() for _, match in Phrases(pattern).matches(text)] == plain
