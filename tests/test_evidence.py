"""From a draft to a grounded draft: every value with its words, or a problem."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, create_model

from extractor.catalog import Catalog, Policy
from extractor.evidence import GroundedDraft, ground_draft
from extractor.records import Article, Computed, Derived, Frozen, Problem, Verbatim, record_json
from extractor.resolve import Resolution, Resolver, Words
from extractor.text import flatten
from extractor.tree import MISSING, Tree, Value, kept, leaves, plain
from extractor.validation import evidence_map, status_of, validate

TEXT = (
    "Ann Lee met Bob Roy in Oslo.\nThey signed the\r\npact on Monday; “three” aides came.\n"
    "Later Ann Lee flew to Rome. In Rome, Bob spoke.\n"
)
EVENT = Catalog.open().schema("event@1")


def shout(words: Words) -> Resolution:
    """The words in capitals, and the hints; `?` cannot be resolved, nor is `-` worth a word."""
    if words.quote in {"Rome", "Oslo"}:
        return Resolution(None, (), "which one is open" if words.quote == "Rome" else "")
    return Resolution(" ".join([words.quote.upper(), *words.hints]), (), "")


RESOLVERS: dict[str, Resolver] = {"shout": shout}


class Kind(StrEnum):
    MEET = "meet"
    SIGN = "sign"


class Person(BaseModel):
    name: Annotated[str, Verbatim]
    kind: Annotated[Kind, Derived("name")]


def ground(
    model: type[BaseModel] | Any,
    draft: Any,
    *,
    policy: Policy = "leave_out",
    text: str = TEXT,
) -> GroundedDraft:
    """A draft of a model, or of a field's type: then of `{"field": ...}`."""
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        model, draft = create_model("Model", field=(model, ...)), {"field": draft}
    article = Article(text=text)
    return ground_draft(draft, model.model_json_schema(), article, RESOLVERS, policy)


def value(found: GroundedDraft) -> Any:
    """The JSON of what is left."""
    return None if found.tree is None else plain(found.tree)


def codes(found: GroundedDraft) -> list[tuple[str, str]]:
    return [(problem.code, problem.path) for problem in found.problems]


def at(found: GroundedDraft, *steps: str | int) -> Value:
    """The leaf at some steps."""
    tree: Any = found.tree
    for step in steps:
        tree = tree[step]
    assert isinstance(tree, Value)
    return tree


def words(leaf: Value) -> list[str]:
    for span in leaf.spans:
        assert TEXT[span.start : span.end] == span.text
    return [span.text for span in leaf.spans]


# ---------------------------------------------------------------- quotations


QUOTATIONS = [
    ("met", "met", "exact", ["met"]),
    (" met ", "met", "exact", ["met"]),
    ("signed the pact", "signed the pact", "folded", ["signed the\r\npact"]),
    ('"three" aides', "“three” aides", "folded", ["“three” aides"]),
    ("Ann Lee", "Ann Lee", "ambiguous", ["Ann Lee", "Ann Lee"]),
]


@pytest.mark.parametrize(("quote", "recorded", "alignment", "found"), QUOTATIONS)
def test_a_quotation_becomes_the_articles_own_words(
    quote: str, recorded: str, alignment: str, found: list[str]
) -> None:
    grounded = ground(Annotated[str, Verbatim], quote)
    leaf = at(grounded, "field")
    assert (leaf.value, leaf.support, grounded.problems) == (recorded, "quoted", ())
    assert words(leaf) == found
    assert {span.alignment for span in leaf.spans} == {alignment}


NO_QUOTATIONS = ["Ann Leigh", "ANN LEE", "met in Oslo", "Bobby", "", "  ", "four"]


@pytest.mark.parametrize("quote", NO_QUOTATIONS)
def test_other_words_are_left_out_and_reported(quote: str) -> None:
    grounded = ground(Annotated[str | None, Verbatim], quote)
    assert value(grounded) == {"field": None}
    (problem,) = grounded.problems
    assert (problem.code, problem.path) == ("ungrounded", "/field")
    assert (problem.severity, problem.quote) == ("warning", quote)


CAPTIONED = "Carol waves. Photo: Dan Poe/Agency\n\nAnn Lee met Bob Roy. Carol was away.\n"


