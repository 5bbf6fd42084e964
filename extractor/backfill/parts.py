"""The output of a backfill: files of bounded size that appear whole or not at all."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Protocol

from pydantic_core import from_json

from extractor.backfill.tables import (
    OF_ARTICLE,
    PROBLEMS,
    RECORDS,
    SPANS,
    Events,
    Kind,
    Row,
    Table,
    problem_rows,
    record_row,
    span_rows,
)
from extractor.errors import StoreError

if TYPE_CHECKING:
    import pyarrow as pa

Form = Literal["jsonl", "parquet", "both"]
PART_RECORDS = 10_000
PART_CHARACTERS = 128 * 1024 * 1024
"""A part is full with so many records, or so much JSON, whichever comes first."""
_ROWS_AT_ONCE = 2_000
_CHARACTERS_AT_ONCE = 1 << 16
_PART = re.compile(
    r"(records-\d{5,}\.(jsonl|parquet)|(events|spans|problems)-\d{5,}\.(csv|parquet)"
    r"|manifest\.json)(\.tmp)?"
)


@dataclass(frozen=True)
class Part:
    """A finished file: its name, how many rows and bytes it has, and its SHA-256."""

    name: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Written:
    """What was written, and how often each problem is in it, by code."""

    parts: tuple[Part, ...] = ()
    problems: Mapping[str, int] = field(default_factory=dict)


def is_part(path: Path) -> bool:
    """Whether a file has the name of an output, finished or not."""
    return _PART.fullmatch(path.name) is not None


def write_parts(
    records: Iterable[str],
    folder: Path,
    events: Events,
    form: Form = "jsonl",
    *,
    size: int = PART_RECORDS,
) -> Written:
    """Writes the records (JSON in one line each) and their flat tables.

    Parts are `records-00001.jsonl` with `events-00001.csv`, `spans-` and `problems-`, or all of
    them as `.parquet`, or both; a table's part is of the records of the same number. Each takes
    the place of the one before it in one step, when it is safely on the disk; what is left over
    from another output goes. The same records give the same bytes. Raises `StoreError`.
    """
    parts: list[Part] = []
    problems: Counter[str] = Counter()
    with _told(folder):
        for number, lines in enumerate(_split(records, size), start=1):
            parts += _write_part(folder, number, lines, _sheets(events, form), problems)
        written = {part.name for part in parts}
        for old in sorted(folder.iterdir()):
            if is_part(old) and old.name not in written:
                old.unlink()
        _sync(folder)
    return Written(tuple(parts), dict(sorted(problems.items())))


def write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    """Writes `manifest.json`, in one step. Raises `StoreError`."""
    with _told(folder):
        with _whole(folder / "manifest.json") as stream:
            text = json.dumps(content, ensure_ascii=False, indent=2)
            stream.write(text.encode("utf-8", "replace") + b"\n")
        _sync(folder)


def _split(records: Iterable[str], size: int) -> Iterator[Iterator[str]]:
    """The records in parts; the next part begins when the one before is read."""
    rest = iter(records)

    def part(first: str) -> Iterator[str]:
        number, characters = 1, len(first)
        yield first
        while number < size and characters < PART_CHARACTERS:
            line = next(rest, None)
            if line is None:
                return
            number, characters = number + 1, characters + len(line)
            yield line

    for first in rest:
        yield part(first)


# ---------------------------------------------------------------- files

Rows = Callable[[str, dict[str, Any]], Iterable[Any]]
"""What a file gets of an extraction: as it stands in the ledger, and read."""


@dataclass(frozen=True)
class _Sheet:
    """A file of a part: its name, its columns, and what an extraction gives it."""

    name: str
    suffix: str
    columns: Table
    rows: Rows

    def opened(self, stream: BinaryIO) -> _Writer:
        if self.suffix == "jsonl":
            return _Lines(stream)
        return (_Parquet if self.suffix == "parquet" else _Csv)(stream, self.columns)


def _sheets(events: Events, form: Form) -> tuple[_Sheet, ...]:
    """The files of each part: the records and the flat tables."""
    flat: tuple[tuple[str, Table, Rows], ...] = (
        ("events", events.columns, lambda _, each: events.rows(each)),
        ("spans", SPANS, lambda _, each: span_rows(each)),
        ("problems", PROBLEMS, lambda _, each: problem_rows(each)),
    )
    found: list[_Sheet] = []
    if form != "parquet":
        found.append(_Sheet("records", "jsonl", {}, lambda line, _: (line,)))
        found += [_Sheet(name, "csv", columns, rows) for name, columns, rows in flat]
    if form != "jsonl":
        found.append(_Sheet("records", "parquet", RECORDS, lambda _, each: (record_row(each),)))
        found += [_Sheet(name, "parquet", columns, rows) for name, columns, rows in flat]
    return tuple(found)


def _write_part(
    folder: Path,
    number: int,
    lines: Iterable[str],
    sheets: tuple[_Sheet, ...],
    problems: Counter[str],
) -> list[Part]:
    """The files of one part."""
    paths = [folder / f"{sheet.name}-{number:05d}.{sheet.suffix}" for sheet in sheets]
    with ExitStack() as files:
        streams = [files.enter_context(_whole(path)) for path in paths]
        writers = [sheet.opened(stream) for sheet, stream in zip(sheets, streams, strict=True)]
        for writer in writers:
            files.callback(writer.close)
        for line in lines:
            extraction = _read(line)
            problems.update(problem["code"] for problem in extraction["problems"])
            for sheet, writer in zip(sheets, writers, strict=True):
                writer.add(sheet.rows(line, extraction))
    return [_part(path, writer.rows) for path, writer in zip(paths, writers, strict=True)]


def _read(line: str) -> Any:
    try:
        return from_json(line)
    except ValueError:  # it does not know half characters, which a problem may quote
        return json.loads(line)


def _part(path: Path, rows: int) -> Part:
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    return Part(path.name, rows, path.stat().st_size, found)


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its place at the end, when it is on the disk; after an error it is as
    it was."""
    unfinished = path.with_name(path.name + ".tmp")
    with unfinished.open("wb") as stream:
        try:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    unfinished.replace(path)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{error.filename or folder}: {error.strerror or error}",
            hint="see to the disk and run the same command again: the records are in the ledger",
        ) from error


