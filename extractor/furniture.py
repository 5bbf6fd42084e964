"""Page furniture: lines of an article's page that are not its text.

Captions, photo credits and links come along when a page is copied, with days, places and
people of their own. A line is furniture when it bears one of the marks that pages use
for it; the marks are few and plain, so that no sentence of a report is taken for one.
"""

from __future__ import annotations

import re

_MARKS = re.compile(
    r"""
    (?i:\b(?:file|handout|archive|courtesy|license)\ photo)\W*$
    | \b(?:Photo|Photograph|Picture|Image)s?\ ?(?::|by\b|courtesy\b|credit\b|/)[^.!?]{0,80}$
    | \((?i:photo|picture|image|file\ photo)\b[^)]*\)\W*$
    | \b(?:Getty\ Images|Shutterstock)\W*$
    | ^\W*(?i:read\ (?:more|also|next)|see\ also|also\ read|watch|related(?:\ \w+)?
      |share\ this(?:\ \w+)?|more\ on\ this(?:\ \w+)?|recommended|advertisement|subscribe
      |sign\ up|follow\ us|click\ here|видео\ по\ теме|фото|читайте\ также
      |lesen\ sie\ auch|lire\ aussi|lea\ también)(?:\s*:|\W*$)
    """,
    re.VERBOSE,
)
_LONGEST = 400
"""A line of more characters is text, whatever it bears."""


def furniture(text: str) -> tuple[tuple[int, int], ...]:
    """The lines that are page furniture, as places in the text, in order."""
    found = []
    start = 0
    for line in text.splitlines(keepends=True):
        if len(line) <= _LONGEST and _MARKS.search(line.strip()):
            found.append((start, start + len(line)))
        start += len(line)
    return tuple(found)


def without_furniture(text: str) -> str:
    """The text as its report alone; offsets into it are not offsets into `text`."""
    parts = []
    done = 0
    for start, end in furniture(text):
        parts.append(text[done:start])
        done = end
    return "".join([*parts, text[done:]])
