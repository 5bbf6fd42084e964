"""The evidence viewer: a page without anything from elsewhere, and the headers that keep it so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FOLDER = Path(__file__).parent / "viewer"
_FILES: Mapping[str, tuple[str, str]] = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/viewer.css": ("viewer.css", "text/css; charset=utf-8"),
    "/health.css": ("health.css", "text/css; charset=utf-8"),
    "/viewer.js": ("viewer.js", "text/javascript; charset=utf-8"),
    "/events.js": ("events.js", "text/javascript; charset=utf-8"),
    "/review.js": ("review.js", "text/javascript; charset=utf-8"),
    "/spans.js": ("spans.js", "text/javascript; charset=utf-8"),
}

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What every response carries. Scripts and styles are files of the service's own, and so inline
ones, which an article might smuggle in, do nothing."""


def add_pages(app: FastAPI) -> None:
    """The viewer at `/`."""
    for path, (name, kind) in _FILES.items():
        content = (_FOLDER / name).read_bytes()
        app.add_api_route(path, _file(content, kind), include_in_schema=False)


def add_headers(app: FastAPI) -> None:
    """`HEADERS` on every response, those of middleware that was added before this too."""
    app.add_middleware(_WithHeaders)


def _file(content: bytes, kind: str) -> Callable[[], Awaitable[Response]]:
    async def send() -> Response:
        return Response(content, media_type=kind, headers={"Cache-Control": "no-cache"})

    return send


class _WithHeaders:
    """Adds `HEADERS` to what the service answers, pages and errors alike."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = [(k.lower().encode(), v.encode()) for k, v in HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers]
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)
