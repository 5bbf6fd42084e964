"""A run seen from other sides: evidence, groups of articles, mix-ups and days off."""

from __future__ import annotations

import asyncio
import io
import json
from collections import Counter
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from rich.console import Console
from typer.testing import CliRunner

from extractor.cases import Case
from extractor.catalog import Recipe, Schema
from extractor.cli import app
from extractor.evals import Run, run
from extractor.evals.breakdowns import (
    NOTHING,
    confusions,
    day_errors,
    evidence_scores,
    groups,
    mean_of_articles,
)
from extractor.evals.metrics import days_outside
from extractor.evals.report import run_json, whole_run_json
from extractor.evals.sections import SECTIONS, show_sections
from extractor.records import Article, Derived, Verbatim
from tests.test_report import Parrot, noted_recipe


class Kind(StrEnum):
    MEETING = "meeting"
    WEATHER = "weather"


class Found(BaseModel):
    who: list[Annotated[str, Verbatim]]
    trigger: Annotated[str | None, Verbatim]
    kind: Annotated[Kind | None, Derived("trigger")]
    day: Annotated[date | None, Derived("trigger")]


class Scripted(Parrot):
    """Answers an article with the JSON that stands in its title's place in `replies`."""

    def __init__(self, replies: dict[str, dict[str, Any]]) -> None:
        self._replies = replies

    async def complete(self, request: Any) -> Any:
        reply = await super().complete(request)
        text = request.messages[-1].content
        return reply.model_copy(update={"content": json.dumps(self._replies[text])})


TEXTS = {
    "one": "Ann met Bob. Later Ann met Cy.",
    "two": "It rained on Ann, who met Bob.",
}
OUTLETS = {"one": "Gazette", "two": None}
GOLD: dict[str, dict[str, Any]] = {
    "one": {"who": ["Ann", "Cy"], "trigger": "met Cy", "kind": "meeting", "day": "2026-03-09"},
    "two": {"who": ["Ann"], "trigger": "rained", "kind": "weather", "day": None},
}
REPLIES: dict[str, dict[str, Any]] = {
    "one": {"who": ["Cy", "Bob"], "trigger": "met Bob", "kind": "meeting", "day": "2026-03-11"},
    "two": {"who": ["Ann"], "trigger": "met", "kind": "meeting", "day": "2026-03-20"},
}


@pytest.fixture(scope="module")
def found() -> Run:
    prompt = noted_recipe().prompt
    recipe = Recipe(prompt, Schema.of_model(Found))
    cases = [
        Case(
            article=Article(id=name, text=text, outlet=OUTLETS[name], language="en"),
            schema_id="Found",
            gold=GOLD[name],
        )
        for name, text in TEXTS.items()
    ]
    model = Scripted({TEXTS[name]: reply for name, reply in REPLIES.items()})
    return asyncio.run(run(cases, recipe, model))


def test_values_stand_side_by_side_with_their_places(found: Run) -> None:
    pairs = {(p.path, p.outcome, p.gold_at, p.predicted_at) for p in found.details[0].pairs}
    assert pairs == {
        ("who/*", "right", "/who/1", "/who/0"),
        ("who/*", "missing", "/who/0", None),
        ("who/*", "spurious", None, "/who/1"),
        ("trigger", "wrong", "/trigger", "/trigger"),
        ("kind", "right", "/kind", "/kind"),
        ("day", "wrong", "/day", "/day"),
    }


def test_a_right_value_may_have_the_wrong_words(found: Run) -> None:
    """The kind of the first article is right, but rests on the meeting with Bob."""
    scores = {each.path: each for each in evidence_scores(found)}
    kind = scores["kind"]
    assert (kind.right_values, kind.elsewhere) == (1, 1)
    assert (kind.gold, kind.predicted, kind.right, kind.f1) == (2, 2, 0, 0.0)
    who = scores["who/*"]
    assert (who.gold, who.predicted, who.right, who.elsewhere) == (3, 3, 2, 0)
    assert who.f1 == pytest.approx(2 / 3)
    assert who.overlap == 1.0


def test_articles_are_grouped(found: Run) -> None:
    by_outlet = groups(found, "outlet")
    assert [(group.name, group.articles) for group in by_outlet] == [
        ("Gazette", 1),
        ("not said", 1),
    ]
    [english] = groups(found, "language")
    assert english.scores == found.scores
    each = [scores.micro.f1 or 0 for scores in found.article_scores]
    assert mean_of_articles(found) == pytest.approx(sum(each) / 2)


def test_the_values_of_enumerations_are_told_apart(found: Run) -> None:
    assert confusions(found) == {
        "kind": Counter({("meeting", "meeting"): 1, ("weather", "meeting"): 1})
    }
    lone = found.details[0].pairs[0]._replace(path="kind", gold=None, predicted="weather")
    odd = replace(found, details=(replace(found.details[0], pairs=(lone,)),))
    assert confusions(odd) == {"kind": Counter({(NOTHING, "weather"): 1})}


def test_days_off_are_counted_at_the_granularity_of_gold(found: Run) -> None:
    [day] = day_errors(found)
    assert (day.path, day.days, day.mean, day.within(1), day.within(7)) == ("day", (2,), 2, 0, 1)
    assert days_outside("2026-03", "2026-03-20") == 0
    assert days_outside("2026-03", "2026-04-02") == 2
    assert days_outside("2026-03-20", "2026-03") == 19
    assert days_outside("soon", "2026-03") is None


def test_sections_are_tables_that_fit(found: Run) -> None:
    console = Console(width=80, file=io.StringIO(), no_color=True)
    show_sections(found, SECTIONS, console)
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    rows = [line.split() for line in text.splitlines()]
    assert max(map(len, text.splitlines())) <= 80
    assert [(row[:5], row[6]) for row in rows if row[:1] == ["kind"] and len(row) == 7] == [
        (["kind", "2", "2", "0", "0.000"], "1")
    ]
    assert ["weather", "meeting", "1"] in rows
    assert ["day", "1", "0.0%", "0.0%", "100.0%", "2.0"] in rows
    data = json.loads(json.dumps(run_json(found), allow_nan=False))
    assert data["confusion"] == {"kind": [["meeting", "meeting", 1], ["weather", "meeting", 1]]}
    assert data["groups"]["language"][0]["articles"] == 2
    assert "article" not in data["articles"][0]
    [first, _] = json.loads(json.dumps(whole_run_json(found), allow_nan=False))["articles"]
    assert first["article"]["text"] == TEXTS["one"]
    assert first["gold_spans"]["/trigger"] == [[23, 29]]
    assert first["replies"] == [json.dumps(REPLIES["one"])]


def test_an_unknown_section_is_refused() -> None:
    done = CliRunner().invoke(app, ["eval", "run", "evals/articles", "--also", "weather"])
    assert done.exit_code == 2
    assert "no section 'weather'" in done.output
