"""Finished records against their words: `check_derived`, `check_computed`, and the pipeline."""

from __future__ import annotations

import copy
import json
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from extractor.catalog import Policy, Recipe, Schema
from extractor.checks import check_computed, check_derived
from extractor.model import Completion
from extractor.pipeline import Reading, assemble
from extractor.records import (
    X_SUPPORT,
    Article,
    Computed,
    Derived,
    Extraction,
    Problem,
    Usage,
    Verbatim,
    record_json,
)
from extractor.validation import check_record
from extractor.windows import Window
from tests.fake_model import FakeModel, sinking
from tests.stored import extraction

TEXT = (
    "Kenyan runners may boycott the race on Monday, said Ida Moen, the mayor.\n\n"
    "At least 14 riders fell on Saturday. Karl Ude told Ida Moen that he was sorry."
)
ARTICLE = Article(text=TEXT, published=date(2024, 3, 17), language="en")


class Certainty(StrEnum):
    CT = "CT"
    PR = "PR"
    PS = "PS"
    U = "U"


class Event(BaseModel):
    trigger: Annotated[str, Verbatim]
    certainty: Annotated[Certainty, Derived("trigger")]


class Toll(BaseModel):
    text: Annotated[str, Verbatim]
    count: Annotated[int | None, Derived("text")]
    exact: Annotated[Decimal | None, Derived("text")] = None
    rank: Annotated[int | None, Derived("text", check="none")] = None
    least: Annotated[float | None, Computed("text", by="number.minimum")]


class Saying(BaseModel):
    source: Annotated[str, Verbatim]
    cue: Annotated[str, Verbatim]


class Team(BaseModel):
    text: Annotated[str, Verbatim]
    country: Annotated[str, Derived("text", check="country")]


class When(BaseModel):
    text: Annotated[str, Verbatim]
    day: Annotated[date | None, Derived("text")]
    value: Annotated[str | None, Computed("text", by="time.value")]


class Report(BaseModel):
    event: Event | None = None
    tolls: list[Toll] = []
    sayings: list[Saying] = []
    team: Team | None = None
    when: When | None = None


SCHEMA = Schema.of_model(Report)
RIGHT: dict[str, Any] = {
    "event": {"trigger": "boycott", "certainty": "PS"},
    "tolls": [{"text": "At least 14 riders", "count": 14, "exact": "14", "rank": 3}],
    "sayings": [{"source": "Ida Moen", "cue": "said"}, {"source": "Karl Ude", "cue": "told"}],
    "team": {"text": "Kenyan runners", "country": "KEN"},
    "when": {"text": "on Saturday", "day": "2024-03-16"},
}


def changed(*steps: str | int, to: Any) -> dict[str, Any]:
    draft = copy.deepcopy(RIGHT)
    inside: Any = draft
    for step in steps[:-1]:
        inside = inside[step]
    inside[steps[-1]] = to
    return draft


def problems_of(draft: dict[str, Any]) -> list[Problem]:
    found = extraction(draft, ARTICLE, SCHEMA)
    assert found.record is not None
    return check_record(record_json(found.record), found.evidence, SCHEMA.json_schema, ARTICLE)


def test_a_record_whose_words_support_it_has_no_problem() -> None:
    assert problems_of(RIGHT) == []


@pytest.mark.parametrize(
    ("steps", "wrong", "kind"),
    [
        (("event", "certainty"), "CT", "certainty"),
        (("tolls", 0, "count"), 15, "number"),
        (("tolls", 0, "exact"), "1.4", "number"),
        (("sayings", 1, "source"), "Ida Moen", "source"),
        (("team", "country"), "ETH", "country"),
        (("when", "day"), "2024-03-17", "date"),
    ],
)
def test_each_kind_of_wrong_value_is_found_where_it_stands(
    steps: tuple[str | int, ...], wrong: Any, kind: str
) -> None:
    (problem,) = problems_of(changed(*steps, to=wrong))
    assert problem.code == f"contradicted.{kind}"
    assert problem.path == "/" + "/".join(map(str, steps))


def edited(path: str, value: Any) -> list[Problem]:
    """A stored record with one of its values changed behind the core's back."""
    found = extraction(RIGHT, ARTICLE, SCHEMA)
    assert found.record is not None
    record = record_json(found.record)
    *steps, last = path.split("/")[1:]
    inside: Any = record
    for step in steps:
        inside = inside[int(step) if isinstance(inside, list) else step]
    inside[last] = value
    return check_computed(record, found.evidence, SCHEMA.json_schema, ARTICLE)


