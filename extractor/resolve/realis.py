"""Whether an event that a text mentions happened, by the words around its mention (English).

The classes are those of Rich ERE (Song and others, 2015): actual (a certain event that happened
or happens), generic (events of a kind, none in particular) and other (a certain event that did
not happen for sure: future, asked for, possible, attempted, denied). The rules were made with 80
articles of CASIE (Satyapanich, Ferraro and Finin, 2020); what they reach stands in
docs/experiments.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractor.resolve.words import Resolution, Words
from extractor.text import folded_text

_BEFORE, _BEHIND = 250, 150
"""Characters of the clause that are looked at on either side."""
_NUMBER = re.compile(r"\[\d+\] ?")
_CLAUSE_ENDS = re.compile(r'(?<=[.!?;])\s+|\n+|["“”]|: ')
_SENTENCE_ENDS = re.compile(r"(?<=[.!?;])\s+|\n+")


def realis(words: Words) -> Resolution:
    """Resolver `event.realis`: actual, generic or other, of the first place of the words.

    Negation and words of doubt make it other, and so do modal verbs unless they speak of people
    in general; a date makes it actual; "you", conditions without a past tense, bare plurals and
    words such as "often" make it generic. What nothing speaks against is actual.
    """
    text = words.article.text
    start, end = words.spans[0]
    before = folded_text(_NUMBER.sub("", text[max(0, start - _BEFORE) : start]))
    behind = folded_text(_NUMBER.sub("", text[end : end + _BEHIND]))
    quote = folded_text(_NUMBER.sub("", words.quote))
    clause = _Clause(
        _CLAUSE_ENDS.split(before)[-1].lower(),
        quote.strip().lower(),
        _SENTENCE_ENDS.split(behind)[0].lower(),
    )
    return Resolution(clause.realis)


@dataclass(frozen=True)
class _Clause:
    """A mention, with what stands before it in its clause and behind it in its sentence."""

    before: str
    own: str
    behind: str

    @property
    def realis(self) -> str:
        if self._is_denied or _HEDGE.search(f"{self._last(5)} {self.own}"):
            return "other"
        if self._is_modal:
            is_general = self._is_of_people or self._is_addressed or self._is_conditional
            return "generic" if is_general else "other"
        if _DATED.search(f"{self.before}{self.own} {self.behind}"):
            return "actual"
        return "generic" if self._is_of_a_kind else "actual"

    @property
    def _is_of_a_kind(self) -> bool:
        if self._is_addressed or self._is_bare:
            return True
        if self._is_conditional and not self._is_past:
            return True
        if _OFTEN.search(self._last(8)) and (self._is_named or not self._is_past):
            return True
        return self._is_of_people and not self._is_past and not self._is_named

    def _last(self, number: int) -> str:
        return " ".join(self.before.split()[-number:])

    @property
    def _is_denied(self) -> bool:
        return bool(_DENIED.search(self._last(6)) or _DENIED_ITSELF.search(self.own))

    @property
    def _is_modal(self) -> bool:
        return bool(_MODAL_BEFORE.search(self._last(5)) or _MODAL.match(self.own))

    @property
    def _is_conditional(self) -> bool:
        return bool(_CONDITION.search(self.before))

    @property
    def _is_addressed(self) -> bool:
        return bool(_YOU.search(f"{self.before} {self.own} {self.behind[:60]}"))

    @property
    def _is_of_people(self) -> bool:
        return bool(_PEOPLE.search(self._last(5)))

    @property
    def _is_past(self) -> bool:
        """Of a past or a perfect, a passive, a participle or an infinitive, as its words look."""
        has_auxiliary = _AUXILIARY.search(f"{self._last(5)} {self.own}")
        return bool(has_auxiliary or _PAST.search(self.own) or _IRREGULAR.search(self.own))

    @property
    def _is_named(self) -> bool:
        """Whether a noun names it: "the attack", "of phishing"."""
        if _DETERMINED.match(self.own):
            return True
        last = self.own.split()[-1:] or [""]
        is_noun = _NOUN.search(self.own) and not last[0].endswith("ed")
        return bool(is_noun and (not self.before.strip() or _BEFORE_A_NOUN.search(self.before)))

    @property
    def _is_bare(self) -> bool:
        """Whether a noun without an article names it."""
        determined = _DETERMINED.match(self.own) or _DETERMINED_BEFORE.search(self._last(5))
        return self._is_named and not determined


def _any(words: str) -> str:
    return f"(?:{'|'.join(words.split())})"


_MODAL_WORD = rf"{_any('will would can could may might shall should must cannot')}(?:n't| not)?|'ll"
_MODAL = re.compile(rf"(?:{_MODAL_WORD})\b")
_MODAL_BEFORE = re.compile(
    rf"(?:\b(?:{_MODAL_WORD})|'ll)(?: (?:\w+ly|also|then|be|have|been|still|only|to))*$"
)
_DENIED = re.compile(
    r"n't\b|\b(?:not|never|no|nobody|none|without|neither|nor|rather than|instead of|unable"
    r"|unlikely|fail(?:ed|s|ing)?|refus(?:e|es|ed|ing)|declin(?:e|es|ed|ing)|den(?:ied|ies)"
    r"|prevent(?:s|ed|ing)?|avoid(?:s|ed|ing)?|stop(?:s|ped|ping)?)\b"
)
_DENIED_ITSELF = re.compile(r"n't\b|\b(?:not|never)\b")
_HEDGE = re.compile(
    r"\b(?:possible|potential|alleged|attempted|suspected|apparent|purported|future|upcoming"
    r"|possibility|risk of|threat of)\b"
)
_CONDITION = re.compile(r"\b(?:if|unless|whether|once|when|whenever|until|in case|should)\b")
_PEOPLE = re.compile(
    r"\b(?:attackers?|hackers?|criminals?|cybercriminals?|scammers?|fraudsters?|users?|victims?"
    r"|compan(?:ies)|organi[sz]ations|people|you|we|one|anyone|someone|they|businesses|individuals"
    r"|crooks|actors?)(?: \w+){0,2}$"
)
_OFTEN = re.compile(
    r"\b(?:often|usually|generally|typical(?:ly)?|common(?:ly)?|sometimes|frequently|always|any"
    r"|every|each|many|most|such|these days)\b"
)
_YOU = re.compile(r"\byour?\b")
_DATED = re.compile(
    r"\b(?:on|last|in) (?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april"
    r"|may|june|july|august|september|october|november|december|week|month|year|20\d\d)\b"
    r"|\bago\b|\byesterday\b|\btoday\b"
)
_AUXILIARY = re.compile(r"\b(?:has|have|had|was|were|been|did)\b|\bto$|^to |ing\b")
_PAST = re.compile(r"(?:ed|en)\b")
_IRREGULAR = re.compile(
    r"\b(?:found|said|told|hit|stolen?|broke|got|took|taken|made|sent|paid|put|led|left|lost|held|gave"
    r"|given|sold|began|came|saw|seen|known?|knew|wrote|written|built|brought|fell|hid|hidden|kept"
    r"|spread|was|were|had|been|did|gone|went|leaked|shut|let|cut|set|ran|run)\b"
)
_DETERMINER = "a an the this these that their its his our"
_DETERMINED = re.compile(rf"{_any(_DETERMINER + ' such')}\b")
_LINK = _any("of in on by with for from about against")
_DETERMINED_BEFORE = re.compile(
    rf"\b{_any(_DETERMINER + ' those recent latest')}(?: (?!{_LINK}\b)\w+){{0,2}}$"
)
_NOUN = re.compile(
    r"(?:s|tion|sions?|ment|attack|breach|ransomware|phishing|scam|campaign|leak|theft|demand|fraud"
    r"|extortion|compromise|hack)$"
)
_BEFORE_A_NOUN = re.compile(
    rf"\b{_any('of in by from with a an the this these for on through via and as new recent that')}"
    r" $|\b(?:other|to) $|, $"
)
