"""The words by which a text says that somebody says something (English)."""

from __future__ import annotations

from collections.abc import Iterator

import regex

# Of each verb all its forms are taken, of these just those that stand here.
_REGULAR = (
    "accuse acknowledge add admit advise agree allege announce answer applaud argue ask assert"
    " assure attack believe blame blast call caution challenge charge cite claim comment"
    " complain conclude concede condemn confirm consider contend continue criticize criticise"
    " declare decline defend demand deny describe detail disclose discuss dismiss dispute echo"
    " emphasize emphasise endorse estimate expect explain express fear hail hint hope indicate"
    " inform insist invoke joke label lament list maintain mention mock note observe offer"
    " oppose outline pledge point praise predict promise propose question quip quote recall"
    " recommend reference refer reiterate reject release remark remind reply report respond"
    " reveal rule scold signal slam speculate state stress suggest support testify tout tweet"
    " urge vow want warn welcome wonder worry"
)
_IRREGULAR = (
    "said say says saying told tell tells telling wrote write writes written writing thought think"
    " thinks thinking show shows showed shown showing find finds found finding know knows knew"
    " knowing speak speaks spoke spoken speaking feel feels felt see sees saw hear heard hears"
    " understand understands understood sing sings sang learned learns swore put puts went goes"
    " read reads plan plans planned planning seem seems"
)


def _forms(verb: str) -> Iterator[str]:
    stem = verb.removesuffix("e")
    if verb.endswith("y") and verb[-2] not in "aeou":
        yield from (verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing")
    else:
        yield from (verb, f"{verb}es" if verb.endswith(("sh", "ss", "ch")) else f"{verb}s")
        doubled = stem + stem[-1] if verb in {"refer", "quip", "slam", "admit", "plan"} else stem
        yield from (f"{doubled}ed", f"{doubled}ing")


_SAYING = sorted(
    {form for verb in _REGULAR.split() for form in _forms(verb)} | {*_IRREGULAR.split()},
    key=len,
    reverse=True,
)
VERB = rf"(?:{'|'.join(_SAYING)})"
_NOUN = r"(?:claims?|statement|assertion|allegations?|belief|view|accusation|suggestion|argument)"
_ADVERB = (
    r"(?:also|then|later|now|just|even|once|never|not|already|further|again|still|only|"
    r"first|himself|herself|themselves|both|all|(?!family|reply|july|ally|only)\p{Ll}+ly)"
)
HELPER = (
    r"(?:has|have|had|is|are|was|were|be|been|being|will|would|did|does|do|could|can|may|might|"
    rf"wasn’t|didn’t|doesn’t|don’t|wouldn’t|hasn’t|{_ADVERB})"
)
_PARTICLE = r"(?:\s(?:out|on|up|off)(?=\s(?:that|how|to|in|at|the)\b|[,.:]))?"
CUE = regex.compile(
    rf"(?<![\p{{L}}\p{{N}}’'-])(?P<according>(?i:according\sto))(?![\p{{L}}])"
    rf"|(?<![\p{{L}}\p{{N}}’'-])(?:{HELPER}\s)*(?P<verb>(?i:{VERB}))(?![\p{{L}}\p{{N}}’'-]){_PARTICLE}"
    rf"|(?<=[’']s?\s)(?:\p{{Ll}}+\s)?(?P<noun>{_NOUN})(?![\p{{L}}])"
    r"|(?P<colon>:)"
)
"""A verb with its helpers, "according to", a noun behind a genitive, or a colon."""
