"""`extractor schemas upcast`: files of cases and extractions, brought to a newer version."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from extractor import evals
from extractor.cases import read_cases
from extractor.catalog import Catalog, Recipe
from extractor.errors import CatalogError, InputError
from extractor.migration import migrate_in_place, migrate_values
from extractor.records import Article
from tests.fake_model import FakeModel
from tests.recorded import command
from tests.stored import extraction

CATALOG = Catalog.open()
TO = "attributions@2"
ARTICLE = {"id": "one", "text": "“We go,” Ann said.", "column": 7}
SAID = {"source": "Ann", "cue": "said", "content": "We go"}
CASE: dict[str, Any] = {
    "article": ARTICLE,
    "schema": "attributions@1",
    "gold": {"attributions": [SAID]},
    "notes": "short",
}
EXTRACTION = extraction(
    {"attributions": [SAID]},
    Article.model_validate({"id": "one", "text": ARTICLE["text"]}),
    CATALOG.schema("attributions@1"),
).to_dict()


def write(path: Path, *values: object) -> Path:
    path.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    return path


def test_cases_and_extractions_of_a_file(tmp_path: Path) -> None:
    case, record = migrate_values(write(tmp_path / "a.jsonl", CASE, EXTRACTION), TO, CATALOG)
    assert case == {**CASE, "schema": TO}, "nothing else of the case is touched"
    assert record["provenance"]["schema"]["id"] == TO
    assert record["record"]["attributions"] == [{**SAID, "parent": None, "directness": None}]


def test_the_command_prints_lines_and_leaves_the_files(tmp_path: Path) -> None:
    write(tmp_path / "a.json", CASE)
    before = write(tmp_path / "b.jsonl", EXTRACTION, EXTRACTION).read_bytes()
    done = command("schemas", "upcast", str(tmp_path), "--to", TO)
    assert done.returncode == 0, done.stderr
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == 3
    assert (tmp_path / "b.jsonl").read_bytes() == before


def test_in_place_each_file_keeps_its_form(tmp_path: Path) -> None:
    new = {**CASE, "schema": TO}
    write(tmp_path / "a.json", CASE)
    write(tmp_path / "b.jsonl", CASE, CASE)
    unchanged = write(tmp_path / "c.jsonl", new).read_bytes()
    (tmp_path / "README.md").write_text("not a case")
    done = command("schemas", "upcast", str(tmp_path), "--to", TO, "--in-place")
    assert done.stdout.splitlines() == [str(tmp_path / "a.json"), str(tmp_path / "b.jsonl")]
    assert (tmp_path / "a.json").read_text() == json.dumps(new, indent=2, ensure_ascii=False) + "\n"
    lines = (tmp_path / "b.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [new, new]
    assert (tmp_path / "c.jsonl").read_bytes() == unchanged


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"article": ARTICLE}, "neither a case nor an extraction"),
        (7, "neither a case nor an extraction"),
        ({**CASE, "schema": "event@1"}, "different schemas"),
        ({**CASE, "gold": {"attributions": [{"sauce": "Ann"}]}}, "does not fit"),
        ({**EXTRACTION, "evidence": {}}, "it does not hold"),
    ],
)
def test_nothing_is_written_when_something_is_wrong(
    tmp_path: Path, value: object, said: str
) -> None:
    first = write(tmp_path / "a.jsonl", CASE)
    before = first.read_bytes()
    write(tmp_path / "b.jsonl", CASE, value)
    with pytest.raises((CatalogError, InputError), match=said):
        migrate_in_place(tmp_path, TO, CATALOG)
    assert first.read_bytes() == before


async def run(path: Path, catalog: Catalog | None) -> evals.Run:
    recipe = Recipe(CATALOG.prompt(TO), CATALOG.schema(TO))
    return await evals.run(read_cases(path), recipe, FakeModel(), catalog=catalog)


def test_an_evaluation_takes_cases_of_an_older_version(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", CASE)
    found = asyncio.run(run(path, CATALOG))
    # The model of these tests gives no attributions: all of gold is missing, and no more.
    missed = {field.path: field.missing for field in found.scores.fields}
    assert missed == {f"attributions/*/{key}": 1 for key in SAID}
    with pytest.raises(InputError, match="case one is for schema attributions@1, not"):
        asyncio.run(run(path, None))
    newer = write(tmp_path / "b.jsonl", {**CASE, "schema": "attributions@99"})
    with pytest.raises(CatalogError):
        asyncio.run(run(newer, CATALOG))
