"""Stored extractions: read back, verified, and read as a newer version."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extractor.catalog import Catalog, lock_schemas
from extractor.errors import CatalogError, InputError
from extractor.extractions import parse_extraction, read_extraction, verify
from extractor.records import Article, record_json
from tests.catalog_files import catalog_of, write_schema
from tests.stored import extraction

ARTICLE = Article(text="“We\ngo,” Ann said. Police said that Bob stays.", id="one", title="Ann")
DRAFT = {
    "attributions": [
        {"source": "Ann", "cue": "said", "content": "We go"},
        {"source": "Police", "cue": "said", "content": "Bob stays"},
    ]
}
CATALOG = Catalog.open()
LINE = extraction(DRAFT, ARTICLE, CATALOG.schema("attributions@1")).to_json()


def test_what_was_written_is_read() -> None:
    found = read_extraction(LINE, CATALOG, article=ARTICLE)
    assert type(found.record) is CATALOG.schema("attributions@1").model
    assert found.to_json() == LINE
    assert read_extraction(json.loads(LINE), CATALOG) == found


def test_an_older_version_is_read_as_a_newer_one() -> None:
    found = read_extraction(LINE, CATALOG, "attributions@2", article=ARTICLE)
    assert type(found.record) is CATALOG.schema("attributions@2").model
    first, second = record_json(found.record)["attributions"]
    assert first == {**DRAFT["attributions"][0], "parent": None, "directness": "direct"}
    assert second["directness"] == "indirect"
    old = json.loads(LINE)
    assert [
        e.model_dump(mode="json") for e in found.evidence.values() if e.support == "quoted"
    ] == [*old["evidence"].values()]
    assert found.provenance is not None
    assert found.provenance.record_schema.id == "attributions@2"
    told = found.problems[-1]
    assert (told.code, told.message) == (
        "upcast",
        "written as attributions@1, read as attributions@2",
    )


def test_what_was_upcast_can_be_stored_again() -> None:
    found = read_extraction(LINE, CATALOG, "attributions@2", article=ARTICLE)
    assert read_extraction(found.to_json(), CATALOG, article=ARTICLE) == found
    with pytest.raises(CatalogError, match="attributions@2 cannot be read as attributions@1"):
        read_extraction(found.to_json(), CATALOG, "attributions@1")


def test_an_extraction_without_a_record_stays_as_it_is() -> None:
    failed = {**json.loads(LINE), "status": "failed", "record": None, "evidence": {}}
    found = read_extraction({**failed, "provenance": None}, CATALOG, "attributions@2")
    assert (found.status, found.record) == ("failed", None)
    assert verify(parse_extraction(failed), CATALOG, article=ARTICLE) == ()


Change = Callable[[dict[str, Any]], object]
SPAN = "/attributions/0/source"
WRONG: list[tuple[Change, str, str]] = [
    (
        lambda e: e["article"].update(digest="0"),
        "article_changed /article/digest",
        "another article",
    ),
    (
        lambda e: e["provenance"].update(article_digest="0"),
        "article_changed /article/digest",
        "another article",
    ),
    (
        lambda e: e["provenance"]["schema"].update(digest="0"),
        "schema_changed /provenance/schema",
        "changed since",
    ),
    (
        lambda e: e["provenance"]["schema"].update(id="attributions@99"),
        "catalog.unknown /provenance/schema",
        "attributions@99",
    ),
    (lambda e: e.update(provenance=None), "invalid /provenance", "no provenance"),
    (
        lambda e: e["record"]["attributions"][0].update(cue=None),
        "invalid /record/attributions/0/cue",
        "valid string",
    ),
    (
        lambda e: e["record"]["attributions"][0].update(source="Eve"),
        f"evidence /evidence/{SPAN}",
        "'Eve' is not the quotation 'Ann'",
    ),
    (
        lambda e: e["evidence"].pop(SPAN),
        f"evidence /record{SPAN}",
        "nothing says how this value is supported",
    ),
    (
        lambda e: e["evidence"][SPAN].update(spans=[]),
        f"evidence /evidence/{SPAN}",
        "it is quoted, but no words are named",
    ),
    (
        lambda e: e["evidence"].update({"/else": e["evidence"][SPAN]}),
        "evidence /evidence//else",
        "no such value",
    ),
    (
        lambda e: e["evidence"][SPAN]["spans"][0].update(end=99),
        f"evidence /evidence/{SPAN}",
        "'Ann' is not as long",
    ),
]


@pytest.mark.parametrize(("change", "where", "said"), WRONG)
def test_what_does_not_hold_is_a_problem(change: Change, where: str, said: str) -> None:
    """Found in the stored extraction alone, and then it is not read."""
    stored = json.loads(LINE)
    change(stored)
    found = verify(parse_extraction(stored), CATALOG)
    assert {problem.severity for problem in found} == {"error"}
    assert where in {f"{problem.code} {problem.path}" for problem in found}
    assert any(said in problem.message for problem in found)
    with pytest.raises(InputError, match="line 7: it does not hold: ") as caught:
        read_extraction(stored, CATALOG, where="line 7")
    assert said in caught.value.message


def test_the_article_shows_more() -> None:
    stored = json.loads(LINE)
    stored["evidence"][SPAN]["spans"][0].update(start=0, end=3)
    assert verify(parse_extraction(stored), CATALOG) == ()
    [problem] = verify(parse_extraction(stored), CATALOG, article=ARTICLE)
    assert problem.message == "'Ann' does not stand at 0 to 3 of the article"
    other = ARTICLE.model_copy(update={"title": "Bob"})
    [problem] = verify(parse_extraction(LINE), CATALOG, article=other)
    assert problem.code == "article_changed"


@pytest.mark.parametrize(
    ("line", "said"),
    [("{", "not usable JSON"), ("[]", "not an extraction"), ("{}", "article: Field required")],
)
def test_what_is_no_extraction(line: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        parse_extraction(line)


NOTE = "from pydantic import BaseModel\nclass Note(BaseModel):\n    text: str\nSCHEMA = Note\n"


def test_a_draft_that_was_edited_no_longer_fits_its_records(tmp_path: Path) -> None:
    write_schema(tmp_path / "schemas", "note", 1, NOTE)
    catalog = catalog_of(tmp_path)
    line = extraction({"text": "Ann"}, ARTICLE, catalog.schema("note@1")).to_json()
    write_schema(tmp_path / "schemas", "note", 1, NOTE + "# edited\n")
    [problem] = verify(parse_extraction(line), catalog)
    assert problem.message.startswith("note@1 (")
    assert problem.message.endswith("v1.py) was changed since this was extracted")


def test_another_pydantic_does_not_break_a_released_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its digest may then be another one, but not that of the committed JSON Schema."""
    write_schema(tmp_path / "schemas", "note", 1, NOTE)
    catalog = catalog_of(tmp_path)
    lock_schemas(catalog, ["note@1"])
    schema = catalog.schema("note@1")
    line = extraction({"text": "Ann"}, ARTICLE, schema).to_json()
    worded = {**schema.json_schema, "title": "Worded anew"}
    monkeypatch.setattr(schema.model, "model_json_schema", lambda **_: worded)
    assert catalog.schema("note@1").digest != schema.digest
    assert read_extraction(line, catalog, article=ARTICLE).to_json() == line
