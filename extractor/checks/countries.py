"""A country against the words of a place, a people or a government."""

from __future__ import annotations

import regex

from extractor.checks.claim import Claim
from extractor.records import Article
from extractor.resolve.countries import WHOLES, locate
from extractor.resolve.participants import country_of_participant
from extractor.resolve.words import Words


def check_country(claim: Claim) -> str | None:
    """Whether a country, ISO 3166-1 alpha-3 (XKX for Kosovo), is the one that the words name.

    Proves that the words name it, its people, its capital, its seat of government or a town
    of it; the context decides between Georgias and Congos, and says whose somebody is of whom
    the words are the name. Cannot tell which of several named countries is meant, and leaves
    open what no gazetteer has: any country goes with an unknown name.
    """
    wanted = str(claim.value)
    located = locate(_in_full(claim), claim.context)
    country = located.country.value
    if country == wanted:
        return None
    named = {code for mention in located.mentions for code in mention.name.codes}
    if country is None and not named:
        return _by_what_stands_beside(claim, wanted)
    if country is None and wanted in named:
        return None  # several, and nothing tells which
    if country is not None and wanted in {one.code for one in located.telling}:
        return None
    shown = country or " or ".join(sorted(named))
    return f"{wanted} is not the country of {claim.quote!r}, which is {shown}"


_WHERE = regex.compile(
    r"(?:, (?:in )?(?:the )?| \((?:in )?(?:the )?|, (?:capital of|capitale d[eu]|capital de|"
    r"der Hauptstadt von) )"
    r"(?P<where>\p{Lu}[\p{L}\p{M}.'-]+(?: (?:(?:of|de|del|du|the) "
    r")?\p{Lu}[\p{L}\p{M}.'-]+){0,3})(?=[,.;)]|\Z)"
)


def _in_full(claim: Claim) -> str:
    """The words with the country or state that the context names right behind a town."""
    own = locate(claim.quote, "")
    if not any(mention.name.kind == "city" for mention in own.mentions):
        towns = own.country.value is None and claim.quote[:1].isupper()
        if not towns:
            return claim.quote
    behind = _WHERE.match(claim.context, claim.end)
    if behind is None:
        return claim.quote
    named = locate(behind["where"], "")
    kinds = {mention.name.kind for mention in named.telling}
    return claim.context[claim.at : behind.end()] if kinds and kinds <= WHOLES else claim.quote


_NO_TEXT = regex.compile(r"[\0\uD800-\uDFFF]")  # what no article may hold


def _by_what_stands_beside(claim: Claim, wanted: str) -> str | None:
    text = _NO_TEXT.sub(" ", claim.context)
    if not claim.quote or not text.strip():
        return f"no country is named by {claim.quote!r}, so not {wanted}"
    article = Article(text=text)
    place = (claim.at, claim.end)
    found = country_of_participant(Words(claim.quote, (place,), article))
    if found.value == wanted:
        return None
    if found.value is not None:
        return f"{wanted} is not the country of {claim.quote!r}, which is said to be {found.value}"
    if any(char.isupper() for char in claim.quote) or found.reason:
        return None
    return f"no country is named by {claim.quote!r}, so not {wanted}"
