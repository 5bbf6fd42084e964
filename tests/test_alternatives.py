"""Words that are put together by their first letter are found as before."""

from __future__ import annotations

import regex
from hypothesis import given
from hypothesis import strategies as st

from extractor.checks.alternatives import by_first_letter

WORDS = [
    "said",
    "says?",
    "sa",
    "(?:a|ont) dit",
    r"\p{Ll}+-il",
    "tell|told",
    "a|b",
    r"re[a|d]d\|",
    "s?aid",
    "an? lié",
]


def test_words_that_begin_alike_stand_together() -> None:
    assert by_first_letter("said|told|says") == "s(?:aid|ays)|told"


def test_what_begins_with_no_letter_keeps_its_place() -> None:
    assert by_first_letter("said|(?:a|b)c|says|x?") == "said|(?:a|b)c|says|x?"


def test_bars_inside_of_groups_sets_and_escapes_part_nothing() -> None:
    assert by_first_letter(r"s(?:a|b)|s[|)]|s\|t") == r"s(?:(?:a|b)|[|)]|\|t)"


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=8),
    st.text(alphabet="said tolerbnc-ié|dSAxy", max_size=40),
)
def test_the_same_places_are_found(words: list[str], text: str) -> None:
    plain = "|".join(words)
    found = [
        [match.span() for match in regex.finditer(rf"(?i)\b(?:{each})", text)]
        for each in (plain, by_first_letter(plain))
    ]
    assert found[0] == found[1]
