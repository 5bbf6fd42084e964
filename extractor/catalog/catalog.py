"""Prompts and schemas by name and version, and what keeps released ones as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from extractor import jsontext
from extractor.catalog.lock import (
    LOCK_FILE,
    Finding,
    add_to_lock,
    changes,
    is_locked,
    orphans,
    read_lock,
    verify,
)
from extractor.catalog.prompt import Prompt
from extractor.catalog.prompt_file import load_prompt
from extractor.catalog.schema import Schema, first_difference, json_schema_text, load_schema
from extractor.catalog.shelf import (
    PROMPTS,
    SCHEMAS,
    Shelf,
    Version,
    read_source,
    write_source,
)
from extractor.errors import CatalogError, InvalidSchema, ReleaseChanged

Policy = Literal["leave_out", "flag", "reject"]
Long = Literal["windows", "refuse"]
Cite = Literal["all", "marked"]


@dataclass(frozen=True)
class Recipe:
    """How articles are extracted. `policy` says what becomes of a value without its words:
    left out and reported, kept and flagged, or the whole record rejected. `long` says what
    becomes of a text over the model's context: read in windows, or refused. `cite` says which
    values the model is asked to give words for: all, or those that the schema marks. `repair`
    is how many times fields that failed are asked again."""

    prompt: Prompt
    schema: Schema
    policy: Policy = "leave_out"
    long: Long = "windows"
    cite: Cite = "marked"
    repair: int = 0


@dataclass(frozen=True)
class Entry:
    """A line of a listing. `problem` says why an invalid version cannot be used."""

    id: str
    path: Path
    status: Literal["draft", "released", "invalid"]
    labels: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True)
class Catalog:
    """The prompts and schemas there are. Files are read when they are asked for."""

    prompt_shelf: Shelf
    schema_shelf: Shelf

    @classmethod
    def open(cls, prompts: Iterable[Path] = (), schemas: Iterable[Path] = ()) -> Catalog:
        """A catalog of the user's folders and, after them, extractor's own.

        Raises `CatalogError` for a path that is no folder and a version defined twice.
        """
        return cls(
            Shelf.open(PROMPTS, [*prompts, _own("prompts")]),
            Shelf.open(SCHEMAS, [*schemas, _own("schemas")]),
        )

    def prompt(self, reference: str) -> Prompt:
        """The prompt that a reference (`event@1`, `event@production`, `event`) means.

        Raises `UnknownVersion`, `InvalidPrompt`, and `ReleaseChanged` for a released one
        that is not what the lock says.
        """
        version = self.prompt_shelf.find(reference)
        verify(self.prompt_shelf, version)
        prompt = load_prompt(version)
        if prompt.status == "released" and not is_locked(version):
            raise ReleaseChanged(
                f"{version.path}: {version.id} is released, but the lock does not name it",
                hint="run: extractor prompts lock",
            )
        return prompt

    def schema(self, reference: str) -> Schema:
        """The schema that a reference means; one that the lock names is released.

        Raises `UnknownVersion`, `InvalidSchema`, and `ReleaseChanged` for a released one
        that is not what the lock says.
        """
        version = self.schema_shelf.find(reference)
        verify(self.schema_shelf, version)
        return load_schema(version, released=is_locked(version))

    def recipe(self, prompt: str, schema: str | None = None) -> Recipe:
        """A prompt and a schema; without the latter, the one that the prompt is written for."""
        chosen = self.prompt(prompt)
        return Recipe(chosen, self.schema(schema or chosen.schema_name))

    def prompts(self) -> tuple[Entry, ...]:
        """All prompts, those of the user's folders first."""
        return _entries(self.prompt_shelf, lambda version: self.prompt(version.id).status)

    def schemas(self) -> tuple[Entry, ...]:
        """All schemas, those of the user's folders first."""
        return _entries(self.schema_shelf, lambda version: self.schema(version.id).status)


def _own(folder: str) -> Path:
    """Where extractor's own files lie: in the package when installed, else in the checkout."""
    package = Path(__file__).parent.parent
    installed = package / folder
    return installed if installed.is_dir() else package.parent / folder


def _entries(
    shelf: Shelf, status: Callable[[Version], Literal["draft", "released"]]
) -> tuple[Entry, ...]:
    def entry(version: Version) -> Entry:
        labels = shelf.labels(version.name)
        mine = tuple(label for label, number in labels.items() if number == version.number)
        try:
            return Entry(version.id, version.path, status(version), mine)
        except CatalogError as error:
            return Entry(version.id, version.path, "invalid", mine, error.message)

    return tuple(entry(version) for version in shelf.versions)


