"""Other ways to ask a model about many articles, each run as a program of its own.

    python -m benchmarks.contestants NAME URL ARTICLES CONCURRENCY

They only ask: nothing is stored, grounded or checked. What is measured is measured from outside,
on the server and in the use of the processor.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from importlib.util import find_spec
from itertools import cycle, islice

from benchmarks.archive import copies
from extractor.api import recipe_for
from extractor.model import Request
from extractor.openai_model import OpenAIModel
from extractor.reading import build_request
from extractor.request_body import request_body

MODEL = "recorded"
DISTINCT = 270


def requests(number: int) -> Iterable[Request]:
    """So many requests, of which few are made: making them is no part of a client."""
    recipe = recipe_for(None, None)
    made = [build_request(a, recipe, decoding="schema") for a in copies(min(number, DISTINCT))]
    return islice(cycle(made), number)


async def at_once(
    ask: Callable[[Request], Awaitable[object]], number: int, concurrency: int
) -> None:
    """Workers that take one request after the other."""
    waiting = iter(requests(number))

    async def work() -> None:
        for request in waiting:
            await ask(request)

    await asyncio.gather(*(work() for _ in range(concurrency)))


async def client(url: str, number: int, concurrency: int) -> None:
    """Our model client alone."""
    async with OpenAIModel(MODEL, base_url=url) as model:
        await at_once(model.complete, number, concurrency)


async def openai(url: str, number: int, concurrency: int) -> None:
    """asyncio and openai, as their examples have it."""
    from openai import AsyncOpenAI

    async with AsyncOpenAI(base_url=url, api_key="none") as sdk:
        create = sdk.chat.completions.create
        await at_once(
            lambda request: create(**request_body(request, MODEL, "schema")), number, concurrency
        )


async def instructor(url: str, number: int, concurrency: int) -> None:
    """instructor over openai, as its examples have it, with the schema as a Pydantic model."""
    from instructor import Mode, from_openai
    from openai import AsyncOpenAI

    schema = recipe_for(None, None).schema.model
    async with AsyncOpenAI(base_url=url, api_key="none") as sdk:
        create = from_openai(sdk, mode=Mode.JSON_SCHEMA).chat.completions.create

        async def ask(request: Request) -> None:
            body = request_body(request, MODEL, "schema")
            del body["response_format"]
            await create(**body, response_model=schema, max_retries=0)

        async def patient(request: Request) -> None:
            try:
                await ask(request)
            except Exception:
                return  # the recorded reply is no instance: it has cost what it costs

        await at_once(patient, number, concurrency)


def langextract(url: str, number: int, concurrency: int) -> None:
    """langextract, over its provider for OpenAI."""
    import langextract as lx

    example = lx.data.ExampleData(
        text="A ferry sank.",
        extractions=[lx.data.Extraction(extraction_class="event", extraction_text="sank")],
    )
    lx.extract(
        text_or_documents=[lx.data.Document(text=a.text, document_id=a.id) for a in copies(number)],
        prompt_description="The event.",
        examples=[example],
        config=lx.factory.ModelConfig(
            model_id="gpt-4o-mini", provider_kwargs={"base_url": url, "api_key": "none"}
        ),
        max_workers=concurrency,
        batch_length=concurrency,
        fetch_urls=False,
    )


def ray(url: str, number: int, concurrency: int) -> None:
    """Ray Data's map, a call a row, with as many actors as cores."""
    import openai as sdk
    import ray

    bodies = [request_body(request, MODEL, "schema") for request in requests(number)]

    class Ask:
        def __init__(self) -> None:
            self.client = sdk.AsyncOpenAI(base_url=url, api_key="none")

        async def __call__(self, row: dict[str, object]) -> dict[str, object]:
            await self.client.chat.completions.create(**bodies[int(str(row["id"]))])
            return row

    ray.data.range(number).map(Ask, concurrency=1, max_concurrency=concurrency).materialize()


WAYS: dict[str, Callable[[str, int, int], object]] = {
    "client": client,
    "openai": openai,
    "instructor": instructor,
    "langextract": langextract,
    "ray": ray,
}


def installed(name: str) -> bool:
    """Whether a contestant can be run here, with what it needs besides."""
    needed = {"client": (), "ray": ("ray", "pandas")}.get(name, (name,))
    return all(find_spec(each) is not None for each in needed)


def main() -> None:
    name, url, number, concurrency = sys.argv[1:]
    work = WAYS[name](url, int(number), int(concurrency))
    if asyncio.iscoroutine(work):
        asyncio.run(work)


if __name__ == "__main__":
    main()
