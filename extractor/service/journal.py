"""The id that each request is known by, and the line of the log that tells what became of it."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from extractor.logs import logger
from extractor.service.account import ACCOUNT, Account, account, route_of
from extractor.service.problems import unforeseen

REQUEST_ID = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_LOG = logger("extractor.request")


class Accounted:
    """Opens an account for each request, and tells it when the last byte is sent.

    What no one foresaw becomes a problem document here. `told` gets the code of each problem.
    """

    def __init__(self, app: ASGIApp, told: Callable[[str], None]) -> None:
        self._app = app
        self._told = told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        opened = Account(_id_of(Headers(scope=scope)))
        token = ACCOUNT.set(opened)
        began = time.monotonic()
        status: int | None = None

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                named = (REQUEST_ID.lower().encode(), opened.id.encode())
                message["headers"] = [*message["headers"], named]
            await send(message)

        try:
            await self._answered(scope, receive, sending, lambda: status is not None)
        finally:
            if status is None and opened.problem is None:
                opened.problem = "gone"
            _tell(opened, scope, status, time.monotonic() - began)
            if opened.problem is not None:
                self._told(opened.problem)
            ACCOUNT.reset(token)

    async def _answered(
        self, scope: Scope, receive: Receive, send: Send, has_begun: Callable[[], bool]
    ) -> None:
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            account().problem = "gone"
        except Exception as error:
            _LOG.error("an error inside the service", request_id=account().id, exc_info=error)
            response = unforeseen()
            if has_begun():
                raise
            await response(scope, receive, send)


def _tell(account: Account, scope: Scope, status: int | None, seconds: float) -> None:
    told = {
        "request_id": account.id,
        "method": scope["method"],
        "route": route_of(scope),
        "status": status,
        "ms": round(seconds * 1000, 1),
        "outcome": account.outcome,
        "client": account.client,
        "article": account.article,
        "input_tokens": account.usage.input_tokens,
        "output_tokens": account.usage.output_tokens,
        "trace_id": account.trace,
    }
    _LOG.info("request", **{name: value for name, value in told.items() if value is not None})


def _id_of(headers: Headers) -> str:
    """The id that the request came with, when it is one; else a new one."""
    given = headers.get(REQUEST_ID, "")
    return given if _WELL_FORMED.fullmatch(given) else secrets.token_hex(16)
