"""Scoring files: what counts as the same in a field, and what a field weighs."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from extractor.catalog import Schema
from extractor.errors import InputError
from extractor.evals.comparison import ALL, compare, read_run
from extractor.evals.metrics import same_date, same_number, same_tokens
from extractor.evals.scores import score_each
from extractor.evals.scoring import read_scoring
from extractor.records import Verbatim


class Person(BaseModel):
    name: Annotated[str, Verbatim]
    age: int | None


class Meeting(BaseModel):
    trigger: Annotated[str | None, Verbatim]
    day: date | None
    people: list[Person]
    host: Person | None


SCHEMA = Schema.of_model(Meeting).json_schema


@pytest.mark.parametrize(
    ("gold", "predicted", "days", "same"),
    [
        ("2026-03-09", "2026-03-09", 0, True),
        ("2026-03-09", "2026-03-11", 1, False),
        ("2026-03-09", "2026-03-11", 2, True),
        ("2026-03", "2026-03-31", 0, True),  # a day of the gold month
        ("2026-12", "2027-01-01", 0, False),
        ("2026-12", "2027-01-01", 1, True),
        ("2026-03-09", "2026-03", 21, False),  # the 31st is 22 days off
        ("2026-03-09", "2026-03", 22, True),
        ("2024", "2024-02-29", 0, True),
        ("2026-03-09T10:00", "2026-03-09", 0, True),
        ("soon", "soon", 0, True),
        ("2026-03-09", "soon", 99, False),
        ("2026-02-30", "2026-02-28", 9, False),
    ],
)
def test_dates_are_compared_at_the_granularity_of_gold(
    gold: str, predicted: str, days: int, same: bool
) -> None:
    assert same_date(gold, predicted, days) is same


@pytest.mark.parametrize(
    ("one", "other", "tolerance", "same"),
    [
        (40, 42, 2, True),
        (40, 43, 2, False),
        ("40", 40.0, 0, True),
        ("forty", "forty", 0, True),
        ("forty", 40, 9, False),
        (True, 1, 0, True),  # as values are without a metric
        (True, 2, 5, False),
    ],
)
def test_numbers_are_compared_by_their_difference(
    one: Any, other: Any, tolerance: float, same: bool
) -> None:
    assert same_number(one, other, tolerance) is same


def test_tokens_are_compared_as_sets() -> None:
    """Three words that both have, of four that either has."""
    assert same_tokens("olav renn the mayor", "mayor olav renn", 0.25)
    assert not same_tokens("olav renn the mayor", "mayor olav renn", 0.24)
    assert same_tokens("mayor, olav", "olav mayor", 0)
    assert not same_tokens("!", "?", 0.9)


def rules(tmp_path: Path, text: str) -> Any:
    (tmp_path / "scoring.toml").write_text(text, encoding="utf-8")
    return read_scoring(tmp_path, SCHEMA)


GOLD = {"trigger": "the talks", "day": "2026-03-09", "people": [{"name": "Olav Renn", "age": 40}]}
FOUND = {"trigger": "Talks", "day": "2026-03-10", "people": [{"name": "Mayor Renn", "age": 41}]}


def outcomes(found: Any) -> dict[str, tuple[int, int]]:
    [scores] = score_each([(GOLD, FOUND)], SCHEMA, found)
    return {field.path: (field.right, field.wrong) for field in scores.fields}


def test_fields_are_compared_by_their_rules_and_else_by_type(tmp_path: Path) -> None:
    assert outcomes({})["trigger"] == (1, 0)
    assert outcomes({})["day"] == (0, 1)
    found = rules(
        tmp_path,
        """
        trigger = {metric = "exact"}
        day = {metric = "date", tolerance = 1}
        "people/*/name" = {metric = "tokens", tolerance = 0.7}
        "people/*/age" = {metric = "number", tolerance = 1}
        """,
    )
    assert outcomes(found) == {
        "trigger": (0, 1),
        "day": (1, 0),
        "people/*/name": (1, 0),  # one word of three
        "people/*/age": (1, 0),
    }


def test_a_field_counts_by_its_weight_among_all_values(tmp_path: Path) -> None:
    """One right value that weighs 3, and a missing one that weighs 1 or nothing."""
    found = rules(tmp_path, "trigger.weight = 3")
    gold, predicted = {"trigger": "met", "day": "2026-03-09"}, {"trigger": "met", "day": None}
    [scores] = score_each([(gold, predicted)], SCHEMA, found)
    assert (scores.micro.right, scores.micro.gold, scores.micro.predicted) == (3, 4, 3)
    assert [field.gold for field in scores.fields] == [1, 1]  # by itself it is one value
    [scores] = score_each([(gold, predicted)], SCHEMA, rules(tmp_path, "day.weight = 0"))
    assert scores.micro.f1 == 1


def test_the_file_lies_beside_the_cases(tmp_path: Path) -> None:
    assert read_scoring(tmp_path, SCHEMA) == {}
    found = rules(tmp_path, "day.weight = 2")
    assert found["day"].weight == 2
    assert read_scoring(tmp_path / "cases.jsonl", SCHEMA) == found


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[", "cannot be read", "docs/evaluation"),
        (
            "dy.weight = 2",
            "the schema has no field 'dy'",
            "a record has trigger, day, people, host",
        ),
        ('"people/name".weight = 2', "no field 'people/name'", "people has \\*"),
        ('"people/*/nam".weight = 2', "no field", r"people/\* has name, age"),
        ('"day/year".weight = 2', "no field 'day/year'", "day has no fields"),
        ("host.weight = 2", "host holds other values", "host has name, age"),
        ('day.metric = "dates"', "day: metric: Input should be 'exact'", "metric .exact, folded"),
        ("day.tolerance = 2", "a tolerance needs a metric of tokens, number, date", "keys"),
        ("day.weight = 0.5", "day: weight: Input should be a valid integer", "keys"),
        ("day.wait = 2", "day: wait: Extra inputs are not permitted", "weight"),
        ('trigger = {metric = "tokens", tolerance = 1}', "is a share below 1", "keys"),
        ("day = 2", "day: Input should be", "keys"),
    ],
)
def test_what_means_nothing_is_refused(tmp_path: Path, text: str, message: str, hint: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        rules(tmp_path, text)
    assert "scoring.toml" in caught.value.message
    assert re.search(hint, caught.value.hint)


def test_runs_by_other_rules_are_not_compared(tmp_path: Path) -> None:
    def stored(name: str, weight: int) -> Path:
        fields = [
            {"path": "day", "right": 1, "wrong": 0, "missing": 0, "spurious": 0},
            {"path": "trigger", "right": 0, "wrong": 1, "missing": 0, "spurious": 0},
        ]
        rule = {"metric": None, "tolerance": 0.0, "weight": weight}
        articles = [{"id": f"a{n}", "status": "complete", "fields": fields} for n in range(2)]
        run = {"prompt": name, "schema": "s", "model": "m", "articles": articles}
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({**run, "scoring": {"day": rule}}), encoding="utf-8")
        return path

    twice, once = read_run(stored("twice", 2)), read_run(stored("once", 1))
    everything = compare(twice, twice)[0]
    assert everything.path == ALL
    assert everything.difference.first == pytest.approx(2 / 3)
    with pytest.raises(InputError, match="by different rules for day"):
        compare(twice, once)
