"""Articles from the rows of a table: CSV line by line, Parquet by small batches."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, BinaryIO

from extractor.articles import (
    MAX_BYTES,
    Columns,
    decode,
    meant_field,
    parse_article,
    split_lines,
)
from extractor.errors import EmptyInput, InputError, InvalidArticle, NotText
from extractor.records import Article

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

DELIMITERS = (",", ";", "\t", "|")
BATCH_ROWS = 32
"""How many rows of a Parquet file are in memory at once."""
_BUFFER = 1 << 20
"""Without a buffer, pyarrow reads a column of a whole row group at once."""


# ---------------------------------------------------------------- which column is which field


def find_columns(header: Sequence[str], columns: Columns, where: str) -> dict[str, str]:
    """The columns that are read, by field; `columns` names those that are called otherwise.

    Raises `InvalidArticle` when one is not there or is there twice, when there is none of
    the text, and, where none was named, for one that looks like a misspelt field.
    """
    there = f"the columns are {', '.join(map(repr, header))}"
    for field, column in columns.items():
        if column not in header:
            raise InvalidArticle(f"{where}: no column {column!r} for {field!r}", hint=there)
    found = {
        field: column
        for field in Article.model_fields
        if (column := columns.get(field, field)) in header
    }
    for column in found.values():
        if header.count(column) > 1:
            raise InvalidArticle(f"{where}: two columns are called {column!r}", hint="rename one")
    if not columns:
        for column in header:
            if near := meant_field(column, header):
                raise InvalidArticle(
                    f"{where}: the column {column!r} is not read; is it {near!r}?",
                    hint=f"--column {near}={column}, or --column text=text to leave it out",
                )
    if "text" not in found:
        raise InvalidArticle(
            f"{where}: no column 'text'", hint=f"name it, as in --column text=body; {there}"
        )
    return found


# ---------------------------------------------------------------- CSV


def read_csv(stream: BinaryIO, where: str, columns: Columns) -> Iterator[Article | InputError]:
    """The rows of a CSV file with a header; cells with line breaks are quoted (RFC 4180).

    The delimiter is the first of `DELIMITERS` with which the header has the wanted columns.
    A row that is broken is an error that names the line it begins at; what follows is read.
    Raises `InputError` for a file whose header is of no use.
    """
    # csv's limit of a cell is one for the whole process (131,072 characters): only raised.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_BYTES))
    lines = _Lines(stream)
    header, delimiter = _header(lines, columns, where)
    places = {field: header.index(c) for field, c in find_columns(header, columns, where).items()}
    for row in _rows(lines, delimiter, where):
        if isinstance(row, InputError):
            yield row
        elif len(row.cells) != len(header):
            yield InvalidArticle(
                f"{where}:{row.line}: {len(row.cells)} cells on {row.lines} lines, "
                f"where the header has {len(header)}",
                hint="a cell with a delimiter or a line break needs quotes around it",
            )
        else:
            data = {field: row.cells[place] or None for field, place in places.items()}
            yield _article({**data, "text": row.cells[places["text"]]}, f"{where}:{row.line}")


def count_csv(stream: BinaryIO) -> int:
    """How many rows a CSV file has behind its header, about: broken ones may count double."""
    lines = _Lines(stream)
    blocks = iter(lambda: _block(lines), None)
    rows = sum(1 for block in blocks if any(line.strip() for line in block.lines))
    return rows - 1 if rows else 1  # an empty file gives one error


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells of a row, the line that it begins at (from 1), and on how many it stands."""

    cells: list[str]
    line: int
    lines: int


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that belong together by their quotes: a row, rarely more. The number of the
    first is `begin`. It is `whole` unless a quote stays open or it is too long."""

    begin: int
    lines: list[bytes]
    whole: bool


class _Lines:
    """The lines of a file with their numbers; some can be put back to be read again."""

    def __init__(self, stream: BinaryIO) -> None:
        self._back: deque[bytes] = deque()
        self._rest = split_lines(stream)
        self.number = 0
        """Of the line that was taken last."""

    def take(self) -> bytes | None:
        line = self._back.popleft() if self._back else next(self._rest, None)
        self.number += line is not None
        return line

    def put_back(self, lines: Sequence[bytes]) -> None:
        self._back.extendleft(reversed(lines))
        self.number -= len(lines)


def _block(lines: _Lines) -> _Block | None:
    """The next lines up to where all quotes are closed; None at the end."""
    taken: list[bytes] = []
    size, opened, begin = 0, False, lines.number + 1
    while (line := lines.take()) is not None:
        taken.append(line)
        size += len(line)
        opened ^= line.count(b'"') % 2 == 1
        if size > MAX_BYTES:
            return _Block(begin, taken, whole=False)
        if not opened:
            return _Block(begin, taken, whole=True)
    return _Block(begin, taken, whole=False) if taken else None


def _header(lines: _Lines, columns: Columns, where: str) -> tuple[list[str], str]:
    """The names of the columns, and the delimiter. Raises `InputError`."""
    block = _block(lines)
    while block is not None and not b"".join(block.lines).strip():
        block = _block(lines)
    if block is None:
        raise EmptyInput(f"{where}: the file is empty", hint="expected a header and rows")
    if not block.whole:
        raise _broken(block, where)
    text = decode(b"".join(block.lines), where=f"{where}:{block.begin}")
    needed = columns.get("text", "text")
    try:
        headers = [(_cells(text, delimiter), delimiter) for delimiter in DELIMITERS]
    except csv.Error as error:
        raise InvalidArticle(
            f"{where}:{block.begin}: not a header of a CSV file: {error}",
            hint="lines end with a line feed, with or without a carriage return before it",
        ) from error
    return next((found for found in headers if needed in found[0]), headers[0])


def _cells(text: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter))]


def _rows(lines: _Lines, delimiter: str, where: str) -> Iterator[_Row | InputError]:
    while (block := _block(lines)) is not None:
        if not block.whole:
            lines.put_back(block.lines[1:])
            yield _row_alone(block, delimiter) or _broken(block, where)
            continue
        try:
            texts = [line.decode() for line in block.lines]
        except UnicodeDecodeError as error:
            byte = f"byte 0x{error.object[error.start]:02x}"
            yield NotText(
                f"{where}:{block.begin}: not UTF-8 ({byte} in its {len(block.lines)} lines)",
                hint="convert the file, for example: iconv -f WINDOWS-1252 -t UTF-8",
            )
            continue
        yield from _rows_of(texts, block, lines, delimiter, where)


def _row_alone(block: _Block, delimiter: str) -> _Row | None:
    """The row that the first line of a block is by itself, if it is one: a quote in the middle
    of a cell, as in `5" disk`, opens nothing."""
    if len(block.lines[0]) > MAX_BYTES:
        return None
    try:
        reader = csv.reader([block.lines[0].decode()], delimiter=delimiter, strict=True)
        return _Row(next(reader), block.begin, 1)
    except (csv.Error, UnicodeDecodeError):
        return None


def _rows_of(
    texts: list[str], block: _Block, lines: _Lines, delimiter: str, where: str
) -> Iterator[_Row | InputError]:
    """The rows of a block. Behind a broken one, the lines that it swallowed are put back."""
    reader = csv.reader(texts, delimiter=delimiter, strict=True)
    while (done := reader.line_num) < len(texts):
        try:
            cells = next(reader)
        except csv.Error as error:
            yield InvalidArticle(
                f"{where}:{block.begin + done}: not usable CSV: {error}",
                hint='a quote inside of a quoted cell is written ""',
            )
            lines.put_back(block.lines[done + 1 :])
            return
        if cells:  # no blank line
            yield _Row(cells, block.begin + done, reader.line_num - done)


def _broken(block: _Block, where: str) -> InputError:
    """Of a block that is not whole: its first line is to blame."""
    place = f"{where}:{block.begin}"
    if len(block.lines[0]) > MAX_BYTES:
        return InputError(f"{place}: longer than {MAX_BYTES} bytes", hint="is it one article?")
    too_long = sum(map(len, block.lines)) > MAX_BYTES
    end = f"within {MAX_BYTES} bytes" if too_long else "before the end of the file"
    return InvalidArticle(
        f"{place}: a quote opens here and is not closed {end}",
        hint='a quote inside of a quoted cell is written ""',
    )


# ---------------------------------------------------------------- Parquet


def read_parquet(stream: BinaryIO, where: str, columns: Columns) -> Iterator[Article | InputError]:
    """The rows of a Parquet file, of which only the columns of an article are read.

    Where a row group is broken, that is one error, and the next group is gone on with.
    Raises `InputError` for what is no whole Parquet file or lacks the columns.
    """
    file = _parquet(stream, where)
    chosen = find_columns(file.schema_arrow.names, columns, where)
    begin = 1
    for group in range(file.num_row_groups):
        end = begin + file.metadata.row_group(group).num_rows
        rows = count(begin)
        try:
            for batch in file.iter_batches(
                BATCH_ROWS, [group], list(chosen.values()), use_threads=False
            ):
                yield from _batch(batch, chosen, rows, where)
        except (OSError, ValueError) as error:
            yield InputError(
                f"{where}, row {next(rows)}: broken from here to row {end - 1}: {error}",
                hint="the rows behind are read; make or fetch the file again",
            )
        begin = end


def count_parquet(stream: BinaryIO, where: str) -> int:
    """How many rows a Parquet file has. Raises `InputError`."""
    return int(_parquet(stream, where).metadata.num_rows)


def _parquet(stream: BinaryIO, where: str) -> pq.ParquetFile:
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(stream, buffer_size=_BUFFER, pre_buffer=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"{where}: not a whole Parquet file: {error}", hint="was it copied to its end?"
        ) from error


def _batch(
    batch: pa.RecordBatch, chosen: dict[str, str], rows: Iterator[int], where: str
) -> Iterator[Article | InputError]:
    values = {field: _readable(batch.column(column)) for field, column in chosen.items()}
    for place, row in zip(range(batch.num_rows), rows, strict=False):
        here = f"{where}, row {row}"
        try:
            data = {field: column[place].as_py() for field, column in values.items()}
        except (ValueError, KeyError, OverflowError) as error:
            yield InvalidArticle(f"{here}: a value cannot be read: {error}", hint="is it UTF-8?")
            continue
        yield _article(data, here)


def _readable(column: pa.Array) -> pa.Array:
    """Times to the microsecond: Python has none that are finer, and a day is what is asked."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        return column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return column


# ---------------------------------------------------------------- a row


def _article(data: dict[str, Any], where: str) -> Article | InputError:
    text = data.get("text")
    if isinstance(text, str) and len(text) > MAX_BYTES:
        return InputError(f"{where}: longer than {MAX_BYTES} characters", hint="is it one article?")
    try:
        return parse_article(data, where=where)
    except InputError as error:
        return error
