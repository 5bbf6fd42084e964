"""The command line: reads settings, builds the parts, picks a face.

Standard output holds results and nothing else; what is going on shows on standard error.
Exit status: 0 when all went well, 1 when something failed, 2 for wrong usage.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from extractor import __version__
from extractor.api import EVENT, choose_weights, open_model, recipe_for
from extractor.articles import read_articles
from extractor.catalog import (
    Catalog,
    Entry,
    Finding,
    Recipe,
    check_prompts,
    check_schemas,
    is_floating,
    lock_prompts,
    lock_schemas,
    write_json_schema,
)
from extractor.display import show
from extractor.embedded import WEIGHTS, find, pull, weights_path
from extractor.errors import ExtractorError, InputError, SettingsError, UnknownVersion
from extractor.openai_model import OpenAIModel
from extractor.pipeline import extract_one, failure
from extractor.records import Article, ArticleInfo, Extraction
from extractor.settings import Settings, read_settings

WRONG_USAGE = 2
CASSETTES = Path("cassettes")

app = typer.Typer(
    help="Turn news articles into records in which every value has its words.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
prompts_app = typer.Typer(help="The versioned prompts.", no_args_is_help=True)
schemas_app = typer.Typer(help="The versioned schemas.", no_args_is_help=True)
model_app = typer.Typer(help="The embedded model's weights.", no_args_is_help=True)
cassettes_app = typer.Typer(help="Recorded model traffic.", no_args_is_help=True)
eval_app = typer.Typer(help="Prompts and models against gold records.", no_args_is_help=True)
app.add_typer(prompts_app, name="prompts")
app.add_typer(schemas_app, name="schemas")
app.add_typer(model_app, name="model")
app.add_typer(cassettes_app, name="cassettes")
app.add_typer(eval_app, name="eval")


class OutputFormat(StrEnum):
    """How results are printed."""

    TEXT = "text"
    JSON = "json"


PromptOption = Annotated[
    str | None, typer.Option("--prompt", help=f"NAME@VERSION or NAME@LABEL. [default: {EVENT}]")
]
SchemaOption = Annotated[
    str | None, typer.Option("--schema", help="The same. [default: what the prompt is for]")
]
ModelOption = Annotated[
    str | None, typer.Option("--model", help="The model to ask. [env: EXTRACTOR_MODEL]")
]
BaseUrlOption = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        help="An OpenAI-compatible endpoint; none: the embedded model. [env: EXTRACTOR_BASE_URL]",
    ),
]
FormatOption = Annotated[OutputFormat, typer.Option("--format", help="text or json.")]


def main() -> None:
    """Run the command line; errors become one message on standard error."""
    try:
        app(prog_name="extractor")
    except ExtractorError as error:
        say_error(error)
        sys.exit(_exit_status(error))
    except KeyboardInterrupt:
        _stderr().print("interrupted")
        sys.exit(130)
    except BrokenPipeError:
        # Who reads us has seen enough; nothing is left to flush to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


def _exit_status(error: ExtractorError) -> int:
    return WRONG_USAGE if isinstance(error, SettingsError | UnknownVersion) else 1


def _stderr() -> Console:
    return Console(stderr=True, highlight=False)


def say_error(error: ExtractorError) -> None:
    """The message, and on a second line what to do."""
    console = _stderr()
    console.print("[bold red]error[/]", end=" ")
    console.print(error.message, markup=False, soft_wrap=True)
    if error.hint:
        console.print(f"      {error.hint}", markup=False, style="dim", soft_wrap=True)


def _settings(base_url: str | None = None, model: str | None = None) -> Settings:
    return read_settings(os.environ, base_url=base_url, model=model)


def _catalog(settings: Settings) -> Catalog:
    return Catalog.open(settings.prompts, settings.schemas)


def _recipe(
    settings: Settings, prompt: str | None, schema: str | None, *, pinned: bool = False
) -> Recipe:
    for reference in (prompt, schema):
        if pinned and reference and is_floating(reference):
            raise UnknownVersion(
                f"{reference!r} means another version from day to day",
                hint="name a version (event@1) or a label (event@production) here",
            )
    return recipe_for(schema, prompt, catalog=_catalog(settings))


@contextmanager
def _needs(extra: str) -> Iterator[None]:
    """Says which extra a face needs, when its libraries are not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"this needs the package {error.name}, which is not installed",
            hint=f"pip install 'extractor[{extra}]'",
        ) from error


