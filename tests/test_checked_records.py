"""What is wrong within a record: participants, times and sources against the words around."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from extractor import Article, Problem, extract
from extractor.checks.record import kind_of
from extractor.checks.trigger_words import TYPES
from tests.fake_model import FakeModel

TEXT = """\
LUNDE, May 2 - Premier Ida Solvang will visit Brenna for talks with Aldo Brandt, Radio Sund \
reported on Monday.
The two will meet on Thursday in the old castle, Brandt's spokesman said.
Jon Vik, speaking to farmers, said on Tuesday that he would stay at home."""
ARTICLE = Article(text=TEXT, published=date(2026, 5, 2), language="en")
VISIT: dict[str, Any] = {
    "actors": [{"name": "Ida Solvang", "sector": "GOV"}],
    "recipients": [{"name": "Aldo Brandt", "sector": "GOV"}],
    "places": [{"text": "Brenna", "role": "destination"}],
    "type": "CONSULT",
    "mode": "visit",
    "trigger": "visit",
    "factuality": {"cue": None, "certainty": "CT", "polarity": "+", "tense": "FUTURE"},
    "time": {"text": "Thursday"},
    "quantities": [],
}
SAID = {"source": "Radio Sund", "cue": "reported", "content": "will visit Brenna for talks"}


def contradicted(
    changes: dict[str, Any] | None = None, said: dict[str, Any] = SAID
) -> list[Problem]:
    """What the words of a record of the article contradict."""
    draft = {
        "lead": "Premier Ida Solvang will visit Brenna",
        "genre": "report",
        "main_event": {**VISIT, **(changes or {})},
        "attributions": [{**said, "named": True, "kind": "outlet"}],
        "other_events": [],
    }
    model = FakeModel(says=lambda text: json.dumps(draft))
    result = extract(ARTICLE, model=model, repair=0)
    assert result.record is not None
    return [p for p in result.problems if p.code.startswith("contradicted.")]


def test_what_its_words_say_is_not_contradicted() -> None:
    assert contradicted() == []


def test_a_type_that_no_word_of_the_trigger_names_is_told() -> None:
    [problem] = contradicted({"type": "PROTEST", "mode": None})
    assert (problem.code, problem.path) == ("contradicted.type", "/main_event/type")
    assert (problem.severity, problem.quote) == ("warning", "visit")
    assert problem.message.startswith("'visit' is CONSULT or ")


@pytest.mark.parametrize("kind", ["COOPERATE", "OTHER", None])
def test_a_type_that_the_trigger_leaves_open_is_not(kind: str | None) -> None:
    assert contradicted({"type": kind, "mode": None}) == []


def test_types_are_known_by_all_members_of_their_enumeration() -> None:
    schema: dict[str, Any] = {"enum": list(TYPES), "x-support": {"kind": "derived", "from": ["a"]}}
    assert kind_of(schema, schema, "CRIME") == "type"
    part = {**schema, "enum": [each for each in TYPES if each != "CRIME"]}
    assert kind_of(part, part, "ASSAULT") is None, "a theft has to be something"
    marked = {**part, "x-support": {**part["x-support"], "check": "type"}}
    assert kind_of(marked, marked, "ASSAULT") == "type"


@pytest.mark.parametrize("role", ["actors", "recipients"])
def test_a_place_of_the_event_does_not_take_part_in_it(role: str) -> None:
    [problem] = contradicted({role: [{"name": "Brenna", "sector": "GOV"}]})
    assert problem.code == "contradicted.participant"
    assert problem.path == f"/main_event/{role}/0/name"
    assert "'Brenna' is a place of the event" in problem.message


def test_nobody_takes_part_on_both_sides() -> None:
    [problem] = contradicted({"recipients": [{"name": "Ida Solvang", "sector": "GOV"}]})
    assert problem.code == "contradicted.participant"
    assert problem.path == "/main_event/recipients/0/name"


@pytest.mark.parametrize("words", ["Solvang", "Premier Ida Solvang"])
def test_nobody_does_under_a_longer_or_shorter_name_either(words: str) -> None:
    [problem] = contradicted({"recipients": [{"name": words, "sector": "GOV"}]})
    assert problem.code == "contradicted.participant"
    assert "on the other side already" in problem.message


def test_a_place_that_the_event_does_not_name_may_take_part() -> None:
    assert contradicted({"places": [], "recipients": [{"name": "Brenna", "sector": "GOV"}]}) == []


def test_the_day_of_a_report_is_not_that_of_the_event() -> None:
    [problem] = contradicted({"time": {"text": "Monday"}})
    assert problem.code == "contradicted.occasion"
    assert problem.path == "/main_event/time/text"
    assert "somebody reported" in problem.message


def test_the_day_of_a_report_is_that_of_an_event_that_is_one() -> None:
    found = contradicted({"time": {"text": "Monday"}, "trigger": "reported"})
    assert "contradicted.occasion" not in {problem.code for problem in found}


def test_a_source_that_holds_the_cue_is_too_long() -> None:
    [problem] = contradicted(said={**SAID, "source": "Radio Sund reported on Monday"})
    assert problem.code == "contradicted.source"
    assert "holds more than who speaks" in problem.message


def test_a_source_is_who_says_the_content() -> None:
    said = {**SAID, "source": "Brandt's spokesman", "cue": "said"}
    [problem] = contradicted(said=said)
    assert problem.code == "contradicted.source"
    assert "that is 'Radio Sund'" in problem.message


def test_whom_somebody_speaks_to_is_no_source() -> None:
    said = {"source": "farmers", "cue": "said", "content": "that he would stay at home"}
    [problem] = contradicted(said=said)
    assert problem.code == "contradicted.source"
    assert problem.path == "/attributions/0/source"
