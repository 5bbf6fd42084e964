"""`extractor extract`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from extractor.api import REPAIRS
from extractor.articles import read_articles
from extractor.catalog import Recipe
from extractor.cli.parts import (
    BaseUrlOption,
    CiteOption,
    FormatOption,
    LongOption,
    ModelOption,
    OutputFormat,
    PromptOption,
    RepairOption,
    SchemaOption,
    opened_model,
    recipe_of,
    say_error,
    settings_of,
    stderr,
)
from extractor.display import show
from extractor.errors import InputError
from extractor.openai_model import OpenAIModel
from extractor.pipeline import extract_one, failure, info_of
from extractor.records import Article, Extraction
from extractor.settings import Settings


def published_of(value: str | None) -> date | None:
    """The day of an option `--published`. Raises `typer.BadParameter`."""
    if value is None:
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        raise typer.BadParameter(
            f"{value!r} is not a date: expected YYYY-MM-DD", param_hint="--published"
        ) from None


def extract(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH|-...", help=".txt, .json, .jsonl; - is standard input."),
    ],
    published: Annotated[
        str | None, typer.Option(help="Publication date, YYYY-MM-DD; overrides the article's.")
    ] = None,
    outlet: Annotated[str | None, typer.Option(help="Outlet; overrides the article's.")] = None,
    prompt: PromptOption = None,
    schema: SchemaOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    long: LongOption = "windows",
    cite: CiteOption = "all",
    repair: RepairOption = REPAIRS,
    output: FormatOption = OutputFormat.TEXT,
) -> None:
    """Extract a record from each article."""
    given = {"published": published_of(published), "outlet": outlet}
    given = {key: value for key, value in given.items() if value is not None}
    settings = settings_of(base_url, model)
    recipe = recipe_of(settings, prompt, schema, long=long, cite=cite, repair=repair)
    # The first article is looked at before the model is: a typing error costs no loading.
    articles = read_articles(paths)
    console = stderr()
    with _opened_if_needed(settings, console, articles) as (opened, rest):
        ok = asyncio.run(_extract_all(rest, given, recipe, opened, output, console))
    raise typer.Exit(0 if ok else 1)


@contextmanager
def _opened_if_needed(
    settings: Settings, console: Console, articles: Iterator[Article | InputError]
) -> Iterator[tuple[OpenAIModel | None, Iterable[Article | InputError]]]:
    """The model, unless there is no usable article at all."""
    seen: list[Article | InputError] = []
    for item in articles:
        seen.append(item)
        if isinstance(item, Article):
            with opened_model(settings, console) as model:
                yield model, _chained(seen, articles)
            return
    yield None, seen


def _chained(
    seen: list[Article | InputError], rest: Iterator[Article | InputError]
) -> Iterator[Article | InputError]:
    yield from seen
    yield from rest


async def _extract_all(
    articles: Iterable[Article | InputError],
    given: dict[str, Any],
    recipe: Recipe,
    model: OpenAIModel | None,
    output: OutputFormat,
    console: Console,
) -> bool:
    """Extract and print one article after the other; whether each became a record."""
    ok = True
    for item in articles:
        if isinstance(item, InputError) or model is None:
            error = item if isinstance(item, InputError) else InputError("no model")
            say_error(error)
            extraction, text = failure(info_of(error), error), ""
        else:
            article = item.model_copy(update=given)
            text = article.text
            with console.status(f"extracting {article.id}"):
                extraction = await extract_one(article, recipe, model)
        _print(extraction, text, output, console)
        ok = ok and extraction.status in {"complete", "partial"}
    if model is not None:
        await model.aclose()
    return ok


def _print(extraction: Extraction[Any], text: str, output: OutputFormat, console: Console) -> None:
    if output is OutputFormat.JSON:
        sys.stdout.write(extraction.to_json() + "\n")
        sys.stdout.flush()
        if extraction.status == "failed" and text:
            for problem in extraction.problems:
                console.print(f"{extraction.article.id}: {problem.message}", markup=False)
    elif text:
        show(extraction, text, Console())
