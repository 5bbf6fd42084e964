"""What prompts and schemas there are, over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from extractor.catalog import Catalog, Entry
from extractor.service.problems import described


def add_catalogue(app: FastAPI, catalog: Catalog) -> None:
    """`/v1/prompts` and `/v1/schemas`, and one version of each by number or label."""

    @app.get("/v1/prompts", summary="All versions of all prompts")
    async def prompts() -> dict[str, list[dict[str, Any]]]:
        return {"prompts": _listed(await run_in_threadpool(catalog.prompts))}

    @app.get("/v1/prompts/{name}/{version}", summary="One prompt", responses=_UNKNOWN)
    async def prompt(name: str, version: str) -> dict[str, Any]:
        found = await run_in_threadpool(catalog.prompt, f"{name}@{version}")
        return {
            "id": found.id,
            "status": found.status,
            "digest": found.digest,
            "schema": found.schema_name,
            "parent": found.parent,
            "changelog": found.changelog,
            "evidence": found.evidence,
            "messages": [{"role": part.role, "template": part.source} for part in found.sections],
        }

    @app.get("/v1/schemas", summary="All versions of all schemas")
    async def schemas() -> dict[str, list[dict[str, Any]]]:
        return {"schemas": _listed(await run_in_threadpool(catalog.schemas))}

    @app.get("/v1/schemas/{name}/{version}", summary="One schema", responses=_UNKNOWN)
    async def schema(name: str, version: str) -> dict[str, Any]:
        found = await run_in_threadpool(catalog.schema, f"{name}@{version}")
        return {"id": found.id, "digest": found.digest, "json_schema": found.json_schema}


_UNKNOWN = described({404: "no such version"})


def _listed(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    return [
        {"id": e.id, "status": e.status, "labels": list(e.labels), "problem": e.problem}
        for e in entries
    ]
