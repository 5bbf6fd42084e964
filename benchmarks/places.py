"""Quotations that are to be found: in pieces, in one of several places, at ends, in long texts."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import regex

from benchmarks.briefs import CITIES, FIRST, LAST, MONTHS, WEEKDAYS, filled
from benchmarks.carriers import Carriers
from benchmarks.cases import Case, Span, found, lines, one_of, pick, words
from benchmarks.folds import Maker
from benchmarks.scripts import SEPARATED

NEGATION = regex.compile(
    r"\b(?:not|no|never|nobody|nothing|none|nor|neither|without|cannot|hardly|\w+n['’]t"
    r"|ne|n['’]\w+|pas|jamais|aucune?|sans|nunca|nadie|nada|sin|ni|nicht\w*|nie|kein\w*|ohne|niemand)\b",
    regex.IGNORECASE,
)
# Nor may an ellipsis go over these: "the ministry [denied that rangers] had fired".
_CONTRARY = regex.compile(
    r"\b(?:den(?:y|ies|ied|ying)|refus\w+|declin\w+|fail\w*|un(?:able|likely)|barely|scarcely)\b",
    regex.IGNORECASE,
)
_SENTENCE = regex.compile(r"[^.!?\n]+")
_ELLIPSES = (" … ", " ... ", " […] ", " [...] ", "… ", "... ", " (…) ")


def _cut(rng: Random, text: str, pieces: int) -> list[Span] | None:
    """Runs of words of one sentence, in order, with words between them that negate nothing."""
    sentence = rng.choice([m.span() for m in _SENTENCE.finditer(text) if m.end() - m.start() > 40])
    found_words = words(text, *sentence)
    if len(found_words) < 3 * pieces:
        return None
    bounds = sorted(rng.sample(range(len(found_words) + 1), 2 * pieces))
    runs = [bounds[at : at + 2] for at in range(0, 2 * pieces, 2)]
    if any(low + 2 > high for low, high in runs):
        return None
    if any(left[1] >= right[0] for left, right in pairwise(runs)):
        return None
    spans = [(found_words[low][0], found_words[high - 1][1]) for low, high in runs]
    gaps = [text[left[1] : right[0]] for left, right in pairwise(spans)]
    contrary = any(NEGATION.search(gap) or _CONTRARY.search(gap) for gap in gaps)
    return None if contrary else spans


def elided(number: int) -> Maker:
    def make(rng: Random, carriers: Carriers) -> Case | None:
        text = carriers.of(rng).text
        spans = _cut(rng, text, number)
        if spans is None:
            return None
        pieces = tuple(text[start:end] for start, end in spans)
        return Case(text, (rng.choice(_ELLIPSES).join(pieces),), tuple(spans), pieces=pieces)

    return make


def bracketed(rng: Random, carriers: Carriers) -> Case | None:
    """A bracket of the model's own between two runs of words, or in the place of a few."""
    text = carriers.of(rng, "en").text
    spans = _cut(rng, text, 2)
    if spans is None:
        return None
    (start, middle), (after, end) = spans
    if rng.random() < 0.5:
        inner = words(text, start, end)
        at = rng.randrange(2, len(inner) - 1)
        middle, after = inner[at - 1][1], inner[at][0]
        if text[middle:after] != " ":
            return None
    elif len(words(text, middle, after)) > 3:
        return None
    bracket = rng.choice(["[the minister]", "[she]", "[on the quay]", "[of the port]", "[sic]"])
    pieces = (text[start:middle], text[after:end])
    return Case(
        text, (f" {bracket} ".join(pieces),), ((start, middle), (after, end)), pieces=pieces
    )


def _story(rng: Random, mention: str, others: list[str]) -> str:
    """Paragraphs of which each `{}` is a mention, far from one another."""
    fillers = (
        "The council of {city} put off its vote on the {int} flats until {month}.",
        "In {city} the ferry was late by {int} minutes, and the fish market closed early.",
        "A report of {int} pages on the harbour of {city} was laid before the audit office.",
        "Rain fell on {city} for {word} days, and the river rose by {int} centimetres.",
    )
    paragraphs = []
    for other in others:
        paragraphs.append(other.replace("{}", mention))
        paragraphs.append(" ".join(filled(rng, each) for each in rng.sample(fillers, 3)))
    return "\n\n".join(paragraphs)


_SCENES = (
    ("{} opened the new market hall in CITY on DAY.", "opened the new market hall"),
    ("Speaking in CITY, {} promised cheaper ferry tickets for islanders.", "cheaper ferry tickets"),
    ("The prize for the best bread went to {}, a judge in CITY said.", "the best bread"),
    ("On DAY {} sold the family shipyard to an investor from CITY.", "sold the family shipyard"),
    ("Few had expected {} to stand for the senate in MONTH.", "stand for the senate"),
    ("A photograph shows {} beside the sunken barge near CITY.", "the sunken barge"),
    ("The lawyers of the bank met {} twice in MONTH to settle the claim.", "settle the claim"),
    ("Last autumn {} wrote a long letter to the bishop of CITY.", "a long letter"),
)


