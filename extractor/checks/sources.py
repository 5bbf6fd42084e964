"""A source against the cue that ties it to what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

import regex

from extractor.checks.claim import Claim
from extractor.checks.gender import gender_of, pronoun_gender
from extractor.checks.speaking import ACCORDING, Voice, cues_in, voices, without_speech
from extractor.checks.verbs import verbs_in
from extractor.resolve.gazetteer import mentions
from extractor.text import folded_text

Place = tuple[int, int]


def check_source(claim: Claim) -> str | None:
    """Whether a source is who speaks in the sentence of the cue.

    The quotation is the cue ("said", "according to") or a clause with it; the context holds
    its sentence and one or two before. Proves that the source stands there as the speaker, and
    not as somebody who is mentioned, spoken to, or spoken for; or that a pronoun or a definite
    noun there can mean the speaker or subject of the sentence before; or that a quotation goes
    on from a sentence with that speaker. A surname stands for a full name of the context.
    Does not know gender beyond titles, nor sources further away.
    """
    value = folded_text(str(claim.value)).strip()
    wanted = _bare(value)
    if not wanted:
        return f"{claim.value!r} names no source"
    scene = _scene(claim)
    places = list(_places(wanted, claim.context))
    if not places and (scene.cue or "_" in scene.text[claim.at : claim.end]):
        return f"{value!r} stands neither in {claim.quote!r} nor in the sentences around it"
    if scene.cue and places and all(_holds(place, scene.cue) for place in places):
        return f"{value!r} holds more than who speaks: {claim.quote!r} too"
    found = scene.voices()
    if not found:
        return _without_voice(claim, scene, places, value)
    if cut := next(_cut_off(claim, places, [*found, *scene.carriers()]), None):
        return f"{value!r} is a part of {scene.text[slice(*cut)].strip()!r}"
    if any(_overlaps(place, voice) for voice in found for place in places):
        return None
    if any(scene.leads(voice, wanted, places) for voice in found):
        return None
    if any(_overlaps(place, voice) for voice in scene.carriers() for place in places):
        return None
    return f"{value!r} is not who speaks by {claim.quote!r}: that is {scene.known_as(found[0])}"


def check_speaker(claim: Claim) -> tuple[bool, str | None]:
    """Whether a source is who says what is quoted: whether that can be told, and what is wrong.

    The quotation is what is said, the context its sentence. It can be told where somebody
    speaks in that sentence; then the source is one of those, or wrong.
    """
    value = folded_text(str(claim.value)).strip()
    wanted = _bare(value)
    if not wanted:
        return False, None
    scene = _scene(claim)
    start, end = scene.sentence
    cues = [_moved(cue, start) for cue in cues_in(scene.text[start:end])]
    around = [cue for cue in cues if not _holds((claim.at, claim.end), cue)]
    nearest = sorted(around, key=lambda cue: min(abs(cue[0] - claim.end), abs(claim.at - cue[1])))
    found = [voice for cue in nearest for voice in scene.voices_by(cue)]
    if not found:
        return False, None
    places = list(_places(wanted, claim.context))
    if places and all(any(_holds(place, cue) for cue in cues) for place in places):
        return True, f"{value!r} holds more than who speaks"
    if cut := next(_cut_off(claim, places, found), None):
        return True, f"{value!r} is a part of {scene.text[slice(*cut)].strip()!r}"
    if any(_overlaps(place, voice) for voice in found for place in places):
        return True, None
    if any(scene.leads(voice, wanted, places) for voice in found):
        return True, None
    named = [voice for voice in found if not _PRONOUN.fullmatch(scene.said_by(voice))]
    if not named:
        return False, None  # he may be whoever was named before
    speaker = scene.known_as(named[0])
    return True, f"{value!r} is not who says {_short(claim.quote)!r}: that is {speaker}"


def _short(words: str) -> str:
    return words if len(words) <= 60 else f"{words[:57]}..."


def _without_voice(claim: Claim, scene: Scene, places: list[Place], value: str) -> str | None:
    """No cue is in the sentence: the speaker of the sentence before may go on speaking.

    Words outside of speech that are no known cue say nothing.
    """
    if "_" not in scene.text[claim.at : claim.end]:
        return None
    earlier = [voice for one in reversed(scene.earlier) for voice in scene.all_voices(one)]
    if not earlier:
        return None
    if any(_overlaps(place, voice) for voice in earlier for place in places):
        return None
    return f"{value!r} is not who speaks around {claim.quote!r}"


# --------------------------------------------------------------------------------- the source

_ARTICLES_ROWS = """
the a an der die das den dem des ein eine einer einem le la les l' un une el los las una
"""
_ARTICLES = frozenset(_ARTICLES_ROWS.split())
_TITLES_ROWS = """
mr mrs ms dr herr frau m mme señor señora sr sra
"""
_TITLES = frozenset(_TITLES_ROWS.split())
_WORD = regex.compile(r"([\p{L}\p{M}\p{N}]+(?:[.&/-][\p{L}\p{M}\p{N}]+)*)")
_WORD_IN_ASCII = re.compile(r"([A-Za-z0-9]+(?:[.&/-][A-Za-z0-9]+)*)")


def _bare(value: str) -> Sequence[str]:
    """The words of a source in small letters, without article and title."""
    words, _ = _words_in(value)
    first = next((i for i, word in enumerate(words) if word not in _ARTICLES | _TITLES), 0)
    return words[first:]


def _places(wanted: Sequence[str], text: str) -> Iterator[Place]:
    """Where the words of a source stand one after the other."""
    if wanted[0] not in text.lower():
        return
    words, places = _words_in(text)
    first, *others = [(target, f"{target}s") for target in wanted]
    for at in [at for at, word in enumerate(words) if word in first]:
        end = at + len(others)
        if end < len(words) and all(words[at + n] in o for n, o in enumerate(others, 1)):
            yield places[at][0], places[end][1]


# A pure function: several sources are looked for in the same sentences.
@lru_cache(maxsize=64)
def _words_in(text: str) -> tuple[Sequence[str], Sequence[Place]]:
    """The words in small letters, and where they stand."""
    # What is between words, and each word.
    pieces = (_WORD_IN_ASCII if text.isascii() else _WORD).split(text)
    ends = [*accumulate(map(len, pieces))]
    return [word.lower() for word in pieces[1::2]], [*zip(ends[::2], ends[1::2], strict=False)]


def _holds(place: Place, other: Place) -> bool:
    return place[0] <= other[0] and other[1] <= place[1]


def _cut_off(claim: Claim, places: list[Place], voices: list[Voice]) -> Iterator[Place]:
    """The speakers that an adjective of nationality alone was taken from: Russian, of TASS."""
    for start, end in places:
        heads = [v.head for v in voices if v.head[0] <= start and end < v.head[1]]
        if heads and any(
            known.name.kind == "people" and (known.start, known.end) == (start, end)
            for known in mentions(claim.context)
        ):
            yield from heads


def _overlaps(place: Place, voice: Voice) -> bool:
    return any(place[0] < end and start < place[1] for start, end in (voice.head, *voice.asides))


# ---------------------------------------------------------------------------------- the scene

_PRONOUN = regex.compile(
    r"(?i)(?:(?:t-)?(?:he|she|it|they|er|sie|es|il|elle|ils|elles|on|él|ella|ellos|ellas)|who|"
    r"which|qui|quien|der|die|que)"
)
_NO_SUBJECT = regex.compile(r"(?i)\A\s*(?:ha|han|había|se|le|les|)\s*\Z")
_DEFINITE = regex.compile(
    r"(?i)(?:the|its|his|her|their|this|der|die|das|dessen|le|la|les|l'|ce|cette|el|los|las|"
    r"su)[\s']"
)
_CAPITAL = regex.compile(r"\p{Lu}[\p{L}\p{M}'-]+")


@dataclass(frozen=True)
class Scene:
    """The cue's sentence and those before it; `text` is the context without what is quoted, and
    `quoted` where the quotation stands in it."""

    text: str
    sentence: Place
    earlier: tuple[Place, ...]
    quoted: Place
    language: str

    @cached_property
    def cue(self) -> Place | None:
        """The cue in the quotation, or else, of a clause, that of its sentence."""
        inside = self.text[slice(*self.quoted)]
        if cues := cues_in(inside):
            return _moved(cues[0], self.quoted[0])
        if "_" in inside or len(inside.split()) > 4:
            own = cues_in(self.text[slice(*self.sentence)])
            return _moved(own[0], self.sentence[0]) if own else None
        return None

    def voices(self) -> list[Voice]:
        """Who can speak by the cue, at places of the context."""
        if self.cue is None:
            return []
        return self._voices(self.sentence, self.cue)

    def carriers(self) -> list[Voice]:
        """Who passes on the whole sentence: "The Kremlin confirmed it, according to TASS"."""
        start, end = self.sentence
        cues = [match.span() for match in ACCORDING.finditer(self.text[start:end])]
        return [voice for cue in cues for voice in self._voices(self.sentence, _moved(cue, start))]

    def said_by(self, voice: Voice) -> str:
        """The words for a speaker."""
        return self.text[slice(*voice.head)].strip()

    def known_as(self, voice: Voice) -> str:
        """The words for a speaker with all that is said of them, in quotation marks; for a
        pronoun, those of whom it can mean."""
        words = self.text[slice(*voice.whole)].strip()
        if not _PRONOUN.fullmatch(self.said_by(voice)):
            return repr(words)
        for meant in self._before(self.sentence[0]):
            if self._agrees(self.said_by(voice), meant.whole):
                return f"{self.text[slice(*meant.whole)].strip()!r} ({words!r})"
        return repr(words)

    def voices_by(self, cue: Place) -> list[Voice]:
        """Who can speak by another cue of the sentence."""
        return self._voices(self.sentence, cue)

    def _voices(self, sentence: Place, cue: Place) -> list[Voice]:
        start, end = sentence
        found = voices(self.text[start:end], (cue[0] - start, cue[1] - start), self.language)
        return [
            Voice(
                _moved(one.head, start),
                _moved(one.whole, start),
                tuple(_moved(aside, start) for aside in one.asides),
            )
            for one in found
        ]

    def all_voices(self, sentence: Place) -> list[Voice]:
        """Everybody who speaks in a sentence."""
        start, end = sentence
        cues = sorted(cues_in(self.text[start:end]))
        return [v for cue in cues for v in self._voices(sentence, _moved(cue, start))]

    def leads(self, voice: Voice, wanted: Sequence[str], places: list[Place]) -> bool:
        """Whether a pronoun, a definite noun or a surname leads from the speaker to the source."""
        head = self.text[slice(*voice.head)].strip()
        before = [place for place in places if place[1] <= voice.head[0]]
        if not before:
            return False
        if _PRONOUN.fullmatch(head):
            return self._by_pronoun(head, before)
        words = _bare(head)
        if words and set(words) <= set(wanted) and self._is_name(words[-1], head):
            return True  # Solvang, of Ida Solvang
        return _DEFINITE.match(head) is not None and self._by_noun(words, before, voice.head[0])

    def _is_name(self, word: str, head: str) -> bool:
        return (
            any(match.group().lower() == word for match in _CAPITAL.finditer(head)) or word in head
        )

    def _by_pronoun(self, pronoun: str, places: list[Place]) -> bool:
        """Whether the source is the subject or a speaker before the pronoun.

        Where those are called otherwise (he, and not she), it may be another one there.
        """
        if any(self.sentence[0] <= start for start, _ in places):
            return True
        candidates = list(self._before(self.sentence[0]))
        agreeing = [voice for voice in candidates if self._agrees(pronoun, voice.whole)]
        if agreeing:
            return any(_overlaps(place, voice) for place in places for voice in agreeing)
        return not candidates or any(self._agrees(pronoun, place) for place in places)

    def _agrees(self, pronoun: str, place: Place) -> bool:
        wanted = pronoun_gender(pronoun)
        text = self.text[slice(*place)]
        own = gender_of(text, self.text[max(place[0] - 20, 0) : place[1] + 40].partition(".")[0])
        if pronoun.lower() == "it":
            return own is None
        return wanted is None or own is None or own == wanted

    def _before(self, end: int) -> Iterator[Voice]:
        """Subjects and speakers of the nearest sentence that has some which are no pronouns."""
        for sentence in reversed(self.earlier):
            found = [*self.all_voices(sentence), *self._subject(sentence)]
            named = [v for v in found if not _PRONOUN.fullmatch(self.text[slice(*v.head)].strip())]
            if named:
                yield from named
                return

    def _subject(self, sentence: Place) -> list[Voice]:
        """What stands before the first verb of a sentence."""
        start, end = sentence
        text = self.text[start:end]
        verb = next((v for v in verbs_in(text, self.language) if not v.weak), None) or next(
            iter(verbs_in(text, self.language)), None
        )
        if verb is None or verb.start == 0:
            return []
        found = voices(text, (verb.start, verb.start), self.language)
        return [
            Voice(
                _moved(v.head, start),
                _moved(v.whole, start),
                tuple(_moved(a, start) for a in v.asides),
            )
            for v in found
        ]

    def _by_noun(self, words: Sequence[str], places: list[Place], head: int) -> bool:
        """Whether "the minister" can mean the source: by its title, or as the subject before."""
        if words and any(self._is_titled(words[-1], place, head) for place in places):
            return True
        if words and self._is_of_others(words[-1], places):
            return False
        earlier = [place for place in places if place[1] <= self.sentence[0]]
        candidates = list(self._before(self.sentence[0]))
        return any(_overlaps(place, voice) for place in earlier for voice in candidates)

    def _is_of_others(self, noun: str, places: list[Place]) -> bool:
        """Whether a sentence before calls somebody by the noun, and not the source."""
        before = self.text[: self.sentence[0]]
        found = regex.finditer(rf"(?i)\b{regex.escape(noun)}\b", before)
        return any(not any(s <= m.start() < e for s, e in places) for m in found)

    def _is_titled(self, noun: str, place: Place, head: int) -> bool:
        """Whether a noun is in a name, its title, or in an apposition that ends before `head`."""
        left, right = self.text[max(place[0] - 60, 0) : place[0]], self.text[place[1] : head]
        word = regex.escape(noun)
        title = regex.search(
            rf"(?i:\b{word}\b)(?:\s(?:(?:of|for|de|von|der|du)\b|\p{{Lu}}\S*))*\s?\Z", left
        )
        apposition = regex.match(
            rf"(?i),\s{_ARTICLE}[^,;.]{{0,60}}\b{word}\b[^,;.]{{0,50}}[,.]", right
        )
        return bool(title or apposition) or noun in self.text[slice(*place)].lower()


_ARTICLE = r"(?:(?:an?|the|its|der|die|das|eine?|le|la|une?|el|una)\s|l')"


def _moved(place: Place, by: int) -> Place:
    return place[0] + by, place[1] + by


def _scene(claim: Claim) -> Scene:
    text = without_speech(claim.context)
    found = claim.sentences or ((0, len(text)),)
    index = next(
        (i for i, (start, end) in enumerate(found) if start <= claim.at < end), len(found) - 1
    )
    sentence = found[index]
    quoted = (claim.at, min(claim.end, sentence[1]))
    return Scene(text, sentence, tuple(found[:index]), quoted, claim.language[:2])
