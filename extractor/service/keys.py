"""Who may ask: API keys, of which only hashes are kept.

A file of keys (TOML) names each client:

    [analysts]
    sha256 = ["3f5a…"]              # two while one key takes the place of another
    scopes = ["read", "extract"]    # what is not named here is both
    requests_per_minute = 60        # none: no limit
    tokens_per_day = 1_000_000      # the same; a day begins at midnight, UTC
    cost_per_day = 5.0              # the same, in the currency of the prices

A key is 256 random bits, so there is nothing to guess: a fast hash is as good as a slow one.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import secrets
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from extractor.errors import SettingsError
from extractor.records import Frozen

Scope = Literal["read", "extract"]
PREFIX = "xk_"
"""What keys begin with, so that tools that look for secrets know one."""

_HINT = "make a key and its hash with: extractor keys new"


class Client(Frozen):
    """Who holds a key. `requests_per_minute` counts all that the client asks, refused or not;
    the limits of a day count what its questions took of the model (`spending`)."""

    sha256: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")], ...],
        Field(min_length=1, max_length=2),
    ]
    scopes: frozenset[Scope] = frozenset({"read", "extract"})
    requests_per_minute: Annotated[int | None, Field(ge=1)] = None
    tokens_per_day: Annotated[int | None, Field(ge=1)] = None
    cost_per_day: Annotated[float | None, Field(gt=0, allow_inf_nan=False)] = None

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit to what it may spend."""
        return self.tokens_per_day is not None or self.cost_per_day is not None


@dataclass(frozen=True)
class Keys:
    """The clients by name."""

    clients: Mapping[str, Client]

    def holder(self, key: str) -> str | None:
        """The name of the client whose key this is. Takes as long for a wrong key as for a
        right one: every stored hash is compared, each in constant time."""
        given = hash_of(key)
        found = None
        for name, stored in self._hashes():
            if hmac.compare_digest(given, stored):
                found = name
        return found

    def _hashes(self) -> Iterator[tuple[str, str]]:
        return ((name, each) for name, client in self.clients.items() for each in client.sha256)


def hash_of(key: str) -> str:
    """The SHA-256 (hex) that is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def new_key() -> str:
    """A key that nobody has yet."""
    return PREFIX + secrets.token_urlsafe(32)


def check_name(name: str) -> None:
    """Raises `SettingsError` for a name that a file of keys cannot hold as it is."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        raise SettingsError(
            f"{name!r} is no name of a client", hint="letters, digits, - and _, at most 64"
        )


def read_keys(path: Path) -> Keys:
    """The keys of a file. Raises `SettingsError`."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}", hint="check the path") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: not a file of keys: {error}", hint=_HINT) from error
    try:
        clients = TypeAdapter(dict[str, Client]).validate_python(found)
    except ValidationError as error:
        # The values themselves stay out of the message: somebody may have put a key there.
        reasons = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise SettingsError(f"{path}: {reasons}", hint=_HINT) from None
    if not clients:
        raise SettingsError(f"{path}: there is no client in it", hint=_HINT)
    hashes = [each for client in clients.values() for each in client.sha256]
    if len(set(hashes)) < len(hashes):
        raise SettingsError(f"{path}: one hash stands there twice", hint="give each its own key")
    return Keys(clients)


class Rates:
    """How much of its rate each client has left: a bucket that fills by the second.

    A client that was silent may ask a minute's worth at once.
    """

    def __init__(self, keys: Keys, clock: Callable[[], float] = time.monotonic) -> None:
        self._rates = {n: c.requests_per_minute for n, c in keys.clients.items()}
        self._left: dict[str, tuple[float, float]] = {}
        self._clock = clock

    def wait(self, name: str) -> int:
        """Takes one request; 0 when there was one to take, else the seconds until there is."""
        rate = self._rates[name]
        if rate is None:
            return 0
        now = self._clock()
        left, then = self._left.get(name, (float(rate), now))
        left = min(float(rate), left + (now - then) * rate / 60)
        self._left[name] = (max(left - 1, 0) if left >= 1 else left, now)
        return 0 if left >= 1 else max(1, math.ceil((1 - left) * 60 / rate))
