"""Citations asked beside the values of plain models: what is asked, and what becomes of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, create_model

from extractor.api import extract
from extractor.asking import recipe_identity, record_key
from extractor.cassettes import cassette_path
from extractor.catalog import Catalog, Schema
from extractor.citations import take_apart, with_citations
from extractor.grammar import grammar
from extractor.pipeline import extract_one
from extractor.records import (
    Article,
    Derived,
    Evidence,
    Extraction,
    Frozen,
    Verbatim,
    record_json,
)
from extractor.shape import JsonSchema
from extractor.wire import wire_form
from tests.fake_model import FakeModel, sinking
from tests.lark_sentences import Lark

TEXT = (
    "A dozen guests came to Ann Lee’s inn on 3 May 2024 🎉.\n"
    "Photo: Dan Poe/Agency\n\n"
    "The innkeeper, who is sixty, took\r\n€12.50 from each; two of them were ill. شكرا\n"
)
CATALOG = Catalog.open()


def extracted(
    model: type[BaseModel], draft: Any, *, cite: Literal["all", "marked"] = "all"
) -> Extraction[Any]:
    """What comes of a reply to the form of a plain model."""
    recipe = replace(sinking(), schema=Schema.of_model(model), cite=cite)
    fake = FakeModel(says=lambda _: json.dumps(draft))
    return asyncio.run(extract_one(Article(text=TEXT), recipe, fake))


def words_of(evidence: Evidence) -> tuple[str, list[str]]:
    for span in evidence.spans:
        assert TEXT[span.start : span.end] == span.text
    return evidence.support, [span.text for span in evidence.spans]


def cited(words: str | None, value: Any) -> dict[str, Any]:
    return {"words": words, "value": value}


# ---------------------------------------------------------------- what becomes of a citation


class Mood(Enum):
    WELL = "well"
    ILL = "ill"


VALUES: list[tuple[Any, Any, Any, str, list[str]]] = [
    (int, cited("A dozen guests", 12), 12, "derived", ["A dozen guests"]),
    (Decimal, cited("€12.50", 12.5), "12.5", "derived", ["€12.50"]),
    (Decimal, cited("€12.50", "12.50"), "12.50", "quoted", ["12.50"]),
    (date, cited("3 May 2024", "2024-05-03"), "2024-05-03", "derived", ["3 May 2024"]),
    (bool, cited("came", True), True, "derived", ["came"]),
    (Mood, cited("were ill", "ill"), "ill", "derived", ["were ill"]),
    (Literal[1, 2], cited("two of them", 2), 2, "derived", ["two of them"]),
    (Annotated[int, Field(gt=5, lt=20)], cited("dozen", 12), 12, "derived", ["dozen"]),
    (int | None, cited("sixty", 60), 60, "derived", ["sixty"]),
    (str, "Ann Lee", "Ann Lee", "quoted", ["Ann Lee"]),
    (str, cited("Ann Lee’s inn", "Ann Lee"), "Ann Lee", "quoted", ["Ann Lee"]),
    (str, cited("took €12.50", "admission"), "admission", "derived", ["took\r\n€12.50"]),
    (str, cited("شكرا", "thanks"), "thanks", "derived", ["شكرا"]),
    (int | str, cited("sixty", 60), 60, "derived", ["sixty"]),
    # what the model gave no words for, or words that are not there, says so
    (int, cited(None, 7), 7, "none", []),
    (int, cited("", 7), 7, "none", []),
    (int, cited("eleven guests", 11), 11, "none", []),
    (int, 7, 7, "none", []),
    (str, "a hotel", "a hotel", "none", []),
    (str, cited("Photo: Dan Poe", "photographer"), "photographer", "none", []),
]


@pytest.mark.parametrize(("annotation", "draft", "recorded", "support", "words"), VALUES)
def test_a_value_has_the_words_that_were_cited_for_it(
    annotation: Any, draft: Any, recorded: Any, support: str, words: list[str]
) -> None:
    result = extracted(create_model("Plain", field=(annotation, ...)), {"field": draft})
    assert result.to_dict()["record"] == {"field": recorded}
    assert words_of(result.evidence["/field"]) == (support, words)
    told = [problem for problem in result.problems if problem.path == "/field"]
    assert bool(told) == (support == "none")
    assert result.status == ("partial" if told else "complete")


PROBLEMS = [
    (cited(None, 7), "uncited", None),
    (7, "uncited", None),
    (cited("eleven guests", 11), "ungrounded", "eleven guests"),
    (cited("Dan Poe", 11), "furniture", "Dan Poe"),
]


@pytest.mark.parametrize(("draft", "code", "quote"), PROBLEMS)
def test_what_has_no_words_is_kept_and_reported(draft: Any, code: str, quote: str | None) -> None:
    result = extracted(create_model("Plain", field=(int, ...)), {"field": draft})
    (problem,) = (problem for problem in result.problems if problem.path)
    assert (problem.code, problem.path, problem.quote) == (code, "/field", quote)
    assert problem.severity == "warning"


def test_null_is_no_value_and_needs_no_words() -> None:
    model = create_model("Plain", field=(int | None, ...), other=(str | None, ...))
    result = extracted(model, {"field": cited("A dozen guests", None), "other": None})
    assert (result.evidence, result.status) == ({}, "complete")


def test_cited_words_tell_mentions_apart() -> None:
    class Fee(BaseModel):
        amount: Decimal
        payer: str

    text = "Ann paid 5 euros. Later that day Bob paid 5 euros."
    recipe = replace(sinking(), schema=Schema.of_model(Fee), cite="all")
    draft = {"amount": cited("5 euros", 5), "payer": "Bob"}
    fake = FakeModel(says=lambda _: json.dumps(draft))
    result = asyncio.run(extract_one(Article(text=text), recipe, fake))
    (span,) = result.evidence["/amount"].spans
    assert span.start == text.rindex("5 euros")


def test_without_being_asked_nothing_changes() -> None:
    """The values of plain models then have no words, but for the strings that are found."""
    model = create_model("Plain", name=(str, ...), guests=(int, ...))
    result = extracted(model, {"name": "Ann Lee", "guests": 12}, cite="marked")
    assert words_of(result.evidence["/name"]) == ("quoted", ["Ann Lee"])
    assert words_of(result.evidence["/guests"]) == ("none", [])
    (problem,) = (problem for problem in result.problems if problem.path)
    assert (problem.code, problem.severity) == ("uncited", "info")
    assert result.provenance is not None
    assert not result.provenance.citations


class Guests(BaseModel):
    guests: int


def test_a_model_of_the_users_own_is_asked_for_citations() -> None:
    fake = FakeModel(says=lambda _: json.dumps({"guests": cited("A dozen", 12)}))
    result = extract(TEXT, schema=Guests, model=fake)
    assert result.record == Guests(guests=12)
    assert words_of(result.evidence["/guests"]) == ("derived", ["A dozen"])
    assert result.provenance is not None
    assert result.provenance.citations


def test_records_made_with_and_without_citations_have_keys_of_their_own() -> None:
    recipe = replace(sinking(), cite="all")
    identities = [recipe_identity(each, FakeModel()) for each in (recipe, sinking())]
    keys = {record_key(Article(text=TEXT), identity) for identity in identities}
    assert len(keys) == 2


def test_the_long_form_and_the_short_one_are_recorded_apart() -> None:
    recipe = replace(sinking(), cite="all")
    paths = {cassette_path(Path(), each, FakeModel(), "x") for each in (recipe, sinking())}
    assert len(paths) == 2


# ---------------------------------------------------------------- what is asked


def test_our_own_schemas_mark_everything_so_nothing_more_is_asked() -> None:
    for entry in CATALOG.schemas():
        schema = CATALOG.schema(entry.id).json_schema
        assert with_citations(schema) is schema


def test_what_is_marked_is_asked_as_it_was() -> None:
    class Inner(BaseModel):
        name: str

    class Model(BaseModel):
        all_quoted: Annotated[list[Inner], Verbatim]
        plain: Inner
        sure: Annotated[bool, Derived("plain/name")]

    asked = with_citations(Model.model_json_schema())
    properties = asked["properties"]
    assert properties["all_quoted"] == Model.model_json_schema()["properties"]["all_quoted"]
    assert properties["sure"] == Model.model_json_schema()["properties"]["sure"]
    assert asked["$defs"]["Inner"] == Model.model_json_schema()["$defs"]["Inner"]
    draft = {"all_quoted": [{"name": "Ann Lee"}], "plain": {"name": "Ann Lee"}, "sure": True}
    assert extracted(Model, draft).status == "complete"


def test_words_and_value_of_the_users_own_are_no_citation() -> None:
    class Amount(BaseModel):
        words: Annotated[str, Verbatim]
        value: Annotated[Decimal, Derived("words")]

    class Fee(BaseModel):
        fee: Amount
        guests: int

    draft = {"fee": cited("€12.50", 12.5), "guests": {"words_": "A dozen", "value_": 12}}
    result = extracted(Fee, draft)
    assert result.to_dict()["record"] == {
        "fee": {"words": "€12.50", "value": "12.5"},
        "guests": 12,
    }
    assert words_of(result.evidence["/fee/value"]) == ("derived", ["€12.50"])
    assert words_of(result.evidence["/guests"]) == ("derived", ["A dozen"])


def test_the_description_of_a_field_stays_beside_it() -> None:
    class Guest(BaseModel):
        age: int | None = Field(description="in years")
        name: str = Field(description="without title")

    form = json.dumps(wire_form(with_citations(Guest.model_json_schema())).schema)
    assert form.count("in years") == form.count("without title") == 1


class Came(BaseModel):
    kind: Literal["came"]
    on: date


class Left(BaseModel):
    kind: Literal["left"]
    by: date


class Node(BaseModel):
    name: str
    age: int | None
    guests: list[Node] = []


class Party(Frozen):
    host: Node
    moves: list[Annotated[Came | Left, Field(discriminator="kind")]]
    fee: Decimal | None
    mood: Mood


def test_a_strict_schema_stays_strict() -> None:
    wire = wire_form(with_citations(Party.model_json_schema()))
    assert wire.strict
    assert grammar(with_citations(Party.model_json_schema()), TEXT) is not None


def test_branches_and_recursion() -> None:
    host = {"name": "Ann Lee", "age": cited("sixty", 60), "guests": []}
    draft = {
        "host": {**host, "guests": [{"name": "guests", "age": None, "guests": []}]},
        "moves": [
            {"kind": cited("came", "came"), "on": cited("3 May 2024", "2024-05-03")},
            {"kind": cited(None, "left"), "by": cited("3 May 2024", "2024-05-03")},
        ],
        "fee": cited("€12.50", 12.5),
        "mood": cited("ill", "ill"),
    }
    result = extracted(Party, draft)
    assert isinstance(result.record, Party)
    assert [type(move) for move in result.record.moves] == [Came, Left]
    assert {path: e.support for path, e in result.evidence.items()} == {
        "/host/name": "quoted",
        "/host/age": "derived",
        "/host/guests/0/name": "quoted",
        "/moves/0/kind": "derived",
        "/moves/0/on": "derived",
        "/moves/1/kind": "none",
        "/moves/1/by": "derived",
        "/fee": "derived",
        "/mood": "derived",
    }


@pytest.mark.parametrize(
    ("annotation", "draft"),
    [
        (dict[str, int], {"inn": cited("A dozen", 12)}),
        (tuple[int, str], [cited("A dozen", 12), "guests"]),
    ],
)
def test_what_strict_mode_cannot_express_goes_the_loose_way(annotation: Any, draft: Any) -> None:
    model = create_model("Loose", field=(annotation, ...))
    assert grammar(with_citations(model.model_json_schema()), TEXT) is None
    result = extracted(model, {"field": draft})
    assert result.provenance is not None
    assert (result.provenance.wire, result.provenance.citations) == ("loose", True)
    assert {e.support for e in result.evidence.values()} <= {"quoted", "derived"}


class Visit(BaseModel):
    who: str
    guests: int
    on: date | None


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_under_a_grammar_all_that_is_cited_stands_in_the_article(data: st.DataObject) -> None:
    text = "A dozen came to Ann’s inn\r\non 3 May."
    written = grammar(with_citations(Visit.model_json_schema()), text)
    assert written is not None
    draft = json.loads(Lark.of(written).sentence(data.draw))
    plain, citations = take_apart(draft, Visit.model_json_schema())
    assert plain.keys() == Visit.model_fields.keys()
    for words in citations.values():
        assert words.strip() in " ".join(text.split())


# ---------------------------------------------------------------- any model


@dataclass(frozen=True)
class Kind:
    """A type, and drafts of it: what Pydantic is to get, and what the model answers."""

    annotation: Any
    drafts: st.SearchStrategy[tuple[Any, Any]]


QUOTES = st.sampled_from(["A dozen", "guests", "Ann Lee", "sixty", "two of them", "شكرا", "🎉"])
WORDS = st.none() | QUOTES | st.just("not there")


def scalar(annotation: Any, values: st.SearchStrategy[Any]) -> Kind:
    return Kind(annotation, st.builds(lambda v, w: (v, cited(w, v)), values, WORDS))


SCALARS = st.sampled_from(
    [
        scalar(int, st.integers(-(10**6), 10**6)),
        scalar(float, st.floats(-1e6, 1e6)),
        scalar(bool, st.booleans()),
        scalar(Decimal, st.decimals(-1000, 1000, places=2).map(float)),
        scalar(date, st.dates().map(date.isoformat)),
        scalar(datetime, st.datetimes().map(datetime.isoformat)),
        scalar(time, st.times().map(time.isoformat)),
        scalar(Mood, st.sampled_from(["well", "ill"])),
        scalar(Literal["a", 5], st.sampled_from(["a", 5])),
        scalar(int | str, st.integers(0, 9) | QUOTES),
        scalar(str, QUOTES | st.text("xyz", min_size=1)),
        Kind(str, QUOTES.map(lambda quote: (quote, quote))),
        Kind(str, st.text("xyz", min_size=1).map(lambda text: (text, text))),
        Kind(Annotated[str, Verbatim], QUOTES.map(lambda quote: (quote, quote))),
    ]
)


def split(pairs: list[tuple[Any, Any]]) -> tuple[list[Any], list[Any]]:
    return [plain for plain, _ in pairs], [reply for _, reply in pairs]


def optional(kind: Kind) -> Kind:
    return Kind(kind.annotation | None, st.just((None, None)) | kind.drafts)


def listed(kind: Kind) -> Kind:
    items = st.lists(kind.drafts, max_size=3, unique_by=lambda pair: json.dumps(pair[0]))
    return Kind(list[kind.annotation], items.map(split))  # type: ignore[name-defined]


def keyed(kind: Kind) -> Kind:
    items = st.dictionaries(st.sampled_from(["a", "b/c", "words"]), kind.drafts, max_size=3)
    made: Callable[[Any], Any] = lambda found: (  # noqa: E731 - a type for mypy
        {key: plain for key, (plain, _) in found.items()},
        {key: reply for key, (_, reply) in found.items()},
    )
    return Kind(dict[str, kind.annotation], items.map(made))  # type: ignore[name-defined]


def paired(first: Kind, second: Kind) -> Kind:
    drafts = st.tuples(first.drafts, second.drafts).map(list).map(split)
    return Kind(tuple[first.annotation, second.annotation], drafts)  # type: ignore[name-defined]


NAMES = ["value", "kind", "größe", "x_1"]


def nested(kinds: list[Kind]) -> Kind:
    named = dict(zip(NAMES, kinds, strict=False))
    model = create_model("Inner", **{name: (k.annotation, ...) for name, k in named.items()})  # type: ignore[call-overload]
    made: Callable[[Any], Any] = lambda found: (  # noqa: E731
        {name: plain for name, (plain, _) in found.items()},
        {name: reply for name, (_, reply) in found.items()},
    )
    return Kind(model, st.fixed_dictionaries({n: k.drafts for n, k in named.items()}).map(made))


def joined(found: tuple[tuple[Any, Any], tuple[Any, Any]]) -> tuple[Any, Any]:
    (tag, tag_reply), (it, it_reply) = found
    return {"tag": tag, "it": it}, {"tag": tag_reply, "it": it_reply}


def tagged(first: Kind, second: Kind) -> Kind:
    """A discriminated union."""
    tags = ["one", "two"]
    models, drafts = [], []
    for tag, kind in zip(tags, [first, second], strict=True):
        fields: dict[str, Any] = {"tag": (Literal[tag], ...), "it": (kind.annotation, ...)}
        models.append(create_model(f"Tagged_{tag}", **fields))
        both = st.tuples(scalar(str, st.just(tag)).drafts, kind.drafts)
        drafts.append(both.map(joined))
    union: Any = Union.__getitem__(tuple(models))
    return Kind(Annotated[union, Field(discriminator="tag")], st.one_of(drafts))


KINDS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        inner.map(optional),
        inner.map(listed),
        inner.map(keyed),
        st.builds(paired, inner, inner),
        st.lists(inner, min_size=1, max_size=3).map(nested),
        st.builds(tagged, inner, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_record_is_what_pydantic_makes_of_the_values_alone(data: st.DataObject) -> None:
    kind = data.draw(KINDS)
    model = create_model("Any", field=(kind.annotation, ...))
    plain, reply = data.draw(kind.drafts)
    result = extracted(model, {"field": reply})
    expected = record_json(model.model_validate({"field": plain}))
    assert result.to_dict()["record"] == expected
    assert set(result.evidence) == set(scalars(expected))
    for evidence in result.evidence.values():
        assert bool(evidence.spans) == (evidence.support != "none")
        words_of(evidence)


@given(st.data())
def test_what_is_asked_is_taken_apart_again(data: st.DataObject) -> None:
    kind = data.draw(KINDS)
    schema: JsonSchema = create_model("Any", field=(kind.annotation, ...)).model_json_schema()
    plain, reply = data.draw(kind.drafts)
    draft, citations = take_apart({"field": reply}, schema)
    assert draft == {"field": plain}
    assert set(citations) <= {*scalars(draft)} | {*nulls(draft)}
    assert take_apart(draft, schema) == (draft, {})


def scalars(value: Any, path: str = "") -> list[str]:
    """The pointers of all that is neither null nor holds something."""
    if isinstance(value, dict):
        escaped = ((str(key).replace("~", "~0").replace("/", "~1"), v) for key, v in value.items())
        return [found for key, child in escaped for found in scalars(child, f"{path}/{key}")]
    if isinstance(value, list):
        return [found for i, child in enumerate(value) for found in scalars(child, f"{path}/{i}")]
    return [] if value is None else [path]


def nulls(value: Any) -> list[str]:
    return [] if value is not None else [""]


# ---------------------------------------------------------------- names on the way in and out


class Renamed(BaseModel):
    name: str = Field(validation_alias="vollerName", serialization_alias="full-name")
    age: int = Field(alias="years", serialization_alias="age-in-years")


class House(BaseModel):
    model_config = ConfigDict(alias_generator=str.upper)

    host: Renamed
    by_room: dict[str, Renamed]
    pair: tuple[Renamed, Renamed]


def test_evidence_follows_a_value_to_the_name_that_it_is_written_under() -> None:
    person = {"vollerName": "Ann Lee", "years": cited("sixty", 60)}
    draft = {"HOST": person, "BY_ROOM": {"attic": person}, "PAIR": [person, person]}
    result = extracted(House, draft)
    places = ["/HOST", "/BY_ROOM/attic", "/PAIR/0", "/PAIR/1"]
    assert {path: e.support for path, e in result.evidence.items()} == {
        f"{place}/{name}": support
        for place in places
        for name, support in (("full-name", "quoted"), ("age-in-years", "derived"))
    }
    assert result.status == "complete"


def test_the_places_of_a_tuple_may_say_the_same() -> None:
    """Of a list, what a model repeats is left out (`repeated`)."""

    class Guest(BaseModel):
        name: str

    model = create_model("Pair", pair=(tuple[Guest, Guest], ...))
    result = extracted(model, {"pair": [{"name": "Ann Lee"}, {"name": "Ann Lee"}]})
    assert result.to_dict()["record"] == {"pair": [{"name": "Ann Lee"}, {"name": "Ann Lee"}]}
