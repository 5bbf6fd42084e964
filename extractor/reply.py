"""What an endpoint's answer holds: a reply, which is a draft or one of the ways to be none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from extractor import jsontext
from extractor.model import Completion
from extractor.records import Problem, Usage

_SHOWN = 200


def completion_of(answer: dict[str, Any], *, attempts: int, seconds: float) -> Completion:
    """The endpoint's JSON, a chat completion with at least one message, that arrived now.

    An answer was paid for: a field of a wrong type is taken as missing and stays in `raw`.
    """
    raw = _writable(answer)
    choice = raw["choices"][0]
    usage = _object(raw.get("usage"))
    details = _object(usage.get("prompt_tokens_details"))
    return Completion(
        content=_text(choice["message"].get("content")),
        finish_reason=_text(choice.get("finish_reason")),
        refusal=_text(choice["message"].get("refusal")),
        model=_text(raw.get("model")),
        usage=Usage(
            input_tokens=_count(usage.get("prompt_tokens")),
            cached_tokens=_count(details.get("cached_tokens")),
            output_tokens=_count(usage.get("completion_tokens")),
        ),
        attempts=attempts,
        seconds=round(seconds, 3),
        time=datetime.now(UTC).isoformat(timespec="milliseconds"),
        raw=raw,
    )


def _writable(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, in which half characters (lone surrogates), which no file can hold, have become
    question marks."""
    text = json.dumps(answer, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        found: dict[str, Any] = json.loads(text.encode(errors="replace"))
        return found
    return answer


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def read_reply(completion: Completion) -> dict[str, Any] | Problem:
    """The draft in a reply, or the problem that it has none.

    Codes: `reply.refused`, `reply.truncated` (the token limit or the context cut it),
    `reply.filtered`, `reply.empty`, `reply.malformed` (not JSON, or not an object).
    """
    content = completion.content or ""
    if completion.refusal:
        return _problem("refused", f"the model refused: {completion.refusal}", content)
    if completion.finish_reason == "content_filter":
        return _problem("filtered", "the provider's content filter withheld the reply", content)
    if completion.finish_reason == "length":
        tokens = completion.usage.output_tokens
        message = f"the reply was cut after {tokens} tokens; raise the prompt's max_tokens"
        return _problem("truncated", message, content)
    if not content.strip():
        return _problem("empty", "the reply is empty", content)
    try:
        draft = jsontext.loads(_without_fence(content))
    except ValueError as error:
        return _problem("malformed", f"the reply is not usable JSON: {error}", content)
    if not isinstance(draft, dict):
        kind = type(draft).__name__
        return _problem("malformed", f"the reply is a JSON {kind}, not an object", content)
    return draft


def _without_fence(content: str) -> str:
    """The inside of a Markdown code fence, which some servers leave around the JSON."""
    text = content.strip()
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        return text.split("\n", 1)[1].removesuffix("```")
    return text


def _problem(kind: str, message: str, content: str) -> Problem:
    quote = content if len(content) <= _SHOWN else content[:_SHOWN] + "…"
    return Problem(
        code=f"reply.{kind}", path="", message=message, severity="error", quote=quote or None
    )
