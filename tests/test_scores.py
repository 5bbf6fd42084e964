"""Scores: what counts as right, how lists are paired, and laws that hold for every record."""

from __future__ import annotations

import itertools
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from extractor.catalog import Schema
from extractor.evals.alignment import assign
from extractor.evals.pairing import comparable_text, is_closed, pairs_each
from extractor.evals.scores import (
    Average,
    FieldScore,
    Scores,
    score,
    score_each,
    total,
)
from extractor.records import Computed, Verbatim


class Polarity(StrEnum):
    POSITIVE = "+"
    NEGATIVE = "-"


class Person(BaseModel):
    name: str
    sector: str | None
    age: int | None


class Meeting(BaseModel):
    trigger: Annotated[str | None, Verbatim]
    polarity: Polarity | None
    day: date | None
    country: Annotated[str | None, Computed("trigger", by="country")]
    confirmed: bool | None
    people: list[Person]
    host: Person | None
    tags: list[str]


SCHEMA = Schema.of_model(Meeting).json_schema


def counts(gold: Any, predicted: Any) -> dict[str, tuple[int, int, int, int]]:
    """Right, wrong, missing, spurious by field."""
    return {
        field.path: (field.right, field.wrong, field.missing, field.spurious)
        for field in score([(gold, predicted)], SCHEMA).fields
    }


# Values


@pytest.mark.parametrize(
    ("gold", "predicted"),
    [
        ("The Kremlin", "kremlin"),
        ("“met”", '"met"'),
        ("met,", "met"),
        ("Kim Jong\nUn", "Kim Jong Un"),
        ("a summit", "the summit"),
        ("Caf\u00e9", "Cafe\u0301"),
    ],
)
def test_the_same_words(gold: str, predicted: str) -> None:
    assert counts({"trigger": gold}, {"trigger": predicted}) == {"trigger": (1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("gold", "predicted"),
    [
        ("-5", "5"),
        ("5 %", "5 $"),
        ("+", "-"),
        ("a", "the"),
        ("...", "!"),
        ("Kim Jong Un", "Kim Jong Il"),
        ("theatre", "atre"),
        ("14", "15"),
        ("not met", "met"),
    ],
)
def test_not_the_same_words(gold: str, predicted: str) -> None:
    assert counts({"trigger": gold}, {"trigger": predicted}) == {"trigger": (0, 1, 0, 0)}


@pytest.mark.parametrize(
    ("field", "gold", "predicted", "right"),
    [
        ("polarity", "+", "+", True),
        ("polarity", "+", "-", False),
        ("day", "2026-03-09", "2026-03-09", True),
        ("day", "2026-03-09", "2026-03-10", False),
        ("country", "KOR", "KOR", True),
        ("country", "KOR", "kor", False),
        ("confirmed", True, True, True),
        ("confirmed", True, 1, False),
        ("confirmed", False, False, True),
    ],
)
def test_what_is_no_text_is_compared_exactly(
    field: str, gold: object, predicted: object, right: bool
) -> None:
    expected = (1, 0, 0, 0) if right else (0, 1, 0, 0)
    assert counts({field: gold}, {field: predicted}) == {field: expected}


def test_numbers_are_compared_as_numbers() -> None:
    assert counts({"host": {"age": 0}}, {"host": {"age": 0.0}}) == {"host/age": (1, 0, 0, 0)}


def test_which_strings_are_closed() -> None:
    closed = {"/polarity", "/day", "/country"}
    paths = {f"/{name}" for name in Meeting.model_fields} | {"/people/*/name", "/tags/*", "/x/y"}
    assert {path for path in paths if is_closed(SCHEMA, path)} == closed


@given(st.text(min_size=1))
def test_no_words_are_compared_as_nothing(text: str) -> None:
    assert comparable_text(text)


# Absent, null and empty


def test_what_gold_does_not_say_is_not_scored() -> None:
    assert counts({}, {"trigger": "met", "people": [{"name": "Ann"}]}) == {}
    assert counts({"people": [{"name": "Ann"}]}, {"people": [{"name": "Ann", "age": 5}]}) == {
        "people/*/name": (1, 0, 0, 0)
    }


@pytest.mark.parametrize("nothing", [None, "", []])
@pytest.mark.parametrize("also", [None, "", []])
def test_nothing_on_both_sides_counts_nothing(nothing: object, also: object) -> None:
    assert counts({"trigger": nothing}, {"trigger": also}) == {}
    assert counts({"trigger": nothing}, {}) == {}
    assert counts({"trigger": nothing}, None) == {}


def test_null_in_gold_means_that_there_must_be_none() -> None:
    predicted = {"trigger": "met", "host": {"name": "Ann", "sector": None, "age": 4}}
    assert counts({"trigger": None, "host": None}, predicted) == {
        "trigger": (0, 0, 0, 1),
        "host/name": (0, 0, 0, 1),
        "host/age": (0, 0, 0, 1),
    }


def test_no_record_is_all_missing() -> None:
    gold = {"trigger": "met", "people": [{"name": "Ann", "age": None}], "day": None}
    assert counts(gold, None) == {"trigger": (0, 0, 1, 0), "people/*/name": (0, 0, 1, 0)}


def test_only_annotated_fields_of_a_surplus_item_are_spurious() -> None:
    gold = {"people": [{"name": "Ann"}]}
    predicted = {"people": [{"name": "Bob", "age": 5}, {"name": "Ann", "age": 4}]}
    assert counts(gold, predicted) == {"people/*/name": (1, 0, 0, 1)}


def test_what_is_annotated_elsewhere_counts_where_gold_is_empty() -> None:
    predicted = {"people": [{"name": "Bob", "age": 5}]}
    pairs = [({"people": [{"name": "Ann"}]}, None), ({"people": []}, predicted)]
    [field] = score(pairs, SCHEMA).fields
    assert (field.path, field.missing, field.spurious) == ("people/*/name", 1, 1)
    alone = counts({"people": []}, predicted)
    assert alone == {"people/*/name": (0, 0, 0, 1), "people/*/age": (0, 0, 0, 1)}


def test_kinds_that_do_not_meet_count_on_both_sides() -> None:
    assert counts({"host": {"name": "Ann"}}, {"host": "Ann"}) == {
        "host/name": (0, 0, 1, 0),
        "host": (0, 0, 0, 1),
    }


# Lists


def test_strings_of_a_list_are_paired_by_equality() -> None:
    gold = {"tags": ["a b", "c", "c", "d"]}
    assert counts(gold, {"tags": ["c", "A  B", "x"]}) == {"tags/*": (2, 0, 2, 1)}


def test_items_are_paired_for_the_most_right_values() -> None:
    ann = {"name": "Ann", "sector": "GOV", "age": 5}
    bob = {"name": "Bob", "sector": "GOV", "age": 6}
    # Greedy pairing in order would give Ann to the first, and leave Bob with nothing.
    mixed = {"name": "Ann", "sector": "GOV", "age": 6}
    assert counts({"people": [ann, bob]}, {"people": [mixed, ann]}) == {
        "people/*/name": (1, 1, 0, 0),
        "people/*/sector": (2, 0, 0, 0),
        "people/*/age": (2, 0, 0, 0),
    }


def test_items_with_nothing_in_common_are_not_paired() -> None:
    gold, predicted = {"people": [{"name": "Ann", "age": 5}]}, {"people": [{"name": "Bob"}]}
    assert counts(gold, predicted) == {"people/*/name": (0, 0, 1, 1), "people/*/age": (0, 0, 1, 0)}


@given(
    st.integers(0, 5).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(0, 9), min_size=width, max_size=width), max_size=5
        )
    )
)
def test_pairs_are_the_best_there_are(weights: list[list[int]]) -> None:
    pairs = assign(weights)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    assert all(weights[i][j] for i, j in pairs)
    columns = len(weights[0]) if weights else 0
    padded = [[*row, *[0] * len(weights)] for row in weights]
    best = max(
        sum(padded[i][j] for i, j in enumerate(order))
        for order in itertools.permutations(range(columns + len(weights)), len(weights))
    )
    assert sum(weights[i][j] for i, j in pairs) == best


