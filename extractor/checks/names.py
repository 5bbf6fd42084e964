"""A name against the words that name somebody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from extractor.checks.claim import Claim
from extractor.text import folded_text


def check_name(claim: Claim) -> str | None:
    """Whether each word of a name stands in the words, in order and as a whole word.

    Proves that no word of the name was added, changed or cut: case counts, typography and a
    possessive do not, and what stands between may be left out unless it leads to another
    name ("Ida Berg and Jon Renn" name no Ida Renn). An acronym needs to stand there itself.
    Cannot tell whom the name means, nor whether it is the whole name.
    """
    wanted = [word for word, _, _ in _words(folded_text(str(claim.value)))]
    if not wanted:
        return f"{claim.value!r} is no name"
    words = [Word(*each) for each in _words(claim.quote)]
    if _is_in_order(wanted, words, claim):
        return None
    known = {form for word in words for form in _forms(word.text, claim.language)}
    if foreign := [word for word in wanted if not known & set(_forms(word, claim.language))]:
        return f"{claim.value!r} is not the name in {claim.quote!r}: {foreign[0]!r} is not there"
    return f"{claim.value!r} is not the name in {claim.quote!r}: its words stand there apart"


@dataclass(frozen=True)
class Word:
    """A word of the quotation, at `text[start:end]`."""

    text: str
    start: int
    end: int


_WORD = regex.compile(r"(?:\p{L}\.){2,}|[\p{L}\p{M}\p{N}]+(?:['.&/-]+[\p{L}\p{M}\p{N}]+)*")
_NO_SPACES = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}]")


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    """The words; initials that stand together are one each, letters without spaces too."""
    for match in _WORD.finditer(text):
        if _NO_SPACES.search(match.group()):
            yield from (
                (c, match.start() + i, match.start() + i + 1) for i, c in enumerate(match.group())
            )
        elif regex.fullmatch(r"(?:\p{L}\.)+\p{L}?", match.group()):
            yield from (
                (letter.group(), match.start() + letter.start(), match.start() + letter.end())
                for letter in regex.finditer(r"\p{L}", match.group())
            )
        else:
            yield match.group(), match.start(), match.end()


_ELIDED = regex.compile(r"(?:[dljmnts]|qu)'(?=\p{L})")


def _forms(word: str, language: str) -> Iterator[str]:
    """A word without a possessive, or what is elided before it."""
    yield word
    for ending in ("'s", "'"):
        yield word.removesuffix(ending)
    if language.startswith("de") and word.endswith("s") and len(word) > 3:
        yield word[:-1]  # Bruhns Sprecher
    if match := _ELIDED.match(word):
        yield word[match.end() :]


def _is_in_order(wanted: Sequence[str], words: Sequence[Word], claim: Claim) -> bool:
    """Whether the words of the name are found one after the other, with nothing that parts them."""
    starts = [i for i, word in enumerate(words) if _same(wanted[0], word, claim)]
    return any(_goes_on(wanted[1:], words, at, claim) for at in starts)


def _goes_on(wanted: Sequence[str], words: Sequence[Word], at: int, claim: Claim) -> bool:
    if not wanted:
        return True
    return any(
        _goes_on(wanted[1:], words, i, claim)
        for i in range(at + 1, len(words))
        if _same(wanted[0], words[i], claim)
        and not _parts(claim.quote[words[at].end : words[i].start], words[at + 1 : i], wanted[0])
    )


def _same(wanted: str, word: Word, claim: Claim) -> bool:
    """Whether a word of the name is this one. An initial may stand for itself alone."""
    rest = claim.quote[word.end : word.end + 2]
    forms = {*_forms(word.text, claim.language)}
    if rest.startswith("'"):
        forms.add(f"{word.text}'")
    return bool(forms & {*_forms(wanted, "en")})


_AFTER_COMMA = regex.compile(r"(?:Jr|Sr|II|III|IV|Inc|Ltd|LLC|PhD|MP|MD)\b")
_APART_ROWS = """
and or with for to against but said who whose met by from as in on at vs oder und mit gegen sowie
et ou avec contre con contra y o e
"""
_APART = frozenset(_APART_ROWS.split())


def _parts(gap: str, between: Sequence[Word], following: str) -> bool:
    """Whether what was left out leads from one name to another."""
    if regex.search(r"'s?\s", gap) and between:
        return True
    if regex.search(r"[;:!?()/]", gap):
        return True
    if "," in gap and not _AFTER_COMMA.match(following):
        return True
    return any(word.text.lower() in _APART for word in between)
