"""The tense of an event against its verb and the time that is said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import regex

from extractor.checks.claim import Claim
from extractor.checks.clauses import Clause, clause_of
from extractor.checks.verbs import Verb, verbs_in
from extractor.resolve.times import resolve_time

TENSES = frozenset({"PAST", "PRESENT", "FUTURE", "UNSPECIFIED"})
_SAYING = regex.compile(
    r"(?i)\b(?:said|says|told|reported|announced|added|confirmed|denied|claimed|stated|"
    r"according|sagte\w*|"
    r"teilte\w*|erklärte\w*|berichtete\w*|kündigte\w*|a (?:dit|déclaré|annoncé|affirmé|"
    r"indiqué)|selon|dijo|"
    r"anunció|informó|declaró|afirmó|aseguró)\b"
)


def check_tense(claim: Claim) -> str | None:
    """Whether the tense of an event (ACE 5.4.3) is that of its verb.

    Proves that the verb of the event, or the one that the event's noun goes with, can have
    the tense: PAST ("met", "has met"), PRESENT ("are meeting"), FUTURE ("will meet", "is to
    meet", "said it would meet", and "meets" with a day to come), UNSPECIFIED (no more than
    may or should). Leaves open what it finds no verb for, headlines without one for example.
    """
    tense = str(claim.value).upper()
    if tense not in TENSES:
        return f"{claim.value!r} is no tense; it is one of {', '.join(sorted(TENSES))}"
    clause = clause_of(claim)
    allowed = tenses_of(clause, claim.anchor)
    if not allowed or tense in allowed:
        return None
    shown = " or ".join(sorted(allowed))
    return f"{claim.quote!r} is {shown} in {clause.text.strip()!r}, not {tense}"


def tense_of_time(claim: Claim) -> tuple[str | None, ...]:
    """The tenses (ACE) that a quotation of time may be read with, by the verbs around it."""
    if claim.context == claim.quote:
        return ("PAST", "FUTURE")
    allowed = tenses_of(clause_of(claim), None)
    if allowed == {"PAST"}:
        return ("PAST",)
    return ("FUTURE",) if allowed == {"FUTURE"} else ("PAST", "FUTURE")


def tenses_of(clause: Clause, anchor: date | None) -> frozenset[str]:
    """The tenses that the event of a clause can have; empty when nothing tells."""
    found = verbs_in(clause.text, clause.language)
    verb = _of_event(clause, found)
    if verb is None:
        return frozenset()
    tenses = verb.tenses
    words = clause.text[verb.start : verb.end]
    if verb.weak and _INFINITIVE.match(words):
        strong = [one for one in found if not one.weak and one.end <= verb.start]
        return tenses.union(*(one.tenses for one in strong))
    own = _OF_PLANNING.match(words) if clause.at <= verb.start + 1 else None
    if own and tenses == {"FUTURE", "UNSPECIFIED"}:
        return tenses | {"PAST" if own[1].endswith("d") else "PRESENT"}
    if "PRESENT" in tenses and _is_ahead(clause, anchor):
        return tenses | {"FUTURE"} if _STATE.match(words) else (tenses - {"PRESENT"}) | {"FUTURE"}
    if verb.weak and tenses == {"PRESENT"} and not _ENDS.search(clause.sentence):
        tenses = tenses | {"PAST", "FUTURE"}  # headlines
    if tenses == {"FUTURE", "UNSPECIFIED"} and _SAYING.search(
        clause.text[: verb.start] + clause.opening
    ):
        return frozenset({"FUTURE"})
    return tenses


_OF_PLANNING = regex.compile(r"(?!would|may|might|could|can|should|must)(\p{L}+) .*\bto ")
_INFINITIVE = regex.compile(r"to\b")
_ENDS = regex.compile(r"[.!?]\W*\Z")
_STATE = regex.compile(
    r"(?i)(?:remain|continu|keep|lie|has|have|stay|ist|sind|bleib|dauer|est|sont|reste|sigue|"
    r"está|es|son)"
)


def _of_event(clause: Clause, found: Sequence[Verb]) -> Verb | None:
    """The verb that the event is, or that its noun goes with."""
    inside = [verb for verb in found if verb.start < clause.end and clause.at < verb.end]
    strong = [verb for verb in inside if not verb.weak]
    if strong or (inside and "PRESENT" not in inside[0].tenses):
        return (strong or inside)[0]
    strong = [verb for verb in found if not verb.weak and not _is_saying(clause, verb)]
    before = [verb for verb in strong if verb.end <= clause.at]
    after = [verb for verb in strong if verb.start >= clause.end]
    if after and _is_subject(clause, before, after[0]):
        return after[0]
    if inside and inside[0].weak and not (before and _is_object(clause, before[-1])):
        return inside[0]
    if before:
        return before[-1]
    if after:
        return after[0]
    weak = [verb for verb in found if not _is_saying(clause, verb)]
    return min(weak, key=lambda verb: _distance(clause, verb), default=None)


def _is_object(clause: Clause, verb: Verb) -> bool:
    """Whether only a noun phrase can stand between a verb and the event: held talks."""
    between = clause.text[verb.end : clause.at].split()
    return len(between) <= 4 and not any(
        word.lower() in {"that", "who", "which"} for word in between
    )


def _distance(clause: Clause, verb: Verb) -> int:
    return clause.at - verb.end if verb.end <= clause.at else verb.start - clause.end


def _is_saying(clause: Clause, verb: Verb) -> bool:
    return _SAYING.search(clause.text[verb.start : verb.end]) is not None


_JOINS = regex.compile(r"(?i)\b(?:that|dass|que|and|und|et|y|when|as|,)\b")
_PARTS = regex.compile(r"(?i)\b(?:and|to|who|which|that)\b")
_LINK = regex.compile(r"(?i)(?:[\p{L}\d'-]+ ?){0,8}")


def _is_subject(clause: Clause, before: Sequence[Verb], after: Verb) -> bool:
    """Whether the verb behind is the noun's own: "the attack killed six"."""
    gap = clause.text[clause.end : after.start].strip()
    if before and not _SAYING.search(clause.text[: before[-1].end]):
        between = clause.text[before[-1].end : clause.at]
        if not _JOINS.search(between):
            return False
    return len(gap.split()) <= 8 and not _PARTS.search(gap)


