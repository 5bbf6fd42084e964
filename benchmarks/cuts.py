"""Quotations whose words stand in the text, but not so: each is to be refused."""

from __future__ import annotations

import unicodedata
from random import Random

import regex

from benchmarks.briefs import INVENTED, filled
from benchmarks.carriers import Carriers
from benchmarks.cases import Case, Edit, around, lines, one_of, pick, refused, rewrite, words
from benchmarks.folds import Maker
from benchmarks.places import NEGATION
from benchmarks.scripts import EMOJI, SEPARATED, UNSEPARATED

_ELLIPSES = (" … ", " ... ", " […] ", " [...] ", "… ")
_ADDED = (
    "allegedly",
    "reportedly",
    "newly",
    "former",
    "later",
    "again",
    "also",
    "only",
    "almost",
    "at least",
    "more than",
    "deputy",
    "secretly",
    "now",
)


def invented(rng: Random, carriers: Carriers) -> Case | None:
    return refused(carriers.of(rng, "en").text, filled(rng, rng.choice(INVENTED)))


def out_of_order(rng: Random, carriers: Carriers) -> Case | None:
    """Two neighbouring words exchanged, all shuffled, or the halves exchanged."""
    text = carriers.of(rng).text
    span = pick(rng, text, 3, 10)
    if span is None:
        return None
    parts = text[span[0] : span[1]].split()
    way, at = rng.randrange(3), rng.randrange(len(parts) - 1)
    if way == 0:
        parts[at], parts[at + 1] = parts[at + 1], parts[at]
    elif way == 1:
        rng.shuffle(parts)
    else:
        parts = parts[at + 1 :] + parts[: at + 1]
    return refused(text, " ".join(parts))


def word_added(rng: Random, carriers: Carriers) -> Case | None:
    text = carriers.of(rng, "en").text
    span = pick(rng, text, 3, 12)
    if span is None:
        return None
    parts = text[span[0] : span[1]].split(" ")
    parts.insert(rng.randrange(1, len(parts)), rng.choice(_ADDED))
    return refused(text, " ".join(parts))


def word_dropped(rng: Random, carriers: Carriers) -> Case | None:
    """A word in the midst is left out, and no ellipsis says so."""
    text = carriers.of(rng).text
    span = pick(rng, text, 4, 12)
    if span is None:
        return None
    inner = words(text, *span)[1:-1]
    start, end = rng.choice(inner)
    if text[end] != " ":
        return None
    return refused(text, text[span[0] : start] + text[end + 1 : span[1]])


def part_of_word(rng: Random, carriers: Carriers) -> Case | None:
    """The first or the last word of the quotation is cut."""
    text = rng.choice([carriers.of(rng).text, *(SEPARATED[name] for name in ("Russian", "Greek"))])
    span = pick(rng, text, 1, 5)
    if span is None:
        return None
    quote = text[span[0] : span[1]]
    letters = regex.search(r"^\p{L}{4,}", quote), regex.search(r"\p{L}{4,}$", quote)
    if rng.random() < 0.5 and letters[0]:
        return refused(text, quote[rng.randint(1, len(letters[0][0]) - 1) :])
    if letters[1]:
        return refused(text, quote[: -rng.randint(1, len(letters[1][0]) - 1)])
    return None


def part_of_number(rng: Random, carriers: Carriers) -> Case | None:
    """Fewer digits at one end, the decimals alone, the thousands alone; Chinese dates too."""
    name = rng.choice(["", "", "", "", "Chinese", "Japanese", "Thai"])
    text = UNSEPARATED[name] if name else carriers.of(rng).text
    match = one_of(rng, regex.compile(r"(?<![\d.,])\d+(?:[.,]\d+)*(?!\d|[.,]\d|[½²])"), text)
    if match is None or len(match[0]) < 2:
        return None
    line = next(line for line in lines(text) if line[0] <= match.start() < line[1])
    number, cut = match[0], rng.randrange(1, len(match[0]))
    if rng.random() < 0.5:
        after = rng.choice([match.end(), *(w[1] for w in words(text, match.end(), line[1])[:4])])
        kept = number[cut:].lstrip(".,")
        return refused(text, kept + text[match.end() : after])
    before = rng.choice([match.start(), *(w[0] for w in words(text, line[0], match.start())[-4:])])
    return refused(text, text[before : match.start()] + number[:cut].rstrip(".,"))


