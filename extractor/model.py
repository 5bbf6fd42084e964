"""The one seam to a language model: what is asked, what comes back, and who answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field

from extractor.records import Frozen, Usage

Decoding = Literal["schema", "grammar"]
"""What holds a reply to its form: the endpoint's JSON Schema mode, or a grammar of ours, under
which a quotation can be nothing but words of the article."""


class Message(Frozen):
    """One turn of the conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class Parameters(Frozen):
    """How the model is to answer. `max_tokens` is always sent."""

    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] = 0.0
    max_tokens: Annotated[int, Field(gt=0, le=100_000)] = 1200
    seed: int | None = None


@dataclass(frozen=True)
class Request:
    """All that determines a reply, but for the model.

    `grammar` says the same as `wire_schema`, and that quotations are words of the article;
    None where it cannot be said. It is for endpoints that decode under one.
    """

    messages: tuple[Message, ...]
    schema_name: str
    wire_schema: dict[str, Any]
    strict: bool
    parameters: Parameters
    grammar: str | None = None


class Completion(Frozen):
    """A reply as it was received, before anybody looked into it.

    `content` is the text that the model wrote; `raw` the endpoint's whole JSON answer.
    `seconds` is wall time over all attempts, `time` (ISO 8601, UTC) when it arrived.
    """

    content: str | None
    finish_reason: str | None
    refusal: str | None
    model: str | None
    usage: Usage
    attempts: int
    seconds: float
    time: str
    raw: dict[str, Any]


class Model(Protocol):
    """Whatever can answer a request. Implementations: `OpenAIModel`, and fakes in tests."""

    @property
    def name(self) -> str:
        """The model that is asked, as the endpoint calls it."""
        ...

    @property
    def endpoint(self) -> Literal["embedded", "remote"]:
        """What kind of endpoint answers."""
        ...

    @property
    def decoding(self) -> Decoding:
        """What the endpoint can be held to."""
        ...

    async def complete(self, request: Request) -> Completion:
        """One reply. Raises `ModelError` when there is none, and `ArticleTooLong`."""
        ...


Heard = Callable[[str, int], None]
"""Told of a reply while it comes: what it says so far, from its beginning on, and in how many
pieces it came (tokens, as a rule). A request that is tried again begins again."""


class StreamingModel(Model, Protocol):
    """A model that can be listened to while it writes."""

    async def complete(self, request: Request, heard: Heard | None = None) -> Completion:
        """The same reply; with `heard` it is asked for piece by piece."""
        ...