@pytest.mark.parametrize(("quote", "code"), [("Dan Poe", "furniture"), ("Eve", "ungrounded")])
def test_words_of_page_furniture_are_no_words_of_the_article(quote: str, code: str) -> None:
    grounded = ground(Annotated[str | None, Verbatim], quote, text=CAPTIONED)
    assert value(grounded) == {"field": None}
    assert codes(grounded) == [(code, "/field")]
    assert grounded.problems[0].quote == quote
    kept_words = ground(Annotated[str | None, Verbatim], quote, text=CAPTIONED, policy="flag")
    assert at(kept_words, "field") == Value(quote)


def test_words_outside_of_page_furniture_go_first() -> None:
    (span,) = at(ground(Annotated[str, Verbatim], "Carol", text=CAPTIONED), "field").spans
    assert span.start == CAPTIONED.rindex("Carol")


def test_neighbours_tell_mentions_apart() -> None:
    class Move(BaseModel):
        who: Annotated[str, Verbatim]
        how: Annotated[str, Verbatim]

    grounded = ground(Move, {"who": "Ann Lee", "how": "flew"})
    assert [span.start for span in at(grounded, "who").spans] == [TEXT.rindex("Ann Lee")]


def test_the_quotations_around_an_object_tell_its_mentions_apart() -> None:
    """Wherever the model wrote them, and those of lists too."""

    class Move(BaseModel):
        people: list[Person]
        also: list[Annotated[str, Verbatim]]
        how: Annotated[str, Verbatim]

    person = {"name": "Ann Lee", "kind": "meet"}
    grounded = ground(Move, {"people": [person], "also": ["Ann Lee"], "how": "flew"})
    last = [TEXT.rindex("Ann Lee")]
    assert [span.start for span in at(grounded, "people", 0, "name").spans] == last
    assert [span.start for span in at(grounded, "also", 0).spans] == last


def test_null_needs_no_words() -> None:
    grounded = ground(Annotated[str | None, Verbatim], None)
    assert (value(grounded), grounded.problems) == ({"field": None}, ())


# ---------------------------------------------------------------- leaving out


Quote = Annotated[str, Verbatim]
NOT = "not there"

LEFT_OUT: list[tuple[Any, Any, Any, list[str]]] = [
    # null, where null is allowed
    (Quote | None, NOT, {"field": None}, ["ungrounded /field"]),
    # else the list item
    (
        list[Quote],
        [NOT, "met", NOT],
        {"field": ["met"]},
        ["ungrounded /field/0", "ungrounded /field/2"],
    ),
    (
        Annotated[list[str], Verbatim],
        ["met", NOT],
        {"field": ["met"]},
        ["ungrounded /field/1"],
    ),
    (
        list[Quote | None],
        ["met", NOT, None],
        {"field": ["met", None]},
        ["ungrounded /field/1"],
    ),
    (
        list[list[Quote]],
        [[NOT], ["met"]],
        {"field": [[], ["met"]]},
        ["ungrounded /field/0/0"],
    ),
    # else the nearest list
    (
        list[Person],
        [{"name": NOT, "kind": "meet"}],
        {"field": []},
        ["ungrounded /field/0/name", "left_out /field/0"],
    ),
    # or optional ancestor
    (
        Person | None,
        {"name": NOT, "kind": "meet"},
        {"field": None},
        ["ungrounded /field/name", "left_out /field"],
    ),
    (
        dict[str, Quote],
        {"a/b": NOT, "c": "met"},
        {"field": {"c": "met"}},
        ["ungrounded /field/a~1b"],
    ),
    # a place in a tuple is none that can go
    (
        tuple[Quote, Quote] | None,
        ["met", NOT],
        {"field": None},
        ["ungrounded /field/1", "left_out /field"],
    ),
    (
        tuple[Quote, Quote | None],
        ["met", NOT],
        {"field": ["met", None]},
        ["ungrounded /field/1"],
    ),
    (
        list[tuple[Quote, Quote]],
        [[NOT, "met"], ["met", "met"]],
        {"field": [["met", "met"]]},
        ["ungrounded /field/0/0", "left_out /field/0"],
    ),
    # else everything
    (Quote, NOT, None, ["ungrounded /field", "left_out "]),
    (Person, {"name": NOT, "kind": "meet"}, None, ["ungrounded /name", "left_out "]),
]


@pytest.mark.parametrize(("annotation", "draft", "left", "problems"), LEFT_OUT)
def test_what_is_left_out_and_what_goes_with_it(
    annotation: Any, draft: Any, left: Any, problems: list[str]
) -> None:
    grounded = ground(annotation, draft)
    assert value(grounded) == left
    assert [f"{problem.code} {problem.path}" for problem in grounded.problems] == problems