_DAYS_AND_MONTHS = (
    r"(?-i:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:Mon|Diens|Donners|Frei|Sams|Sonn)tag|"
    r"Mittwoch|"
    r"January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Januar|Februar|"
    r"März|Mai|Juni|Juli|Oktober|Dezember|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    r"janvier|février|"
    r"mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|lunes|martes|"
    r"miércoles|jueves|"
    r"viernes|sábado|domingo|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|"
    r"octubre|noviembre|diciembre)"
)
_TIMES = regex.compile(
    r"(?i)\b(?:tomorrow|next (?:week|month|year|spring|summer|autumn|fall|winter|\p{Lu}\p{L}+)|"
    r"later this \p{L}+|coming \p{L}+|morgen|nächste\w* \p{L}+|"
    r"kommende\w* \p{L}+|demain|(?:semaine|mois|année) prochaine?|(?:lundi|mardi|mercredi|"
    r"jeudi|vendredi|samedi|dimanche) prochain|mañana|próxim[oa]s? \p{L}+|"
    r"(?:(?:on|am|le|el|this|in|im|en) )?(?:\d{1,2}\.? (?:de )?)?"
    rf"(?:{_DAYS_AND_MONTHS})\b(?: \d{{1,2}}\b)?(?: (?:de )?\d{{4}})?)"
)


_UNTIL = regex.compile(
    r"(?i)\b(?:until|till|through|since|bis|seit|jusqu\p{L}*'?|depuis|hasta|desde)\s?(?:zum |"
    r"au |el |le )?\Z"
)


_AHEAD = regex.compile(
    r"(?i)tomorrow|next|later|coming|morgen|nächst|kommend|demain|prochain|mañana|próxim"
)


def _is_ahead(clause: Clause, anchor: date | None) -> bool:
    """Whether a time in the clause can lie after the day of publication."""
    for match in _TIMES.finditer(clause.text):
        words = match.group()
        if _UNTIL.search(clause.text[: match.start()]):
            continue
        explicit = _AHEAD.search(words) is not None
        if anchor is None:
            return explicit
        found = resolve_time(words, anchor, "FUTURE", clause.language)
        if found.earliest and found.earliest > anchor.isoformat():
            return True
        if found.reason and explicit:
            return True
    return False
