"""What a language brings to the reading of times: its words, and how they are put together.

General date parsers fill what they do not understand with the day they count from. Here an
expression either means one period, or there is a reason why it does not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from extractor.resolve.periods import Clock, Reading

Table = Mapping[str, int | str]
"""The words of one kind, in lower case and without accents, and what they mean."""


@dataclass(frozen=True)
class Fields:
    """What an expression of time says, in no language.

    `words` is the expression as it stands. Months are 1 to 12, weekdays 0 (Monday) to 6,
    `unit` is "day", "week" and so on, `which` is "last", "this", "next", "past" or "coming"
    (past and coming count from today: the past Friday is the latest before it), `ordinal`
    counts from 1, and -1 is the last. `about` and `portion` are TIMEX3 mods.
    """

    words: str
    day: int | None = None
    first: int | None = None
    month: int | None = None
    year: int | None = None
    which: str | None = None
    which_year: str | None = None
    weekday: int | None = None
    unit: str | None = None
    count: int | None = None
    about: str | None = None
    portion: str | None = None
    ordinal: int | None = None
    quarter: int | None = None
    half: int | None = None
    season: str | None = None
    decade: int | None = None
    century: int | None = None
    hour: int | None = None
    minute: int | None = None
    noon: str | None = None
    meridiem: str | None = None
    utc: str | None = None


Reader = Callable[[Fields, Clock], Reading]


@dataclass(frozen=True)
class Rule:
    """A form of expression, and how it is read."""

    pattern: re.Pattern[str]
    read: Reader


@dataclass(frozen=True)
class Limit:
    """A word before an expression that limits it.

    `side` is where it makes a weekday lie, whatever the tense: "ahead" for "as early as",
    "back" for "since".
    """

    mod: str
    side: Literal["ahead", "back"] | None = None


@dataclass(frozen=True)
class Language:
    """One language. All patterns are for text as `plain` gives it.

    `before` is what may stand before an expression (groups `limit` and `part`), `following`
    what may limit it from behind (group `limit`). `connector` joins two to a range (group
    `to`, or `both` after `between`). `unclear` are phrases that make the whole quotation
    unclear, each with a reason to put them in; `vague` are words that say why nothing was
    found; `ahead` are verbs of the future.
    """

    plain: Callable[[str], str]
    tables: Mapping[str, Table]
    rules: Sequence[Rule]
    clocks: Sequence[re.Pattern[str]]
    limits: Mapping[str, Limit]
    parts: Mapping[str, str]
    before: re.Pattern[str]
    following: re.Pattern[str]
    connector: re.Pattern[str]
    between: re.Pattern[str]
    unclear: Sequence[tuple[re.Pattern[str], str]]
    vague: re.Pattern[str]
    ahead: re.Pattern[str]

    def fields(self, match: re.Match[str], words: str) -> Fields:
        """What a match says; numbers in digits stand for themselves."""
        found: dict[str, Any] = {
            name: self._value(name, text)
            for name, text in match.groupdict().items()
            if text is not None
        }
        if found.get("unit") == "fortnight":
            found |= {"unit": "week", "count": 2 * found.get("count", 1)}
        return Fields(words, **found)

    def _value(self, name: str, text: str) -> int | str:
        if text.isdigit():
            return int(text)
        return self.tables[name][text.lower().strip(". '").replace("-", " ")]


class Grammar:
    """Turns forms such as "{day} (?:of )?{month}" into rules."""

    def __init__(self, pieces: Mapping[str, str], flags: re.RegexFlag = re.NOFLAG) -> None:
        self.pieces = pieces
        self.flags = flags

    def pattern(self, form: str) -> re.Pattern[str]:
        """A form with its pieces filled in; pieces may hold pieces."""
        while (filled := _PIECE.sub(lambda found: self.pieces[found[1]], form)) != form:
            form = filled
        return re.compile(form, self.flags)

    def rule(self, form: str, read: Reader) -> Rule:
        """A rule for a form that stands by itself: no part of a word, sum or longer number."""
        return Rule(self.pattern(rf"(?<![\w/$€£#])(?<!\d[.,:])(?:{form})(?!\w)"), read)


_PIECE = re.compile(r"\{([a-z_]+)\}")


def one_of(words: Mapping[str, object] | Sequence[str]) -> str:
    """A pattern for any of the words; a space in them may be a hyphen."""
    longest_first = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(word).replace(r"\ ", "[ -]") for word in longest_first)


def group(name: str, words: Mapping[str, object] | Sequence[str]) -> str:
    """A named group for any of the words."""
    return f"(?P<{name}>{one_of(words)})"


def after_any(words: Sequence[str]) -> str:
    """A place that one of the words, with a space or hyphen, stands right before."""
    return "(?:" + "|".join(rf"(?<=\b{word}[ -])" for word in words) + ")"


def without_accents(text: str) -> str:
    """Lower case without accents, character for character."""
    return "".join(map(_bare, text))


def _bare(char: str) -> str:
    bare = unicodedata.normalize("NFD", char)[0].lower()
    return bare if len(bare) == 1 else char


ROMAN_NUMBERS: Table = {
    name: number
    for number, name in enumerate(
        [
            *("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii"),
            *("xiv", "xv", "xvi", "xvii", "xviii", "xix", "xx", "xxi"),
        ],
        1,
    )
}
"""Centuries, as Spanish and French count them."""
