"""Articles from files, lines and JSON objects, with a clear word about each that is unusable."""

from __future__ import annotations

import json
import sys
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

from pydantic import ValidationError

from extractor import jsontext
from extractor.errors import EmptyInput, InputError, InvalidArticle, NotText
from extractor.records import Article

STDIN = Path("-")
MAX_BYTES = 20 * 1024 * 1024
"""A single article, or line of a `.jsonl` file, above this size is refused."""
SUFFIXES = (".txt", ".json", ".jsonl")

Columns = Mapping[str, str]
"""Where an archive keeps the fields of an article under names of its own, by field."""
AS_NAMED: Columns = MappingProxyType({})
"""The fields have their own names."""


def parse_article(data: object, *, where: str) -> Article:
    """An article from a JSON object; `where` names it in errors.

    Fields that are not an article's are ignored, for archives carry columns of
    their own, unless they look like a misspelt one. Raises `InputError`.
    """
    if not isinstance(data, Mapping):
        raise InvalidArticle(
            f"{where}: expected an article object, found {type(data).__name__}",
            hint='for example {"text": "...", "published": "2026-03-09"}',
        )
    for key in data:
        if near := meant_field(str(key), data):
            raise InvalidArticle(f"{where}: unknown field {key!r}", hint=f"did you mean {near!r}?")
    values = {k: v for k, v in data.items() if k in Article.model_fields and v is not None}
    if type(values.get("id")) is int:  # as databases number their rows
        values["id"] = str(values["id"])
    if "text" not in values:
        raise InvalidArticle(f"{where}: the field 'text' is missing", hint="it alone is required")
    if isinstance(values["text"], str) and not values["text"].strip():
        raise EmptyInput(f"{where}: the text is empty", hint="an article needs words")
    try:
        return Article.model_validate(values)
    except ValidationError as error:
        raise InvalidArticle(f"{where}: {_reasons(error)}", hint=_DATE_HINT) from error


def take_columns(data: object, columns: Columns) -> object:
    """The object's fields of an article, each from the column named for it.

    Who names columns has looked at all of them, so the others are left aside unread.
    """
    if not columns or not isinstance(data, Mapping):
        return data
    return {field: data.get(columns.get(field, field)) for field in Article.model_fields}


def meant_field(key: str, data: Container[str]) -> str | None:
    """The field that is missing and that an unknown one looks like, if any.

    Short names look like too many others (`_id`, `uri`), and `publisher` is a column of
    many archives.
    """
    if key in Article.model_fields or key == "publisher":
        return None
    missing = [name for name in Article.model_fields if name not in data and len(name) > 3]
    return next(iter(get_close_matches(key.lower(), missing, n=1, cutoff=0.8)), None)


_DATE_HINT = "dates are written YYYY-MM-DD; every other field is a string"


def _reasons(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, e['loc']))} is {_shown(e['input'])}: {e['msg']}"
        for e in error.errors()
    )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def decode(data: bytes, *, where: str) -> str:
    """UTF-8 text (a byte order mark is dropped). Raises `NotText` or `EmptyInput`."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotText(f"{where}: the text is UTF-16", hint="convert it: iconv -f UTF-16 -t UTF-8")
    if b"\0" in data[:8192]:
        raise NotText(f"{where}: the file is binary, not text", hint=_KINDS)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotText(
            f"{where}: not UTF-8 (byte 0x{data[error.start]:02x} at {error.start})",
            hint="convert it, for example: iconv -f WINDOWS-1252 -t UTF-8",
        ) from error
    if not text.strip():
        raise EmptyInput(f"{where}: the file is empty", hint="an article needs words")
    return text


_KINDS = "expected .txt, .json (an article object) or .jsonl (one article a line), in UTF-8"


def parse_json(text: str, *, where: str) -> Any:
    """Strict JSON (see `jsontext`). Raises `InvalidArticle`."""
    try:
        return jsontext.loads(text)
    except ValueError as error:
        raise InvalidArticle(f"{where}: not usable JSON: {error}", hint=_KINDS) from error


def read_articles(paths: Iterable[Path]) -> Iterator[Article | InputError]:
    """The articles of several files, lazily and in order; an unusable one is an error value.

    `-` is standard input: JSON lines or an article object when it starts with `{`,
    otherwise plain text.
    """
    for path in paths:
        try:
            yield from _read(path)
        except InputError as error:
            yield error


def _read(path: Path) -> Iterator[Article | InputError]:
    if path == STDIN:
        yield from _read_stdin(sys.stdin.buffer)
        return
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(
            f"{path}: cannot read {path.suffix or 'a file without suffix'}", hint=_KINDS
        )
    try:
        with path.open("rb") as stream:
            if suffix == ".jsonl":
                yield from read_lines(stream, str(path))
            else:
                yield read_single(stream, str(path), suffix, path.stem)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", hint="check the path") from error


def _read_stdin(stream: BinaryIO) -> Iterator[Article | InputError]:
    where = "standard input"
    lines = split_lines(stream)
    head = _until_words(lines)
    first = head[-1].strip(_BLANK) if head else b""
    if not first.startswith(b"{"):
        yield _single(_limited(stream, where, head), where, ".txt", "")
        return
    more = _until_words(lines)
    if more and _are_lines(first, more[-1].strip(_BLANK)):
        yield from _read_lines(chain(head, more, lines), where, AS_NAMED)
    else:
        yield _single(_limited(stream, where, [*head, *more]), where, ".json", "")


_BLANK = b"\xef\xbb\xbf \t\r\n"


def _until_words(lines: Iterator[bytes]) -> list[bytes]:
    """The next lines, up to and with the first that is not blank."""
    taken: list[bytes] = []
    for line in lines:
        taken.append(line)
        if line.strip():
            break
    return taken


def _are_lines(first: bytes, second: bytes) -> bool:
    """Whether these begin JSON lines, of which one may be broken, and not one long object."""
    if second.startswith(b"{") and not first.endswith((b"[", b",")):
        return True
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return False
    return bool(second)


def split_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines; of one that is too long only the beginning, so that memory stays flat."""
    while line := stream.readline(MAX_BYTES + 1):
        rest = line
        while not rest.endswith(b"\n") and (rest := stream.readline(MAX_BYTES)):
            pass
        yield line


