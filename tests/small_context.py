"""An endpoint on loopback with a small context: it refuses what is longer, as llama.cpp does."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.loopback import Handler, LoopbackServer


class SmallContext(LoopbackServer):
    """Each character of a message is one token, of which `context` fit; the reply is `content`.

    Use as a context manager. `answered` and `refused` count the requests.
    """

    def __init__(self, context: int, content: str = "{}") -> None:
        self.answered = 0
        self.refused = 0
        self._context = context
        self._content = content
        super().__init__()

    def _answer(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        length = sum(len(message["content"]) for message in body["messages"])
        if length > self._context:
            self.refused += 1
            error = {
                "code": 400,
                "message": "the request exceeds the available context size",
                "type": "exceed_context_size_error",
                "n_prompt_tokens": length,
                "n_ctx": self._context,
            }
            return 400, {"error": error}
        self.answered += 1
        message = {"role": "assistant", "content": self._content}
        return 200, {
            "id": f"chatcmpl-{self.answered}",
            "object": "chat.completion",
            "created": 1700000000,
            "model": "small",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": length, "completion_tokens": 2, "total_tokens": length + 2},
        }

    def handler(self) -> type[Handler]:
        endpoint = self

        class Answering(Handler, BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                status, answer = endpoint._answer(body)
                sent = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

        return Answering
