"""The values that flow through extractor, and the markers a schema is annotated with.

Everything here is frozen. A schema says of each value how it is supported:

* `Annotated[str, Verbatim]`: words of the article, copied;
* `Annotated[T, Derived("text")]`: follows from the named quotations beside it;
* `Annotated[T, Computed("text", by="time.value")]`: never asked of the model, but
  filled by a named resolver from the words of the named quotation.

The markers travel in the JSON Schema as `x-support`; nothing else in the core
needs to know a schema.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    field_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticSerializationError, to_json, to_jsonable_python

RecordT = TypeVar("RecordT", bound=BaseModel)

SupportKind = Literal["quoted", "derived", "computed", "none"]
Alignment = Literal["exact", "folded", "ambiguous"]
Severity = Literal["error", "warning", "info"]
Status = Literal["complete", "partial", "rejected", "failed"]
CheckKind = Literal[
    "number",
    "money",
    "date",
    "country",
    "certainty",
    "polarity",
    "tense",
    "name",
    "source",
    "type",
    "none",
]
"""How a derived value is compared with its words (`extractor.checks`); "none": not at all."""
X_SUPPORT = "x-support"
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def canonical(value: object) -> str:
    """A JSON value in canonical form: sorted keys, no spaces, not in ASCII alone."""
    return _CANONICAL.encode(value)


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: object) -> str:
    """The SHA-256 (hex) of a JSON value in canonical form, as UTF-8."""
    return digest_of_text(canonical(value))


def digest_of_text(text: str) -> str:
    """The SHA-256 (hex) of a text as UTF-8; half characters count as they are."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Support:
    """How a value is supported; written into the JSON Schema as `x-support`."""

    kind: Literal["verbatim", "derived", "computed"]
    sources: tuple[str, ...] = ()
    by: str | None = None
    check: CheckKind | None = None

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        marker: dict[str, Any] = {"kind": self.kind}
        if self.sources:
            marker["from"] = list(self.sources)
        if self.by:
            marker["by"] = self.by
        if self.check:
            marker["check"] = self.check
        return {**schema, X_SUPPORT: marker}


Verbatim = Support("verbatim")
"""The model copies words of the article; the record holds the article's own characters."""


def Derived(  # noqa: N802 - reads as a type in annotations
    *sources: str, check: CheckKind | None = None
) -> Support:
    """The value follows from quotations of the same record.

    `sources` are names of fields of the same object, or paths from it: `"text"`,
    `"time/text"`, `"../trigger"` (`..` is the enclosing object). `check` is how the finished
    value is compared with the words; without it numbers, dates, certainty, polarity, tense and
    all PLOVER types of event with six more (`extractor.checks.trigger_words`) are known by their
    type, and other values are not compared. Raises `ValueError`.
    """
    if not sources:
        raise ValueError("Derived needs the name of at least one quotation")
    if check is not None and check not in get_args(CheckKind):
        known = ", ".join(get_args(CheckKind))
        raise ValueError(f"Derived: there is no check {check!r}; there are {known}")
    return Support("derived", sources, check=check)


def Computed(*sources: str, by: str) -> Support:  # noqa: N802
    """The value is filled by the resolver `by` from the words of `sources` (see `Derived`)."""
    if not sources:
        raise ValueError("Computed needs the name of at least one quotation")
    return Support("computed", sources, by)


class Frozen(BaseModel):
    """Base of all values: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


TEXT_PATTERN = r"^[^\u0000]*$"
"""What JSON Schema can say of an article's text: it holds no null character."""


