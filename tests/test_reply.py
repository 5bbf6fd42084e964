"""What an endpoint's answer holds: a draft, or one of the ways to be none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.model import Completion
from extractor.records import Problem, Usage
from extractor.reply import completion_of, read_reply


def completion(content: str | None, **changes: Any) -> Completion:
    fields: dict[str, Any] = {
        "content": content,
        "finish_reason": "stop",
        "refusal": None,
        "model": "m",
        "usage": Usage(output_tokens=7),
        "attempts": 1,
        "seconds": 0.5,
        "time": "2026-03-09T12:00:00+00:00",
        "raw": {},
    }
    return Completion(**{**fields, **changes})


def problem(content: str | None, **changes: Any) -> Problem:
    found = read_reply(completion(content, **changes))
    assert isinstance(found, Problem), found
    assert (found.severity, found.path) == ("error", "")
    return found


DRAFTS = [
    '{"a": [1, null]}',
    ' \n{"a": [1, null]}\n\n',
    '```json\n{"a": [1, null]}\n```',
    '```\n{"a":\n [1, null]}```\n',
    '```JSON\r\n{"a": [1, null]}\r\n```',
]


@pytest.mark.parametrize("content", DRAFTS)
def test_a_draft(content: str) -> None:
    assert read_reply(completion(content)) == {"a": [1, None]}
    assert read_reply(completion(content, finish_reason=None)) == {"a": [1, None]}


def test_a_fence_within_a_value_is_left_alone() -> None:
    draft = {"a": "```\nx\n```"}
    assert read_reply(completion(json.dumps(draft))) == draft
    assert read_reply(completion(f"```json\n{json.dumps(draft)}\n```")) == draft


MALFORMED = [
    ("Here is the record: {}", "line 1, column 1"),
    ('{"a": 1', "line 1"),
    ('{"a": 1}\n{"a": 2}', "Extra data"),
    ('{"a": 1, "a": 2}', "'a' stands twice"),
    ('{"a": NaN}', "NaN"),
    ('{"a": 1e400}', "too large"),
    ('{"a": "\\ud800"}', "half a character"),
    ('{"a":' * 5_000 + "1" + "}" * 5_000, "too deeply"),
    ("```json\n```", "line 1"),
    ("```", "line 1"),
    ("[]", "a JSON list, not an object"),
    ('"{}"', "a JSON str, not an object"),
    ("null", "not an object"),
    ("<html>", "line 1"),
]


@pytest.mark.parametrize(("content", "message"), MALFORMED)
def test_what_is_no_json_object_is_malformed(content: str, message: str) -> None:
    found = problem(content)
    assert found.code == "reply.malformed"
    assert message in found.message
    assert found.quote is not None
    assert found.quote == content or (len(found.quote) < 210 and found.quote.endswith("…"))


@pytest.mark.parametrize("content", [None, "", " \n\t"])
def test_an_empty_reply(content: str | None) -> None:
    assert problem(content).code == "reply.empty"


def test_a_cut_reply_is_not_taken_for_a_malformed_one() -> None:
    found = problem('{"a": "wor', finish_reason="length")
    assert (found.code, found.quote) == ("reply.truncated", '{"a": "wor')
    assert "after 7 tokens" in found.message
    assert "max_tokens" in found.message
    # What looks whole may lack its end all the same.
    assert problem("{}", finish_reason="length").code == "reply.truncated"
    assert problem(None, finish_reason="length").code == "reply.truncated"


def test_a_refusal_and_a_filter() -> None:
    found = problem(None, refusal="I cannot help with that.")
    assert (found.code, found.quote) == ("reply.refused", None)
    assert "I cannot help with that." in found.message
    assert problem('{"a": 1}', finish_reason="content_filter").code == "reply.filtered"
    assert problem("", refusal="no", finish_reason="length").code == "reply.refused"


@given(st.text('{}[]"\\`: \nau1', max_size=30))
def test_any_content_is_a_draft_or_a_problem(content: str) -> None:
    found = read_reply(completion(content))
    if isinstance(found, Problem):
        assert found.code in {"reply.malformed", "reply.empty"}
    else:
        assert json.loads(json.dumps(found)) == found


# ---------------------------------------------------------------- the endpoint's JSON


ANSWER: dict[str, Any] = {
    "choices": [{"message": {"content": "{}", "refusal": None}, "finish_reason": "stop"}],
    "model": "m",
    "usage": {
        "prompt_tokens": 10,
        "completion_tokens": 2,
        "prompt_tokens_details": {"cached_tokens": 8},
    },
}


def test_a_completion_keeps_all_that_was_paid_for() -> None:
    found = completion_of(ANSWER, attempts=2, seconds=1.23456)
    assert (found.content, found.finish_reason, found.model) == ("{}", "stop", "m")
    assert found.usage == Usage(input_tokens=10, cached_tokens=8, output_tokens=2)
    assert (found.attempts, found.seconds, found.raw) == (2, 1.235, ANSWER)
    assert Completion.model_validate_json(found.model_dump_json()) == found


WRONG: list[Any] = [None, "x", [], {}, True, 1.5]


@pytest.mark.parametrize("wrong", WRONG)
def test_fields_of_wrong_types_lose_nothing(wrong: Any) -> None:
    for key in ("model", "usage"):
        found = completion_of({**ANSWER, key: wrong}, attempts=1, seconds=0)
        assert found.content == "{}"
        assert found.raw[key] == wrong
    choice = {"message": {"content": wrong, "refusal": wrong}, "finish_reason": wrong}
    found = completion_of({**ANSWER, "choices": [choice]}, attempts=1, seconds=0)
    assert found.content == found.refusal == (wrong if isinstance(wrong, str) else None)
    assert isinstance(read_reply(found), Problem)


def test_half_a_character_can_be_stored() -> None:
    choice = {"message": {"content": '{"a": "\ud800"}'}, "finish_reason": "stop"}
    found = completion_of({**ANSWER, "choices": [choice]}, attempts=1, seconds=0)
    assert found.content == '{"a": "?"}'
    assert found.model_dump_json()
