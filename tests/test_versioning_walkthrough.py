"""The walk-through of CONTRIBUTING.md, executed: from attributions@2 to attributions@3.

The commands are read out of the document and run in a copy of the repository, in which
version 2 is the newest and released.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from extractor.cases import read_cases
from extractor.catalog import Catalog, check_prompts, check_schemas, lock_prompts, lock_schemas
from extractor.extractions import parse_extraction, read_extraction, verify
from extractor.records import Article, record_json
from tests.catalog_files import catalog_of
from tests.recorded import ROOT
from tests.stored import extraction

pytestmark = pytest.mark.slow

HEADING = "### Step by step: a field of a schema gets another name"
NEEDS_THE_MODEL = "<!-- needs the model -->"
_BLOCK = re.compile(
    rf"^ *(?P<marked>{NEEDS_THE_MODEL}\n *)?```sh\n(?P<code>.*?)^ *```$", re.DOTALL | re.MULTILINE
)
NAME = "attributions"
ARTICLE = Article(text="Kurier, citing Ann Lee, said that “Bob stays”.", id="one")
SAID = {"source": "Ann Lee", "cue": "citing", "content": "Bob stays"}
Walked = tuple[Path, dict[Path, bytes]]
V1: dict[str, Any] = {"attributions": [SAID]}
V2: dict[str, Any] = {"attributions": [{**SAID, "parent": "Kurier"}]}


def blocks() -> list[str]:
    """The commands of the section, but those that need the model."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = re.split(r"^#+ .*$", text.split(HEADING)[1], maxsplit=1, flags=re.MULTILINE)[0]
    found = [
        textwrap.dedent(match["code"]) for match in _BLOCK.finditer(section) if not match["marked"]
    ]
    assert section.count(NEEDS_THE_MODEL) == 1
    assert len(found) == section.count("```sh") - 1
    return found


def copied(folder: Path) -> Path:
    """A copy of what the commands touch, with commands of its own in `.venv/bin`."""
    leave = shutil.ignore_patterns("__pycache__", ".*")
    for name in ("extractor", "schemas", "prompts", "tests", "evals"):
        shutil.copytree(ROOT / name, folder / name, ignore=leave)
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name, module in (("extractor", "extractor"), ("pytest", "pytest -p no:cacheprovider")):
        script = folder / ".venv" / "bin" / name
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        script.chmod(0o755)
    return folder


def second_released(tree: Path) -> Catalog:
    """Versions 1 and 2 released, whatever has come of them since, and no other."""
    for kind in ("schemas", "prompts"):
        for file in (tree / kind / NAME).glob("v*"):
            if file.stem not in {"v1", "v2"}:
                file.unlink()
        lock = tree / kind / "lock.json"
        locked = json.loads(lock.read_bytes()) if lock.exists() else {}
        kept = {id_: e for id_, e in locked.items() if not re.fullmatch(rf"{NAME}@\d+", id_)}
        lock.write_text(json.dumps(kept))
        (tree / kind / NAME / "labels.toml").write_text("production = 2\n")
    for file in (tree / "prompts" / NAME).glob("v*.md"):
        file.write_text(file.read_text("utf-8").replace("status: draft", "status: released"))
    catalog = catalog_of(tree)
    lock_prompts(catalog)
    lock_schemas(catalog, [f"{NAME}@1", f"{NAME}@2"])
    return catalog