def test_long_lists_too_are_paired_for_the_most_right_values() -> None:
    """The best pair of all, taken first, would leave two halves of others alone."""
    size = 12
    weights = [[0] * size for _ in range(size)]
    for n in range(0, size, 2):
        weights[n][n], weights[n][n + 1], weights[n + 1][n] = 5, 4, 4
    pairs = assign(weights)
    assert sum(weights[i][j] for i, j in pairs) == 8 * size / 2
    assert assign([[0, 0], [0, 0]]) == assign([]) == assign([[]]) == assign([[0]]) == []


def test_pairs_know_where_their_values_stand() -> None:
    gold = {"people": [{}, {"name": "Ann"}], "tags": ["", "a"]}
    predicted = {"people": [{"name": "Bob"}, {"name": "Ann"}], "tags": ["a"]}
    [pairs] = pairs_each([(gold, predicted)], SCHEMA)
    places = [(pair.outcome, pair.gold_at, pair.predicted_at) for pair in pairs]
    assert places == [
        ("right", "/people/1/name", "/people/1/name"),
        ("spurious", None, "/people/0/name"),
        ("right", "/tags/1", "/tags/0"),
    ]


def test_long_lists_are_paired_in_reasonable_time() -> None:
    size = 60
    people = [{"name": f"Person {n}", "sector": None, "age": n} for n in range(size)]
    found = counts({"people": people}, {"people": people[::-1]})
    assert found == {"people/*/name": (size, 0, 0, 0), "people/*/age": (size, 0, 0, 0)}


# Laws


