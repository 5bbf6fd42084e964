"""The country that a participant of an event belongs to, as the article says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from extractor.grounding import SourceIndex, source_index
from extractor.resolve.countries import settle
from extractor.resolve.gazetteer import Mention, mentions, words_before
from extractor.resolve.nations import HALVES, PERSONAL
from extractor.resolve.roles import LINKS, belongs, is_role
from extractor.resolve.words import Place, Resolution, Words
from extractor.text import comparable

_BEFORE = 120
_AFTER = 160
_MOST_WORDS = 6


def country_of_participant(words: Words) -> Resolution:
    """Resolver `country.of_participant`: ISO 3166-1 alpha-3, or XKX for Kosovo.

    The name may say it itself ("South Korean media", "the Kremlin"). Otherwise what stands
    beside its mentions does: "North Korean leader Kim", "Kim, the leader of North Korea,".
    Those words are the places of the result. Nothing is known that the article does not say.
    """
    name = comparable(words.quote).text.strip(" ")
    own = _in_the_name(name, words.article.text)
    said = settle(own, words.article.text)
    if said.value is not None or any(mention.code for mention in own):
        return said
    votes: dict[str, list[Place]] = {}
    for code, place in _beside(name, source_index(words.article.text)):
        votes.setdefault(code, []).append(place)
    if len(votes) > 1:
        return Resolution(None, reason=f"{name!r} is said to be of {' and '.join(sorted(votes))}")
    for code, places in votes.items():
        return Resolution(code, tuple(places))
    return said


# ------------------------------------------------------------------ in the name itself

_CAPITALISED_BEFORE = regex.compile(r"(\p{Lu}[\p{L}\p{M}.-]*)[ -]\Z")
_CAPITALISED_AFTER = regex.compile(r"[ -](\p{Lu}[\p{L}\p{M}.-]*)")
_ELSEWHERE = regex.compile(r"\b(?:to|for|in|at|with|against|on)\s+(?:the\s+)?\Z")


def _in_the_name(name: str, article: str) -> Sequence[Mention]:
    found = [mention for mention in mentions(name) if not _is_personal(name, mention)]
    if len(found) == 1 and found[0].key in PERSONAL and name == found[0].key:
        # Jordan alone may be a king's country, or short for a Jim Jordan of this article.
        for full in regex.finditer(rf"(\p{{Lu}}\p{{Ll}}+) {regex.escape(name)}\b", article):
            if _is_unknown_name(full[1]):
                return []
    here = [
        mention for mention in found if not _ELSEWHERE.search(words_before(name, mention.start))
    ]
    return here or found


def _is_personal(text: str, mention: Mention) -> bool:
    """Whether the mention is a part of a longer name: Paris Hilton, Michael Jordan."""
    if mention.name.kind not in {"city", "state", "region"} and mention.key not in PERSONAL:
        return False
    before = _CAPITALISED_BEFORE.search(words_before(text, mention.start))
    after = _CAPITALISED_AFTER.match(text, mention.end)
    return any(word and _is_unknown_name(word[1]) for word in (before, after))


def _is_unknown_name(word: str) -> bool:
    known = belongs(word) or mentions(word) or word in HALVES
    return not (known or word in {"In", "On", "At", "From", "Of", "And"})


# ------------------------------------------------------------------ beside its mentions


@dataclass(frozen=True)
class _Beside:
    """A country said beside a name, at `text[start:end]` of the folded article."""

    code: str
    start: int
    end: int


def _beside(name: str, index: SourceIndex) -> Iterator[tuple[str, Place]]:
    """Every country said beside a mention of the name in the same sentence, with its place."""
    if not name:
        return
    folded = index.folded.folded
    for hit in index.folded.hits(name):
        end = hit + len(name)
        rest = _REST_OF_NAME.match(folded.text, end)
        full = rest.end() if rest else end
        for found in (_left_of(folded.text, hit, full), _right_of(folded.text, full)):
            if found is None:
                continue
            place = folded.source_span(found.start, found.end)
            mention = folded.source_span(hit, end)
            if len({*index.sentences_of(place), *index.sentences_of(mention)}) == 1:
                yield found.code, place


_BETWEEN = regex.compile(
    r"(?P<possessive>'s?)?(?P<words>(?: [\p{L}\p{N}][\p{L}\p{M}\p{N}'.-]*+)*+)"
)
_ROLE_OF = regex.compile(r"(?P<role>[\p{L}-]+) of (?:the )?\Z")
_PREPOSITION = regex.compile(
    r"\b(?:to|for|in|at|with|against|on|from|between|into|by)\s+(?:the\s+)?\Z"
)
_REST_OF_NAME = regex.compile(r"(?:[ -]\p{Lu}[\p{L}\p{M}'-]*+)*+")


def _left_of(text: str, start: int, end: int) -> _Beside | None:
    """North Korean leader Kim; Russia's Putin; President of France X; the Russian minister, X,."""
    base = max(start - _BEFORE, 0)
    window = text[base:start]
    found = [m for m in mentions(window) if not _is_personal(window, m)]
    if not found or (mention := found[-1]).code is None or _is_half(window, found):
        return None
    between = window[mention.end :]
    in_commas = between.endswith(", ") and text[end : end + 1] == ","
    match = _BETWEEN.fullmatch(between.removesuffix(", " if in_commas else " "))
    if match is None or not between.endswith(" "):
        return None
    words = match["words"].split()
    begin = base + mention.start
    stop = start - (2 if in_commas else 1)
    if match["possessive"] or _is_adjective(window, mention):
        return _Beside(mention.code, begin, stop) if _binds(words, mention, in_commas) else None
    if words and not _PREPOSITION.search(window[: mention.start]):  # France coach X
        role = any(map(_is_office, words)) and _binds(words, mention, in_commas)
        return _Beside(mention.code, begin, stop) if role else None
    role_of = _ROLE_OF.search(window[: mention.start])
    if words or role_of is None or not is_role(role_of["role"]):
        return None
    return _Beside(mention.code, base + role_of.start(), stop)


