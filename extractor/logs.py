"""The log of a service or a backfill: one JSON object a line, or for a terminal, lines for people.

No secret and no text of an article gets into it. Messages of exceptions may quote an article, and
so may those of other libraries: of the former the log has the class and the places in the code,
of the latter only that something was said, and where.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor

Level = Literal["debug", "info", "warning", "error"]
_TRUSTED = ("extractor", "uvicorn")
_FRAMES = 20
_WHEN = structlog.processors.TimeStamper(fmt="iso", utc=True)
_COMMON: tuple[Processor, ...] = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    _WHEN,
)


@dataclass(frozen=True)
class Logs:
    """What is logged (`level` and above) and how: as JSON, or for people."""

    level: Level = "info"
    form: Literal["json", "console"] = "json"
    colors: bool = False


def logger(name: str) -> Any:
    """A structlog logger over the standard library's of that name."""
    return structlog.wrap_logger(
        logging.getLogger(name),
        processors=[
            structlog.stdlib.filter_by_level,
            *_COMMON,
            ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


@contextmanager
def logging_to(stream: TextIO, logs: Logs) -> Iterator[None]:
    """As long as the block lasts, everything that is logged in this process goes to `stream`.

    `logs.level` is for us and for uvicorn; other libraries are heard from warnings on.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(logs))
    root = logging.getLogger()
    ours = [logging.getLogger(name) for name in _TRUSTED]
    before = [each.level for each in ours]
    root.addHandler(handler)
    for each in ours:
        each.setLevel(logs.level.upper())
    try:
        yield
    finally:
        root.removeHandler(handler)
        for each, level in zip(ours, before, strict=True):
            each.setLevel(level)


def _formatter(logs: Logs) -> logging.Formatter:
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if logs.form == "json"
        else structlog.dev.ConsoleRenderer(colors=logs.colors)
    )
    return ProcessorFormatter(
        foreign_pre_chain=_COMMON,
        processors=[
            _without_strangers,
            _places,
            ProcessorFormatter.remove_processors_meta,
            renderer,
        ],
        use_get_message=True,
    )


def _without_strangers(_: Any, __: str, event: EventDict) -> EventDict:
    """What other libraries say is left out."""
    if event["logger"].partition(".")[0] not in _TRUSTED:
        record: logging.LogRecord = event["_record"]
        event["event"] = "a library's message, left out since it may quote an article"
        event["said_at"] = f"{record.module}:{record.lineno}"
    return event


def _places(_: Any, __: str, event: EventDict) -> EventDict:
    """An exception's class and where it came from, without its message."""
    found = event.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        frames = list(traceback.walk_tb(error.__traceback__))[-_FRAMES:]
        event["at"] = [f"{frame.f_globals.get('__name__')}:{line}" for frame, line in frames]
    event.pop("stack_info", None)
    return event