@contextmanager
def _model(settings: Settings, console: Console) -> Iterator[OpenAIModel]:
    def say(text: str) -> None:
        console.print(text, style="dim", markup=False, soft_wrap=True)

    if settings.base_url is None:
        name = choose_weights(settings.model).name
        say(f"no key and no endpoint: using the embedded model {name}")
    with (
        _download_progress(console) as progress,
        open_model(settings, progress=progress, say=say) as model,
    ):
        yield model


@contextmanager
def _download_progress(console: Console) -> Iterator[Any]:
    """A bar that appears with the first bytes; without a terminal, a line every tenth."""
    bar = Progress(
        TextColumn("fetching weights"),
        BarColumn(bar_width=24),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    tenth = -1
    task = None

    def update(done: int, total: int) -> None:
        nonlocal tenth, task
        if console.is_terminal:
            if task is None:
                bar.start()
                task = bar.add_task("weights", total=total)
            bar.update(task, completed=done, total=total)
            if done >= total:
                bar.stop()
        elif total and (now := done * 10 // total) > tenth:
            tenth = now
            console.print(f"fetching weights: {done / 1e6:,.0f} of {total / 1e6:,.0f} MB")

    try:
        yield update
    finally:
        bar.stop()


def _published(value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise typer.BadParameter(
            f"{value!r} is not a date: expected YYYY-MM-DD", param_hint="--published"
        ) from None


@app.command()
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
    output: FormatOption = OutputFormat.TEXT,
) -> None:
    """Extract a record from each article."""
    given = {"published": _published(published), "outlet": outlet}
    given = {key: value for key, value in given.items() if value is not None}
    settings = _settings(base_url, model)
    recipe = _recipe(settings, prompt, schema)
    # The first article is looked at before the model is: a typing error costs no loading.
    articles = read_articles(paths)
    console = _stderr()
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
            with _model(settings, console) as model:
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
            extraction, text = failure(_unread(error), error), ""
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


def _unread(error: InputError) -> ArticleInfo:
    where = error.message.split(": ", 1)[0]
    return ArticleInfo(id=where, title=None, published=None, outlet=None, language=None, digest="")


def _print(extraction: Extraction[Any], text: str, output: OutputFormat, console: Console) -> None:
    if output is OutputFormat.JSON:
        sys.stdout.write(extraction.to_json() + "\n")
        sys.stdout.flush()
        if extraction.status == "failed" and text:
            for problem in extraction.problems:
                console.print(f"{extraction.article.id}: {problem.message}", markup=False)
    elif text:
        show(extraction, text, Console())


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
) -> None:
    """Serve extraction over HTTP."""
    with _needs("serve"):
        from extractor.service import run

    settings = _settings(base_url, model)
    console = _stderr()
    with _model(settings, console) as opened:
        run(_catalog(settings), opened, host=host, port=port)


@app.command()
def backfill(
    inputs: Annotated[list[Path], typer.Argument(metavar="INPUT.jsonl...")],
    out: Annotated[Path, typer.Option(help="Folder of the records and the ledger.")],
    concurrency: Annotated[int, typer.Option(min=1, help="Requests at the same time.")] = 16,
    prompt: PromptOption = None,
    schema: SchemaOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
) -> None:
    """Extract many articles; run again, it goes on where it was."""
    with _needs("batch"):
        from extractor import backfill as face

    settings = _settings(base_url, model)
    recipe = _recipe(settings, prompt, schema, pinned=True)
    console = _stderr()
    with _model(settings, console) as opened:

        async def work() -> face.Counts:
            async with opened:
                return await face.run(
                    inputs, out, recipe, opened, concurrency=concurrency, console=console
                )

        counts = asyncio.run(work())
    raise typer.Exit(130 if counts.interrupted else 1 if counts.failed or counts.rejected else 0)


@eval_app.command("run")
def eval_run(
    cases: Annotated[Path, typer.Argument(help="A case file, or a folder of them.")],
    prompt: PromptOption = None,
    schema: SchemaOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    replay: Annotated[bool, typer.Option("--replay", help="Answers from the cassettes.")] = False,
    cassettes: Annotated[Path, typer.Option(help="Where the cassettes are.")] = CASSETTES,
    output: FormatOption = OutputFormat.TEXT,
) -> None:
    """Score records against gold, field by field."""
    from extractor import evals
    from extractor.cases import read_cases
    from extractor.evals.report import run_json, run_table

    settings = _settings(base_url, model)
    recipe = _recipe(settings, prompt, schema)
    found = read_cases(cases)
    console = _stderr()
    opening = _replayed(settings) if replay else _model(settings, console)
    with opening as opened, console.status("extracting") as shown:

        async def work() -> evals.Run:
            async with opened:
                return await evals.run(
                    found,
                    recipe,
                    opened,
                    replay_root=cassettes if replay else None,
                    on_progress=lambda done, total: shown.update(f"{done} of {total} articles"),
                )

        result = asyncio.run(work())
    if output is OutputFormat.JSON:
        print(json.dumps(run_json(result), ensure_ascii=False))
    else:
        Console().print(run_table(result))


@contextmanager
def _replayed(settings: Settings) -> Iterator[OpenAIModel]:
    """A client for recorded traffic: it connects to nothing."""
    if settings.base_url is None:
        name, endpoint = choose_weights(settings.model).name, "embedded"
    else:
        name, endpoint = settings.model or "", "remote"
    yield OpenAIModel(
        name,
        base_url="http://model.local/v1",
        endpoint="embedded" if endpoint == "embedded" else "remote",
    )


@prompts_app.command("list")
def prompts_list() -> None:
    """All prompts with status and labels."""
    _list(_catalog(_settings()).prompts())


@schemas_app.command("list")
def schemas_list() -> None:
    """All schemas with status and labels."""
    _list(_catalog(_settings()).schemas())


def _list(entries: Iterable[Entry]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("id", "status", "labels", "file"):
        table.add_column(column)
    for entry in entries:
        status = f"{entry.status}: {entry.problem}" if entry.problem else entry.status
        table.add_row(entry.id, status, ", ".join(entry.labels), _relative(entry.path))
    Console().print(table)


def _relative(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


@prompts_app.command("show")
def prompts_show(reference: Annotated[str, typer.Argument(metavar="NAME@VERSION")]) -> None:
    """The file of a prompt."""
    prompt = _catalog(_settings()).prompt(reference)
    sys.stdout.write(prompt.path.read_text(encoding="utf-8"))


@schemas_app.command("show")
def schemas_show(reference: Annotated[str, typer.Argument(metavar="NAME@VERSION")]) -> None:
    """The JSON Schema of a schema, with its support markers."""
    schema = _catalog(_settings()).schema(reference)
    print(json.dumps(schema.json_schema, indent=2, ensure_ascii=False))


@prompts_app.command("check")
def prompts_check() -> None:
    """Whether all prompts are usable and released ones unchanged."""
    _report(check_prompts(_catalog(_settings())), "prompts")


@schemas_app.command("check")
def schemas_check() -> None:
    """Whether all schemas are usable and released ones unchanged."""
    _report(check_schemas(_catalog(_settings())), "schemas")


def _report(findings: list[Finding], what: str) -> None:
    for finding in findings:
        print(f"{finding.message}\n  {finding.hint}")
    if findings:
        raise typer.Exit(1)
    _stderr().print(f"all {what} are as released")


@prompts_app.command("lock")
def prompts_lock() -> None:
    """Add the prompts whose status is `released` to the lock."""
    _locked(lock_prompts(_catalog(_settings())))


@schemas_app.command("write")
def schemas_write(reference: Annotated[str, typer.Argument(metavar="NAME@VERSION")]) -> None:
    """Write the JSON Schema of a draft beside its file, after an edit."""
    print(_relative(write_json_schema(_catalog(_settings()).schema(reference))))


@schemas_app.command("lock")
def schemas_lock(
    references: Annotated[list[str], typer.Argument(metavar="NAME@VERSION...")],
) -> None:
    """Release schemas: write their JSON Schema and add them to the lock."""
    _locked(lock_schemas(_catalog(_settings()), references))


def _locked(added: list[str]) -> None:
    print("\n".join(f"locked {id_}" for id_ in added) or "nothing new to lock")


@model_app.command("list")
def model_list() -> None:
    """The embedded models and which of them are here."""
    home = _settings().home
    default = choose_weights(None).name
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("model", "size", "licence", "here"):
        table.add_column(column)
    for weights in WEIGHTS.values():
        name = f"{weights.name} (default)" if weights.name == default else weights.name
        here = "yes" if find(weights, home) else "no"
        table.add_row(name, f"{weights.size / 1e6:,.0f} MB", weights.licence, here)
    Console().print(table)


ModelName = Annotated[str | None, typer.Argument(metavar="[MODEL]", help="See `model list`.")]


@model_app.command("pull")
def model_pull(name: ModelName = None) -> None:
    """Fetch the weights once, checked against the pinned hash."""
    console = _stderr()
    with _download_progress(console) as progress:
        path = pull(
            choose_weights(name),
            _settings().home,
            progress=progress,
            say=lambda text: console.print(text, style="dim", markup=False, soft_wrap=True),
        )
    print(path)


@model_app.command("path")
def model_path(name: ModelName = None) -> None:
    """Where the weights are, or would be."""
    weights = choose_weights(name)
    home = _settings().home
    print(find(weights, home) or weights_path(weights, home))


@cassettes_app.command("status")
def cassettes_status(
    cases: Annotated[Path, typer.Argument(help="Cases.")] = Path("evals/articles"),
    prompt: PromptOption = None,
    schema: SchemaOption = None,
    model: ModelOption = None,
    cassettes: Annotated[Path, typer.Option(help="Where the cassettes are.")] = CASSETTES,
) -> None:
    """Whether the recordings are what the code would send now."""
    from extractor.cases import read_cases
    from extractor.cassettes import status

    settings = _settings()
    recipe = _recipe(settings, prompt, schema)
    name = model or settings.model or choose_weights(None).name
    found = status(read_cases(cases), recipe, name, cassettes)
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
    cassettes: Annotated[Path, typer.Option(help="Where the cassettes go.")] = CASSETTES,
) -> None:
    """Record the model's answers to cases, from the real server."""
    from extractor.cases import read_cases
    from extractor.cassettes import record

    settings = _settings(base_url, model)
    recipe = _recipe(settings, prompt, schema)
    found = read_cases(cases)
    key = settings.api_key.get_secret_value() if settings.api_key else None
    console = _stderr()
    with _model(settings, console) as opened, console.status("recording") as shown:

        async def work() -> list[Path]:
            async with opened:
                return await record(
                    found,
                    recipe,
                    opened,
                    cassettes,
                    secrets=[key] if key else [],
                    on_progress=lambda done, total: shown.update(f"{done} of {total} recorded"),
                )

        for path in asyncio.run(work()):
            print(path)


def _version(value: bool) -> None:
    if value:
        print(f"extractor {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")
    ] = False,
) -> None:
    pass
