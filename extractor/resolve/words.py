"""What a resolver gets, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from extractor.records import Article

Scalar = str | int | float | bool | None
Place = tuple[int, int]

TENSES = frozenset({"PAST", "PRESENT", "FUTURE", "UNSPECIFIED"})


class Words(NamedTuple):
    """The quotation that a value is computed from, and where it stands.

    `spans` are places in `article.text`. `hints` are the other values that the schema
    names beside the quotation, as text: the event's tense, for example.
    """

    quote: str
    spans: tuple[Place, ...]
    article: Article
    hints: tuple[str, ...] = ()

    @property
    def tense(self) -> str | None:
        """The tense among the hints (ACE: PAST, PRESENT, FUTURE, UNSPECIFIED)."""
        return next((hint for hint in self.hints if hint in TENSES), None)


class Resolution(NamedTuple):
    """A value, with the places in `article.text` that it needed beside the quotation.

    Without a value, `reason` says why the words could not be resolved; without a reason
    either, the words simply say nothing of the kind, which is no problem. A value that `stands`
    is itself words of the article: those at `spans`, which alone are its evidence.
    """

    value: Scalar
    spans: tuple[Place, ...] = ()
    reason: str | None = None
    stands: bool = False


Resolver = Callable[[Words], Resolution]
