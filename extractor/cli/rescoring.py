"""`extractor eval import` and `eval rescore`: runs from what is stored, without a model."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from extractor.cases import Case, read_cases
from extractor.cli.parts import (
    BaseUrlOption,
    CiteOption,
    ModelOption,
    PromptOption,
    RepairOption,
    SchemaOption,
    TableFormat,
    TableOption,
    catalog_of,
    needs,
    recipe_of,
    settings_of,
)
from extractor.cli.recording import replayed
from extractor.cli.running import (
    OutOption,
    SectionsOption,
    evaluation,
    for_data,
    make_folder,
    print_run,
    rules_for,
    sections_of,
    to_be_run,
    write_run,
)
from extractor.errors import InputError


def import_(
    baseline: Annotated[
        Path, typer.Argument(help="What another program answered: a line of JSON an article.")
    ],
    cases: Annotated[
        Path, typer.Argument(help="What it was run on: a file of MUC-4 or PolNeAR, or cases.")
    ],
    name: Annotated[
        str | None, typer.Option(help="What the run is called. [default: the file's name]")
    ] = None,
    model: Annotated[str, typer.Option(help="The model that it asked.")] = "unnamed",
    output: TableOption = TableFormat.TEXT,
) -> None:
    """Score the answers of another program, as a run to be compared with ours."""
    with needs("eval"):
        from extractor.evals.baselines import import_baseline, import_records
        from extractor.evals.benchmarks import read_benchmark
        from extractor.evals.scoring import read_scoring

    benchmark = read_benchmark(cases)
    name = name or baseline.stem
    if benchmark is not None:
        print_run(import_baseline(baseline, benchmark, name=name, model=model), output)
        return
    found = read_cases(cases)
    schema = catalog_of(settings_of(None, None)).schema(_schema_of(cases, found))
    rules = read_scoring(cases, schema.json_schema)
    print_run(import_records(baseline, found, schema, rules, name=name, model=model), output)


def _schema_of(path: Path, cases: Sequence[Case]) -> str:
    """The schema of all the cases. Raises `InputError` where they have several."""
    several = sorted({case.schema_id for case in cases})
    if len(several) > 1:
        raise InputError(
            f"{path}: there are cases of {' and '.join(several)}", hint="pass those of one schema"
        )
    return several[0]


def rescore(
    cases: Annotated[Path, typer.Argument(help="What was run, its gold as it is now.")],
    keep: Annotated[Path, typer.Option(help="The folder where `eval run --keep` kept replies.")],
    prompt: PromptOption = None,
    schema: SchemaOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    cite: CiteOption = "all",
    repair: RepairOption = 0,
    repeat: Annotated[int, typer.Option(min=1, help="Which of several repeats.")] = 1,
    limit: Annotated[
        int | None, typer.Option(min=1, help="No more than the first so many articles.")
    ] = None,
    out: OutOption = None,
    also: SectionsOption = None,
    output: TableOption = TableFormat.TEXT,
) -> None:
    """Score kept replies again: after a change of gold, of a metric, or of extractor itself.

    No model is asked, and no endpoint connected to; name them as they were named then.
    """
    with needs("batch"):
        from extractor.evals.kept import KeptAlone, old_folder
    settings = settings_of(base_url, model)
    with needs("eval"):
        found = to_be_run(cases, limit, replay=False)
        sections = sections_of(also)
    make_folder(out)
    recipe = recipe_of(
        settings, prompt or for_data(found, schema), schema, cite=cite, repair=repair
    )
    rules = rules_for(found, cases, recipe)
    with replayed(settings) as named, old_folder(keep) as folder:
        asked = KeptAlone(named, folder, repeat=repeat - 1)
        run = asyncio.run(evaluation(found, recipe, asked, catalog_of(settings), rules))
    if out is not None:
        write_run(run, repeat - 1, out)
    print_run(run, output, sections)
