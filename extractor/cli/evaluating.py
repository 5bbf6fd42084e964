"""`extractor eval` and `extractor cassettes`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console

from extractor.api import REPAIRS, choose_weights
from extractor.cases import Case, read_cases
from extractor.catalog import Catalog, Recipe
from extractor.cli.parts import (
    BaseUrlOption,
    CiteOption,
    FormatOption,
    ModelOption,
    OutputFormat,
    PromptOption,
    RepairOption,
    SchemaOption,
    TableFormat,
    TableOption,
    catalog_of,
    needs,
    opened_model,
    recipe_of,
    settings_of,
    stderr,
)
from extractor.errors import InputError
from extractor.model import Model
from extractor.openai_model import OpenAIModel
from extractor.records import Extraction
from extractor.settings import Settings

if TYPE_CHECKING:
    from extractor.evals import Run
    from extractor.evals.benchmarks import Benchmark
    from extractor.evals.injections import InjectionRun
    from extractor.evals.scores import Rules

CASSETTES = Path("cassettes")
T = TypeVar("T")

eval_app = typer.Typer(help="Prompts and models against gold records.", no_args_is_help=True)
cassettes_app = typer.Typer(help="Recorded model traffic.", no_args_is_help=True)


@eval_app.command("run")
def eval_run(
    cases: Annotated[
        Path, typer.Argument(help="Cases (a file, a folder), or a file of MUC-4, PolNeAR or CASIE.")
    ],
    prompt: PromptOption = None,
    schema: SchemaOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    cite: CiteOption = "all",
    repair: RepairOption = 0,
    replay: Annotated[bool, typer.Option("--replay", help="Answers from the cassettes.")] = False,
    cassettes: Annotated[Path, typer.Option(help="Where the cassettes are.")] = CASSETTES,
    keep: Annotated[
        Path | None,
        typer.Option(help="A folder for the replies: a run that was interrupted goes on there."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="No more than the first so many articles.")
    ] = None,
    output: TableOption = TableFormat.TEXT,
) -> None:
    """Score records against gold, field by field."""
    settings = settings_of(base_url, model)
    with needs("eval"):
        found = to_be_run(cases, limit, replay=replay)
    recipe = recipe_of(
        settings, prompt or for_data(found, schema), schema, cite=cite, repair=repair
    )
    rules = rules_for(found, cases, recipe)
    console = stderr()
    opening = replayed(settings) if replay else opened_model(settings, console)
    with opening as opened, _kept(opened, keep) as asked, console.status("extracting") as shown:

        def told(done: int, total: int) -> None:
            shown.update(f"{done} of {total} articles")

        root = cassettes if replay else None
        work = evaluation(found, recipe, asked, catalog_of(settings), rules, root, told)
        print_run(asyncio.run(_with(opened, work)), output)


def print_run(run: Run, output: TableFormat) -> None:
    """The run on standard output; articles that failed on standard error, and exit status 1."""
    from extractor.evals.exports import run_csv, run_markdown
    from extractor.evals.report import run_json, show

    match output:
        case TableFormat.TEXT:
            show(run, Console())
        case TableFormat.JSON:
            print(json.dumps(run_json(run), ensure_ascii=False))
        case TableFormat.CSV:
            print(run_csv(run), end="")
        case TableFormat.MARKDOWN:
            print(run_markdown(run), end="")
    _say_failed([item for item in run.results if item.status == "failed"])


def to_be_run(path: Path, limit: int | None, *, replay: bool) -> Benchmark | tuple[Case, ...]:
    """The data set of a path: of others, or cases. Read before any model is loaded."""
    from extractor.evals.benchmarks import read_benchmark

    benchmark = read_benchmark(path)
    if benchmark is None:
        return read_cases(path)[:limit]
    if replay:
        raise InputError(
            f"{path}: of a data set of others there are no cassettes",
            hint="leave out --replay; --keep FOLDER keeps the replies",
        )
    return benchmark.first(limit)


def for_data(found: Benchmark | tuple[Case, ...], schema: str | None) -> str | None:
    """The prompt that a data set of others is for, unless a schema says otherwise."""
    return found.prompt if schema is None and not isinstance(found, tuple) else None


def rules_for(found: Benchmark | tuple[Case, ...], cases: Path, recipe: Recipe) -> Rules:
    """The scoring rules beside cases; a data set of others is scored its own way."""
    from extractor.evals.scoring import read_scoring

    return read_scoring(cases, recipe.schema.json_schema) if isinstance(found, tuple) else {}


def evaluation(
    found: Benchmark | tuple[Case, ...],
    recipe: Recipe,
    asked: Model,
    catalog: Catalog,
    rules: Rules,
    replay_root: Path | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Coroutine[Any, Any, Run]:
    """The run over a data set, to be awaited."""
    from extractor import evals

    if not isinstance(found, tuple):
        return evals.run_benchmark(found, recipe, asked, on_progress=on_progress)
    return evals.run(
        found,
        recipe,
        asked,
        catalog=catalog,
        replay_root=replay_root,
        rules=rules,
        on_progress=on_progress,
    )


async def _with(model: OpenAIModel, work: Coroutine[Any, Any, T]) -> T:
    """The outcome of work that asks a model, which is closed after it."""
    async with model:
        return await work


@contextmanager
def _kept(model: Model, folder: Path | None) -> Iterator[Model]:
    """The model, or one whose replies are kept in a folder."""
    if folder is None:
        yield model
        return
    with needs("batch"):
        from extractor.evals.kept import KeptReplies, new_folder
    with new_folder(folder) as kept:
        yield KeptReplies(model, kept)


@eval_app.command("injections")
def eval_injections(
    pairs: Annotated[Path, typer.Argument(help="A file of pairs, or a folder of them.")],
    prompt: PromptOption = None,
    schema: SchemaOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    replay: Annotated[bool, typer.Option("--replay", help="Answers from the cassettes.")] = False,
    record: Annotated[
        bool, typer.Option("--record", help="First record what is missing or stale.")
    ] = False,
    cassettes: Annotated[
        Path | None, typer.Option(help="Where the cassettes are. [default: beside the pairs]")
    ] = None,
    output: FormatOption = OutputFormat.TEXT,
) -> None:
    """Count what instructions that stand in articles change in the records."""
    with needs("eval"):
        from extractor.evals.injections import read_pairs, run_injections, twin_cases
        from extractor.evals.report import injections_json, show_injections

    settings = settings_of(base_url, model)
    recipe = recipe_of(settings, prompt, schema)
    found = read_pairs(pairs)
    root = cassettes or (pairs if pairs.is_dir() else pairs.parent) / "cassettes"
    console = stderr()
    if record:
        cases = _not_fresh(twin_cases(found, recipe.schema.id), recipe, settings, root)
        _record(cases, recipe, settings, root)
    kept = replay or record
    opening = replayed(settings) if kept else opened_model(settings, console)
    with opening as opened, console.status("extracting") as shown:

        async def work() -> InjectionRun:
            async with opened:
                return await run_injections(
                    found,
                    recipe,
                    opened,
                    replay_root=root if kept else None,
                    on_progress=lambda done, total: shown.update(f"{done} of {total} articles"),
                )

        result = asyncio.run(work())
    if output is OutputFormat.JSON:
        print(json.dumps(injections_json(result), ensure_ascii=False))
    else:
        show_injections(result, Console())
    _say_failed(result.failed)


@eval_app.command("repairs")
def eval_repairs(
    cases: Annotated[Path, typer.Argument(help="A case file, or a folder of them.")],
    prompt: PromptOption = None,
    schema: SchemaOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    repair: RepairOption = REPAIRS,
    record: Annotated[bool, typer.Option("--record", help="First record all answers.")] = False,
    cassettes: Annotated[Path, typer.Option(help="Where the cassettes are, or go.")] = CASSETTES,
) -> None:
    """Measure repairs against asking for all again, from recorded answers."""
    from extractor.evals.repairs import Measured, measure, show

    settings = settings_of(base_url, model)
    recipe = recipe_of(settings, prompt, schema, repair=repair)
    found = read_cases(cases)
    console = stderr()
    opening = opened_model(settings, console) if record else replayed(settings)
    with opening as opened, console.status("measuring") as shown:

        async def work() -> list[Measured]:
            async with opened:
                return await measure(
                    found,
                    recipe,
                    opened,
                    cassettes,
                    replay=not record,
                    on_progress=lambda done, total: shown.update(f"{done} of {total} articles"),
                )

        result = asyncio.run(work())
    show(result, Console())


def _say_failed(failed: Sequence[Extraction[Any]]) -> None:
    """Name each article that failed; one is enough for exit status 1."""
    console = stderr()
    for item in failed:
        console.print(f"{item.article.id}: {item.problems[0].message}", markup=False)
    if failed:
        raise typer.Exit(1)


@eval_app.command("checks")
def eval_checks(
    pairs: Annotated[list[Path], typer.Argument(help="Files of pairs (.jsonl), or folders.")],
    mistakes: Annotated[
        bool, typer.Option("--mistakes", help="List what is judged wrong.")
    ] = False,
) -> None:
    """How well the value checks tell wrong values from right ones, kind by kind."""
    from extractor.evals import value_pairs

    found = value_pairs.read_pairs(pairs)
    print(
        f"{'kind':10}{'pairs':>7}{'wrong':>7}{'found':>7}{'alarms':>8}{'precision':>11}{'recall':>8}"
    )
    for one in value_pairs.judge(found):
        print(
            f"{one.kind:10}{one.pairs:7}{one.wrong:7}{one.found:7}{one.alarms:8}"
            f"{one.precision:11.3f}{one.recall:8.3f}"
        )
    for pair in value_pairs.mistakes(found) if mistakes else ():
        kind = "false alarm" if pair.right else "not found"
        print(f"{kind}: {pair.kind} {pair.value!r} of {pair.quote!r} ({pair.why})")


@contextmanager
def replayed(settings: Settings) -> Iterator[OpenAIModel]:
    """A client for recorded traffic: it connects to nothing."""
    if settings.base_url is None:
        name, endpoint = choose_weights(settings.model).name, "embedded"
    else:
        name, endpoint = settings.model or "", "remote"
    yield OpenAIModel(
        name,
        base_url="http://model.local/v1",
        endpoint="embedded" if endpoint == "embedded" else "remote",
        decoding=None if settings.decoding == "auto" else settings.decoding,
    )


@cassettes_app.command("status")
def cassettes_status(
    cases: Annotated[Path, typer.Argument(help="Cases.")] = Path("evals/articles"),
    prompt: PromptOption = None,
    schema: SchemaOption = None,
    model: ModelOption = None,
    cite: CiteOption = "all",
    repair: RepairOption = 0,
    cassettes: Annotated[Path, typer.Option(help="Where the cassettes are.")] = CASSETTES,
) -> None:
    """Whether the recordings are what the code would send now."""
    from extractor.cassettes import status

    settings = settings_of(None, model)
    recipe = recipe_of(settings, prompt, schema, cite=cite, repair=repair)
    with replayed(settings) as asked:
        found = status(read_cases(cases), recipe, asked, cassettes)
    for item in found:
        changes = f": {'; '.join(item.changes)}" if item.changes else ""
        print(f"{item.state:8}{item.article_id}{changes}")
    raise typer.Exit(0 if all(item.state == "fresh" for item in found) else 1)


@cassettes_app.command("record")
def cassettes_record(
    cases: Annotated[Path, typer.Argument(help="Cases.")] = Path("evals/articles"),
    prompt: PromptOption = None,
    schema: SchemaOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    cite: CiteOption = "all",
    repair: RepairOption = 0,
    cassettes: Annotated[Path, typer.Option(help="Where the cassettes go.")] = CASSETTES,
    missing: Annotated[
        bool, typer.Option("--missing", help="Only what is missing or stale.")
    ] = False,
) -> None:
    """Record the model's answers to cases, from the real server."""
    settings = settings_of(base_url, model)
    recipe = recipe_of(settings, prompt, schema, cite=cite, repair=repair)
    found = read_cases(cases)
    if missing:
        found = _not_fresh(found, recipe, settings, cassettes)
        if not found:
            stderr().print("nothing is missing or stale")
            return
    for path in _record(found, recipe, settings, cassettes):
        print(path)


def _record(
    cases: Sequence[Case], recipe: Recipe, settings: Settings, cassettes: Path
) -> list[Path]:
    """Record cases from the real server, and say where; none opens no model."""
    from extractor.cassettes import record

    if not cases:
        return []
    key = settings.api_key.get_secret_value() if settings.api_key else None
    console = stderr()
    with opened_model(settings, console) as opened, console.status("recording") as shown:

        async def work() -> list[Path]:
            async with opened:
                return await record(
                    cases,
                    recipe,
                    opened,
                    cassettes,
                    secrets=[key] if key else [],
                    on_progress=lambda done, total: shown.update(f"{done} of {total} recorded"),
                )

        return asyncio.run(work())


def _not_fresh(
    cases: tuple[Case, ...], recipe: Recipe, settings: Settings, cassettes: Path
) -> tuple[Case, ...]:
    from extractor.cassettes import status

    with replayed(settings) as asked:
        found = status(cases, recipe, asked, cassettes)
    fresh = {item.article_id for item in found if item.state == "fresh"}
    return tuple(case for case in cases if case.id not in fresh)
