"""Drafts in their short form: what a model is asked in it, and how a reply becomes a draft."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from extractor.catalog import Catalog, Recipe, Schema
from extractor.compact import compact, expand
from extractor.errors import InvalidPrompt
from extractor.grammar import grammar
from extractor.pipeline import extract_one
from extractor.reading import build_request
from extractor.records import Article, Computed, Derived, Verbatim, record_json
from extractor.shape import JsonSchema, child_schema, choose
from extractor.wire import wire_form
from tests.fake_model import FakeModel
from tests.lark_sentences import Lark
from tests.test_grammar import wrong

Words = Annotated[str, Verbatim]
TEXT = "Ann met Bob in Oslo on Monday, police said."


class Kind(StrEnum):
    TOWN = "town"
    LAND = "land"


class Day(BaseModel):
    text: Words
    value: Annotated[date | None, Computed("text", by="time.value")]


class Place(BaseModel):
    text: Words
    kind: Annotated[Kind, Derived("text")]


class Chain(BaseModel):
    link: Words
    next: Chain | None


class Meeting(BaseModel):
    people_who_met: Annotated[list[Words], Field(max_length=3)]
    days: Annotated[list[Day], Field(max_length=3)]
    main_day: Day | None
    place: Place | None
    chain: Chain | None


SCHEMA = Schema.of_model(Meeting).json_schema
NAMES = {"people_who_met": "who", "main_day": "day"}
LONG = {
    "people_who_met": ["Ann", "Bob"],
    "days": [{"text": "Monday"}],
    "main_day": {"text": "Monday"},
    "place": {"text": "Oslo", "kind": "town"},
    "chain": {"link": "Ann", "next": {"link": "Bob", "next": None}},
}
SHORT = {
    "who": ["Ann", "Bob"],
    "days": ["Monday"],
    "day": "Monday",
    "place": {"text": "Oslo", "kind": "town"},
    "chain": {"link": "Ann", "next": {"link": "Bob", "next": None}},
}


def test_a_short_draft_is_expanded() -> None:
    assert expand(SHORT, SCHEMA, NAMES) == LONG


def test_a_draft_that_is_not_short_stays_as_it_is() -> None:
    """An endpoint that holds nobody to a form may answer in the schema's own."""
    assert expand(LONG, SCHEMA, NAMES) == LONG


def test_null_and_nothing_stay_what_they_are() -> None:
    bare: dict[str, Any] = {"who": [], "days": [], "day": None, "place": None, "chain": None}
    long: dict[str, Any] = {
        "people_who_met": [],
        "days": [],
        "main_day": None,
        "place": None,
        "chain": None,
    }
    assert expand(bare, SCHEMA, NAMES) == long
    assert expand({}, SCHEMA, NAMES) == long


@pytest.mark.parametrize("odd", [[1], "Ann", None, {"who": {"who": 3}}, {"x": [[{}]]}, 7, True])
def test_what_is_no_draft_at_all_is_left_to_the_checks_behind(odd: Any) -> None:
    expand(odd, SCHEMA, NAMES)


def test_the_form_that_is_asked() -> None:
    asked = wire_form(compact(SCHEMA, NAMES))
    assert asked.strict
    assert list(asked.schema["properties"]) == ["who", "days", "day", "place", "chain"]
    assert asked.schema["required"] == ["who", "days", "day", "place", "chain"]
    assert asked.schema["properties"]["days"]["items"] == {"type": "string"}
    assert asked.schema["properties"]["day"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}


def test_an_object_that_null_inside_would_hide_stays_one() -> None:
    class Maybe(BaseModel):
        text: Words | None

    class Holder(BaseModel):
        it: Maybe | None

    schema = Schema.of_model(Holder).json_schema
    assert expand({"it": {"text": None}}, schema, {}) == {"it": {"text": None}}
    assert expand({"it": "Ann"}, schema, {}) == {"it": "Ann"}, (
        "which is no answer to what was asked"
    )
    made = wire_form(compact(schema, {})).schema
    assert "properties" in made["$defs"]["Maybe"]


