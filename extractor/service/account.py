"""What is known of a request while it is being answered."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field

from starlette.types import Scope

from extractor.records import Usage


@dataclass
class Account:
    """What is known of a request while it is being answered.

    `client` is the name of who holds the key, `article` the digest of the article, `usage` what
    the model took for this request alone, `record` the status of the record (or `stored`), and
    `problem` the code of the problem that was answered, `told` the status of one that came as an
    event, when the answer had begun. Neither a key nor a text is ever in it.
    """

    id: str
    client: str | None = None
    article: str | None = None
    usage: Usage = field(default_factory=Usage)
    record: str | None = None
    problem: str | None = None
    told: int | None = None
    trace: str | None = None

    @property
    def outcome(self) -> str:
        """What came of it, in one word."""
        return self.problem or self.record or "ok"


ACCOUNT: ContextVar[Account] = ContextVar("account")


def account() -> Account:
    """That of the request that is being answered; outside of one, an account that nobody reads."""
    return ACCOUNT.get(Account(""))


def route_of(scope: Scope) -> str:
    """The template of the path, for paths are without end; `none` for one that leads nowhere."""
    found = getattr(scope.get("route"), "path", "none")
    return found if isinstance(found, str) else "none"
