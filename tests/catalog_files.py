"""Small prompts and schemas on disk, for the tests of the catalog."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from extractor.catalog import Catalog, lock_prompts, lock_schemas
from extractor.catalog.shelf import PROMPTS, SCHEMAS, Shelf

BODY = """\
<!-- role: system -->
Fill in the record.

<!-- role: user -->
<article>
A train left.
</article>

<!-- role: assistant -->
{"what": "train", "more": {"left": true}}

<!-- role: user -->
{% if published %}
Published: {{ published }}
{% endif %}
{% if title %}
Title: {{ title }}
{% endif %}
<{{ fence }}>
{{ text }}
</{{ fence }}>
"""

SCHEMA = """\
from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from extractor.records import Verbatim


class Event(BaseModel):
    what: Annotated[str, Verbatim]
    parts: list[Part]


class Part(BaseModel):
    name: str


SCHEMA = Event
"""


def front_matter(name: str = "event", number: int = 1, **changes: Any) -> dict[str, Any]:
    """Valid front matter with `changes`; a change to `...` leaves the key out."""
    front: dict[str, Any] = {
        "id": name,
        "version": number,
        "status": "draft",
        "parent": None,
        "changelog": "First version.",
        "schema": "event@1",
        "parameters": {"temperature": 0, "max_tokens": 100, "seed": None},
        "inputs": ["text", "title", "published"],
        **changes,
    }
    return {key: value for key, value in front.items() if value is not ...}


def write_prompt(
    root: Path, name: str = "event", number: int = 1, body: str = BODY, **changes: Any
) -> Path:
    """Writes `<root>/<name>/v<number>.md`."""
    front = yaml.safe_dump(front_matter(name, number, **changes), sort_keys=False)
    return _write(root / name / f"v{number}.md", f"---\n{front}---\n{body}")


def write_schema(root: Path, name: str = "event", number: int = 1, source: str = SCHEMA) -> Path:
    """Writes `<root>/<name>/v<number>.py`."""
    return _write(root / name / f"v{number}.py", source)


def write_labels(root: Path, text: str, name: str = "event") -> Path:
    """Writes `<root>/<name>/labels.toml`."""
    return _write(root / name / "labels.toml", text)


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def catalog_of(*folders: Path) -> Catalog:
    """A catalog of `<folder>/prompts` and `<folder>/schemas` only, without extractor's own."""
    for folder in folders:
        (folder / "prompts").mkdir(parents=True, exist_ok=True)
        (folder / "schemas").mkdir(parents=True, exist_ok=True)
    return Catalog(
        Shelf.open(PROMPTS, [folder / "prompts" for folder in folders]),
        Shelf.open(SCHEMAS, [folder / "schemas" for folder in folders]),
    )


def drafts_in(folder: Path) -> Catalog:
    """event@1, event@2 (production → 1, staging → 2) and brief@1, of both kinds."""
    for root in (folder / "prompts", folder / "schemas"):
        write = write_prompt if root.name == "prompts" else write_schema
        for name, number in (("event", 1), ("event", 2), ("brief", 1)):
            write(root, name, number)
        write_labels(root, "production = 1\nstaging = 2\n")
    return catalog_of(folder)


def released_in(folder: Path) -> Catalog:
    """event@1, prompt and schema, released."""
    write_prompt(folder / "prompts", status="released")
    write_schema(folder / "schemas")
    catalog = catalog_of(folder)
    assert lock_prompts(catalog) == ["event@1"]
    assert lock_schemas(catalog, ["event@1"]) == ["event@1"]
    return catalog
