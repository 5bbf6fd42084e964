"""Who speaks in a sentence: the noun phrase that goes with a cue of attribution."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import regex

from extractor.checks.phrases import Phrases
from extractor.checks.verbs import verbs_in

Place = tuple[int, int]


@dataclass(frozen=True)
class Voice:
    """A speaker: `head` is who speaks, `whole` also what is said of them (in the text given).

    `parted` says whether something between commas stands between them and the verb.
    """

    head: Place
    whole: Place
    asides: tuple[Place, ...] = ()
    parted: bool = False


ACCORDING = regex.compile(
    r"(?i)\b(?:according to|in the words of|per|laut|zufolge|nach (?:angaben|worten|aussage|"
    r"auskunft|darstellung)(?: (?:von|vom|der|des|eines|einer))?"
    r"|selon|d'après|de source|según|de acuerdo con|en palabras de|a juicio de)(?=\s|\Z)"
)
_CITING = regex.compile(
    r"(?i)\b(?:citing|quoting|cit(?:ed|es)|quot(?:ed|es)|referring to|citando a|citó a|citant|"
    r"a cité|unter berufung auf|"
    r"(?:as )?(?:reported|told|said|confirmed|announced|stated|quoted|claimed|described) by|"
    r"statement (?:by|from)|berief sich auf)(?=\s|\Z)"
)
SAYING = regex.compile(
    r"(?i)\b(?:sa(?:id|ys?|ying)|t(?:old|ells?|elling)|report(?:ed|s)|announc(?:ed|es)|"
    r"stat(?:ed|es)|claim(?:ed|s)|wr(?:ote|ites|itten)|add(?:ed|s)|"
    r"confirm(?:ed|s)|den(?:ied|ies)|warn(?:ed|s)|estimat(?:ed|es)|insist(?:ed|s)|declar(?:ed|"
    r"es)|explain(?:ed|s)|argu(?:ed|es)|acknowledg(?:ed|es)|admit(?:ted|s)|"
    r"alleg(?:ed|es)|assert(?:ed|s)|conced(?:ed|es)|suggest(?:ed|s)|not(?:ed|es)|recall(?:ed|"
    r"s)|testif(?:ied|ies)|tweeted|posted|spoke|promised|vowed|"
    r"pledged|accuse[sd]?|complained|predicted|urged|called|asked|answered|replied|responded|"
    r"commented|remarked|believe[sd]?|thinks?|thought|disagree[ds]?|protest(?:ed|s)|joked|"
    r"quipped|lamented|maintain(?:ed|s)|conclud(?:ed|es)|"
    r"emphasi[sz](?:ed|es)|stress(?:ed|es)|disclos(?:ed|es)|reveal(?:ed|s)|caution(?:ed|s)|"
    r"object(?:ed|s)|clarif(?:ied|ies)|"
    r"contend(?:ed|s)|divulged|exclaimed|whispered|shouted|read(?:s)?|reckon(?:ed|s)|put(?: "
    r"the)?|gave|"
    r"meinte[n]?|klagte[n]?|rief(?:en)?|sprach(?:en)?|versicherte[n]?|schätzt|schätzte[n]?|"
    r"mahnte[n]?|lobte[n]?|kritisierte[n]?|"
    r"mitteilte[n]?|ankündigte[n]?|angab(?:en)?|gab(?:en)? an|wie|protestierte[n]?|forderte[n]?|"
    r"(?:a|ont) (?:lancé|prévenu|souligné|protesté|répondu|martelé|regretté|rappelé|soutenu|"
    r"raconté|confié|témoigné|insisté|plaidé|dénoncé)|"
    r"lancé|lance|prévenu|souligné|souligne|répond|raconte|regrette|"
    r"protestó|lamentó|subrayó|recordó|insistió|respondió|destacó|denunció|apuntó|precisó|"
    r"reveló|estimó|calcula|señalan?|afirman?|asegura[n]?|explica[n]?|"
    r"sagte[n]?|sagt|berichtete[n]?|berichtet|teilte[n]?|meldete[n]?|meldet|erklärte[n]?|"
    r"erklärt|betonte[n]?|kündigte[n]?|warnte[n]?|bestätigte[n]?|"
    r"bestritt(?:en)?|schrieb(?:en)?|behauptete[n]?|äußerte[n]?|fügte[n]?|räumte[n]?|gesagt|"
    r"mitgeteilt|erklärt|"
    r"(?:a|ont)-(?:t-)?(?:il|elle|on|ils|elles) \p{Ll}+|"
    r"(?:a|ont|avait) (?:\p{Ll}+ment )?(?:dit|déclaré|annoncé|affirmé|indiqué|rapporté|"
    r"expliqué|confirmé|démenti|assuré|ajouté|précisé|estimé|écrit|reconnu|averti)|"
    r"dit|déclaré|déclare|affirme|affirmé|indique|indiqué|annonce|annoncé|explique|expliqué|"
    r"accuse(?:nt)?|assure|assuré|précisé|estime|rapporte|ajoute|confirme|"
    r"dijo|dijeron|informó|informaron|informa|declaró|declararon|anunció|anunciaron|aseguró|"
    r"aseguraron|afirmó|afirmaron|señaló|explicó|confirmó|confirmaron|negó|negaron|"
    r"indicó|indicaron|añadió|advirtió|admitió|reconoció|sostuvo|manifestó|escribió|comentó|"
    r"acusa(?:n|ron)?|acusó|relató|contó|dice|dicen|ha dicho|han dicho)\b"
)
_SAID_HE = regex.compile(r"\b\p{L}+-(?:t-)?(?:il|elle|on|ils|elles)\b")
_CUES = Phrases(ACCORDING, _CITING, SAYING, _SAID_HE)
_SAYINGS = Phrases(SAYING, _SAID_HE)
_HELPERS = regex.compile(
    r"(?i)(?:\s(?:has|have|had|is|was|were|are|also|later|then|now|again|only|even|earlier|"
    r"repeatedly|previously|not|did|would|could|will|hat|haben|hatte|habe|auch|sich|später|"
    r"dann|"
    r"zuvor|am \p{L}+|a|ont|avait|l'|ha|han|había|se|le|les|nos|lo|también|on \p{Lu}\p{L}+|"
    r"late on \p{L}+|(?-i:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)|"
    r"(?<!\b(?:[Tt]he|[Aa]|[Aa]n)\s)\p{Ll}+ly|"
    r"quoted as|been|himself|herself|itself))+\s*\Z"
)
_START = regex.compile(
    r"(?i)[,;:.!?\"]\s*|\s-{1,3}\s|\s(?:but|that|because|while|although|as|when|whether|if|"
    r"aber|dass|weil|während|denn|mais|que|tandis que|car|pero|mientras|porque)\s"
)
_AND = regex.compile(r"(?i)\s(?:and|und|et|y|e)\s")
_HEAD_END = regex.compile(
    r"(?i)\s(?:dem|den|gegenüber|who|which|whose|that|from|of|for|in|at|on|with|to|by|near|"
    r"close|familiar|"
    r"involved|working|speaking|briefed|von|vom|des|der|aus|für|in|im|am|bei|mit|zu|"
    r"de|du|des|d'|dans|à|au|pour|qui|chargé|auprès|del|de la|en|para|que|cercan\w+)(?=\s|'|"
    r"\Z)|\s\(|,"
)
_OWNER = regex.compile(r"(?:.*\p{L}'s?|.*s')\s(?=\p{Ll}|\p{Lu})")
_DOCUMENT = regex.compile(
    r"(?i)\b(?:statement|report|letter|study|ruling|communiqué|communique|note|post|message|"
    r"document|release|bulletin|survey|poll|paper|figures|data|"
    r"erklärung|mitteilung|bericht|schreiben|studie|communiqué|rapport|lettre|étude|comunicado|"
    r"informe|nota|carta|estudio|documento|source|sources)\b"
)
_AFTER_END = regex.compile(
    r"(?i)[;:.!?\"(]|\s-{1,3}\s|\s(?:that|dass|que|qu'|after|before|when|while|as|but|and "
    r"(?=\p{Ll}+ed\b)|at a|in an|in a|on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)|durante|tras|"
    r"lors d|à l|am (?:Mon|Diens|Mitt|Donners|Frei|Sams|Sonn)|gegenüber|nach|vor|ce (?:lundi|"
    r"mardi)|(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|"
    r"jueves|viernes|sábado|domingo))\s?"
)


# A pure function: the sources of a record are asked of the same few sentences.
@lru_cache(maxsize=64)
def without_speech(text: str) -> str:
    """The text with what stands in quotation marks blanked out, at the same length."""
    text = _IN_DOUBLE_MARKS.sub(_blank, text)
    return _IN_SINGLE_MARKS.sub(_blank, text)


def _blank(match: regex.Match[str]) -> str:
    if len(match.group().split()) < 4 and not _ENDS_SPEECH.search(match.group()):
        return f" {match.group()[1:-1]} "  # the name of a newspaper
    return match.group()[0] + "_" * (len(match.group()) - 2) + match.group()[-1]


_IN_DOUBLE_MARKS = regex.compile(r"\"[^\"]*\"")
_IN_SINGLE_MARKS = regex.compile(r"(?<![\p{L}\d])'[^']{12,}?'(?!\p{L})")
_ENDS_SPEECH = regex.compile(r"[,.!?]\W*\Z")


_AS_SAYING = regex.compile(
    r"(?i)\b(?:quoted|cited|reported|zitiert|cité|citado)(?: as (?:having )?\p{L}+)?\b"
)
# The Courier quoted the coach as saying.
_QUOTED_AS = regex.compile(r"(?i)as (?:having )?(?:sa|tell|told)")
_QUOTING = regex.compile(r"(?i)\b(?:quot|cit)(?:ed|es|ing)\s([^,;:.]{2,80})\s\Z")
_PASSIVE = regex.compile(
    r"(?i)\b(?:was|were|been|is|are|wird|wurde|est|a été|fue)\s(?:\p{L}+\s)?\Z"
)
_INSIDE = regex.compile(r"-(?:t-)?(il|elle|ils|elles)\b")


# A pure function: the sources of a record are asked of the same few sentences.
@lru_cache(maxsize=64)
def voices(text: str, cue: Place, language: str) -> tuple[Voice, ...]:
    """Who can be the speaker of a cue at `text[cue]`; `text` is one sentence without speech."""
    return tuple(_voices(text, cue, language))


def _voices(text: str, cue: Place, language: str) -> list[Voice]:
    start, end = cue
    words = text[start:end]
    if (quoted := _AS_SAYING.search(words)) and _PASSIVE.search(text[: start + quoted.start()]):
        found = _before(text, start + quoted.start(), language)
        return [found] if found else []
    if _QUOTED_AS.match(words) and (named := _QUOTING.search(text[:start])):
        return [v for v in [_voice(text, *named.span(1), (), language)] if v]
    if match := (ACCORDING.search(words) or _CITING.search(words)):
        found = _after(text, start + match.end(), language)
        return [found] if found else []
    if pronoun := _INSIDE.search(words):
        own = (start + pronoun.start(1), start + pronoun.end(1))
        return [Voice(own, own)]
    verb = next(iter(SAYING.finditer(words)), None)
    if verb is not None:
        start, end = start + verb.start(), start + verb.end()
    if (by := _BY.match(text[end:])) and _IN_PASSIVE.search(text[:start]):
        found = _after(text, end + by.end() - 1, language)
        return [found] if found else []
    if _GOES_ON.search(text, max(start - _LONGEST_AND, 0), start) and (
        subject := _first_subject(text, start, language)
    ):
        return [subject]
    before = _before(text, start, language)
    if before is None or _is_inverted(text, start, end, before, language):
        after = _after(text, end, language)
        return [voice for voice in (after, before) if voice][:1]
    return [before]


_BY = regex.compile(r"(?i)\s(?:[^,;.]{0,40}\s)?(?:by|par|von|por)\s")
_IN_PASSIVE = regex.compile(
    r"(?i)\b(?:was|were|been|being|as|wurde\w*|été|fue\w*|sido)\s(?:\p{L}+\s)?\Z"
)
_GOES_ON = regex.compile(r"(?i)\s(?:and|und|et|y|e|but|aber|mais|pero)\s(?:also |then |later )?\Z")
_LONGEST_AND = len(" aber later ")


def _first_subject(text: str, end: int, language: str) -> Voice | None:
    """The subject of the verb that another one is joined to: X rose and said."""
    begin = max((text.rfind(mark, 0, end) + 1 for mark in ";:"), default=0)
    verb = next((v for v in verbs_in(text[begin:end], language) if v.start), None)
    return _before(text, begin + verb.start, language) if verb else None


_NOUN_PHRASE = regex.compile(
    r"(?:-t-)?(?i:the|an?|two|three|several|one|his|her|their|its|der|die|das|ein|eine|zwei|"
    r"mehrere|"
    r"le|la|les|l'|un|une|son|sa|ses|leurs?|sein|seine|ihr|ihre|su|sus|el|los|las|una|uno|"
    r"il|elle|he|she|er|sie|officials|police|polizei|"
    r"sources|"
    r"witnesses|residents)\b|\p{Lu}|-t-"
)
_TOLD = regex.compile(r"(?i)t(?:old|ells?)\b")
_CLAUSE_END = regex.compile(r"[,;.\"]|\s(?:who|which|that|whose|der|die|das|qui|que|quien)\s")


def _is_inverted(text: str, start: int, end: int, before: Voice | None, language: str) -> bool:
    """Whether the speaker stands behind the verb: "...", said Vik; ..., sagte Vik."""
    if _TOLD.match(text[start:end]):
        return False
    head, rest = text[:start].rstrip(), text[end:].lstrip(" -")
    if (head and head[-1] not in ",\"'-;") or not _NOUN_PHRASE.match(rest):
        return False
    phrase = _CLAUSE_END.split(rest, maxsplit=1)[0]
    if any(not verb.weak for verb in verbs_in(phrase, language)):
        return False  # what is said follows: said he had
    return before is None or not (before.parted and _is_noun_phrase(text, before, language))


def _is_noun_phrase(text: str, voice: Voice, language: str) -> bool:
    words = text[slice(*voice.whole)]
    return "_" not in words and not any(not verb.weak for verb in verbs_in(words, language))


def _helpers(text: str, end: int) -> regex.Match[str] | None:
    """The auxiliaries and adverbs that end there; looked for in all of the text only where the
    last three words, more than any of them has, hold one."""
    near = end
    for _ in range(3):
        near = max(text.rfind(" ", 0, max(near - 1, 0)), 0)
    return _HELPERS.search(text, 0, end) if _HELPERS.search(text, near, end) else None


def _before(text: str, at: int, language: str) -> Voice | None:
    """The subject that ends before a verb, with asides between commas."""
    end = len(text[:at].rstrip())
    if helpers := _helpers(text, end):
        end = helpers.start()
    asides: list[Place] = []
    parted = False
    end = len(text[:end].rstrip())
    while end and text[end - 1] == ",":
        opening = max(text.rfind(", ", 0, end - 1), text.rfind('" ', 0, end - 1))
        if opening < 0 or end - opening > 160:
            break
        parted = True
        if not _PARTICIPLE.match(text, opening + 2):
            asides.append((opening + 2, end - 1))
        end = len(text[:opening].rstrip()) if text[opening] == "," else opening + 1
        if text[opening] == '"':
            break
    begin = 0
    for match in _START.finditer(text, 0, end):
        if match.end() < end:
            begin = match.end()
    begin = _after_and(text, begin, end, language)
    voice = _voice(text, begin, end, tuple(asides), language)
    return replace(voice, parted=parted) if voice and parted else voice


# Not who speaks, but what else they do: the founder, speaking to investors, said.
_PARTICIPLE = regex.compile(r"\p{Ll}{2,}ing\b|en \p{Ll}+ant\b")


def _after_and(text: str, begin: int, end: int, language: str) -> int:
    """Behind an "and" that joins clauses, not names: what stands before it has a verb."""
    for match in _AND.finditer(text, begin, end):
        if any(not verb.weak for verb in verbs_in(text[begin : match.start()], language)):
            begin = match.end()
    return begin


def _after(text: str, at: int, language: str) -> Voice | None:
    """The noun phrase behind a cue."""
    begin = at + len(text[at:]) - len(text[at:].lstrip(" -"))
    stop = _AFTER_END.search(text, begin)
    end = stop.start() if stop else len(text)
    comma = text.find(",", begin, end)
    asides: tuple[Place, ...] = ()
    if comma >= 0:
        aside = text[comma + 1 : end]
        if all(verb.weak for verb in verbs_in(aside, language)) and not any(
            _SAYINGS.matches(aside)
        ):
            asides = ((comma + 1, end),)
        end = comma
    return _voice(text, begin, end, asides, language)


_SPANISH_TO = regex.compile(r"\s(?:a|al|ante)\s")


# Minutes later she warned; zwei Tage später sagte er.
_LATER = regex.compile(
    r"(?i)(?:(?:\p{L}|\d)+\s){1,3}(?:later|earlier|afterwards|später|zuvor|plus tard|después)\s"
)


_LETTER = regex.compile(r"\p{L}")


def _voice(
    text: str, begin: int, end: int, asides: tuple[Place, ...], language: str
) -> Voice | None:
    while begin < end and text[begin] in " \"'_":
        begin += 1
    if late := _LATER.match(text, begin, end):
        begin = late.end()
    if not _LETTER.search(text[begin:end]):
        return None
    whole = text[begin:end]
    first = begin
    if match := _OWNER.match(whole):
        first = begin + match.end()
    stops = [_HEAD_END.search(text, first + 1, end)]
    if language == "es":
        stops.append(_SPANISH_TO.search(text, first + 1, end))
    stop = min((one for one in stops if one), key=lambda one: one.start(), default=None)
    last = stop.start() if stop else end
    if _DOCUMENT.search(text[first:last]):
        last = end
        first = begin
    return Voice((first, last), (begin, end), asides)


# A pure function: the sources of a record are asked of the same few sentences.
@lru_cache(maxsize=64)
def cues_in(text: str) -> tuple[Place, ...]:
    """The cues of a sentence without speech."""
    return tuple(match.span() for _, match in _CUES.matches(text))
