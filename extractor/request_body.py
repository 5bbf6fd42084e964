"""The JSON body of a request to an OpenAI-compatible endpoint, and its bytes."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any

from extractor.jsontext import list_of, object_of, quoted
from extractor.model import Decoding, Request
from extractor.shape import JsonSchema, remembered


def request_body(request: Request, model_name: str, decoding: Decoding) -> dict[str, Any]:
    """The JSON body that is sent for a request."""
    parameters = request.parameters
    body: dict[str, Any] = {
        "model": model_name,
        "messages": [{"role": each.role, "content": each.content} for each in request.messages],
        "temperature": parameters.temperature,
        "max_tokens": parameters.max_tokens,
        **_form(request, decoding),
    }
    return body if parameters.seed is None else {**body, "seed": parameters.seed}


def _form(request: Request, decoding: Decoding) -> dict[str, Any]:
    """What holds the reply to its form. Servers take a schema or a grammar, never both."""
    if decoding == "grammar" and request.grammar is not None:
        return {"response_format": _FREE, "grammar": request.grammar}
    form = _schema_form(request.wire_schema, request.schema_name, request.strict)
    return {"response_format": form}


_FREE = {"type": "text"}


@remembered
def _schema_form(wire: JsonSchema, name: str, strict: bool) -> dict[str, Any]:
    # All that a name may hold; that of a generic class is `Page[Item]`.
    known = re.sub(r"[^A-Za-z0-9_-]", "_", name)[:64]
    schema = {"name": known, "strict": strict, "schema": wire}
    return {"type": "json_schema", "json_schema": schema}


def written(body: dict[str, Any]) -> bytes:
    """The JSON of a request's body, of which the long parts are the same for each article."""
    return object_of({key: _part(key, value) for key, value in body.items()}).encode()


def _part(key: str, value: Any) -> str:
    if key == "messages":
        return list_of(object_of({k: quoted(v) for k, v in turn.items()}) for turn in value)
    return _form_json(value) if key == "response_format" else _compact(value)


_compact = partial(json.dumps, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_form_json = remembered(_compact)
