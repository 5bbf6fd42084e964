"""Characters that say the same in another typeface, width or presentation.

What is listed here is evened out when quotations are compared. Superscripts, fractions,
circled and Roman numerals are not: 10² is not 102, and ½ is not 1/2.
"""

from __future__ import annotations

import unicodedata

_SINGLE_MARKS = "\u2018\u2019\u201a\u201b\u2032\u02bb\u02bc\u00b4`\u2039\u203a\u05f3\u275b\u275c"
_DOUBLE_MARKS = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u301d\u301e\u301f\u05f4\u275d\u275e"
_DASHES = (
    "-\u058a\u05be\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u2e3b"
    "\ufe31\ufe32\ufe58\ufe63\uff0d"
)
_SIGNS = {
    **dict.fromkeys(_SINGLE_MARKS, "'"),
    **dict.fromkeys(_DOUBLE_MARKS, '"'),
    **dict.fromkeys(_DASHES[1:], "-"),
    "\u2026": "...",
    "\u22ef": "...",
    "\u301c": "~",
}
_COMPATIBLE = (
    *("\u00b5\u00b5", "\u0132\u0133", "\u0149\u0149", "\u017f\u017f", "\u01c4\u01cc"),
    *("\u01f1\u01f3", "\u1e9b\u1e9b", "\u2024\u2025"),
    "\u2100\u214f",  # letter-like signs: № and ℃
    "\u2f00\u2fdf",  # Kangxi radicals
    "\u3300\u33ff",  # units in a square
    "\ufb00\ufdff",  # ligatures, Hebrew and Arabic presentation forms
    *("\ufe10\ufe6f", "\ufe70\ufefc"),  # vertical and small forms, Arabic again
    *("\uff01\uff9d", "\uffe0\uffee"),  # full and half width
    "\U0001d400\U0001d7ff",  # mathematical alphabets
)
# Half-width sound marks, which join the kana before them.
_SOUND_MARKS = {"\uff9e": "\u3099", "\uff9f": "\u309a"}


def _plain_forms() -> dict[str, str]:
    """Of each compatible character that is no number of its own kind, the plain form."""
    signs = str.maketrans(_SIGNS)
    forms: dict[str, str] = {}
    for ends in _COMPATIBLE:
        for char in map(chr, range(ord(ends[0]), ord(ends[1]) + 1)):
            plain = unicodedata.normalize("NFKC", char)
            kind = unicodedata.category(char)
            other_number = kind != "Nd" and any(map(_is_number, plain))
            if plain != char and not other_number and not _needs_more(plain[0]):
                forms[char] = plain.translate(signs)
    return forms


def _is_number(char: str) -> bool:
    return unicodedata.category(char)[0] == "N"


def _needs_more(first: str) -> bool:
    """Whether a form is a mark, alone or on a blank, and not a character of its own."""
    return first.isspace() or unicodedata.category(first)[0] == "M"


PLAIN = {**_plain_forms(), **_SIGNS, **_SOUND_MARKS}
"""Of each character that is evened out, what it becomes; never white space at its ends."""
LONGER = "".join(map("-".join, _COMPATIBLE)) + "\u2026\u22ef"
"""The inside of a class of characters that holds all others of `PLAIN`, and more."""
