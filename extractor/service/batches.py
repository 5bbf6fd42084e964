"""Jobs over HTTP: taken on, looked at, followed, read and cancelled."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import iterate_in_threadpool
from starlette.exceptions import HTTPException

from extractor.articles import decode, parse_json
from extractor.errors import EmptyInput, InvalidArticle
from extractor.service.admission import Limits
from extractor.service.bodies import media_type, read_body
from extractor.service.extracting import KEY_PARAMETER, RecipeOf
from extractor.service.guard import client_of
from extractor.service.idempotency import Given, Idempotency
from extractor.service.jobs import MAX_ARTICLES, Job, Jobs
from extractor.service.problems import described

LINES = "application/jsonl"
MAX_JOB_BODY = 20 * 1024 * 1024
"""The most bytes that the articles of a job may have."""
_KINDS = ("application/json", LINES, "application/x-ndjson")


def add_jobs(
    app: FastAPI,
    jobs: Jobs,
    recipe: RecipeOf,
    idempotency: Idempotency,
    limits: Limits,
) -> None:
    """`/v1/jobs`: up to 1,000 articles at once."""

    def known(job_id: str) -> Job:
        job = jobs.find(job_id)
        if job is None:
            raise HTTPException(404, f"there is no job {job_id!r}")
        return job

    @app.post("/v1/jobs", status_code=202, summary="Many articles", openapi_extra=_OPENAPI)
    async def begin(
        request: Request, prompt: str | None = None, schema: str | None = None
    ) -> Response:
        body = await read_body(
            request, kinds=_KINDS, most=MAX_JOB_BODY, seconds=limits.body_seconds
        )
        with idempotency.claim(request, body) as claim:
            if claim.given is not None:
                return claim.given.response()
            text = decode(body, where="body")
            listed = media_type(request) == "application/json"
            lines = _listed(text) if listed else _lines(text)
            chosen = await recipe(prompt, schema)
            job = jobs.begin(lines, chosen, client_of(request))
            headers = {"Location": f"/v1/jobs/{job.id}"}
            given = Given(202, headers, json.dumps(job.to_dict()))
            claim.keep(given)
        return given.response()

    @app.get("/v1/jobs/{job_id}", summary="How far a job is", responses=_UNKNOWN)
    async def look(job_id: str) -> dict[str, Any]:
        return known(job_id).to_dict()

    @app.get("/v1/jobs/{job_id}/events", **_EVENTS)
    async def follow(job_id: str) -> Response:
        known(job_id)
        return StreamingResponse(_events(jobs, job_id), media_type="text/event-stream")

    @app.get("/v1/jobs/{job_id}/results", **_RESULTS)
    async def results(job_id: str) -> Response:
        known(job_id)
        lines = (f"{line}\n" for line in jobs.results(job_id))
        return StreamingResponse(iterate_in_threadpool(lines), media_type=LINES)

    @app.delete("/v1/jobs/{job_id}", summary="Cancel a job", responses=_UNKNOWN)
    async def cancel(job_id: str) -> dict[str, Any]:
        known(job_id)
        return jobs.cancel(job_id).to_dict()


async def _events(jobs: Jobs, job_id: str) -> AsyncIterator[str]:
    async for job in jobs.changes(job_id):
        yield f"event: {job.state}\ndata: {json.dumps(job.to_dict())}\n\n"


# Whether each is an article shows when it is done: one that is none fails alone.


def _listed(text: str) -> list[str]:
    """The articles of a JSON list, each in one line."""
    found = parse_json(text, where="body")
    if not isinstance(found, list):
        raise InvalidArticle("body: expected a list", hint=f"for JSON lines say {LINES}")
    return _counted([json.dumps(each) for each in found])


def _lines(text: str) -> list[str]:
    """The articles of JSON lines."""
    return _counted([line for line in text.split("\n") if line.strip()])


def _counted(lines: list[str]) -> list[str]:
    if not lines:
        raise EmptyInput("body: there is no article", hint="one JSON object a line, or a list")
    if len(lines) > MAX_ARTICLES:
        raise InvalidArticle(
            f"body: {len(lines):,} articles", hint=f"at most {MAX_ARTICLES:,} in one job"
        )
    return lines


_UNKNOWN = described({404: "no such job"})


def _told(summary: str, kind: str, what: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The description of a route that answers with something else than JSON."""
    told = {200: {"description": what, "content": {kind: {"schema": schema}}}, **_UNKNOWN}
    return {"summary": summary, "response_class": Response, "responses": told}


_EVENTS = _told(
    "The same, as it goes on",
    "text/event-stream",
    "one event for each change, named after the state",
    {"type": "object", "properties": {"event": {"type": "string"}, "data": {"type": "string"}}},
)
_RESULTS = _told("What there is so far", LINES, "an extraction a line", {"type": "string"})


# Whatever its items are: one that is no article fails when its turn comes, and alone.
_LIST = {"type": "array", "items": {}, "minItems": 1, "maxItems": MAX_ARTICLES}
_OPENAPI: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            LINES: {"schema": {"type": "string"}},
            "application/json": {"schema": _LIST},
        },
    },
    "parameters": [KEY_PARAMETER],
    "responses": described(
        {
            400: "the body is not articles, or the Idempotency-Key is no key",
            404: "no such prompt or schema",
            408: "the body did not arrive in time",
            409: "a request with this Idempotency-Key is being answered",
            413: "the body is too large",
            415: "the body is neither JSON nor JSON lines",
            422: "there is no article, or the Idempotency-Key came with another request",
        }
    ),
}
