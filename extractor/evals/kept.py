"""A folder of replies, by all that determines them: a run goes on there, and is scored again.

`replies.sqlite` is a ledger of replies, `refusals.jsonl` has what was too long for the model.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from extractor.asking import request_key
from extractor.errors import ArticleTooLong, InputError, ModelError
from extractor.model import Completion, Model, Request
from extractor.store import Store

REPLIES = "replies.sqlite"
REFUSALS = "refusals.jsonl"
_REFUSAL = ("message", "hint", "asked", "fits")


@dataclass(frozen=True)
class Folder:
    """What was answered to requests, and which were refused for their length.

    Keys are those of `asking.request_key`. What is kept is on the disk when the call returns.
    """

    store: Store
    refusals: Path

    def reply(self, key: str) -> Completion | None:
        """The reply; None where there is none."""
        return self.store.reply(key)

    def keep_reply(self, key: str, reply: Completion) -> None:
        """Keeps a reply."""
        self.store.save_reply(key, reply)

    def refusal(self, key: str) -> ArticleTooLong | None:
        """The last refusal; None where there is none. They are few: the file is read anew."""
        told = [each for each in self._refusals() if each["key"] == key]
        if not told:
            return None
        message, hint, asked, fits = (told[-1][name] for name in _REFUSAL)
        return ArticleTooLong(message, hint=hint, asked=asked, fits=fits)

    def keep_refusal(self, key: str, refusal: ArticleTooLong) -> None:
        """Keeps a refusal, unless the same one was kept before."""
        told = {name: getattr(refusal, name) for name in _REFUSAL}
        if {"key": key, **told} in [*self._refusals()]:
            return
        with self.refusals.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, **told}) + "\n")

    def _refusals(self) -> Iterator[dict[str, Any]]:
        if not self.refusals.exists():
            return
        for line in self.refusals.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)
            except ValueError:  # the line that was being written when the run was killed
                continue


@contextmanager
def new_folder(path: Path) -> Iterator[Folder]:
    """The folder at `path`, which is made where there is none. Raises `StoreError`."""
    with Store.open(path / REPLIES) as store:
        yield Folder(store, path / REFUSALS)


@contextmanager
def old_folder(path: Path) -> Iterator[Folder]:
    """The folder at `path`, which must be there. Raises `InputError` and `StoreError`."""
    if not (path / REPLIES).is_file():
        raise InputError(
            f"{path}: no replies are kept here",
            hint="name the folder of an earlier `extractor eval run ... --keep FOLDER`",
        )
    with new_folder(path) as folder:
        yield folder


class KeptReplies:
    """Asks `model` once for each request: what was answered is in `folder` before it is used.

    A request that was refused for its length is asked again: the context may have grown.
    `repeat` tells the same question asked several times apart, counted from 0.
    """

    def __init__(self, model: Model, folder: Folder, *, repeat: int = 0) -> None:
        self.name = model.name
        self.endpoint = model.endpoint
        self.decoding = model.decoding
        self._model = model
        self._folder = folder
        self._repeat = repeat
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def complete(self, request: Request) -> Completion:
        """The kept reply, or a new one. Raises what the model raises."""
        key = request_key(request, self, repeat=self._repeat)
        # Articles with one and the same request wait for the first of them to be answered.
        async with self._asking.setdefault(key, asyncio.Lock()):
            if (kept := self._folder.reply(key)) is not None:
                return kept
            try:
                reply = await self._model.complete(request)
            except ArticleTooLong as refusal:
                self._folder.keep_refusal(key, refusal)
                raise
            self._folder.keep_reply(key, reply)
            return reply


class KeptAlone:
    """Answers as `model` did, with what is kept in `folder`, and never asks it."""

    def __init__(self, model: Model, folder: Folder, *, repeat: int = 0) -> None:
        self.name = model.name
        self.endpoint = model.endpoint
        self.decoding = model.decoding
        self._folder = folder
        self._repeat = repeat

    async def complete(self, request: Request) -> Completion:
        """The kept reply. Raises `ModelError` where there is none, and a kept refusal."""
        key = request_key(request, self, repeat=self._repeat)
        if (kept := self._folder.reply(key)) is not None:
            return kept
        if (refusal := self._folder.refusal(key)) is not None:
            raise refusal
        raise ModelError(
            f"no reply of {self.name} to this request is kept",
            hint="the article, the prompt, the schema or its options are others than then, or "
            "EXTRACTOR_DECODING is; `extractor eval run ... --keep` asks what is missing",
        )
