"""What kind of incident the words that name it say: the types of the MUC-4 template (1992).

English words alone; other languages stay unresolved.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from extractor.resolve.times import resolve_time
from extractor.resolve.words import Place, Resolution, Words
from extractor.text import folded_text, sentences

HISTORY = timedelta(days=365)
"""An act that is older than this when the report appears is not what it reports. (MUC-4 asked for
two months, but its answer keys go further back.)"""


def incident_type(words: Words) -> Resolution:
    """Resolver `incident.type`: attack, bombing, kidnapping, arson, robbery or forced work
    stoppage, by the trigger. The hints are the weapons: a killing with a bomb is a bombing, a
    killing that is called a shooting or a murder is an attack whatever else lies about."""
    for kind, named in _NAMED:
        if named.search(words.quote):
            return Resolution(kind)
    if not _VIOLENT.search(words.quote):
        return Resolution(None, reason=f"{words.quote!r} names no violence that is known here")
    is_blast = any(_EXPLOSIVE.search(hint) for hint in words.hints)
    return Resolution("bombing" if is_blast else "attack")


def incident_of_terror(words: Words) -> Resolution:
    """Resolver `incident.of_terror`: the type as of `incident.type`, or "none" for violence that
    is no incident in the sense of MUC-4.

    That is fighting among soldiers and rebels (by the sentence of the trigger, if nothing civil
    is destroyed elsewhere), and what the times among the hints date more than a year before the
    report. Words that name no kind of violence ("killed") have it from their sentence first,
    and from the weapons among the hints where it says nothing.
    """
    scene = _sentence(words.article.text, words.spans[0])
    if _is_history(words) or (_is_war(words, scene) and not _HARM.search(words.article.text)):
        return Resolution("none", spans=(scene,))
    found = incident_type(words)
    if found.value is None or any(named.search(words.quote) for _, named in _NAMED):
        return found
    text = words.article.text[slice(*scene)]
    is_blast, is_shooting = _BLAST.search(text), _SHOOTING.search(text)
    if bool(is_blast) == bool(is_shooting):
        return found
    return Resolution("bombing" if is_blast else "attack", spans=(scene,))


def _sentence(text: str, place: Place) -> Place:
    return next((each for each in sentences(text) if place[0] < each[1]), place)


def _is_history(words: Words) -> bool:
    """Whether a time among the hints lies long before the report; the latest of them decides."""
    day = words.article.published
    if day is None:
        return False
    times = (resolve_time(hint, day, language="en").latest for hint in words.hints)
    latest = max((date.fromisoformat(time) for time in times if time), default=day)
    return day - latest > HISTORY


def _is_war(words: Words, scene: Place) -> bool:
    """Whether only fighters were hit: right behind the trigger, or right before it as what was
    "killed", or a thing of theirs that forces hit."""
    start, end = words.spans[0]
    before = folded_text(words.article.text[scene[0] : start])
    so_far = folded_text(words.article.text[scene[0] : end])
    behind = folded_text(words.article.text[end : scene[1]])
    if _FIGHTERS_BEHIND.match(behind) or _FIGHTERS_BEFORE.search(so_far):
        return True
    return bool(_FORCES_BEFORE.search(before) and _OURS_BEHIND.match(behind))


def _any(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


_NAMED = tuple(
    (kind, _any(pattern))
    for kind, pattern in (
        ("kidnapping", r"kidnap\w*|abduct\w*|hostages?"),
        (
            "bombing",
            r"\w*bomb\w*|explo\w+|blew up|blow(?:n|ing)? up|blasts?|dynamit\w*|detonat\w*|set off"
            r"|went off|deactivated|defused",
        ),
        ("arson", r"burn\w*|set (?:\w+ ){0,3}(?:on )?fire|torch\w*|arson|ablaze"),
        ("robbery", r"robb\w*|loot\w*|stole\w*|h[eo]ld-?up"),
        ("forced work stoppage", r"(?:armed|forced) (?:strike|stoppage)s?|work stoppages?"),
        (
            "attack",
            r"murder\w*|assassinat\w*|shot|shoot\w*|opened fire|fired|stabb\w*|gunned"
            r"|execut(?:ed|ing|ions?)|massacr\w*|behead\w*|ambush\w*|machine-?gunn\w*|straf\w*",
        ),
    )
)
_VIOLENT = _any(
    r"attack\w*|kill\w*|slain|slaughter\w*|raid\w*|assault\w*|destroy\w*|derail\w*|sabotag\w*"
    r"|threaten\w*|wound\w*|injur\w*|hit|damag\w*|violence"
)
_EXPLOSIVE = _any(r"\w*bombs?|explosives?|dynamite|mines?|an-?fo|gelignite|tnt")
_BLAST = _any(r"\w*bombs?|explo\w+|dynamit\w*|blew up|blown up|mines?")
_SHOOTING = _any(r"shot|shoot\w*|gunned|machine-?gun\w*|stabb\w*|bullets?|rifles?")

_FIGHTERS = (
    r"(?:soldiers|soldier|troops|guerrillas?|rebels?|insurgents?|terrorists?|subversives?|contras?"
    r"|(?:military|army) (?:men|personnel|members)|servicem[ae]n|combatants?|fighters?|extremists?)"
)
_COUNT = (
    r"(?:(?:an?|the|at least|about|some|more than|up to|other|another|several|dozens of|many|two"
    r"|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d+|government|enemy|alleged"
    r"|presumed|suspected|leftist|armed|young|army) )"
)
_FIGHTERS_BEHIND = re.compile(rf" {_COUNT}{{0,3}}{_FIGHTERS}\b(?! and )", re.IGNORECASE)
_FIGHTERS_BEFORE = re.compile(
    rf"\b{_COUNT}{{1,3}}{_FIGHTERS}(?: and {_COUNT}{{1,3}}{_FIGHTERS})?"
    r" (?:was|were|have been|has been|had been) \S+(?: \S+)?$",
    re.IGNORECASE,
)
_FORCES_BEFORE = re.compile(
    r"\b(?:armed forces|army|navy|air force|troops|soldiers|battalion|brigade|gunboat|warship"
    r"|military|marines)(?: \w+)? $",
    re.IGNORECASE,
)
_OURS_BEHIND = re.compile(
    rf"(?: (?:at|on|upon))? (?:{_COUNT}|\w+ ){{0,2}}(?:naval|navy|army|military|warships?|gunboats?"
    rf"|battalion|brigade|{_FIGHTERS})\b",
    re.IGNORECASE,
)
_HARM = re.compile(
    r"\b(?:destroy(?:ed|ing)|damag(?:ed?|es|ing)|derailed|dynamited|blew\s+up|burn(?:ed|t)|set\s+fire"
    r"|attacked)\s(?:\S+\s+){0,9}?(?:installations?|trains?|\w*stations?|bridges?|pylons?|poles?"
    r"|towers?|pipelines?|bus(?:es)?|vehicles?|cars?|trucks?|houses?|homes?|buildings?|offices?"
    r"|church(?:es)?|schools?|banks?|hospitals?|control\s+room|power|plants?|factor(?:y|ies))\b",
    re.IGNORECASE,
)
