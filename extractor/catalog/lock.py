"""The lock: what released files must still be, who looks, and who writes it.

`lock.json` of a root maps the id of each released version to the digests of its files:
`{"event@1": {"prompt": "..."}}` for a prompt, `{"event@1": {"source": "...",
"json_schema": "..."}}` for a schema. An entry is written once and never changed.

A digest is SHA-256 over a file's bytes with CRLF read as LF: Git may turn one into the
other on checkout (`autocrlf`), and reading makes them equal anyway. Where lines end
in LF it is the digest that `sha256sum` prints.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from extractor import jsontext
from extractor.catalog.shelf import Shelf, Version, write_source
from extractor.errors import CatalogError, ReleaseChanged

LOCK_FILE = "lock.json"
_RESTORE = "restore it from version control"


@dataclass(frozen=True)
class Finding:
    """Something wrong that `check` found; `message` names the file too.

    `id` is the version concerned, "" where it is about none.
    """

    file: Path
    id: str
    message: str
    hint: str


def file_digest(path: Path) -> str:
    """The digest of a file. Raises `CatalogError` when it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as cause:
        raise CatalogError(
            f"{path}: cannot be read: {cause.strerror}", hint="check the file's permissions"
        ) from cause
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def read_lock(root: Path) -> dict[str, dict[str, str]]:
    """Id → part → digest; empty when the root has no lock yet. Raises `CatalogError`."""
    path = root / LOCK_FILE
    if not path.is_file():
        return {}
    try:
        found = jsontext.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as cause:
        raise CatalogError(f"{path}: not a readable lock: {cause}", hint=_RESTORE) from cause
    if not isinstance(found, dict) or not all(map(_is_entry, found.values())):
        raise CatalogError(
            f"{path}: not a lock: expected ids, each with the digests of its files", hint=_RESTORE
        )
    return found


def _is_entry(entry: object) -> bool:
    return isinstance(entry, dict) and all(isinstance(value, str) for value in entry.values())


def is_locked(version: Version) -> bool:
    """Whether the lock of its root names the version."""
    return version.id in read_lock(version.root)


def changes(shelf: Shelf, version: Version) -> list[Finding]:
    """The files of a locked version that are not what the lock says; none for a draft."""
    entry = read_lock(version.root).get(version.id)
    if entry is None:
        return []
    new = version.path.with_stem(f"v{shelf.numbers(version.name)[-1] + 1}")
    moved = [
        (file, what)
        for part, suffix in version.kind.parts
        if (what := _moved(file := version.file(suffix), entry.get(part)))
    ]
    return [
        Finding(
            file,
            version.id,
            f"{file}: this file of the released {version.kind.noun} {version.id} {what}",
            f"{_RESTORE} (git checkout {file}); what should change goes into a new version, {new}",
        )
        for file, what in moved
    ]


def _moved(file: Path, locked: str | None) -> str:
    """What happened to a file since it was locked, "" for nothing."""
    if not file.is_file():
        return "is missing"
    now = file_digest(file)
    if now == locked:
        return ""
    was = f"the lock says {locked[:12]}…" if locked else "the lock does not name it"
    return f"was changed: its SHA-256 is {now[:12]}…, {was}"


def verify(shelf: Shelf, version: Version) -> None:
    """Raises `ReleaseChanged` when the version is locked and one of its files moved."""
    if moved := changes(shelf, version):
        raise ReleaseChanged("; ".join(f.message for f in moved), hint=moved[0].hint)


def orphans(shelf: Shelf) -> list[Finding]:
    """Entries of the locks whose version is not there any more."""
    there = {(version.root, version.id) for version in shelf.versions}
    return [
        Finding(
            root / LOCK_FILE,
            id_,
            f"{root / LOCK_FILE}: the released {shelf.kind.noun} {id_} is locked, but there is no "
            "such file",
            "restore the file from version control: records refer to released versions",
        )
        for root in shelf.roots
        for id_ in read_lock(root)
        if (root, id_) not in there
    ]


def add_to_lock(shelf: Shelf, released: Sequence[Version]) -> list[str]:
    """Writes the digests of `released` into the locks of their roots; the ids that were new.

    No entry that is there is changed: raises `ReleaseChanged` when one ought to be.
    """
    for version in shelf.versions:
        verify(shelf, version)
    new = [version for version in dict.fromkeys(released) if not is_locked(version)]
    for root in dict.fromkeys(version.root for version in new):
        entries = read_lock(root)
        for version in new:
            if version.root == root:
                entries[version.id] = _entry(version)
        text = json.dumps(dict(sorted(entries.items())), indent=2)
        write_source(root / LOCK_FILE, text + "\n")
    return [version.id for version in new]


def _entry(version: Version) -> dict[str, str]:
    return {part: file_digest(version.file(suffix)) for part, suffix in version.kind.parts}
