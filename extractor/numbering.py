"""Numbered sentences: an article as it is shown to a model that says which sentence says what.

Every sentence gets its number in brackets before it, `[1] ` and so on; nothing else moves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from extractor.furniture import report
from extractor.text import sentences

EvidenceStyle = Literal["quotation", "sentence", "both"]
"""What a model gives as evidence: words that it copies, the number of a sentence, or both."""

_OWN_NUMBER = re.compile(r"\[(\s*\d+\s*)\]")


@dataclass(frozen=True)
class NumberedText:
    """A text with its sentences numbered, as it is shown.

    The sentence that is shown as number `n` stands at `places[n - 1]`, a pair of code points
    `(start, end)`, of the text that was numbered.
    """

    text: str
    places: tuple[tuple[int, int], ...]


def without_own_numbers(text: str) -> str:
    """The text with numbers in brackets (`[3]`) in full-width ones; as long as before."""
    return _OWN_NUMBER.sub(r"［\1］", text)


# A pure function of its argument, so the cache can be seen by nobody: rendering, the draft's
# schema and grounding each need the numbers of the same article.
@lru_cache(maxsize=4)
def number_sentences(text: str) -> NumberedText:
    """The text as its report alone, with a number before each sentence.

    No sentence goes on across page furniture, which is left out. A number in brackets of the
    article's own (a footnote's `[3]`) is shown in full-width ones (`［3］`), for it would look
    like a number of ours.
    """
    stretches = list(report(text))
    # Of the report as a whole: its brackets may stand on both sides of what is left out.
    shown = without_own_numbers("".join(text[start:end] for start, end in stretches))
    moved = 0
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    for start, end in stretches:
        done = moved
        for first, last in sentences(text[start:end]):
            places.append((start + first, start + last))
            parts += [shown[done : moved + first], f"[{len(places)}] "]
            done = moved + first
        moved += end - start
        parts.append(shown[done:moved])
    return NumberedText("".join(parts), tuple(places))
