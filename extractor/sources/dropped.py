"""What an archive holds beside its articles."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dropped:
    """A page or file that is no article: nothing failed, it is counted and left out.

    `reason` is one of a few, so that they can be counted; `where` is the place.
    """

    where: str
    reason: str
