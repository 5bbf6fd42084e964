"""Every error that extractor raises, in one tree.

```
ExtractorError
├── InputError                 an article, file or option that cannot be used
│   ├── EmptyInput             nothing but white space
│   ├── NotText                binary content, or not UTF-8
│   ├── InvalidArticle         an article object with wrong or unknown fields
│   └── ArticleTooLong         longer than the model's context
├── SettingsError              a setting that is missing or wrong
├── CatalogError               prompts, schemas and their versions
│   ├── UnknownVersion         no such name, version or label; lists what there is
│   ├── InvalidPrompt          front matter or template is wrong
│   ├── InvalidSchema          the schema file does not define a usable model
│   └── ReleaseChanged         a released file is not what the lock says
├── ModelError                 the conversation with a model's endpoint
│   ├── EndpointUnreachable    no connection, or it broke                [retry]
│   ├── EndpointTimeout        no answer in time                         [retry]
│   ├── EndpointOverloaded     5xx                                       [retry]
│   │   └── RateLimited        429: it is asked too much                 [retry]
│   ├── EndpointDown           no answer for so long that a run is stopped
│   ├── AccessDenied           401, 403: the key is wrong or missing
│   ├── QuotaExhausted         429 or 402: what was paid for is used up
│   ├── RequestRefused         another 4xx: the request itself is wrong
│   ├── BatchLost              the provider does not know a batch, or its results [retry]
│   ├── BatchStopped           batches ended, and requests are left
│   └── NotAModelEndpoint      an answer that is not the API's (HTML, say)
├── EmbeddedModelError         the local engine and its weights
│   ├── EngineMissing          the extra `local` is not installed
│   ├── DownloadFailed         network or disk; what arrived is kept     [retry]
│   └── WrongWeights           the file's hash is not the pinned one
├── StoreError                 the ledger cannot be opened, read or written
│   ├── LedgerAway             its server is not there at the moment         [retry]
│   └── LeaseLost              somebody else was given what was worked at
├── BudgetReached              the next request does not fit what may be spent
├── ServiceBusy                the HTTP service has no place free             [retry]
├── SpendingLimit              what a client may spend in a day is spent      [retry]
├── IdempotencyError           the Idempotency-Key of a request
│   ├── InvalidIdempotencyKey  it is no key
│   ├── IdempotencyKeyReused   it came with another request before
│   └── IdempotencyKeyInUse    its first request is not answered yet          [retry]
└── CassetteError              recorded model traffic
    ├── CassetteMiss           nothing recorded for this request
    └── SecretFound            a recording holds something that looks secret
```

`retryable` says whether the same call can succeed later. `hint` says what the
user can do; `str(error)` is the message alone, so that both can be laid out.
"""

from __future__ import annotations

from typing import ClassVar


class ExtractorError(Exception):
    """What went wrong, where, and (in `hint`) what to do about it."""

    retryable: ClassVar[bool] = False
    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.hint))


def _rebuild(kind: type[ExtractorError], message: str, hint: str) -> ExtractorError:
    return kind(message, hint=hint)


class TellsWhen(ExtractorError):
    """Something that passes; `retry_after` is in seconds, where it is known when."""

    retryable = True

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class InputError(ExtractorError):
    """An article, a file or an option that cannot be used."""

    code = "input"


class EmptyInput(InputError):
    """Nothing but white space."""

    code = "input.empty"


class NotText(InputError):
    """Binary content, or bytes that are not UTF-8."""

    code = "input.not_text"


class InvalidArticle(InputError):
    """An article object with wrong or unknown fields."""

    code = "input.invalid_article"


