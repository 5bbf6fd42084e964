"""`extractor eval injections`, `repairs` and `checks`: what else is measured."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from extractor.api import REPAIRS
from extractor.cases import read_cases
from extractor.cli.parts import (
    BaseUrlOption,
    ConcurrencyOption,
    FormatOption,
    ModelOption,
    OutputFormat,
    PromptOption,
    RepairOption,
    SchemaOption,
    needs,
    opened_model,
    pace,
    recipe_of,
    say_failed,
    settings_of,
    stderr,
)
from extractor.cli.recording import CASSETTES, not_fresh, record_cases, replayed

if TYPE_CHECKING:
    from extractor.evals.injections import InjectionRun

eval_app = typer.Typer(help="Prompts and models against gold records.", no_args_is_help=True)


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
    concurrency: ConcurrencyOption = 1,
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
        cases = not_fresh(twin_cases(found, recipe.schema.id), recipe, settings, root)
        record_cases(cases, recipe, settings, root, concurrency)
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
                    pace=pace(concurrency, shown, "articles"),
                )

        result = asyncio.run(work())
    if output is OutputFormat.JSON:
        print(json.dumps(injections_json(result), ensure_ascii=False))
    else:
        show_injections(result, Console())
    say_failed(result.failed)


@eval_app.command("repairs")
def eval_repairs(
    cases: Annotated[Path, typer.Argument(help="A case file, or a folder of them.")],
    prompt: PromptOption = None,
    schema: SchemaOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    repair: RepairOption = REPAIRS,
    record: Annotated[bool, typer.Option("--record", help="First record all answers.")] = False,
    concurrency: ConcurrencyOption = 1,
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
                    pace=pace(concurrency, shown, "articles"),
                )

        result = asyncio.run(work())
    show(result, Console())


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