def test_an_optional_field_goes_without_its_object() -> None:
    class Model(BaseModel):
        name: Quote
        nick: Quote = "nobody"

    grounded = ground(Model, {"name": "Bob Roy", "nick": NOT})
    assert value(grounded) == {"name": "Bob Roy"}
    assert codes(grounded) == [("ungrounded", "/nick")]


def test_an_ancestor_that_goes_says_what_it_cannot_stand_without() -> None:
    grounded = ground(list[Person], [{"name": NOT, "kind": "meet"}])
    assert grounded.problems[-1].message == "it cannot stand without 'name'; left out"


def test_all_problems_are_reported_at_once() -> None:
    """Also those in an object that goes for another reason."""
    draft = {"field": [{"name": NOT, "kind": "meet", "age": 5}, {"name": "Nobody", "kind": "meet"}]}
    model = create_model("Model", field=(list[Person], ...))
    assert set(codes(ground(model, draft))) == {
        ("unexpected", "/field/0/age"),
        ("ungrounded", "/field/0/name"),
        ("left_out", "/field/0"),
        ("ungrounded", "/field/1/name"),
        ("left_out", "/field/1"),
    }


def test_problems_name_places_of_the_draft() -> None:
    """Whatever was left out before them; so they can be asked again."""

    class Town(BaseModel):
        name: Quote
        rank: Annotated[int, Derived("name")]
        loud: Annotated[str | None, Computed("name", by="shout")]

    names = [NOT, "Rome", NOT, "Rome"]
    draft = [{"name": name, "rank": rank} for rank, name in enumerate(names)]
    unresolved = [
        problem for problem in ground(list[Town], draft).problems if problem.code == "unresolved"
    ]
    assert [problem.path for problem in unresolved] == ["/field/1/loud", "/field/3/loud"]


POLICIES: list[tuple[Policy, Any, str]] = [
    ("leave_out", None, "warning"),
    ("flag", NOT, "warning"),
    ("reject", None, "error"),
]


@pytest.mark.parametrize(("policy", "left", "severity"), POLICIES)
def test_the_policy_says_what_becomes_of_a_quotation(
    policy: Policy, left: Any, severity: str
) -> None:
    grounded = ground(Quote | None, NOT, policy=policy)
    assert value(grounded) == {"field": left}
    (problem,) = grounded.problems
    assert (problem.code, problem.severity) == ("ungrounded", severity)
    assert problem.message.endswith("kept" if policy == "flag" else "left out")


@pytest.mark.parametrize(("policy", "left", "severity"), POLICIES)
def test_the_policy_says_what_becomes_of_a_derived_value(
    policy: Policy, left: Any, severity: str
) -> None:
    class Model(BaseModel):
        name: Quote | None
        kind: Annotated[str | None, Derived("name")]

    grounded = ground(Model, {"name": None, "kind": NOT}, policy=policy)
    assert value(grounded) == {"name": None, "kind": left}
    (problem,) = grounded.problems
    assert (problem.code, problem.path, problem.severity) == ("unsupported", "/kind", severity)
    assert at(grounded, "kind").support == "none"


def test_flagged_words_support_nothing() -> None:
    grounded = ground(Person, {"name": NOT, "kind": "meet"}, policy="flag")
    assert value(grounded) == {"name": NOT, "kind": "meet"}
    assert codes(grounded) == [("ungrounded", "/name"), ("unsupported", "/kind")]
    assert {leaf.support for leaf in leaves(grounded.tree or Value(None))} == {"none"}


# ---------------------------------------------------------------- derived values


class Time(BaseModel):
    text: Quote


class Factuality(BaseModel):
    cue: Quote | None
    certain: Annotated[bool, Derived("cue", "../trigger")]


class Item(BaseModel):
    name: Quote | None
    kind: Annotated[Kind | None, Derived("../trigger")]
    day: Annotated[str | None, Derived("../time/text")]


class Happening(BaseModel):
    kind: Annotated[Kind, Derived("trigger")]
    past: Annotated[bool | None, Derived("time/text")]
    all: Annotated[int | None, Derived("time", "items")]
    items: list[Item]
    factuality: Factuality | None
    time: Time | None
    trigger: Quote | None
    last: Annotated[int | None, Derived("items")]


HAPPENING: dict[str, Any] = {
    "kind": "meet",
    "past": True,
    "all": 0,
    "items": [{"name": "aides", "kind": "sign", "day": "MON"}],
    "factuality": {"cue": None, "certain": False},
    "time": {"text": "on Monday"},
    "trigger": "met",
    "last": 1,
}


