"""One record of several windows: the first value stays whole, lists go on, nothing goes unsaid."""

from __future__ import annotations

from typing import Annotated, Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from extractor.merging import Part, merge, moved, window_schema
from extractor.records import Derived, Problem, Span, SupportKind, Verbatim
from extractor.tree import MISSING, Tree, Value, leaves, plain
from extractor.validation import validate


class Act(BaseModel):
    word: Annotated[str, Verbatim]
    where: Annotated[str | None, Verbatim]


class Report(BaseModel):
    headline: Annotated[str, Verbatim]
    deal: Annotated[str | None, Verbatim]
    friendly: Annotated[bool | None, Derived("deal")]
    act: Act | None
    names: Annotated[list[Annotated[str, Verbatim]], Field(max_length=3)]


SCHEMA = Report.model_json_schema()


def said(text: Any, start: int = 0, support: SupportKind = "quoted") -> Value:
    """A value whose words stand at a place."""
    words = str(text)
    span = Span(text=words, start=start, end=start + len(words), alignment="exact")
    return Value(text, support, (span,))


def act(word: str, where: str | None, start: int) -> Tree:
    return {"word": said(word, start), "where": said(where, start + 50) if where else Value(None)}


def merged(*trees: Tree) -> tuple[Tree, tuple[Problem, ...]]:
    parts = [Part(f"window {n}: ", tree) for n, tree in enumerate(trees, start=1)]
    tree, problems = merge(parts, SCHEMA)
    assert tree is not None
    return tree, problems


def says(tree: Tree) -> bool:
    return any(leaf.value is not None for leaf in leaves(tree))


TREES = st.recursive(
    st.builds(said, st.text(min_size=1), st.integers(0, 99)) | st.just(Value(None)),
    lambda inner: (
        st.lists(inner | st.just(MISSING), max_size=4)
        | st.dictionaries(st.sampled_from(["names", "act", "word", "other"]), inner)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*Report.model_fields, "other"]), TREES))
def test_one_window_alone_stays_what_it_is(tree: dict[str, Tree]) -> None:
    assert merged(tree) == (tree, ())


@given(st.lists(st.dictionaries(st.sampled_from([*Report.model_fields]), TREES), min_size=2))
def test_every_value_of_every_window_is_in_the_record_or_reported(
    trees: list[dict[str, Tree]],
) -> None:
    tree, problems = merged(*trees)
    assert isinstance(tree, dict)
    reported = {(problem.message.partition(":")[0], problem.path) for problem in problems}
    for number, each in enumerate(trees, start=1):
        for key, child in each.items():
            taken = plain(tree.get(key, MISSING))
            if (f"window {number}", f"/{key}") in reported or not says(child):
                continue
            if not isinstance(child, list):
                assert plain(child) == taken
                continue
            for place, item in enumerate(child):
                known = not says(item) or plain(item) in taken
                assert known or (f"window {number}", f"/{key}/{place}") in reported


@given(TREES, st.integers(0, 10_000))
def test_moved_spans_are_as_long_and_further_on(tree: Tree, by: int) -> None:
    for one, other in zip(leaves(tree), leaves(moved(tree, by)), strict=True):
        assert one.value == other.value
        assert [(s.start + by, s.end + by, s.text) for s in one.spans] == [
            (s.start, s.end, s.text) for s in other.spans
        ]


def test_two_events_never_become_one() -> None:
    first = act("sank", None, 0)
    tree, [problem] = merged({"act": first}, {"act": act("visited", "Oslo", 500)})
    assert tree == {"act": first}
    assert (problem.code, problem.path, problem.severity) == ("not_merged", "/act", "info")
    assert problem.quote == "visited"
    assert problem.message.startswith("window 2: ")


def test_a_window_that_has_nothing_gives_way_to_a_later_one() -> None:
    empty: Tree = {"word": Value(None), "where": Value(None)}
    later = act("sank", "Oslo", 500)
    for none in (Value(None), empty):
        assert merged({"act": none}, {"act": later}) == ({"act": later}, ())
        assert merged({"act": later}, {"act": none}) == ({"act": later}, ())


def test_the_same_value_again_is_no_problem() -> None:
    tree, problems = merged({"deal": said("bought", 3)}, {"deal": said("bought", 700)})
    assert tree == {"deal": said("bought", 3)}
    assert not problems


def test_a_value_comes_from_the_window_of_the_words_that_it_follows_from() -> None:
    first: Tree = {"deal": said("offered", 3), "friendly": Value(None)}
    later: Tree = {"deal": said("bought", 700), "friendly": said(True, 700, "derived")}
    tree, problems = merged(first, later)
    assert tree == first
    assert [(p.path, p.quote) for p in problems] == [("/deal", "bought"), ("/friendly", "True")]


def test_lists_go_on_without_what_they_have() -> None:
    """An item is known by its values, or by the places that it stands on."""
    tree, problems = merged(
        {"names": [said("Oslo", 3), MISSING]},
        {"names": [said("Oslo", 700), said("Bergen", 720), MISSING]},
    )
    assert tree == {"names": [said("Oslo", 3), MISSING, said("Bergen", 720)]}
    assert not problems


def test_other_words_on_the_same_place_are_reported() -> None:
    one = Value("Mr Berg", "derived", said("Berg", 3).spans)
    other = Value("Ms Berg", "derived", said("Berg", 3).spans)
    tree, [problem] = merged({"names": [one]}, {"names": [other]})
    assert tree == {"names": [one]}
    assert (problem.path, problem.quote) == ("/names/0", "Ms Berg")


def test_a_full_list_takes_no_more() -> None:
    tree, [problem] = merged(
        {"names": [said("Oslo"), said("Bergen", 9)]},
        {"names": [said("Oslo", 99), said("Voss", 120), said("Moss", 140)]},
    )
    assert plain(tree) == {"names": ["Oslo", "Bergen", "Voss"]}
    assert (problem.code, problem.path, problem.quote) == ("not_merged", "/names/2", "Moss")
    assert "full" in problem.message


def test_a_field_that_the_record_needs_may_come_from_any_window() -> None:
    assert "headline" not in window_schema(SCHEMA)["required"]
    assert "act" in window_schema(SCHEMA)["required"], "null can stand for it"
    rest: dict[str, Tree] = {"deal": Value(None), "friendly": Value(None), "act": Value(None)}
    tree, _ = merged({**rest, "names": []}, {**rest, "names": [], "headline": said("Ferry sinks")})
    found = validate(tree, Report, SCHEMA)
    assert found.record is not None
    assert found.record.headline == "Ferry sinks"


def test_no_window_gives_no_record() -> None:
    assert merge([], SCHEMA) == (None, ())
