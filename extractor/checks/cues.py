"""The cues of certainty and polarity that reach an event."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import regex

from extractor.checks.clauses import BARRIER, Clause
from extractor.checks.cue_words import CUES, DENIED, Sense
from extractor.checks.phrases import Phrases
from extractor.checks.verbs import verbs_in

CERTAINTIES = ("CT", "PR", "PS", "U")
POLARITIES = ("+", "-", "u")


@dataclass(frozen=True)
class Cue:
    """A cue at `clause.text[start:end]`."""

    start: int
    end: int
    sense: Sense


@cache
def _phrases(code: str) -> Phrases:
    """The cues of a language, in the order of `CUES`, compiled when they are first asked for:
    that takes a while."""
    words = (rf"(?i)(?<![\p{{L}}-])(?:{each})(?![\p{{L}}-])" for _, each in CUES[code])
    return Phrases(*map(regex.compile, words))


_ADVERBS = regex.compile(
    r"(?i)(?:apparently|probably|possibly|perhaps|maybe|presumably|likely|allegedly|reportedly|"
    r"seemingly|"
    r"wahrscheinlich|vermutlich|möglicherweise|vielleicht|offenbar|angeblich|wohl|mutmaßlich|"
    r"probablement|peut-être|apparemment|sans doute|vraisemblablement|probablemente|"
    r"posiblemente|quizás?|tal vez|al parecer|supuestamente)"
)
_ADJECTIVE = regex.compile(
    r"(?i)(?:\b(?:the|an?|its|his|her|their|two|three|several|some|other|more|any|every|der|"
    r"die|das|den|dem|ein\w*|le|la|les|un|une|des|el|los|las|una|unos)\s)\Z"
)


# A pure function: certainty and polarity are asked of the same event.
@lru_cache(maxsize=8)
def cues_of(clause: Clause) -> tuple[Cue, ...]:
    """The cues that govern the event of a clause, in order; of overlapping ones the first kind."""
    found: list[Cue] = []
    for number, match in _phrases(clause.language).matches(clause.text):
        start, end = match.span()
        if not any(start < other.end and other.start < end for other in found):
            found.append(Cue(start, end, CUES[clause.language][number][0]))
    if not found:
        return ()
    verbal = any(
        not verb.weak or verb.tenses == {"PAST"}
        for verb in verbs_in(clause.text, clause.language)
        if verb.start < clause.end and clause.at < verb.end
    )
    is_cue = any(cue.start < clause.end and clause.at < cue.end for cue in found)
    governing = (cue for cue in found if _governs(clause, cue, is_cue=is_cue, verbal=verbal))
    return tuple(sorted(governing, key=lambda cue: cue.start))


def _governs(clause: Clause, cue: Cue, *, is_cue: bool, verbal: bool) -> bool:
    """Whether a cue reaches the event: in it, before it, or as what is said of it behind.

    `is_cue` says that the quotation has a cue of its own, so that what follows is its content;
    `verbal` that the event is a verb, of which only adverbs and denials can stand behind.
    """
    barrier = BARRIER[clause.language]
    text = clause.text
    if cue.start < clause.end and clause.at < cue.end:
        return True
    if cue.end <= clause.at:
        between = text[cue.end : clause.at]
        if verbal and _ADJECTIVE.search(text[: cue.start]) and len(between.split()) < 4:
            return False  # the likely next premier signed
        if verbal and _RELATIVE.search(text[: cue.start]) and _FINITE.match(text, clause.at):
            return False  # a judge who may have known was found
        return not barrier.search(between)
    if is_cue:
        return True
    behind = text[clause.end : cue.start]
    if verbal and not (_ADVERBS.fullmatch(text[cue.start : cue.end]) or cue.sense is DENIED):
        return False
    if verbal and _ADJECTIVE.search(text[: cue.start]):
        return False
    return not barrier.search(behind) and not _JOINED.search(behind)


_RELATIVE = regex.compile(r"(?i)\b(?:who|which)\s\Z")
_FINITE = regex.compile(r"(?i)(?:was|were|is|are|has|had)\b")
_JOINED = regex.compile(r"(?i)\b(?:and|or|und|oder|et|ou|y|o)\b")