def check_prompts(catalog: Catalog) -> list[Finding]:
    """All that is wrong with the prompts: released files that moved, files that cannot be
    used, locks and labels that point to nothing. Empty when all is well."""

    def load(version: Version) -> None:
        prompt = catalog.prompt(version.id)
        if "@" in prompt.schema_name:
            catalog.schema_shelf.find(prompt.schema_name)

    return _check(catalog.prompt_shelf, load, lambda _: "")


def check_schemas(catalog: Catalog) -> list[Finding]:
    """The same of the schemas. For a released one that moved, it adds where its committed
    JSON Schema and its model differ; where nothing moved they are not compared, since
    another version of Pydantic may word a JSON Schema differently."""
    shelf = catalog.schema_shelf
    return _check(shelf, lambda version: catalog.schema(version.id), _difference)


def _check(
    shelf: Shelf, load: Callable[[Version], object], explain: Callable[[Version], str]
) -> list[Finding]:
    """`load` raises what is wrong with a version, `explain` ends the message on a moved one."""
    locks = [_attempt(root / LOCK_FILE, "", partial(read_lock, root)) for root in shelf.roots]
    if unreadable := [finding for findings in locks for finding in findings]:
        return unreadable
    found = orphans(shelf)
    for name in dict.fromkeys(version.name for version in shelf.versions):
        for file in shelf.label_files(name)[:1]:
            found += _attempt(file, "", partial(shelf.labels, name))
    for version in shelf.versions:
        moved = [replace(f, message=f.message + explain(version)) for f in changes(shelf, version)]
        found += moved or _attempt(version.path, version.id, partial(load, version))
    return found


def _attempt(file: Path, id_: str, act: Callable[[], object]) -> list[Finding]:
    try:
        act()
    except CatalogError as error:
        return [Finding(file, id_, error.message, error.hint)]
    return []


def _difference(version: Version) -> str:
    """Where the committed JSON Schema and the model's differ, as the end of a message."""
    file = version.file(".json")
    try:
        committed = jsontext.loads(read_source(file, InvalidSchema))
        schema = load_schema(version, released=True)
    except (ValueError, InvalidSchema) as error:
        return f"; the two cannot be compared: {error}"
    pointer = first_difference(committed, schema.json_schema)
    if pointer is None:
        return f"; {file.name} and the model agree"
    return f"; {file.name} and the model differ first at {pointer or 'the top'}"


def lock_prompts(catalog: Catalog) -> list[str]:
    """Adds every prompt whose status is `released` to its lock; returns the ids added.

    Raises `ReleaseChanged` when a released file moved: an entry never changes.
    """
    shelf = catalog.prompt_shelf
    new = [version for version in shelf.versions if not is_locked(version)]
    return add_to_lock(shelf, [v for v in new if load_prompt(v).status == "released"])


def lock_schemas(catalog: Catalog, references: Sequence[str]) -> list[str]:
    """Releases the schemas named: writes their JSON Schemas and adds them to the lock.

    Returns the ids that were added. Raises `ReleaseChanged` as `lock_prompts` does.
    """
    shelf = catalog.schema_shelf
    for reference in references:
        write_json_schema(catalog.schema(reference))
    return add_to_lock(shelf, [shelf.find(reference) for reference in references])


def write_json_schema(schema: Schema) -> Path:
    """Writes the JSON Schema beside the schema's file, where it is to be committed.

    Raises `ReleaseChanged` when that would change a released one, and `InvalidSchema` for
    a model that lies in no schema folder.
    """
    if schema.path is None:
        raise InvalidSchema(
            f"{schema.name} lies in no schema folder, so there is no place for its JSON Schema",
            hint="put it into <folder>/<name>/v1.py and set EXTRACTOR_SCHEMAS to the folder",
        )
    path = schema.path.with_suffix(".json")
    text = json_schema_text(schema)
    if schema.status == "released":
        if read_source(path, InvalidSchema) != text:
            raise ReleaseChanged(
                f"{path}: the released {schema.id} has another JSON Schema here than it had then",
                hint="a changed base class or another version of pydantic; released files stay",
            )
        return path
    write_source(path, text)
    return path
