"""Whether the service is well: for those who watch it, and on a page for people."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment, StrictUndefined
from starlette.exceptions import HTTPException

from extractor import errors
from extractor.openai_model import OpenAIModel
from extractor.service.admission import Admission
from extractor.service.drain import Drain
from extractor.service.problems import described
from extractor.version import __version__

PROBE_SECONDS = 10.0
"""How long what was found out about the model's endpoint holds, so that looking costs little."""

_PAGE = Path(__file__).parent / "viewer" / "health.html"
Reached = Literal["reachable", "refuses the key", "answers with errors", "not reachable"]


@dataclass(frozen=True)
class Told:
    """A kind of problem that requests were answered with: how often, and when last (UTC)."""

    code: str
    times: int
    last: datetime


class Problems:
    """The problems that requests were answered with since the start, by code."""

    def __init__(self) -> None:
        self._times: Counter[str] = Counter()
        self._last: dict[str, datetime] = {}

    def add(self, code: str) -> None:
        """One more of them, now."""
        self._times[code] += 1
        self._last[code] = datetime.now(UTC)

    def latest(self) -> list[Told]:
        """One for each code, the latest first."""
        found = [Told(code, self._times[code], last) for code, last in self._last.items()]
        return sorted(found, key=lambda told: told.last, reverse=True)


class Probe:
    """Whether the model's endpoint answers: asked for its list of models, which costs nothing."""

    def __init__(self, model: OpenAIModel) -> None:
        self._model = model
        self._lock = asyncio.Lock()
        self._found: Reached | None = None
        self._until = 0.0

    async def look(self) -> Reached:
        """What was found out at most `PROBE_SECONDS` ago."""
        async with self._lock:
            if self._found is None or time.monotonic() >= self._until:
                self._found = await self._ask()
                self._until = time.monotonic() + PROBE_SECONDS
            return self._found

    async def _ask(self) -> Reached:
        try:
            await self._model.listing()
        except errors.AccessDenied:
            return "refuses the key"
        except errors.EndpointOverloaded:
            return "answers with errors"
        except (errors.EndpointUnreachable, errors.EndpointTimeout):
            return "not reachable"
        except errors.ModelError:
            pass  # it answers, and has no such list
        return "reachable"


def add_health(app: FastAPI, model: OpenAIModel, drain: Drain, *, reviews: bool) -> None:
    """`/healthz` and `/readyz`."""

    @app.get("/healthz", summary="Whether the process is up, and what it does")
    async def healthz() -> dict[str, str | bool]:
        return {
            "status": "ok",
            "version": __version__,
            "model": model.name,
            "reviews": reviews,
        }

    @app.get(
        "/readyz", summary="Whether it takes requests", responses=described({503: "told to stop"})
    )
    async def readyz() -> dict[str, str]:
        if drain.begun:
            raise HTTPException(503, "the service was told to stop")
        return {"status": "ready"}


def add_health_page(
    app: FastAPI,
    model: OpenAIModel,
    drain: Drain,
    admission: Admission,
    problems: Problems,
    jobs: Callable[[], int] | None,
) -> None:
    """`/health`, a page for people; with keys, it needs one. `jobs` tells how many there are yet
    to do."""
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(
        _PAGE.read_text(encoding="utf-8")
    )
    probe = Probe(model)
    began = datetime.now(UTC)

    @app.get("/health", include_in_schema=False)
    async def health() -> HTMLResponse:
        reached = await probe.look()
        now = datetime.now(UTC)
        shown = page.render(
            ready=not drain.begun,
            model=model.name,
            embedded=model.endpoint == "embedded",
            reached=reached,
            at_work=admission.at_work,
            in_line=admission.inside - admission.at_work,
            places=admission.places,
            jobs=None if jobs is None else jobs(),
            began=_shown(began),
            uptime=str(timedelta(seconds=round((now - began).total_seconds()))),
            now=_shown(now),
            version=__version__,
            problems=[(told.code, told.times, _shown(told.last)) for told in problems.latest()],
        )
        return HTMLResponse(shown, headers={"Cache-Control": "no-store"})


def _shown(when: datetime) -> str:
    return when.strftime("%Y-%m-%d %H:%M:%S UTC")
