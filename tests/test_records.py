"""The values that flow through extractor, and their JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, ValidationError

from extractor.records import (
    Article,
    ArticleInfo,
    Computed,
    Derived,
    Evidence,
    Extraction,
    Problem,
    Provenance,
    Reference,
    Span,
    Usage,
    Verbatim,
    digest,
    record_json,
)

ARTICLE = Article(
    text="Ann met Bob.\r\nThey spoke — at length.",
    title="A meeting",
    published=date(2026, 3, 9),
    outlet="The Gazette",
    language="en",
)


class Colour(StrEnum):
    RED = "red"


class Thing(BaseModel):
    name: Annotated[str, Verbatim]
    colour: Annotated[Colour, Derived("name")] = Colour.RED
    made: date | None = None
    size: Annotated[float | None, Field(alias="size-cm")] = None


def provenance() -> Provenance:
    return Provenance(
        extractor="0.1.0",
        prompt=Reference(id="event@1", digest="00"),
        record_schema=Reference(id="event@1", digest="11"),
        article_digest=ARTICLE.digest,
        model_asked="m",
        model_answered=None,
        endpoint="embedded",
        wire="strict",
        parameters={"temperature": 0.0},
        attempts=2,
        usage=Usage(input_tokens=3, output_tokens=1),
        seconds=1.5,
        time=datetime(2026, 3, 9, 12, tzinfo=UTC),
    )


def extraction(name: str = "Ann") -> Extraction[Thing]:
    span = Span(text=name, start=0, end=len(name), alignment="exact")
    return Extraction(
        article=ArticleInfo.of(ARTICLE),
        status="partial",
        record=Thing.model_validate({"name": name, "made": "2026-03-01", "size-cm": 2}),
        evidence={"/name": Evidence(support="quoted", spans=(span,))},
        problems=(Problem(code="uncited", path="/colour", message="no words"),),
        provenance=provenance(),
    )


# ---------------------------------------------------------------- articles


def test_the_digest_of_an_article_does_not_move() -> None:
    """Ledgers and records name articles by it: when it moves, paid answers are lost."""
    expected = "cba43d67f39da07eb61b2f9ad5f27ac7e26ac6dc47c1b6688fce50e0a916cf96"
    assert ARTICLE.digest == expected
    assert ARTICLE.id == expected[:16]


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Ann met Bob.\nThey spoke — at length."},
        {"title": None},
        {"published": date(2026, 3, 10)},
        {"outlet": "The Times"},
        {"language": None},
    ],
)
def test_the_digest_covers_what_can_change_a_record(change: dict[str, Any]) -> None:
    assert Article(**{**ARTICLE.model_dump(exclude={"id"}), **change}).digest != ARTICLE.digest


@pytest.mark.parametrize("change", [{"id": "another"}, {"url": "https://example.org/a"}])
def test_the_digest_leaves_out_what_cannot(change: dict[str, Any]) -> None:
    assert Article(**{**ARTICLE.model_dump(), **change}).digest == ARTICLE.digest


def test_the_digest_goes_by_value_not_by_order() -> None:
    assert digest({"a": 1, "b": [2, "é"]}) == digest({"b": [2, "é"], "a": 1})
    assert digest([1, 2]) != digest([2, 1])
    assert digest("\ud800")  # a file of the user's can hold that; it must not fail


def test_an_id_is_kept_and_an_empty_one_is_made() -> None:
    assert Article(text="x", id="mine").id == "mine"
    assert Article(text="x").id == Article(text="x", id="").id == Article(text="x").digest[:16]
    assert Article.model_validate(ARTICLE.model_dump(mode="json")) == ARTICLE


DAYS = [
    ("2026-03-09", date(2026, 3, 9)),
    (date(2026, 3, 9), date(2026, 3, 9)),
    (datetime(2026, 3, 9, 23, 30, tzinfo=UTC), date(2026, 3, 9)),
    ("2026-03-09T23:30:00Z", date(2026, 3, 9)),
    # The day where it was published, not the day in Greenwich.
    ("2026-03-09T23:30:00-05:00", date(2026, 3, 9)),
    ("2026-03-09 08:15", date(2026, 3, 9)),
    (None, None),
]


@pytest.mark.parametrize(("given", "day"), DAYS)
def test_published_is_a_day(given: Any, day: date | None) -> None:
    assert Article(text="x", published=given).published == day


@pytest.mark.parametrize(
    "given", ["2026-02-30", "9 March 2026", "yesterday", "2026-13-01T00:00:00Z", "", "2026", True]
)
def test_what_is_no_day_is_refused(given: Any) -> None:
    with pytest.raises(ValidationError, match="published"):
        Article(text="x", published=given)


@pytest.mark.parametrize("text", ["", " \n\t\u00a0", "a\0b", "a\ud800b"])
def test_what_is_no_text_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="text"):
        Article(text=text)


def test_values_are_frozen_and_know_their_fields() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        ARTICLE.text = "other"
    with pytest.raises(ValidationError, match="Extra"):
        Article.model_validate({"text": "x", "texts": "y"})


def test_an_article_in_an_extraction_is_all_but_its_text() -> None:
    shown = ArticleInfo.of(ARTICLE).model_dump()
    assert set(shown) == {"id", "title", "published", "outlet", "language", "digest"}
    assert shown["digest"] == ARTICLE.digest


# ---------------------------------------------------------------- markers


def test_markers_travel_in_the_json_schema() -> None:
    class Model(BaseModel):
        text: Annotated[str | None, Verbatim]
        kind: Annotated[Colour, Derived("text", "../cue")]
        value: Annotated[float | None, Computed("text", by="number.value")]

    found = {k: v["x-support"] for k, v in Model.model_json_schema()["properties"].items()}
    assert found == {
        "text": {"kind": "verbatim"},
        "kind": {"kind": "derived", "from": ["text", "../cue"]},
        "value": {"kind": "computed", "from": ["text"], "by": "number.value"},
    }


def test_a_derived_or_computed_value_needs_a_source() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Derived()
    with pytest.raises(ValueError, match="at least one"):
        Computed(by="number.value")


# ---------------------------------------------------------------- extractions


def test_the_json_of_an_extraction() -> None:
    assert extraction().to_dict() == {
        "article": {
            "id": ARTICLE.id,
            "title": "A meeting",
            "published": "2026-03-09",
            "outlet": "The Gazette",
            "language": "en",
            "digest": ARTICLE.digest,
        },
        "status": "partial",
        "record": {"name": "Ann", "colour": "red", "made": "2026-03-01", "size-cm": 2.0},
        "evidence": {
            "/name": {
                "support": "quoted",
                "spans": [{"text": "Ann", "start": 0, "end": 3, "alignment": "exact"}],
            }
        },
        "problems": [
            {
                "code": "uncited",
                "path": "/colour",
                "message": "no words",
                "severity": "warning",
                "quote": None,
            }
        ],
        "provenance": {
            "extractor": "0.1.0",
            "prompt": {"id": "event@1", "digest": "00"},
            "schema": {"id": "event@1", "digest": "11"},
            "article_digest": ARTICLE.digest,
            "model_asked": "m",
            "model_answered": None,
            "endpoint": "embedded",
            "wire": "strict",
            "decoding": "schema",
            "citations": False,
            "parameters": {"temperature": 0.0},
            "attempts": 2,
            "windows": 1,
            "repairs": 0,
            "usage": {"input_tokens": 3, "cached_tokens": 0, "output_tokens": 1},
            "cost": None,
            "seconds": 1.5,
            "time": "2026-03-09T12:00:00Z",
        },
    }


def test_the_json_comes_back_as_the_same_values() -> None:
    made = extraction()
    read = json.loads(made.to_json())
    assert ArticleInfo.model_validate(read["article"]) == made.article
    assert Thing.model_validate(read["record"]) == made.record
    assert {k: Evidence.model_validate(v) for k, v in read["evidence"].items()} == made.evidence
    assert tuple(map(Problem.model_validate, read["problems"])) == made.problems
    assert Provenance.model_validate(read["provenance"]) == made.provenance


def test_an_extraction_without_a_record() -> None:
    failed: Extraction[Thing] = Extraction(
        ArticleInfo.of(ARTICLE), "failed", None, {}, (), provenance=None
    )
    shown = json.loads(failed.to_json())
    assert (shown["record"], shown["provenance"], shown["evidence"]) == (None, None, {})


def test_an_extraction_is_one_line_for_every_reader() -> None:
    name = "a\nb\r\x0b\x0c\x1c\x1e\x85c\u2028d\u2029é😀"
    line = extraction(name).to_json()
    assert len(line.splitlines()) == 1
    assert json.loads(line)["record"]["name"] == name
    assert "é😀" in line


def test_the_json_of_a_record_uses_its_aliases() -> None:
    thing = Thing.model_validate({"name": "x", "size-cm": 1})
    assert record_json(thing) == {"name": "x", "colour": "red", "made": None, "size-cm": 1.0}
    assert Thing.model_validate(record_json(thing)) == thing


def test_an_infinite_number_is_null_in_json_which_has_none() -> None:
    class Measured(BaseModel):
        metres: float

    found = Extraction(
        ArticleInfo.of(ARTICLE), "complete", Measured(metres=float("inf")), {}, (), None
    )
    assert json.loads(found.to_json())["record"] == {"metres": None}


def test_usage_adds_up() -> None:
    one = Usage(input_tokens=5, cached_tokens=2, output_tokens=1)
    assert one + one == Usage(input_tokens=10, cached_tokens=4, output_tokens=2)