WORDS = st.sampled_from(["Ann", "Bob", "Cy"])
PEOPLE = st.fixed_dictionaries(
    {"name": WORDS, "sector": st.none() | WORDS, "age": st.none() | st.integers(0, 2)}
)
RECORDS = st.fixed_dictionaries(
    {
        "trigger": st.none() | WORDS,
        "polarity": st.none() | st.sampled_from(["+", "-"]),
        "people": st.lists(PEOPLE, max_size=5),
        "host": st.none() | PEOPLE,
        "tags": st.lists(WORDS, max_size=4),
    }
)


@given(record=RECORDS)
def test_a_record_scored_against_itself_is_perfect(record: dict[str, Any]) -> None:
    scores = score([(record, record)], SCHEMA)
    for field in scores.fields:
        assert (field.precision, field.recall, field.f1) == (1.0, 1.0, 1.0)
        assert (field.wrong, field.missing, field.spurious) == (0, 0, 0)


@given(gold=RECORDS, predicted=RECORDS)
def test_swapping_the_sides_swaps_precision_and_recall(
    gold: dict[str, Any], predicted: dict[str, Any]
) -> None:
    there, back = score([(gold, predicted)], SCHEMA), score([(predicted, gold)], SCHEMA)
    assert len(there.fields) == len(back.fields)
    for one, other in zip(there.fields, back.fields, strict=True):
        assert one.path == other.path
        assert (one.precision, one.recall, one.f1) == (other.recall, other.precision, other.f1)


@given(gold=RECORDS, predicted=RECORDS, data=st.data())
def test_the_order_of_lists_changes_nothing(
    gold: dict[str, Any], predicted: dict[str, Any], data: st.DataObject
) -> None:
    def shuffled(record: dict[str, Any]) -> dict[str, Any]:
        lists = {key: data.draw(st.permutations(record[key])) for key in ("people", "tags")}
        return {**record, **lists}

    expected = score([(gold, predicted)], SCHEMA)
    assert score([(shuffled(gold), shuffled(predicted))], SCHEMA) == expected


@given(pairs=st.lists(st.tuples(RECORDS, st.none() | RECORDS), max_size=4))
def test_rates_are_rates(pairs: list[tuple[Any, Any]]) -> None:
    scores = score(pairs, SCHEMA)
    everything: list[FieldScore | Average] = [*scores.fields, scores.micro, scores.macro]
    for rated in everything:
        for rate in (rated.precision, rated.recall, rated.f1):
            assert rate is None or 0.0 <= rate <= 1.0
    micro = scores.micro
    assert micro.gold == sum(field.gold for field in scores.fields)
    if micro.precision and micro.recall:
        mean = 2 * micro.precision * micro.recall / (micro.precision + micro.recall)
        assert micro.f1 == pytest.approx(mean)


def test_a_rate_that_would_divide_by_zero_is_none() -> None:
    assert FieldScore("x").f1 is None
    missed, invented = FieldScore("x", missing=2), FieldScore("x", spurious=2)
    assert (missed.precision, missed.recall, missed.f1) == (None, 0.0, 0.0)
    assert (invented.precision, invented.recall, invented.f1) == (0.0, None, 0.0)
    macro = Scores((missed, FieldScore("y", right=1))).macro
    assert (macro.precision, macro.recall, macro.f1) == (1.0, 0.5, 0.5)
    assert Scores(()).macro.f1 is None


@settings(max_examples=20)
@given(pairs=st.lists(st.tuples(RECORDS, RECORDS), max_size=5))
def test_cases_add_up(pairs: list[tuple[Any, Any]]) -> None:
    together = score(pairs, SCHEMA).micro
    assert together.right == sum(score([pair], SCHEMA).micro.right for pair in pairs)


@settings(max_examples=20)
@given(pairs=st.lists(st.tuples(RECORDS, st.none() | RECORDS), max_size=5))
def test_the_scores_of_articles_add_up_to_those_of_all(pairs: list[tuple[Any, Any]]) -> None:
    each = score_each(pairs, SCHEMA)
    assert len(each) == len(pairs)
    assert total(each) == score(pairs, SCHEMA)


def test_an_article_is_scored_by_what_gold_annotates_in_all() -> None:
    """Else the same record would get another score beside other articles."""
    surplus = {"people": [{"name": "Bob", "age": 5}]}
    pairs = [({"people": [{"name": "Ann"}]}, None), ({"people": []}, surplus)]
    [missed, invented] = score_each(pairs, SCHEMA)
    assert (missed.micro.missing, invented.micro.spurious) == (1, 1)
    assert [field.path for field in invented.fields] == ["people/*/name"]


def test_an_object_that_is_null_counts_as_its_values() -> None:
    ann = {"name": "Ann", "sector": None, "age": 4}
    assert counts({"host": ann}, {"host": None}) == {
        "host/name": (0, 0, 1, 0),
        "host/age": (0, 0, 1, 0),
    }
    assert counts({"host": None}, {"host": ann}) == {
        "host/name": (0, 0, 0, 1),
        "host/age": (0, 0, 0, 1),
    }
    assert counts({"host": None}, {"host": {"name": None}}) == {}
