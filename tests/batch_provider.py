"""A provider's Batch API on loopback whose batches end as a test says.

It plays the endings that the servers of others cannot play (`tests/test_batch_servers.py`). Which
requests it was paid for is counted here, over all batches and online.
"""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from tests.loopback import Handler, LoopbackServer

SERIOUS = '{"serious": null}'
Says = Callable[[dict[str, Any]], str]
"""The reply to a request's body; raises `Refused`."""
Fault = Literal["made, then cut", "cut", "overloaded", "refused"]


class Refused(Exception):
    """A request that is refused: an HTTP status and the error of the body."""

    def __init__(self, status: int, **error: Any) -> None:
        super().__init__(status)
        self.status = status
        self.error = error


@dataclass
class Ending:
    """How a batch ends. `line` says of each (from 0) what becomes of it: a reply, no line at all,
    a line that says that it was not begun, or one that says that it failed.

    Files that would be empty are `no_file`. The results are refused `forbidden` times.
    """

    status: str = "completed"
    line: Callable[[int], Literal["reply", "nothing", "expired", "failed"]] = lambda _: "reply"
    looks: int = 1
    body: Literal["object", "string"] = "object"
    no_file: str | None = None
    forbidden: int = 0
    missing: bool = False
    errors: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Made:
    """A batch that was made."""

    id: str
    file: str
    metadata: dict[str, str]
    ending: Ending
    looks: int = 0
    state: dict[str, Any] = field(default_factory=dict)


