"""Quotations that stand in the text, written otherwise: each is to be found."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from random import Random

import regex

from benchmarks.carriers import Carriers
from benchmarks.cases import (
    Case,
    Edit,
    Span,
    around,
    found,
    lines,
    one_of,
    pick,
    requoted,
    rewritten,
)
from benchmarks.scripts import EMOJI, SEPARATED, UNSEPARATED

Maker = Callable[[Random, Carriers], Case | None]

_DOUBLE = regex.compile(r"[\"“”„«»]")
_APOSTROPHE = regex.compile(r"(?<=\p{L})['’](?=\p{L})")
_SINGLE = regex.compile(r"(?<!\p{L})['‘](?=\p{L})|(?<=\p{L}[.,]?)['’](?!\p{L})")
_DASH = regex.compile(r"[-‐‑–—―−]")
_SPACE = regex.compile(r"(?<=\S) (?=\S)")
_LETTERS = regex.compile(r"(?<=[A-Za-z])(?=[A-Za-z])")
_BETWEEN = regex.compile(r"(?<=\p{L})(?=\p{L})")
_WORD = regex.compile(r"\b\p{L}{2,}\p{Ll}{4,}\b")
_ASCII_WORD = regex.compile(r"(?<![\p{L}\p{M}])[A-Za-z]{4,}(?![\p{L}\p{M}])")
_LIGATURE = regex.compile("ffi|ffl|ff|fi|fl")
_LIGATURES = {"ffi": "ﬃ", "ffl": "ﬄ", "ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ"}
_PRINTED = regex.compile(r"[A-Za-z0-9]+")
_ENTITIES = {
    "&": ["&amp;", "&#38;"],
    "<": ["&lt;"],
    ">": ["&gt;"],
    '"': ["&quot;", "&#34;"],
    "'": ["&#39;", "&apos;"],
    "’": ["&rsquo;", "&#8217;", "&#x2019;"],
    "“": ["&ldquo;", "&#8220;"],
    "”": ["&rdquo;", "&#x201D;"],
    "–": ["&ndash;", "&#8211;"],
    "—": ["&mdash;"],
    "…": ["&hellip;"],
    "é": ["&eacute;", "&#233;"],
    "ö": ["&ouml;"],
    "ü": ["&uuml;"],
    "ä": ["&auml;"],
    "ñ": ["&ntilde;"],
    "í": ["&iacute;"],
}
_MARKS = "\u200e\u200f\u061c"
_EMBEDDINGS = "\u202a\u202b"  # ended by \u202c
_ISOLATES = "\u2066\u2067\u2068"  # ended by \u2069
_AFTER_FIGURE = regex.compile(r"(?<=\d)[億亿万千百十]")
_NEGATING = ("不", "未", "没", "无", "非", "ไม่")
_INVISIBLE = "\u200b\u2060\ufeff\u200c"


def _with(text: str, span: Span, pattern: regex.Pattern[str], new: Callable[[str], str]) -> str:
    """The words of the span with each match written as `new` says."""
    return pattern.sub(lambda match: new(match[0]), text[span[0] : span[1]])


def _edits(
    text: str,
    span: Span,
    pattern: regex.Pattern[str],
    new: Callable[[str], str],
    share: Callable[[], bool] = lambda: True,
) -> list[Edit]:
    """An edit for each match inside the span, and for some only where `share` says so."""
    return [
        Edit(match.start(), match.end(), new(match[0]))
        for match in pattern.finditer(text, *span)
        if share() and (match.start() != match.end() or span[0] < match.start() < span[1])
    ]


def _quoted_span(rng: Random, text: str, pattern: regex.Pattern[str]) -> Span | None:
    """A run of words that has a match of the pattern, now and then at its end."""
    match = one_of(rng, pattern, text)
    if match is None:
        return None
    return around(rng, text, match.span())


def on_either_side(
    pattern: regex.Pattern[str], new: Callable[[Random, str], str], *languages: str
) -> Maker:
    """What the pattern matches is written otherwise, in the quotation or in the text."""

    def make(rng: Random, carriers: Carriers) -> Case | None:
        text = carriers.of(rng, *languages).text
        span = _quoted_span(rng, text, pattern)
        if span is None:
            return None
        if rng.random() < 0.5:
            return requoted(text, span, _with(text, span, pattern, lambda old: new(rng, old)))
        return rewritten(text, span, _edits(text, span, pattern, lambda old: new(rng, old)))

    return make


def in_the_text(
    pattern: regex.Pattern[str], new: Callable[[Random, str], str], share: float = 1.0
) -> Maker:
    """What the pattern matches is written otherwise in the text."""

    def make(rng: Random, carriers: Carriers) -> Case | None:
        text = carriers.of(rng).text
        span = _quoted_span(rng, text, pattern)
        if span is None:
            return None
        edits = _edits(text, span, pattern, lambda old: new(rng, old), lambda: rng.random() < share)
        return rewritten(text, span, edits)

    return make


def any_of(choices: str) -> Callable[[Random, str], str]:
    return lambda rng, _old: rng.choice(choices)


def verbatim(rng: Random, carriers: Carriers) -> Case | None:
    text = carriers.of(rng).text
    span = pick(rng, text)
    return span and found(text, span)


def one_word(rng: Random, carriers: Carriers) -> Case | None:
    text = carriers.of(rng).text
    span = pick(rng, text, 1, 1)
    return span and found(text, span)


def own_marks(rng: Random, carriers: Carriers) -> Case | None:
    """The text has the ellipsis or the bracket itself, so it divides nothing."""
    text = carriers.of(rng, "en").text
    match = one_of(rng, regex.compile(r" (?:…|\.\.\.|\[\w+\]) "), text)
    return match and found(text, around(rng, text, match.span()))


def ellipsis_written_otherwise(rng: Random, carriers: Carriers) -> Case | None:
    text = carriers.of(rng, "en").text
    match = one_of(rng, regex.compile(r"(?<= )…(?= )"), text)
    if match is None:
        return None
    start, end = around(rng, text, match.span(), most=4)
    if start == match.start() or end == match.end():
        return None
    if rng.random() < 0.5:
        return requoted(text, (start, end), text[start:end].replace("…", "..."))
    return rewritten(text, (start, end), [Edit(match.start(), match.end(), "...")])


def white_space(rng: Random, carriers: Carriers) -> Case | None:
    runs = ["  ", "   ", "\t", "\n", " \n ", "\u00a0 "]
    make = on_either_side(_SPACE, lambda rng, _old: rng.choice([" ", *runs]))
    return make(rng, carriers)


def line_breaks(rng: Random, carriers: Carriers) -> Case | None:
    breaks = ["\n", "\r\n", "\n    ", " \n", "\r"]
    return in_the_text(_SPACE, lambda rng, _old: rng.choice(breaks), 0.4)(rng, carriers)


def hyphen_at_line_end(rng: Random, carriers: Carriers) -> Case | None:
    text = carriers.of(rng).text
    match = one_of(rng, _WORD, text)
    if match is None:
        return None
    at = rng.randint(match.start() + 3, match.end() - 2)
    new = rng.choice(["-", "\u2010"]) + rng.choice(["\n", "\n", "\r\n", "\n   "])
    return rewritten(text, around(rng, text, match.span()), [Edit(at, at, new)])


def hyphenated_at_line_end(rng: Random, carriers: Carriers) -> Case | None:
    """A compound whose own hyphen is the last of its line, quoted with the hyphen."""
    text = carriers.of(rng, "en").text
    match = one_of(rng, regex.compile(r"\b\p{L}{2,}-(\p{Ll}{2,})\b"), text)
    if match is None:
        return None
    at = match.start(1)
    return rewritten(text, around(rng, text, match.span()), [Edit(at, at, "\n")])


def soft_hyphens(rng: Random, carriers: Carriers) -> Case | None:
    return _invisible(rng, carriers, _LETTERS, lambda: "\u00ad", 0.15)


def zero_width(rng: Random, carriers: Carriers) -> Case | None:
    return _invisible(rng, carriers, _LETTERS, lambda: rng.choice(_INVISIBLE), 0.1)


def _invisible(
    rng: Random,
    carriers: Carriers,
    pattern: regex.Pattern[str],
    mark: Callable[[], str],
    share: float,
) -> Case | None:
    text = carriers.of(rng).text
    span = pick(rng, text)
    if span is None:
        return None
    if rng.random() < 0.3:
        inner = [m.start() for m in pattern.finditer(text, *span) if span[0] < m.start() < span[1]]
        at = rng.choice(inner) if inner else span[1]
        return requoted(text, span, text[span[0] : at] + mark() + text[at : span[1]])
    edits = _edits(text, span, pattern, lambda _old: mark(), lambda: rng.random() < share)
    return rewritten(text, span, edits)


def bidi_marks(rng: Random, carriers: Carriers) -> Case | None:
    """Marks between words, or a pair around some word inside the quotation."""
    text = rng.choice([SEPARATED["Arabic"], SEPARATED["Hebrew"], carriers.of(rng).text])
    span = pick(rng, text, 4, 12)
    if span is None:
        return None
    inner = [match.end() for match in _SPACE.finditer(text, *span)]
    if len(inner) < 2:
        return None
    first, second = sorted(rng.sample(inner, 2))
    if rng.random() < 0.5:
        return rewritten(text, span, [Edit(first, first, rng.choice(_MARKS))])
    opening = rng.choice(_EMBEDDINGS + _ISOLATES)
    closing = "\u202c" if opening in _EMBEDDINGS else "\u2069"
    return rewritten(
        text, span, [Edit(first, first, opening), Edit(second - 1, second - 1, closing)]
    )


def _any_text(rng: Random, carriers: Carriers) -> str:
    named = [SEPARATED[name] for name in ("Korean", "Russian", "Greek", "Vietnamese")]
    return rng.choice([*named, carriers.of(rng).text, carriers.of(rng, "fr", "es", "de").text])


def _accented(rng: Random, text: str) -> Span | None:
    match = one_of(rng, regex.compile(r"\S*[^\x00-\x7f‘-‟–—…\u202f]\S*"), text)
    return None if match is None else pick_around_word(rng, text, match.start())


def pick_around_word(rng: Random, text: str, at: int) -> Span | None:
    """A run of whole words around the word at or after `at`."""
    word = regex.compile(r"[\w\p{M}]+(?:[.,’'\-][\w\p{M}]+)*").search(text, at)
    return None if word is None else around(rng, text, word.span())


def decomposed_quote(rng: Random, carriers: Carriers) -> Case | None:
    text = _any_text(rng, carriers)
    span = _accented(rng, text)
    if span is None:
        return None
    return requoted(text, span, unicodedata.normalize("NFD", text[span[0] : span[1]]))


def decomposed_text(rng: Random, carriers: Carriers) -> Case | None:
    text = _any_text(rng, carriers)
    span = _accented(rng, text)
    if span is None:
        return None
    edits = [
        Edit(at, at + 1, unicodedata.normalize("NFD", mark))
        for at, mark in enumerate(text)
        if unicodedata.normalize("NFD", mark) != mark
    ]
    return rewritten(text, span, edits)


def full_width(rng: Random, carriers: Carriers) -> Case | None:
    def wide(old: str) -> str:
        return "".join(chr(ord(mark) + 0xFEE0) for mark in old)

    text = carriers.of(rng, "en").text if rng.random() < 0.7 else SEPARATED["Korean"]
    span = pick(rng, text)
    if span is None or not text[span[0] : span[1]].replace(" ", "").isalnum():
        return None
    if rng.random() < 0.5:
        return requoted(text, span, _with(text, span, _PRINTED, wide))
    return rewritten(text, span, _edits(text, span, _PRINTED, wide))


def entities(rng: Random, carriers: Carriers) -> Case | None:
    text = carriers.of(rng).text
    pattern = regex.compile("[" + "".join(map(regex.escape, _ENTITIES)) + "]")
    span = _quoted_span(rng, text, pattern)
    if span is None:
        return None
    edits = _edits(text, (0, len(text)), pattern, lambda old: rng.choice(_ENTITIES[old]))
    edits += [
        Edit(match.start(), match.end(), rng.choice(["&nbsp;", "&#160;"]))
        for match in _SPACE.finditer(text, *span)
        if rng.random() < 0.2
    ]
    return rewritten(text, span, edits)


def several(rng: Random, carriers: Carriers) -> Case | None:
    """A decomposed text with broken lines and entities, and a quotation in plain type."""
    text = carriers.of(rng).text
    span = pick(rng, text, 6, 14)
    if span is None:
        return None
    choices = {
        " ": ["\n", "\u00a0", "  ", " ", " ", " ", " "],
        "’": ["&rsquo;", "'"],
        "–": ["&ndash;", "\u2014"],
        "…": ["..."],
    }
    edits = [
        Edit(at, at + 1, rng.choice(choices.get(mark, [unicodedata.normalize("NFD", mark)])))
        for at, mark in enumerate(text)
        if span[0] <= at < span[1]
    ]
    made = rewritten(text, span, edits)
    if made is None:
        return None
    quote = made.quote.replace("“", '"').replace("”", '"').replace("’", "'")
    return Case(made.text, (quote,), made.expected)


def _inside_word(text: str, at: int) -> bool:
    """Whether a figure is cut from its scale there, or a word from what negates it.

    Whether `不` is a part of the next word is not ours to say where nothing separates words.
    """
    return bool(_AFTER_FIGURE.match(text, at)) or text[:at].endswith(_NEGATING)


def script(name: str) -> Maker:
    """Verbatim words of a script that separates them, or any run of characters of another."""

    def make(rng: Random, carriers: Carriers) -> Case | None:
        if name in SEPARATED:
            span = pick(rng, SEPARATED[name], 1, 10)
            return span and found(SEPARATED[name], span)
        text = UNSEPARATED[name]
        start, end = rng.choice(lines(text))
        edges = [
            start,
            *(m.end() for m in regex.finditer(r"\d+(?:[.]\d+)?|\X", text, 0, start, end)),
        ]
        first = rng.randrange(len(edges) - 1)
        last = min(len(edges) - 1, first + rng.randint(2, 25))
        span = edges[first], edges[last]
        return None if any(_inside_word(text, at) for at in span) else found(text, span)

    return make


def emoji(rng: Random, carriers: Carriers) -> Case | None:
    """Words and emoji, whole ones at the ends too."""
    start, end = rng.choice(lines(EMOJI))
    units = [
        m.span()
        for m in regex.finditer(r"[\w’]+(?!\ufe0f?\u20e3)|(?!\s)\X", EMOJI[:end], pos=start)
    ]
    first = rng.randrange(len(units))
    last = min(len(units) - 1, first + rng.randint(1, 9))
    span = (units[first][0], units[last][1])
    if not regex.search(r"\p{Emoji_Presentation}|\ufe0f", EMOJI[span[0] : span[1]]):
        return None
    return found(EMOJI, span)


FOUND: dict[str, Maker] = {
    "verbatim": verbatim,
    "one word or number": one_word,
    "text’s own … or [ ]": own_marks,
    "double quotation marks": on_either_side(_DOUBLE, any_of('"“”„«»')),
    "single quotation marks": on_either_side(_SINGLE, any_of("'‘’‚"), "en"),
    "apostrophes": on_either_side(_APOSTROPHE, any_of("'’")),
    "dashes": on_either_side(_DASH, any_of("-‐‑–—―−")),
    "… and ...": ellipsis_written_otherwise,
    "white space": white_space,
    "line breaks in text": line_breaks,
    "no-break spaces": on_either_side(_SPACE, any_of(" \u00a0\u202f\u2009\u3000")),
    "word broken by hyphen": hyphen_at_line_end,
    "hyphen ends the line": hyphenated_at_line_end,
    "soft hyphens": soft_hyphens,
    "zero-width": zero_width,
    "bidirectional marks": bidi_marks,
    "quote decomposed (NFD)": decomposed_quote,
    "text decomposed (NFD)": decomposed_text,
    "ligatures": on_either_side(_LIGATURE, lambda _rng, old: _LIGATURES[old], "en"),
    "full-width forms": full_width,
    "HTML entities": entities,
    "several of these": several,
    **{name: script(name) for name in [*UNSEPARATED, *SEPARATED]},
    "emoji": emoji,
}
