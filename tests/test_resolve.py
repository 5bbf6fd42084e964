"""Words to values: the registry, times and numbers. Countries are in test_resolve_countries."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import date
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.records import Article
from extractor.resolve import (
    RESOLVERS,
    Resolution,
    Resolver,
    Words,
    resolve_country,
    resolve_number,
    resolve_time,
)

MONDAY = date(2023, 9, 11)


def words(quote: str, *hints: str, published: date | None = MONDAY) -> Words:
    return Words(quote, ((0, len(quote)),), Article(text="x", published=published), hints)


# ---------------------------------------------------------------- the registry


def test_the_names_of_the_resolvers_are_public() -> None:
    assert sorted(RESOLVERS) == [
        "country.of_participant",
        "country.of_place",
        "number.value",
        "time.earliest",
        "time.granularity",
        "time.latest",
        "time.value",
    ]


def test_nobody_can_change_the_resolvers() -> None:
    with pytest.raises(TypeError):
        cast(MutableMapping[str, Resolver], RESOLVERS)["time.value"] = lambda words: Resolution(1)


def test_the_parts_of_a_time() -> None:
    quote = words("until 13 September")
    assert RESOLVERS["time.value"](quote) == Resolution("2023-09-13")
    assert RESOLVERS["time.earliest"](quote) == Resolution(None)  # an open end is no problem
    assert RESOLVERS["time.latest"](quote) == Resolution("2023-09-13")
    assert RESOLVERS["time.granularity"](quote) == Resolution("day")


def test_the_tense_is_a_hint() -> None:
    assert RESOLVERS["time.value"](words("on Tuesday")).value == "2023-09-05"
    assert RESOLVERS["time.value"](words("on Tuesday", "CT", "FUTURE")).value == "2023-09-12"


def test_a_relative_time_needs_the_publication_date() -> None:
    resolution = RESOLVERS["time.value"](words("on Tuesday", published=None))
    assert resolution.value is None
    assert "publication date" in str(resolution.reason)


# ---------------------------------------------------------------- times


def resolved(
    quote: str, anchor: date | None = MONDAY, tense: str | None = None
) -> tuple[str | None, ...]:
    time = resolve_time(quote, anchor, tense)
    assert time.reason is None, time.reason
    return time.value, time.earliest, time.latest, time.granularity, time.mod


def one_day(at: str, mod: str | None = None) -> tuple[str | None, ...]:
    return at, at, at, "day", mod


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("Monday", one_day("2023-09-11")),
        ("as early as Tuesday", ("2023-09-12", "2023-09-12", None, "day", "ON_OR_AFTER")),
        ("late on Sunday", one_day("2023-09-10", "END")),
        ("in the coming days", ("FUTURE_REF", "2023-09-12", None, "day", None)),
        ("until 13 September", ("2023-09-13", None, "2023-09-13", "day", "ON_OR_BEFORE")),
        ("last week", ("2023-W36", "2023-09-04", "2023-09-10", "week", None)),
        ("In 2019", ("2019", "2019-01-01", "2019-12-31", "year", None)),
        ("last month", ("2023-08", "2023-08-01", "2023-08-31", "month", None)),
    ],
)
def test_the_dates_of_the_vocabulary(quote: str, expected: tuple[str | None, ...]) -> None:
    assert resolved(quote) == expected


@pytest.mark.parametrize(
    ("quote", "day"),
    [
        *((form, "2023-09-11") for form in ("11 September 2023", "September 11, 2023")),
        *((form, "2023-09-11") for form in ("the 11th of September, 2023", "2023-09-11")),
        *((form, "2023-09-11") for form in ("Sept. 11", "Sept 11th", "11 Sep.", "SEPT. 11 (AP)")),
        *((form, "2023-09-11") for form in ("Monday, September 11", "Monday (11 September)")),
        *((form, "2023-09-11") for form in ("today", "tonight", "this morning", "On Monday")),
        *((form, "2023-09-11") for form in ("Monday evening", "Monday’s", "10 a.m. on Monday")),
        ("25/12/2024", "2024-12-25"),
        ("23 November 1983", "1983-11-23"),
        ("5 June", "2023-06-05"),
        ("the evening of Friday, September 8", "2023-09-08"),
        ("yesterday", "2023-09-10"),
        ("last night", "2023-09-10"),
        ("tomorrow", "2023-09-12"),
        ("the day after tomorrow", "2023-09-13"),
        ("the day before yesterday", "2023-09-09"),
        ("two days ago", "2023-09-09"),
        ("three days from now", "2023-09-14"),
        ("Friday night", "2023-09-08"),
        ("this Friday", "2023-09-15"),
        ("the coming Friday", "2023-09-15"),
        ("this past Friday", "2023-09-08"),
        ("last Friday", "2023-09-08"),
        ("next Monday", "2023-09-18"),
        ("last Monday", "2023-09-04"),
        ("Tuesday next week", "2023-09-19"),
        ("a week ago on", "2023-W36"),
        ("late on Sunday and", "2023-09-10"),
        ("he will come on Tuesday", "2023-09-12"),
        ("Sept. 4, a Monday", "2023-09-04"),
        ("today, Monday", "2023-09-11"),
    ],
)
def test_single_days(quote: str, day: str) -> None:
    assert resolve_time(quote, MONDAY).value == day


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("August 2023", ("2023-08", "2023-08-01", "2023-08-31", "month", None)),
        ("In July", ("2023-07", "2023-07-01", "2023-07-31", "month", None)),
        ("in October", ("2022-10", "2022-10-01", "2022-10-31", "month", None)),
        ("In May", ("2023-05", "2023-05-01", "2023-05-31", "month", None)),
        ("last September", ("2022-09", "2022-09-01", "2022-09-30", "month", None)),
        ("September last year", ("2022-09", "2022-09-01", "2022-09-30", "month", None)),
        ("early August", ("2023-08", "2023-08-01", "2023-08-31", "month", "START")),
        ("mid-January", ("2023-01", "2023-01-01", "2023-01-31", "month", "MID")),
        ("this month", ("2023-09", "2023-09-01", "2023-09-30", "month", None)),
        ("this week", ("2023-W37", "2023-09-11", "2023-09-17", "week", None)),
        ("next week", ("2023-W38", "2023-09-18", "2023-09-24", "week", None)),
        ("later this month", ("2023-09", "2023-09-11", "2023-09-30", "month", "END")),
        ("earlier this month", ("2023-09", "2023-09-01", "2023-09-11", "month", "START")),
        ("next year", ("2024", "2024-01-01", "2024-12-31", "year", None)),
        ("two weeks ago", ("2023-W35", "2023-08-28", "2023-09-03", "week", None)),
        ("a month ago", ("2023-08", "2023-08-01", "2023-08-31", "month", None)),
        ("about a year ago", ("2022", "2022-01-01", "2022-12-31", "year", "APPROX")),
        ("more than two years ago", ("2021", None, "2021-12-31", "year", "ON_OR_BEFORE")),
        ("by Friday", ("2023-09-15", None, "2023-09-15", "day", "ON_OR_BEFORE")),
        ("not until Friday", ("2023-09-15", "2023-09-15", None, "day", "ON_OR_AFTER")),
        ("since Saturday", ("2023-09-09", "2023-09-09", None, "day", "ON_OR_AFTER")),
        ("since 2019", ("2019", "2019-01-01", None, "year", "ON_OR_AFTER")),
        ("before 4 September", ("2023-09-04", None, "2023-09-03", "day", "BEFORE")),
        ("after 4 September", ("2023-09-04", "2023-09-05", None, "day", "AFTER")),
        ("before the end of 2022", ("2022", None, "2022-12-31", "year", "BEFORE")),
        ("by the end of September", ("2023-09", None, "2023-09-30", "month", "ON_OR_BEFORE")),
        ("around 2015", ("2015", "2015-01-01", "2015-12-31", "year", "APPROX")),
        ("as early as next month", ("2023-10", "2023-10-01", None, "month", "ON_OR_AFTER")),
        ("in coming weeks", ("FUTURE_REF", "2023-09-12", None, "week", None)),
        ("in recent days", ("PAST_REF", None, "2023-09-11", "day", None)),
    ],
)
def test_periods_and_limits(quote: str, expected: tuple[str | None, ...]) -> None:
    assert resolved(quote) == expected


@pytest.mark.parametrize(
    ("quote", "first", "last"),
    [
        ("from Monday to Wednesday", "2023-09-11", "2023-09-13"),
        ("between Sunday and Wednesday", "2023-09-10", "2023-09-13"),
        ("from Monday to Friday next week", "2023-09-18", "2023-09-22"),
        ("from 11 to 13 September", "2023-09-11", "2023-09-13"),
        ("11–13 September 2022", "2022-09-11", "2022-09-13"),
        ("between September 11 and 13", "2023-09-11", "2023-09-13"),
        ("Dec. 31–Jan. 2", "2023-12-31", "2024-01-02"),
        ("from 28 December to 3 January 2024", "2023-12-28", "2024-01-03"),
        ("from today to tomorrow", "2023-09-11", "2023-09-12"),
    ],
)
def test_ranges(quote: str, first: str, last: str) -> None:
    assert resolved(quote) == (f"{first}/{last}", first, last, "day", None)


def test_ranges_of_years_and_months() -> None:
    assert resolved("2019-2021") == ("2019/2021", "2019-01-01", "2021-12-31", "year", None)
    span = ("2022-12/2023-02", "2022-12-01", "2023-02-28", "month", None)
    assert resolved("from December to February") == span


@pytest.mark.parametrize(
    ("quote", "past", "future"),
    [
        ("on Tuesday", "2023-09-05", "2023-09-12"),
        ("on Monday", "2023-09-11", "2023-09-11"),
        ("in July", "2023-07", "2024-07"),
        ("in September", "2023-09", "2023-09"),
        ("by Friday", "2023-09-08", "2023-09-15"),
        ("as early as Tuesday", "2023-09-12", "2023-09-12"),
        ("5 June", "2023-06-05", "2023-06-05"),
    ],
)
def test_tense(quote: str, past: str, future: str) -> None:
    assert resolve_time(quote, MONDAY, "PAST").value == past
    assert resolve_time(quote, MONDAY, "FUTURE").value == future


def test_in_two_weeks_is_a_time_only_when_the_event_is_ahead() -> None:
    assert resolve_time("in two weeks", MONDAY, "FUTURE").value == "2023-W39"
    assert "how long" in str(resolve_time("the first in two weeks", MONDAY).reason)


def test_a_date_without_a_year_is_in_the_nearest_one() -> None:
    assert resolve_time("29 December", date(2024, 1, 5)).value == "2023-12-29"
    assert resolve_time("Jan. 5", date(2023, 12, 29)).value == "2024-01-05"
    assert resolve_time("29 February", date(2023, 12, 1)).value == "2024-02-29"


@pytest.mark.parametrize(
    ("quote", "reason"),
    [
        ("soon", "'soon' does not say when"),
        ("recently", "'recently' does not say when"),
        ("on the same day", "'same day' does not say when"),
        ("the following day", "another time in the text"),
        ("two days after Monday", "another time in the text"),
        ("a week from Monday", "another time in the text"),
        ("over the last week", "another time in the text"),
        ("12/02/2024", "can be 12 February or 2 December"),
        ("Tuesday, September 11", "is not a Tuesday"),
        ("Tuesday, the 12th", "does not say which month"),
        ("31 September", "there is no 31 September"),
        ("2023-13-45", "there is no day '2023-13-45'"),
        ("next Friday", "can be 2023-09-15 or 2023-09-22"),
        ("Monday or Tuesday", "two times: 'Monday' and 'Tuesday'"),
        ("September 11 and 13", "two times"),
        ("Sept. 4, a Tuesday", "two times"),
        ("every Monday", "more than one time"),
        ("Mondays", "more than one time"),
        ("Good Friday", "a day of another name"),
        ("in spring 2023", "not resolved yet"),
        ("over the weekend", "not resolved yet"),
        ("the 1990s", "not resolved yet"),
        *((form, "no time was recognised") for form in ("for two days", "$2000", "2019 people")),
        *((form, "no time was recognised") for form in ("", "2019-20", "May go", "in more than")),
    ],
)
def test_what_is_not_resolved_says_why(quote: str, reason: str) -> None:
    time = resolve_time(quote, MONDAY)
    assert (time.value, time.earliest, time.latest) == (None, None, None)
    assert reason in str(time.reason)


@pytest.mark.parametrize(
    "quote",
    ["Monday", "today", "Sept. 11", "in July", "last week", "in the coming days", "two days ago"],
)
def test_without_a_publication_date_only_what_is_absolute_is_resolved(quote: str) -> None:
    assert resolve_time(quote, None).value is None
    assert "no publication date" in str(resolve_time(quote, None).reason)
    assert resolve_time("11 September 2023", None).value == "2023-09-11"


VOCABULARY = (
    "on by until from to between and late last next this the of Monday Tuesday 11 13 31 - , . "
    "September May 2019 2023-09-11 week month days ago coming two 12/02/2024 today"
)
PIECES = st.lists(st.sampled_from(VOCABULARY.split()), max_size=8).map(" ".join)


@given(PIECES | st.text(max_size=40), st.dates() | st.none(), st.sampled_from(["", "FUTURE"]))
def test_any_words_are_resolved_or_have_a_reason(
    quote: str, anchor: date | None, tense: str
) -> None:
    time = resolve_time(quote, anchor, tense)
    assert (time.value is None) != (time.reason is None)
    assert time == resolve_time(quote, anchor, tense)
    if time.earliest and time.latest:
        assert date.fromisoformat(time.earliest) <= date.fromisoformat(time.latest)


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("quote", "value"),
    [
        *(("12", 12), ("1,200", 1200), ("12 000", 12_000), ("twelve", 12), ("a dozen", 12)),
        *(("1.5 million", 1_500_000), ("$3 billion", 3_000_000_000), ("€3m", 3_000_000)),
        *(("$3bn", 3_000_000_000), ("30k", 30_000), ("half a million", 500_000)),
        *(("at least 30", 30), ("as many as 30 people", 30), ("more than 1,000", 1000)),
        *(("one hundred and twenty-three thousand", 123_000), ("twenty-one", 21)),
        *(("two and a half million", 2_500_000), ("a million and a half", 1_500_000)),
        *(("4 1/2 years", 4.5), ("4½", 4.5), ("1.25", 1.25), ("−5 degrees", -5), ("40%", 40)),
        *(("12 killed and 12 injured", 12), ("200-strong", 200), ("zero", 0), ("a hundred", 100)),
    ],
)
def test_numbers(quote: str, value: float) -> None:
    assert resolve_number(quote) == Resolution(value)
    assert RESOLVERS["number.value"](words(quote)).value == value


@pytest.mark.parametrize(
    ("quote", "reason"),
    [
        *((form, "not an exact number") for form in ("dozens", "several hundred", "a few dozen")),
        *((form, "not an exact number") for form in ("tens of thousands", "two-thirds")),
        *((form, "several numbers") for form in ("20-30", "between 20 and 30", "3 of 12")),
        *((form, "cannot be read") for form in ("five two", "nineteen eighty-four", "3m")),
        *((form, "no number was recognised") for form in ("many", "COVID-19", "11th", "1,20", "")),
    ],
)
def test_what_is_no_single_number_says_why(quote: str, reason: str) -> None:
    assert resolve_number(quote).value is None
    assert reason in str(resolve_number(quote).reason)


@given(st.integers(0, 10**12))
def test_grouped_digits(number: int) -> None:
    assert resolve_number(f"at least {number:,} people").value == number


@given(st.text(max_size=40) | PIECES)
def test_any_words_have_a_number_or_a_reason(quote: str) -> None:
    number = resolve_number(quote)
    assert (number.value is None) != (number.reason is None)
    resolve_country(quote)