def _scene(rng: Random, scene: str) -> str:
    values = {
        "CITY": rng.choice(CITIES),
        "DAY": rng.choice(WEEKDAYS["en"].split()),
        "MONTH": rng.choice(MONTHS["en"].split()),
    }
    for name, value in values.items():
        scene = scene.replace(name, value)
    return scene


def _mentions(text: str, mention: str) -> tuple[Span, ...]:
    bounded = regex.compile(rf"(?<!\w){regex.escape(mention)}(?!\w)")
    return tuple(match.span() for match in bounded.finditer(text))


def _name(rng: Random) -> str:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    return rng.choice([last, f"{first} {last}"])


def told_apart(rng: Random, carriers: Carriers) -> Case | None:
    """The mention meant stands in the sentence of another quotation, and no other does."""
    scenes = rng.sample(_SCENES, rng.randint(2, 5))
    mention = _name(rng)
    text = _story(rng, mention, [_scene(rng, scene) for scene, _cue in scenes])
    spans = _mentions(text, mention)
    meant = rng.randrange(len(scenes))
    quotes, asked = [mention, scenes[meant][1]], 0
    if rng.random() < 0.5:
        quotes, asked = [scenes[meant][1], mention], 1
    if len(spans) != len(scenes) or text.count(scenes[meant][1]) != 1:
        return None
    return Case(text, tuple(quotes), (spans[meant],), asked=asked)


def not_told_apart(rng: Random, carriers: Carriers) -> Case | None:
    """Several places and nothing else quoted, or only what does not stand in the text."""
    scenes = rng.sample(_SCENES, rng.randint(2, 6))
    mention = _name(rng)
    text = _story(rng, mention, [_scene(rng, scene) for scene, _cue in scenes])
    spans = _mentions(text, mention)
    if len(spans) != len(scenes):
        return None
    others = rng.choice([(), (), ("the governor’s parrot",)])
    return Case(text, (mention, *others), spans, ambiguous=True)


def before_possessive(rng: Random, carriers: Carriers) -> Case | None:
    text = carriers.of(rng, "en").text
    match = one_of(rng, regex.compile(r"\b\p{Lu}\p{L}{2,}(?=['’]s\b)"), text)
    return match and found(text, match.span())


def at_start(rng: Random, carriers: Carriers) -> Case | None:
    text = carriers.of(rng).text
    text = text[lines(text)[0][0] :]
    first = words(text, *lines(text)[0])
    if first[0][0]:
        return None
    return found(text, (0, first[rng.randrange(min(len(first), 14))][1]))


def at_end(rng: Random, carriers: Carriers) -> Case | None:
    text = carriers.of(rng).text.rstrip()
    text = text[: words(text)[-rng.randint(1, 40)][1]]
    last = words(text)
    return found(text, (last[-rng.randint(1, min(len(last), 14))][0], len(text)))


def whole_text(rng: Random, carriers: Carriers) -> Case | None:
    text = carriers.of(rng).text
    span = pick(rng, text, 1, 14)
    return span and found(text[span[0] : span[1]], (0, span[1] - span[0]))


def long_text(rng: Random, carriers: Carriers) -> Case | None:
    text = rng.choice(carriers.long)
    span = pick_anywhere(rng, text)
    return span and found(text, span)


def longest_text(rng: Random, carriers: Carriers) -> Case | None:
    text = rng.choice(carriers.longest)
    span = pick_anywhere(rng, text)
    return span and found(text, span)


def pick_anywhere(rng: Random, text: str) -> Span | None:
    """A run of words of the text, without taking the whole of it apart."""
    at = text.find(" ", rng.randrange(len(text)))
    end = text.find("\n", at)
    found_words = words(text, at, end)[:-1]
    if at < 0 or len(found_words) < 8:
        return None
    return found_words[0][0], found_words[rng.randint(6, min(16, len(found_words) - 1))][1]


def case_folded(rng: Random, carriers: Carriers) -> Case | None:
    """The caller asks for it, and the quotation is in capitals, small letters or both."""
    text = rng.choice([carriers.of(rng).text, SEPARATED["Greek"], SEPARATED["Russian"]])
    span = pick(rng, text, 1, 10)
    if span is None:
        return None
    quote = text[span[0] : span[1]]
    other = rng.choice([quote.upper(), quote.lower(), quote.title(), quote.swapcase()])
    if other == quote or other.casefold() != quote.casefold():
        return None
    return Case(text, (other,), (span,), fold_case=True)


PLACES: dict[str, Maker] = {
    "ellipsis, two pieces": elided(2),
    "ellipsis, three pieces": elided(3),
    "bracket of the model’s": bracketed,
    "repeat, told apart": told_apart,
    "repeat, all places": not_told_apart,
    "name before ’s": before_possessive,
    "at the text’s start": at_start,
    "at the text’s end": at_end,
    "the whole text": whole_text,
    "case, when asked": case_folded,
    "in 100 KB": long_text,
    "in 1 MB": longest_text,
}
