"""The text that quotations are looked for in: where one may begin and where it may end.

A quotation stands somewhere only if it cuts no character, no word, no number and no
negation off from what it belongs to.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import islice

import regex

from extractor.text import Folded

Place = tuple[int, int]
MOST_PLACES = 100_000
"""Of a quotation that stands in more, the first so many are known; nothing tells them apart."""

# Scripts that put no space between words, or join particles to them.
UNSPACED = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Bopomofo}\p{Yi}\p{Thai}\p{Lao}\p{Khmer}"
    r"\p{Myanmar}\p{Tibetan}\p{Javanese}\p{Balinese}\p{Tai_Le}\p{New_Tai_Lue}\p{Tai_Tham}々〆ー"
)
SPACED_WORD = rf"[\p{{L}}\p{{M}}\p{{N}}\p{{Pc}}--[{UNSPACED}]]++"
_UNSPACED_ONE = regex.compile(rf"[{UNSPACED}]")
_SPACED_RUN = regex.compile(SPACED_WORD, regex.V1)
_IN_NUMBERS = frozenset(".,:/'·٫٬")
_MINUS = frozenset("-\u2012\u2013\u2212\ufe63\uff0d")
_GROUP_SPACES = frozenset(" \u00a0\u2007\u2009\u202f")
_GROUPED = regex.compile(r"\d(?<!\d{4})( )\d{3}(?!\d)")
_MAYBE_GROUPED = re.compile(r"\d \d\d\d")
_ENDINGS = frozenset({"s", "t", "d", "m", "re", "ve", "ll"})
_HAN_NUMBER = frozenset("〇零一二三四五六七八九十百千万萬億亿兆两")
_HAN_MULTIPLES = frozenset("百千万萬億亿兆")
# Negations written together with what they negate: "non-lethal", 不会, ไม่ไป.
_NEGATING_PREFIX = regex.compile(r"(?i)(?<![\p{L}\p{M}])(?:non|un|not|no|never|anti)-\Z")
_NEGATING_SIGNS = frozenset("不没沒未無无非勿")
_THAI_NOT = "ไม่"
_WITHIN_WORDS = regex.compile(r"[\p{Hebrew}\p{Cyrillic}]")  # these write " or ' in a word

# Grapheme clusters (UAX 29), as far as spaces between words do not already keep them whole.
# The regex module's \X takes time with the square of a row of flags.
_JOINS_BEFORE = regex.compile(
    r"[\p{M}\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}\p{GCB=V}\p{GCB=T}]"
)
_JOINS_AFTER = regex.compile(r"[\p{GCB=Prepend}\u1039\u17D2]")  # and the stacking viramas
_LEADING_JAMO = regex.compile(r"\p{GCB=L}")
_AFTER_LEADING_JAMO = regex.compile(r"[\p{GCB=L}\p{GCB=LV}\p{GCB=LVT}]")
_JOINERS = frozenset("\u034f\u200c\u200d")
_PICTURE = regex.compile(r"\p{Extended_Pictographic}")
_REGIONAL = regex.compile(r"[\U0001F1E6-\U0001F1FF]")
_FLAG = regex.compile(r"[\U0001F1E6-\U0001F1FF]{2}")

# A hyphen, or a soft one, at the end of a line that is not the last of its paragraph.
_HYPHEN_AT_LINE_END = regex.compile(r"[-\u2010\u00ad][ \t]*(?:\r\n|[\n\r\x85\u2028])[ \t]*")
_HYPHEN_AND_SPACE = regex.compile(r"(?<=\p{L}\p{M}*)- (?=\p{L})")
_SPACE_IN_WORDS = regex.compile(r"(?<=\p{L}\p{M}*)-? (?=\p{L})")


# What a character is, as bits.
_WORD, _DIGIT, _UNSPACED = 1, 2, 4
_JOINS_LEFT, _JOINS_RIGHT, _LEADING, _FOLLOWS_LEADING, _PICTORIAL, _FLAG_LETTER = (
    8 << bit for bit in range(6)
)
_CLUSTERED = _JOINS_LEFT | _JOINS_RIGHT | _LEADING | _PICTORIAL | _FLAG_LETTER


# A pure function: most texts are written in the same hundred characters.
@lru_cache(maxsize=1_024)
def _kind(char: str) -> int:
    kind = (_WORD if _is_word(char) else 0) | (_DIGIT if _is_digit(char) else 0)
    if char.isascii():
        return kind
    for bit, pattern in (
        (_UNSPACED, _UNSPACED_ONE),
        (_JOINS_LEFT, _JOINS_BEFORE),
        (_JOINS_RIGHT, _JOINS_AFTER),
        (_LEADING, _LEADING_JAMO),
        (_FOLLOWS_LEADING, _AFTER_LEADING_JAMO),
        (_PICTORIAL, _PICTURE),
        (_FLAG_LETTER, _REGIONAL),
    ):
        kind |= bit if pattern.match(char) else 0
    return kind


class Haystack:
    """A folded text in which words, numbers and characters are found whole."""

    def __init__(self, source: str, folded: Folded) -> None:
        self.source = source
        self.folded = folded
        self.text = folded.text

    def places(self, wanted: str) -> list[Place]:
        """The places in the source where `wanted`, itself folded, stands, in order.

        All of them, but no more than `MOST_PLACES`.
        """
        groups = []
        if _MAYBE_GROUPED.search(wanted):
            groups = [match.start(1) for match in _GROUPED.finditer(wanted, overlapped=True)]
        found = (
            self.place(hit, hit + len(wanted))
            for hit in self.hits(wanted)
            if all(self._is_group_space(hit + at) for at in groups)
        )
        return list(islice(found, MOST_PLACES))

    def place(self, start: int, end: int) -> Place:
        """Where `text[start:end]` stands in the source, with what cannot be seen behind it."""
        first, last = self.folded.source_span(start, end)
        while last < len(self.source) and self.source[last] in _JOINERS:
            last += 1
        return first, last

    def hits(self, wanted: str) -> Iterator[int]:
        """Where in the folded text `wanted`, itself folded, begins, whole words only."""
        hit = self.text.find(wanted)
        while hit >= 0:
            after = hit + 1
            if self.cuts(hit):
                # No later place in the same word can be better: this keeps 'aaaa...' linear.
                after = max(after, self.word_end(hit, len(self.text)))
            elif not (self.cuts(hit + len(wanted)) or self._drops_negation(hit)):
                yield hit
            hit = self.text.find(wanted, after)

    def word_end(self, at: int, limit: int) -> int:
        """The end, at most `limit`, of the word that position `at` is inside of, else `at`.

        In scripts without spaces no word has an end that is known.
        """
        if at == 0 or not self._kinds[self.text[at - 1]] & _WORD:
            return at
        run = _SPACED_RUN.match(self.text, at, limit)
        return run.end() if run else at

    @cached_property
    def _kinds(self) -> dict[str, int]:
        return {char: _kind(char) for char in set(self.text)}

    def cuts(self, at: int) -> bool:
        """Whether a word, a number, a negation or a character goes on across the position."""
        if not 0 < at < len(self.text):
            return False
        before, after = self._kinds[self.text[at - 1]], self._kinds[self.text[at]]
        if self.folded.starts[at - 1] == self.folded.starts[at]:
            return True  # both are one piece of the source
        if (before | after) & _CLUSTERED and self._cuts_character(at, before, after):
            return True
        if before & after & _WORD:
            if not (before | after) & _UNSPACED:
                return True
            return self._cuts_han_number(at) or self._cuts_unspaced_negation(at)
        if after & _WORD:
            return self._cuts_before_word(at, after)
        return bool(before & _WORD) and self._cuts_after_word(at, before)

    def _cuts_before_word(self, at: int, after: int) -> bool:
        sign = self.text[at - 1]
        if sign == " ":
            return bool(after & _DIGIT and self._cuts_number_after(at)) or self._is_broken(at - 1)
        return (
            self._cuts_number_after(at)
            or self._cuts_name(at)
            or (sign == "-" and _NEGATING_PREFIX.search(self.text, max(at - 7, 0), at) is not None)
            or self._is_broken(at - 1)
        )

    def _cuts_after_word(self, at: int, before: int) -> bool:
        if self.text[at] == " ":
            return bool(before & _DIGIT and self._cuts_number_before(at)) or self._is_broken(at)
        return (
            self._cuts_number_before(at)
            or self._cuts_negation(at)
            or self._cuts_within_word(at)
            or self._is_broken(at)
        )

    def _cuts_character(self, at: int, before: int, after: int) -> bool:
        return bool(
            after & _JOINS_LEFT
            or before & _JOINS_RIGHT
            or (after & _PICTORIAL and self.text[at - 1] == "\u200d")
            or (before & _LEADING and after & _FOLLOWS_LEADING)
            or (self._in_flag and self._in_flag[at])
        )

    @cached_property
    def _in_flag(self) -> bytearray | None:
        """1 at each position inside a flag, which is two letters; None without flags."""
        if not _FLAG.search(self.text):
            return None
        inside = bytearray(len(self.text) + 1)
        for match in _FLAG.finditer(self.text):
            inside[match.start() + 1] = 1
        return inside

    def _char(self, at: int) -> str:
        return self.text[at] if 0 <= at < len(self.text) else " "

    def source_of(self, at: int) -> str:
        """What the folded character stands for in the source, references read."""
        found = self.source[self.folded.starts[at] : self.folded.ends[at]]
        return html.unescape(found) if found[0] == "&" and len(found) > 1 else found

    @cached_property
    def broken(self) -> dict[int, int]:
        """The hyphens of words that a line end parts: where in the folded text, and how long.

        That is `- `, or the space alone that a soft hyphen before a line break leaves.
        """
        if not _HYPHEN_AT_LINE_END.search(self.source):
            return {}
        pattern = _SPACE_IN_WORDS if "\u00ad" in self.source else _HYPHEN_AND_SPACE
        return {
            match.start(): len(match.group())
            for match in pattern.finditer(self.text)
            if _HYPHEN_AT_LINE_END.fullmatch("".join(map(self.source_of, range(*match.span()))))
        }

    def _is_broken(self, at: int) -> bool:
        """Whether the character at `at` is part of the hyphen of a broken word.

        Before a capital the hyphen is one of a compound (Anglo-Saxon), which has parts.
        """
        if not self.broken:
            return False
        if at not in self.broken:
            at -= 1
        length = self.broken.get(at, 0)
        return length > 0 and at + length < len(self.text) and not self.text[at + length].isupper()

    # ---------------------------------------------------------------- numbers

    def _cuts_number_after(self, at: int) -> bool:
        """Whether the digit at `at` belongs to a number that began before it."""
        if not _is_digit(self.text[at]):
            return False
        sign, further = self.text[at - 1], self._char(at - 2)
        if sign in _IN_NUMBERS and _is_digit(further):
            return self._is_in_number(at - 1)
        if not _is_word(further) and further not in ").":
            return sign == "." or (sign == "-" and self.source_of(at - 1) in _MINUS)
        return self._groups_thousands(at - 1) or self._adds_fraction(at - 1)

    def _cuts_number_before(self, at: int) -> bool:
        """Whether the digit before `at` belongs to a number that goes on."""
        if not _is_digit(self.text[at - 1]):
            return False
        if self.text[at] in _IN_NUMBERS and _is_digit(self._char(at + 1)):
            return self._is_in_number(at)
        return self._groups_thousands(at) or self._adds_fraction(at)

    def _is_in_number(self, at: int) -> bool:
        """Whether the sign between two digits is part of a number.

        A full-width one between narrow digits parts a list (2019，2020), but for thousands.
        """
        if self.source_of(at).isascii() or not self.source_of(at - 1).isascii():
            return True
        return _is_wide(self.source_of(at)) is False or self._is_group_of_three(at)

    def _groups_thousands(self, at: int) -> bool:
        """Whether the character at `at` is the space of 12 000."""
        return (
            self._char(at) == " "
            and _is_digit(self._char(at - 1))
            and self._is_group_of_three(at)
            and self._is_group_space(at)
        )

    def _is_group_of_three(self, at: int) -> bool:
        first, rest = self.text[max(at - 4, 0) : at], self.text[at + 1 : at + 5]
        return (
            not all(map(_is_digit, first.rjust(4)))
            and len(rest) >= 3
            and all(map(_is_digit, rest[:3]))
            and not _is_digit(rest[3:] or " ")
        )

    def _is_group_space(self, at: int) -> bool:
        """Whether the space is one that stands within a number: no line break, no tab."""
        return self.source_of(at) in _GROUP_SPACES

    def _adds_fraction(self, at: int) -> bool:
        """Whether the character at `at` is the space of 2 ½."""
        return (
            self._char(at) == " "
            and self._char(at - 1).isdecimal()
            and "/" in unicodedata.normalize("NFKC", self._char(at + 1)).replace("\u2044", "/")
            and _is_digit(self._char(at + 1))
        )

    def _cuts_han_number(self, at: int) -> bool:
        before, after = self.text[at - 1], self.text[at]
        if before in _HAN_NUMBER and after in _HAN_NUMBER:
            return True
        return _is_digit(before) and after in _HAN_MULTIPLES

    # ---------------------------------------------------------------- words

    def _cuts_name(self, at: int) -> bool:
        """Whether the word at `at` is the end of one with an apostrophe: 's, 't, O'Brien."""
        if self._cuts_within_word(at - 1):
            return True
        if self.text[at - 1] != "'" or not self._char(at - 2).isalpha():
            return False
        rest = _SPACED_RUN.match(self.text, at)
        if rest is not None and rest.group().lower() in _ENDINGS:
            return True
        return (
            self.text[at - 2] == "O"
            and not _is_word(self._char(at - 3))
            and self.text[at].isupper()
        )

    def _drops_negation(self, at: int) -> bool:
        """Whether the word at `at` is joined to an n' before it: n'est, N'Djamena."""
        return (
            self.text[at - 1 : at] == "'"
            and self.text[max(at - 2, 0) : at] in {"n'", "N'"}
            and _is_word(self.text[at])
            and not _is_word(self._char(at - 3))
        )

    def _cuts_within_word(self, at: int) -> bool:
        """Whether the mark at `at` stands inside a word: צה״ל, пам'ять."""
        return (
            self.text[at] in "'\""
            and _WITHIN_WORDS.match(self._char(at - 1)) is not None
            and _WITHIN_WORDS.match(self._char(at + 1)) is not None
        )

    def _cuts_negation(self, at: int) -> bool:
        """Whether 't follows: "can" is not what "can't" says."""
        return (
            self.text[at] == "'"
            and self._char(at + 1) in "tT"
            and self.text[at - 1].isalpha()
            and not _is_word(self._char(at + 2))
        )

    def _cuts_unspaced_negation(self, at: int) -> bool:
        """Whether what stands before belongs, as its negation, to what follows."""
        before = self.text[at - 1]
        return before in _NEGATING_SIGNS or self.text[max(at - 3, 0) : at] == _THAI_NOT


# By the tables that `SPACED_WORD` goes by, which may know more letters than Python's own.
_WORD_CHAR = regex.compile(r"[\p{L}\p{M}\p{N}\p{Pc}]")
_DIGIT_CHAR = regex.compile(r"\p{N}")


def _is_word(char: str) -> bool:
    return _WORD_CHAR.match(char) is not None


def _is_digit(char: str) -> bool:
    return _DIGIT_CHAR.match(char) is not None


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in {"F", "W"}
