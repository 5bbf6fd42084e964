"""The last word on a record: the schema over what grounding left standing."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    create_model,
    model_validator,
)

from extractor.catalog import Policy
from extractor.evidence import ground_draft
from extractor.records import (
    Article,
    Computed,
    Derived,
    Evidence,
    Problem,
    Severity,
    Verbatim,
    record_json,
)
from extractor.resolve import Resolution, Words
from extractor.validation import Validated, evidence_map, status_of, validate

TEXT = "Ann Lee met Bob Roy in Oslo on Monday; 12 aides came, said Ann’s aide."
NOT = "not there"
Quote = Annotated[str, Verbatim]


def length(words: Words) -> Resolution:
    return Resolution(len(words.quote), (), "")


class Kind(StrEnum):
    MEET = "meet"
    SIGN = "sign"


class Person(BaseModel):
    name: Quote
    kind: Annotated[Kind | None, Derived("name")]
    size: Annotated[int | None, Computed("name", by="length")]


def model_of(annotation: Any) -> type[BaseModel]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return create_model("Model", field=(annotation, ...))


def check(
    model: type[BaseModel], draft: Any, policy: Policy = "leave_out"
) -> tuple[Validated[Any], list[Problem]]:
    """A draft grounded and validated, with the problems of both."""
    schema = model.model_json_schema()
    grounded = ground_draft(draft, schema, Article(text=TEXT), {"length": length}, policy)
    assert grounded.tree is not None
    checked = validate(grounded.tree, model, schema)
    return checked, [*grounded.problems, *checked.problems]


def left(checked: Validated[Any]) -> Any:
    return None if checked.record is None else record_json(checked.record)


def evidence(checked: Validated[Any]) -> dict[str, Evidence]:
    assert checked.record is not None
    assert checked.tree is not None
    return evidence_map(checked.record, checked.tree)


def words(checked: Validated[Any]) -> dict[str, list[str]]:
    """The words behind each value, by its place in the record."""
    return {path: [span.text for span in item.spans] for path, item in evidence(checked).items()}


def invalid(problems: list[Problem]) -> list[str]:
    return [problem.path for problem in problems if problem.code == "invalid"]


# ---------------------------------------------------------------- leaving out


REFUSED: list[tuple[Any, Any, Any, list[str]]] = [
    # null, where null is allowed
    (Kind | None, "dance", None, ["/field"]),
    (Annotated[Quote, Field(max_length=3)] | None, "Oslo", None, ["/field"]),
    (int | None, "many", None, ["/field"]),
    # else the list item
    (list[Kind], ["dance", "meet", "sing"], ["meet"], ["/field/0", "/field/2"]),
    (list[list[int]], [[1, "x"], ["y"]], [[1], []], ["/field/0/1", "/field/1/0"]),
    # else the nearest list or optional ancestor
    (list[tuple[Quote, int]], [["Ann", "x"], ["Bob", 5]], [["Bob", 5]], ["/field/0/1"]),
    (tuple[Quote, int] | None, ["Ann", "x"], None, ["/field/1"]),
    (dict[str, int], {"a": "x", "b~/c": "y", "d": 5}, {"d": 5}, ["/field/a", "/field/b~0~1c"]),
    (dict[str, dict[str, int]] | None, {"a": {"b": "x"}}, {"a": {}}, ["/field/a/b"]),
    (dict[int, str], {"1": "Ann", "x": "Bob"}, {"1": "Ann"}, ["/field/x"]),
    # items above a limit
    (Annotated[list[int], Field(max_length=2)], [1, 2, 3, 4], [1, 2], ["/field/3", "/field/2"]),
    (Annotated[list[Quote], Field(max_length=1)], [NOT, "Ann", "Bob"], ["Ann"], ["/field/2"]),
    (
        Annotated[dict[str, int], Field(max_length=1)],
        {"a": 1, "b": 2, "c": 3},
        {"a": 1},
        ["/field/c", "/field/b"],
    ),
    # a list that is too short goes as a whole
    (Annotated[list[Quote], Field(min_length=2)] | None, ["Ann", NOT], None, ["/field"]),
    # a wrong type
    (list[int] | None, {"a": 1}, None, ["/field"]),
    (Person | None, ["Ann"], None, ["/field"]),
    (
        list[Person],
        ["Ann", None, {"name": "Bob", "kind": None}],
        [{"name": "Bob", "kind": None, "size": 3}],
        ["/field/0", "/field/1"],
    ),
]


@pytest.mark.parametrize(("annotation", "draft", "expected", "paths"), REFUSED)
def test_what_the_schema_refuses_is_left_out(
    annotation: Any, draft: Any, expected: Any, paths: list[str]
) -> None:
    checked, problems = check(model_of(annotation), {"field": draft})
    assert left(checked) == {"field": expected}
    assert sorted(invalid(problems)) == sorted(paths)
    assert all(p.message.endswith("left out") for p in problems if p.code == "invalid")


def test_a_refused_value_is_shown_with_what_was_expected() -> None:
    _, problems = check(model_of(Kind | None), {"field": "dance" * 100})
    (problem,) = [problem for problem in problems if problem.code == "invalid"]
    assert problem.message.startswith("Input should be 'meet' or 'sign' (found 'dance")
    assert len(problem.message) < 200
    assert problem.severity == "warning"


def test_an_ancestor_that_goes_is_reported() -> None:
    checked, problems = check(model_of(list[tuple[Quote, int]]), {"field": [["Ann", "x"]]})
    assert left(checked) == {"field": []}
    assert [(p.code, p.path) for p in problems if p.code != "uncited"] == [
        ("invalid", "/field/0/1"),
        ("left_out", "/field/0"),
    ]


def test_where_nothing_can_go_the_record_does() -> None:
    checked, problems = check(model_of(int), {"field": "x"})
    assert (checked.record, checked.tree) == (None, None)
    assert [(p.code, p.path) for p in checked.problems] == [("invalid", "/field"), ("left_out", "")]
    assert status_of(checked.record, problems) == "rejected"


class Trip(BaseModel):
    who: Person
    length: int


def test_what_is_missing_is_named() -> None:
    checked, problems = check(model_of(list[Trip]), {"field": [{"length": 5}, {}]})
    assert left(checked) == {"field": []}
    assert invalid(problems) == ["/field/0/who", "/field/1/who"]
    assert "Field required" in checked.problems[0].message


def test_paths_are_those_of_the_draft_whatever_went_before() -> None:
    draft = [NOT, "Ann Lee", NOT, "Oslo", "met"]
    refuse = AfterValidator(lambda quote: int(quote) if quote == "Oslo" else quote)
    checked, problems = check(model_of(list[Annotated[Quote, refuse]]), {"field": draft})
    assert left(checked) == {"field": ["Ann Lee", "met"]}
    assert [p.path for p in problems] == ["/field/0", "/field/2", "/field/3"]
    assert words(checked) == {"/field/0": ["Ann Lee"], "/field/1": ["met"]}


def test_evidence_follows_its_value_when_others_go() -> None:
    people = [{"name": name, "kind": "meet"} for name in (NOT, "Ann Lee", "Nobody", "Bob Roy")]
    checked, _ = check(model_of(list[Person]), {"field": people})
    assert words(checked) == {
        "/field/0/name": ["Ann Lee"],
        "/field/0/kind": ["Ann Lee"],
        "/field/0/size": ["Ann Lee"],
        "/field/1/name": ["Bob Roy"],
        "/field/1/kind": ["Bob Roy"],
        "/field/1/size": ["Bob Roy"],
    }


def test_a_null_that_the_schema_refuses_goes_too() -> None:
    def something(value: object) -> object:
        if value is None:
            raise ValueError("null")
        return value

    class Model(BaseModel):
        name: Annotated[str | None, AfterValidator(something)] = "nobody"
        other: Quote

    checked, problems = check(Model, {"name": None, "other": "met"})
    assert left(checked) == {"name": "nobody", "other": "met"}
    assert invalid(problems) == ["/name"]


def test_what_the_schema_refuses_without_end_is_given_up() -> None:
    class Model(BaseModel):
        names: list[Annotated[str | None, AfterValidator(lambda value: int(value or "x"))]]

    checked, _ = check(Model, {"names": [None, "x", None]})
    assert left(checked) == {"names": []}

    def never(value: object) -> object:
        raise ValueError("never")

    checked, problems = check(
        model_of(tuple[Annotated[str | None, AfterValidator(never)], int]), {"field": ["x", 1]}
    )
    assert checked.record is None
    assert status_of(None, problems) == "rejected"


# ---------------------------------------------------------------- unions


class Visit(BaseModel):
    kind: Literal["visit"]
    name: Quote
    size: int | None


class Call(BaseModel):
    kind: Literal["call"]
    title: Quote
    size: int


@pytest.mark.parametrize(
    "annotation",
    [Annotated[Visit | Call, Field(discriminator="kind")], Visit | Call, Call | Visit | str],
)
def test_an_error_in_a_union_costs_no_more_than_it_must(annotation: Any) -> None:
    visit = {"kind": "visit", "name": "Ann Lee", "size": "large"}
    checked, problems = check(model_of(list[annotation]), {"field": [visit]})
    assert left(checked) == {"field": [{**visit, "size": None}]}
    assert invalid(problems) == ["/field/0/size"]
    call = {"kind": "call", "title": "Ann Lee", "size": "large"}
    checked, problems = check(model_of(list[annotation]), {"field": [call, visit]})
    assert left(checked) == {"field": [{**visit, "size": None}]}
    assert invalid(problems) == ["/field/0/size", "/field/1/size"]


def test_an_unknown_discriminator_costs_the_item() -> None:
    annotation = list[Annotated[Visit | Call, Field(discriminator="kind")]]
    checked, problems = check(model_of(annotation), {"field": [{"kind": "dance"}, {}]})
    assert left(checked) == {"field": []}
    assert invalid(problems) == ["/field/0", "/field/1"]


# ---------------------------------------------------------------- validators of the model


def test_a_validator_of_the_whole_rejects_the_record() -> None:
    class Model(BaseModel):
        name: Quote
        names: list[Quote]

        @model_validator(mode="after")
        def _complete(self) -> Model:
            if len(self.names) < 2:
                raise ValueError("two are needed")
            return self

    checked, problems = check(Model, {"name": "Ann Lee", "names": ["met", "Oslo"]})
    assert checked.record is not None
    checked, problems = check(Model, {"name": "Ann Lee", "names": ["met", NOT]})
    assert checked.record is None
    assert (problems[-1].code, problems[-1].path) == ("invalid", "")
    assert "two are needed" in problems[-1].message
    checked, problems = check(model_of(list[Model]), {"field": [{"name": "Ann", "names": []}]})
    assert left(checked) == {"field": []}
    assert invalid(problems) == ["/field/0"]


def test_words_that_the_schema_rewrites_are_derived() -> None:
    class Model(BaseModel):
        model_config = ConfigDict(str_to_upper=True)
        name: Quote
        aides: Annotated[int, BeforeValidator(int)]
        names: Annotated[list[str], BeforeValidator(lambda text: text.split(" "))]

    schema = Model.model_json_schema()
    schema["properties"]["names"] = schema["properties"]["name"]
    schema["properties"]["aides"] = schema["properties"]["name"]
    draft = {"name": "met", "aides": "12", "names": "Ann Lee"}
    grounded = ground_draft(draft, schema, Article(text=TEXT), {})
    assert grounded.tree is not None
    checked = validate(grounded.tree, Model, schema)
    assert left(checked) == {"name": "MET", "aides": 12, "names": ["ANN", "LEE"]}
    assert {item.support for item in evidence(checked).values()} == {"derived"}
    assert words(checked) == {
        "/name": ["met"],
        "/aides": ["12"],
        "/names/0": ["Ann Lee"],
        "/names/1": ["Ann Lee"],
    }


@pytest.mark.parametrize(
    "annotation", [set[str], frozenset[str], Annotated[list[str], AfterValidator(sorted)]]
)
def test_words_stay_with_their_value_when_the_schema_moves_it(annotation: Any) -> None:
    names = ["met", "Bob Roy", "Ann Lee", "Oslo", "Monday", "Bob Roy"]
    checked, _ = check(model_of(annotation), {"field": names})
    record = left(checked)["field"]
    assert set(record) == set(names)
    found = words(checked)
    assert [found[f"/field/{i}"] for i in range(len(record))] == [[name] for name in record]


# ---------------------------------------------------------------- what the schema adds


class Settings(BaseModel):
    name: Quote
    colour: str = "red"
    sizes: list[int] = [1, 2]
    none: str | None = None


def test_defaults_are_reported_as_without_words() -> None:
    checked, problems = check(Settings, {"name": "met"})
    assert left(checked) == {"name": "met", "colour": "red", "sizes": [1, 2], "none": None}
    assert [(p.code, p.path, p.severity) for p in problems] == [
        ("uncited", "/colour", "info"),
        ("uncited", "/sizes/0", "info"),
        ("uncited", "/sizes/1", "info"),
    ]
    assert {path: item.support for path, item in evidence(checked).items()} == {
        "/name": "quoted",
        "/colour": "none",
        "/sizes/0": "none",
        "/sizes/1": "none",
    }
    assert status_of(checked.record, problems) == "complete"


def test_a_model_of_nothing_but_defaults() -> None:
    model = create_model("Model", field=(str, "red"))
    checked, problems = check(model, {})
    assert checked.record is not None
    assert checked.tree == {}
    assert evidence(checked)["/field"].support == "none"
    assert [p.path for p in problems] == ["/field"]


def test_an_optional_value_that_is_refused_is_replaced_by_its_default() -> None:
    class Model(BaseModel):
        size: Annotated[int, Field(gt=5)] = 7

    checked, problems = check(Model, {"size": 3})
    assert left(checked) == {"size": 7}
    assert [(p.code, p.path) for p in problems[1:]] == [("invalid", "/size"), ("uncited", "/size")]


def test_aliases_are_the_names_in_drafts_records_and_evidence() -> None:
    class Model(BaseModel):
        model_config = ConfigDict(populate_by_name=True)
        name: Annotated[Quote, Field(alias="the/name")]
        kind: Annotated[Kind | None, Derived("the/name"), Field(alias="kind-of")]
        size: Annotated[int | None, Field(alias="size~cm")]

    draft = {"the/name": "met", "kind-of": None, "size~cm": "x"}
    checked, problems = check(Model, draft)
    assert left(checked) == {"the/name": "met", "kind-of": None, "size~cm": None}
    assert list(evidence(checked)) == ["/the~1name"]
    assert invalid(problems) == ["/size~0cm"]


def test_a_model_without_a_name_for_its_root() -> None:
    checked, _ = check(RootModel[dict[str, Quote]], {"a": "met", "b": NOT})
    assert left(checked) == {"a": "met"}
    assert words(checked) == {"/a": ["met"]}


def test_null_has_no_evidence() -> None:
    checked, problems = check(model_of(Quote | None), {"field": None})
    assert (evidence(checked), problems) == ({}, [])


def test_a_derived_number_may_be_written_as_a_string() -> None:
    class Model(BaseModel):
        text: Quote
        count: Annotated[int, Derived("text")]

    checked, problems = check(Model, {"text": "12 aides", "count": "12"})
    assert (left(checked), problems) == ({"text": "12 aides", "count": 12}, [])
    assert evidence(checked)["/count"].support == "derived"


# ---------------------------------------------------------------- status


STATUS: list[tuple[bool, list[Severity], str]] = [
    (True, [], "complete"),
    (True, ["info"], "complete"),
    (True, ["info", "warning"], "partial"),
    (True, ["warning", "error"], "rejected"),
    (False, [], "rejected"),
    (False, ["warning"], "rejected"),
]


@pytest.mark.parametrize(("has_record", "severities", "expected"), STATUS)
def test_status(has_record: bool, severities: list[Severity], expected: str) -> None:
    record = Settings(name="x") if has_record else None
    problems = [Problem(code="x", path="", message="", severity=s) for s in severities]
    assert status_of(record, problems) == expected


def test_the_policy_reject_rejects() -> None:
    checked, problems = check(model_of(Quote | None), {"field": NOT}, policy="reject")
    assert status_of(checked.record, problems) == "rejected"


def test_a_great_many_refusals() -> None:
    checked, problems = check(model_of(list[int]), {"field": ["x", 1] * 300})
    assert left(checked) == {"field": [1] * 300}
    assert len(invalid(problems)) == 300
