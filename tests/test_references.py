"""References to sentences: asked in the draft, taken out of it, used to find words, never kept."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from extractor.cassettes import cassette_path
from extractor.catalog import Prompt, Recipe, Schema
from extractor.catalog.prompt import Section
from extractor.evals.replies import ReplyCounts, count_replies
from extractor.evidence import GroundedDraft, Hints, ground_draft
from extractor.model import Completion, Decoding, Parameters, Request
from extractor.numbering import EvidenceStyle, number_sentences
from extractor.pipeline import assemble, extract_one, extract_with_replies
from extractor.reading import Reading, build_request
from extractor.records import Article, Computed, Derived, Extraction, Usage, Verbatim, record_json
from extractor.references import take_references, with_references
from extractor.shape import JsonSchema
from extractor.tree import Value
from extractor.windows import Window
from extractor.wire import wire_form
from tests.lark_sentences import Lark

Quote = Annotated[str, Verbatim]
TEXT = (
    "Photo: Ann Lee\nAnn Lee met Bob in Rome. He liked Rome.\r\nRome was hot, said Bob. "
    "Will Ann come back?"
)


class Person(BaseModel):
    name: Quote
    kind: Annotated[Literal["guest", "host"], Derived("name")]


class Meeting(BaseModel):
    place: Annotated[str | None, Verbatim]
    tone: Annotated[Literal["warm", "cold"] | None, Derived("place")]
    country: Annotated[str | None, Computed("place", by="country.of_place")]
    people: list[Person]
    serious: Annotated[bool | None, Derived("place")]


class Sentence(BaseModel):
    """A schema whose own field has the name that a reference would have."""

    sentence: Annotated[str | None, Verbatim]


class Deep(BaseModel):
    """Quotations in lists, in a recursion and in branches; and an object without any."""

    tags: list[list[Quote]]
    inner: Deep | None = None
    either: Person | Sentence | None = None
    counts: dict[str, int] = {}
    size: Size | None = None


class Size(BaseModel):
    metres: Annotated[int, Derived("../tags")]


def form_of(model: type[BaseModel]) -> JsonSchema:
    return Schema.of_model(model).json_schema


MEETING = form_of(Meeting)
PLACES = number_sentences(TEXT).places


def recipe(evidence: EvidenceStyle, model: type[BaseModel] = Meeting, turn: str = "") -> Recipe:
    prompt = Prompt(
        name="meeting",
        version=1,
        status="draft",
        digest="0" * 64,
        path=Path("meeting/v1.md"),
        parent=None,
        changelog="",
        schema_name="meeting",
        parameters=Parameters(max_tokens=50),
        inputs=("text", "form") if turn else ("text",),
        sections=(Section("user", turn or "{{ text }}", 1),),
        evidence=evidence,
    )
    return Recipe(prompt, Schema.of_model(model))


class Scribe:
    """Answers with what it was given."""

    name = "scribe"
    endpoint: Literal["embedded", "remote"] = "embedded"

    def __init__(
        self, draft: Any, decoding: Decoding = "grammar", timings: dict[str, float] | None = None
    ) -> None:
        self.draft = draft
        self.decoding: Decoding = decoding
        self.timings = timings
        self.asked: list[Request] = []

    async def complete(self, request: Request) -> Completion:
        self.asked.append(request)
        content = json.dumps(self.draft)
        return Completion(
            content=content,
            finish_reason="stop",
            refusal=None,
            model="scribe",
            usage=Usage(input_tokens=100, cached_tokens=60, output_tokens=20),
            attempts=1,
            seconds=0.5,
            time="2026-11-22T07:00:00+00:00",
            raw={"timings": self.timings} if self.timings else {},
        )


def extracted(
    evidence: EvidenceStyle, draft: Any, decoding: Decoding = "grammar"
) -> Extraction[Any]:
    model = Scribe(draft, decoding)
    return asyncio.run(extract_one(Article(text=TEXT), recipe(evidence), model))


def meeting(place: str | None, sentence: Any, *people: dict[str, Any]) -> dict[str, Any]:
    tone = None if place is None else "warm"
    return {
        "sentence": sentence,
        "place": place,
        "tone": tone,
        "people": [*people],
        "serious": True,
    }


def record(found: Extraction[Any]) -> Any:
    assert found.record is not None
    return record_json(found.record)


def spans(found: Extraction[Any], path: str) -> list[str]:
    return [f"{span.start}:{span.text}:{span.alignment}" for span in found.evidence[path].spans]


def start_of(grounded: GroundedDraft, name: str) -> list[int]:
    """Where the quotation in that field of the root may begin."""
    assert isinstance(grounded.tree, dict)
    value = grounded.tree[name]
    assert isinstance(value, Value)
    return [span.start for span in value.spans]


def coded(found: Extraction[Any], code: str) -> list[str]:
    return [problem.path for problem in found.problems if problem.code == code]


# ---------------------------------------------------------------- what is asked


def test_each_object_with_quotations_is_asked_for_a_sentence_first() -> None:
    asked = wire_form(with_references(MEETING, 4)).schema
    number = {"type": "integer", "minimum": 1, "maximum": 4}
    for properties in (asked["properties"], asked["$defs"]["Person"]["properties"]):
        assert next(iter(properties)) == "sentence"
        assert number.items() <= properties["sentence"].items()
    assert list(asked["properties"]) == ["sentence", "place", "tone", "people", "serious"]
    assert asked["required"][0] == "sentence"


def test_lists_recursions_and_branches_are_asked_and_others_not() -> None:
    asked = with_references(form_of(Deep))["$defs"]
    assert "sentence_2" in asked["Deep"]["properties"]
    assert "sentence_2" in asked["Person"]["properties"]
    assert list(asked["Sentence"]["properties"]) == ["sentence_2", "sentence"]
    assert list(asked["Size"]["properties"]) == ["metres"]
    assert "properties" not in asked["Deep"]["properties"]["counts"]


def test_the_schema_itself_stays_as_it_is() -> None:
    before = json.dumps(MEETING)
    with_references(MEETING, 9)
    assert json.dumps(MEETING) == before


@pytest.mark.parametrize("evidence", ["sentence", "both"])
def test_the_article_is_shown_with_numbers_and_the_draft_bounded_by_them(
    evidence: EvidenceStyle,
) -> None:
    request = build_request(Article(text=TEXT), recipe(evidence))
    assert request.messages[-1].content.startswith("[1] Ann Lee met Bob in Rome. [2] He")
    assert request.wire_schema["properties"]["sentence"]["maximum"] == 4
    assert (request.grammar is None) == (evidence == "sentence")


def test_a_grammar_admits_the_numbers_of_sentences_and_words_without_them() -> None:
    found = build_request(Article(text="Ann left. Bob came."), recipe("both")).grammar
    assert found is not None
    assert '%json {"type": "integer", "minimum": 1, "maximum": 2}' in found
    assert not any("[" in quote for quote in Lark.of(found).every("QUOTE"))


def test_by_quotation_nothing_is_numbered() -> None:
    request = build_request(Article(text=TEXT), recipe("quotation"))
    assert "[1]" not in request.messages[-1].content
    assert "sentence" not in request.wire_schema["properties"]


def test_the_form_that_a_prompt_shows_is_the_same_for_every_article() -> None:
    """What stands before the article is cached by endpoints."""
    asked = recipe("both", turn="{{ form }}\n\n{{ text }}")
    first, second = (
        build_request(Article(text=text), asked).messages[-1].content.split("\n\n")[0]
        for text in (TEXT, "Rain fell.")
    )
    assert '"sentence"' in first
    assert first == second


def test_a_text_of_page_furniture_alone_has_no_sentence_and_is_asked_all_the_same() -> None:
    request = build_request(Article(text="Photo: Ann Lee"), recipe("both"))
    assert request.wire_schema["properties"]["sentence"]["maximum"] == 1
    found = take_references({"sentence": 1, "place": None}, MEETING, ())
    assert found.sentences == {}
    assert [problem.code for problem in found.problems] == ["no_sentence"]


# ---------------------------------------------------------------- what is taken out again


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["sentence_2", "tags", "inner", "either", "name", "x"]), inner
        ),
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_draft_is_taken_apart(draft: Any) -> None:
    """Only references go, and only numbers of sentences are kept of them."""
    schema = form_of(Deep)
    found = take_references(draft, schema, PLACES)
    assert set(found.sentences.values()) <= set(PLACES)
    if "sentence_2" not in json.dumps(draft):
        assert found.draft == draft


@pytest.mark.parametrize("number", [0, 5, -1, None, True, "2", 1.5, [1], 10**30])
def test_a_number_of_no_sentence_is_told(number: Any) -> None:
    found = take_references(meeting("Rome", number), MEETING, PLACES)
    assert found.draft == {"place": "Rome", "tone": "warm", "people": [], "serious": True}
    assert not found.sentences
    [problem] = found.problems
    assert (problem.code, problem.path, problem.severity) == ("no_sentence", "", "info")
    assert "1 to 4" in problem.message


def test_each_object_has_the_sentence_that_it_named() -> None:
    draft = meeting("Rome", 2, {"sentence": 3, "name": "Bob", "kind": "host"})
    found = take_references(draft, MEETING, PLACES)
    assert found.sentences == {"": PLACES[1], "/people/0": PLACES[2]}
    assert not found.problems


def test_a_field_of_the_schema_that_has_the_name_stays() -> None:
    draft = {"sentence_2": 2, "sentence": "He liked Rome."}
    found = take_references(draft, form_of(Sentence), PLACES)
    assert found.draft == {"sentence": "He liked Rome."}
    assert found.sentences == {"": PLACES[1]}


# ---------------------------------------------------------------- what comes of them


@pytest.mark.parametrize("evidence", ["sentence", "both"])
@pytest.mark.parametrize(("number", "start"), [(1, 34), (2, 49), (3, 56)])
def test_a_mention_is_that_of_the_sentence_named(
    evidence: EvidenceStyle, number: int, start: int
) -> None:
    found = extracted(evidence, meeting("Rome", number))
    assert found.status == "complete"
    assert spans(found, "/place") == [f"{start}:Rome:exact"]
    assert spans(found, "/tone") == [f"{start}:Rome:exact"]
    assert record(found) == {
        "place": "Rome",
        "tone": "warm",
        "country": "ITA",
        "people": [],
        "serious": True,
    }


def test_without_a_sentence_the_same_words_are_ambiguous() -> None:
    draft = meeting("Rome", None)
    assert len(spans(extracted("both", draft), "/place")) == 3
    del draft["sentence"]
    assert len(spans(extracted("quotation", draft), "/place")) == 3


def test_words_that_stand_in_another_sentence_are_found_there_and_it_is_told() -> None:
    found = extracted("both", meeting("hot", 1))
    assert spans(found, "/place") == ["65:hot:exact"]
    assert coded(found, "elsewhere") == ["/place"]
    assert found.status == "complete"


def test_words_that_reach_beyond_the_sentence_named_stand_in_it() -> None:
    found = extracted("both", meeting("in Rome. He liked", 1))
    assert spans(found, "/place") == ["31:in Rome. He liked:exact"]
    assert not coded(found, "elsewhere")


def test_several_mentions_in_the_sentence_named_stay_ambiguous() -> None:
    text = "Rome is Rome. Rome was hot."
    found = take_references(meeting("Rome", 1), MEETING, number_sentences(text).places)
    grounded = ground_draft(
        found.draft, MEETING, Article(text=text), {}, hints=Hints(sentences=found.sentences)
    )
    assert start_of(grounded, "place") == [0, 8]


def test_the_sentence_named_outweighs_what_stands_near() -> None:
    """A neighbour would put Rome into the second sentence."""
    text = "Bob saw Rome. Ann saw Rome, said Eve."
    draft = {"sentence": 1, "left": "Rome", "right": "Eve"}

    class Pair(BaseModel):
        left: Quote
        right: Quote

    schema = form_of(Pair)
    found = take_references(draft, schema, number_sentences(text).places)
    plainly = ground_draft(found.draft, schema, Article(text=text), {})
    named = ground_draft(
        found.draft, schema, Article(text=text), {}, hints=Hints(sentences=found.sentences)
    )
    assert [start_of(grounded, "left") for grounded in (plainly, named)] == [[22], [8]]


def test_a_paraphrase_is_left_out_and_what_follows_from_it_rests_on_the_sentence() -> None:
    found = extracted("sentence", meeting("the Italian capital", 2))
    assert record(found)["place"] is None
    assert record(found)["tone"] == "warm"
    assert found.evidence["/tone"].support == "derived"
    assert spans(found, "/tone") == ["40:He liked Rome.:exact"]
    assert coded(found, "ungrounded") == ["/place"]
    assert coded(found, "sentence_only") == ["/tone", "/serious"]
    assert found.status == "partial"
    assert "/place" not in found.evidence
    assert record(found)["country"] is None


def test_without_a_sentence_what_follows_from_a_paraphrase_is_left_out() -> None:
    found = extracted("sentence", meeting("the Italian capital", 9))
    assert record(found)["tone"] is None
    assert coded(found, "unsupported") == ["/tone", "/serious"]


def test_a_null_is_no_paraphrase() -> None:
    """Where the model quoted nothing, its sentence supports nothing."""
    found = extracted("sentence", meeting(None, 2))
    assert coded(found, "unsupported") == ["/serious"]


def test_an_item_that_needs_its_words_goes_without_them() -> None:
    found = extracted(
        "sentence", meeting("Rome", 1, {"sentence": 1, "name": "A. Lee", "kind": "host"})
    )
    assert record(found)["people"] == []
    assert coded(found, "left_out") == ["/people/0"]


@pytest.mark.parametrize(
    ("evidence", "decoding"),
    [("quotation", "grammar"), ("both", "grammar"), ("sentence", "schema")],
)
def test_the_provenance_says_what_held_the_words(evidence: EvidenceStyle, decoding: str) -> None:
    found = extracted(evidence, meeting("Rome", 1))
    assert found.provenance is not None
    assert found.provenance.decoding == decoding


def test_each_window_counts_its_own_sentences() -> None:
    article = Article(text=TEXT)
    model = Scribe(meeting("Rome", 2))
    asked = recipe("both")
    windows = (Window(0, 40), Window(40, len(TEXT)))
    replies = [asyncio.run(model.complete(build_request(article, asked, w))) for w in windows]
    readings = tuple(Reading(w, reply) for w, reply in zip(windows, replies, strict=True))
    bounds = [request.wire_schema["properties"]["sentence"]["maximum"] for request in model.asked]
    assert bounds == [1, 3]
    found = assemble(article, asked, readings, model)
    assert spans(found, "/place") == ["34:Rome:exact"]
    [told] = [problem for problem in found.problems if problem.code == "no_sentence"]
    assert told.message.startswith("window 1 of 2, characters 0-40: ")


def test_styles_are_recorded_apart(tmp_path: Path) -> None:
    kinds: list[tuple[EvidenceStyle, Decoding]] = [
        ("quotation", "grammar"),
        ("quotation", "schema"),
        ("sentence", "schema"),
        ("both", "grammar"),
        ("both", "schema"),
    ]
    folders = {
        cassette_path(tmp_path, recipe(evidence), Scribe(None, decoding), "one").parent.name
        for evidence, decoding in kinds
    }
    assert len(folders) == len(kinds)


# ---------------------------------------------------------------- what is counted


def counted(evidence: EvidenceStyle, draft: Any, **timings: float) -> ReplyCounts:
    article, asked, model = Article(text=TEXT), recipe(evidence), Scribe(draft, timings=timings)
    _, readings = asyncio.run(extract_with_replies(article, asked, model))
    return count_replies(article, asked, readings)


def test_quotations_are_counted_as_they_were_written() -> None:
    people = (
        {"sentence": 1, "name": "Ann Lee", "kind": "guest"},  # in its sentence
        {"sentence": 2, "name": "hot", "kind": "guest"},  # in another one
        {"sentence": 3, "name": "Anne Lee", "kind": "guest"},  # nowhere
        {"sentence": 7, "name": "Bob", "kind": "guest"},  # no sentence
    )
    found = counted("both", meeting("Rome", 3, *people), prompt_ms=1500, predicted_ms=500)
    assert (found.quotations, found.found, found.referred, found.placed) == (5, 4, 3, 2)
    assert found.grounded_share == 0.8
    assert found.placed_share == pytest.approx(2 / 3)
    assert (found.replies, found.timed, found.seconds) == (1, 1, 2.0)
    assert (found.input_tokens, found.cached_tokens, found.output_tokens) == (100, 60, 20)


def test_by_quotation_no_sentence_is_counted() -> None:
    found = counted("quotation", {"place": "Rome", "tone": None, "people": [], "serious": None})
    assert (found.quotations, found.found, found.verbatim, found.referred) == (1, 1, 1, 0)
    assert found.placed_share is None
    assert found.timed == 0


@pytest.mark.parametrize(
    ("words", "verbatim"),
    [("liked Rome. Rome", 1), ("Rome.\n Rome  was", 1), ("Ro\u00adme", 0), ("Rome, said Bob", 0)],
)
def test_what_stands_there_to_the_character_is_counted_too(words: str, verbatim: int) -> None:
    draft: dict[str, Any] = {"place": words, "tone": None, "people": [], "serious": None}
    assert counted("quotation", draft).verbatim == verbatim


def test_a_reply_without_a_draft_costs_and_says_nothing() -> None:
    found = counted("both", "no record")
    assert (found.replies, found.quotations, found.output_tokens) == (1, 0, 20)
    assert found.grounded_share is None


def test_counts_add_up() -> None:
    one = counted("both", meeting("Rome", 1))
    assert one + ReplyCounts() == one
    assert (one + one).output_tokens == 40
