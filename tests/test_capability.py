"""Whether an endpoint obeys grammars is found out with two small requests, or not asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from extractor import open_model
from extractor.capability import PROBE, WORD, detected_decoding
from extractor.settings import read_settings
from tests.loopback import Handler, LoopbackServer

KEY = "sk-hush-hush-hush"
LLAMA_CPP = {"object": "list", "data": [{"id": "m", "object": "model", "owned_by": "llamacpp"}]}


class Endpoint(LoopbackServer):
    """Lists `models` and says `content`; either may be an HTTP status instead."""

    def __init__(self, models: object = 404, content: str | int = WORD) -> None:
        self.listed: list[str | None] = []
        self.asked: list[dict[str, Any]] = []
        self._models = models
        self._content = content
        super().__init__()

    def _completion(self) -> object:
        if isinstance(self._content, int):
            return self._content
        message = {"role": "assistant", "content": self._content}
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1700000000,
            "model": "m",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        }

    def handler(self) -> type[Handler]:
        endpoint = self

        class Answering(Handler, BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                endpoint.listed.append(self.headers["authorization"])
                self._give(endpoint._models)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                endpoint.asked.append(json.loads(body))
                self._give(endpoint._completion())

            def _give(self, answer: object) -> None:
                status = answer if isinstance(answer, int) else 200
                body = b"<html>no</html>" if answer == "html" else json.dumps(answer).encode()
                self.send_response(status)
                kind = "text/html" if answer == "html" else "application/json"
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Answering


def detected(endpoint: Endpoint) -> str:
    return asyncio.run(detected_decoding("m", base_url=endpoint.url, api_key=KEY))


@pytest.fixture
def obedient() -> Iterator[Endpoint]:
    with Endpoint(LLAMA_CPP) as running:
        yield running


def test_a_server_that_obeys_is_held_to_grammars(obedient: Endpoint) -> None:
    assert detected(obedient) == "grammar"
    [sent] = obedient.asked
    assert sent["grammar"] == PROBE.grammar
    assert "json_schema" not in json.dumps(sent)
    assert sent["max_tokens"] <= 16
    assert obedient.listed == [f"Bearer {KEY}"]


@pytest.mark.parametrize("content", ["4", "", 400, 422, 500, 503])
def test_one_that_refuses_or_ignores_it_is_asked_once(content: str | int) -> None:
    with Endpoint(LLAMA_CPP, content) as endpoint:
        assert detected(endpoint) == "schema"
        assert len(endpoint.asked) == 1


@pytest.mark.parametrize(
    "models",
    [
        *(404, 401, 500, "html", None, [], "x", {}, {"data": 1}, {"data": ["m"]}),
        {"data": [{"id": "m", "owned_by": "vllm"}]},
    ],
)
def test_another_server_is_never_sent_a_grammar(models: object) -> None:
    with Endpoint(models) as endpoint:
        assert detected(endpoint) == "schema"
        assert endpoint.asked == []


def test_an_endpoint_that_is_not_there_is_held_to_the_schema() -> None:
    with Endpoint() as gone:
        pass
    assert detected(gone) == "schema"


@pytest.mark.parametrize("told", ["", "auto"])
def test_opening_a_model_finds_it_out_once(obedient: Endpoint, told: str) -> None:
    environ = {"EXTRACTOR_DECODING": told}
    with open_model(read_settings(environ, base_url=obedient.url, model="m")) as opened:
        assert opened.decoding == "grammar"
    assert len(obedient.asked) == 1


@pytest.mark.parametrize("told", ["schema", "grammar"])
def test_what_was_set_is_not_asked_for(obedient: Endpoint, told: str) -> None:
    environ = {"EXTRACTOR_DECODING": told}
    with open_model(read_settings(environ, base_url=obedient.url, model="m")) as opened:
        assert opened.decoding == told
    assert (obedient.listed, obedient.asked) == ([], [])


def test_openai_itself_is_asked_nothing() -> None:
    """Any connection but one to loopback would fail this test."""
    with open_model(read_settings({"OPENAI_API_KEY": KEY}, model="m")) as opened:
        assert opened.decoding == "schema"
