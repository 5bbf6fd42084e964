"""Waiting for a ledger's server that is away, for a stated time and not longer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from extractor.errors import LedgerAway, StoreError

T = TypeVar("T")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0
_SAID_SECONDS = 2.0


class Patience:
    """How long a server may be away, in seconds. All who wait for it share one."""

    def __init__(self, seconds: float, say: Callable[[str], None] = lambda text: None) -> None:
        """`say` is told of long absences."""
        self._seconds = seconds
        self._say = say
        self._since: float | None = None
        self._is_said = False

    def pause(self, error: LedgerAway) -> float:
        """The seconds until it is worth to try again. Raises `StoreError` after too many."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
        gone = now - self._since
        if gone >= self._seconds:
            raise StoreError(
                f"{error.message}; it was waited for {gone:.0f} s", hint=error.hint
            ) from error
        if gone >= _SAID_SECONDS and not self._is_said:
            self._is_said = True
            self._say(f"{error.message}; waiting for up to {self._seconds:.0f} s")
        return max(_FIRST_PAUSE, min(_LONGEST_PAUSE, gone / 2))

    def over(self) -> None:
        """It is there."""
        self._since = None
        self._is_said = False


class Patient(Protocol):
    """What has a patience: a `Store`."""

    patience: Patience


async def present(store: Patient, work: Callable[[], T]) -> T:
    """What a call of the ledger gives, which may be made several times; while its server is
    away, other tasks go on.

    At once and without an await where it is not away. Raises what the call raises, and
    `StoreError` when the patience is at its end. Cancelling does not end the waiting: what is
    written may have been paid for.
    """
    try:
        return _tried(store, work)
    except LedgerAway as error:
        waiting = asyncio.ensure_future(_waited(store, work, error))
    try:
        return await asyncio.shield(waiting)
    except asyncio.CancelledError:
        return await waiting


async def _waited(store: Patient, work: Callable[[], T], error: LedgerAway) -> T:
    while True:
        await asyncio.sleep(store.patience.pause(error))
        try:
            return _tried(store, work)
        except LedgerAway as again:
            error = again


def patiently(store: Patient, work: Callable[[], T]) -> T:
    """The same for what nothing else is to go on beside."""
    while True:
        try:
            return _tried(store, work)
        except LedgerAway as error:
            time.sleep(store.patience.pause(error))


def _tried(store: Patient, work: Callable[[], T]) -> T:
    result = work()
    store.patience.over()
    return result