def part_of_spaced_number(rng: Random, carriers: Carriers) -> Case | None:
    """`200` out of `1 200`, whose space is a no-break one."""
    text = carriers.of(rng, "fr", "es", "de").text
    text = text.replace("\u202f", rng.choice("\u202f\u00a0"))
    match = one_of(rng, regex.compile(r"(\d{1,2})[\u202f\u00a0](\d{3}) \p{L}+"), text)
    if match is None:
        return None
    return refused(text, rng.choice([match[2], text[match.start(2) : match.end()], match[1]]))


def sign_dropped(rng: Random, carriers: Carriers) -> Case | None:
    text = carriers.of(rng, "en").text.replace("−", rng.choice("−-–"))
    match = one_of(rng, regex.compile(r"(?<= )[−–-](\d+ degrees(?: in \w+)?)"), text)
    return match and refused(text, match[1])


def superscript(rng: Random, carriers: Carriers) -> Case | None:
    """`10²` is not 102, nor 10; neither is a note’s `120³` what the note stands at."""
    text = carriers.of(rng, "en").text
    digits = dict(zip("²³¹⁴", "2314", strict=True))
    if rng.random() < 0.5:
        place = one_of(rng, regex.compile(r"(?<=[ ])\d{2,3}(?= \p{Ll})"), text)
        if place is None:
            return None
        text = rewrite(text, [Edit(place.end(), place.end(), rng.choice("³¹⁴"))], (0, 0))[0]
    match = one_of(rng, regex.compile(r"\b\d+([²³¹⁴])(?= \p{L})"), text)
    if match is None:
        return None
    start, end = around(rng, text, match.span(), most=3)
    return refused(text, text[start : match.start(1)] + digits[match[1]] + text[match.end() : end])


def fraction(rng: Random, carriers: Carriers) -> Case | None:
    """`5½ hours` are neither 51/2 hours nor 5 nor half of one."""
    text = carriers.of(rng, "en").text
    match = one_of(rng, regex.compile(r"\b(\d+)½ hours"), text)
    if match is None:
        return None
    number = match[1]
    quotes = [f"{number}1/2 hours", f"{number}1⁄2 hours", number + " hours", "½ hours", "1/2 hours"]
    return refused(text, rng.choice(quotes))


def digits_glued(rng: Random, carriers: Carriers) -> Case | None:
    """Two numbers on two lines, one at each line’s end or a hyphen between, are not one."""
    text = carriers.of(rng, "en").text
    match = one_of(rng, regex.compile(r"(?<=[ ])\d{2,4}(?= \p{Ll})"), text)
    if match is None:
        return None
    number, next_one = match[0], str(rng.randint(2, 99))
    between = rng.choice(["\n", "-\n", "\r\n", " ", "\n\n", "\u00ad\n", "‐\n"])
    at = match.end()
    text = rewrite(text, [Edit(at, at, f"{between}{next_one}")], (0, 0))[0]
    end = at + len(between) + len(next_one)
    last = words(text, end, end + 60)[: rng.randint(1, 4)]
    return refused(text, number + next_one + (text[end : last[-1][1]] if last[:-1] else ""))


def contraction_cut(rng: Random, carriers: Carriers) -> Case | None:
    """`could` out of `couldn’t`, `can` out of `can’t`."""
    text = carriers.of(rng, "en").text
    match = one_of(rng, regex.compile(r"\b(\p{L}+?)(n?)['’]t\b"), text)
    if match is None:
        return None
    start, _ = around(rng, text, match.span())
    return refused(text, text[start : rng.choice([match.end(1), match.end(2)])])


def _divided(rng: Random, text: str, pattern: regex.Pattern[str]) -> tuple[str, str] | None:
    """Words before and after something in the same sentence that is left out."""
    match = one_of(rng, pattern, text)
    if match is None:
        return None
    low = max(text.rfind(mark, 0, match.start()) for mark in ".!?\n") + 1
    ends = [at for at in (text.find(mark, match.end()) for mark in ".!?\n") if at >= 0]
    before, after = words(text, low, match.start()), words(text, match.end(), min(ends, default=-1))
    if len(before) < 2 or len(after) < 2:
        return None
    first, last = rng.randint(0, len(before) - 2), rng.randint(1, len(after) - 1)
    skip = rng.randint(0, min(1, len(before) - first - 2))
    left = text[before[first][0] : before[-1 - skip][1]]
    return left, text[after[0][0] : after[last][1]]


def negation_elided(rng: Random, carriers: Carriers) -> Case | None:
    text = carriers.of(rng).text
    parts = _divided(rng, text, NEGATION)
    return parts and Case(text, (rng.choice(_ELLIPSES).join(parts),), (), pieces=parts)


