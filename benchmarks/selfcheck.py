"""Whether a case is what it claims to be, by a naive search that knows nothing of `extractor`.

A text is taken apart into units: words, numbers, single characters of scripts that do not
separate words, and whatever else a reader sees as one thing. A quotation stands where its
units follow one another in the text.
"""

from __future__ import annotations

import html
import unicodedata
from functools import lru_cache

import regex

from benchmarks.cases import Case

_DROPPED = regex.compile(
    r"[\u00ad\u200b\u200c\u200e\u200f\u061c\u2060\ufeff\u202a-\u202e\u2066-\u2069]"
)
_JOINER_IN_WORD = regex.compile(r"(?<=\p{L})\u200d(?=\p{L})")
_BROKEN = regex.compile(r"(?<=\p{L})[-‐]\r?\n[ \t]*(?=\p{Ll})")
_SAME = str.maketrans(
    dict.fromkeys("‘’‚‛′", "'")
    | dict.fromkeys("“”„‟«»″", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | {"…": "..."}
)
_PLAIN = regex.compile(r"[ﬀ-ﬆ！-～]")
_UNIT = regex.compile(
    r"(?:(?<![^\s(])-)?\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)"
    r"|(?:(?<![^\s(])-)?\d+(?:[.,:/]\d+)*\p{No}*(?!\ufe0f?\u20e3)(?:(?![\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}])\w)*"
    r"|\p{L}[\p{L}\p{M}]*'t\b"
    r"|[\p{Han}\p{Hiragana}\p{Katakana}]\p{M}*"
    r"|(?:\p{Thai}(?<=\p{L}))\p{M}*"
    r"|(?:(?![\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}])[\w\p{M}\p{No}])+"
    r"|\X"
)
_SAYS_SOMETHING = regex.compile(r"[\p{L}\p{N}\p{So}]|\p{Emoji_Presentation}")
_HANGUL = regex.compile(r"\p{Hangul}")
_SPACE_IN_NUMBER = regex.compile(r"[ \u00a0\u202f]")


def units(text: str, *, fold_case: bool = False) -> list[str]:
    """What a reader sees, one by one; a word broken at a line end counts as one word."""
    return _units(_BROKEN.sub("", html.unescape(text)), fold_case)


def readings(text: str, *, fold_case: bool = False) -> list[list[str]]:
    """The units; and again where a hyphen at a line end may as well belong to the word."""
    plain = html.unescape(text)
    broken, kept = _BROKEN.sub("", plain), _BROKEN.sub("-", plain)
    return [_units(each, fold_case) for each in dict.fromkeys((broken, kept))]


def _units(plain: str, fold_case: bool) -> list[str]:
    plain = _JOINER_IN_WORD.sub("", _DROPPED.sub("", plain))
    plain = _PLAIN.sub(lambda match: unicodedata.normalize("NFKC", match[0]), plain)
    plain = unicodedata.normalize("NFC", plain).translate(_SAME)
    found = [_SPACE_IN_NUMBER.sub(" ", each) for each in _UNIT.findall(plain) if each.strip()]
    return [each.casefold() for each in found] if fold_case else found


@lru_cache(maxsize=256)
def _joined(text: str, fold_case: bool) -> tuple[str, ...]:
    return tuple(_between_zeros(each) for each in readings(text, fold_case=fold_case))


def _between_zeros(each: list[str]) -> str:
    return "\0" + "\0".join(each) + "\0"


def count(text: str, quote: str, *, fold_case: bool = False) -> int:
    """In how many places the units of the quotation follow one another in the text."""
    needle = _between_zeros(units(quote, fold_case=fold_case))
    return max(_overlapping(each, needle) for each in _joined(text, fold_case))


def _overlapping(haystack: str, needle: str) -> int:
    places, at = 0, haystack.find(needle)
    while at >= 0:
        places, at = places + 1, haystack.find(needle, at + 1)
    return places


def complaint(case: Case) -> str | None:
    """What is wrong with the case, or None.

    One that is to be found has the same units at the expected place and at no other; one that
    is to be refused has its units nowhere. Where several pieces are to be refused, each of them
    may stand in the text: that they do not stand so is the generator's own business.
    """
    if case.quote != case.quote.strip() or not _SAYS_SOMETHING.search(case.quote):
        return "nothing is quoted, or white space"
    if case.expected:
        return _not_found(case)
    if not case.pieces and count(case.text, case.quote, fold_case=case.fold_case):
        return "it is to be refused, and it stands in the text"
    return None


def _runs(text: str, quote: str) -> int:
    return unicodedata.normalize("NFC", text).count(unicodedata.normalize("NFC", quote))


def _not_found(case: Case) -> str | None:
    places = [case.text[start:end] for start, end in case.expected]
    parts = case.parts * len(places) if case.ambiguous else case.parts
    if len(places) != len(parts):
        return "pieces and expected spans differ in number"
    for piece, place in zip(parts, places, strict=True):
        wanted = units(piece, fold_case=case.fold_case)
        if wanted not in readings(place, fold_case=case.fold_case):
            return f"{piece!r} is not what stands at the expected place: {place!r}"
    if len(case.quotes) > 1 and not case.ambiguous:
        return None  # the other quotations tell the places apart
    wanted_places = len(places) if case.ambiguous else 1
    if _HANGUL.search(case.quote) and _runs(case.text, case.quote) > 1:
        return "whether a particle belongs to the word is not ours to say"
    for piece in case.parts:
        if count(case.text, piece, fold_case=case.fold_case) != wanted_places:
            return f"{piece!r} does not stand in {wanted_places} places"
    return None
