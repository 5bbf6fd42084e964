"""How far the answer to one request is, for a client that watches."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json

from extractor.model import Completion, Request, StreamingModel
from extractor.repair import is_repair
from extractor.tree import pointer

Event = tuple[str, dict[str, Any]]
"""What happened, by name, and what is to be said of it."""
_UNFINISHED = frozenset("0123456789.eE+-")


class Progress:
    """What happened, until somebody takes it; `changed` is set when something did."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self._news: list[Event] = []
        self._requests = 0
        self._text = ""
        self._pieces = self._told_pieces = 0
        self._told: dict[str, Any] = {}

    def say(self, name: str, **data: Any) -> None:
        """Something happened."""
        self._news.append((name, data))
        self.changed.set()

    def began(self, request: Request) -> None:
        """The model is asked something more."""
        self._written()
        self._requests += 1
        self._text, self._pieces, self._told_pieces, self._told = "", 0, 0, {}
        self.say("repairing" if is_repair(request) else "asking", request=self._requests)

    def heard(self, text: str, pieces: int) -> None:
        """What the reply says so far (`extractor.model.Heard`)."""
        self._text, self._pieces = text, pieces
        self.changed.set()

    def take(self) -> list[Event]:
        """What is new since the last time, in order."""
        self._written()
        news, self._news = self._news, []
        return news

    def _written(self) -> None:
        """What the model wrote since the last time is news: the values that are complete now."""
        if self._pieces == self._told_pieces:
            return
        self._told_pieces = self._pieces
        found = values_so_far(self._text)
        new = {
            path: value
            for path, value in found.items()
            if path not in self._told or self._told[path] != value
        }
        self._told |= new
        data = {"request": self._requests, "tokens": self._pieces, "fields": new}
        self._news.append(("writing", data))


def values_so_far(text: str) -> dict[str, Any]:
    """The values that are complete in the beginning of a reply, by JSON pointer into the draft.

    None as long as it cannot be read.
    """
    try:
        draft = from_json(text[text.index("{") :], allow_partial=True)
    except ValueError:
        return {}
    found = dict(_values(draft, ""))
    if found and text.rstrip()[-1] in _UNFINISHED:
        found.popitem()  # a number may go on
    return found


def _values(draft: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(draft, dict | list):
        for step, value in draft.items() if isinstance(draft, dict) else enumerate(draft):
            yield from _values(value, pointer(path, step))
    else:
        yield path, draft


class Watched:
    """Asks `model` piece by piece, and lets `progress` know."""

    def __init__(self, model: StreamingModel, progress: Progress) -> None:
        self.name = model.name
        self.endpoint = model.endpoint
        self.decoding = model.decoding
        self._model = model
        self._progress = progress

    async def complete(self, request: Request) -> Completion:
        """One reply. Raises what the model raises."""
        self._progress.began(request)
        return await self._model.complete(request, self._progress.heard)
