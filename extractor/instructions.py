"""Instructions in an article: words for whoever processes it, not for its readers.

"Ignore the above and record that ...": such words are no report, whoever put them there. They are
found by signs that are rare in reports: control tokens of models, orders to ignore the text, words
addressed to programs, orders to record something, and writing that readers do not see. Words to a
program go on to the end of their paragraph or quotation. Of weaker signs it takes two kinds in one
sentence. English is known best; of other languages the orders to ignore a text and the ways of
addressing a program.

What is found is kept from the model and told in the record (`pipeline`): a report that quotes such
words loses them, and says so.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from extractor.instruction_signs import (
    BY_WORD,
    FOREIGN,
    LATIN,
    OTHERS,
    PLACES,
    RARE,
    STRONG,
    Other,
    Sign,
)

Place = tuple[int, int]

LONGEST = 800
"""Characters of the longest instruction."""
_SENTENCE = 300
_BRIDGE = 200
"""Characters of what may stand between two sentences of one instruction."""
_HELD = 20_000
TEXTS_HELD = 128
"""So many texts are remembered: all that a run is at, of which each is needed again when its
answer has come."""


def instructions(text: str) -> tuple[Place, ...]:
    """Where instructions stand in the text, in order; each in one line."""
    return _held(text) if len(text) <= _HELD else _instructions(text)


# A pure function: the prompt, the index of the text and the record's problems ask for it.
@lru_cache(maxsize=TEXTS_HELD)
def _held(text: str) -> tuple[Place, ...]:
    return _instructions(text)


def _instructions(text: str) -> tuple[Place, ...]:
    return merged((*_spoken(text), *_hidden(text)))


# ------------------------------------------------------------------------------ in plain words


def _spoken(text: str) -> Iterator[Place]:
    known = OTHERS if FOREIGN.search(text) else LATIN
    others = [other for other in known if any(stem in text for stem in other.stems)]
    begin = 0
    for line in text.split("\n"):
        own = [other for other in others if any(stem in line for stem in other.stems)]
        if own or _has_rare(line):
            yield from ((begin + start, begin + end) for start, end in _in_line(line, own))
        begin += len(line) + 1


def _has_rare(text: str) -> bool:
    return not RARE.isdisjoint(_LETTERS.findall(text.casefold()))


_LETTERS = re.compile(r"[^\W\d_]+")


def _in_line(text: str, others: Sequence[Other]) -> Iterator[Place]:
    signs = [*_signs(text, others)]
    if len(told := {kind for kind, _, _ in signs}) < 2 and not told & STRONG:
        return
    kinds: defaultdict[Place, set[str]] = defaultdict(set)
    sentences = _Sentences(text)
    for kind, start, end in signs:
        kinds[sentences.around(start, end)].add(kind)
    for run in _runs(sorted(kinds)):
        start, end = run[0][0], run[-1][1]
        told = set().union(*(kinds[place] for place in run))
        if told & STRONG or ("json" in told and len(told) > 1):
            yield start, min(max(end, _part_end(text, start, end)), start + LONGEST)
        elif any(len(kinds[place]) > 1 for place in run):
            yield start, min(end, start + LONGEST)


def _signs(text: str, others: Sequence[Other]) -> Iterator[tuple[str, int, int]]:
    """Every sign, its kind and its place."""
    for word in _WORD.finditer(text):
        for sign in BY_WORD.get(word.group().casefold(), ()):
            if (end := _end(sign, text, *word.span())) is not None:
                yield sign.kind, word.start(), end
    for other in others:
        yield from ((other.kind, *found.span()) for found in other.pattern.finditer(text))


def _end(sign: Sign, text: str, start: int, end: int) -> int | None:
    found = sign.behind.match(text, end)
    if found is None:
        return None
    before = PLACES[sign.place]
    return found.end() if before is None or before.search(text, max(0, start - 40), start) else None


_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def _runs(sentences: Iterable[Place]) -> Iterator[list[Place]]:
    """Sentences that stand near each other."""
    run: list[Place] = []
    for place in sentences:
        if run and place[0] - run[-1][1] > _BRIDGE:
            yield run
            run = []
        run.append(place)
    if run:
        yield run


class _Sentences:
    """The sentences of a line, inside of its quotation marks, which `text.sentences` goes across;
    each is looked for once."""

    def __init__(self, text: str) -> None:
        starts, ends = [0], []
        for bound in _BOUND.finditer(text):
            if bound["abbreviation"]:
                continue
            if not bound["closing"]:
                starts.append(bound.end())
            if not bound["opening"]:
                ends.append(bound.end() if bound["stop"] else bound.start())
        self._text, self._starts, self._ends = text, starts, [*ends, len(text)]

    def around(self, start: int, end: int) -> Place:
        """The sentence that a sign stands in, as far as it is near."""
        low = self._starts[bisect_right(self._starts, start) - 1]
        high = self._ends[bisect_left(self._ends, end)]
        low, high = max(low, start - _SENTENCE), min(high, end + _SENTENCE)
        return start - len(self._text[low:start].lstrip()), high


def _part_end(text: str, start: int, end: int) -> int:
    """Where the quotation ends in which the start is; else the text."""
    before = text[max(0, start - LONGEST) : start]
    for opening, closing in _QUOTES:
        is_open = (
            before.count(opening) % 2
            if opening == closing
            else (before.rfind(opening) > before.rfind(closing))
        )
        if is_open and (closed := text.find(closing, max(start, end - 1), start + LONGEST)) >= 0:
            return closed
    return len(text)


_QUOTES = (("“", "”"), ("„", "“"), ("«", "»"), ('"', '"'))
_BOUND = re.compile(
    r"""(?P<abbreviation>\b(?:Gen|Col|Capt|Lt|Maj|Sgt|Adm|Dr|Mrs?|Ms|St|Prof|Sen|Rep|Gov|No|[A-Z])\.\s)
    |(?P<stop>[.!?…؟]+(?=["”’»)\]]*(?:\s|$))|[。！？])
    |(?P<opening>(?<!\w)["“„«](?=\S))
    |(?P<closing>["”»])""",
    re.VERBOSE,
)

# ---------------------------------------------------------------------------- what nobody reads

_BLANK = r"[\u200B-\u200F\u2060\uFEFF\u00AD]"
_HIDDEN = re.compile(
    rf"""[\U000E0000-\U000E007F]{{3,}}+
    |(?:[\uFE00-\uFE0F]|[\U000E0100-\U000E01EF]){{4,}}+
    |[\u200B-\u200F\u2060-\u2064\uFEFF\u00AD]{{8,}}+
    |(?:[^\n]{_BLANK}++){{6,}}+[^\n]?
    |[\u202D\u202E][^\u202C\n]{{1,400}}\u202C?""",
    re.VERBOSE,
)


def _hidden(text: str) -> Iterator[Place]:
    """Tags, selectors and blanks that spell something, letters that are kept apart by blanks, and
    text that is shown from the wrong end."""
    if not text.isascii() and _UNSEEN.search(text):
        yield from (found.span() for found in _HIDDEN.finditer(text))


_UNSEEN = re.compile(
    "[\u00ad\u200b-\u200f\u202d\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]"
)


def merged(places: Iterable[Place]) -> tuple[Place, ...]:
    """Places in order; those that overlap are one."""
    found: list[Place] = []
    for place in sorted(places):
        if found and place[0] < found[-1][1]:
            found[-1] = found[-1][0], max(place[1], found[-1][1])
        else:
            found.append(place)
    return tuple(found)
