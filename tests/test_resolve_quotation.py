"""Direct, indirect or mixed speech: whether words stand in quotation marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.records import Article
from extractor.resolve import RESOLVERS, Resolution, Words
from extractor.resolve.quotation import quoted_places

DIRECTNESS = RESOLVERS["quotation.directness"]


def resolved(text: str, *quotes: str) -> Resolution:
    """The directness of a content that stands at the places of `quotes`."""
    spans = tuple((text.index(quote), text.index(quote) + len(quote)) for quote in quotes)
    return DIRECTNESS(Words(quotes[0], spans, Article(text=text)))


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("“We go,” she said.", ["We go,"]),
        ('"We go," she said. "Now."', ["We go,", "Now."]),
        ("‘We go,’ she said. ‘Now.’", ["We go,", "Now."]),
        ("'We go,' she said. 'Now.'", ["We go,", "Now."]),
        ("« On part », dit-elle. «Oui.»", [" On part ", "Oui."]),
        ("„Wir gehen“, sagte sie. »Jetzt.«", ["Wir gehen", "Jetzt."]),
        ("‚Wir gehen‘, sagte sie. ›Jetzt.‹", ["Wir gehen", "Jetzt."]),
        ("„Idziemy”, powiedziała.", ["Idziemy"]),
        ("“She said ‘no’ to us,” he said.", ["She said ‘no’ to us,"]),
        ("‘She said “no” to us,’ he said.", ["She said “no” to us,"]),
        ("‘I don’t go,’ she said. Ann’s dogs’ owners went.", ["I don’t go,"]),
        ("‘Workers’ rights come first,’ she said.", ["Workers’ rights come first,"]),
        ("The ‘boss’ said that ‘it’ works.", ["boss", "it"]),
        ("The workers’ leader left in the ’90s and the '80s. It's Ann's.", []),
        ("Hawai‘i and the ‘90s were hot.", []),
        ('A 5" pipe broke, "badly".', ["badly"]),
        ("“We go.\n\n“And we stay,” she said.", ["We go.", "And we stay,"]),
        ("‘We go.\n\n‘And we stay,’ she said.", ["We go.", "And we stay,"]),
        ("“We go, she said.\n\nThey went.", ["We go, she said."]),
        ("“We go, she said.\nThey went.", ["We go, she said."]),
        ("“We\r\ngo,” she said.", ["We\r\ngo,"]),
        ("It broke ‘at.\n\nThey went.", []),
        ("“", []),
        ("'", []),
    ],
)
def test_what_stands_in_quotation_marks(text: str, quoted: list[str]) -> None:
    assert [text[start:end] for start, end in quoted_places(text) if start < end] == quoted


TEXT = "The plan is “dead in the water,” Ann said. She added that the plan was late."


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("dead in the water", "direct"),
        ("“dead in the water,”", "direct"),
        ("the plan was late", "indirect"),
        ("The plan is “dead in the water", "mixed"),
        ("“", None),
    ],
)
def test_directness(quote: str, expected: str | None) -> None:
    assert resolved(TEXT, quote) == Resolution(expected)


def test_words_that_stand_in_several_places() -> None:
    assert resolved("“We go,” she said. “We go.”", "We go,", "We go.").value == "direct"
    found = resolved("“We go,” she said. So we go.", "We go", "we go")
    assert found.value is None
    assert found.reason == "these words stand in several places, quoted in some only"


@given(st.text("ab “”„\"'‘’«»\n.", max_size=60))
def test_any_text_has_its_quotations_in_order(text: str) -> None:
    done = 0
    for start, end in quoted_places(text):
        assert done <= start <= end <= len(text)
        done = end


def test_a_hostile_text_takes_time_in_proportion() -> None:
    """It would not end if every mark were looked for up to the end of the text."""
    for piece in ("'a ", "‘a ", "“a ", "‘as’ b ", "'\n\n", "‘a\n\n"):
        assert isinstance(quoted_places(piece * 50_000), list)