@pytest.mark.parametrize("order", ["as in the schema", "reversed"])
def test_a_derived_value_has_the_words_of_its_sources(order: str) -> None:
    draft = HAPPENING if order != "reversed" else dict(reversed(HAPPENING.items()))
    grounded = ground(Happening, draft)
    assert value(grounded) == HAPPENING
    assert list(value(grounded)) == list(HAPPENING), "the schema's order"
    assert grounded.problems == ()
    expected: list[tuple[tuple[str | int, ...], list[str]]] = [
        (("kind",), ["met"]),
        (("past",), ["on Monday"]),
        (("all",), ["on Monday", "aides"]),
        (("last",), ["aides"]),  # what else is derived there adds nothing
        (("items", 0, "kind"), ["met"]),
        (("items", 0, "day"), ["on Monday"]),
        (("factuality", "certain"), ["met"]),
    ]
    for steps, found in expected:
        assert at(grounded, *steps).support == "derived"
        assert words(at(grounded, *steps)) == found


def test_a_derived_value_without_words_is_left_out() -> None:
    grounded = ground(Happening, {**HAPPENING, "time": None, "trigger": NOT})
    assert grounded.tree is None
    assert codes(grounded) == [
        ("ungrounded", "/trigger"),
        ("unsupported", "/kind"),
        ("unsupported", "/past"),
        ("unsupported", "/items/0/kind"),
        ("unsupported", "/items/0/day"),
        ("unsupported", "/factuality/certain"),
        ("left_out", ""),
    ]
    assert "'cue' or '../trigger'" in grounded.problems[5].message


def test_an_object_that_went_supports_nothing() -> None:
    draft = {**HAPPENING, "time": {"text": NOT}}
    grounded = ground(Happening, draft)
    assert value(grounded)["past"] is None
    assert value(grounded)["items"][0]["day"] is None
    assert ("unsupported", "/past") in codes(grounded)


def test_lists_and_dictionaries_can_be_derived() -> None:
    class Model(BaseModel):
        text: Quote | None
        kinds: Annotated[list[Kind], Derived("text")]
        counts: Annotated[dict[str, int], Derived("text")]

    draft = {"text": "met", "kinds": ["meet", "sign"], "counts": {"x": 1}}
    grounded = ground(Model, draft)
    assert (value(grounded), grounded.problems) == (draft, ())
    assert words(at(grounded, "kinds", 1)) == words(at(grounded, "counts", "x")) == ["met"]
    grounded = ground(Model, {**draft, "text": NOT})
    assert value(grounded) == {"text": None, "kinds": [], "counts": {}}


@pytest.mark.parametrize("source", ["nobody", "..", "../../..", "text/deeper", "", "/"])
def test_a_source_that_leads_nowhere_supports_nothing(source: str) -> None:
    class Model(BaseModel):
        text: Quote
        kind: Annotated[str | None, Derived(source)]

    assert codes(ground(Model, {"text": "met", "kind": "x"})) == [("unsupported", "/kind")]


# ---------------------------------------------------------------- computed values


class Loud(BaseModel):
    text: Quote | None
    mood: Annotated[str | None, Derived("text")]
    loud: Annotated[str | None, Computed("text", "mood", by="shout")]


class Louds(BaseModel):
    trigger: Quote | None
    tense: Annotated[str | None, Derived("trigger")]
    louds: list[Loud] = []
    named: dict[str, Loud] = {}
    told: Annotated[str | None, Computed("louds", by="shout")]
    far: Annotated[str | None, Computed("trigger", "tense", "nobody", by="shout")]


def test_a_resolver_fills_in_from_the_words() -> None:
    grounded = ground(Loud, {"text": "signed the pact", "mood": "glad"})
    assert value(grounded) == {
        "text": "signed the pact",
        "mood": "glad",
        "loud": "SIGNED THE PACT glad",
    }
    assert at(grounded, "loud").support == "computed"
    assert words(at(grounded, "loud")) == ["signed the\r\npact"]


def test_a_resolver_gets_all_places_and_may_add_words() -> None:
    asked: list[Words] = []

    def resolver(given: Words) -> Resolution:
        asked.append(given)
        return Resolution(5, ((8, 11), given.spans[0]), "")

    article = Article(text=TEXT)
    schema = Loud.model_json_schema()
    grounded = ground_draft({"text": "Ann Lee", "mood": None}, schema, article, {"shout": resolver})
    start = TEXT.rindex("Ann Lee")
    assert asked == [Words("Ann Lee", ((0, 7), (start, start + 7)), article, ())]
    assert (at(grounded, "loud").value, grounded.problems) == (5, ())
    assert words(at(grounded, "loud"))[:3] == ["Ann Lee", "Ann Lee", "met"]


