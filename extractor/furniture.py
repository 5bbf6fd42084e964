"""Page furniture: lines of an article's page that are not its text.

Captions, credits, bylines and links come along when a page is copied, with days, places and
people of their own. A line is furniture when it bears one of the marks that pages use
for it; the marks are few and plain, so that no sentence of a report is taken for one.

Each line is judged by itself, so that it is the same in every window of a long text. What
takes its neighbours to tell stays: comments, and the titles under "Related stories".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import regex

from extractor.instructions import TEXTS_HELD, instructions, merged

_NAME = r"(?:(?:\p{Lu}\.)++|[\p{Lu}\p{Lo}@][\p{L}\p{M}\p{N}_'’\-]*+)"
_NAMES = rf"""(?:{_NAME}(?:(?:\s*[/,;&|+–—]\s*|\s+)(?:{_NAME}
    |(?:and|for|of|the|via|in|at|by|und|für|et|pour|y|e|para|de|del|des|du|da|di|la|le|van|von|der
    |den|bin|al|el|additional|reporting|writing|editing|handout|file|archive)\b|\d{{4}}\b)){{0,20}}+)"""
"""Names and what joins them; any other word in small letters would make it a sentence."""
_DAYS = r"""(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June
    |July|August|September|October|November|December)\b"""
_SHORT_DAYS = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?"
_NETWORK = r"(?:Facebook|Twitter|X|Instagram|WhatsApp|Telegram|TikTok|YouTube|LinkedIn)"
_BUTTON = rf"""(?i:share|share\ on\ {_NETWORK}|tweet|{_NETWORK}|e-?mail|print|save
    |(?:\d+\ )?comments?|unsubscribe)"""

_ENDS = (
    r"\b(?:File|Handout|Archive|Courtesy|License)\ [Pp]hoto[\s)|]*$",
    r"\b(?:FILE|HANDOUT|ARCHIVE|COURTESY|LICENSE)\ PHOTO[\s)|]*$",
    rf"""\b(?:Photo|Photograph|Picture|Image|Foto)s?\s*
    (?::|/|by\b|courtesy(?:\ of)?\b|credit\b:?)\s*©?\s*(?:{_NAMES}|handout|privat)[\s)|]*$""",
    r"""\((?i:(?:file|handout|archive)\ photo|(?:photo|picture|image|foto)
    (?:\s*[:/]|\ (?:by|courtesy|credit)\b)[^()]*)\)\W*$""",
    r"(?:^|[.!?/|(–—]|\bvia\b)\s*(?:Getty\ Images|Shutterstock)[\s)|]*$",
    r"(?:^|[.!?|·•–—]\s*)Unsubscribe(?:\ here)?[\s)|]*$",
)
"""How a line ends: credits behind their captions, the way out of a newsletter."""

_WHOLES = (
    # who wrote it, when, and whose it is
    rf"""By(?!.*\b(?i:{_DAYS}|(?:morning|noon|evening|night|eve|year|century)\b))
    \s+{_NAME}(?:\s+(?:(?:d[aei]|la|van|von|der|bin|al)\s+){{0,2}}{_NAME}){{1,3}}$""",
    rf"\((?:Additional\ r|R)eporting\ by\s+{_NAMES}\.?\)$",
    rf"\((?:Writing|Editing|Compiled|Translated)\ by\s+{_NAMES}\.?\)$",
    rf"""(?:Last\ [Uu]pdated|Updated|UPDATED)(?=\D*\d)\s*:?
    (?:[\s,|]+(?:(?i:at|on|{_DAYS}|{_SHORT_DAYS}|[ap]\.?m\.?)|\d[\d:./\-]*(?:st|nd|rd|th|[ap]m)?
    |[A-Z]{{2,4}})(?=[\s,|]|$)){{1,12}}+$""",
    rf"(?:Copyright\s*)?©\s*(?:\d{{4}}(?:\s*[-–]\s*\d{{4}})?,?\s*)?{_NAMES}?\.?$",
    r"(?:Copyright\b|©)[^!?\"“”]{0,100}\b[Aa]ll\ rights\ reserved\.?$",
    # what to do next
    rf"{_BUTTON}(?:\s*[|·•]\s*{_BUTTON})+$",
    rf"""Follow\s+(?:us|{_NAME}(?:\s+{_NAME}){{0,3}})\s+(?:on\s+{_NETWORK}(?:\s+@\w+)?
    |for\ [^,;:"“”]{{0,40}}\b(?:news|updates|stories|headlines|latest)\b[^,;:"“”]{{0,30}})\.?$""",
    r"""(?:Sign\ up\ (?:for|to)|Subscribe\ to)\b[^"“”]{0,60}
    \b(?:newsletters?|letter|e-?mails?|alerts|updates|briefing)(?:\ (?:here|now|today))?[.!]?$""",
    r"Tags?\s*:\s*[\w#'’&\-]+(?:\ [\w'’&\-]+){0,2}(?:,\s*[\w#'’&\-]+(?:\ [\w'’&\-]+){0,2})*$",
    r"""[^\w"“”„«»‘’']*(?i:read\ (?:more|also|next)|see\ also|also\ read|watch|file\ photo
    |related(?:\ (?:stor(?:y|ies)|articles?|links?|news|content|topics?|coverage|posts?|videos?))?
    |share\ this(?:\ \w+)?|share\ on\ \w+|more\ on\ this(?:\ \w+)?|recommended|advertisement
    |subscribe|sign\ up|follow\ us|click\ here|видео\ по\ теме|фото|читайте\ также
    |lesen\ sie\ auch|lire\ aussi|lea\ también)(?:\s*:|[^\w"“”„«»‘’']*$)""",
)
"""What a whole line is."""


def _any_of(marks: tuple[str, ...]) -> regex.Pattern[str]:
    return regex.compile("|".join(f"(?:{mark})" for mark in marks), regex.VERBOSE)


_END, _WHOLE = _any_of(_ENDS), _any_of(_WHOLES)
_IN_ENDS = ("oto", "cture", "mage", "tterst", "nsubscr")
"""Each of `_ENDS` holds one of these, in small letters: most lines need no closer look. Where
case makes no difference to it, these letters are ASCII in both cases (an i or a k is not)."""
_LONGEST = 400
"""A line of more characters is text, whatever it bears."""
_HELD = 20_000


def furniture(text: str) -> tuple[tuple[int, int], ...]:
    """The lines that are page furniture, as places in the text, in order."""
    return _furniture_held(text) if len(text) <= _HELD else _furniture(text)


# A pure function: the prompt, the index of the text and the record's problems ask for it.
@lru_cache(maxsize=TEXTS_HELD)
def _furniture_held(text: str) -> tuple[tuple[int, int], ...]:
    return _furniture(text)


def _furniture(text: str) -> tuple[tuple[int, int], ...]:
    small = text.lower()
    ends = [part for part in _IN_ENDS if part in small]
    found = []
    start = 0
    for line in text.splitlines(keepends=True):
        if len(line) <= _LONGEST and _is_furniture(line.strip(), ends):
            found.append((start, start + len(line)))
        start += len(line)
    return tuple(found)


def _is_furniture(line: str, ends: Sequence[str]) -> bool:
    """Whether a line is furniture; `ends` are those of `_IN_ENDS` that its text has."""
    if _WHOLE.match(line):
        return True
    small = line.lower() if ends else ""
    return any(part in small for part in ends) and bool(_END.search(line))


def withheld(text: str) -> tuple[tuple[int, int], ...]:
    """What is no report and is kept from models, as places in the text, in order: the page
    furniture, and instructions to whoever processes the text."""
    lines, orders = furniture(text), instructions(text)
    return merged((*lines, *orders)) if orders else lines


WITHHELD = {
    "furniture": "page furniture (a caption or a link)",
    "instruction": "an instruction to whoever processes the article",
}
"""What is withheld, by the codes of problems with words that stand in it."""


def withheld_as(text: str, place: tuple[int, int]) -> str:
    """The code of what holds a place that is withheld."""
    inside = any(start <= place[0] < end for start, end in instructions(text))
    return "instruction" if inside else "furniture"


def report(text: str) -> tuple[tuple[int, int], ...]:
    """What stands between all that is withheld, as places in the text, in order."""
    found = []
    done = 0
    for start, end in (*withheld(text), (len(text), len(text))):
        if start > done:
            found.append((done, start))
        done = end
    return tuple(found)


def as_shown(text: str) -> str:
    """The text as its report alone; offsets into it are not offsets into `text`."""
    return "".join(text[start:end] for start, end in report(text))
