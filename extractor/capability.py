"""Whether an endpoint decodes under grammars of ours: asked, where it looks as if it might."""

from __future__ import annotations

import json

from extractor.errors import ExtractorError
from extractor.model import Decoding, Message, Parameters, Request
from extractor.openai_model import Budget, OpenAIModel

WORD = "quernstone"
"""What no model answers to the question below, unless it can write nothing else."""
LLAMA_CPP = "llamacpp"
"""How llama.cpp's server names the owner of its models; others are never sent a grammar."""
_PATIENCE = Budget(attempts=1, seconds=60.0, call_seconds=60.0)

PROBE = Request(
    messages=(Message(role="user", content="What is two and two? Answer with one numeral."),),
    schema_name="probe",
    wire_schema={"type": "object", "properties": {}, "required": []},
    strict=True,
    parameters=Parameters(max_tokens=16),
    grammar=f"%llguidance {{}}\nstart: {json.dumps(WORD)}\n",
)
"""A request that only an endpoint which obeys LLGuidance grammars answers with `WORD`."""


async def detected_decoding(name: str, *, base_url: str, api_key: str | None) -> Decoding:
    """What the endpoint can be held to: `grammar` when it answers `PROBE` as it must.

    Its list of models is read first; one that is not llama.cpp's server is asked no more.
    An endpoint that errs, refuses or is too slow is held to the schema.
    """
    async with OpenAIModel(
        name, base_url=base_url, api_key=api_key, decoding="grammar", budget=_PATIENCE
    ) as model:
        try:
            if not _is_llama_cpp(await model.listing()):
                return "schema"
            reply = await model.complete(PROBE)
        except ExtractorError:
            return "schema"
    return "grammar" if reply.content == WORD else "schema"


def _is_llama_cpp(listing: object) -> bool:
    match listing:
        case {"data": [*models]}:
            return any(isinstance(m, dict) and m.get("owned_by") == LLAMA_CPP for m in models)
    return False