def test_what_a_resolver_cannot_tell_is_null_with_its_reason() -> None:
    grounded = ground(Loud, {"text": "Rome", "mood": None})
    assert at(grounded, "loud") == Value(None)
    (problem,) = grounded.problems
    assert (problem.code, problem.path, problem.quote) == ("unresolved", "/loud", "Rome")
    assert problem.message == "which one is open"


@pytest.mark.parametrize("text", ["Oslo", None])
def test_where_there_is_nothing_to_tell_null_is_no_problem(text: str | None) -> None:
    grounded = ground(Loud, {"text": text, "mood": None})
    assert (at(grounded, "loud"), grounded.problems) == (Value(None), ())


def test_computed_values_at_every_depth() -> None:
    draft = {
        "trigger": "met",
        "tense": "PAST",
        "louds": [{"text": NOT, "mood": "x"}, {"text": "aides", "mood": "calm"}],
        "named": {"a": {"text": "Monday", "mood": None}},
    }
    grounded = ground(Louds, draft)
    found = value(grounded)
    assert [each["loud"] for each in found["louds"]] == [None, "AIDES calm"]
    assert found["named"]["a"]["loud"] == "MONDAY"
    assert (found["far"], found["told"]) == ("MET PAST", None)


def test_a_resolver_that_does_not_exist_is_a_problem() -> None:
    grounded = ground_draft(
        {"text": "met", "mood": None}, Loud.model_json_schema(), Article(text=TEXT), {}
    )
    assert codes(grounded) == [("unresolved", "/loud")]
    assert "'shout'" in grounded.problems[0].message


def test_what_the_model_wrote_into_a_computed_field_is_ignored() -> None:
    grounded = ground(Loud, {"text": "met", "mood": None, "loud": "invented"})
    assert value(grounded)["loud"] == "MET"
    assert codes(grounded) == [("unexpected", "/loud")]


# ---------------------------------------------------------------- unions and depth


class Visit(BaseModel):
    kind: Literal["visit"]
    place: Quote
    loud: Annotated[str | None, Computed("place", by="shout")]


class Call(BaseModel):
    kind: Literal["call"]
    caller: Quote


class Node(BaseModel):
    name: Quote
    inner: list[Node] = []
    also: Node | None = None


UNIONS: list[Any] = [
    list[Annotated[Visit | Call, Field(discriminator="kind")]],
    list[Call | Visit],
    list[Call | Visit | str],
    list[Visit | None] | list[Call | Visit] | None,
]


@pytest.mark.parametrize("annotation", UNIONS)
def test_a_value_is_read_as_the_branch_it_belongs_to(annotation: Any) -> None:
    draft = [{"kind": "call", "caller": "Bob Roy"}, {"kind": "visit", "place": "Monday"}]
    grounded = ground(annotation, draft)
    assert at(grounded, "field", 0, "caller").support == "quoted"
    assert at(grounded, "field", 1, "loud").value == "MONDAY"
    # The discriminator is a choice of the model's, for which it gave no words.
    assert codes(grounded) == [("uncited", "/field/0/kind"), ("uncited", "/field/1/kind")]


def test_a_quotation_or_a_number() -> None:
    for draft, support in (("met", "quoted"), (5, "none"), (None, "none")):
        assert at(ground(Quote | int | None, draft), "field").support == support
    assert codes(ground(Quote | int | None, NOT)) == [("ungrounded", "/field")]


def test_a_recursive_model() -> None:
    draft = {
        "name": "Ann Lee",
        "inner": [{"name": NOT, "inner": []}, {"name": "met", "also": {"name": "Bob Roy"}}],
        "also": {"name": "Oslo", "inner": [], "also": {"name": NOT}},
    }
    grounded = ground(Node, draft)
    assert value(grounded) == {
        "name": "Ann Lee",
        "inner": [{"name": "met", "also": {"name": "Bob Roy"}}],
        "also": {"name": "Oslo", "inner": [], "also": None},
    }


def test_a_tuple_has_a_schema_for_each_place() -> None:
    grounded = ground(tuple[Quote, Kind, str], ["met", "meet", "aides"])
    assert [at(grounded, "field", i).support for i in range(3)] == ["quoted", "none", "quoted"]
    assert codes(grounded) == [("uncited", "/field/1")]


