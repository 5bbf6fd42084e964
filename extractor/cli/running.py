"""`extractor eval run`: prompts, schemas and models over a data set, each asked some times."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console

from extractor.cases import Case, read_cases
from extractor.catalog import Catalog, Recipe
from extractor.cli.parts import (
    BaseUrlOption,
    CiteOption,
    ConcurrencyOption,
    PriceInOption,
    PriceOutOption,
    RepairOption,
    TableFormat,
    TableOption,
    catalog_of,
    needs,
    opened_model,
    prices_of,
    recipe_of,
    relative,
    say_failed,
    settings_of,
    stderr,
    write_file,
)
from extractor.cli.progress import Metered, Shown, shown
from extractor.cli.recording import CASSETTES, replayed
from extractor.errors import InputError
from extractor.model import Model
from extractor.openai_model import OpenAIModel
from extractor.pace import ONE_BY_ONE, Pace
from extractor.records import json_line
from extractor.settings import Settings

if TYPE_CHECKING:
    from extractor.evals import Run
    from extractor.evals.benchmarks import Benchmark
    from extractor.evals.kept import Folder
    from extractor.evals.matrix import Cell
    from extractor.evals.pairing import Rules
    from extractor.evals.sections import Section
    from extractor.prices import Prices

T = TypeVar("T")

SeveralPrompts = Annotated[
    str | None, typer.Option("--prompt", help="NAME@VERSION or NAME@LABEL; several: a@1,b@2.")
]
SeveralSchemas = Annotated[
    str | None, typer.Option("--schema", help="The same. [default: what the prompt is for]")
]
SeveralModels = Annotated[
    str | None, typer.Option("--model", help="The model to ask, or several. [env: EXTRACTOR_MODEL]")
]

KeepOption = Annotated[
    Path | None,
    typer.Option(
        help="A folder for the replies: a run that was interrupted goes on there. "
        "[default with --out: its folder replies]"
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(help="A folder for whole runs, a file to each: for reports, and for several."),
]
SectionsOption = Annotated[
    str | None,
    typer.Option(help="More tables: evidence, outlet, language, confusion, days; several: a,b."),
]


def eval_run(
    cases: Annotated[
        Path, typer.Argument(help="Cases (a file, a folder), or a file of MUC-4, PolNeAR or CASIE.")
    ],
    prompt: SeveralPrompts = None,
    schema: SeveralSchemas = None,
    model: SeveralModels = None,
    base_url: BaseUrlOption = None,
    cite: CiteOption = "all",
    repair: RepairOption = 0,
    repeat: Annotated[int, typer.Option(min=1, help="How many times each is asked.")] = 1,
    concurrency: ConcurrencyOption = 1,
    replay: Annotated[bool, typer.Option("--replay", help="Answers from the cassettes.")] = False,
    cassettes: Annotated[Path, typer.Option(help="Where the cassettes are.")] = CASSETTES,
    keep: KeepOption = None,
    out: OutOption = None,
    price_in: PriceInOption = None,
    price_out: PriceOutOption = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="No more than the first so many articles.")
    ] = None,
    also: SectionsOption = None,
    output: TableOption = TableFormat.TEXT,
) -> None:
    """Score records against gold, field by field; several prompts, schemas or models as a table."""
    with needs("eval"):
        found = to_be_run(cases, limit, replay=replay)
        prices = prices_of(price_in, price_out)
        sections = sections_of(also)
    models = tuple(settings_of(base_url, name) for name in _several(model))
    recipes = tuple(
        recipe_of(models[0], one or for_data(found, other), other, cite=cite, repair=repair)
        for one in _several(prompt)
        for other in _several(schema)
    )
    plan = _Plan(
        found=found,
        cases=cases,
        recipes=recipes,
        models=models,
        repeats=repeat,
        concurrency=concurrency,
        replay_root=cassettes if replay else None,
        keep=keep or (out / "replies" if out is not None and not replay else None),
        prices=prices,
    )
    _check(plan, out)
    cells = _cells(plan)
    if out is not None:
        for cell in cells:
            for number, run in enumerate(cell.runs):
                write_run(run, number, out)
    if plan.runs == 1:
        print_run(cells[0].runs[0], output, sections)
    else:
        _print_cells(cells, prices, output)


@dataclass(frozen=True)
class _Plan:
    """What is to be run: every recipe with every model, each so many times."""

    found: Benchmark | tuple[Case, ...]
    cases: Path
    recipes: tuple[Recipe, ...]
    models: tuple[Settings, ...]
    repeats: int
    concurrency: int
    replay_root: Path | None
    keep: Path | None
    prices: Prices | None

    @property
    def runs(self) -> int:
        return len(self.recipes) * len(self.models) * self.repeats

    @property
    def articles(self) -> int:
        return len(self.found if isinstance(self.found, tuple) else self.found.articles)


def _several(option: str | None) -> tuple[str | None, ...]:
    """The names of an option that takes several; one None where it is not given."""
    names = tuple(name.strip() for name in (option or "").split(",") if name.strip())
    return names or (None,)


def _check(plan: _Plan, out: Path | None) -> None:
    """Raise `BadParameter` for what cannot be run together, and `InputError` for a folder that
    cannot be made, before any model is loaded."""
    if plan.replay_root is not None and plan.repeats > 1:
        raise typer.BadParameter("a cassette has one answer to a request", param_hint="--repeat")
    if plan.runs > 1 and out is None:
        raise typer.BadParameter(
            f"these are {plan.runs} runs; name a folder for their files", param_hint="--out"
        )
    make_folder(out)


def make_folder(out: Path | None) -> None:
    """The folder of `--out`, made where it is not there. Raises `InputError`."""
    try:
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{out}: {error.strerror}", hint="name another folder") from error


def _cells(plan: _Plan) -> list[Cell]:
    """All runs, model by model."""
    with needs("eval"):
        from extractor.evals.matrix import Cell

    console = stderr()
    found = []
    for settings in plan.models:
        replay = plan.replay_root is not None
        opening = replayed(settings) if replay else opened_model(settings, console)
        articles = plan.articles * plan.repeats * len(plan.recipes)
        with (
            opening as opened,
            _kept(plan.keep) as folder,
            shown(console, articles, plan.prices) as watched,
        ):
            for recipe in plan.recipes:
                runs = tuple(
                    _one(plan, settings, recipe, opened, folder, watched, repeat)
                    for repeat in range(plan.repeats)
                )
                found.append(Cell(runs, recipe.schema.json_schema))
    return found


def _one(
    plan: _Plan,
    settings: Settings,
    recipe: Recipe,
    opened: OpenAIModel,
    folder: Folder | None,
    watched: Shown,
    repeat: int,
) -> Run:
    """One run: a recipe, a model, one of its repeats."""
    asked: Model = opened
    if plan.replay_root is None:
        asked = Metered(opened, watched.watch)
    if folder is not None:
        from extractor.evals.kept import KeptReplies

        asked = KeptReplies(asked, folder, repeat=repeat)
    work = evaluation(
        plan.found,
        recipe,
        asked,
        catalog_of(settings),
        rules_for(plan.found, plan.cases, recipe),
        replay_root=plan.replay_root,
        pace=Pace(plan.concurrency, watched.one_more),
    )
    return asyncio.run(_with(opened, work))


def write_run(run: Run, repeat: int, out: Path) -> None:
    """Writes the whole run into a folder that there is, and says where."""
    from extractor.evals.matrix import file_name
    from extractor.evals.report import whole_run_json

    path = out / file_name(run, repeat)
    write_file(path, json_line(whole_run_json(run)) + "\n")
    stderr().print(f"run: {relative(path)}", markup=False, soft_wrap=True)


def _print_cells(cells: list[Cell], prices: Prices | None, output: TableFormat) -> None:
    """The table of runs on standard output; articles that failed as for one run."""
    from extractor.evals import matrix
    from extractor.evals.exports import cells_csv, cells_markdown
    from extractor.evals.report import show_cells

    rows = [matrix.cell_json(cell, prices) for cell in cells]
    agreements = [matrix.agreement_json(cell) for cell in cells]
    match output:
        case TableFormat.TEXT:
            show_cells(rows, agreements, Console())
        case TableFormat.JSON:
            both = [
                {**row, "same_fields": fields} for row, fields in zip(rows, agreements, strict=True)
            ]
            print(json.dumps({"runs": both}, ensure_ascii=False))
        case TableFormat.CSV:
            print(cells_csv(rows), end="")
        case TableFormat.MARKDOWN:
            print(cells_markdown(rows), end="")
    say_failed(matrix.failed(cells))


def sections_of(also: str | None) -> tuple[Section, ...]:
    """The sections of `--also`."""
    from extractor.evals.sections import SECTIONS

    names = [name for name in _several(also) if name]
    if unknown := [name for name in names if name not in SECTIONS]:
        raise typer.BadParameter(
            f"there is no section {unknown[0]!r}; there are {', '.join(SECTIONS)}",
            param_hint="--also",
        )
    return tuple(section for section in SECTIONS if section in names)


def print_run(run: Run, output: TableFormat, sections: Sequence[Section] = ()) -> None:
    """The run on standard output; articles that failed on standard error, and exit status 1."""
    from extractor.evals.exports import run_csv, run_markdown
    from extractor.evals.report import run_json, show
    from extractor.evals.sections import show_sections

    match output:
        case TableFormat.TEXT:
            show(run, Console())
            show_sections(run, sections, Console())
        case TableFormat.JSON:
            print(json.dumps(run_json(run), ensure_ascii=False))
        case TableFormat.CSV:
            print(run_csv(run), end="")
        case TableFormat.MARKDOWN:
            print(run_markdown(run), end="")
    say_failed([item for item in run.results if item.status == "failed"])


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
    *,
    replay_root: Path | None = None,
    pace: Pace = ONE_BY_ONE,
) -> Coroutine[Any, Any, Run]:
    """The run over a data set, to be awaited."""
    from extractor import evals

    if not isinstance(found, tuple):
        return evals.run_benchmark(found, recipe, asked, pace=pace)
    return evals.run(
        found,
        recipe,
        asked,
        catalog=catalog,
        replay_root=replay_root,
        rules=rules,
        pace=pace,
    )


async def _with(model: OpenAIModel, work: Coroutine[Any, Any, T]) -> T:
    """The outcome of work that asks a model, which is closed after it."""
    async with model:
        return await work


@contextmanager
def _kept(folder: Path | None) -> Iterator[Folder | None]:
    """The folder where replies are kept, opened; None for none."""
    if folder is None:
        yield None
        return
    with needs("batch"):
        from extractor.evals.kept import new_folder
    with new_folder(folder) as kept:
        yield kept
