"""Records of older versions, read as newer ones: what moves, with its words, and what cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.catalog import Catalog
from extractor.errors import CatalogError, InvalidSchema, UnknownVersion
from extractor.records import Article, Evidence, Span, record_json
from extractor.upcast import Upcast, scalars, upcast, upcast_json
from tests.catalog_files import catalog_of, write_schema

HEAD = """\
from typing import Annotated, Any, Literal
from pydantic import BaseModel
from extractor.records import Computed, Derived, Verbatim
Words = Annotated[str, Verbatim]
"""
V1 = f"""{HEAD}
class Claim(BaseModel):
    who: Words | None
    what: Words
    named: Annotated[bool, Derived("who")]
    kind: Annotated[Literal["person", "office"], Derived("who")]
    count: Annotated[int | None, Derived("what")]
class Claims(BaseModel):
    claims: list[Claim]
SCHEMA = Claims
"""
TEXT = 'Ann said "two left". Police said three came.'


def span(words: str) -> Span:
    start = TEXT.index(words)
    return Span(text=words, start=start, end=start + len(words), alignment="exact")


ANN, TWO, POLICE, THREE = map(span, ("Ann", "two left", "Police", "three came"))
RECORD: dict[str, Any] = {
    "claims": [
        {"who": "Ann", "what": "two left", "named": True, "kind": "person", "count": 2},
        {"who": "Police", "what": "three came", "named": False, "kind": "office", "count": 3},
    ]
}


def supported(support: Any, *spans: Span) -> Evidence:
    return Evidence(support=support, spans=spans)


EVIDENCE = {
    f"/claims/{i}/{key}": supported(support, words)
    for i, (who, what) in enumerate([(ANN, TWO), (POLICE, THREE)])
    for key, support, words in [
        ("who", "quoted", who),
        ("what", "quoted", what),
        ("named", "derived", who),
        ("kind", "derived", who),
        ("count", "derived", what),
    ]
}


def versions(folder: Path, *sources: str) -> Catalog:
    """claims@1 and, from `sources`, the versions after it."""
    for number, source in enumerate([V1, *sources], start=1):
        write_schema(folder / "schemas", "claims", number, source)
    return catalog_of(folder)


def second(body: str, *, claim: str = "", step: str) -> str:
    """A second version whose record has the fields of `body`, with the step to it."""
    lines = "".join(f"    {line.strip()}\n" for line in step.splitlines())
    model = f"class Claims(BaseModel):\n{body}SCHEMA = Claims\n"
    return f"{HEAD}{claim}{model}def upcast_v1_to_v2(record):\n{lines}"


CLAIM = V1[V1.index("class Claim(") : V1.index("class Claims(")]
SAME = "    claims: list[Claim]\n"


def moved(folder: Path, *sources: str, **options: Any) -> Upcast:
    catalog = versions(folder, *sources)
    wanted = f"claims@{len(sources) + 1}"
    return upcast(RECORD, EVIDENCE, "claims@1", wanted, catalog, **options)


def test_what_stays_keeps_its_words(tmp_path: Path) -> None:
    found = moved(tmp_path, second(SAME, claim=CLAIM, step="return record"))
    assert record_json(found.record) == RECORD
    assert (found.evidence, found.problems) == (EVIDENCE, ())


def test_the_record_given_is_not_changed(tmp_path: Path) -> None:
    step = "record['claims'].clear()\nreturn record"
    found = moved(tmp_path, second(SAME, claim=CLAIM, step=step))
    assert record_json(found.record) == {"claims": []}
    assert len(RECORD["claims"]) == 2


STEPS = [
    ("record['claims'].reverse()\nreturn record", [1, 0]),
    ("return {'claims': [c for c in record['claims'] if c['who'] == 'Police']}", [1]),
    ("return {'claims': [c for c in record['claims'] if not c['named']]}", [1]),
    ("return {'claims': [dict(c) for c in record['claims'] if c['count'] < 3]}", [0]),
    ("import copy\nreturn copy.deepcopy({'claims': record['claims'][1:]})", [1]),
    ("return {'claims': record['claims'] + record['claims']}", [0, 1, 0, 1]),
]


@pytest.mark.parametrize(("step", "places"), STEPS, ids=[step for step, _ in STEPS])
def test_what_moves_takes_its_words_along(tmp_path: Path, step: str, places: list[int]) -> None:
    """Strings, numbers and booleans, whatever the step looks at to decide."""
    found = moved(tmp_path, second(SAME, claim=CLAIM, step=step))
    assert record_json(found.record)["claims"] == [RECORD["claims"][i] for i in places]
    assert found.evidence == {
        f"/claims/{new}/{key}": EVIDENCE[f"/claims/{old}/{key}"]
        for new, old in enumerate(places)
        for key in RECORD["claims"][old]
    }


def test_what_was_left_behind_is_said(tmp_path: Path) -> None:
    step = "return {'claims': record['claims'][:1]}"
    found = moved(tmp_path, second(SAME, claim=CLAIM, step=step))
    assert {problem.path for problem in found.problems} == {
        f"/claims/1/{key}" for key in RECORD["claims"][1]
    }
    assert {(problem.code, problem.severity) for problem in found.problems} == {("upcast", "info")}
    assert "'Police' of claims@1" in found.problems[0].message


def test_another_shape(tmp_path: Path) -> None:
    body = "    first: Words\n    sure: bool\n    numbers: list[int]\n"
    step = """\
    a, b = record["claims"]
    return {"first": b["who"], "sure": a["named"], "numbers": [b["count"], a["count"]]}"""
    found = moved(tmp_path, second(body, step=step))
    assert record_json(found.record) == {"first": "Police", "sure": True, "numbers": [3, 2]}
    assert found.evidence == {
        "/first": EVIDENCE["/claims/1/who"],
        "/sure": EVIDENCE["/claims/0/named"],
        "/numbers/0": EVIDENCE["/claims/1/count"],
        "/numbers/1": EVIDENCE["/claims/0/count"],
    }


def test_what_is_new_is_null(tmp_path: Path) -> None:
    claim = CLAIM + "    where: Words | None\n"
    found = moved(tmp_path, second(SAME, claim=claim, step="return record"))
    assert record_json(found.record)["claims"] == [{**c, "where": None} for c in RECORD["claims"]]
    assert found.evidence == EVIDENCE


@pytest.mark.parametrize("article", [None, Article(text=TEXT)])
def test_what_is_new_and_computed_needs_the_article(
    tmp_path: Path, article: Article | None
) -> None:
    field = '    direct: Annotated[str | None, Computed("what", by="quotation.directness")]\n'
    source = second(SAME, claim=CLAIM + field, step="return record")
    found = moved(tmp_path, source, article=article)
    values = [claim["direct"] for claim in record_json(found.record)["claims"]]
    assert values == (["direct", "indirect"] if article else [None, None])
    assert found.evidence.get("/claims/0/direct") == (
        supported("computed", TWO) if article else None
    )


def test_a_resolver_that_cannot_tell_says_so(tmp_path: Path) -> None:
    field = '    day: Annotated[str | None, Computed("what", by="time.value")]\n'
    source = second(SAME, claim=CLAIM + field, step="return record")
    found = moved(tmp_path, source, article=Article(text=TEXT))
    assert record_json(found.record)["claims"][0]["day"] is None
    assert [(p.code, p.path) for p in found.problems][:1] == [("unresolved", "/claims/0/day")]


def test_a_derived_value_that_is_renamed_follows_from_the_same_words(tmp_path: Path) -> None:
    names = "{'person': 'someone', 'office': 'body'}"
    claim = CLAIM.replace('Literal["person", "office"]', 'Literal["someone", "body"]')
    step = f"return {{'claims': [{{**c, 'kind': {names}[c['kind']]}} for c in record['claims']]}}"
    found = moved(tmp_path, second(SAME, claim=claim, step=step))
    assert [c["kind"] for c in record_json(found.record)["claims"]] == ["someone", "body"]
    assert found.evidence == EVIDENCE


def test_a_default_says_nothing_of_the_article(tmp_path: Path) -> None:
    claim = CLAIM + '    note: str = "none"\n'
    step = "return {'claims': [{**c, 'note': 'none'} for c in record['claims']]}"
    found = moved(tmp_path, second(SAME, claim=claim, step=step))
    assert found.evidence["/claims/0/note"] == supported("none")


@pytest.mark.parametrize(
    "made", ["c['who'] + '!'", "c['who'].upper()", "'Ann'", "str(c['count'] + 1)"]
)
def test_a_value_without_words_is_refused(tmp_path: Path, made: str) -> None:
    claim = CLAIM + "    note: Words\n"
    step = f"return {{'claims': [{{**c, 'note': {made}}} for c in record['claims']]}}"
    with pytest.raises(InvalidSchema, match="/claims/0/note, /claims/1/note") as caught:
        moved(tmp_path, second(SAME, claim=claim, step=step))
    assert "v2.py: claims@2 would have values" in caught.value.message


def test_steps_are_taken_one_after_the_other(tmp_path: Path) -> None:
    first = second(SAME, claim=CLAIM + "    where: Words | None\n", step="return record")
    last = second("    said: list[Claim]\n", claim=CLAIM, step="return {'said': record['claims']}")
    found = moved(tmp_path, first, last.replace("v1_to_v2", "v2_to_v3"))
    assert record_json(found.record) == {"said": RECORD["claims"]}
    assert found.evidence["/said/1/who"] == EVIDENCE["/claims/1/who"]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("return record['calims']", "upcast_v1_to_v2 failed: KeyError: 'calims'"),
        ("return None", "upcast_v1_to_v2 returned NoneType: expected a dict"),
        ("return {'claims': {3}}", "{3}, which is no JSON value"),
        ("return {}", "what the upcast made is no record of claims@2: /claims: Field required"),
    ],
)
def test_a_step_that_fails_is_named(tmp_path: Path, step: str, said: str) -> None:
    with pytest.raises(InvalidSchema) as caught:
        moved(tmp_path, second(SAME, claim=CLAIM, step=step))
    assert said in caught.value.message
    assert caught.value.hint


def test_a_version_without_a_step(tmp_path: Path) -> None:
    with pytest.raises(InvalidSchema, match=r"v2\.py: there is no upcast_v1_to_v2"):
        moved(tmp_path, V1)


def test_no_way_back_and_no_way_across(tmp_path: Path) -> None:
    catalog = versions(tmp_path, second(SAME, claim=CLAIM, step="return record"))
    write_schema(tmp_path / "schemas", "other", 1, V1)
    with pytest.raises(CatalogError, match="claims@2 cannot be read as claims@1: an older"):
        upcast(RECORD, EVIDENCE, "claims@2", "claims@1", catalog)
    with pytest.raises(CatalogError, match="claims@1 cannot be read as other@1: they are diff"):
        upcast(RECORD, EVIDENCE, "claims@1", "other@1", catalog_of(tmp_path))
    with pytest.raises(UnknownVersion):
        upcast(RECORD, EVIDENCE, "claims@1", "claims@9", catalog)


ATTRIBUTION = {"source": "Ann", "cue": "said", "content": "two left"}


@pytest.mark.parametrize(
    "gold", [{}, {"attributions": []}, {"attributions": [ATTRIBUTION, {"source": None}]}]
)
def test_part_of_a_record_stays_a_part(gold: dict[str, Any]) -> None:
    assert upcast_json(gold, "attributions@1", "attributions@2", Catalog.open()) == gold


def test_attributions_1_become_attributions_2() -> None:
    evidence = {
        f"/attributions/0/{key}": supported("quoted", words)
        for key, words in [("source", ANN), ("cue", span("said")), ("content", TWO)]
    }
    found = upcast(
        {"attributions": [ATTRIBUTION]},
        evidence,
        "attributions@1",
        "attributions@2",
        Catalog.open(),
        article=Article(text=TEXT),
    )
    assert record_json(found.record) == {
        "attributions": [{**ATTRIBUTION, "parent": None, "directness": "direct"}]
    }
    assert found.evidence == {
        **evidence,
        "/attributions/0/directness": supported("computed", TWO),
    }
    assert found.problems == ()


@pytest.mark.parametrize(
    ("genre", "kept"),
    [("report", True), (None, True), ("interview", False), ("briefs", False)],
)
def test_event_1_becomes_event_2(genre: str | None, kept: bool) -> None:
    """Only a report keeps its main event; what is not there, in part of a record, stays away."""
    event = {"trigger": "tide table"}
    gold: dict[str, Any] = {"genre": genre, "main_event": event, "attributions": []}
    found = upcast_json(gold, "event@1", "event@2", Catalog.open())
    assert found == {**gold, "main_event": event if kept else None}
    assert upcast_json({"genre": genre}, "event@1", "event@2", Catalog.open()) == {"genre": genre}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from([0.5, "", "a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xy"), inner),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def swapping(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """free@2 has under `x` what free@1 has under `y`, and the other way round."""
    source = f"{HEAD}class Free(BaseModel):\n    x: Any = None\n    y: Any = None\nSCHEMA = Free\n"
    step = "def upcast_v1_to_v2(record):\n    return {'y': record.get('x'), 'x': record.get('y')}\n"
    folder = tmp_path_factory.mktemp("free")
    write_schema(folder / "schemas", "free", 1, source)
    write_schema(folder / "schemas", "free", 2, source + step)
    return catalog_of(folder)


@given(record=st.dictionaries(st.sampled_from("xy"), JSON))
def test_any_json_comes_through_as_it_is(swapping: Catalog, record: dict[str, Any]) -> None:
    found = upcast_json(record, "free@1", "free@2", swapping)
    assert found == {"y": record.get("x"), "x": record.get("y")}
    assert repr(found) == repr({"y": record.get("x"), "x": record.get("y")}), "and of plain types"


@given(record=st.dictionaries(st.sampled_from("xy"), JSON))
def test_any_value_takes_its_words_along(swapping: Catalog, record: dict[str, Any]) -> None:
    """Each value's words are named after its place, so that none can be taken for another."""
    evidence = {
        path: supported("derived", Span(text=path, start=0, end=len(path), alignment="exact"))
        for path, _ in scalars(record)
    }
    found = upcast(record, evidence, "free@1", "free@2", swapping)
    other = {"x": "y", "y": "x"}
    assert found.evidence == {f"/{other[path[1]]}{path[2:]}": e for path, e in evidence.items()}
    assert found.problems == ()