def pieces_out_of_order(rng: Random, carriers: Carriers) -> Case | None:
    """The later words first; neither piece stands a second time."""
    text = carriers.of(rng).text
    parts = _divided(rng, text, regex.compile(r"(?<=\s)\p{Ll}{2,}(?=\s)"))
    if parts is None or any(text.count(part) != 1 for part in parts):
        return None
    return Case(text, (rng.choice(_ELLIPSES).join(reversed(parts)),), (), pieces=parts)


def invented_piece(rng: Random, carriers: Carriers) -> Case | None:
    """One piece stands in the text, the other does not."""
    text = carriers.of(rng, "en").text
    span = pick(rng, text, 3, 8)
    if span is None:
        return None
    parts = [text[span[0] : span[1]], filled(rng, rng.choice(INVENTED))]
    rng.shuffle(parts)
    return refused(text, rng.choice(_ELLIPSES).join(parts))


_EMOJI_CUTS = (
    "👍",
    "👩",
    "👩‍👩‍👧",
    "👧‍👦",
    "👨🏾",
    "👨",
    "✈️",
    "⚕️",
    "👩🏻",
    "🤝",
    "❤️",
    "🔥",
    "🏳️",
    "🌈",
    "🇯",
    "🇰",
    "🇷🇯",
    "🇭",
    "🇷🇩",
    "1",
    "2",
    "step 1",
    "Step 1",
    "step 3",
    "🏴",
    "🏽",
    "🏿",
    "then 🇰",
    "🏴 all morning",
    "🏴 all afternoon",
    "🇵 for the two",
    "👦 and a line",
    "answered with 👩",
    "👍 thanks to",
    "🔥 before midnight",
    "🇿 flags",
)
_EMOJI_CHANGES = (
    "👍🏿>👍🏽",
    "🇰🇷🇩🇿>🇰🇷🇯🇵",
    "🇯🇵🇰🇷>🇰🇷🇯🇵",
    "👩‍👩‍👧>👩‍👩‍👧‍👦",
    "🏴󠁧󠁢󠁷󠁬󠁳󠁿>🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "👨🏻‍✈️>👨🏾‍✈️",
    "😀>😊",
    "3️⃣>1️⃣",
    "🌈>🏳️‍🌈",
    "🚢>🌧️",
    "👩🏻‍✈️>👨🏾‍✈️",
    "🇭🇷>🇭🇷🇩🇿",
    "1>1️⃣",
    "👍>👍🏽",
)


def emoji_cut(rng: Random, carriers: Carriers) -> Case | None:
    """Half of a flag, a family member, a hand without its tone; or another emoji."""
    if rng.random() < 0.4:
        return refused(EMOJI, rng.choice(_EMOJI_CUTS))
    new, old = rng.choice(_EMOJI_CHANGES).split(">")
    at = EMOJI.index(old)
    start, end = around(rng, EMOJI, (at, at + len(old)), most=4)
    quote = EMOJI[start:at] + new + EMOJI[at + len(old) : end]
    return refused(EMOJI, quote)


def mark_cut(rng: Random, carriers: Carriers) -> Case | None:
    """The last accent of a decomposed text, or a vowel sign, is cut from its letter."""
    name = rng.choice(["Thai", "Hindi", "Vietnamese"])
    text = {**SEPARATED, **UNSEPARATED}[name]
    if name == "Vietnamese":
        text = unicodedata.normalize("NFD", text)
    match = one_of(rng, regex.compile(r"\p{L}\p{M}+"), text)
    if match is None:
        return None
    end = rng.randrange(match.start() + 1, match.end())
    line = next(line for line in lines(text) if line[0] <= end < line[1])
    before = [m.start() for m in regex.finditer(r"(?<=\s)\X", text[: match.start()], pos=line[0])]
    return refused(text, text[rng.choice(before[-4:] or [match.start()]) : end])


CUTS: dict[str, Maker] = {
    "invented": invented,
    "words out of order": out_of_order,
    "word added": word_added,
    "word dropped": word_dropped,
    "part of a word": part_of_word,
    "part of a number": part_of_number,
    "part, spaced number": part_of_spaced_number,
    "minus sign dropped": sign_dropped,
    "superscript as digit": superscript,
    "fraction misread": fraction,
    "digits glued": digits_glued,
    "negation cut off": contraction_cut,
    "ellipsis over negation": negation_elided,
    "pieces out of order": pieces_out_of_order,
    "one piece invented": invented_piece,
    "emoji cut or changed": emoji_cut,
    "accent or vowel cut": mark_cut,
}
