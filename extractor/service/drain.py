"""The end of the service, from the word to stop until nothing is under way."""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType

import uvicorn


class Drain:
    """Whether the service was told to stop. `calls` are made then, once, and must not wait."""

    def __init__(self, *calls: Callable[[], None]) -> None:
        self.begun = False
        self._calls = calls

    def begin(self) -> None:
        """The service was told to stop."""
        if not self.begun:
            self.begun = True
            for call in self._calls:
                call()


class Server(uvicorn.Server):
    """A server that says when it was told to stop; uvicorn itself tells only once all is over."""

    def __init__(self, config: uvicorn.Config, drain: Drain) -> None:
        super().__init__(config)
        self._drain = drain

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal that ends the service."""
        self._drain.begin()
        super().handle_exit(sig, frame)