class ArticleTooLong(InputError):
    """The request does not fit the model's context; both lengths are named.

    `asked` and `fits` are these lengths in tokens, where the endpoint said them.
    """

    code = "input.too_long"

    def __init__(
        self, message: str, *, hint: str = "", asked: int | None = None, fits: int | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.asked = asked
        self.fits = fits


class SettingsError(ExtractorError):
    """A setting that is missing or wrong; the message names key and value."""

    code = "settings"


class CatalogError(ExtractorError):
    """Something about the versioned prompts and schemas."""

    code = "catalog"


class UnknownVersion(CatalogError):
    """No such name, version or label; the hint lists what there is."""

    code = "catalog.unknown"


class InvalidPrompt(CatalogError):
    """The front matter or the template of a prompt is wrong."""

    code = "catalog.invalid_prompt"


class InvalidSchema(CatalogError):
    """The schema does not define a usable Pydantic model."""

    code = "catalog.invalid_schema"


class ReleaseChanged(CatalogError):
    """A released file is not what the lock file says."""

    code = "catalog.release_changed"


class ModelError(ExtractorError):
    """The conversation with a model's endpoint failed."""

    code = "model"


class EndpointUnreachable(ModelError):
    """No connection, or it broke before the answer was complete."""

    retryable = True
    code = "model.unreachable"


class EndpointTimeout(ModelError):
    """No answer in the time that the budget allows."""

    retryable = True
    code = "model.timeout"


class EndpointOverloaded(ModelError, TellsWhen):
    """HTTP 429 or 5xx; `retry_after` where the server said so."""

    code = "model.overloaded"


class RateLimited(EndpointOverloaded):
    """HTTP 429: more was asked than the endpoint allows in the time."""

    code = "model.rate_limited"


class EndpointDown(ModelError):
    """No answer for so long, or such a wait asked, that asking further makes no sense."""

    code = "model.down"


class QuotaExhausted(ModelError):
    """HTTP 429 or 402: the account's quota or credit is used up; waiting does not help."""

    code = "model.quota_exhausted"


class AccessDenied(ModelError):
    """HTTP 401 or 403: the key is wrong, missing, or not allowed this."""

    code = "model.access_denied"


class RequestRefused(ModelError):
    """Another 4xx: the endpoint understood the request and will not do it."""

    code = "model.request_refused"


class BatchLost(ModelError):
    """The provider does not know a batch that it made, or the file of its results."""

    retryable = True
    code = "model.batch_lost"


class BatchStopped(ModelError):
    """Batches were refused or ended, and requests are left that were not answered."""

    code = "model.batch_stopped"


class NotAModelEndpoint(ModelError):
    """The answer is not that of an OpenAI-compatible API (HTML, for example)."""

    code = "model.not_an_endpoint"


class EmbeddedModelError(ExtractorError):
    """The local engine or its weights."""

    code = "embedded"


class EngineMissing(EmbeddedModelError):
    """The engine's package is not installed (extra `local`)."""

    code = "embedded.engine_missing"


class DownloadFailed(EmbeddedModelError):
    """Network or disk gave out; what arrived is kept and used next time."""

    retryable = True
    code = "embedded.download_failed"


class WrongWeights(EmbeddedModelError):
    """The hash of the weights is not the pinned one."""

    code = "embedded.wrong_weights"


class StoreError(ExtractorError):
    """The ledger cannot be opened, read or written."""

    code = "store"


class LedgerAway(StoreError):
    """The ledger's server does not answer, or broke off; whether a write arrived is not known."""

    retryable = True
    code = "store.away"


class LeaseLost(StoreError):
    """A record was leased to another meanwhile: what was to be written of it is not."""

    code = "store.lease_lost"


class BudgetReached(ExtractorError):
    """What may be spent is spent, or the next request does not fit what is left of it."""

    code = "budget"


class ServiceBusy(TellsWhen):
    """The service has no place free."""

    code = "service.busy"


class SpendingLimit(TellsWhen):
    """What a client may spend in a day is spent."""

    code = "access.spent"


class IdempotencyError(ExtractorError):
    """The `Idempotency-Key` of a request to the HTTP service."""

    code = "idempotency"


class InvalidIdempotencyKey(IdempotencyError):
    """It is no key, or longer than one may be."""

    code = "idempotency.invalid"


class IdempotencyKeyReused(IdempotencyError):
    """It came with another request before."""

    code = "idempotency.reused"


class IdempotencyKeyInUse(IdempotencyError):
    """Its first request is not answered yet."""

    retryable = True
    code = "idempotency.in_use"


class CassetteError(ExtractorError):
    """Something about recorded model traffic."""

    code = "cassette"


class CassetteMiss(CassetteError):
    """Nothing is recorded for this request; the message says what changed."""

    code = "cassette.miss"


class SecretFound(CassetteError):
    """A recording holds something that looks like a secret; it was not saved."""

    code = "cassette.secret"
