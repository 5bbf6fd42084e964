"""What kind of incident the words that name it say: the types of the MUC-4 template (1992).

English words alone; other languages stay unresolved.
"""

from __future__ import annotations

import re

from extractor.resolve.words import Resolution, Words


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