def test_values_of_a_dictionary_have_their_schema() -> None:
    grounded = ground(dict[str, Kind], {"Ann": "meet"})
    assert codes(grounded) == [("uncited", "/field/Ann")]
    class_of = ground(dict[str, Person], {"x": {"name": "Bob Roy", "kind": "meet"}})
    assert at(class_of, "field", "x", "kind").support == "derived"


# ---------------------------------------------------------------- unknown and missing keys


def test_a_field_that_the_schema_does_not_have_is_reported() -> None:
    grounded = ground(Person, {"name": "Ann Lee", "kind": "meet", "a~/b": "Oslo"})
    assert value(grounded) == {"name": "Ann Lee", "kind": "meet"}
    assert codes(grounded) == [("unexpected", "/a~0~1b")]
    assert "'a~/b'" in grounded.problems[0].message


def test_a_model_that_takes_any_field_keeps_them() -> None:
    class Open(BaseModel):
        model_config = ConfigDict(extra="allow")
        name: Quote

    grounded = ground(Open, {"more": "Oslo", "name": "met", "other": NOT})
    assert value(grounded) == {"name": "met", "more": "Oslo", "other": NOT}
    assert codes(grounded) == [("ungrounded", "/other")]


def test_what_was_not_given_is_null_where_it_can_be() -> None:
    class Model(BaseModel):
        name: Quote | None
        kind: Annotated[Kind | None, Derived("name")]
        size: int
        colour: str | None = "red"
        loud: Annotated[str | None, Computed("name", by="shout")]

    grounded = ground(Model, {})
    assert value(grounded) == {"name": None, "kind": None, "loud": None}
    assert codes(grounded) == [("missing", "/name"), ("missing", "/kind")]


# ---------------------------------------------------------------- plain models


class Plain(BaseModel):
    who: str
    where: list[str]
    kind: Kind
    aides: int
    certain: bool
    share: float | None
    day: Annotated[str, Field(json_schema_extra={"format": "date"})]
    deep: dict[str, list[str]]
    anything: Any


def test_a_plain_model_loses_nothing() -> None:
    draft = {
        "who": "Ann Lee",
        "where": ["Oslo", "Paris"],
        "kind": "meet",
        "aides": 3,
        "certain": True,
        "share": None,
        "day": "2026-03-09",
        "deep": {"x": ["Rome", "Athens"]},
        "anything": {"a": [1, "met"]},
    }
    grounded = ground(Plain, draft)
    assert value(grounded) == draft
    assert at(grounded, "who").support == at(grounded, "anything", "a", 1).support == "quoted"
    assert {problem.path: (problem.code, problem.severity) for problem in grounded.problems} == {
        "/where/1": ("ungrounded", "warning"),
        "/deep/x/1": ("ungrounded", "warning"),
        "/kind": ("uncited", "info"),
        "/aides": ("uncited", "info"),
        "/certain": ("uncited", "info"),
        "/day": ("uncited", "info"),
        "/anything/a/0": ("uncited", "info"),
    }


@pytest.mark.parametrize("policy", ["reject", "flag"])
def test_the_policy_is_about_what_a_schema_promises(policy: Policy) -> None:
    grounded = ground(str, NOT, policy=policy)
    assert value(grounded) == {"field": NOT}
    assert [problem.severity for problem in grounded.problems] == ["warning"]


# ---------------------------------------------------------------- wrong types


WRONG: list[Any] = [
    {"text": {"deep": ["met"]}, "mood": ["glad"]},
    {"text": ["met", {"x": 1}], "mood": {"x": None}},
    {"text": 5, "mood": True},
    {"text": 1.5, "mood": ""},
    {"louds": {"text": "met"}, "named": [{"text": "met"}], "trigger": [], "tense": {}},
    {"louds": "met", "named": "met", "trigger": False, "tense": 0},
    {"louds": [[{"text": "met"}], "met", None, 5], "named": {"": None, "a": [], "b": 1}},
    {"main_event": [], "attributions": {}, "other_events": "protests"},
    {"main_event": {"time": "Monday", "actors": {"name": "Ann"}, "trigger": {"text": "met"}}},
    {"main_event": {"factuality": [{"cue": "met"}], "places": [["Oslo"], "Oslo"]}},
    [{"text": "met"}],
    ["met"],
    [],
    {},
    "met",
    5,
    None,
    True,
]


