"""A text over the model's context: read in windows, one record, every word in its place."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from extractor.catalog import Recipe, Schema
from extractor.errors import ArticleTooLong, EndpointOverloaded, ExtractorError
from extractor.pipeline import assemble, extract_one
from extractor.reading import answer
from extractor.records import Article, Extraction, Usage, Verbatim
from extractor.windows import MAX_WINDOWS
from tests.fake_model import FakeModel, sinking

CONTEXT = 1_000
"""Tokens of the model below, one a character."""


class Sinking(BaseModel):
    ship: Annotated[str, Verbatim]
    port: Annotated[str | None, Verbatim]


class Shipping(BaseModel):
    """What sank, and every harbour that is named."""

    sinking: Sinking | None
    ports: Annotated[list[Annotated[str, Verbatim]], Field(max_length=20)]


def shipping(**changes: Any) -> Recipe:
    return replace(sinking(), schema=Schema.of_model(Shipping), **changes)


def reads(text: str) -> str:
    """Quotes the first ship that sank and all the ports: a reader of these texts alone."""
    ports = re.findall(r"[Pp]ort [A-Z]\w+", text)
    sank = re.search(r"the (\w+) sank", text)
    event = {"ship": sank[1], "port": ports[0] if ports else None} if sank else None
    return json.dumps({"sinking": event, "ports": list(dict.fromkeys(ports))})


def model(**options: Any) -> FakeModel:
    return FakeModel(**{"context": CONTEXT, "says": reads, **options})


def extracted(text: str, model: FakeModel, recipe: Recipe | None = None) -> Extraction[Any]:
    return asyncio.run(extract_one(Article(text=text), recipe or shipping(), model))


def ship(result: Extraction[Any]) -> object:
    return result.record and result.record.sinking.ship


def padded(*stories: str) -> str:
    """Stories that lie some windows apart."""
    return ("Nothing else was heard of it. " * 25 + "\n").join(stories)


STORIES = padded(
    "On Friday the Aurora sank off Port Alma. ",
    "Its crew reached Port Berg in boats. ",
    "In another sea the Boreas sank near Port Cove, and Port Alma sent help. ",
)


def test_a_short_text_is_one_window() -> None:
    asked = model()
    result = extracted("On Friday the Aurora sank off Port Alma.", asked)
    assert len(asked.asked) == 1
    assert result.status == "complete"
    assert not result.problems
    assert result.provenance is not None
    assert result.provenance.windows == 1


def test_a_long_text_is_one_record_of_all_its_windows() -> None:
    asked = model()
    result = extracted(STORIES, asked)
    assert len(asked.refused) == 1, "what is too long is sent once"
    assert "".join(asked.asked) == STORIES
    assert result.record is not None
    assert result.record.sinking == Sinking(ship="Aurora", port="Port Alma")
    assert result.record.ports == ["Port Alma", "Port Berg", "Port Cove"]
    assert result.status == "complete"
    assert result.provenance is not None
    number = len(asked.asked)
    assert result.provenance.windows == result.provenance.attempts == number > 1
    assert result.provenance.usage == Usage(input_tokens=10 * number, output_tokens=5 * number)
    assert result.provenance.seconds == 0.5 * number


def test_a_second_event_is_reported_and_not_mixed_in() -> None:
    [problem] = extracted(STORIES, model()).problems
    assert (problem.code, problem.path, problem.quote) == ("not_merged", "/sinking", "Boreas")
    place = re.match(r"window (\d+) of (\d+), characters (\d+)-(\d+): ", problem.message)
    assert place is not None
    assert "Boreas" in STORIES[int(place[3]) : int(place[4])]


def test_words_are_found_where_they_were_read() -> None:
    """`Port Alma` stands in two windows; in each of them in one place."""
    found = extracted(STORIES, model()).evidence
    [alma] = found["/ports/0"].spans
    assert (alma.start, alma.alignment) == (STORIES.index("Port Alma"), "exact")
    [cove] = found["/ports/2"].spans
    assert STORIES[cove.start : cove.end] == "Port Cove"


SENTENCES = st.lists(
    st.sampled_from(
        [
            *("Port Alma was calm. ", "On Friday the Aurora sank. ", "🇫🇷👩‍👩‍👧 in Port Berg.\n"),
            *("そしてPort Covaに着いた。", "وصلت إلى Port Dora أمس. ", "See also: Port Ease\n"),
            *("Nobody saw a thing that day. " * 9, "e\u0301tait à Port E\u0301lan. ", "\r\n\r\n"),
        ]
    ),
    min_size=10,
    max_size=80,
).map("".join)


@settings(max_examples=50)
@given(SENTENCES)
def test_every_span_is_exactly_its_words(text: str) -> None:
    result = extracted(f"It was told.\n{text}", model(context=600))
    whole = f"It was told.\n{text}"
    for evidence in result.evidence.values():
        for span in evidence.spans:
            assert whole[span.start : span.end] == span.text


def test_page_furniture_is_judged_in_the_whole_article() -> None:
    text = f"See also: Port Alma\n{STORIES}\nRead more: Port Ease\n"
    asked = model()
    result = extracted(text, asked)
    assert not any("See also" in part or "Read more" in part for part in asked.asked)
    assert [p.quote for p in result.problems if p.code == "not_shown"] == [
        "See also: Port Alma",
        "Read more: Port Ease",
    ]


def test_refusal_where_the_recipe_says_so() -> None:
    asked = model()
    result = extracted(STORIES, asked, shipping(long="refuse"))
    assert (result.status, result.problems[0].code) == ("failed", "input.too_long")
    assert (len(asked.refused), asked.asked) == (1, [])


class Uneven(FakeModel):
    """Some characters are many tokens."""

    def __init__(self, weight: int) -> None:
        super().__init__(says=reads)
        self.weight = weight

    def _refuse_too_long(self, request: Any, text: str) -> None:
        length = len(text) + self.weight * text.count("語")
        if length > CONTEXT:
            self.refused.append(text)
            raise ArticleTooLong("too long", asked=length, fits=CONTEXT)


def test_a_window_that_cannot_be_read_is_named_and_the_others_are_a_record() -> None:
    text = "On Friday the Aurora sank off Port Alma. " * 200 + "語。" * 300
    result = extracted(text, Uneven(weight=50))
    assert result.status == "partial"
    assert result.record is not None
    assert result.record.ports == ["Port Alma"]
    unread = [problem for problem in result.problems if problem.code == "input.too_long"]
    assert unread
    assert all(re.match(r"window \d+ of \d+, characters", each.message) for each in unread)


def test_a_window_that_is_still_too_long_is_divided_again() -> None:
    """The ratio is that of the whole text; one part of it may weigh more."""
    text = "The Aurora sank off Port Alma. " * 100 + "語。" * 300
    asked = Uneven(weight=4)
    result = extracted(text, asked)
    assert "".join(asked.asked) == text
    assert len(asked.refused) > 1
    assert result.provenance is not None
    assert result.provenance.windows == len(asked.asked)


def test_a_hopeless_text_is_sent_once_and_refused_with_the_numbers() -> None:
    text = "The Aurora sank off Port Alma. " * 170_000
    asked = model()
    [problem] = extracted(text, asked).problems
    assert (len(asked.refused), asked.asked) == (1, [])
    for number in (f"{CONTEXT} fit", f"{len(text)} characters", f"{MAX_WINDOWS} are the most"):
        assert number in problem.message
    assert re.search(r"it would take \d{4,} windows", problem.message)
    assert "split the article" in problem.message


@pytest.mark.parametrize("story", ["اليوم وصلت السفينة. ", "👩‍👩‍👧🇫🇷 ", "船は港に着いた。", "a"])
def test_megabytes_in_a_long_context(story: str) -> None:
    text = story * (5_000_000 // len(story.encode()))
    asked = model(context=len(text) // 3)
    result = extracted(text, asked)
    assert len(asked.refused) == 1
    assert "".join(asked.asked) == text
    assert result.status == "complete"


def test_an_endpoint_that_names_no_lengths() -> None:
    class Silent(FakeModel):
        def _refuse_too_long(self, request: Any, text: str) -> None:
            if len(text) > 3_000:
                self.refused.append(text)
                raise ArticleTooLong("the prompt is too long")

    text = "The Aurora sank off Port Alma. " * 500
    asked = Silent(says=reads)
    assert extracted(text, asked).status == "complete"
    assert "".join(asked.asked) == text
    assert sorted(map(len, asked.refused))[-2] <= 8_000


def test_a_prompt_that_leaves_no_room_is_said() -> None:
    [problem] = extracted(STORIES, model(context=100)).problems
    assert "the prompt alone leaves too little room" in problem.message


def broken(text: str) -> str:
    return "{" if "Boreas" in text else reads(text)


def test_a_window_with_a_bad_reply_is_named_and_the_others_are_a_record() -> None:
    result = extracted(STORIES, model(says=broken))
    assert (result.status, ship(result)) == ("partial", "Aurora")
    [problem] = result.problems
    assert (problem.code, problem.severity) == ("reply.malformed", "warning")
    assert re.match(r"window 3 of \d+, characters \d+-\d+: ", problem.message)


def test_bad_replies_alone_are_no_record() -> None:
    result = extracted(STORIES, model(says=lambda text: "{"))
    assert (result.status, result.record) == ("failed", None)
    assert {problem.code for problem in result.problems} == {"reply.malformed"}
    assert result.problems[1].message.startswith("window 2 of ")


def test_windows_that_cannot_be_read_at_all_are_no_record() -> None:
    class Refusing(FakeModel):
        def _refuse_too_long(self, request: Any, text: str) -> None:
            raise ArticleTooLong("too long", asked=len(text) + 1, fits=len(text))

    result = extracted("The Aurora sank off Port Alma. " * 40, Refusing())
    assert (result.status, result.provenance) == ("failed", None)
    assert {problem.code for problem in result.problems} == {"input.too_long"}


class Failing(FakeModel):
    """Answers so many requests, then is overloaded."""

    def __init__(self, answers: int) -> None:
        super().__init__(context=CONTEXT, says=reads)
        self.answers = answers

    async def complete(self, request: Any) -> Any:
        if len(self.asked) >= self.answers:
            raise EndpointOverloaded("the endpoint is overloaded")
        return await super().complete(request)


def test_what_was_paid_for_outlives_an_error_behind_it() -> None:
    result = extracted(STORIES, Failing(answers=1))
    assert (result.status, ship(result)) == ("partial", "Aurora")
    [problem] = result.problems
    assert problem.code == "model.overloaded"
    assert f"-{len(STORIES)}: the endpoint is overloaded" in problem.message
    assert result.provenance is not None
    assert result.provenance.windows == 1


def test_an_error_before_the_first_reply_is_raised() -> None:
    with pytest.raises(ExtractorError, match="overloaded"):
        asyncio.run(answer(Article(text=STORIES), shipping(), Failing(answers=0)))


def test_the_same_replies_make_the_same_record() -> None:
    article = Article(text=STORIES)
    asked = model()
    readings = asyncio.run(answer(article, shipping(), asked))
    assert asyncio.run(answer(article, shipping(), model())) == readings
    one, other = (assemble(article, shipping(), readings, asked) for _ in range(2))
    assert one.to_json() == other.to_json()
