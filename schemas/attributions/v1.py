"""`attributions@1`: who says what in an article.

Terms: source, cue and content of PolNeAR (Newell, Margolin and Ruths, 2018).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from extractor.records import Frozen, Verbatim


class Attribution(Frozen):
    """Who says what.

    `source` is who says it, null where the article names nobody ("it was reported that");
    `cue` is the word that ties the two ("said", "according to"); `content` is what is said.
    """

    source: Annotated[str | None, Verbatim]
    cue: Annotated[str, Verbatim]
    content: Annotated[str, Verbatim]


class Attributions(Frozen):
    """The attributions of an article, in its order."""

    attributions: Annotated[list[Attribution], Field(max_length=12)]


SCHEMA = Attributions
