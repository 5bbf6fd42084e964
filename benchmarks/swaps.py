"""Quotations that say another thing than the text, in one word or figure: each is to be refused."""

from __future__ import annotations

from random import Random

import regex

from benchmarks.briefs import (
    CURRENCIES,
    FIRST,
    LAST,
    MONTHS,
    NUMBER_WORDS,
    ORDINALS,
    SCALES,
    UNITS,
    WEEKDAYS,
)
from benchmarks.carriers import Carriers
from benchmarks.cases import Case, around, lines, one_of, pick, refused, swapped, words
from benchmarks.folds import Maker
from benchmarks.scripts import CHANGES, SEPARATED, UNSEPARATED

_NUMBER = regex.compile(r"(?<![\d.,])\d+(?:[.,\u202f]\d+)*(?![\d.,]*\d)")
_DECIMAL = regex.compile(r"(?<![\d.,])\d+[.,]\d+(?![.,]?\d)")
_NAME = regex.compile(
    r"(?<![\p{L}] )\b(?:" + "|".join(FIRST) + r") (?:" + "|".join(LAST) + r")\b"
    r"|(?<=\p{Ll} )\p{Lu}\p{Ll}{2,} \p{Lu}\p{Ll}{2,}\b"
)
_AUXILIARY = regex.compile(r"\b(?:is|was|were|are|had|has|would|will|could|can|did)\b(?! not)")
_SYNONYMS = {
    "said": "claimed",
    "told": "informed",
    "hurt": "injured",
    "killed": "murdered",
    "office": "bureau",
    "left": "departed",
    "close": "shut",
    "talks": "negotiations",
    "asked": "requested",
    "met": "encountered",
    "people": "persons",
    "minister": "secretary",
    "company": "firm",
    "police": "officers",
    "ship": "vessel",
    "carrying": "hauling",
    "reporters": "journalists",
    "sell": "vend",
    "burned": "scorched",
    "spokesman": "spokesperson",
    "before": "prior to",
    "about": "regarding",
    "covers": "spans",
    "seriously": "gravely",
    "arrested": "detained",
    "official": "functionary",
    "agreed": "consented",
    "signed": "endorsed",
}


def digit_changed(rng: Random, carriers: Carriers) -> Case | None:
    def other(number: str) -> str:
        at = rng.choice([at for at, mark in enumerate(number) if mark.isdigit()])
        return number[:at] + rng.choice("123456789".replace(number[at], "")) + number[at + 1 :]

    return swapped(rng, carriers.of(rng).text, _NUMBER, other)


def number_changed(rng: Random, carriers: Carriers) -> Case | None:
    """A digit more or less, two digits exchanged, or another number altogether."""

    def other(number: str) -> str:
        ways = [number + "0", number + str(rng.randint(1, 9)), str(rng.randint(2, 9)) + number]
        ways += [str(rng.randint(2, 9_999)), number[::-1]]
        return rng.choice([way for way in ways if not way.startswith("0")] or ["0"])

    return swapped(rng, carriers.of(rng).text, _NUMBER, other)


def decimal_changed(rng: Random, carriers: Carriers) -> Case | None:
    def other(number: str) -> str:
        whole, mark, part = regex.split(r"([.,])", number)
        ways = [whole + part, whole + "." * 2 + part, part + mark + whole, f"{whole}{mark}{part}5"]
        ways += [f"{whole}{mark}0{part}", whole + {".": ",", ",": "."}[mark] + part, whole]
        return rng.choice(ways)

    text = carriers.of(rng).text
    return swapped(rng, text, _DECIMAL, other)


def _listed(entries: dict[str, str]) -> Maker:
    """One word of a language's list in the place of another."""

    def make(rng: Random, carriers: Carriers) -> Case | None:
        language = rng.choice(["en", "en", "fr", "es", "de"])
        return _one_of_words(rng, carriers.of(rng, language).text, entries[language].split())

    return make


def _one_of_words(rng: Random, text: str, listed: list[str]) -> Case | None:
    pattern = regex.compile(r"\b(?:" + "|".join(listed) + r")\b(?!-)")
    return swapped(rng, text, pattern, lambda word: rng.choice([w for w in listed if w != word]))