def test_an_object_beside_a_text_stays_one() -> None:
    class Either(BaseModel):
        it: Day | Words

    schema = Schema.of_model(Either).json_schema
    assert expand({"it": "Monday"}, schema, {}) == {"it": "Monday"}
    assert expand({"it": {"text": "Monday"}}, schema, {}) == {"it": {"text": "Monday"}}


def test_two_fields_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidPrompt, match="would have the name 'days'"):
        compact(SCHEMA, {"main_day": "days"})


CATALOG = Catalog.open()
SCHEMAS = {entry.id: CATALOG.schema(entry.id).json_schema for entry in CATALOG.schemas()}


@pytest.mark.parametrize("schema", [SCHEMA, *SCHEMAS.values()], ids=["Meeting", *SCHEMAS])
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_every_short_sentence_is_a_draft_once_expanded(
    schema: JsonSchema, data: st.DataObject
) -> None:
    written = grammar(compact(schema, {}), TEXT, compact=True)
    assert written is not None
    draft = json.loads(Lark.of(written).sentence(data.draw))
    wire = wire_form(schema).schema
    found = in_order(expand(draft, schema, {}), wire, wire)
    assert list(wrong(found, wire, wire)) == []


def in_order(value: Any, schema: JsonSchema, root: JsonSchema) -> Any:
    """A draft with its fields in the schema's order, and a default's field filled in."""
    if isinstance(value, list):
        return [in_order(item, child_schema(schema, 0, root), root) for item in value]
    if not isinstance(value, dict):
        return value
    branch = choose(schema, value, root)
    return {
        key: in_order(value.get(key, "none"), child_schema(branch, key, root), root)
        for key in branch["properties"]
        if key in value or key == "incident_type"
    }


PROMPT = """---
id: meeting
version: 1
status: draft
parent: null
changelog: First version.
schema: incident@1
parameters: {temperature: 0.0, max_tokens: 200, seed: null}
inputs: [text]
%s---
<!-- role: user -->
<{{ fence }}>
{{ text }}
</{{ fence }}>
"""


def recipe(tmp_path: Path, front: str) -> Recipe:
    folder = tmp_path / "prompts" / "meeting"
    folder.mkdir(parents=True)
    (folder / "v1.md").write_text(PROMPT % front)
    catalog = Catalog.open([tmp_path / "prompts"])
    return Recipe(catalog.prompt("meeting@1"), catalog.schema("incident@1"))


def test_a_prompt_says_so_and_a_record_does_not_show_it(tmp_path: Path) -> None:
    found = recipe(tmp_path, "wire: compact\nnames: {perpetrator_individuals: who}\n")
    article = Article(
        text="A bomb exploded in Brenna on Monday. Police accused Osk Maren.",
        published=date(2026, 3, 9),
    )
    request = build_request(article, found)
    assert "perpetrator_individuals" not in json.dumps(request.wire_schema)
    assert request.grammar is not None
    assert '"{\\"trigger\\":"' in request.grammar
    draft = {
        "trigger": "exploded",
        "incident_type": "bombing",
        "stage": "accomplished",
        "time": "Monday",
        "places": ["Brenna"],
        "who": ["Osk Maren"],
        "weapons": ["bomb"],
    }
    model = FakeModel(says=lambda text: json.dumps(draft))
    result = asyncio.run(extract_one(article, found, model))
    assert result.record is not None
    record = record_json(result.record)
    assert result.status == "complete"
    assert record["perpetrator_individuals"] == ["Osk Maren"]
    assert [place["text"] for place in record["places"]] == ["Brenna"]
    assert result.evidence["/time/text"].spans[0].text == "Monday"


def test_names_without_a_compact_wire_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidPrompt, match="names are for a compact wire"):
        recipe(tmp_path, "names: {places: where}\n")


@pytest.mark.parametrize("front", ["wire: short\n", "wire: compact\nnames: {places: 3}\n"])
def test_front_matter_that_says_nothing_is_refused(tmp_path: Path, front: str) -> None:
    with pytest.raises(InvalidPrompt, match=r"wire|names"):
        recipe(tmp_path, front)
