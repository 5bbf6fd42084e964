"""Scores: what counts as right, how lists are paired, and laws that hold for every record."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from rich.console import Console

from extractor.cases import Case
from extractor.catalog import Prompt, Recipe, Schema
from extractor.catalog.prompt import Section
from extractor.errors import CassetteMiss, InputError
from extractor.evals import Run, run
from extractor.evals.alignment import LARGEST_EXACT, assign
from extractor.evals.report import run_json, run_table
from extractor.evals.scores import (
    Average,
    FieldScore,
    Scores,
    Share,
    comparable_text,
    evidence_share,
    is_closed,
    score,
)
from extractor.model import Completion, Parameters, Request
from extractor.records import Article, Computed, Evidence, Span, Usage, Verbatim


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


def test_long_lists_are_paired_in_reasonable_time() -> None:
    size = LARGEST_EXACT * 6
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


def test_evidence_share() -> None:
    span = Span(text="Ann", start=0, end=3, alignment="exact")
    quoted = Evidence(support="quoted", spans=(span,))
    record = {"trigger": "met", "people": [{"name": "Ann", "a/b": 1}], "tags": [], "day": None}
    evidence = {
        "/people/0/name": quoted,
        "/people/0/a~1b": quoted,
        "/trigger": Evidence(support="none"),
        "/gone": quoted,
    }
    assert evidence_share([(record, evidence), (None, {})]) == Share(2, 3)
    assert Share(0, 0).rate is None


# Runs and reports


class Noted(BaseModel):
    trigger: Annotated[str | None, Verbatim]


def noted_recipe() -> Recipe:
    prompt = Prompt(
        name="note",
        version=1,
        status="draft",
        digest="",
        path=Path("note/v1.md"),
        parent=None,
        changelog="",
        schema_name="Noted",
        parameters=Parameters(max_tokens=50),
        inputs=("text",),
        sections=(Section("user", "{{ text }}", 1),),
    )
    return Recipe(prompt, Schema.of_model(Noted))


class Parrot:
    """A model that finds the second word to be the trigger, and does not know three words."""

    name = "parrot"
    endpoint: Literal["embedded", "remote"] = "embedded"

    async def complete(self, request: Request) -> Completion:
        words = request.messages[-1].content.rstrip(".").split()
        content = json.dumps({"trigger": words[1]}) if len(words) != 3 else "no idea"
        return Completion(
            content=content,
            finish_reason="stop",
            refusal=None,
            model="parrot",
            usage=Usage(),
            attempts=1,
            seconds=0.1,
            time="2026-03-09T12:00:00+00:00",
            raw={},
        )


def noted(name: str, text: str, trigger: str | None) -> Case:
    return Case(article=Article(id=name, text=text), schema_id="Noted", gold={"trigger": trigger})


CASES = [
    noted("right", "Ann met Bob today.", "met"),
    noted("wrong", "Ann has met Bob.", "met"),
    noted("failed", "Ann met Bob.", "met"),
]


def test_a_run_scores_every_case_in_order() -> None:
    progress: list[tuple[int, int]] = []
    found = asyncio.run(
        run(CASES, noted_recipe(), Parrot(), on_progress=lambda *n: progress.append(n))
    )
    assert progress == [(1, 3), (2, 3), (3, 3)]
    assert [result.article.id for result in found.results] == ["right", "wrong", "failed"]
    [field] = found.scores.fields
    assert (field.right, field.wrong, field.missing) == (1, 1, 1)
    assert found.evidence == Share(2, 2)
    assert not found.replayed


def test_a_case_for_another_schema_is_refused() -> None:
    other = CASES[0].model_copy(update={"schema_id": "event@7"})
    with pytest.raises(InputError, match="case right is for schema event@7, not Noted"):
        asyncio.run(run([other], noted_recipe(), Parrot()))


def test_a_replay_without_recording_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(CassetteMiss, match=r"right\.yaml: there is no such recording"):
        asyncio.run(run(CASES, noted_recipe(), Parrot(), replay_root=tmp_path))


@pytest.fixture(scope="module")
def parrots() -> Run:
    return asyncio.run(run(CASES, noted_recipe(), Parrot()))


def test_the_table_fits_80_columns(parrots: Run) -> None:
    long = FieldScore("main_event/" + "very_long_name/" * 5 + "*/name", right=1000, wrong=1)
    fields = (*parrots.scores.fields, long, FieldScore("x", missing=1))
    wide = Run(**{**vars(parrots), "scores": Scores(fields)})
    text = shown(wide)
    assert max(map(len, text.splitlines())) <= 80
    assert "note@1 · Noted · parrot" in text
    assert "3 articles answered by the model: 2 complete, 1 failed" in text
    rows = [line.split() for line in text.splitlines()]
    assert ["trigger", "3", "1", "0.500", "0.333", "0.400"] in rows
    assert ["x", "1", "0", "–", "0.000", "0.000"] in rows
    assert "2 of 2 values have evidence (100.0%)" in text


def test_paths_are_no_markup(parrots: Run) -> None:
    bracketed = Run(**{**vars(parrots), "scores": Scores((FieldScore("[red]a", right=1),))})
    assert "[red]a" in shown(bracketed)


def shown(found: Run) -> str:
    console = Console(width=80, file=io.StringIO())
    with console.capture() as capture:
        console.print(run_table(found))
    return capture.get()


def test_the_json_form(parrots: Run) -> None:
    data = json.loads(json.dumps(run_json(parrots), allow_nan=False))
    third = data["articles"][2]
    assert (third["id"], third["status"]) == ("failed", "failed")
    assert third["problems"][0]["code"] == "reply.malformed"
    assert data["fields"] == [{"path": "trigger", **data["micro"]}]
    assert data["micro"] == {
        "right": 1,
        "wrong": 1,
        "missing": 1,
        "spurious": 0,
        "precision": 0.5,
        "recall": pytest.approx(1 / 3),
        "f1": 0.4,
    }
    assert data["evidence"] == {"values": 2, "with_evidence": 2, "rate": 1.0}


@settings(max_examples=20)
@given(pairs=st.lists(st.tuples(RECORDS, RECORDS), max_size=5))
def test_cases_add_up(pairs: list[tuple[Any, Any]]) -> None:
    together = score(pairs, SCHEMA).micro
    assert together.right == sum(score([pair], SCHEMA).micro.right for pair in pairs)
