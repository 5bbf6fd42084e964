"""Numbered sentences: nothing but numbers is added, and each stands for its own sentence."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extractor.furniture import as_shown, furniture
from extractor.numbering import number_sentences

_NUMBER = re.compile(r"\[[0-9]+\] ")
_OWN = re.compile(r"\[(\s*\d+\s*)\]")

PIECES = st.sampled_from(
    [
        "Ann met Bob. ",
        "It rained",
        "«Так», сказал он. ",
        "他走了。",
        "قال الوزير. ",
        "\u202bשלום עולם.\u202c ",
        "👩‍👩‍👧 came! ",
        "e\u0301te\u0301. ",
        "\r\n",
        "\n\n",
        "\t",
        " ",
        "[3] ",
        "[ 12 ]",
        "[",
        "4] ",
        "［5］ ",
        "Photo: Ann Lee\n",
        "Read more: It rained\n",
        "No. 7 cost 3.50. ",
        "x" * 50,
    ]
)
TEXTS = st.one_of(st.lists(PIECES, max_size=25).map("".join), st.text())


def own_shown(text: str) -> str:
    return _OWN.sub(r"［\1］", text)


@given(TEXTS)
@example("")
@example("[1] Ann met Bob. [2] It rained.")
@example("no end of a sentence")
@example("One.\r\nTwo.\r\n")
@example("[\r\nPhoto: Ann Lee\n4] ")
def test_without_its_numbers_it_is_the_report(text: str) -> None:
    """As it is shown without numbers, but for brackets of its own that look like ours."""
    found = number_sentences(text)
    bare = _NUMBER.sub("", found.text)
    assert _OWN.sub("", bare) == bare, "a number of the article's own could be taken for ours"
    assert bare == own_shown(_report(text))
    assert len(bare) == len(as_shown(text))


def _report(text: str) -> str:
    """What stands between the lines of page furniture."""
    edges = [0, *(edge for line in furniture(text) for edge in line), len(text)]
    return "".join(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))


@given(TEXTS)
def test_each_number_leads_to_its_sentence(text: str) -> None:
    found = number_sentences(text)
    numbers = [int(match.group()[1:-2]) for match in _NUMBER.finditer(found.text)]
    assert numbers == list(range(1, len(found.places) + 1))
    pieces = _NUMBER.split(found.text)[1:]
    for piece, (first, last) in zip(pieces, found.places, strict=True):
        assert piece.strip() == own_shown(text)[first:last]
        assert text[first:last].strip() == text[first:last] != ""


@given(TEXTS)
def test_all_words_of_the_report_are_in_some_sentence(text: str) -> None:
    found = number_sentences(text)
    said = "".join(text[start:end] for start, end in found.places)
    assert "".join(said.split()) == "".join(as_shown(text).split())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ann met Bob. It rained.", "[1] Ann met Bob. [2] It rained."),
        ("One line\nand no end", "[1] One line\nand no end"),
        ("He said so.[3] She did not.", "[1] He said so.［3］ [2] She did not."),
        ("[3] is a note.\n", "[1] ［3］ is a note.\n"),
        ("他走了。她来了。", "[1] 他走了。[2] 她来了。"),
        ("Rain fell.\nPhoto: Ann Lee\nIt stopped.", "[1] Rain fell.\n[2] It stopped."),
        (" \n ", " \n "),
    ],
)
def test_how_it_looks(text: str, shown: str) -> None:
    assert number_sentences(text).text == shown


def test_places_are_those_of_the_whole_text() -> None:
    text = "Photo: Ann Lee\nRain fell. Bob 👍 left."
    found = number_sentences(text)
    assert [text[start:end] for start, end in found.places] == ["Rain fell.", "Bob 👍 left."]
