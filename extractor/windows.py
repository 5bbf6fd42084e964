"""Windows: the parts that a text longer than a model's context is read in.

There is no tokenizer here: a model refuses what is too long and says how long it was, and
windows are sized from that. They lie end to end and do not overlap, so that nothing is read
twice; each begins where a sentence does, or at least a word.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, takewhile
from math import ceil

import regex

from extractor.errors import ArticleTooLong
from extractor.furniture import as_shown, withheld
from extractor.haystack import Haystack
from extractor.model import Request
from extractor.text import Folded, sentences

MAX_WINDOWS = 32
"""In how many windows an article is read at most; what would take more is refused."""
DEFAULT_SIZE = 8_000
"""Characters of a window, when the endpoint does not say how long text and context are."""
SMALLEST_SIZE = 200
"""Characters; where less fits, it is the prompt that fills the context."""
_FILLED = 0.9
"""How much of the room a window is to take: tokens are not spread evenly over a text."""
_LONGEST_WORD = 1_000
"""Characters; what runs on for longer is cut wherever a character ends."""
_LINE = 401
"""Characters; so long a line is never page furniture."""

# Grapheme clusters (UAX 29). \X alone takes time with the square of a row of flags.
_CLUSTER = regex.compile(
    r"[\U0001F1E6-\U0001F1FF]{2}[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*+|\X"
)


@dataclass(frozen=True)
class Window:
    """A part of an article's text: `text[start:end]`, in code points."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """The words of the window."""
        return text[self.start : self.end]


def window_size(refusal: ArticleTooLong, request: Request, shown: int) -> int:
    """How many characters of text a window may have, after a request was refused.

    `shown` is how many the request had. What surrounds the text goes with every window,
    and the reply needs room too; so the size is 0 or less where these fill the context.
    """
    if refusal.asked is None or refusal.fits is None:
        return DEFAULT_SIZE
    sent = sum(len(message.content) for message in request.messages)
    room = refusal.fits - request.parameters.max_tokens
    return int(_FILLED * room * sent / max(refusal.asked, 1)) - (sent - shown)


def hopeless(refusal: ArticleTooLong, length: int, size: int) -> ArticleTooLong:
    """The refusal of a text of `length` characters, with the reason why no windows help."""
    if size < SMALLEST_SIZE or length < 2 * SMALLEST_SIZE:
        reason = "the prompt alone leaves too little room"
    else:
        number = ceil(length / size)
        reason = f"it would take {number} windows or more, and {MAX_WINDOWS} are the most"
    return ArticleTooLong(
        f"{refusal.message}; of {length} characters, {reason}",
        hint=refusal.hint or "split the article, or use a model with a longer context",
        asked=refusal.asked,
        fits=refusal.fits,
    )


class LongText:
    """An article's text, prepared for being cut. Make it once an article."""

    def __init__(self, text: str) -> None:
        self.text = text

    def smaller(self, window: Window, size: int, most: int) -> tuple[Window, ...]:
        """The window in two or more, of at most `size` characters each (`divide`).

        Windows without words (blank, or page furniture alone) are left out. There are none
        when it would take more than `most`, or windows of less than `SMALLEST_SIZE`.
        """
        size = min(size, ceil(len(window) / 2))
        if size < SMALLEST_SIZE or ceil(len(window) / size) > most:
            return ()
        parts = self.divide(window, size)
        if not 1 < len(parts) <= most:
            return ()
        return tuple(part for part in parts if as_shown(part.of(self.text)).strip())

    def divide(self, window: Window, size: int) -> tuple[Window, ...]:
        """Windows of like length, at most `size` characters each, that make up `window`.

        Each ends where a sentence does, or else a word, a number, or a character as readers
        see it; only one such character may be longer than `size`. A line of the page is
        furniture in its window where it is so in the whole text, and only there.
        """
        found = []
        start = window.start
        while (left := window.end - start) > size:
            even = ceil(left / ceil(left / size))
            end = self._cut(start, start + even, start + size)
            found.append(Window(start, end))
            start = end
        return (*found, Window(start, window.end)) if start < window.end else tuple(found)

    def _cut(self, start: int, wanted: int, limit: int) -> int:
        """The sentence's beginning nearest after `wanted`, else before it, else a word's."""
        begins = self._begins
        first, last = bisect_right(begins, start), bisect_right(begins, limit)
        middle = bisect_left(begins, wanted, first, last)
        for number in chain(range(middle, last), reversed(range(first, middle))):
            if self._is_clean(start, begins[number]):
                return begins[number]
        ends: list[int] = [*takewhile(lambda end: end <= limit, self._character_ends(start))]
        clean = [end for end in ends[: -_LONGEST_WORD - 1 : -1] if self._is_clean(start, end)]
        spaced = (end for end in clean if self.text[end - 1].isspace())
        return next(chain(spaced, clean, ends[-1:], self._character_ends(start)))

    @cached_property
    def _begins(self) -> list[int]:
        return [start for start, _ in sentences(self.text)]

    def _character_ends(self, start: int) -> Iterator[int]:
        for match in _CLUSTER.finditer(self.text, start):
            yield match.end()

    @cached_property
    def _words(self) -> Haystack:
        """The text as it is, which knows where a word, a number or a character goes on."""
        length = len(self.text)
        return Haystack(self.text, Folded(self.text, range(length), range(1, length + 1)))

    def _is_clean(self, start: int, at: int) -> bool:
        """Whether a cut leaves words whole, and furniture what it is in the whole text.

        `start` is where the window before the cut begins.
        """
        if self._words.cuts(at):
            return False
        head = _last_line(self.text[max(at - _LINE, 0) : at])
        tail = self.text[at : at + _LINE].splitlines(keepends=True)[:1]
        if not head or not tail:
            return True
        pieces = (head[-(at - start) :], tail[0], head + tail[0])
        return not any(map(withheld, pieces))


def _last_line(text: str) -> str:
    """What stands behind the last line break."""
    line = text.splitlines(keepends=True)[-1:]
    return line[0] if line and line[0].splitlines() == line else ""