@pytest.mark.parametrize("value", ["2024-03-17", "2024-03", None])
def test_an_edited_computed_value_is_found(value: str | None) -> None:
    (problem,) = edited("/when/value", value)
    assert (problem.code, problem.path) == ("contradicted.computed", "/when/value")
    assert problem.quote == "on Saturday"
    assert "2024-03-16" in problem.message


def test_a_computed_value_in_a_list_is_compared_with_its_own_words() -> None:
    (problem,) = edited("/tolls/0/least", 15.0)
    assert problem.path == "/tolls/0/least"


def test_the_words_decide_at_their_own_place() -> None:
    """The same cue stands twice, each time with another speaker."""
    text = "Ida Moen said no. Karl Ude said yes. Rosa Lind left."
    article = Article(text=text, language="en")
    for source, wrong in (("Ida Moen", 0), ("Karl Ude", 0), ("Rosa Lind", 1)):
        draft = {"sayings": [{"source": source, "cue": "said"}]}
        found = extraction(draft, article, SCHEMA)
        assert found.record is not None
        record = record_json(found.record)
        assert len(check_derived(record, found.evidence, SCHEMA.json_schema, article)) == wrong


def test_values_without_words_or_without_a_check_are_left_alone() -> None:
    class Plain(BaseModel):
        number: int
        mood: str

    schema = Schema.of_model(Plain)
    found = extraction({"number": 99, "mood": "sunny"}, ARTICLE, schema)
    assert found.record is not None
    record = record_json(found.record)
    assert check_record(record, found.evidence, schema.json_schema, ARTICLE) == []


def test_the_marker_carries_the_check_only_where_it_is_named() -> None:
    properties = SCHEMA.json_schema["$defs"]["Team"]["properties"]
    assert properties["country"][X_SUPPORT]["check"] == "country"
    assert "check" not in SCHEMA.json_schema["$defs"]["Event"]["properties"]["certainty"][X_SUPPORT]
    with pytest.raises(ValueError, match="no check 'colour'"):
        Derived("text", check="colour")  # type: ignore[arg-type]


# --------------------------------------------------------------------------- in the pipeline


def assembled(draft: dict[str, Any], policy: Policy) -> Extraction[Any]:
    recipe = Recipe(sinking().prompt, SCHEMA, policy=policy)
    content = json.dumps(draft)
    reply = Completion(
        content=content,
        finish_reason="stop",
        refusal=None,
        model="fake-2026",
        usage=Usage(),
        attempts=1,
        seconds=0.0,
        time="2026-11-22T07:00:00+00:00",
        raw={},
    )
    readings = (Reading(Window(0, len(TEXT)), reply),)
    return assemble(ARTICLE, recipe, readings, FakeModel())


@pytest.mark.parametrize("policy", ["flag", "leave_out"])
def test_a_contradicted_value_is_kept_and_reported(policy: Policy) -> None:
    result = assembled(changed("event", "certainty", to="CT"), policy)
    assert result.status == "partial"
    assert result.record is not None
    assert result.record.event.certainty == "CT"
    (problem,) = (p for p in result.problems if p.code == "contradicted.certainty")
    assert (problem.path, problem.severity) == ("/event/certainty", "warning")


def test_a_contradicted_value_rejects_the_record_where_the_policy_says_so() -> None:
    result = assembled(changed("event", "certainty", to="CT"), "reject")
    assert (result.status, result.record, result.evidence) == ("rejected", None, {})
    assert [p.code for p in result.problems if p.severity == "error"] == ["contradicted.certainty"]


def test_the_problem_points_into_the_draft() -> None:
    """An item before it was left out, so that the record's place is another."""
    draft = changed("tolls", 0, "count", to=15)
    draft["tolls"].insert(0, {"text": "ninety riders", "count": 90})
    result = assembled(draft, "leave_out")
    assert result.record is not None
    assert len(result.record.tolls) == 1
    (problem,) = (p for p in result.problems if p.code == "contradicted.number")
    assert problem.path == "/tolls/1/count"


def test_an_article_of_many_sentences_is_checked_near_the_words() -> None:
    filler = "The band played on and nobody listened. " * 800
    text = f"{filler}\n\nThe mayor may resign. {filler}"
    article = ARTICLE.model_copy(update={"text": text})
    found = extraction({"event": {"trigger": "resign", "certainty": "CT"}}, article, SCHEMA)
    assert found.record is not None
    record = record_json(found.record)
    (problem,) = check_derived(record, found.evidence, SCHEMA.json_schema, article)
    assert "may" in problem.message
