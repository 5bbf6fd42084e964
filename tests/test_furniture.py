"""Lines that are the page's, not the report's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.furniture import furniture, without_furniture
from extractor.grounding import ground_quotes

REPORT = "Rain fell on Tuesday.\nThe picture by Anna Low was stolen from Bergen.\n"


@pytest.mark.parametrize(
    "line",
    [
        "The mayor opens a bridge on Sunday. Photo: Ida Moe/Example Press",
        "Lake Uste last Sunday. (File photo)",
        "Crowds in Bergen. Getty Images",
        "Read more: Five charts about rain",
        "Share this article",
        "ADVERTISEMENT",
        "Related stories",
    ],
)
def test_captions_credits_and_links_are_furniture(line: str) -> None:
    text = f"{line}\n{REPORT}"
    assert furniture(text) == ((0, len(line) + 1),)
    assert without_furniture(text) == REPORT


@pytest.mark.parametrize(
    "line",
    [
        "Watch dealers in Geneva fear a tax.",
        "She read more of the file than he did.",
        "Related charges were dropped, the court said.",
        "He signed up for the army in May.",
        "The photo shows a man, police said: it was taken on Friday.",
        "Advertisement sales fell by a third.",
    ],
)
def test_sentences_of_a_report_are_not(line: str) -> None:
    assert furniture(f"{REPORT}{line}\n") == ()


def test_a_quotation_is_taken_from_the_report_and_not_from_the_caption() -> None:
    text = "Ada Holm opens a bridge. Photo: Ida Moe\nOn Monday Ada Holm left for Tervia.\n"
    (found,) = ground_quotes(text, ["Ada Holm"])
    assert found.alignment == "exact"
    assert found.spans == ((text.rindex("Ada Holm"), text.rindex("Ada Holm") + 8),)


def test_inner_quotation_marks_may_change_but_inches_stay() -> None:
    text = 'He said it would be "in the coming days". The pipe is 6" wide.'
    (found,) = ground_quotes(text, ["would be 'in the coming days'"])
    assert found.alignment == "folded"
    (start, end) = found.spans[0]
    assert text[start:end] == 'would be "in the coming days"'
    assert ground_quotes(text, ["is 6' wide"])[0].alignment is None


@given(st.text())
def test_places_are_ordered_and_what_is_left_is_the_rest(text: str) -> None:
    places = furniture(text)
    assert list(places) == sorted(places)
    assert all(0 <= start < end <= len(text) for start, end in places)
    taken = sum(end - start for start, end in places)
    assert len(without_furniture(text)) == len(text) - taken
