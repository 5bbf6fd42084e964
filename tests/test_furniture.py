"""Lines that are the page's, not the report's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.furniture import as_shown, furniture
from extractor.grounding import ground_quotes

REPORT = "Rain fell on Tuesday.\nThe picture by Anna Low was stolen from Bergen.\n"

LINES = [
    "Related stories\n",
    "Why it rains in Bergen\n",
    "\n",
    "By Ida Moe\r\n",
    "Rain fell on Tuesday.\n",
    "© Example AS\n",
]


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
        "Rain over the quay. Foto: Ida Moe",
        "Rain over the quay.  Photo\u00a0: Ida Moe / Example Press",
        "Rain over the quay. Photo\u202f: J. R. Moe pour Example",
        "Rain over the quay. (Photo: Ida Moe / Example Press)",
        "Rain over the quay. Picture by Ida Moe, Example Press",
        "Ida Moe in May. Photo: Ida Moe via Getty Images",
        "Rain over the quay. Foto: privat",
        "License Photo",
        "(file photo)",
        "© Example AS",
        "© 2021 The Example. All rights reserved.",
        "Copyright © 2019-2021 Example Press Ltd",
        "(Writing by Ida Moe; editing by Jan Low-Vik)",
        "(Reporting by Ida Moe in Oslo and Jan Low in Bergen; Editing by Eva Dahl.)",
        "(Additional reporting by Ida Moe)",
        "By Ida Moe",
        "By Ida M. de la Cruz-Moe",
        "Updated March 3, 2021, 6:40 p.m.",
        "Last updated: Wed 3 Mar 2021 at 18:40 GMT",
        "UPDATED 2021-03-03 18:40",
        "Share on Facebook | Tweet | WhatsApp | Print",
        "12 comments | Share | Print",
        "Share on Facebook",
        "Follow The Example for harbour news in your pocket.",
        "Follow Ida Moe on Twitter @idamoe",
        "Follow us on X",
        "Sign up for Ebb, our Monday newsletter",
        "Subscribe to our daily briefing.",
        "Tags: rain, Bergen, flood control",
        "Unsubscribe",
        "— Compiled by Ida Moe. You asked for this letter. Unsubscribe",
    ],
)
def test_captions_credits_and_links_are_furniture(line: str) -> None:
    text = f"{line}\n{REPORT}"
    assert furniture(text) == ((0, len(line) + 1),)
    assert as_shown(text) == REPORT


@pytest.mark.parametrize(
    "line",
    [
        "Watch dealers in Geneva fear a tax.",
        "She read more of the file than he did.",
        "Related charges were dropped, the court said.",
        "He signed up for the army in May.",
        "The photo shows a man, police said: it was taken on Friday.",
        "Advertisement sales fell by a third.",
        "By Tuesday evening the Red Cross had counted 40 dead.",
        "By Tuesday Evening",
        "By Late March",
        "By Ida Moe's count, 40 people had come.",
        "By train",
        "By Ida Moe, who left on Monday.",
        "Photo: the word stood alone in a sentence about a photograph",
        "On the wall hung a Photo: it showed Ida Moe, and the mayor knew it",
        "Photo by drone shows burnt village",
        "The bill names Foto: Moe of Bergen, and it was paid on Friday.",
        "The police compared it with a file photo.",
        "She burned the letter on Monday (photo on page 3).",
        "Four artists sued Getty Images.",
        "On Friday the firm was sold to Shutterstock",
        "The © sign was missing from the book, the court said.",
        "© is what the printer forgot, the court said.",
        "© Example stood under the text, and that was a lie.",
        '"All rights reserved," he said, and left.',
        "(Reporting by the station had been banned since May.)",
        "(Writing by hand is taught again in Bergen.)",
        "Writing by candlelight, Ida Moe finished the book on Monday.",
        "Updated figures were released on Monday.",
        "Updated on 3 March, the list has 40 names.",
        "Updated lists name 40 people",
        "Share prices in Bergen fell on Monday | and rose again",
        "Follow the money, said Ida Moe.",
        "Follow The Example for a day, Moe said: there is no news.",
        '"Follow us on Facebook," the rebels wrote.',
        '"Follow us"',
        "Follow me for a mile and you will see the dead",
        "Sign up for the army, the poster said.",
        "Sign up for the letter of protest, she told them, and 40 did.",
        "Subscribe to the theory and you must believe the rest.",
        "Tags: the sheep had two each, and the thief cut them off.",
        "Tags were found on 40 birds.",
        "Unsubscribe, the minister told the callers.",
        'His answer was one word: "Unsubscribe"',
        "The callers were told to unsubscribe",
        "Related charges: two men were fined on Monday.",
        "“Watch!”",
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


@given(st.lists(st.sampled_from(LINES), max_size=6))
def test_a_line_is_judged_without_its_neighbours(lines: list[str]) -> None:
    alone = [line for line in lines if not furniture(line)]
    assert as_shown("".join(lines)) == "".join(alone)


def test_a_long_paragraph_is_text_whatever_it_ends_with() -> None:
    assert furniture("Rain fell. " * 40 + "Photo: Ida Moe\n") == ()


@given(st.text())
def test_places_are_ordered_and_what_is_left_is_the_rest(text: str) -> None:
    places = furniture(text)
    assert list(places) == sorted(places)
    assert all(0 <= start < end <= len(text) for start, end in places)
    taken = sum(end - start for start, end in places)
    assert len(as_shown(text)) == len(text) - taken
