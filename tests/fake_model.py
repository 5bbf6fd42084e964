"""A model that answers what it is told to, for tests of everything but the answers.

Its replies say nothing about any model: they are evidence of order, number and failure.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from extractor.catalog import Prompt, Recipe, Schema
from extractor.catalog.prompt import Section
from extractor.errors import ArticleTooLong, ExtractorError
from extractor.flow import Limits
from extractor.model import Completion, Decoding, Parameters, Request
from extractor.records import Usage


class Sinking(BaseModel):
    """A schema that needs nothing of the article."""

    serious: bool | None


def sinking(**changes: Any) -> Recipe:
    prompt = Prompt(
        name="sinking",
        version=1,
        status="draft",
        digest="0" * 64,
        path=Path("sinking/v1.md"),
        parent=None,
        changelog="",
        schema_name="sinking@1",
        parameters=Parameters(max_tokens=50),
        inputs=("text",),
        sections=(Section("user", "Was it serious? {{ text }}", 1),),
    )
    return Recipe(replace(prompt, **changes), Schema.of_model(Sinking))


class FakeModel:
    """Answers at once or when it is let; remembers what it was asked, and how many at a time."""

    name = "fake"
    endpoint: Literal["embedded", "remote"] = "remote"
    decoding: Decoding = "schema"

    def __init__(
        self,
        delay: float = 0,
        errors: dict[str, ExtractorError] | None = None,
        *,
        context: int | None = None,
        says: Callable[[str], str] = lambda text: '{"serious": null}',
    ) -> None:
        """`context` is in tokens, of which each character is one; `says` writes the reply to a
        text."""
        self.asked: list[str] = []
        self.refused: list[str] = []
        self._context = context
        self._says = says
        self.most = 0
        self._now = 0
        self._delay = delay
        self._errors = errors or {}

    async def complete(self, request: Request) -> Completion:
        text = request.messages[-1].content.partition("? ")[2]
        self._refuse_too_long(request, text)
        self.asked.append(text)
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            await asyncio.sleep(self._delay)
        finally:
            self._now -= 1
        if text in self._errors:
            raise self._errors[text]
        content = self._says(text)
        return Completion(
            content=content,
            finish_reason="stop",
            refusal=None,
            model="fake-2026",
            usage=Usage(input_tokens=10, output_tokens=5),
            attempts=1,
            seconds=0.5,
            time="2026-11-22T07:00:00+00:00",
            raw={"choices": [{"message": {"content": content}}]},
        )

    def _refuse_too_long(self, request: Request, text: str) -> None:
        length = sum(len(message.content) for message in request.messages)
        if self._context is not None and length > self._context:
            self.refused.append(text)
            message = f"it has {length} tokens, and {self._context} fit"
            raise ArticleTooLong(message, asked=length, fits=self._context)


class Noting(FakeModel):
    """Writes down in a folder what it was asked, in a file of the process; some are its end.

    `deadly` is a text that kills the process, `errors` are raised as by `FakeModel`.
    """

    def __init__(self, folder: Path, deadly: str | None, **options: Any) -> None:
        super().__init__(**options)
        self._folder = folder
        self._deadly = deadly

    async def complete(self, request: Request) -> Completion:
        text = request.messages[-1].content.partition("? ")[2]
        with (self._folder / f"{os.getpid()}.txt").open("a", encoding="utf-8") as notes:
            notes.write(f"{text}\n")
        if text == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return await super().complete(request)


def open_noting(
    folder: Path,
    deadly: str | None,
    errors: dict[str, ExtractorError],
    delay: float,
    limits: Limits,
    say: Callable[[str], None],
) -> AbstractAsyncContextManager[Noting]:
    """What a process of a backfill opens; says which limits it was given."""
    say(f"limits {limits.concurrency} {limits.requests} {limits.tokens}")
    return nullcontext(Noting(folder, deadly, delay=delay, errors=errors))
