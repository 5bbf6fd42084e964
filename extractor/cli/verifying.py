"""`extractor verify`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from extractor.articles import STDIN
from extractor.cli.extracting import published_of
from extractor.cli.parts import (
    FormatOption,
    OutputFormat,
    catalog_of,
    say_error,
    settings_of,
    stderr,
)
from extractor.errors import InputError
from extractor.extractions import ArticleIndex, Verified, verify_files
from extractor.records import json_line
from extractor.text import flatten


def verify(
    records: Annotated[
        list[Path],
        typer.Argument(
            metavar="RECORDS|-...",
            help="JSON lines of extract or backfill; folders of them; - is standard input.",
        ),
    ],
    articles: Annotated[
        list[Path],
        typer.Option(exists=True, help="Their articles: .txt, .json, .jsonl, folders. Repeatable."),
    ],
    published: Annotated[
        str | None, typer.Option(help="As it was given to extract, YYYY-MM-DD.")
    ] = None,
    outlet: Annotated[str | None, typer.Option(help="As it was given to extract.")] = None,
    output: FormatOption = OutputFormat.TEXT,
) -> None:
    """Check stored records against their articles, without a model: one line a finding."""
    for path in records:
        if path != STDIN and not path.exists():
            raise typer.BadParameter(f"{path} does not exist", param_hint="RECORDS")
    given = {"published": published_of(published), "outlet": outlet}
    index = ArticleIndex(articles, {key: value for key, value in given.items() if value})
    for error in index.unusable:
        say_error(error)
    count = wrong = 0
    for verified in verify_files(records, index, catalog_of(settings_of())):
        count += 1
        wrong += bool(verified.problems)
        for line in _lines(verified, output):
            print(line)
    if not count:
        raise InputError("there are no records", hint="expected JSON lines, as extract prints them")
    stderr().print(f"{count - wrong} of {count} records hold; {len(index)} articles")
    raise typer.Exit(1 if wrong else 0)


def _lines(verified: Verified, output: OutputFormat) -> Iterator[str]:
    """A line for each finding."""
    for problem in verified.problems:
        if output is OutputFormat.JSON:
            yield json_line(
                {
                    "file": verified.file,
                    "line": verified.line,
                    "article": verified.article_id,
                    "code": problem.code,
                    "path": problem.path,
                    "message": problem.message,
                }
            )
        else:
            place = f"{verified.file}:{verified.line} {verified.article_id or '-'}"
            yield flatten(f"{place} {problem.path or '/'} {problem.code}: {problem.message}")
