"""Text of articles: folding with an exact offset map, and sentences.

Offsets here, as everywhere, are code points. Everything takes time in proportion
to the length of the text, whatever the text is.
"""

from __future__ import annotations

import html
import re
import unicodedata
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import regex

from extractor.typography import LONGER, PLAIN

# Soft hyphen, combining grapheme joiner, zero-width and bidirectional marks.
_UNSEEN = r"\u00AD\u034F\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFEFF"
# What can join the character before it in normal form C: marks, half-width sound marks,
# vowel and final jamo, and the Kirat Rai vowels, which are letters.
_MARK = r"\p{M}\uFF9E\uFF9F\u1160-\u11FF\uD7B0-\uD7FB\U00016D63-\U00016D6A--[\u034F]"
_SPACE = r"\s\x1C-\x1F"  # as str.split() has it
# No group is repeated: the regex module would keep a record of every round.
_SPECIAL = regex.compile(
    rf"(?P<marks>[{_UNSEEN}]*+[{_MARK}][{_MARK}||[{_UNSEEN}]]*+)"
    rf"|(?P<space>(?:[ ](?=[{_SPACE}{_UNSEEN}])|[{_SPACE}--[ ]]|[{_UNSEEN}]++[{_SPACE}])"
    rf"[{_SPACE}{_UNSEEN}]*+)"
    rf"|(?P<unseen>[{_UNSEEN}]++)"
    rf"|(?P<sign>[{LONGER}](?![{_UNSEEN}]*+[{_MARK}]))",
    regex.V1,
)
# The letters of European and Chinese, Japanese and Korean prose, of which few are special.
_ORDINARY = "".join(
    char
    for char in map(chr, (*range(0xA1, 0x250), *range(0x400, 0x530)))
    if not _SPECIAL.search(char)
)
# What is special begins here, or at the blank before it: a look for it alone costs a tenth of
# `_SPECIAL`, and a third of that where no two blanks stand together.
_PERHAPS_SPECIAL = re.compile(
    rf"[^ -~{_ORDINARY}\u3041-\u3096\u30A1-\u30FA\u4E00-\u9FFF\uAC00-\uD7A3]"
)
_OR_BLANKS = re.compile(rf"{_PERHAPS_SPECIAL.pattern}|  ")
_PLAIN_ALREADY = "".join(
    char for char in map(chr, (*range(0xA1, 0x250), *range(0x400, 0x530))) if char not in PLAIN
)
_PERHAPS_NOT_PLAIN = re.compile(
    rf"[^\n -_a-~{_PLAIN_ALREADY}\u3041-\u3096\u30A1-\u30FA\u4E00-\u9FFF\uAC00-\uD7A3]"
)
_PLAIN_CODES = str.maketrans(PLAIN)
_UNSEEN_RUN = regex.compile(rf"[{_UNSEEN}]++")
_UNSEEN_TAIL = regex.compile(rf"[{_UNSEEN}]++\Z")
_PICTURE = regex.compile(r"\p{Extended_Pictographic}")
_JOINER = "\u200d"
_LONG_CLUSTER = 64

# Folding and sentences are pure functions of a text, so their caches can be seen by nobody.
# Grounding, resolvers and checks ask for those of the same few texts of an article again and
# again; longer texts are not held.
_HELD = 8_000


class Folded(NamedTuple):
    """A text with its typography evened out, and where each character came from.

    Character `i` of `text` stands for `source[starts[i]:ends[i]]`. Characters that
    only together stand for one piece of the source have the same start.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def splits(self, position: int) -> bool:
        """Whether a cut before character `position` would cut a piece of the source."""
        return 0 < position < len(self.text) and (
            self.starts[position - 1] == self.starts[position]
        )

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]`, which must not be empty, stands in the source."""
        return self.starts[start], self.ends[end - 1]

    def casefold(self) -> Folded:
        """The same without case; offsets still lead to the source."""
        pieces = [char.casefold() for char in self.text]
        text = "".join(pieces)
        if len(text) == len(self.text):  # no character becomes shorter, so all kept their place
            return Folded(text, self.starts, self.ends)
        starts, ends = array("I"), array("I")
        for piece, start, end in zip(pieces, self.starts, self.ends, strict=True):
            starts.extend([start] * len(piece))
            ends.extend([end] * len(piece))
        return Folded(text, starts, ends)


def as_it_is(text: str) -> Folded:
    """A text in which every character stands for itself."""
    return Folded(text, range(len(text)), range(1, len(text) + 1))