def _is_half(window: str, found: Sequence[Mention]) -> bool:
    """Whether the last mention is the half of two: American-Israeli."""
    return len(found) > 1 and window[found[-2].end : found[-1].start] == "-"


def _is_adjective(window: str, mention: Mention) -> bool:
    """Whether the name stands for people or a government, or is short, as in US president."""
    return mention.name.kind in {"people", "seat"} or mention.key.isupper()


def _is_office(word: str) -> bool:
    return is_role(word, of_a_people=False)


def _binds(words: list[str], mention: Mention, in_commas: bool) -> bool:
    """Whether the words between a country and a name bind the one to the other."""
    if len(words) > _MOST_WORDS or (words and words[-1].lower() in LINKS):
        return False
    if not all(belongs(word) or (word[0].isupper() and "'" not in word) for word in words):
        return False
    of_a_people = mention.name.kind == "people"
    if in_commas:
        return bool(words) and is_role(words[-1], of_a_people=of_a_people)
    if any(is_role(word, of_a_people=of_a_people) for word in words):
        return True
    # The Russian Sergei Shoigu; Russia's Interfax.
    return len(words) <= 2 and all(word[0].isupper() for word in words)


_APPOSITION = regex.compile(
    r", (?:(?:the|an?) )?(?P<phrase>(?:[^,;:()!?\".]|\.(?=\p{L}|,| \p{Ll}))++)[,.;](?! and\b)"
)


def _right_of(text: str, end: int) -> _Beside | None:
    """Kim, the leader of North Korea, ...; Shoigu, Russia's defence minister, ..."""
    match = _APPOSITION.match(text, end, end + _AFTER)
    if match is None:
        return None
    phrase = match["phrase"]
    found = mentions(phrase)
    rest = phrase
    for mention in reversed(found):
        rest = rest[: mention.start] + rest[mention.end :].removeprefix("'s").removeprefix("'")
    words = rest.split()
    codes = {mention.code for mention in found}
    if len(codes) != 1 or not all(map(belongs, words)) or not any(map(is_role, words)):
        return None
    (code,) = codes
    start = match.start("phrase")
    return _Beside(code, start, start + len(phrase)) if code else None
