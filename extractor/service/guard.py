"""The door: nothing behind it without a key that may, except for health."""

from __future__ import annotations

import base64
import binascii

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from extractor.service.account import account
from extractor.service.keys import Keys, Rates
from extractor.service.keys import Scope as KeyScope
from extractor.service.problems import problem_response

OPEN = frozenset({"/healthz", "/readyz"})
"""What needs no key, for those who watch whether the service is up."""

_ASK = 'Basic realm="extractor", charset="UTF-8"'


class Guard:
    """Lets a request through when its key has the scope and its client a request left.

    The key comes as `Authorization: Bearer KEY`; a browser, which can send only a name and a
    password of its own accord, sends it as the password of any name.
    """

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self._app = app
        self._keys = keys
        self._rates = Rates(keys)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        key = _key_of(Headers(scope=scope))
        name = self._keys.holder(key) if key else None
        account().client = name
        if name is None:
            said = "the key is not known" if key else "a key is needed"
            refused = problem_response(
                401,
                said,
                "access.key",
                "send it as: Authorization: Bearer KEY",
                {"WWW-Authenticate": _ASK},
            )
        elif seconds := self._rates.wait(name):
            refused = problem_response(
                429, f"{name} asks too often", "access.rate", "", {"Retry-After": str(seconds)}
            )
        elif (needed := _needed(scope)) not in self._keys.clients[name].scopes:
            refused = problem_response(
                403, f"the key of {name} may not {needed}", "access.scope", "", {}
            )
        else:
            scope.setdefault("state", {})["client"] = name
            await self._app(scope, receive, send)
            return
        await refused(scope, receive, send)


def client_of(request: Request) -> str:
    """The name of the client whose key came with a request; "" where the service has no keys."""
    return str(getattr(request.state, "client", ""))


def _needed(scope: Scope) -> KeyScope:
    return "read" if scope["method"] in {"GET", "HEAD"} else "extract"


def _key_of(headers: Headers) -> str:
    """The key of a request; "" for none that can be read."""
    kind, _, value = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