class Article(Frozen):
    """A news article as given.

    Offsets anywhere in extractor are code points into `text`. `published` anchors
    relative dates; without it they stay unresolved, with a problem. `id` defaults
    to the first 16 digits of the digest.
    """

    text: Annotated[str, Field(json_schema_extra={"pattern": TEXT_PATTERN})]
    id: str = ""
    title: str | None = None
    published: date | None = None
    outlet: str | None = None
    language: str | None = None
    url: str | None = None

    @field_validator("text")
    @classmethod
    def _is_text(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("the text is empty")
        if found := _NO_TEXT.search(text):
            if found[0] == "\0":
                raise ValueError(
                    f"the text holds a null character at {found.start()}: is it binary?"
                )
            raise ValueError(
                f"the text holds half a character (a lone surrogate) at {found.start()}"
            )
        return text

    @field_validator("published", mode="before")
    @classmethod
    def _day(cls, value: object) -> object:
        if isinstance(value, datetime):
            return value.date()
        if value is not None and not isinstance(value, date) and not _is_day(value):
            # Pydantic would take a number for seconds since 1970.
            raise ValueError("expected YYYY-MM-DD")
        if isinstance(value, str) and len(value) > 10:
            try:
                return datetime.fromisoformat(value.strip()).date()
            except ValueError:
                return value
        return value

    def model_post_init(self, _context: Any) -> None:
        if not self.id:
            object.__setattr__(self, "id", self.digest[:16])

    @property
    def digest(self) -> str:
        """SHA-256 of all that can change a record: text, title, date, outlet, language."""
        made = _digest_held if len(self.text) <= _HELD else _digest_of
        return made(self.text, self.title, self.published, self.outlet, self.language)


_HELD = 20_000
"""The most characters of a text that is held on to for the sake of its digest."""


def _digest_of(
    text: str, title: str | None, published: date | None, outlet: str | None, language: str | None
) -> str:
    day = None if published is None else published.isoformat()
    return digest(
        {
            "text": text,
            "title": title,
            "published": day,
            "outlet": outlet,
            "language": language,
        }
    )


# A pure function: a batch asks for the digest of an article when it reads the input, when it
# names the record, and when it says what the record is of.
_digest_held = lru_cache(maxsize=256)(_digest_of)


def _is_day(value: object) -> bool:
    return isinstance(value, str) and bool(re.match(r"\s*\d{4}-\d\d-\d\d", value))


class ArticleInfo(Frozen):
    """What an extraction says of its article: everything but the text."""

    id: str
    title: str | None
    published: date | None
    outlet: str | None
    language: str | None
    digest: str

    @classmethod
    def of(cls, article: Article) -> ArticleInfo:
        return cls(
            id=article.id,
            title=article.title,
            published=article.published,
            outlet=article.outlet,
            language=article.language,
            digest=article.digest,
        )


class Span(Frozen):
    """A place in the article: `article.text[start:end] == text`, in code points."""

    text: str
    start: int
    end: int
    alignment: Alignment


def spans_at(
    text: str, places: Iterable[tuple[int, int]], alignment: Alignment
) -> tuple[Span, ...]:
    """The spans of an article's text at these places, from start to end."""
    return tuple(
        Span(text=text[start:end], start=start, end=end, alignment=alignment)
        for start, end in places
    )


class Evidence(Frozen):
    """How one value of the record is supported, and by which words."""

    support: SupportKind
    spans: tuple[Span, ...] = ()


class Problem(Frozen):
    """Something about a record that its reader must know.

    `path` is a JSON pointer into the model's draft ("" for all of it); for a value
    that was left out it says where it would have stood. `quote` is what the model
    wrote, where the problem is about words.
    """

    code: str
    path: str
    message: str
    severity: Severity = "warning"
    quote: str | None = None


class Usage(Frozen):
    """Tokens paid for, added up over all attempts."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
        )


class Reference(Frozen):
    """A version of a prompt or schema, by name and content."""

    id: str
    digest: str


class Provenance(Frozen):
    """Everything that determined a record, and what it took.

    `seconds` is wall time of the model's work; `time` is when the answer arrived, the last
    of several. `cost` is in US dollars, where prices are known. `windows` is how many parts
    the text was read in, since it is longer than the model's context; as a rule 1.
    `decoding` is "grammar" where the model could quote nothing but words of the article.
    `citations` is whether it was asked for the words of values that the schema does not mark.
    `repairs` is how many times fields that failed were asked again; `attempts`, `usage` and
    `seconds` include them.
    """

    extractor: str
    prompt: Reference
    record_schema: Annotated[Reference, Field(alias="schema")]
    article_digest: str
    model_asked: str
    model_answered: str | None
    endpoint: Literal["embedded", "remote"]
    wire: Literal["strict", "loose"]
    decoding: Literal["schema", "grammar"] = "schema"
    citations: bool = False
    parameters: dict[str, Any]
    attempts: int
    windows: int = 1
    repairs: int = 0
    usage: Usage
    cost: float | None = None
    seconds: float
    time: AwareDatetime

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True)


@dataclass(frozen=True)
class Extraction(Generic[RecordT]):
    """One article's result. `record` is an instance of the schema, or None.

    `evidence` maps JSON pointers into the record's JSON to what supports the value.
    """

    article: ArticleInfo
    status: Status
    record: RecordT | None
    evidence: dict[str, Evidence]
    problems: tuple[Problem, ...]
    provenance: Provenance | None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form that every face of extractor emits."""
        found: dict[str, Any] = to_jsonable_python(self._parts(), by_alias=True)
        return found

    def to_json(self) -> str:
        """`to_dict` as one line of JSON (see `json_line`)."""
        return json_line(self._parts())

    def _parts(self) -> dict[str, Any]:
        return {
            "article": self.article,
            "status": self.status,
            "record": self.record,
            "evidence": self.evidence,
            "problems": self.problems,
            "provenance": self.provenance,
        }


def json_line(value: Mapping[str, Any]) -> str:
    """JSON, or models of pydantic, on one line, for readers too that break lines as Unicode does.

    It is all ASCII when a string holds what UTF-8 cannot (a lone surrogate, which a
    problem may quote).
    """
    try:
        line = to_json(value, by_alias=True).decode()
    except PydanticSerializationError:
        return json.dumps(to_jsonable_python(value, by_alias=True), separators=(",", ":"))
    for code in (0x85, 0x2028, 0x2029):
        line = line.replace(chr(code), f"\\u{code:04x}")
    return line


def record_json(record: BaseModel) -> Any:
    """A record as plain JSON values, such that the schema validates them again."""
    return record.model_dump(mode="json", by_alias=True)