def from_list(*listed: str) -> Maker:
    return lambda rng, carriers: _one_of_words(rng, carriers.of(rng, "en").text, [*listed])


def negation_dropped(rng: Random, carriers: Carriers) -> Case | None:
    """The clause on both sides of the negation, without it."""
    language = rng.choice(["en", "en", "en", "fr", "es", "de"])
    pattern = {
        "en": r" not(?= )| never(?= )|(?<=\w)n['’]t\b",
        "fr": r"\b(?:ne |n’)(?=\w)| (?:pas|jamais)(?= )",
        "es": r"\b(?:no|nunca) (?=\w)",
        "de": r" (?:nicht|nie)(?= )",
    }[language]
    text = carriers.of(rng, language).text
    match = one_of(rng, regex.compile(pattern), text)
    if match is None:
        return None
    before = [w for w in words(text, max(0, match.start() - 90), match.start()) if w]
    after = words(text, match.end(), match.end() + 90)[:-1]
    line = next(line for line in lines(text) if line[0] <= match.start() < line[1])
    before = [word for word in before[1:] if word[0] >= line[0]]
    after = [word for word in after if word[1] <= line[1]]
    if not before or not after:
        return None
    start, end = before[-rng.randint(1, len(before))][0], after[rng.randrange(len(after))][1]
    return refused(text, text[start : match.start()] + text[match.end() : end])


def negation_added(rng: Random, carriers: Carriers) -> Case | None:
    language = rng.choice(["en", "en", "en", "fr", "es", "de"])
    text = carriers.of(rng, language).text
    if language == "en":
        new = rng.choice([" not", " never", " no longer"])
        return swapped(rng, text, _AUXILIARY, lambda word: word + new)
    pattern = {"fr": r"\ba\b|\best\b", "es": r"\bha\b|\bdijo\b|\bes\b", "de": r"\bist\b|\bsagte\b"}
    form = {"fr": "n’{} pas", "es": "no {}", "de": "{} nicht"}[language]
    return swapped(rng, text, regex.compile(pattern[language]), form.format)


def other_name(rng: Random, carriers: Carriers) -> Case | None:
    """Another name of the same shape, or the first of one with the last of the other."""
    text = carriers.of(rng).text
    return swapped(rng, text, _NAME, lambda _: f"{rng.choice(FIRST)} {rng.choice(LAST)}")


def other_first_name(rng: Random, carriers: Carriers) -> Case | None:
    text = carriers.of(rng).text
    return swapped(rng, text, _NAME, lambda old: f"{rng.choice(FIRST)} {old.split()[1]}")


def other_last_name(rng: Random, carriers: Carriers) -> Case | None:
    """A last name of the same text, where there is one."""
    text = carriers.of(rng).text
    here = [match[0].split()[1] for match in _NAME.finditer(text)]
    return swapped(rng, text, _NAME, lambda old: f"{old.split()[0]} {rng.choice(here)}")


def letter_changed(rng: Random, carriers: Carriers) -> Case | None:
    """A name with one letter changed, doubled or left out."""

    def other(name: str) -> str:
        at = rng.randrange(1, len(name) - 1)
        if name[at] == " " or name[at + 1] == " ":
            return name
        new = rng.choice(["", name[at] * 2, rng.choice("aeioulmnrst")])
        return name[:at] + new + name[at + 1 :]

    return swapped(rng, carriers.of(rng).text, _NAME, other)


def synonym(rng: Random, carriers: Carriers) -> Case | None:
    pattern = regex.compile(r"\b(?:" + "|".join(_SYNONYMS) + r")\b")
    return swapped(rng, carriers.of(rng, "en").text, pattern, _SYNONYMS.__getitem__)


def paraphrase(rng: Random, carriers: Carriers) -> Case | None:
    """Two words or more of a sentence replaced."""
    text = carriers.of(rng, "en").text
    span = pick(rng, text, 8, 18)
    if span is None:
        return None
    pattern = regex.compile(r"\b(?:" + "|".join(_SYNONYMS) + r")\b")
    quote, times = pattern.subn(lambda match: _SYNONYMS[match[0]], text[span[0] : span[1]])
    return refused(text, quote) if times > 1 else None


