"""Quotations of several pieces: with an ellipsis or a bracket of the quoter's own.

"the train … left" stands in the text when both pieces do, in this order, in the same
sentence or the next, and nothing that was left out between them says the contrary.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

import regex

from extractor.haystack import MOST_PLACES, Place
from extractor.text import comparable

_GAP = regex.compile(
    r"[\[(] ?\.{3,} ?[\])]|\.{3,}|\.(?: \.){2,}"
    r"|(?<![\p{L}\p{M}])[\p{L}\p{M}]*+\[(?P<own>[^\[\]]*+)\][\p{L}\p{M}]*+"
)
_NUMBER = regex.compile(r"\p{N}")

# Words, in the languages that articles come in, without which a sentence says the contrary.
_NEGATIONS = (
    "not no never none nobody nothing nowhere neither nor without cannot hardly barely scarcely "
    "unable unlikely deny denies denied denying refuse refuses refused refusing "
    "fail fails failed failing decline declines declined declining "
    "nunca jamás ni sin nadie ningún ninguno ninguna nada tampoco "
    "ne pas jamais aucun aucune sans rien non "
    "nicht nichts nie niemals niemand kein keine keinen keinem keiner keines ohne weder kaum "
    "senza né nessun nessuno nessuna não nunca sem nem niet geen nooit zonder inte ikke ingen "
    "не ни нет без никогда никто ничего нельзя ні немає ні nie bez değil "
    "لا لم لن ليس ليست غير بدون دون לא אין בלי ללא אל δεν μην χωρίς όχι नहीं न 안 못"
)
NEGATION = regex.compile(
    rf"(?i)(?<![\p{{L}}\p{{M}}])(?:(?:{'|'.join(sorted(set(_NEGATIONS.split())))})"
    r"(?![\p{L}\p{M}])|n'\p{L}|non-|(?:ว่า)?ไม่)|n't(?!\p{L})|ไม่"
    r"|[不没沒未無无非勿莫]|ない|ません|なかった|なく|ずに|않|없|아니|못하|못했"
)
"""A negation in a folded text."""


MOST_PIECES = 12
"""A quotation of more is not taken for one: each is looked up alone and with those after it."""


def pieces(wanted: str) -> list[Place]:
    """Where the pieces of a folded quotation that is divided stand in it; none if it is not to
    be read so.

    What a bracket adds is the quoter's own, and may not be a number or a negation.
    """
    if not any(mark in wanted for mark in ("...", ". .", "[")):
        return []
    gaps = list(_GAP.finditer(wanted))
    own = [gap["own"] for gap in gaps if gap["own"]]
    if not gaps or any(_NUMBER.search(said) or NEGATION.search(said) for said in own):
        return []
    starts, ends = [0, *(gap.end() for gap in gaps)], [*(gap.start() for gap in gaps), len(wanted)]
    found = []
    for start, end in zip(starts, ends, strict=True):
        if piece := wanted[start:end].strip(" "):
            first = wanted.index(piece, start)
            found.append((first, first + len(piece)))
    return found if len(found) <= MOST_PIECES else []


def chains(
    source: str, places: Sequence[Sequence[Place]], sentences_of: Callable[[Place], range]
) -> Iterator[tuple[Place, ...]]:
    """The places of the pieces, one each, wherever they stand in order and close enough.

    None if a piece stands in so many places that not all are known (`MOST_PLACES`).
    """
    if any(len(found) >= MOST_PLACES for found in places):
        return
    first, *others = places
    if not others:
        yield from ((place,) for place in first)
        return
    starts = [[start for start, _ in found] for found in others]
    seen: dict[tuple[Place, ...], Place] = {}
    for place in first:
        chain = [place]
        for found, begins in zip(others, starts, strict=True):
            number = bisect_left(begins, chain[-1][1])
            if number == len(found):
                break
            chain.append(found[number])
        else:
            seen[tuple(chain[1:])] = place  # the latest beginning is the nearest
    for rest, place in seen.items():
        chain = [place, *rest]
        if all(
            _is_near(sentences_of(one), sentences_of(other))
            and not NEGATION.search(comparable(source[one[1] : other[0]]).text)
            for one, other in zip(chain, rest, strict=False)
        ):
            yield tuple(chain)


def _is_near(one: range, other: range) -> bool:
    return other.start - (one.stop - 1) <= 1
