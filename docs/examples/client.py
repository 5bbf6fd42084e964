"""Sends an article to a running `extractor serve`, and prints each value with its words.

    EXTRACTOR_KEY=xk_… python client.py article.json http://localhost:8000

Needs nothing but Python. The article is JSON with at least a `text`; the key is left out where
the service has none.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

ATTEMPTS = 5
SECONDS = 900  # a model that is embedded takes its time


class Refused(Exception):
    """The service answered with a problem document."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem['title']}: {problem['detail']} ({problem['request_id']})")
        self.hint: str = problem.get("hint", "")


def extract(article: dict[str, Any], address: str, key: str | None = None) -> dict[str, Any]:
    """The extraction of an article. Waits and asks again where the service says so.

    Raises `Refused`, and `urllib.error.URLError` when nobody answers.
    """
    headers = {"Content-Type": "application/json", "X-Request-ID": uuid.uuid4().hex}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    body = json.dumps(article).encode()
    for attempt in range(1, ATTEMPTS + 1):
        request = urllib.request.Request(f"{address}/v1/extract", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            with error:
                wait = error.headers.get("Retry-After")
                if wait is None or attempt == ATTEMPTS:
                    raise Refused(json.load(error)) from None
            time.sleep(float(wait))
    raise AssertionError("unreachable")


def main(path: str, address: str) -> int:
    """Prints what the article says; the exit status is 1 when there is no record."""
    with open(path, encoding="utf-8") as file:
        article = json.load(file)
    try:
        found = extract(article, address, os.environ.get("EXTRACTOR_KEY"))
    except Refused as error:
        print(error, error.hint, sep="\n", file=sys.stderr)
        return 1
    print(f"status: {found['status']}")
    for pointer, evidence in found["evidence"].items():
        words = " … ".join(span["text"] for span in evidence["spans"])
        print(f"{pointer}: {evidence['support']}: {words!r}")
    for problem in found["problems"]:
        print(f"{problem['severity']}: {problem['path'] or '/'}: {problem['message']}")
    return 0 if found["record"] is not None else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