@pytest.mark.parametrize("draft", WRONG)
@pytest.mark.parametrize("model", [Loud, Louds, Person, Happening, Node, Plain, EVENT.model])
def test_values_of_wrong_types_are_problems_and_never_exceptions(
    model: type[BaseModel], draft: Any
) -> None:
    check(model, draft, Article(text=TEXT))


def test_a_wrong_type_in_place_of_a_quotation_is_named() -> None:
    grounded = ground(Quote | None, 5)
    assert value(grounded) == {"field": None}
    (problem,) = grounded.problems
    assert (problem.code, problem.path) == ("invalid", "/field")
    assert "found 5" in problem.message


def test_a_number_in_quotation_marks_is_no_quotation() -> None:
    """The article's 3 would be words for any 3."""
    assert codes(ground(int, "3", text="There were 3.")) == [("uncited", "/field")]


# ---------------------------------------------------------------- whatever the draft


def check(
    model: type[BaseModel], draft: Any, article: Article, policy: Policy = "leave_out"
) -> list[Problem]:
    """Grounds and validates a draft, and checks what must hold for each."""
    schema = model.model_json_schema()
    grounded = ground_draft(draft, schema, article, RESOLVERS, policy)
    if grounded.tree is None:
        assert grounded.problems
        return list(grounded.problems)
    checked = validate(grounded.tree, model, schema)
    problems = [*grounded.problems, *checked.problems]
    if checked.record is None or checked.tree is None:
        assert any(problem.severity == "warning" for problem in problems)
        assert status_of(checked.record, problems) == "rejected"
        return problems
    record = record_json(checked.record)
    assert model.model_validate(record) == checked.record
    evidence = evidence_map(checked.record, checked.tree)
    assert evidence.keys() == scalars(record).keys()
    reported = {problem.path for problem in problems}
    removed = any(len(kept(part)) < len(part) for part in lists(checked.tree))
    for path, found in scalars(record).items():
        for span in evidence[path].spans:
            assert article.text[span.start : span.end] == span.text
            assert span.text
        if evidence[path].support == "quoted":
            assert found == flatten(evidence[path].spans[0].text)
        # Places of the record and of the draft are the same unless list items went.
        if evidence[path].support == "none":
            assert path in reported or removed
        else:
            assert evidence[path].spans
    return problems


