"""The description of the service (OpenAPI), with what holds for all of its routes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fastapi import FastAPI

from extractor.service.guard import OPEN
from extractor.service.problems import described

_OF_KEYS = described(
    {
        401: "a key is needed",
        403: "the key has not the scope",
        429: "too many requests of this key, or at once",
    }
)
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "the key"},
    "basic": {"type": "http", "scheme": "basic", "description": "any name, the key as password"},
}
_INVALID = described({422: "a parameter, or what the body says, cannot be used"})[422]


def describe(app: FastAPI, *, keyed: bool) -> None:
    """Lets `app` say of each route what is added around it: keys (when there are any), problems
    in place of FastAPI's own errors, and definitions where others can refer to them."""
    plain: Callable[[], dict[str, Any]] = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(plain(), keyed=keyed)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _completed(found: dict[str, Any], *, keyed: bool) -> dict[str, Any]:
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path, operation in _operations(found):
        responses = operation["responses"]
        if "HTTPValidationError" in str(responses.get("422")):
            responses["422"] = _INVALID
        if keyed and path not in OPEN:
            operation["security"] = [{name: []} for name in _SECURITY]
            for status, response in _OF_KEYS.items():
                responses.setdefault(str(status), response)
    if keyed:
        components["securitySchemes"] = _SECURITY
    found["paths"] = _referring(found["paths"], schemas)
    return found


def _operations(found: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in found["paths"].items():
        for operation in methods.values():
            yield path, operation


def _referring(part: Any, schemas: dict[str, Any]) -> Any:
    """A part of the description whose schemas keep no definitions of their own: a reference
    begins at the root of the whole."""
    if isinstance(part, list):
        return [_referring(each, schemas) for each in part]
    if not isinstance(part, dict):
        return part
    own = part.get("$defs", {})
    schemas.update({name: _referring(each, schemas) for name, each in own.items()})
    made = {key: _referring(each, schemas) for key, each in part.items() if key != "$defs"}
    if isinstance(reference := made.get("$ref"), str):
        made["$ref"] = reference.replace("#/$defs/", "#/components/schemas/")
    return made
