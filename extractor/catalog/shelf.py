"""Versioned files in folders, and references to them.

A root holds `<name>/v<N>.<suffix>`, `<name>/labels.toml` (`production = 1`) and one
`lock.json` (see `lock.py`). What the files mean is not known here: prompts and schemas
are two kinds of the same thing.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from extractor.errors import CatalogError, InvalidPrompt, InvalidSchema, UnknownVersion

LATEST = "latest"
DEFAULT_LABEL = "production"
LABEL_FILE = "labels.toml"
NAME_PATTERN = r"[A-Za-z][A-Za-z0-9_-]*"
NUMBER_PATTERN = r"[1-9][0-9]{0,8}"
_NAME = re.compile(NAME_PATTERN)
_NUMBER = re.compile(NUMBER_PATTERN)
_REFERENCE = re.compile(rf"({NAME_PATTERN})(?:@([A-Za-z0-9_-]+))?")
_LABEL_HINT = f"a label is written: {DEFAULT_LABEL} = 1"


@dataclass(frozen=True)
class Kind:
    """A kind of versioned file.

    `parts` are the files of one version, each with its name in the lock and its suffix;
    the first is the version itself. `error` is raised for a file that is wrong.
    """

    noun: str
    parts: tuple[tuple[str, str], ...]
    error: type[CatalogError]


PROMPTS = Kind("prompt", (("prompt", ".md"),), InvalidPrompt)
SCHEMAS = Kind("schema", (("source", ".py"), ("json_schema", ".json")), InvalidSchema)


@dataclass(frozen=True)
class Version:
    """One version: what it is called and where it lies."""

    kind: Kind
    root: Path
    name: str
    number: int

    @property
    def id(self) -> str:
        """`name@number`."""
        return f"{self.name}@{self.number}"

    @property
    def path(self) -> Path:
        """The version's own file."""
        return self.file(self.kind.parts[0][1])

    def file(self, suffix: str) -> Path:
        """The version's file with this suffix."""
        return self.root / self.name / f"v{self.number}{suffix}"


def is_floating(reference: str) -> bool:
    """Whether a reference means whatever is newest: `name@latest`.

    A label moves by a commit that somebody made; this moves by itself, so what runs
    unattended (service, backfill) refuses it.
    """
    return reference.partition("@")[2] == LATEST