class _Folding:
    """The folded text while it is built; `done` says how far."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.done = 0
        self.parts: list[str] = []
        self.starts = array("I")
        self.ends = array("I")

    def keep_until(self, end: int) -> None:
        """Take what comes before `end`, which holds nothing special, as it is."""
        if end == self.done:
            return
        chunk = self.source[self.done : end]
        if chunk.isascii() or unicodedata.is_normalized("NFC", chunk):
            self._put_as_is(chunk, self.done)
        else:
            for position, char in enumerate(chunk, self.done):
                self.put(_plain(char), position, position + 1)
        self.done = end

    def keep_as_is(self, end: int) -> None:
        """Take what comes before `end` unchanged."""
        self._put_as_is(self.source[self.done : end], self.done)

    def put(self, piece: str, start: int, end: int) -> None:
        """Let `piece` stand for `source[start:end]`."""
        self.parts.append(piece)
        self.starts.extend([start] * len(piece))
        self.ends.extend([end] * len(piece))
        self.done = end

    def put_marked(self, start: int, end: int) -> None:
        """Take the marks at `start` with the character before them, as it is in normal form."""
        base = start - 1 if start > self.done and self.source[start - 1] != " " else start
        self.keep_until(base)
        found = _UNSEEN_TAIL.sub("", self.source[base:end])
        piece = _plain(_UNSEEN_RUN.sub("", found))
        if piece == found:
            self._put_as_is(found, base)
        else:
            self.put(piece, base, base + len(found))

    def _put_as_is(self, piece: str, start: int) -> None:
        self.parts.append(piece)
        self.done = start + len(piece)
        if self.done < len(_PLACES):
            self.starts.extend(_PLACES[start : self.done])
            self.ends.extend(_PLACES[start + 1 : self.done + 1])
        else:
            self.starts.extend(range(start, self.done))
            self.ends.extend(range(start + 1, self.done + 1))


_PLACES = array("I", range(20_000))
"""The places of a text that is not long: copied a hundred times as fast as counted."""


def fold(text: str) -> Folded:
    """Even out what typesetting changes and meaning does not depend on.

    Unicode normal form C; ligatures, full-width and presentation forms as plain letters
    (`typography.PLAIN`); quotation marks and apostrophes `"` and `'`, dashes `-`,
    ellipsis `...`; a run of white space one space; no soft hyphens, zero-width
    or bidirectional marks, but for the joiner inside an emoji. Case stays. Folding a
    folded text changes nothing.
    """
    return _fold_held(text) if len(text) <= _HELD else _folded(text)


def folded_text(text: str) -> str:
    """`fold`, for those who need no offsets."""
    return text if _is_plain(text) else fold(text).text


def _is_plain(text: str) -> bool:
    """Whether there is nothing to even out, as in most sentences in English."""
    return text.isascii() and text.isprintable() and "  " not in text and "`" not in text


@lru_cache(maxsize=256)
def _fold_held(text: str) -> Folded:
    return _folded(text)


def _folded(text: str) -> Folded:
    if _is_plain(text):
        return as_it_is(text)
    text = _PERHAPS_NOT_PLAIN.sub(_one_for_one, text)
    special = _specials(text)
    first = next(special, None)
    if first is None and unicodedata.is_normalized("NFC", text):
        return as_it_is(text)
    folding = _Folding(text)
    for match in () if first is None else (first, *special):
        _fold_special(folding, match)
    folding.keep_until(len(text))
    return Folded("".join(folding.parts), folding.starts, folding.ends)


def _one_for_one(match: re.Match[str]) -> str:
    plain = PLAIN.get(match[0], "")
    return plain if len(plain) == 1 else match[0]


def _specials(text: str) -> Iterator[regex.Match[str]]:
    """What `_SPECIAL` finds, in order, looked for only where something may be special."""
    at = 0
    perhaps = _OR_BLANKS if "  " in text else _PERHAPS_SPECIAL
    while near := perhaps.search(text, at):
        start, end = near.span()
        if start > at and text[start - 1] == " ":
            start -= 1
        match = _SPECIAL.match(text, start)
        if match is None and start + 1 < end:
            match = _SPECIAL.match(text, start + 1)
        if match is not None:
            yield match
        at = end if match is None else match.end()


def _fold_special(folding: _Folding, match: regex.Match[str]) -> None:
    (start, end), kind, text = match.span(), match.lastgroup, folding.source
    if text[end - 1] == _JOINER and _PICTURE.match(text, end):
        end -= 1  # it says which emoji this is
    if start == end or (kind == "sign" and text[start] not in PLAIN):
        return
    if kind == "marks":
        folding.put_marked(start, end)
    else:
        folding.keep_until(start)
    if kind == "space":
        folding.put(" ", start, end)
    elif kind == "sign":
        folding.put(PLAIN[text[start]], start, end)
    folding.done = end


_REFERENCE = re.compile(
    r"&((?:amp;)*+)((?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});)?"
)


def comparable(text: str) -> Folded:
    """The form in which quotations are compared: HTML character references read, then folded.

    `&amp;quot;`, a reference that was itself escaped, is read to its end.
    """
    read = _without_references(text) if "&" in text else None
    if read is None:
        return fold(text)
    folded = fold(read.text)
    return Folded(
        folded.text,
        array("I", (read.starts[at] for at in folded.starts)),
        array("I", (read.ends[at - 1] for at in folded.ends)),
    )


def _without_references(text: str) -> Folded | None:
    """The text with its HTML character references read; None if it has none."""
    reading = _Folding(text)
    for match in _REFERENCE.finditer(text):
        start, end = match.span()
        name = match[2] or ""
        said = html.unescape(f"&{name}")
        if said == f"&{name}":  # no reference, or none that is known
            said, end = "&", match.end(1)
        if end > start + 1:
            reading.keep_as_is(start)
            reading.put(said, start, end)
    if not reading.parts:
        return None
    reading.keep_as_is(len(text))
    return Folded("".join(reading.parts), reading.starts, reading.ends)


def flatten(text: str) -> str:
    """The text in one line: runs of white space are single spaces, none at the ends."""
    return " ".join(text.split())


def _plain(piece: str) -> str:
    return _normal(_normal(piece).translate(_PLAIN_CODES))


def _normal(piece: str) -> str:
    """In normal form C."""
    return unicodedata.normalize("NFC", _ordered(piece) if len(piece) > _LONG_CLUSTER else piece)


def _ordered(piece: str) -> str:
    """Decomposed, marks in canonical order.

    Python sorts marks by insertion, which takes for ever on a hostile text; what is
    sorted already, it takes in one pass.
    """
    done: list[str] = []
    marks: list[str] = []
    for char in "".join(unicodedata.normalize("NFD", char) for char in piece):
        if unicodedata.combining(char):
            marks.append(char)
            continue
        done += [*sorted(marks, key=unicodedata.combining), char]
        marks.clear()
    return "".join(done + sorted(marks, key=unicodedata.combining))


# ---------------------------------------------------------------- sentences

_BREAK = r"(?>\r\n|[\n\r\v\f\x85\u2028\u2029])"
_LINE_BREAK = re.compile(r"[\n\r\v\f\x85\u2028\u2029](?:(?<=\r)\n)?")  # begins with a set: fast
_BLANK_LINES = re.compile(rf"{_BREAK}\s*{_BREAK}")
_NOT_FOR_SPLITTER = re.compile(r"[^\S ]|[\ud800-\udfff]")  # a plain blank stays as it is
_WINDOW = 4_000
_WRAPPED_SHARE = 0.25


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences as `(start, end)`, in order; no white space at their ends.

    A blank line ends a sentence, and so does a line break, except in a text whose
    lines are broken at a width. All that is not white space is in some sentence. What runs
    on for more than 4,000 characters is cut there.
    """
    return [*_sentences_held(text)] if len(text) <= _HELD else _sentences(text)


