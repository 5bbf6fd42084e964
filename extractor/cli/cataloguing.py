"""`extractor prompts` and `extractor schemas`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from extractor.catalog import (
    Entry,
    Finding,
    check_prompts,
    check_schemas,
    lock_prompts,
    lock_schemas,
    write_json_schema,
)
from extractor.cli.parts import catalog_of, relative, settings_of, stderr
from extractor.records import json_line

prompts_app = typer.Typer(help="The versioned prompts.", no_args_is_help=True)
schemas_app = typer.Typer(help="The versioned schemas.", no_args_is_help=True)


@prompts_app.command("list")
def prompts_list() -> None:
    """All prompts with status and labels."""
    _list(catalog_of(settings_of()).prompts())


@schemas_app.command("list")
def schemas_list() -> None:
    """All schemas with status and labels."""
    _list(catalog_of(settings_of()).schemas())


def _list(entries: Iterable[Entry]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("id", "status", "labels", "file"):
        table.add_column(column)
    for entry in entries:
        status = f"{entry.status}: {entry.problem}" if entry.problem else entry.status
        table.add_row(entry.id, status, ", ".join(entry.labels), relative(entry.path))
    Console().print(table)


@prompts_app.command("show")
def prompts_show(reference: Annotated[str, typer.Argument(metavar="NAME@VERSION")]) -> None:
    """The file of a prompt."""
    prompt = catalog_of(settings_of()).prompt(reference)
    sys.stdout.write(prompt.path.read_text(encoding="utf-8"))


@schemas_app.command("show")
def schemas_show(reference: Annotated[str, typer.Argument(metavar="NAME@VERSION")]) -> None:
    """The JSON Schema of a schema, with its support markers."""
    schema = catalog_of(settings_of()).schema(reference)
    print(json.dumps(schema.json_schema, indent=2, ensure_ascii=False))


@prompts_app.command("check")
def prompts_check() -> None:
    """Whether all prompts are usable and released ones unchanged."""
    _report(check_prompts(catalog_of(settings_of())), "prompts")


@schemas_app.command("check")
def schemas_check() -> None:
    """Whether all schemas are usable and released ones unchanged."""
    _report(check_schemas(catalog_of(settings_of())), "schemas")


def _report(findings: list[Finding], what: str) -> None:
    for finding in findings:
        print(f"{finding.message}\n  {finding.hint}")
    if findings:
        raise typer.Exit(1)
    stderr().print(f"all {what} are as released")


@prompts_app.command("lock")
def prompts_lock() -> None:
    """Add the prompts whose status is `released` to the lock."""
    _locked(lock_prompts(catalog_of(settings_of())))


@schemas_app.command("write")
def schemas_write(reference: Annotated[str, typer.Argument(metavar="NAME@VERSION")]) -> None:
    """Write the JSON Schema of a draft beside its file, after an edit."""
    print(relative(write_json_schema(catalog_of(settings_of()).schema(reference))))


@schemas_app.command("lock")
def schemas_lock(
    references: Annotated[list[str], typer.Argument(metavar="NAME@VERSION...")],
) -> None:
    """Release schemas: write their JSON Schema and add them to the lock."""
    _locked(lock_schemas(catalog_of(settings_of()), references))


@schemas_app.command("upcast")
def schemas_upcast(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Cases or extractions: .json, .jsonl, folders."),
    ],
    to: Annotated[str, typer.Option("--to", metavar="NAME@VERSION", help="A newer version.")],
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Change the files instead of printing JSON lines.")
    ] = False,
) -> None:
    """Bring gold cases and stored extractions to a newer version of their schema."""
    from extractor.migration import migrate_in_place, migrate_values

    catalog = catalog_of(settings_of())
    for path in paths:
        if in_place:
            for file in migrate_in_place(path, to, catalog):
                print(relative(file))
        else:
            for value in migrate_values(path, to, catalog):
                print(json_line(value))


def _locked(added: list[str]) -> None:
    print("\n".join(f"locked {id_}" for id_ in added) or "nothing new to lock")
