"""Where the articles of a backfill come from: files of many kinds, read as one stream.

What an input means is in `opened`, what is in a file in `tabular`, `webpages` and `archives`
(and in `extractor.articles`). Every reader is lazy and keeps no more than one article, a few
rows or a page; a broken item is a value in its place, and names file and place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from extractor.articles import AS_NAMED, Columns, read_lines, read_single, split_lines
from extractor.errors import InputError
from extractor.records import Article
from extractor.sources.archives import read_warc
from extractor.sources.dropped import Dropped
from extractor.sources.opened import (
    KINDS,
    Kind,
    State,
    check_input,
    files_of,
    is_url,
    kind_of,
    opened,
    opened_unpacked,
    state_of,
)
from extractor.sources.tabular import count_csv, count_parquet, read_csv, read_parquet
from extractor.sources.webpages import MAX_PAGE, Page, read_page

__all__ = [
    "KINDS",
    "OTHER_KIND",
    "Dropped",
    "Item",
    "State",
    "check_input",
    "count_items",
    "files_of",
    "is_url",
    "read_columns",
    "read_inputs",
    "state_of",
]

Item = Article | InputError | Dropped
OTHER_KIND = "a file of another kind"


def read_inputs(inputs: Iterable[str], columns: Columns = AS_NAMED) -> Iterator[Item]:
    """All that the inputs hold, in order; each is a file, a folder or a pattern, here or at a URL.

    `columns` names the columns of tables and the keys of JSON lines that are not called as
    the fields of an article. What is wrong with a file as a whole is one error in its place.
    """
    for name in inputs:
        try:
            for file in files_of(name):
                yield from _read_file(file, columns)
        except InputError as error:
            yield error


def _read_file(file: str, columns: Columns) -> Iterator[Item]:
    kind = kind_of(file)
    if kind is None:
        yield Dropped(file, OTHER_KIND)
        return
    try:
        if kind.suffix == ".parquet":
            with opened(file) as stream:
                yield from read_parquet(stream, file, columns)
        else:
            yield from _read_stream(file, kind, columns)
    except InputError as error:
        yield error


def _read_stream(file: str, kind: Kind, columns: Columns) -> Iterator[Item]:
    with opened_unpacked(file, kind.packing) as stream:
        if kind.suffix == ".jsonl":
            yield from read_lines(stream, file, columns)
        elif kind.suffix in (".csv", ".tsv"):
            yield from read_csv(stream, file, columns)
        elif kind.suffix == ".warc":
            yield from read_warc(stream, file)
        elif kind.suffix in (".html", ".htm"):
            yield read_page(Page(where=file, id=kind.stem, data=stream.read(MAX_PAGE + 1)))
        else:
            yield read_single(stream, file, kind.suffix, kind.stem)


def count_items(inputs: Iterable[str]) -> int | None:
    """How many articles the inputs will give, broken ones included; None where only reading
    them would tell (packed files, web archives, lines behind a URL). Raises `InputError`."""
    total = 0
    for file in chain.from_iterable(map(files_of, inputs)):
        kind = kind_of(file)
        if kind is None:
            continue
        lines = kind.suffix in (".jsonl", ".csv", ".tsv")
        if kind.suffix == ".warc" or kind.packing or (lines and is_url(file)):
            return None
        total += _count_file(file, kind)
    return total


def _count_file(file: str, kind: Kind) -> int:
    if kind.suffix not in (".jsonl", ".csv", ".tsv", ".parquet"):
        return 1
    try:
        with opened(file) as stream:
            if kind.suffix == ".parquet":
                return count_parquet(stream, file)
            if kind.suffix == ".jsonl":
                # An empty file gives one error.
                return max(1, sum(1 for line in split_lines(stream) if not line.isspace()))
            return count_csv(stream)
    except InputError:
        return 1


def read_columns(pairs: Iterable[str]) -> Columns:
    """The columns that are named as `text=body`. Raises `InputError`."""
    fields = tuple(Article.model_fields)
    columns: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if field not in fields or not equals or not column:
            raise InputError(
                f"column {pair!r}: expected FIELD=COLUMN",
                hint=f"FIELD is one of {', '.join(fields)}; for example text=body",
            )
        if field in columns:
            raise InputError(f"column {pair!r}: {field} is named twice", hint="leave one")
        columns[field] = column
    return columns