def _sync(folder: Path) -> None:
    """Makes the new names last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# ---------------------------------------------------------------- formats


class _Writer(Protocol):
    rows: int

    def add(self, rows: Iterable[Any]) -> None: ...

    def close(self) -> None: ...


class _Lines:
    """JSON lines as they are in the ledger."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.rows = 0

    def add(self, rows: Iterable[str]) -> None:
        for line in rows:
            self._stream.write(line.encode() + b"\n")
            self.rows += 1

    def close(self) -> None:
        pass


class _Csv:
    """CSV with a header, in UTF-8 with the mark by which spreadsheets know it."""

    def __init__(self, stream: BinaryIO, columns: Table) -> None:
        self._stream = stream
        self._text = io.StringIO(newline="")
        self._rows = csv.writer(self, lineterminator="\n")
        self._booleans = [n for n, kind in enumerate(columns.values()) if kind == "boolean"]
        self._first = ""
        self._rows.writerow(columns)
        self._stream.write(codecs.BOM_UTF8)
        self._flush()
        self.rows = 0

    def add(self, rows: Iterable[Row]) -> None:
        whole = list(rows)
        if not whole:
            return
        # An article's own cells, half of a row's characters, are the same in all its rows.
        shared = len(OF_ARTICLE)
        self._first = _joined(whole[0][:shared])
        spelled = map(self._spelled, whole) if self._booleans else whole
        self._rows.writerows([row[shared:] for row in spelled])
        self._first = ""
        self.rows += len(whole)
        if self._text.tell() > _CHARACTERS_AT_ONCE:
            self._flush()

    def write(self, row: str) -> None:
        """For the writer of rows."""
        self._text.write(self._first)
        self._text.write(row)

    def _spelled(self, row: Row) -> Row:
        cells = list(row)
        for number in self._booleans:
            cells[number] = _BOOLEANS.get(cells[number])
        return tuple(cells)

    def _flush(self) -> None:
        text = self._text.getvalue()
        try:
            self._stream.write((_readable(text) if "\0" in text else text).encode())
        except UnicodeEncodeError:
            self._stream.write(_readable(text).encode())
        self._text.seek(0)
        self._text.truncate()

    def close(self) -> None:
        self._flush()


def _joined(cells: Row) -> str:
    """The first cells of a row as CSV, with the comma behind them."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow((*cells, ""))
    return text.getvalue()[:-1]


class _Parquet:
    """Parquet, packed by Zstandard; the file says nothing of when it was made."""

    def __init__(self, stream: BinaryIO, columns: Table) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._columns = columns
        self._schema = pa.schema([(name, _arrow(kind)) for name, kind in columns.items()])
        self._writer = pq.ParquetWriter(stream, self._schema, compression="zstd")
        self._waiting: list[Row] = []
        self.rows = 0

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._waiting.append(row)
            self.rows += 1
        if len(self._waiting) >= _ROWS_AT_ONCE:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        if not self._waiting:
            return
        transposed = zip(*self._waiting, strict=True)
        columns = [
            pa.array([_parquet_cell(cell, kind) for cell in cells], _arrow(kind))
            for kind, cells in zip(self._columns.values(), transposed, strict=True)
        ]
        self._waiting = []
        self._writer.write_table(pa.table(columns, self._schema))


def _arrow(kind: Kind) -> pa.DataType:
    import pyarrow as pa

    types = {"date": pa.date32, "integer": pa.int64, "number": pa.float64, "boolean": pa.bool_}
    found: pa.DataType = types.get(kind, pa.string)()
    return found


_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def _readable(text: str) -> str:
    """Text without what no table can hold (null characters, half characters)."""
    return _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", text)


_BOOLEANS = {True: "true", False: "false"}


def _parquet_cell(value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "integer":
        return value if -(2**63) <= value < 2**63 else None
    if kind == "number":
        return float(value)
    return _readable(value) if isinstance(value, str) else value