class BatchProvider(LoopbackServer):
    """Use as a context manager. Batch after batch ends as `endings` say, the others well."""

    def __init__(self, says: Says = lambda _: SERIOUS, *endings: Ending) -> None:
        self.endings = list(endings)
        self.made: list[Made] = []
        self.paid: Counter[str] = Counter()
        """How often each request (its messages) was answered."""
        self.online: list[dict[str, Any]] = []
        self.lines: dict[str, list[dict[str, Any]]] = {}
        self.faults: list[Fault] = []
        """What comes of the next attempts to make a batch."""
        self.happened: Callable[[str], None] = lambda _: None
        """Told of each step, when it is done and not answered yet."""
        self.lost: set[str] = set()
        self._says = says
        self._files: dict[str, bytes] = {}
        self._refusals: Counter[str] = Counter()
        self._lock = threading.RLock()
        super().__init__()

    def texts(self) -> list[str]:
        """What the requests of all batches ask about, in order."""
        return [
            line["body"]["messages"][-1]["content"] for made in self.made
            for line in self.lines[made.file]
        ]  # fmt: skip

    # What is asked

    def upload(self, content: bytes) -> dict[str, Any]:
        name = f"file-{len(self._files)}"
        self._files[name] = content
        self.lines[name] = [json.loads(line) for line in content.splitlines()]
        self.happened("uploaded")
        return {"id": name, "object": "file", "purpose": "batch", "bytes": len(content)}

    def create(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        """None cuts the connection."""
        assert asked["endpoint"] == "/v1/chat/completions"
        assert asked["completion_window"] == "24h"
        fault = self.faults.pop(0) if self.faults else None
        if fault == "cut":
            return None
        if fault == "overloaded":
            raise Refused(503, message="try again")
        if fault == "refused":
            raise Refused(400, message="this model has no batches")
        ending = self.endings.pop(0) if self.endings else Ending()
        made = Made(f"batch-{len(self.made)}", asked["input_file_id"], asked["metadata"], ending)
        self.made.append(made)
        made.state = {**self._frame(made), "status": "validating"}
        self.happened("created")
        return None if fault else made.state

    def look(self, name: str) -> dict[str, Any]:
        made = next((made for made in self.made if made.id == name), None)
        if made is None or name in self.lost:
            raise Refused(404, message="no such batch")
        made.looks += 1
        if made.looks > made.ending.looks:
            if "request_counts" not in made.state:
                made.state = self._ended(made)
        else:
            made.state = {**self._frame(made), "status": "in_progress"}
        self.happened("looked")
        return made.state

    def list(self, query: dict[str, list[str]]) -> dict[str, Any]:
        batches = [made.state for made in reversed(self.made)]
        after = query.get("after", [""])[0]
        start = next((n + 1 for n, b in enumerate(batches) if b["id"] == after), 0)
        page = batches[start : start + 1]  # so that there are pages to turn
        return {"object": "list", "data": page, "has_more": start + 1 < len(batches)}

    def content(self, name: str) -> bytes:
        made = next(made for made in self.made if name in made.state.values())
        if made.ending.missing:
            raise Refused(404, message="no such file")
        self._refusals[name] += 1
        if self._refusals[name] <= made.ending.forbidden:
            raise Refused(403, message="not yet")
        self.happened("fetched")
        return self._files[name]

    def complete(self, body: dict[str, Any]) -> dict[str, Any]:
        self.online.append(body)
        return self._answer(body)

    # What is answered

    def _frame(self, made: Made) -> dict[str, Any]:
        return {
            "id": made.id,
            "object": "batch",
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            "input_file_id": made.file,
            "created_at": 4_000_000_000,
            "metadata": made.metadata,
        }

    def _ended(self, made: Made) -> dict[str, Any]:
        replies: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        for number, line in enumerate(self.lines[made.file]):
            result = self._result(made.ending, number, line)
            if result is not None:
                (replies if result["error"] is None and _is_good(result) else errors).append(result)
        files = {}
        for kind, results in (("output", replies), ("error", errors)):
            name: str | None = made.ending.no_file
            if results:
                name = f"{made.id}-{kind}"
                # In an order of its own: results are joined by their ids.
                lines = (json.dumps(each) for each in reversed(results))
                self._files[name] = "".join(f"{each}\n" for each in lines).encode()
            files[f"{kind}_file_id"] = name
        counts = {"total": len(self.lines[made.file]), "completed": len(replies),
                  "failed": len(errors)}  # fmt: skip
        told = {"object": "list", "data": made.ending.errors} if made.ending.errors else None
        return {
            **self._frame(made), "status": made.ending.status, "request_counts": counts, **files,
            "errors": told,
        }  # fmt: skip

    def _result(self, ending: Ending, number: int, line: dict[str, Any]) -> dict[str, Any] | None:
        result: dict[str, Any] = {"id": f"r{number}", "custom_id": line["custom_id"],
                                  "response": None, "error": None}  # fmt: skip
        match ending.line(number):
            case "nothing":
                return None
            case "expired":
                return {**result, "error": {"code": "batch_expired", "message": "too late"}}
            case "failed":
                body: dict[str, Any] = {"error": {"message": f"line {number} is bad"}}
                return {**result, "response": {"status_code": 400, "body": body}}
        try:
            status, body = 200, self._answer(line["body"])
        except Refused as refused:
            status, body = refused.status, {"error": refused.error}
        sent = json.dumps(body) if ending.body == "string" else body
        return {**result, "response": {"status_code": status, "body": sent}}

    def _answer(self, body: dict[str, Any]) -> dict[str, Any]:
        content = self._says(body)
        self.paid[json.dumps(body["messages"])] += 1
        return {
            "id": "c", "object": "chat.completion", "created": 1, "model": "played",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": content},
                         "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        }  # fmt: skip

    def handler(self) -> type[Handler]:
        provider = self

        class Answering(Handler, BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                at = urlsplit(self.path)
                match at.path.split("/")[2:]:
                    case ["models"]:
                        model = {"id": "played", "object": "model", "created": 1, "owned_by": "us"}
                        self.answer(lambda: {"object": "list", "data": [model]})
                    case ["batches"]:
                        self.answer(lambda: provider.list(parse_qs(at.query)))
                    case ["batches", name]:
                        self.answer(lambda: provider.look(name))
                    case ["files", name, "content"]:
                        self.answer(lambda: provider.content(name))
                    case _:
                        self.send(404, b"{}")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                match self.path.split("/")[2:]:
                    case ["files"]:
                        content = _file_of(body, self.headers["content-type"])
                        self.answer(lambda: provider.upload(content))
                    case ["batches"]:
                        self.answer(lambda: provider.create(json.loads(body)))
                    case ["chat", "completions"]:
                        self.answer(lambda: provider.complete(json.loads(body)))
                    case _:
                        self.send(404, b"{}")

            def answer(self, work: Callable[[], dict[str, Any] | bytes | None]) -> None:
                try:
                    with provider._lock:
                        found = work()
                except Refused as refused:
                    self.send(refused.status, json.dumps({"error": refused.error}).encode())
                    return
                if found is None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                else:
                    self.send(
                        200, found if isinstance(found, bytes) else json.dumps(found).encode()
                    )

            def send(self, status: int, body: bytes) -> None:
                try:
                    self.send_response(status)
                    self.send_header("content-type", "application/json")
                    self.send_header("content-length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # who asked was killed

        return Answering


def _is_good(result: dict[str, Any]) -> bool:
    return result["response"] is not None and result["response"]["status_code"] == 200


def _file_of(body: bytes, content_type: str) -> bytes:
    """The file in a form (multipart/form-data)."""
    boundary = content_type.partition("boundary=")[2].strip('"').encode()
    for part in body.split(b"--" + boundary):
        head, _, content = part.partition(b"\r\n\r\n")
        if b'name="file"' in head:
            return content.removesuffix(b"\r\n")
    raise AssertionError("there is no file in the form")