def old_work(tree: Path, catalog: Catalog) -> None:
    """Records and gold of both old versions, as somebody kept them."""
    lines = [
        extraction(draft, ARTICLE, catalog.schema(f"{NAME}@{number}")).to_json()
        for number, draft in ((1, V1), (2, V2))
    ]
    (tree / "records.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    shutil.rmtree(tree / "evals" / NAME, ignore_errors=True)
    (tree / "evals" / NAME).mkdir()
    partial = {"attributions": [{"source": "Ann Lee"}]}
    for slug, number, gold in (("a", 1, V1), ("b", 2, V2), ("c", 2, partial), ("d", 2, {})):
        article = {"id": slug, "text": ARTICLE.text}
        case = {"article": article, "schema": f"{NAME}@{number}", "gold": gold}
        (tree / "evals" / NAME / f"{slug}.json").write_text(json.dumps(case), "utf-8")


def released_files(tree: Path) -> dict[Path, bytes]:
    return {
        file: file.read_bytes()
        for kind in ("schemas", "prompts")
        for file in sorted((tree / kind / NAME).glob("v[12].*"))
    }


def sh(tree: Path, commands: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-eu", "-c", commands],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """The tree after the walk, and what the released files were before it."""
    tree = copied(tmp_path_factory.mktemp("walk"))
    catalog = second_released(tree)
    assert check_schemas(catalog) == check_prompts(catalog) == []
    old_work(tree, catalog)
    before = released_files(tree)
    for commands in blocks():
        done = sh(tree, commands)
        assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
    return tree, before


def test_released_files_are_untouched_and_all_is_well(walked: Walked) -> None:
    tree, before = walked
    assert len(before) == 6
    assert released_files(tree) == before
    catalog = catalog_of(tree)
    assert check_schemas(catalog) == check_prompts(catalog) == []
    for kind in ("schemas", "prompts"):
        lock = json.loads((tree / kind / "lock.json").read_bytes())
        assert {f"{NAME}@{number}" for number in (1, 2, 3)} <= lock.keys()


def test_the_name_means_the_new_version(walked: Walked) -> None:
    catalog = catalog_of(walked[0])
    recipe = catalog.recipe(NAME)
    assert (recipe.prompt.id, recipe.schema.id) == (f"{NAME}@3", f"{NAME}@3")
    assert recipe.prompt.status == recipe.schema.status == "released"
    assert recipe.prompt.parent == f"{NAME}@2"


@pytest.mark.parametrize(("line", "through"), [(0, None), (1, "Kurier")])
def test_old_records_are_verified_and_read_as_new_ones(
    walked: Walked, line: int, through: str | None
) -> None:
    tree, _ = walked
    catalog = catalog_of(tree)
    old = (tree / "records.jsonl").read_text("utf-8").splitlines()[line]
    assert verify(parse_extraction(old), catalog, article=ARTICLE) == ()
    found = read_extraction(old, catalog, f"{NAME}@production", article=ARTICLE)
    assert found.record is not None
    assert record_json(found.record) == {
        "attributions": [{**SAID, "through": through, "directness": "direct"}]
    }
    place = "/attributions/0/through"
    assert (place in found.evidence) == (through is not None)
    if through is not None:
        assert [span.text for span in found.evidence[place].spans] == [through]
    migrated = (tree / "records-3.jsonl").read_text("utf-8").splitlines()[line]
    assert verify(parse_extraction(migrated), catalog, article=ARTICLE) == ()


def test_gold_has_moved_with_nothing_added(walked: Walked) -> None:
    cases = read_cases(walked[0] / "evals" / NAME)
    assert {case.schema_id for case in cases} == {f"{NAME}@3"}
    assert [case.gold for case in cases] == [
        V1,
        {"attributions": [{**SAID, "through": "Kurier"}]},
        {"attributions": [{"source": "Ann Lee"}]},
        {},
    ]


@pytest.mark.parametrize("file", [f"schemas/{NAME}/v1.py", f"prompts/{NAME}/v1.md"])
def test_an_edit_of_a_released_version_is_found(walked: Walked, file: str) -> None:
    tree, _ = walked
    path = tree / file
    before = path.read_bytes()
    path.write_bytes(before + b"\n")
    try:
        done = sh(tree, f".venv/bin/extractor {Path(file).parts[0]} check")
    finally:
        path.write_bytes(before)
    assert done.returncode == 1
    assert f"{NAME}@1 was changed" in done.stdout
