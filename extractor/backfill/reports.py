"""What programs are told of a backfill at work: lines of a log, and numbers for Prometheus.

Both hold counts, codes and digests; never a text, a key, or a message that may quote either.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractor.backfill.course import Course
from extractor.backfill.manifest import STATUSES
from extractor.errors import ExtractorError, InputError
from extractor.flow import Traffic

EVERY_SECONDS = 10.0
"""How often the log gets a line and the file of metrics is written."""
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Reports:
    """Where to, of which None is nowhere: `log` and `metrics` are files, `port` is one that this
    machine alone reaches."""

    log: Path | None = None
    metrics: Path | None = None
    port: int | None = None


@contextmanager
def reported(reports: Reports, course: Course, about: Mapping[str, Any]) -> Iterator[None]:
    """Reports on a course for as long as the context lasts; its end too, and why it ended.

    `about` is what the log says of it first. Raises `InputError` for files and ports that cannot
    be had.
    """
    with ExitStack() as stack:
        reporters: list[Callable[[], None]] = []
        if reports.log is not None:
            reporters.append(stack.enter_context(_logged(reports.log, course, about)))
        if reports.metrics is not None or reports.port is not None:
            reporters.append(stack.enter_context(_measured(reports, course)))
        if reporters:
            stack.enter_context(_now_and_then(reporters))
        yield


@contextmanager
def _now_and_then(reporters: list[Callable[[], None]]) -> Iterator[None]:
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(EVERY_SECONDS):
            for report in reporters:
                report()

    thread = threading.Thread(target=work, name="reports", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def _logged(path: Path, course: Course, about: Mapping[str, Any]) -> Iterator[Callable[[], None]]:
    """A log of JSON lines, to which another run adds its own."""
    from extractor.logs import Logs, logger, logging_to

    try:
        stream = path.open("a", encoding="utf-8", buffering=1)
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}", hint="name a file that can be written for --log"
        ) from error
    log = logger("extractor.backfill")
    with stream, logging_to(stream, Logs()):
        log.info("backfill begins", **about)
        try:
            yield lambda: log.info("backfill goes on", **as_fields(course))
        except ExtractorError as error:
            log.error("backfill stopped", code=error.code, **as_fields(course))
            raise
        except BaseException as error:
            log.error("backfill broke off", exc_info=error, **as_fields(course))
            raise
        end = "backfill interrupted" if course.counts.interrupted else "backfill ends"
        log.info(end, left_out=dict(course.left_out), **as_fields(course))


def as_fields(course: Course) -> dict[str, Any]:
    """How far it is, as a line of the log says it."""
    counts, traffic = course.counts, course.traffic()
    return {
        "articles": course.total,
        "done": counts.done,
        "known": counts.known,
        **{status: getattr(counts, status) for status in STATUSES},
        "input_tokens": counts.usage.input_tokens,
        "output_tokens": counts.usage.output_tokens,
        **({} if course.cost is None else {"cost": round(course.cost, 6)}),
        **({} if traffic is None else {"requests": _as_numbers(traffic)}),
    }


def _as_numbers(traffic: Traffic) -> dict[str, int]:
    return {name: getattr(traffic, name) for name in Traffic.__dataclass_fields__}


@contextmanager
def _measured(reports: Reports, course: Course) -> Iterator[Callable[[], None]]:
    """Numbers at a port of this machine, in a file that is replaced whole, or both."""
    from prometheus_client import start_http_server, write_to_textfile

    from extractor.backfill.metrics import registry_of

    registry = registry_of(course)

    def write() -> None:
        if reports.metrics is not None:
            write_to_textfile(str(reports.metrics), registry)

    def write_if_possible() -> None:
        with suppress(OSError):  # of a disk that is full now the ledger will tell
            write()

    with ExitStack() as stack:
        try:
            write()
            if reports.port is not None:
                server, thread = start_http_server(reports.port, LOOPBACK, registry)
                stack.callback(thread.join)
                stack.callback(server.server_close)
                stack.callback(server.shutdown)
        except OSError as error:
            raise InputError(
                f"the metrics cannot be told: {error.strerror or error}",
                hint="name a free port for --metrics-port, and a file that can be written for "
                "--metrics-file",
            ) from error
        try:
            yield write_if_possible
        finally:
            write_if_possible()
