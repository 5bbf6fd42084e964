"""Finite verbs in a clause, and the tenses that they can have (ACE 5.4.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType

import regex

from extractor.checks.phrases import Phrases


@dataclass(frozen=True)
class Verb:
    """A group of verbs at `text[start:end]`; `tenses` are those that it can have.

    A `weak` one may be no verb at all: a participle before a noun, a plural.
    """

    start: int
    end: int
    tenses: frozenset[str]
    weak: bool = False


_F, _P, _N, _U = "FUTURE", "PAST", "PRESENT", "UNSPECIFIED"
IRREGULAR = (
    "was|were|became|began|bit|bled|blew|bought|broke|brought|built|burnt|burst|came|caught|chose|clung|"
    "cost|crept|cut|dealt|died|dug|drank|drew|drove|ate|fed|fell|felt|fled|flew|forbade|forgot|fought|found|"
    "froze|gave|got|grew|had|heard|held|hid|hit|hung|hurt|kept|knelt|knew|laid|lay|led|left|lent|let|lit|"
    "lost|made|meant|met|paid|put|quit|ran|rang|read|rode|rose|sank|sat|saw|sent|set|shook|shot|shut|slept|"
    "slid|sold|sought|spent|split|spoke|spread|sprang|stole|stood|struck|stuck|swam|swept|swore|swung|said|"
    "taught|threw|told|took|tore|understood|went|withdrew|won|wore|wept|wrote|overthrew|overran|overtook|shed|did"
)
_ADVERBS = (
    r"(?:(?:not|n't|also|now|still|already|soon|never|only|even|ever|just|then|reportedly|"
    r"\p{L}+ly|no longer|all|both|yet|once) )*"
)
_TO = r"(?:to )(?:be )?\p{L}+"
_TO = r"(?:to )(?:be )?\p{L}+"
_PLANS = (
    r"plan|intend|hope|aim|expect|want|vow|promis|threaten|prepar|pledg|agre|decid|seek|propos|"
    r"offer|mean|need|wish"
)
_ENGLISH: Sequence[tuple[str, str]] = (
    (
        _F,
        rf"(?-i:will|Will(?= (?:the|he|she|they|it|this|we)\b)|shall|won't|(?<=\p{{L}})'ll) "
        rf"{_ADVERBS}(?:be |have )?{_ADVERBS}\p{{L}}+",
    ),
    (f"{_P} {_U}", rf"would {_ADVERBS}have (?:been )?{_ADVERBS}\p{{L}}+"),
    (_P, rf"(?:may|might|could|can|should|must|cannot) {_ADVERBS}have (?:been )?\p{{L}}+"),
    (f"{_F} {_U}", rf"(?:would|wouldn't) {_ADVERBS}(?:be )?\p{{L}}+"),
    (f"{_F} {_P} {_N} {_U}", r"(?:could not|couldn't) (?:be )?\p{L}+"),
    (
        f"{_F} {_N} {_U}",
        rf"(?:(?-i:may)|might|could|can|should|must|cannot|can't) {_ADVERBS}(?:be )?\p{{L}}+",
    ),
    (
        _F,
        rf"(?:is|are|isn't|aren't|'s|'re|been) {_ADVERBS}(?:expected|due|set|scheduled|likely|"
        rf"unlikely|poised|slated|planned|supposed|going|about|bound|ready|preparing|planning|"
        rf"hoping|meant|tipped|certain|sure) {_TO}",
    ),
    (_F, rf"(?:is|are) {_ADVERBS}{_TO}"),
    (
        _F,
        rf"(?:is|are|isn't|aren't) {_ADVERBS}(?:expected|due|scheduled|planned|slated|likely|"
        rf"unlikely|imminent|set for)",
    ),
    (
        f"{_F} {_P} {_U}",
        rf"(?:was|were|had been) {_ADVERBS}(?:expected|due|set|scheduled|supposed|going|about|"
        rf"planned|meant|likely|slated|{_TO})(?: {_TO})?",
    ),
    (f"{_F} {_U}", rf"(?:{_PLANS})(?:e|s|es|ed|d|ing)? {_TO}"),
    (
        f"{_F} {_U}",
        rf"(?:order|urg|ask|told|call|demand|invit|press|warn|requir|command)(?:e|s|es|ed|d|"
        rf"ing)? (?:on )?(?:\p{{L}}+ ){{1,5}}?{_TO}",
    ),
    (f"{_P} {_N}", rf"(?:has|have|'ve|hasn't|haven't) {_ADVERBS}been {_ADVERBS}\p{{L}}+ing"),
    (
        _P,
        rf"(?:has|have|'ve|hasn't|haven't|having) {_ADVERBS}(?:been "
        rf")?{_ADVERBS}(?:\p{{L}}+(?:ed|en|wn|ne|ght|un|um|ut|it|et|id|de|me|ld|nt|pt|rt|st|lt|"
        rf"ft|ck|ot|ad|ead)|won|run|hit)\b",
    ),
    (_P, rf"(?:had|hadn't) {_ADVERBS}(?:been )?{_ADVERBS}\p{{L}}+"),
    (_P, r"(?:did|didn't)(?: not| never)? \p{L}+"),
    (_N, r"(?:does|do|doesn't|don't)(?: not| never)? \p{L}+"),
    (
        _P,
        rf"(?:was|were|wasn't|weren't) {_ADVERBS}(?:being )?{_ADVERBS}\p{{L}}+(?:ing|ed|en|wn|"
        rf"ght)?",
    ),
    (
        f"{_N}",
        rf"(?:is|are|isn't|aren't|'re|am) {_ADVERBS}(?:being )?{_ADVERBS}\p{{L}}+(?:ing|ed|en|"
        rf"wn)\b",
    ),
    (
        _N,
        rf"(?:is|are|isn't|aren't|'re|remains?|continues?|stands?|keeps?|lies?|has|have)(?: "
        rf"{_ADVERBS}\p{{L}}+)?",
    ),
    (_P, rf"(?:{IRREGULAR})"),
)
_ENGLISH_WEAK: Sequence[tuple[str, str]] = (
    (f"{_F} {_U}", r"to (?:be )?\p{Ll}+"),
    (_P, r"\p{Ll}+ed"),
    (
        f"{_N}",
        r"\p{Ll}{2,}[^s'\W]s(?= (?:the|a|an|to|in|on|at|"
        r"for|up|out|from|over|with|its|his|her|their|\p{Lu}|that|against|into|new|more|\d))"
        r"(?<!\b(?:the|a|an|of|in|on|for|\d|two|three|four|five|six|many|several|some|its|his|"
        r"her|their|all|and|by|with|to|from) \p{Ll}{2,}[^s'\W]s)",
    ),
)
_PARTICIPLE_DE = r"(?:ge|be|ver|er|ent|zer|\p{Ll}{2,4}ge)\p{Ll}+(?:t|en)|\p{Ll}+iert"
_GERMAN: Sequence[tuple[str, str]] = (
    (
        _P,
        rf"(?:wird|werden|dürfte[n]?|könnte[n]?|soll|sollen|muss|müssen|kann|"
        rf"mag)\b(?=[^.;]{{0,120}}\b(?:{_PARTICIPLE_DE}) (?:haben|sein|worden sein)\b)",
    ),
    (
        f"{_F} {_N}",
        rf"(?:wird|werden)\b(?=[^.;,]{{0,120}}\b(?:{_PARTICIPLE_DE})(?=\s*(?:[.,;]|\Z| und)))",
    ),
    (_F, r"(?:wird|werden|werde|würde[n]?)(?=\s)"),
    (_F, r"(?:will|wollen|wolle|soll|sollen|solle|plant|planen|beabsichtigt|möchte[n]?)\b"),
    (f"{_F} {_P} {_U}", r"(?:wollte|wollten|sollte|sollten|plante[n]?)\b"),
    (f"{_F} {_N} {_U}", r"(?:könnte[n]?|dürfte[n]?|müsste[n]?|kann|können|muss|müssen)\b"),
    (
        _P,
        rf"(?:hat|haben|habe|hätten|ist|sind|sei|"
        rf"seien)\b(?=[^.;]{{0,160}}\b(?:{_PARTICIPLE_DE})(?:\s(?:worden|gewesen))?\s*(?:[.,;]|"
        rf"\Z| und|haben|sein|hat|habe|sei))",
    ),
    (_P, r"(?:wurde|wurden|war|waren|hatte|hatten|konnte[n]?|musste[n]?)\b"),
    (
        _P,
        r"(?:kam|kamen|ging|gingen|starb(?:en)?|fand(?:en)?|gab(?:en)?|traf(?:en)?|trat(?:en)?|"
        r"nahm(?:en)?|fiel(?:en)?|brach(?:en)?|schlug(?:en)?|schloss(?:en)?|zog(?:en)?|"
        r"flog(?:en)?|floh(?:en)?|hielt(?:en)?|blieb(?:en)?|ließ(?:en)?|stieg(?:en)?|"
        r"sank(?:en)?|begann(?:en)?|griff(?:en)?|lief(?:en)?|verlor(?:en)?|gewann(?:en)?|"
        r"sprach(?:en)?|stand(?:en)?|sah(?:en)?|warf(?:en)?|bestritt(?:en)?|wies(?:en)?|"
        r"rief(?:en)?|schoss(?:en)?|fuhr(?:en)?|erhielt(?:en)?|verbot(?:en)?|entschied(?:en)?|"
        r"unterschrieb(?:en)?|stritt(?:en)?|stürzte[n]?|lag(?:en)?|empfing(?:en)?|"
        r"überfiel(?:en)?)\b",
    ),
    (
        _P,
        r"\p{Ll}{3,}(?:te|ten)(?=\s|\Z|[.,])(?<!heute|rechte|letzten|letzte|ersten|nächsten|"
        r"zweiten|dritten|soldaten|seiten|mitte|leute|könnte|könnten|möchte)",
    ),
    (
        _N,
        r"(?:ist|sind|sei|hat|haben|steht|stehen|bleibt|bleiben|gilt|läuft|laufen|dauert|"
        r"dauern|streikt|streiken|kämpft|kämpfen|tagt|tagen|protestiert|protestieren|"
        r"verhandelt|verhandeln|gibt|besteht|befindet|befinden)\b",
    ),
)
_GERMAN_WEAK: Sequence[tuple[str, str]] = (
    (
        f"{_N} {_F}",
        r"\p{Ll}{3,}t(?<!nicht|mit|seit|jetzt|erst|fast|selbst|zeit|samt|bereits|damit|somit|weit)"
        r"(?=[\s.,])",
    ),
)
_PARTICIPLE_FR = (
    r"\p{Ll}+(?:é|ée|és|ées|i|ie|is|it|ite|ites|u|ue|us|ues|ert|erte|int|inte|ort|orte)\b"
)
_FRENCH: Sequence[tuple[str, str]] = (
    (
        _P,
        rf"(?:pourrai(?:t|ent)|devrai(?:t|ent)|aurai(?:t|ent)|serai(?:t|ent)) (?:\p{{L}}+ "
        rf")?(?:avoir|être|été)? ?{_PARTICIPLE_FR}",
    ),
    (
        f"{_F} {_U} {_N}",
        r"(?:devrai(?:t|ent)|pourrai(?:t|ent)|doit|doivent|peu(?:t|vent))(?: pas)? \p{Ll}+",
    ),
    (_P, r"(?:vien(?:t|nent)|venai(?:t|ent)) (?:de |d')\p{Ll}+"),
    (_F, r"(?:va|vont) (?:pas )?\p{Ll}+(?:er|ir|re|oir)\b"),
    (
        _F,
        r"(?:prévoi(?:t|ent)|compte(?:nt)?|envisage(?:nt)?|s'apprête(?:nt)?|a promis|ont "
        r"promis|veu(?:t|lent)|souhaite(?:nt)?|espère(?:nt)?)(?: (?:de|à|d'))? ?\p{Ll}*",
    ),
    (_F, r"(?:est|sont) (?:prévue?s?|attendue?s?|programmée?s?|appelée?s? à)\b"),
    (f"{_F} {_P}", r"(?:était|étaient) (?:prévue?s?|attendue?s?|programmée?s?)\b"),
    (f"{_F} {_P} {_U}", r"(?:allai(?:t|ent)|devai(?:t|ent)) \p{Ll}+(?:er|ir|re|oir)\b"),
    (
        _F,
        r"\p{Ll}{2,}(?:era|eront|ira|iront|dra|dront|rra|rront|tra|tront|ura|uront|vra|vront|"
        r"sera|aura|fera|ra|ront)\b",
    ),
    (f"{_F} {_U}", r"\p{Ll}{3,}(?:rait|raient)\b"),
    (
        _P,
        rf"(?:a|ont|avait|avaient|ait|aient|(?:s')?(?:est|sont|était|étaient)|n'a|n'ont|n'est|"
        rf"n'avait)(?: (?:pas|jamais|également|aussi|déjà|tous|été|\p{{Ll}}+ment))* "
        rf"{_PARTICIPLE_FR}",
    ),
    (
        _P,
        r"(?:fut|furent|eut|eurent|mourut|moururent|prit|prirent|fit|firent|vint|vinrent|dit|"
        r"tint|mit|\p{Ll}{3,}èrent|\p{Ll}{3,}(?:ait|aient|irent)|était|étaient|avait|avaient)\b",
    ),
    (
        _N,
        r"(?:est|sont|reste(?:nt)?|se poursui(?:t|vent)|continue(?:nt)?|dure(?:nt)?|a lieu|"
        r"manifeste(?:nt)?)\b",
    ),
)
_PARTICIPLE_ES = r"\p{Ll}+(?:ado|ido|ada|ida|ados|idos|adas|idas|to|cho|sto|rto)\b"
_SPANISH: Sequence[tuple[str, str]] = (
    (_P, rf"(?:podría|podrían|debería|deberían|habría|habrían) (?:haber )?{_PARTICIPLE_ES}"),
    (f"{_F} {_U} {_N}", r"(?:podría|podrían|debería|deberían|puede|pueden|debe|deben) \p{Ll}+"),
    (_P, r"(?:acaba|acaban|acababa) de \p{Ll}+"),
    (_F, r"(?:va|van) a \p{Ll}+(?:ar|er|ir)(?:se)?\b"),
    (f"{_F} {_P} {_U}", r"(?:iba|iban) a \p{Ll}+(?:ar|er|ir)(?:se)?\b"),
    (
        _F,
        r"(?:prevé|prevén|planea|planean|tiene previsto|tienen previsto|quiere|quieren|espera|"
        r"esperan|pretende|pretenden|se propone) \p{Ll}+(?:ar|er|ir)(?:se|lo|la)?\b|(?:está|"
        r"están) (?:previst|programad)[oa]s?",
    ),
    (_F, r"\p{Ll}{2,}(?:rá|rán)\b"),
    (f"{_F} {_U}", r"\p{Ll}{3,}(?:ría|rían)\b"),
    (_P, rf"(?:ha|han|había|habían|haya|hayan|hubo|fue|fueron) (?:sido )?(?:{_PARTICIPLE_ES})?"),
    (
        _P,
        r"(?:fue|fueron|hubo|dijo|hizo|hicieron|vino|puso|pusieron|tuvo|tuvieron|estuvo|"
        r"estuvieron|era|eran|\p{Ll}{2,}(?:ó|aron|ieron|yeron|jeron|aba|aban)|\p{Ll}{2,}(?<!d|"
        r"s)ía[n]?)\b",
    ),
    (
        _N,
        r"(?:está|están|sigue|siguen|continúa|continúan|es|son|hay|permanece|permanecen|"
        r"mantiene|mantienen|dura|duran|\p{Ll}+(?:a|an) en huelga)\b",
    ),
)
_FRENCH_WEAK: Sequence[tuple[str, str]] = (
    (
        _N,
        r"\p{Ll}{2,}(?:ent|ssent|vent|ttent|e)(?<!ment|ance|ence|tion|ité)(?= (?:à|au|aux|le|"
        r"la|les|un|une|des|en|dans|sur|pour|contre|de|du|depuis|avec|par|chez|toujours|encore|"
        r"ce|cette|leurs?|son|sa)\b)",
    ),
)
_SPANISH_WEAK: Sequence[tuple[str, str]] = (
    (
        _N,
        r"\p{Ll}{2,}(?:an|en|a|e)(?= (?:a|al|el|la|los|las|un|una|en|por|para|contra|desde|"
        r"sobre)\b)(?<!ción|para|contra|entre|sobre|una|desde|que)",
    ),
)
_TABLES: Mapping[str, tuple[Sequence[tuple[str, str]], Sequence[tuple[str, str]]]] = (
    MappingProxyType(
        {
            "en": (_ENGLISH, _ENGLISH_WEAK),
            "de": (_GERMAN, _GERMAN_WEAK),
            "fr": (_FRENCH, _FRENCH_WEAK),
            "es": (_SPANISH, _SPANISH_WEAK),
        }
    )
)


@cache
def _verbs(code: str) -> tuple[Phrases, Sequence[tuple[frozenset[str], bool]]]:
    """The verbs of a language, compiled when they are first asked for: that takes a while. With
    them, the tenses of each, and whether it is weak."""
    strong, weak = _TABLES[code]
    words = (rf"(?<![\p{{L}}-])(?:{each})(?![\p{{L}}-])" for _, each in (*strong, *weak))
    kinds = [(frozenset(tenses.split()), False) for tenses, _ in strong]
    kinds += [(frozenset(tenses.split()), True) for tenses, _ in weak]
    return Phrases(*map(regex.compile, words)), kinds


# A pure function: tense, cues and speakers are asked of the same few clauses of a record.
@lru_cache(maxsize=64)
def verbs_in(text: str, language: str) -> tuple[Verb, ...]:
    """The groups of verbs of a text, in order; where they overlap the more telling one."""
    found: list[Verb] = []
    phrases, kinds = _verbs(language)
    for number, match in phrases.matches(text):
        start, end = match.span()
        if not any(start < other.end and other.start < end for other in found):
            found.append(Verb(start, end, *kinds[number]))
    return tuple(sorted(found, key=lambda verb: verb.start))
