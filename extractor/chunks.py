"""A reply that comes in pieces (`stream: true`), put together as if it had come in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Chunks:
    """The chunks of one chat completion, as far as they came.

    `text` is what the model wrote until now, `pieces` in how many chunks it came: a token each,
    as a rule.
    """

    def __init__(self) -> None:
        self.text = ""
        self.pieces = 0
        self._message: dict[str, Any] = {"role": "assistant", "content": None}
        self._finish: str | None = None
        self._around: dict[str, Any] = {}

    def add(self, chunk: Mapping[str, Any]) -> None:
        """The next chunk, as JSON. The last one, with the usage, has no choice in it."""
        told = {name: value for name, value in chunk.items() if value is not None}
        choices = told.pop("choices", None)
        self._around |= told
        match choices:
            case [{"delta": dict(delta)} as choice, *_]:
                self._finish = choice.get("finish_reason") or self._finish
                self._write(delta)

    def _write(self, delta: Mapping[str, Any]) -> None:
        for name, value in delta.items():
            before = self._message.get(name)
            if isinstance(value, str) and isinstance(before, str) and name != "role":
                self._message[name] = before + value
            elif value is not None:
                self._message[name] = value
        if isinstance(written := delta.get("content"), str) and written:
            self.text += written
            self.pieces += 1

    def whole(self) -> dict[str, Any] | None:
        """The chat completion; None when the last chunk of the reply did not come."""
        if self._finish is None:
            return None
        choice = {"index": 0, "message": self._message, "finish_reason": self._finish}
        return {**self._around, "object": "chat.completion", "choices": [choice]}
