"""Who says what, read off the words that attribute; on invented sentences worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.records import Article
from extractor.resolve import RESOLVERS, Resolution, Words

PARTS = ("saying.source", "saying.cue", "saying.content")


def resolved(text: str, quote: str, *names: str) -> list[Resolution]:
    start = text.index(quote)
    words = Words(quote, ((start, start + len(quote)),), Article(text=text))
    return [RESOLVERS[name](words) for name in names or PARTS]


@pytest.mark.parametrize(
    ("text", "quote", "expected"),
    [
        (
            "Two shops burned down on Friday night, police said.",
            "night, police said",
            ("police", "said", "Two shops burned down on Friday night"),
        ),
        (
            "Mayor Aldo Brandt said the bridge would open in May. It rained.",
            "Brandt said the bridge",
            ("Mayor Aldo Brandt", "said", "the bridge would open in May"),
        ),
        (
            "“It is late,” said Ines Kolb, who sells fruit. “Too late.”",
            "late,” said Ines Kolb",
            ("Ines Kolb", "said", "“It is late,” … “Too late.”"),
        ),
        (
            "The shop, Lind told Kurier on Monday, will close.",
            "shop, Lind told",
            ("Lind", "told", "The shop"),
        ),
        (
            "According to the poll, most voters want talks.",
            "According to the poll",
            ("the poll", "According to", "most voters want talks"),
        ),
        (
            "Most voters want talks, according to a poll by Kurier.",
            "talks, according to a poll",
            ("a poll by Kurier", "according to", "Most voters want talks"),
        ),
        (
            "Lind told Norland Radio on Monday that she would go.",
            "Lind told Norland Radio",
            ("Lind", "told", "that she would go"),
        ),
        (
            "She called the trip risky, adding that it could fail.",
            "risky, adding that it",
            ("She", "adding", "that it could fail"),
        ),
        (
            "Lind: Trip is a surprise.",
            "Lind: Trip is",
            ("Lind", ":", "Trip is a surprise."),
        ),
        (
            "Kurier reports:\n\n“The trip was long.\n\n“It was dull.”\n\nIt rained.",
            "Kurier reports: “The".replace(": ", ":\n\n"),
            ("Kurier", "reports", "“The trip was long. … “It was dull.”"),
        ),
        (
            "The bank, which has denied the claim, will close.",
            "which has denied the claim",
            ("which", "has denied", "the claim"),
        ),
        (
            "Lind said the army planned to leave.",
            "the army planned to leave",
            ("the army", "planned", "to leave"),
        ),
        (
            "“No,” said Sen. Ada Voss on Monday.",
            "No,” said Sen. Ada",
            ("Sen. Ada Voss", "said", "“No,”"),
        ),
    ],
)
def test_source_cue_and_content(text: str, quote: str, expected: tuple[str, str, str]) -> None:
    found = resolved(text, quote)
    assert tuple(each.value for each in found) == expected
    for each in found:
        assert each.stands
        said = " … ".join(" ".join(text[slice(*place)].split()) for place in each.spans)
        assert said == each.value


@pytest.mark.parametrize(
    ("text", "quote", "expected"),
    [
        ("“It is late,” Lind said. “Too late.”", "late,” Lind said", "direct"),
        ("It was late, Lind said.", "late, Lind said", "indirect"),
        ("Lind said it was “late” again.", "Lind said it was", "mixed"),
    ],
)
def test_directness_is_that_of_the_whole_content(text: str, quote: str, expected: str) -> None:
    [found] = resolved(text, quote, "saying.directness")
    assert found.value == expected


def test_words_without_a_cue_attribute_nothing() -> None:
    assert {each.value for each in resolved("The bank will close.", "The bank will")} == {None}


PIECES = st.lists(
    st.sampled_from(
        (
            *("Lind", "said", "told", "according to", "that", "adding", "and", "who"),
            *("🙂", "e\u0301", "שלום", "“", "”", '"', "‘", "’", ",", ".", ":", "?"),
            *("\n", "\n\n", "\u2028", "(", ")", "―"),
        )
    ),
    max_size=14,
)


@given(PIECES, st.data())
def test_what_is_read_stands_in_the_article(pieces: list[str], data: st.DataObject) -> None:
    text = " ".join(["Lind", *pieces])
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    words = Words(text[start:end], ((start, end),), Article(text=text))
    for name in (*PARTS, "saying.parent", "saying.directness"):
        found = RESOLVERS[name](words)
        assert all(0 <= low < high <= len(text) for low, high in found.spans)
        if name in PARTS and found.value is not None:
            said = " … ".join(" ".join(text[slice(*place)].split()) for place in found.spans)
            assert found.value == said
