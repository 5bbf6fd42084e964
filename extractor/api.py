"""The Python face's three verbs: open a model, extract, extract asynchronously."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, overload

from extractor.capability import detected_decoding
from extractor.catalog import Catalog, Cite, Long, Policy, Recipe, Schema, is_floating
from extractor.embedded import DEFAULT_WEIGHTS, WEIGHTS, Progress, Weights, engine, pull
from extractor.errors import ExtractorError, SettingsError, UnknownVersion
from extractor.model import Decoding, Model
from extractor.openai_model import Budget, OpenAIModel
from extractor.pipeline import extract_one
from extractor.records import Article, Extraction, RecordT
from extractor.settings import OPENAI_BASE_URL, Settings, settings_of_environment

EVENT = "event@production"
ANY_SCHEMA = "any@production"
"""The prompt for a model of the user's own: it shows the schema's fields to the model."""
REPAIRS = 1
"""How many times failed fields are asked again, unless somebody says otherwise."""

# The embedded engine works on few requests at a time, so a call's wait is a queue's.
_PATIENT = Budget(seconds=14_400.0, call_seconds=7_200.0)


def choose_weights(name: str | None) -> Weights:
    """The embedded model of that name; without one, the default. Raises `SettingsError`."""
    if name is None:
        return DEFAULT_WEIGHTS
    if name in WEIGHTS:
        return WEIGHTS[name]
    raise SettingsError(
        f"there is no embedded model {name!r}",
        hint=f"there is {', '.join(WEIGHTS)}; another needs --base-url or EXTRACTOR_BASE_URL",
    )


@contextmanager
def open_model(
    settings: Settings | None = None,
    *,
    progress: Progress = lambda done, total: None,
    say: Callable[[str], None] = lambda text: None,
) -> Iterator[OpenAIModel]:
    """The model that the settings name: a remote endpoint, or else the embedded one.

    Enter it outside of any event loop, for the engine takes seconds to load; weights that
    are not here yet are downloaded (`progress` in bytes). Settings default to the
    environment's. Raises `SettingsError` and `EmbeddedModelError`.
    """
    settings = settings or settings_of_environment()
    if settings.base_url is not None:
        if settings.model is None:
            raise SettingsError(
                f"no model is named for the endpoint {settings.base_url}",
                hint="set EXTRACTOR_MODEL or pass --model",
            )
        key = settings.api_key.get_secret_value() if settings.api_key else None
        decoding = _decoding(settings, settings.base_url, settings.model, key)
        yield OpenAIModel(
            settings.model, base_url=settings.base_url, api_key=key, decoding=decoding
        )
        return
    weights = choose_weights(settings.model)
    path = pull(weights, settings.home, progress=progress, say=say)
    say(f"loading {weights.name}")
    with engine(path, parallel=settings.parallel) as running:
        yield OpenAIModel(
            running.model,
            base_url=running.base_url,
            api_key=running.api_key,
            endpoint="embedded",
            decoding="grammar" if settings.decoding == "auto" else settings.decoding,
            budget=_PATIENT,
        )


def _decoding(settings: Settings, base_url: str, name: str, key: str | None) -> Decoding:
    """What the remote endpoint is held to: as it was set, or as it turns out."""
    if settings.decoding != "auto":
        return settings.decoding
    if base_url == OPENAI_BASE_URL:
        return "schema"
    return asyncio.run(detected_decoding(name, base_url=base_url, api_key=key))


def recipe_for(
    schema: str | type[Any] | None,
    prompt: str | None,
    *,
    policy: Policy = "leave_out",
    long: Long = "windows",
    cite: Cite = "all",
    repair: int = 0,
    catalog: Catalog | None = None,
) -> Recipe:
    """The recipe that names (or a Pydantic model of the user's own) mean.

    The catalog defaults to ours and the folders that the environment names. Raises
    `CatalogError` and `SettingsError`.
    """
    if catalog is None:
        settings = settings_of_environment()
        catalog = Catalog.open(settings.prompts, settings.schemas)
    if isinstance(schema, type):
        chosen = catalog.prompt(prompt or ANY_SCHEMA)
        return Recipe(chosen, Schema.of_model(schema), policy, long, cite, repair)
    chosen = catalog.prompt(prompt or (EVENT if schema is None else _prompt_for(schema, catalog)))
    if schema is None and "@" not in chosen.schema_name:
        raise UnknownVersion(
            f"the prompt {chosen.id} is for a schema of your choice, and none is named",
            hint="name one: --schema NAME@VERSION, or a Pydantic model in Python",
        )
    return Recipe(chosen, catalog.schema(schema or chosen.schema_name), policy, long, cite, repair)


def pinned_recipe(
    schema: str | None,
    prompt: str | None,
    *,
    catalog: Catalog,
    long: Long = "windows",
    cite: Cite = "all",
    repair: int = REPAIRS,
) -> Recipe:
    """`recipe_for`, but for work that is kept or served: `name@latest` is refused.

    Raises `CatalogError`.
    """
    for reference in (prompt, schema):
        if reference and is_floating(reference):
            raise UnknownVersion(
                f"{reference!r} means another version from day to day",
                hint="name a version (event@1) or a label (event@production) here",
            )
    return recipe_for(schema, prompt, long=long, cite=cite, repair=repair, catalog=catalog)


def _prompt_for(schema: str, catalog: Catalog) -> str:
    """The schema's own prompt; the one for any schema where it has none."""
    name = schema.split("@", 1)[0]
    return f"{name}@production" if catalog.prompt_shelf.numbers(name) else ANY_SCHEMA


@overload
async def aextract(
    article: Article | str,
    *,
    schema: type[RecordT],
    prompt: str | None = None,
    model: Model,
    policy: Policy = "leave_out",
    long: Long = "windows",
    cite: Cite = "all",
    repair: int = REPAIRS,
) -> Extraction[RecordT]: ...


@overload
async def aextract(
    article: Article | str,
    *,
    schema: str | None = None,
    prompt: str | None = None,
    model: Model,
    policy: Policy = "leave_out",
    long: Long = "windows",
    cite: Cite = "all",
    repair: int = REPAIRS,
) -> Extraction[Any]: ...


async def aextract(
    article: Article | str,
    *,
    schema: str | type[Any] | None = None,
    prompt: str | None = None,
    model: Model,
    policy: Policy = "leave_out",
    long: Long = "windows",
    cite: Cite = "all",
    repair: int = REPAIRS,
) -> Extraction[Any]:
    """The record of an article, with the words that say each value.

    `schema` and `prompt` are names (`event@1`, `event@production`), or `schema` is any
    Pydantic model. `long` says what becomes of a text over the model's context: it is read
    in windows whose records are merged, or refused. `cite` says which values the model is
    asked to give words for: all, or those that the schema marks. `repair` is how many times
    fields that failed are asked again. What goes wrong with the model or its answer is in the
    extraction's status and problems; only a wrong `schema`, `prompt` or setting raises
    (`CatalogError`, `SettingsError`).
    """
    recipe = recipe_for(schema, prompt, policy=policy, long=long, cite=cite, repair=repair)
    return await extract_one(_article(article), recipe, model)


@overload
def extract(
    article: Article | str,
    *,
    schema: type[RecordT],
    prompt: str | None = None,
    model: Model | None = None,
    policy: Policy = "leave_out",
    long: Long = "windows",
    cite: Cite = "all",
    repair: int = REPAIRS,
) -> Extraction[RecordT]: ...


@overload
def extract(
    article: Article | str,
    *,
    schema: str | None = None,
    prompt: str | None = None,
    model: Model | None = None,
    policy: Policy = "leave_out",
    long: Long = "windows",
    cite: Cite = "all",
    repair: int = REPAIRS,
) -> Extraction[Any]: ...


def extract(
    article: Article | str,
    *,
    schema: str | type[Any] | None = None,
    prompt: str | None = None,
    model: Model | None = None,
    policy: Policy = "leave_out",
    long: Long = "windows",
    cite: Cite = "all",
    repair: int = REPAIRS,
) -> Extraction[Any]:
    """`aextract` for code without an event loop. Without `model` it opens the environment's.

    Opening the embedded model takes seconds: for several articles, open it once with
    `open_model`. Also raises `SettingsError` and `EmbeddedModelError`.
    """
    _refuse_running_loop()
    recipe = recipe_for(schema, prompt, policy=policy, long=long, cite=cite, repair=repair)
    if model is not None:
        return asyncio.run(_in_its_own_loop(_article(article), recipe, model))
    with open_model() as opened:
        return asyncio.run(_in_its_own_loop(_article(article), recipe, opened))


async def _in_its_own_loop(article: Article, recipe: Recipe, model: Model) -> Extraction[Any]:
    try:
        return await extract_one(article, recipe, model)
    finally:
        if isinstance(model, OpenAIModel):
            await model.aclose()


def _article(article: Article | str) -> Article:
    return Article(text=article) if isinstance(article, str) else article


def _refuse_running_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise ExtractorError("extract() was called inside an event loop", hint="await aextract(...)")