def scalars(value: Any, path: str = "") -> dict[str, Any]:
    """What is not null in a JSON value, by JSON pointer."""
    if not isinstance(value, dict | list):
        return {} if value is None else {path: value}
    found: dict[str, Any] = {}
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        found.update(scalars(inner, f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}"))
    return found


def lists(tree: Tree) -> list[list[Tree]]:
    if isinstance(tree, dict):
        return [found for child in tree.values() for found in lists(child)]
    if isinstance(tree, list):
        return [tree, *(found for child in tree for found in lists(child))]
    return []


KEYS = st.sampled_from(
    sorted(
        {"main_event", "attributions", "other_events", "trigger", "type", "actors", "name", "time"}
        | {"sector", "country", "text", "value", "places", "role", "factuality", "cue", "certainty"}
        | {"quantities", "kind", "source", "content", "named", "louds", "mood", "loud", "inner"}
        | {"also", "who", "where", "deep", "items", "a/b", "~"}
    )
)
PIECES = st.sampled_from(
    sorted(
        {"met", "Ann Lee", "Bob Roy", "Oslo", "on Monday", "Rome", "signed the pact", '"three"'}
        | {"CONSULT", "GOV", "CT", "+", "PAST", "person", "venue", "dead", "meet", NOT}
        | {"", "5", "\0", "é"}
    )
)
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | PIECES
DRAFTS = st.recursive(
    SCALARS | st.just(10**400),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=40,
)


def filled(schema: dict[str, Any], root: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Drafts of nearly the right shape: what the schema asks for, and now and then any value."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        right = st.deferred(lambda: filled(root["$defs"][name], root))
    elif "anyOf" in schema:
        right = st.one_of(*(filled(option, root) for option in schema["anyOf"]))
    elif "enum" in schema:
        right = st.sampled_from(schema["enum"])
    elif schema.get("type") == "object":
        fields = {key: filled(child, root) for key, child in schema["properties"].items()}
        right = st.fixed_dictionaries({}, optional=fields) | st.fixed_dictionaries(fields)
    elif schema.get("type") == "array":
        right = st.lists(filled(schema["items"], root), max_size=6)
    else:
        right = st.booleans() if schema.get("type") == "boolean" else PIECES
    return st.integers(0, 19).flatmap(lambda dice: right if dice else DRAFTS)


POLICY = st.sampled_from(["leave_out", "flag", "reject"])
THOROUGH = settings(max_examples=60, suppress_health_check=list(HealthCheck))


@THOROUGH
@given(draft=DRAFTS, policy=POLICY)
def test_any_json_is_grounded_and_validated(draft: Any, policy: Policy) -> None:
    for model in (EVENT.model, Louds, Happening, Node):
        check(model, draft, Article(text=TEXT), policy)


@THOROUGH
@given(draft=filled(EVENT.json_schema, EVENT.json_schema), policy=POLICY)
def test_nearly_right_drafts_are_grounded_and_validated(draft: Any, policy: Policy) -> None:
    check(EVENT.model, draft, Article(text=TEXT), policy)


@THOROUGH
@given(
    text=st.text("ab “”\"'-–—\u00ad\u200b\u0301é\n\r.", min_size=1, max_size=40).filter(str.strip),
    quotes=st.lists(st.text("ab \"'-\u0301é\n.", max_size=5), max_size=5),
)
def test_any_words_slice_exactly(text: str, quotes: list[str]) -> None:
    model = create_model("Model", field=(list[Quote], ...))
    check(model, {"field": quotes}, Article(text=text))


# ---------------------------------------------------------------- defaults of derived values


class Incident(BaseModel):
    trigger: Quote | None
    kind: Annotated[Literal["fire", "none"], Derived("trigger")] = "none"
    sure: Annotated[bool, Derived("trigger")] = False


@pytest.mark.parametrize("policy", ["leave_out", "flag", "reject"])
def test_a_default_stands_when_the_article_says_nothing(policy: Policy) -> None:
    """Whatever the policy: it is what the schema says of an article without the words."""
    draft = {"trigger": None, "kind": "none", "sure": False}
    grounded = ground(Incident, draft, policy=policy)
    assert grounded.problems == ()
    assert grounded.tree is not None
    checked = validate(grounded.tree, Incident, Incident.model_json_schema())
    assert checked.record == Incident(trigger=None)
    assert checked.tree is not None
    assert {e.support for e in evidence_map(checked.record, checked.tree).values()} == {"none"}
    assert [(p.code, p.path, p.severity) for p in checked.problems] == [
        ("uncited", "/kind", "info"),
        ("uncited", "/sure", "info"),
    ]
    assert status_of(checked.record, checked.problems) == "complete"


def test_what_is_not_the_default_needs_words() -> None:
    grounded = ground(Incident, {"trigger": None, "kind": "fire", "sure": False})
    assert codes(grounded) == [("unsupported", "/kind")]
    grounded = ground(Incident, {"trigger": "met", "kind": "none", "sure": True})
    assert grounded.problems == ()
    assert words(at(grounded, "kind")) == ["met"], "with words, the default is derived as well"


def test_an_article_without_an_incident_is_complete() -> None:
    schema = Catalog.open().schema("incident@1")
    draft: dict[str, Any] = {"trigger": None, "incident_type": "none", "stage": None, "time": None}
    draft["places"] = []
    draft |= {f"perpetrator_{kind}": [] for kind in ("individuals", "organizations")}
    draft |= {key: [] for key in ("physical_targets", "victims", "weapons")}
    grounded = ground_draft(draft, schema.json_schema, Article(text=TEXT), RESOLVERS)
    assert grounded.tree is not None
    checked = validate(grounded.tree, schema.model, schema.json_schema)
    problems = (*grounded.problems, *checked.problems)
    assert status_of(checked.record, problems) == "complete"
    assert checked.record is not None
    assert record_json(checked.record) == draft


class Mention(Frozen):
    words: Annotated[str, Verbatim]
    serious: Annotated[bool, Derived("words")]


class Mentions(Frozen):
    mentions: list[Mention]


def test_what_is_said_twice_of_the_same_words_is_kept_once() -> None:
    draft = {
        "mentions": [
            {"words": "Ann", "serious": True},
            {"words": "Ann", "serious": True},
            {"words": "Ann", "serious": False},
            {"words": "Bob", "serious": True},
        ]
    }
    article = Article(text="Ann met Bob.")
    found = ground_draft(draft, Mentions.model_json_schema(), article, RESOLVERS)
    assert plain(found.tree or MISSING)["mentions"] == [draft["mentions"][i] for i in (0, 2, 3)]
    [problem] = found.problems
    assert (problem.code, problem.path, problem.severity) == ("repeated", "/mentions/1", "info")
