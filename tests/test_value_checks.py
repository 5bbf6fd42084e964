"""Values against their words: `check_value` and its kinds."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.checks import KINDS
from extractor.checks.trigger_words import TRIGGERS, TYPES, Trigger
from extractor.errors import InputError
from extractor.evals.value_pairs import judge, read_pairs
from extractor.validation import check_value
from tests.recorded import command

PAIRS = Path(__file__).parent / "value_pairs"
ENOUGH = 0.95
FRIDAY = date(2024, 3, 15)


@pytest.mark.parametrize(
    "judged",
    [pytest.param(judged, id=judged.kind) for judged in judge(read_pairs([PAIRS]))],
)
def test_wrong_values_are_found_and_right_ones_left_alone(judged: Any) -> None:
    assert judged.precision >= ENOUGH
    assert judged.recall >= ENOUGH


def test_there_are_pairs_of_every_kind() -> None:
    counts = {one.kind: one.pairs for one in judge(read_pairs([PAIRS]))}
    assert counts.keys() == KINDS
    assert min(counts.values()) >= 30
    assert sum(counts.values()) >= 300


def test_a_problem_names_kind_value_and_words() -> None:
    (problem,) = check_value("number", "at least 14 goats", 15)
    assert problem.code == "contradicted.number"
    assert problem.severity == "warning"
    assert problem.quote == "at least 14 goats"
    assert "15" in problem.message
    assert "14" in problem.message


def test_an_unknown_kind_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="no check 'colour'"):
        check_value("colour", "red", "red")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", "many"),
        ("number", [1, 2, 3]),
        ("number", [None, None]),
        ("number", True),
        ("money", {"currency": "EUR"}),
        ("certainty", "SURE"),
        ("polarity", "yes"),
        ("tense", "PLUPERFECT"),
        ("name", "…"),
        ("source", "…"),
        ("date", "soonish"),
        ("type", "HEIST"),
    ],
)
def test_what_is_no_value_of_the_kind_is_wrong(kind: str, value: object) -> None:
    assert check_value(kind, "14 of them met on 2 May 2021, he said", value)


@pytest.mark.parametrize("value", [14, 14.0, "14", "14.0"])
def test_numbers_come_in_several_forms(value: object) -> None:
    assert not check_value("number", "14 goats", value)


def test_a_separator_in_an_unknown_language_is_read_both_ways() -> None:
    for value in (1200, 1.2):
        assert not check_value("number", "1.200", value)
    assert check_value("number", "1.200", 1.2, language="de")
    assert check_value("number", "1.200", 1200, language="en")


def test_a_relative_date_needs_the_day_of_publication() -> None:
    assert not check_value("date", "yesterday", "2024-03-14", anchor=FRIDAY)
    assert check_value("date", "yesterday", "2024-03-14")


def test_the_context_decides_on_which_side_a_weekday_lies() -> None:
    past, coming = "2024-03-13", "2024-03-20"
    assert not check_value("date", "on Wednesday", past, anchor=FRIDAY)
    assert not check_value("date", "on Wednesday", coming, anchor=FRIDAY)
    context = "The ferry will sail on Wednesday."
    assert check_value("date", "on Wednesday", past, context=context, anchor=FRIDAY)
    assert not check_value("date", "on Wednesday", coming, context=context, anchor=FRIDAY)


def test_words_that_say_no_exact_time_are_left_alone() -> None:
    assert not check_value("date", "the day after", "2024-03-16", anchor=FRIDAY)


def test_typography_does_not_matter() -> None:
    assert not check_value("name", "Ida Ås’s\u00a0aide", "Ida A\u030as")
    context = "“We stay,” said Ida Ås."
    assert not check_value("source", "said", "Ida Ås", context=context)


def test_a_quotation_may_have_words_between() -> None:
    context = "The lake was probably poisoned by runoff."
    assert check_value("certainty", "was poisoned", "CT", context=context)


def test_unknown_places_and_cues_are_left_alone() -> None:
    assert not check_value("country", "Lower Umbrellastan", "FRA")
    assert not check_value("source", "shrugged", "Ida Ås", context="The cook shrugged at Ida Ås.")


def test_a_speaker_who_is_a_pronoun_is_told_by_name() -> None:
    before = "The harbour office at Brack settled the matter. "
    (problem,) = check_value(
        "source", "said", "Ida Ås", context=f"{before}It said Ida Ås would come on Sunday."
    )
    assert problem.message.endswith("that is 'The harbour office at Brack' ('It')")
    (alone,) = check_value(
        "source", "said", "Ida Ås", context="It said Ida Ås would come on Sunday."
    )
    assert alone.message.endswith("that is 'It'")


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.dates(),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=8)), max_size=3),
)


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=60), VALUES, st.text(max_size=120))
def test_no_text_and_no_value_breaks_a_check(
    kind: str, quote: str, value: object, context: str
) -> None:
    for problem in check_value(kind, quote, value, context=context, anchor=FRIDAY):
        assert problem.code == f"contradicted.{kind}"


def test_a_round_billion_does_not_support_its_neighbour() -> None:
    assert check_value("number", "a total of 1,000,000,000 seeds", 1_000_000_001, language="en")


@given(st.integers(min_value=-(10**8), max_value=10**8))
def test_a_number_in_digits_supports_itself_and_no_neighbour(number: int) -> None:
    quote = f"a total of {number:,} seeds"
    assert not check_value("number", quote, number, language="en")
    assert check_value("number", quote, number + 1, language="en")


@given(st.dates(min_value=date(1900, 1, 2), max_value=date(2090, 1, 1)))
def test_a_full_date_supports_its_day_month_and_year_only(day: date) -> None:
    quote = f"{day.day} {day:%B} {day.year}"
    for value in (day, day.isoformat(), f"{day:%Y-%m}", f"{day:%Y}", [day, day]):
        assert not check_value("date", quote, value, language="en")
    assert check_value("date", quote, date.fromordinal(day.toordinal() - 1), language="en")


@given(st.lists(st.from_regex(r"[A-Z][a-z]{2,8}", fullmatch=True), min_size=2, max_size=4))
def test_a_name_holds_its_own_words_and_no_other(words: list[str]) -> None:
    quote = f"the former pilot {' '.join(words)}, 41,"
    assert not check_value("name", quote, " ".join(words))
    assert check_value("name", quote, f"{' '.join(words)} Quux")


@pytest.mark.parametrize("value", TYPES)
def test_a_trigger_that_no_table_knows_says_nothing(value: str) -> None:
    assert not check_value("type", "umbrellaed", value, language="en")
    assert not check_value("type", "stole", "ASSAULT", language="nl")


@pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: trigger.en[:20] or trigger.de)
def test_the_table_of_triggers_names_known_types(trigger: Trigger) -> None:
    types = trigger.types.split()
    assert len(types) == len(set(types))
    assert set(types) <= set(TYPES)
    assert len(types) < len(TYPES) - 8, "a word that can be nearly anything says nothing"


@given(
    st.sampled_from([word for each in TRIGGERS for word in each.en.split("|") if word.isalpha()]),
    st.sampled_from(TYPES),
)
def test_a_longer_trigger_can_name_what_its_word_can(word: str, value: str) -> None:
    if not check_value("type", word, value, language="en"):
        assert not check_value("type", f"the {word} at Lund", value, language="en")


def test_the_object_of_a_light_verb_ends_with_its_sentence() -> None:
    context = "It took long. Talks failed. They took\nprotesters home, thieves said."
    for value in TYPES:
        assert not check_value("type", "took", value, context=context, language="en")


def test_a_long_context_is_no_burden() -> None:
    context = "He may come, " * 2_000 + "said Ida Ås."
    for kind, value in (("certainty", "PS"), ("source", "Ida Ås"), ("tense", "FUTURE")):
        check_value(kind, "said", value, context=context)


def test_files_that_hold_no_pairs_are_named(tmp_path: Path) -> None:
    path = tmp_path / "number.jsonl"
    path.write_text('{"kind": "number"}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"number\.jsonl:1: not a pair"):
        read_pairs([path])
    with pytest.raises(InputError, match="cannot be read"):
        read_pairs([tmp_path / "gone.jsonl"])


def test_the_command_prints_the_table(tmp_path: Path) -> None:
    path = tmp_path / "number.jsonl"
    line = '{"kind": "number", "quote": "14 goats", "value": %s, "right": %s, "why": "w"}\n'
    path.write_text(
        line % (14, "true") + line % (15, "false") + line % (16, "true"), encoding="utf-8"
    )
    done = command("eval", "checks", str(path), "--mistakes")
    assert done.returncode == 0, done.stderr
    assert "number          3      1      1       1      0.500   1.000" in done.stdout
    assert "false alarm: number 16 of '14 goats' (w)" in done.stdout
