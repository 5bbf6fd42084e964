"""Who speaks: names, outlets, and the words that take a source up again.

All functions look at a stretch of text that the caller keeps short, so none of them costs
more than the neighbourhood of a quotation.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import regex

from extractor.resolve.words import Place


def words_in(row: str) -> frozenset[str]:
    """The words of a table that is written as text."""
    return frozenset(row.split())


_TAIL = r"[\p{L}\p{M}\p{N}]*+(?:['’.&/-][\p{L}\p{N}][\p{L}\p{M}\p{N}]*+)*+"
WORD = rf"[\p{{L}}\p{{N}}]{_TAIL}"
_CAPITAL = rf"[\p{{Lu}}]{_TAIL}(?:['’](?=\s))?"
_LINKS = r"(?:of|for|the|de|del|la|le|du|des|der|von|van|al|el)"
NAME = rf"{_CAPITAL}(?:\s(?:{_LINKS}\s){{0,2}}{_CAPITAL}){{0,5}}"

_MEDIA = MappingProxyType(
    {
        "print": "newspaper daily paper weekly magazine tabloid diario periódico quotidien journal "
        "zeitung blatt magazin",
        "wire": "agency wire agencia agence agentur nachrichtenagentur",
        "air": "broadcaster channel station network television tv radio cadena emisora chaîne "
        "sender rundfunk",
        "web": "website site portal",
        "any": "outlet publication media medium",
    }
)
_KIND_OF = MappingProxyType({noun: kind for kind, row in _MEDIA.items() for noun in row.split()})
_OUTLETS = words_in(
    "news press presse prensa times post herald tribune gazette chronicle telegraph guardian "
    "observer mirror courier examiner reuters interfax bloomberg tass xinhua yonhap jazeera "
    "anadolu kyodo monde figaro spiegel país mundo ledger dispatch nachrichten noticias "
    "afp ap dpa efe bbc cnn nbc cbs npr pbs ytn kbs nhk ansa ard zdf rtl rtve rfi pti upi trt "
    "cbc itv abc"
)
"""Words of names that only outlets bear, beside the nouns for their kinds."""
MEDIA_NOUN = (
    rf"(?:(?:news|press)\s(?:agency|site|channel|outlet|website)|{'|'.join(sorted(_KIND_OF))})"
)
_ADJECTIVES = (
    "state private public local national regional independent online news business opposition "
    "state-run state-owned pro-government government army police ministry "
    "spokesman spokeswoman minister president governor mayor general prosecutor analyst"
)
TITLE = rf"(?:{MEDIA_NOUN}|{'|'.join(dict.fromkeys(_ADJECTIVES.split()))})"
DETERMINER = (
    r"(?:[Tt]he|[Aa]n?|[Ii]ts|el|la|los|un|una|le|les|l['’]|une|der|die|das|dem|den|"
    rf"(?:El|La|Le|Der|Die|Das)(?=\s{TITLE}\s))"
)
PREFIX = rf"(?:{DETERMINER}\s?)?(?:(?:\p{{Lu}}[\p{{L}}-]+\s){{0,3}}(?:{TITLE}\s){{1,5}})?"
"""What comes before a name: "the South Korean news agency"."""
COMMON_OUTLET = (
    r"(?:(?:\p{Lu}\p{L}+\s){0,2}(?i:local|state|public|national|private|foreign|regional)\s"
    r"(?:media|television|TV|radio)|(?:\p{Lu}\p{L}+\s){1,2}media)\b"
)

SAYING = (
    r"(?:said|says|say|reported|reports|told|tells|announced|stated|claimed|wrote|written|writes|"
    r"added|confirmed|denied|warned|estimated|insisted|put|gave|spoke|spoken|"
    r"dijo|informó|informa|declaró|anunció|aseguró|afirmó|señaló|"
    r"déclaré|annoncé|affirmé|indiqué|rapporté|dit|rapporte|affirme|indique|"
    r"sagte|sagt|berichtete|berichtet|teilte|meldete|meldet|erklärte)"
)
HELPERS = r"(?:(?:has|had|have|also|later|then|now|ha|había|a|avait|hat|hatte)\s){0,3}"
ACCORDING = r"(?i:according\sto|selon|según|laut|nach\sangaben\s(?:der|des|von))"
APPOSITION = r"(?:,\s(?!and\b|but\b)[^,;:.!?\n“”\"]{1,90},)?"
_PRONOUNS = words_in(
    "it he she they who which that we i you one this él ella il elle ils er sie es das"
)

_SPEAKS = regex.compile(
    rf"(?P<name>{WORD})(?:\s(?:news\sagency|newspaper))?{APPOSITION}\s{HELPERS}{SAYING}\b"
)
_IS_SAID_TO_SPEAK = regex.compile(
    rf"(?:[,”\"’»]\s{SAYING}(?P<verb>)|\b{ACCORDING})\s(?P<name>{WORD}(?:\s{WORD}){{0,5}})"
)
_TITLED = regex.compile(
    rf"(?:the\s)?(?P<name>{COMMON_OUTLET})|"
    rf"{PREFIX}(?P<name>{NAME})(?:\s{MEDIA_NOUN}\b)?"
)
_LAST_NAME = regex.compile(rf"(?P<name>{NAME})(?:\s{MEDIA_NOUN}\b)?\Z")
_OWNER = regex.compile(
    rf"(?!People|Women|Children|Workers)(?:{_CAPITAL}\s)??{_CAPITAL}(?<=['’]s)\s"
)
_NO_NAME = regex.compile(
    r"(?:The|A|An|It|He|She|They|Both|But|And|On|In|Late|Earlier|Meanwhile|However|Later|"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|"
    r"January|February|March|April|May|June|July|August|September|October|November|December|"
    r"(?:(?:Der|Die|Das|Den|Dem)\s)?(?:Zeitung|Sender|Nachrichtenagentur|Agentur|Magazin)|"
    r"\p{Lu}\p{L}+-(?:based|run|owned)|"
    r"(?:Prime|Foreign|Interior|Defence|Defense|Finance|Deputy)(?=\sMinister)|Minister|President|"
    r"Governor|Mayor|General|Colonel|Captain|Judge|Senator|Dr|Mr|Mrs|Ms)(?:\s|\Z)"
)
_LATE_DAY = regex.compile(r"\s(?:on\s)?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\Z")
_TITLE_BEFORE = regex.compile(rf"((?:{TITLE}|\p{{Lu}}\p{{L}}+)\s?){{1,5}}\Z")
_AFTER = regex.compile(
    rf"\s{MEDIA_NOUN}\b|,\s(?:an?|the|una?|une|eine?)\s[\p{{L}}-]+(?:\s[\p{{L}}-]+){{0,3}}"
)
_ONE_WORD = regex.compile(WORD)
_EMPTY = words_in("the a an of in for and de la le el la der die das los")
_LONGEST = 90  # characters of a name, a title, an apposition
_AGENCY = regex.compile(r"\bagency\b")
_NEWS_AGENCY = regex.compile(
    r"(?:\b(?i:news|press|wire|state|official|the|an)|\b(?!UN)\p{Lu}\p{L}+)\sagency\b"
)
_NO_NAME_OF_OUTLET = words_in(
    "agency agentur agence agencia network station site paper portal medium"
)


@dataclass(frozen=True)
class Speaker:
    """Who says something (the name, or else the last word of it), and where the verb ends."""

    place: Place
    verb_end: int


def words_of(text: str) -> frozenset[str]:
    """The words in small letters, without those that tell no name from another."""
    found = (match.group().casefold() for match in _ONE_WORD.finditer(text))
    return frozenset(w.removesuffix("'s").removesuffix("’s") for w in found) - _EMPTY


def speakers(text: str, start: int, end: int) -> list[Speaker]:
    """Those who say something between `start` and `end`, in the order of their verbs."""
    found = []
    for match in _SPEAKS.finditer(text, start, end):
        if match["name"].casefold() not in _PRONOUNS:
            last = match.span("name")
            name = name_until(text, start, last[1]) if match["name"][0].isupper() else None
            found.append(Speaker(name or last, match.end()))
    verbs = {one.verb_end for one in found}
    for match in _IS_SAID_TO_SPEAK.finditer(text, start, end):
        known = match.end("verb") in verbs  # the verb of a subject before it
        if not known and match["name"].split()[0].casefold() not in _PRONOUNS:
            name = name_from(text, *match.span("name"))
            found.append(Speaker(name or match.span("name"), match.end()))
    return sorted(found, key=lambda one: one.verb_end)


def others_speak(text: str, start: int, end: int, source: str) -> bool:
    """Whether somebody who shares no word with the source says something there."""
    own = words_of(source)
    return any(own.isdisjoint(words_of(text[slice(*s.place)])) for s in speakers(text, start, end))


def name_from(text: str, start: int, end: int) -> Place | None:
    """The name that a noun phrase at `start` gives, as short as it can be."""
    match = _TITLED.match(text, start, end)
    return bare_name(text, *match.span("name")) if match else None


def name_until(text: str, start: int, end: int) -> Place | None:
    """The name that the noun phrase before `end` gives."""
    low = max(start, end - _LONGEST)
    match = _LAST_NAME.search(text[low:end])
    return bare_name(text, low + match.start("name"), low + match.end("name")) if match else None


def bare_name(text: str, start: int, end: int) -> Place | None:
    """A name without article, title, owner and day; None when nothing is left."""
    while match := _NO_NAME.match(text, start, end) or _OWNER.match(text, start, end):
        start = match.end()
    if late := _LATE_DAY.search(text[start:end]):
        end = start + late.start()
    return (start, end) if start < end else None


def is_outlet(text: str, place: Place) -> bool:
    """Whether the words at the place, or its title or apposition, are those of an outlet."""
    own = words_of(text[slice(*place)])
    kinds = own & _KIND_OF.keys() - _NO_NAME_OF_OUTLET
    return bool(own & _OUTLETS or kinds or words_of(beside(text, place)) & _KIND_OF.keys())


def beside(text: str, place: Place) -> str:
    """The title before a name, and the noun or apposition after it."""
    start, end = place
    low, high = max(start - _LONGEST, 0), min(end + _LONGEST, len(text))
    before, after = _TITLE_BEFORE.search(text[low:start]), _AFTER.match(text, end, high)
    around = f"{before.group() if before else ''} {after.group() if after else ''}"
    return around if _NEWS_AGENCY.search(text[low:high]) else _AGENCY.sub("", around)


def takes_up(noun: str, text: str, place: Place) -> bool:
    """Whether "the newspaper", "the ministry" can mean the source that stands at the place."""
    known = words_of(text[slice(*place)]) | words_of(beside(text, place))
    kind = _KIND_OF.get(noun.casefold())
    if noun.casefold() in known or kind is None:
        return noun.casefold() in known
    kinds = {_KIND_OF[word] for word in known if word in _KIND_OF} - {"any"}
    return is_outlet(text, place) and (kind == "any" or not kinds or kind in kinds)