@dataclass(frozen=True)
class Shelf:
    """All versions of one kind, over several roots; those of earlier roots come first."""

    kind: Kind
    roots: tuple[Path, ...]
    versions: tuple[Version, ...]

    @classmethod
    def open(cls, kind: Kind, roots: Iterable[Path]) -> Shelf:
        """Lists what the roots hold, reading no file.

        Raises `CatalogError` for a root that is no folder and for a version that
        stands in two roots: nothing hides anything.
        """
        distinct = tuple({root.resolve(): root for root in roots}.values())
        versions = tuple(version for root in distinct for version in _scan(kind, root))
        places: dict[str, list[str]] = {}
        for version in versions:
            places.setdefault(version.id, []).append(str(version.path))
        if twice := [f"{i} in {' and '.join(p)}" for i, p in places.items() if len(p) > 1]:
            raise CatalogError(
                f"two definitions of one {kind.noun}: {'; '.join(twice)}",
                hint="give one of them another name or number",
            )
        return cls(kind, distinct, versions)

    def find(self, reference: str) -> Version:
        """The version that `name@number`, `name@label`, `name@latest` or `name` means.

        A name alone means its label `production`. Raises `UnknownVersion`, whose hint
        lists what there is.
        """
        match = _REFERENCE.fullmatch(reference)
        name, which = match.groups() if match else (reference.partition("@")[0], "")
        numbers = self.numbers(name)
        if not numbers:
            raise self._no_name(name)
        if which == LATEST:
            wanted: int | None = max(numbers)
        elif which and _NUMBER.fullmatch(which):
            wanted = int(which)
        else:
            wanted = self.labels(name).get(DEFAULT_LABEL if which is None else which)
        if wanted not in numbers:
            raise self._no_version(name, reference)
        return next(v for v in self.versions if v.name == name and v.number == wanted)

    def numbers(self, name: str) -> list[int]:
        """The version numbers of a name, rising; empty when there is no such name."""
        return sorted(version.number for version in self.versions if version.name == name)

    def label_files(self, name: str) -> list[Path]:
        """The files that hold labels on the versions of a name."""
        files = [root / name / LABEL_FILE for root in self.roots]
        return [file for file in files if file.is_file()]

    def labels(self, name: str) -> dict[str, int]:
        """Label → number. Raises the kind's error for a label file that is wrong, a label
        that points to nothing, and one that stands in two roots."""
        numbers = self.numbers(name)
        found: dict[str, int] = {}
        problems: list[str] = []
        for path in self.label_files(name):
            for label, number in _read_labels(path, self.kind.error).items():
                if not _NAME.fullmatch(label) or label == LATEST:
                    problems.append(f"{path}: {label!r} cannot be the name of a label")
                elif label in found:
                    problems.append(f"{path}: the label {label!r} stands in another root too")
                elif type(number) is not int or number not in numbers:
                    there = ", ".join(map(str, numbers))
                    problems.append(f"{path}: {label} is {number!r}: expected one of {there}")
                else:
                    found[label] = number
        if problems:
            raise self.kind.error("; ".join(problems), hint=_LABEL_HINT)
        return found

    def _no_name(self, name: str) -> UnknownVersion:
        names = list(dict.fromkeys(version.name for version in self.versions))
        there = ", ".join(version.id for version in self.versions) or f"no {self.kind.noun} at all"
        looked = ", ".join(map(str, self.roots))
        return UnknownVersion(
            f"there is no {self.kind.noun} named {name!r}",
            hint=f"{_guess(name, names)}there is: {there} (in {looked})",
        )

    def _no_version(self, name: str, reference: str) -> UnknownVersion:
        ids = [f"{name}@{which}" for which in (*self.numbers(name), *self.labels(name))]
        there = f"there is: {', '.join(ids)}"
        if reference != name:
            return UnknownVersion(
                f"there is no {self.kind.noun} {reference!r}",
                hint=_guess(reference, ids) + there,
            )
        newest = self.numbers(name)[-1]
        file = self.find(ids[0]).path.with_name(LABEL_FILE)
        return UnknownVersion(
            f"{name!r} alone means the {self.kind.noun} {name}@{DEFAULT_LABEL}, and no version "
            "has that label",
            hint=f"{there}; write one of them, or label one: {DEFAULT_LABEL} = {newest} in {file}",
        )


def _guess(wanted: str, candidates: list[str]) -> str:
    near = get_close_matches(wanted, candidates, n=1)
    return f"did you mean {near[0]!r}? " if near else ""


def _scan(kind: Kind, root: Path) -> list[Version]:
    if not root.is_dir():
        raise CatalogError(f"{root}: not a folder of {kind.noun}s", hint="check the path")
    own = re.compile(rf"v({NUMBER_PATTERN}){re.escape(kind.parts[0][1])}")
    found = [
        Version(kind, root, folder.name, int(match[1]))
        for folder in root.iterdir()
        if folder.is_dir() and _NAME.fullmatch(folder.name)
        for file in folder.iterdir()
        if (match := own.fullmatch(file.name)) and file.is_file()
    ]
    return sorted(found, key=lambda version: (version.name, version.number))


def _read_labels(path: Path, error: type[CatalogError]) -> dict[str, object]:
    try:
        return tomllib.loads(read_source(path, error))
    except tomllib.TOMLDecodeError as cause:
        raise error(f"{path}: not TOML: {cause}", hint=_LABEL_HINT) from cause


def read_source(path: Path, error: type[CatalogError]) -> str:
    """A file's text, CRLF read as LF, without a byte order mark. Raises `error`."""
    try:
        return path.read_bytes().replace(b"\r\n", b"\n").decode("utf-8-sig")
    except OSError as cause:
        raise error(f"{path}: cannot be read: {cause.strerror}", hint="check the path") from cause
    except UnicodeDecodeError as cause:
        wrong = f"byte 0x{cause.object[cause.start]:02x} at {cause.start}"
        raise error(f"{path}: not UTF-8 ({wrong})", hint="save the file as UTF-8") from cause


def write_source(path: Path, text: str) -> None:
    """Writes a file whole or not at all, LF at line ends. Raises `CatalogError`."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(path)
    except OSError as cause:
        beside.unlink(missing_ok=True)
        raise CatalogError(
            f"{path}: cannot be written: {cause.strerror}", hint="check the folder's permissions"
        ) from cause
