"""Strict JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.jsontext import MAX_DEPTH, list_of, loads, object_of, quoted

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # Half characters are no text.
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab~/é", max_size=3), inner)
    ),
    max_leaves=10,
)


@given(JSON, st.booleans())
def test_what_is_json_is_read(value: Any, ascii_only: bool) -> None:
    assert loads(json.dumps(value, ensure_ascii=ascii_only)) == value


REFUSED = [
    ('{"a": 1, "b": 2, "a": 3}', "the key 'a' stands twice"),
    ('[{"x": {"a": 1, "a": 1}}]', "the key 'a' stands twice"),
    ("[NaN]", "NaN is not a JSON value"),
    ("[-Infinity]", "-Infinity is not a JSON value"),
    ("[1e999]", "1e999 is too large a number"),
    ("[-1e999]", "too large"),
    ('["\\ud800"]', "half a character"),
    ('{"\\udfff": 1}', "half a character"),
    ('{"a": 1,\n "b" 2}', "line 2, column 6"),
    ("", "line 1, column 1"),
    ('{"a": 1} {"b": 2}', "Extra data at line 1"),
    ("'a'", "line 1, column 1"),
    ("[1,]", "line 1"),
    ("[" + "9" * 5000 + "]", "digits"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_other_readers_choke_on_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        loads(text)


@pytest.mark.parametrize("text", ['["a\ud800"]', '{"\udfff": 1}'])
def test_half_a_character_is_refused_as_it_stands(text: str) -> None:
    with pytest.raises(ValueError, match="half a character"):
        loads(text)


@given(st.dictionaries(st.text(), st.lists(st.text())))
def test_json_put_together_is_json(value: dict[str, list[str]]) -> None:
    made = object_of({key: list_of(map(quoted, items)) for key, items in value.items()})
    assert made == json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def test_a_character_of_two_halves_is_whole() -> None:
    assert loads('["\\ud83d\\ude00"]') == ["😀"]


@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 2_000, 200_000])
def test_depth_has_an_end(opened: str, closed: str, depth: int) -> None:
    allowed = opened * MAX_DEPTH + "1" + closed * MAX_DEPTH
    assert json.dumps(loads(allowed), separators=(",", ":")) == allowed
    with pytest.raises(ValueError, match="too deeply"):
        loads(opened * depth + "1" + closed * depth)


def test_a_repeated_key_among_very_many_is_found_at_once() -> None:
    text = "{" + ",".join(f'"k{i}": 0' for i in range(50_000)) + ', "k49999": 1}'
    with pytest.raises(ValueError, match="'k49999' stands twice"):
        loads(text)
