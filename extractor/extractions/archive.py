"""Files of stored extractions, verified line by line beside the articles that they are of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractor.articles import MAX_BYTES, Spot, decode, lines_of, read_at, read_spots
from extractor.catalog import Catalog
from extractor.errors import InputError
from extractor.extractions.stored import Stored, parse_extraction
from extractor.extractions.verification import Verifier
from extractor.records import Article, Problem


@dataclass(frozen=True)
class Verified:
    """One line of a file, and what does not hold of it; `article_id` is "" where none is read."""

    file: str
    line: int
    article_id: str
    problems: tuple[Problem, ...]


class ArticleIndex:
    """Where the articles are, by digest and by id; of their texts nothing is kept.

    `given` takes the place of what the articles say of themselves (`published`, `outlet`), as
    it did when they were extracted. `unusable` are the errors of articles that cannot be read.
    """

    def __init__(self, paths: Iterable[Path], given: Mapping[str, Any] | None = None) -> None:
        self._given = dict(given or {})
        self._by_digest: dict[str, Spot] = {}
        self._by_id: dict[str, Spot] = {}
        self._names: set[tuple[str, str]] = set()
        self.unusable: list[InputError] = []
        for spot, item in read_spots(paths):
            if isinstance(item, InputError):
                self.unusable.append(item)
                continue
            digest = self._with_given(item).digest
            self._by_digest.setdefault(digest, spot)
            self._by_id.setdefault(item.id, spot)
            self._names.add((digest, item.id))

    def __len__(self) -> int:
        return len(self._names)

    def article_of(self, stored: Stored) -> Article | None:
        """The article with the digest of an extraction, or else with its id; None without.

        Raises `InputError` when its file can no longer be read.
        """
        info = stored.article
        spot = self._by_digest.get(info.digest) or self._by_id.get(info.id)
        return None if spot is None else self._with_given(read_at(spot))

    def knows(self, article_id: str, digest: str) -> bool:
        """Whether the article of that digest goes by that id, or has none of its own."""
        return (digest, article_id) in self._names or article_id == digest[:16]

    def _with_given(self, article: Article) -> Article:
        return article.model_copy(update=self._given) if self._given else article


def verify_files(
    paths: Iterable[Path], articles: ArticleIndex, catalog: Catalog
) -> Iterator[Verified]:
    """Every line of the files: JSON lines as they were printed, `-` for standard input.

    A folder stands for the `.jsonl` files in it, by name. Raises `InputError` for a file
    that cannot be read, and for a folder without such files.
    """
    verifier = Verifier(catalog)
    for path in _files(paths):
        for number, line in lines_of(path):
            yield _verified(line, str(path), number, articles, verifier)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        parts = sorted(file for file in path.iterdir() if file.suffix.lower() == ".jsonl")
        if not parts:
            raise InputError(
                f"{path}: there are no records", hint="expected .jsonl files, as backfill writes"
            )
        yield from parts


def _verified(
    line: bytes, file: str, number: int, articles: ArticleIndex, verifier: Verifier
) -> Verified:
    where = "the line"
    try:
        if len(line) > MAX_BYTES:
            raise InputError(f"{where}: longer than {MAX_BYTES} bytes")
        stored = parse_extraction(decode(line, where=where).rstrip("\r\n"), where=where)
    except InputError as error:
        return Verified(file, number, "", (_wrong("unreadable", "", error.message),))
    found = tuple(_problems(stored, articles, verifier))
    return Verified(file, number, stored.article.id, found)


def _problems(stored: Stored, articles: ArticleIndex, verifier: Verifier) -> Iterator[Problem]:
    info = stored.article
    unread = stored.provenance is None and stored.status == "failed" and not info.digest
    article = None
    try:
        article = articles.article_of(stored)
    except InputError as error:
        yield _wrong("article_missing", "/article", error.message)
    if article is None:
        if not unread:  # an article that could not be read then has no digest and no record
            yield _wrong("article_missing", "/article", "no article has this digest or this id")
        yield from verifier.verify(stored)
        return
    if article.digest == info.digest and not articles.knows(info.id, info.digest):
        message = f"the article with this digest is not called {info.id!r}"
        yield _wrong("article_changed", "/article/id", message)
    yield from verifier.recheck(stored, article)


def _wrong(code: str, path: str, message: str) -> Problem:
    return Problem(code=code, path=path, message=message, severity="error")