def read_lines(
    stream: BinaryIO, where: str, columns: Columns = AS_NAMED
) -> Iterator[Article | InputError]:
    """The articles of JSON lines; `where` names the file in errors."""
    return _read_lines(split_lines(stream), where, columns)


def read_single(stream: BinaryIO, where: str, suffix: str, stem: str) -> Article:
    """The one article of a `.txt` or `.json` file; `stem` is the id of a text.

    Raises `InputError`.
    """
    return _single(_limited(stream, where), where, suffix, stem)


def _limited(stream: BinaryIO, where: str, head: Iterable[bytes] = ()) -> bytes:
    """The rest of a stream behind its `head`."""
    data = b"".join(head) + stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InputError(f"{where}: larger than {MAX_BYTES} bytes", hint="is it one article?")
    return data


def _single(data: bytes, where: str, suffix: str, stem: str) -> Article:
    text = decode(data, where=where)
    if suffix == ".json":
        found = parse_json(text, where=where)
        # Our own case files hold the article beside its gold record.
        if isinstance(found, Mapping) and isinstance(found.get("article"), Mapping):
            found = found["article"]
        return parse_article(found, where=where)
    return parse_article({"id": stem, "text": text}, where=where)


def _read_lines(
    lines: Iterable[bytes], path: str, columns: Columns
) -> Iterator[Article | InputError]:
    empty = True
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        empty = False
        yield _read_line(line, f"{path}:{number}", columns)
    if empty:
        yield EmptyInput(f"{path}: the file is empty", hint=_KINDS)


def _read_line(line: bytes, where: str, columns: Columns = AS_NAMED) -> Article | InputError:
    try:
        if len(line) > MAX_BYTES:
            raise InputError(f"{where}: longer than {MAX_BYTES} bytes", hint=_KINDS)
        data = parse_json(decode(line, where=where), where=where)
        return parse_article(take_columns(data, columns), where=where)
    except InputError as error:
        return error


# ---------------------------------------------------------------- articles found again


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an article is written: its file and, in a `.jsonl` file, the byte that its line
    begins at."""

    path: Path
    offset: int = 0


def read_spots(paths: Iterable[Path]) -> Iterator[tuple[Spot, Article | InputError]]:
    """What `read_articles` reads, each with its place, so that it need not be kept.

    A folder stands for the files of articles in it, by name.
    """
    for path in paths:
        if path.is_dir():
            files = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
            yield from read_spots(files)
        elif path.suffix.lower() == ".jsonl":
            try:
                with path.open("rb") as stream:
                    yield from _line_spots(stream, path)
            except OSError as error:
                yield Spot(path), InputError(f"{path}: {error.strerror}", hint="check the path")
        else:
            yield from ((Spot(path), item) for item in read_articles([path]))


def _line_spots(stream: BinaryIO, path: Path) -> Iterator[tuple[Spot, Article | InputError]]:
    begin = 0
    for number, line in enumerate(split_lines(stream), start=1):
        if line.strip():
            yield Spot(path, begin), _read_line(line, f"{path}:{number}")
        begin = stream.tell()


def read_at(spot: Spot) -> Article:
    """The article written there. Raises `InputError`."""
    if spot.path.suffix.lower() == ".jsonl":
        try:
            with spot.path.open("rb") as stream:
                stream.seek(spot.offset)
                found = _read_line(
                    next(split_lines(stream), b""), f"{spot.path}, byte {spot.offset}"
                )
        except OSError as error:
            raise InputError(f"{spot.path}: {error.strerror}", hint="check the path") from error
    else:
        found = next(read_articles([spot.path]))
    if isinstance(found, InputError):
        raise found
    return found


def lines_of(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file, or of standard input (`-`), that are not blank, with their numbers.

    Of one that is longer than `MAX_BYTES` it is the beginning. Raises `InputError`.
    """
    try:
        with ExitStack() as stack:
            stdin = path == STDIN
            stream = sys.stdin.buffer if stdin else stack.enter_context(path.open("rb"))
            yield from ((n, line) for n, line in enumerate(split_lines(stream), 1) if line.strip())
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", hint="check the path") from error
