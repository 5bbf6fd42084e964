"""What a field may say instead, where a check knows what kind of words belong there.

A small model that is told that its words are wrong tends to answer with others that are as
wrong. Of who took part, and of when, the text itself holds a short list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import regex

from extractor.resolve.gazetteer import mentions
from extractor.resolve.roles import belongs
from extractor.resolve.times import times_in
from extractor.text import flatten, folded_text

MOST = 12
"""How many are offered."""
_PARTICLES = r"(?:de|la|del|van|von|der|den|da|dos|bin|ibn|al|el)"
_CAPITALISED = r"(?:\p{Lu}\.|\p{Lu}[\p{L}\p{M}'’-]*\p{L})"
_RUN = regex.compile(rf"{_CAPITALISED}(?:[ ](?:{_PARTICLES}[ ])*{_CAPITALISED})+")
_WORD = regex.compile(r"[\p{L}\p{M}]+")


def offers(code: str, text: str, refused: Collection[str]) -> tuple[str, ...]:
    """Words of `text` that the check of a problem's code would take, in order, each once.

    For `contradicted.participant` names of more than one word, without what is said of them
    ("Foreign Minister"), of which no word is of those refused; for `contradicted.occasion`
    times other than those refused. None for other codes.
    """
    if code == "contradicted.participant":
        taken = {word for words in refused for word in _words(words)}
        found = (name for name in _names(text) if not taken & set(_words(name)))
    elif code == "contradicted.occasion":
        known = [set(_words(words)) for words in refused]
        found = (
            time
            for time in times_in(text)
            if not any(set(_words(time)) - _LINKS <= one for one in known)
        )
    else:
        return ()
    return tuple(dict.fromkeys(found))[:MOST]


def _words(text: str) -> list[str]:
    return _WORD.findall(folded_text(text).casefold())


def _names(text: str) -> Iterator[str]:
    for line in text.splitlines():
        for run in _RUN.finditer(flatten(line)):
            for part in _OF_SOMEBODY.split(run.group()):
                name = _bare(part.split(" "))
                if " " in name and not _is_place(name):
                    yield name


def _bare(words: list[str]) -> str:
    """A name without what is said of it before."""
    while words and (
        _is_said(words[0]) or (_INITIAL.fullmatch(words[0]) and any(map(_is_said, words[1:2])))
    ):
        if len(words) > 1 and _is_place(" ".join(words[:2])):
            break  # New York
        words = words[1:]
    return " ".join(words)


def _is_said(word: str) -> bool:
    return belongs(word) or word in _OPENING or bool(mentions(word))


def _is_place(name: str) -> bool:
    return any(found.start == 0 and found.end == len(name) for found in mentions(name))


_LINKS = {"on", "in", "at", "the", "of", "by", "for", "since", "until", "earlier", "later"}
_OF_SOMEBODY = regex.compile(r"['’]s(?: |\Z)")
_INITIAL = regex.compile(r"\p{Lu}\.")
_DAYS = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
_OPENING = _DAYS | {
    *("The", "A", "An", "On", "In", "At", "By", "For", "From", "To", "But", "And", "When"),
    *("While", "After", "Before", "If", "As", "That", "This", "Its", "His", "Her", "Their"),
    *("Mr", "Mrs", "Ms", "Dr", "Comrade", "Earlier", "Later", "Last", "Next", "Photo"),
}