def mark_dropped(rng: Random, carriers: Carriers) -> Case | None:
    """A letter without its accent; the text is composed or decomposed."""
    plain = {
        "é": "e",
        "ö": "o",
        "ü": "u",
        "á": "a",
        "í": "i",
        "ñ": "n",
        "ç": "c",
        "ć": "c",
        "è": "e",
        "ä": "a",
        "š": "s",
        "ž": "z",
        "ã": "a",
        "ą": "a",
        "ó": "o",
        "à": "a",
    }
    pattern = regex.compile(r"[\p{L}]*[" + "".join(plain) + r"][\p{L}]*")

    def other(word: str) -> str:
        at = rng.choice([at for at, mark in enumerate(word) if mark in plain])
        return word[:at] + plain[word[at]] + word[at + 1 :]

    return swapped(rng, carriers.of(rng).text, pattern, other)


def mark_added(rng: Random, carriers: Carriers) -> Case | None:
    marks = {"e": "é", "a": "á", "o": "ö", "u": "ü", "i": "í", "n": "ñ", "c": "ç"}

    def other(word: str) -> str:
        places = [at for at, mark in enumerate(word) if mark in marks]
        at = rng.choice(places) if places else None
        return word if at is None else word[:at] + marks[word[at]] + word[at + 1 :]

    return swapped(rng, carriers.of(rng).text, regex.compile(r"\b\p{Ll}{4,}\b"), other)


def homoglyph(rng: Random, carriers: Carriers) -> Case | None:
    """A letter of another script that looks the same."""
    latin = dict(zip("aeopcxyABEHKMOPCTX", "аеорсхуАВЕНКМОРСТХ", strict=True))
    text, table = carriers.of(rng).text, latin
    if rng.random() < 0.25:
        text, table = SEPARATED["Russian"], {new: old for old, new in latin.items()}

    def other(word: str) -> str:
        places = [at for at, mark in enumerate(word) if mark in table]
        at = rng.choice(places) if places else None
        return word if at is None else word[:at] + table[word[at]] + word[at + 1 :]

    return swapped(rng, text, regex.compile(r"\b\p{L}{3,}\b"), other)


def case_changed(rng: Random, carriers: Carriers) -> Case | None:
    text = rng.choice([carriers.of(rng).text, SEPARATED["Greek"], SEPARATED["Russian"]])
    span = pick(rng, text, 1, 8)
    if span is None:
        return None
    quote = text[span[0] : span[1]]
    ways = [quote.upper(), quote.lower(), quote[0].swapcase() + quote[1:], quote.title()]
    return refused(text, rng.choice(ways))


def other_script(rng: Random, carriers: Carriers) -> Case | None:
    """Another day, month, figure, name, unit or negation in a text that is not in Latin script."""
    name = rng.choice([*CHANGES])
    text = {**SEPARATED, **UNSEPARATED}[name]
    old, new = rng.choice(CHANGES[name]).split(">")
    at = text.index(old)
    if name in SEPARATED:
        start, end = around(rng, text, (at, at + len(old)))
    else:
        low, high = next(line for line in lines(text) if line[0] <= at < line[1])
        start = rng.choice([*range(max(low, at - 15), at), at])
        end = rng.choice(range(at + len(old), min(high, at + len(old) + 15) + 1))
    return refused(text, text[start:at] + new + text[at + len(old) : end])


SWAPS: dict[str, Maker] = {
    "digit changed": digit_changed,
    "number changed": number_changed,
    "decimal changed": decimal_changed,
    "number word": _listed(NUMBER_WORDS),
    "ordinal": from_list(*ORDINALS),
    "million for billion": from_list(*SCALES),
    "month": _listed(MONTHS),
    "weekday": _listed(WEEKDAYS),
    "unit": from_list(*UNITS),
    "currency": from_list(*CURRENCIES),
    "negation dropped": negation_dropped,
    "negation added": negation_added,
    "name": other_name,
    "first name": other_first_name,
    "last name": other_last_name,
    "letter of a name": letter_changed,
    "synonym": synonym,
    "paraphrase": paraphrase,
    "accent dropped": mark_dropped,
    "accent added": mark_added,
    "look-alike letter": homoglyph,
    "case changed": case_changed,
    "change, other scripts": other_script,
}
