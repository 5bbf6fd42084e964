"""The flat tables of a backfill: what an event is in any schema, and who can read the files."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Annotated, Any, Literal

import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from pydantic import BaseModel, Field

from extractor.backfill.parts import write_parts
from extractor.backfill.tables import Events
from extractor.catalog import Schema
from extractor.records import Article, Evidence, Problem, Span
from tests.recorded import Recording, recorded_case, recorded_recipe, replayed

NAMES = ("visit-conflicting-reports", "flood-two-tolls")


@pytest.fixture(scope="module")
def events() -> Events:
    return Events.of(recorded_recipe().schema.json_schema)


@pytest.fixture(scope="module")
def extractions() -> list[dict[str, Any]]:
    """What the recorded answers to two articles amount to."""
    cases = tuple(map(recorded_case, NAMES))
    recording = Recording(recorded_recipe(), cases)
    return [json.loads(replayed(recording, case).to_json()) for case in cases]


def lines(extractions: list[dict[str, Any]]) -> list[str]:
    return [json.dumps(each) for each in extractions]


def table(folder: Path, name: str) -> list[dict[str, Any]]:
    return list(pq.read_table(folder / f"{name}-00001.parquet").to_pylist())


def test_an_event_is_a_row_and_its_parts_are_columns(
    events: Events, extractions: list[dict[str, Any]]
) -> None:
    for extraction in extractions:
        record = extraction["record"]
        rows = [dict(zip(events.columns, row, strict=True)) for row in events.rows(extraction)]
        expected = [f"/attributions/{n}" for n in range(len(record["attributions"]))]
        expected += [f"/other_events/{n}" for n in range(len(record["other_events"]))]
        assert [row["record_path"] for row in rows] == ["/main_event", *expected]
        main = record["main_event"]
        assert rows[0]["type"] == main["type"]
        assert rows[0]["time.value"] == (main["time"] or {}).get("value")
        assert json.loads(rows[0]["actors"]) == main["actors"]
        assert {row["record.genre"] for row in rows} == {record["genre"]}
    assert events.columns["time.value"] == "string"
    assert events.columns["named"] == "boolean"


def test_the_files_say_the_same_to_every_reader(
    events: Events, extractions: list[dict[str, Any]], tmp_path: Path
) -> None:
    written = write_parts(lines(extractions), tmp_path, events, "both")
    for name in ("events", "spans", "problems"):
        rows = table(tmp_path, name)
        assert rows
        text = (tmp_path / f"{name}-00001.csv").read_text(encoding="utf-8-sig")
        plain = list(csv.DictReader(text.splitlines(keepends=True)))
        options = pyarrow.csv.ParseOptions(newlines_in_values=True)
        other = pyarrow.csv.read_csv(tmp_path / f"{name}-00001.csv", parse_options=options)
        assert len(plain) == len(rows) == other.num_rows
        assert list(plain[0]) == list(rows[0]) == other.column_names
        for one, two in zip(plain, rows, strict=True):
            assert one == {key: as_csv(value) for key, value in two.items()}
    for row in table(tmp_path, "spans"):
        article = recorded_case(row["article_id"]).article
        assert article.text[row["start"] : row["end"]] == row["text"]
    [first, second] = table(tmp_path, "records")
    assert json.loads(first["record"]) == extractions[0]["record"]
    assert second["article_id"] == NAMES[1]
    assert {part.name: part.rows for part in written.parts}["records-00001.jsonl"] == 2


def as_csv(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def test_writing_again_gives_the_same_bytes(
    events: Events, extractions: list[dict[str, Any]], tmp_path: Path
) -> None:
    def files() -> dict[str, bytes]:
        write_parts(lines(extractions), tmp_path, events, "both", size=1)
        return {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    assert files() == files()
    assert len(files()) == 2 * 8


class Person(BaseModel):
    name: str
    age: int | None = None
    boss: Person | None = None
    status: str = ""


class Deal(BaseModel):
    buyer: str
    price: float
    tags: list[str] = []
    seller: Person | None = None


class Birth(BaseModel):
    kind: Literal["birth"] = "birth"
    who: str


class Death(BaseModel):
    kind: Literal["death"] = "death"
    who: str
    age: int


class Lives(BaseModel):
    place: str
    lives: list[Annotated[Birth | Death, Field(discriminator="kind")]]


class Loose(BaseModel):
    counts: dict[str, int]
    mixed: int | str


def rows_of(record: BaseModel) -> tuple[Events, list[dict[str, Any]]]:
    events = Events.of(Schema.of_model(type(record)).json_schema)
    article = {"id": "a", "digest": "d", "published": None, "outlet": None, "language": None}
    made = {"article": article, "status": "complete", "record": record.model_dump(mode="json")}
    common = ("article_", "record_")
    return events, [
        {key: value for key, value in row.items() if not key.startswith(common)}
        | {"path": row["record_path"]}
        for cells in events.rows(made)
        for row in [dict(zip(events.columns, cells, strict=True))]
    ]


def test_a_flat_schema_is_one_event() -> None:
    events, [row] = rows_of(Loose(counts={"a": 1}, mixed=3))
    assert row == {"counts": '{"a": 1}', "mixed": "3", "path": ""}
    assert events.columns["counts"] == events.columns["mixed"] == "json"


def test_objects_are_events_and_what_is_beside_them_is_repeated() -> None:
    events, [row] = rows_of(Deal(buyer="A", price=1.5, seller=Person(name="B")))
    assert row == {
        "name": "B", "age": None, "boss": None, "status": "",
        "record.buyer": "A", "record.price": 1.5, "record.tags": "[]", "path": "/seller",
    }  # fmt: skip
    assert events.columns["boss"] == "json", "a person in a person has no end"
    assert events.columns["age"] == "integer"
    _, [without] = rows_of(Deal(buyer="A", price=1))
    assert (without["record.buyer"], without["path"]) == ("A", "")


def test_a_list_of_several_kinds_has_the_columns_of_all() -> None:
    events, rows = rows_of(Lives(place="Oslo", lives=[Birth(who="A"), Death(who="B", age=90)]))
    assert [(row["kind"], row["who"], row["age"]) for row in rows] == [
        ("birth", "A", None),
        ("death", "B", 90),
    ]
    assert [row["path"] for row in rows] == ["/lives/0", "/lives/1"]
    assert {row["record.place"] for row in rows} == {"Oslo"}
    assert events.columns["kind"] == "string"


def test_what_no_table_can_hold_is_marked_and_a_formula_is_text(tmp_path: Path) -> None:
    article = Article(id="=1+1", text="A ferry sank.")
    problem = Problem(code="x", path="", message="m", quote='cut \ud83d and \0\r\n"quoted"')
    made = {
        "article": {"id": article.id, "title": None, "published": "2026-03-09", "outlet": None,
                    "language": None, "digest": article.digest},
        "status": "complete",
        "record": {"counts": {}, "mixed": 2**70},
        "evidence": {"/mixed": Evidence(support="quoted", spans=(
            Span(text="ferry", start=2, end=7, alignment="exact"),)).model_dump(mode="json")},
        "problems": [problem.model_dump(mode="python")],
        "provenance": None,
    }  # fmt: skip
    events = Events.of(Schema.of_model(Loose).json_schema)
    write_parts([json.dumps(made)], tmp_path, events, "both")
    [row] = table(tmp_path, "problems")
    assert row["quote"] == 'cut \ufffd and \ufffd\r\n"quoted"'
    with (tmp_path / "problems-00001.csv").open(encoding="utf-8-sig", newline="") as stream:
        [same] = csv.DictReader(stream)
    assert same["quote"] == row["quote"]
    [span] = table(tmp_path, "spans")
    assert (span["article_id"], span["value"]) == ("=1+1", str(2**70))
    [event] = table(tmp_path, "events")
    assert str(event["article_published"]) == "2026-03-09"


def test_an_article_without_a_record_has_no_event(events: Events) -> None:
    assert list(events.rows({"record": None})) == []
