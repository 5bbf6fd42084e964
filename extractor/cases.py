"""Gold cases: an article beside what a right record of it says.

A case is a JSON object, alone in a `.json` file or one a line in a `.jsonl` file:

    {"article": {"id": "...", "text": "...", ...}, "schema": "event@1",
     "gold": {...}, "notes": "..."}

`gold` is a record, or part of one: a field that is absent is not scored, while null
or an empty list says that the article has no such value. Gold of an older version of a
schema stays usable: `migrate` brings it to a newer one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from extractor import jsontext
from extractor.articles import decode, parse_article
from extractor.catalog import Catalog
from extractor.errors import InputError
from extractor.records import Article, Frozen
from extractor.upcast import upcast_json

_SUFFIXES = {".json", ".jsonl"}
_SHAPE = 'a case is {"article": {...}, "schema": "name@version", "gold": {...}}'


class Case(Frozen):
    """An article with its gold record. `schema_id` is the schema that `gold` follows."""

    article: Article
    schema_id: Annotated[str, Field(alias="schema")]
    gold: dict[str, Any]
    notes: str | None = None

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True)

    @property
    def id(self) -> str:
        """The article's."""
        return self.article.id


def read_cases(path: Path) -> tuple[Case, ...]:
    """The cases of a `.json` or `.jsonl` file, or of all the files of a folder, by name.

    Raises `InputError` that names the file (and line) and what is wrong with it; two
    cases with one article id are an error too.
    """
    cases = tuple(parse_case(data, where=where) for where, data in read_values(path))
    if not cases:
        raise InputError(f"{path}: there are no cases", hint=f"{_SHAPE}, in .json or .jsonl files")
    for name, count in Counter(case.id for case in cases).items():
        if count > 1:
            raise InputError(
                f"{path}: {count} cases have the article id {name!r}",
                hint="every article needs an id of its own",
            )
    return cases


def check_gold(case: Case, model: type[BaseModel]) -> None:
    """Raise `InputError` when the gold record says what the schema cannot hold.

    Fields may be missing, but those that are there must be the schema's, with values
    that it allows: otherwise they would count as missed for ever.
    """
    try:
        # As JSON, which is what it is: strict models take no dates as text otherwise.
        model.model_validate_json(json.dumps(case.gold), extra="forbid")
    except ValidationError as error:
        wrong = [e for e in error.errors() if e["type"] != "missing"]
        if wrong:
            reasons = "; ".join(f"{_pointer(e['loc'])}: {e['msg']}" for e in wrong)
            raise InputError(
                f"the gold record of case {case.id} does not fit {case.schema_id}: {reasons}",
                hint="correct the case; a field that is left out is not scored",
            ) from error


def migrate(case: Case, schema: str, catalog: Catalog) -> Case:
    """The case with its gold as a newer version of its schema has it.

    What the newer version adds is absent, so it is not scored. Raises `CatalogError` (see
    `upcast_json`), and `InputError` when what comes out does not fit the newer version.
    """
    wanted = catalog.schema(schema)
    gold = upcast_json(case.gold, case.schema_id, wanted.id, catalog)
    migrated = case.model_copy(update={"schema_id": wanted.id, "gold": gold})
    check_gold(migrated, wanted.model)
    return migrated


def _pointer(place: tuple[int | str, ...]) -> str:
    return "/".join(map(str, place))


def read_values(path: Path) -> Iterator[tuple[str, Any]]:
    """The JSON values of a `.json` or `.jsonl` file, or of all such files of a folder, by name.

    Each comes with its place, for messages. Raises `InputError`.
    """
    if path.is_dir():
        for file in sorted(path.iterdir()):
            if file.suffix.lower() in _SUFFIXES:
                yield from read_values(file)
        return
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(f"{path}: not a file of cases", hint=f"{_SHAPE}, in .json or .jsonl files")
    try:
        text = decode(path.read_bytes(), where=str(path))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", hint="check the path") from error
    if path.suffix.lower() == ".json":
        yield str(path), _loads(text, str(path))
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield f"{path}:{number}", _loads(line, f"{path}:{number}")


def _loads(text: str, where: str) -> Any:
    try:
        return jsontext.loads(text)
    except ValueError as error:
        raise InputError(f"{where}: not usable JSON: {error}", hint=_SHAPE) from error


def parse_case(data: object, *, where: str) -> Case:
    """The case of a JSON object; `where` names it in errors, and an article without id after
    its file. Raises `InputError`."""
    if not isinstance(data, Mapping) or "article" not in data:
        raise InputError(f"{where}: not a case: there is no 'article'", hint=_SHAPE)
    given = data["article"]
    if isinstance(given, Mapping):
        default_id = Path(where).stem if where.lower().endswith(".json") else ""
        given = {**given, "id": given.get("id") or default_id}
    article = parse_article(given, where=f"{where}: article")
    try:
        return Case.model_validate({**data, "article": article}, by_alias=True, by_name=False)
    except ValidationError as error:
        reasons = "; ".join(f"{_pointer(e['loc'])}: {e['msg']}" for e in error.errors())
        raise InputError(f"{where}: {reasons}", hint=_SHAPE) from error