@lru_cache(maxsize=256)
def _sentences_held(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(_sentences(text))


def _sentences(text: str) -> list[tuple[int, int]]:
    import sentencex

    # The library panics on white space of more than one byte, and takes time with
    # the square of a paragraph's length: it gets plain blanks, and never much at once.
    found: list[tuple[int, int]] = []
    for start, end in _blocks(text):
        plain = text[start:end]
        if not plain.isprintable():  # else its only white space is blanks
            plain = _NOT_FOR_SPLITTER.sub(_same_length, plain)
        found += _sentences_in(plain, start, sentencex.get_sentence_boundaries)
    return found


def _same_length(match: re.Match[str]) -> str:
    return " " if match.group().isspace() else "?"


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of the text that no sentence crosses."""
    breaks = _BLANK_LINES if _is_wrapped(text) else _LINE_BREAK
    done = 0
    for match in breaks.finditer(text):
        yield done, match.start()
        done = match.end()
    yield done, len(text)


def _is_wrapped(text: str) -> bool:
    """Whether lines are broken at a width: many then go on with a small letter."""
    lines = [line.strip() for line in _LINE_BREAK.split(text)]
    following = [after for line, after in pairwise(lines) if line and after]
    small = sum(1 for after in following if after[0].islower())
    return small > _WRAPPED_SHARE * len(following)


def _sentences_in(
    plain: str, at: int, split: Callable[[str, str], list[dict[str, Any]]]
) -> Iterator[tuple[int, int]]:
    """The sentences of a block that begins at `at` of the text."""
    start, end = 0, len(plain)
    while start < end:
        limit = min(start + _WINDOW, end)
        bounds = [start + int(found["end_index"]) for found in split("en", plain[start:limit])]
        if limit < end:  # the last sentence may go on beyond the window
            bounds = bounds[:-1] or [_last_blank(plain, start, limit)]
        for bound in bounds:
            piece = plain[start:bound]
            if words := piece.strip():
                first = at + bound - len(piece.lstrip())
                yield first, first + len(words)
            start = bound


def _last_blank(plain: str, start: int, limit: int) -> int:
    """The end of the last blank in the window, or of the window when it has none."""
    return plain.rfind(" ", start, limit) + 1 or limit
