"""What a grammar admits is a draft of the schema, and whatever it quotes stands in the text."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from typing import Annotated, Any
from typing import Literal as Is

import pytest
import regex
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from llguidance import LLMatcher, LLTokenizer
from pydantic import BaseModel, Field

from extractor.cases import Case
from extractor.catalog import Catalog, Schema
from extractor.evidence import ground_draft
from extractor.grammar import LONGEST_TEXT, grammar, openings
from extractor.grounding import SourceIndex, ground_quotes
from extractor.records import Computed, Derived, Verbatim
from extractor.resolve import RESOLVERS
from extractor.shape import JsonSchema, resolve
from extractor.wire import wire_form
from tests.lark_sentences import Choice, Lark, Repeat, Row
from tests.recorded import recorded_cases

Quote = Annotated[str, Verbatim]
TEXT = "Ann met Bob in Oslo on Monday, police said."


class Quoted(BaseModel):
    """The smallest schema with a quotation."""

    words: Quote


def form_of(model: type[BaseModel]) -> JsonSchema:
    return Schema.of_model(model).json_schema


def lark_of(schema: JsonSchema, text: str = TEXT) -> Lark:
    found = grammar(schema, text)
    assert found is not None
    return Lark.of(found)


@pytest.mark.parametrize(
    ("said", "is_admitted"),
    [
        ("Bob", True),
        ("Ann met", True),
        ("Ann", True),
        ("Ann ", True),
        ("Bob Ann", False),
        ("Osl", False),
    ],
)
def test_the_engine_itself_admits_the_same(said: str, is_admitted: bool) -> None:
    found = grammar(form_of(Quoted), TEXT)
    tokens = LLTokenizer("byte")
    matcher = LLMatcher(tokens, found or "")
    assert not matcher.is_error(), matcher.get_error()
    sent = tokens.tokenize_str(json.dumps({"words": said}))
    assert (matcher.try_consume_tokens(sent) == len(sent)) is is_admitted


# ---------------------------------------------------------------- a draft of the schema


class Part(BaseModel):
    name: Quote
    parts: list[Part] = []


class Chain(BaseModel):
    word: Quote
    next: Chain | None = None


class Cat(BaseModel):
    kind: Is["cat"]
    says: Quote


class Dog(BaseModel):
    kind: Is["dog", "hound"]
    barks: bool


class Everything(BaseModel):
    zulu: Quote
    alpha: Quote | None
    rank: Annotated[Is["high", 'so "so"', "low"], Derived("zulu")]
    only: Annotated[Is["one"], Derived("zulu")]
    count: Annotated[int, Field(ge=3, le=9), Derived("zulu")]
    share: Annotated[float | None, Derived("zulu")]
    certain: Annotated[bool, Derived("zulu")]
    date: Annotated[str | None, Computed("alpha", by="time.value")]
    marked: Annotated[list[str], Verbatim]
    items: list[Quote]
    some: Annotated[list[Quote], Field(min_length=1, max_length=2)]
    pair: Annotated[list[Quote], Field(min_length=2, max_length=2)]
    none: Annotated[list[Quote], Field(max_length=0)]
    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]]
    either: Cat | Dog | None
    tree: Part
    chain: Chain | None


class Nothing(BaseModel):
    """All of it is computed from what another object says."""

    date: Annotated[str | None, Computed("../words", by="time.value")]


class Around(BaseModel):
    words: Quote
    inner: Nothing


OWN = Catalog.open()
SCHEMAS = {
    **{model.__name__: form_of(model) for model in (Quoted, Everything, Part, Chain, Around)},
    **{name: OWN.schema(name).json_schema for name in ("event@1", "attributions@2", "incident@1")},
}
each_schema = pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)


def wrong(value: Any, schema: JsonSchema, root: JsonSchema, path: str = "") -> Iterator[str]:
    """Where a value is not what a wire form says; the little of JSON Schema that one holds."""
    schema = resolve(schema, root)
    if "anyOf" in schema:
        if all(list(wrong(value, option, root)) for option in schema["anyOf"]):
            yield f"{path}: {value!r} is none of the options"
        return
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(_is(value, name) for name in names):
        yield f"{path}: {value!r} is no {schema['type']}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    elif isinstance(value, dict):
        if list(value) != schema["required"]:
            yield f"{path}: {list(value)}, not {schema['required']}"
        for key in value.keys() & schema["properties"].keys():
            yield from wrong(value[key], schema["properties"][key], root, f"{path}/{key}")
    elif isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{path}: {len(value)} items"
        for i, item in enumerate(value):
            yield from wrong(item, schema["items"], root, f"{path}/{i}")
    elif "minimum" in schema and not schema["minimum"] <= value <= schema["maximum"]:
        yield f"{path}: {value} is out of bounds"


def _is(value: object, name: str) -> bool:
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
    if name in kinds:
        return isinstance(value, kinds[name])
    whole = name == "integer"
    return isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)


@each_schema
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_every_sentence_is_a_draft_in_the_wire_form(
    schema: JsonSchema, data: st.DataObject
) -> None:
    wire = wire_form(schema).schema
    draft = json.loads(lark_of(schema).sentence(data.draw))
    assert list(wrong(draft, wire, wire)) == []


@settings(max_examples=5)
@given(data=st.data())
def test_fields_are_asked_in_order_and_computed_ones_not_at_all(data: st.DataObject) -> None:
    draft = json.loads(lark_of(form_of(Everything)).sentence(data.draw))
    asked = [name for name in Everything.model_fields if name != "date"]
    assert list(draft) == asked
    assert json.loads(lark_of(form_of(Around)).sentence(data.draw))["inner"] == {}


@pytest.mark.parametrize("name", ["Part", "Chain"])
def test_a_model_that_refers_to_itself_has_one_rule_that_does(name: str) -> None:
    lark = lark_of(SCHEMAS[name])
    assert lark.depths["start"] < 9
    assert len(lark.rules) < 12


def test_all_that_is_marked_as_a_quotation_is_one() -> None:
    """However the marker is written: on the list, on its items, or inside of an option."""

    class Marked(BaseModel):
        whole: Annotated[list[str], Verbatim]
        items: list[Quote]
        maybe: Annotated[list[str] | None, Verbatim]
        option: Annotated[str | None, Verbatim]
        inside: Annotated[str, Verbatim] | None
        nested: Annotated[list[list[str]], Verbatim]

    found = grammar(form_of(Marked), "Oslo")
    assert found is not None
    assert '"type": "string"' not in found


def test_what_is_no_quotation_is_free() -> None:
    class Loose(BaseModel):
        plain: str
        derived: Annotated[str, Derived("plain")]

    lark = lark_of(form_of(Loose), "Oslo")
    (rule,) = {str(node) for name, node in lark.rules.items() if "'type': 'string'" in str(node)}
    assert "minimum" not in rule


class Free(BaseModel):
    counts: dict[str, int]


class Fixed(BaseModel):
    pair: tuple[int, str]


class Anything(BaseModel):
    value: Any


@pytest.mark.parametrize("model", [Free, Fixed, Anything])
def test_what_strict_mode_cannot_express_has_no_grammar(model: type[BaseModel]) -> None:
    assert grammar(form_of(model), TEXT) is None


def test_a_list_ends() -> None:
    class Bounded(BaseModel):
        free: list[Quote]
        least: Annotated[list[Quote], Field(min_length=2)]
        most: Annotated[list[Quote], Field(max_length=1)]
        both: Annotated[list[Quote], Field(min_length=2, max_length=4)]
        one: Annotated[list[Quote], Field(min_length=1, max_length=1)]

    lark = lark_of(form_of(Bounded))
    assert list(repeats(lark)) == [(0, 49), (1, 49), (0, 0), (1, 3), (0, 0)]


def repeats(lark: Lark) -> Iterator[tuple[int, int]]:
    """How many further items each list may have, in the order of the rules."""
    for node in lark.rules.values():
        for row in node.parts if isinstance(node, Choice) else [node]:
            for part in row.parts if isinstance(row, Row) else []:
                if isinstance(part, Repeat):
                    yield part.least, part.most


def test_a_list_of_more_than_usual_is_possible() -> None:
    class Long(BaseModel):
        words: Annotated[list[Quote], Field(min_length=60)]

    assert list(repeats(lark_of(form_of(Long)))) == [(59, 59)]


# ---------------------------------------------------------------- what can be quoted


def quotable(text: str) -> set[str]:
    """All that can be quoted of a short text."""
    return {json.loads(sentence) for sentence in lark_of(SCHEMAS["Quoted"], text).every("QUOTE")}


def says_something(quote: str) -> bool:
    """Whether there is a letter, a digit or a picture, as a reader sees it: `&ap;` is a sign."""
    kinds = {unicodedata.category(char) for char in SourceIndex(quote).folded.text}
    return any(kind[0] in "LN" or kind == "So" for kind in kinds)


def unfounded(text: str) -> list[str]:
    """What can be quoted of a text, says something, and stands nowhere in it."""
    index = SourceIndex(text)
    found = {quote: ground_quotes(index, [quote])[0] for quote in quotable(text)}
    return [
        q for q, grounding in found.items() if grounding.alignment is None and says_something(q)
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ann met Bob in Oslo.", ["Ann", "Ann met Bob in Oslo.", "met Bob", "Oslo"]),
        ("Ann\n\n  met\tBob", ["Ann met Bob"]),
        ("北京会谈结束", ["会谈", "北京", "京会"]),
        ("アン・リーは言った。", ["アン・リー", "言った"]),
        ("אמר שר החוץ, עמית", ["שר החוץ", "עמית"]),
        ("قال الوزير إن", ["الوزير"]),
        ("Fire 🔥 in Oslo", ["🔥", "Fire 🔥"]),
        ("AT&T and 5-year-old", ["AT&T", "5-year-old"]),
    ],
)
def test_words_can_be_quoted_and_whatever_is_stands_in_the_text(
    text: str, words: list[str]
) -> None:
    assert set(words) <= quotable(text)
    assert unfounded(text) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("They can't stop", ["can't", "can't stop"]),
        ("मराठी शब्द", ["मराठी", "शब्द"]),
        ("ประชุมที่กรุงเทพ", ["กรุงเทพ"]),
        ("“We go,” she said", ["“We go,”", "We go,", "she"]),
        ("«Мы идём», — сказала Анна.", ["«Мы идём»", "Мы идём", "сказала Анна"]),
        ("said O'Brien’s lawyer", ["O'Brien’s lawyer"]),
        ("1,000 men, 3.5 tonnes", ["1,000 men", "3.5"]),
        ("12\u00a0000 people", ["12 000 people"]),
        ("fell to −5 degrees", ["−5 degrees"]),
        ("at 10:30 on 9/11", ["10:30", "9/11"]),
        ('a 5" pipe', ['5" pipe']),
        ('she said "we go"', ['"we go"', "we go"]),
        ("the AC\\DC song", ["AC\\DC", "AC\\DC song"]),
        ("a\u0001b c", ["c"]),
        ("the cafe\u0301 burnt", ["cafe\u0301", "burnt"]),
        ("soft\u00adhyphen and zero\u200bwidth", ["soft\u00adhyphen", "zero\u200bwidth"]),
        ("👩‍🚒🇳🇴🇸🇪 met", ["👩‍🚒", "🇳🇴"]),
        ("میخواهم می\u200cروم", ["می\u200cروم"]),
    ],
)
def test_no_word_number_or_name_can_be_cut(text: str, words: list[str]) -> None:
    assert set(words) <= quotable(text)
    assert unfounded(text) == []


def test_a_quotation_says_something() -> None:
    assert [quote for quote in quotable("“Ann”, met Bob ...") if not says_something(quote)] == []


_SNIPPETS = [
    *("Ann", "met", "O'Brien", "can't", "Ann’s", "1,000", "12 000", "3.5", "-5", '5"', "10:30"),
    *("“", "”", '"', "'", "—", "...", "…", ",", ".", "(", ")", "\\", "/", "AT&T", "it_is"),
    *("cafe\u0301", "\u00ad", "\u200b", "\u200d", "\u2028", "\u0001", "\x7f", "\u0301"),
    *("👩‍🚒", "🇳🇴🇸🇪", "🔥", "北京", "アン", "ประชุม", "שלום", "الوزير", "मराठी", "한국", "ﬁ"),
    *(" ", " ", " ", "\n", "\t", "\u00a0"),
]
# Of no language: grounding passes over the blanks around a quotation.
_MARK_ON_BLANK = regex.compile(r"[\s\p{Cf}][\p{M}\p{GCB=SpacingMark}\u200d]")
_TEXTS = st.one_of(
    st.lists(st.sampled_from(_SNIPPETS), min_size=1, max_size=12).map("".join),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
).filter(lambda text: says_something(text) and not _MARK_ON_BLANK.search(text))


@settings(max_examples=300)
@example("They can't stop")
@example("a &ap; b")
@given(text=_TEXTS)
def test_whatever_can_be_quoted_stands_in_the_text(text: str) -> None:
    assert unfounded(text) == []


@settings(max_examples=300)
@example("Ann met Bob, who left.")
@example("“Wait…” (she) said. It‼ went")
@example("the sea-\n side and co-\nop men")
@example("he 'd can't a n't b O'Neil s")
@example("ab\U00014269\u00bb")  # a letter since Unicode 16, which Python 3.11 does not know
@given(text=st.one_of(_TEXTS, st.sampled_from([case.article.text for case in recorded_cases()])))
def test_openings_are_what_a_look_at_each_position_finds(text: str) -> None:
    found = SourceIndex(text).folded
    assert openings(found) == [at for at in range(1, len(found.text)) if not found.cuts(at)]


# Not made smaller when it fails: with a whole draft that takes minutes.
@settings(
    max_examples=40, suppress_health_check=list(HealthCheck), phases=set(Phase) - {Phase.shrink}
)
@given(data=st.data(), case=st.sampled_from(recorded_cases()))
def test_no_draft_of_an_article_has_a_quotation_that_is_not_its_own(
    data: st.DataObject, case: Case
) -> None:
    schema = SCHEMAS["event@1"]
    draft = json.loads(lark_of(schema, case.article.text).sentence(data.draw))
    found = ground_draft(draft, schema, case.article, RESOLVERS)
    wrongs = {"ungrounded", "invalid", "missing", "unexpected"}
    wrong = [problem for problem in found.problems if problem.code in wrongs]
    assert [each for each in wrong if not drops_negation(each.quote, case.article.text)] == []


def drops_negation(quote: str | None, text: str) -> bool:
    """Whether words begin behind an elided ne (n'est): the grammar admits them, and grounding
    refuses them. The grammar writes a blank for each break of the text."""
    text = " ".join(text.split())
    at = text.find((quote or "\0").strip())
    return at > 1 and text[at - 2].lower() == "n" and text[at - 1] in "'’"


def test_words_that_leave_a_negation_out_are_admitted_and_refused() -> None:
    text = "Ils n’ont pas dit cela."
    assert "ont pas dit cela" in quotable(text)
    assert ground_quotes(text, ["ont pas dit cela"])[0].alignment is None
    assert drops_negation("ont pas dit cela", text)
    assert drops_negation("ont pas dit cela. Si.", f"{text}\n\nSi.")


@pytest.mark.parametrize("unit", ["Ann met Bob. ", "a", "'", "1 ", "\u0301", "🇳🇴", "\\", "京"])
def test_the_grammar_grows_with_the_text_and_no_faster(unit: str) -> None:
    """In size, which is what the endpoint has to read."""
    texts = (unit * (n // len(unit)) for n in (1_000, 10_000, 40_000))
    sizes = [len(grammar(SCHEMAS["Quoted"], text) or "") for text in texts]
    assert sizes[1] < 11 * sizes[0]
    assert sizes[2] < 5 * sizes[1]


def test_a_text_too_long_for_a_grammar_is_left_to_the_endpoint() -> None:
    assert grammar(SCHEMAS["Quoted"], "a " * (LONGEST_TEXT // 2)) is not None
    assert grammar(SCHEMAS["Quoted"], "a " * (LONGEST_TEXT // 2 + 1)) is None


# ---------------------------------------------------------------- quotations with a pattern


class Named(BaseModel):
    name: Annotated[str, Field(pattern=r"^(?:[A-Z]\w+ )*[A-Z]\w+$"), Verbatim]


class Armed(BaseModel):
    weapon: Annotated[str, Field(pattern=r"(?i)\b(?:bombs?|rifles?)$"), Verbatim] | None
    others: list[Annotated[str, Field(pattern=r"rocket"), Verbatim]]
    named: Annotated[list[Named], Field(max_length=3)]


WEAPONS = 'Men of the "Red Delta"\n  front left two big bombs in Oslo; rifles were found.'


def admits(schema: JsonSchema, text: str, draft: object) -> bool:
    """Whether the engine itself lets a model write it."""
    tokens = LLTokenizer("byte")
    matcher = LLMatcher(tokens, grammar(schema, text) or "")
    assert not matcher.is_error(), matcher.get_error()
    sent = tokens.tokenize_str(json.dumps(draft))
    return matcher.try_consume_tokens(sent) == len(sent) and matcher.is_accepting()


@pytest.mark.parametrize(
    ("change", "is_admitted"),
    [
        ({}, True),
        ({"weapon": "two big bombs"}, True),
        ({"weapon": "rifles"}, True),
        ({"weapon": "rifle"}, False),
        ({"weapon": "rifles were"}, False),
        ({"weapon": "Oslo"}, False),
        ({"named": [{"name": "Red Delta"}, {"name": "Oslo"}]}, True),
        ({"named": [{"name": "front"}]}, False),
        ({"others": ["rocket"]}, False),
    ],
)
def test_a_quotation_matches_its_pattern(change: JsonSchema, is_admitted: bool) -> None:
    draft = {"weapon": None, "others": [], "named": [], **change}
    assert admits(form_of(Armed), WEAPONS, draft) is is_admitted


def test_what_no_words_match_is_not_said() -> None:
    assert admits(form_of(Armed), "men met", {"weapon": None, "others": [], "named": []})
    assert not admits(form_of(Armed), "men met", {"weapon": "men", "others": [], "named": []})
    assert not admits(form_of(Armed), "men met", {"weapon": None, "others": [], "named": [{}]})


def test_what_has_to_be_said_is_left_to_validation() -> None:
    assert admits(form_of(Named), "men met", {"name": "men"})


def test_a_pattern_that_most_words_match_leads_nobody() -> None:
    class Wide(BaseModel):
        words: Annotated[str, Field(pattern=r"\w"), Verbatim]

    text = " ".join(f"word{number}" for number in range(1000))
    assert len(grammar(form_of(Wide), text) or "") < 20_000
    assert admits(form_of(Wide), text, {"words": "word1 word2"})


# ----------------------------------------------------- lists whose items are all different


class Once(BaseModel):
    names: Annotated[
        list[Annotated[str, Field(pattern=r"^(?:Ann|Bob|Oslo)$"), Verbatim]],
        Field(max_length=9, json_schema_extra={"uniqueItems": True}),
    ]


@pytest.mark.parametrize(
    ("names", "is_admitted"),
    [
        ([], True),
        (["Bob"], True),
        (["Ann", "Oslo"], True),
        (["Ann", "Bob", "Oslo"], True),
        (["Bob", "Ann"], False),
        (["Bob", "Bob"], False),
        (["Monday"], False),
    ],
)
def test_items_that_are_all_different_stand_in_the_order_of_the_text(
    names: list[str], is_admitted: bool
) -> None:
    assert admits(form_of(Once), TEXT, {"names": names}) is is_admitted
