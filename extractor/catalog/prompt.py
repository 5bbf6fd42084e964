"""A prompt, and its rendering into the conversation that asks about an article.

Each section is a Jinja2 template in a sandbox. An undeclared name is an error, there are
no globals, no includes and nothing random, and a line that holds only a block leaves no
empty line. A template knows its declared inputs and `fence`:

* `text`: the article's text, character by character, without page furniture; control tokens
  (`<|im_start|>`) are made harmless; with its sentences numbered where the prompt's evidence
  is `sentence` or `both`;
* `title`, `outlet`, `language`: single lines without control characters, or none;
* `published`: an ISO 8601 date, or none;
* `form`: the JSON Schema that the reply is to fill, on one line, for prompts that are
  written for any schema; the one input that every section may use;
* `fence`: a tag name for the article that no input contains as a tag.

How a prompt is written down stands in `prompt_file.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from jinja2 import StrictUndefined, Template
from jinja2.meta import find_referenced_templates, find_undeclared_variables
from jinja2.sandbox import SandboxedEnvironment

from extractor.errors import InvalidPrompt
from extractor.furniture import as_shown
from extractor.model import Message, Parameters
from extractor.numbering import EvidenceStyle, number_sentences
from extractor.records import Article

Input = Literal["text", "title", "published", "outlet", "language", "form"]
Role = Literal["system", "user", "assistant"]
ReleaseStatus = Literal["draft", "released"]
FENCE = "fence"
_TAG = re.compile(r"<[\s/]*article(?:-([0-9]{1,9}))?", re.IGNORECASE)
_CONTROL_TOKEN = re.compile(r"<[|\uff5c]([^|\uff5c<>\s]{1,64})[|\uff5c]>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True)
class Section:
    """One role's part of a prompt: a template, and the line of the file where it starts."""

    role: Role
    source: str
    line: int


@dataclass(frozen=True)
class Prompt:
    """A version of a prompt. `digest` is its file's; `schema_name` what it is written for.

    `evidence` is what the model is to give for each value: copied words, the number of a
    sentence, or both. `names` is None where drafts have the schema's form, and else the shorter
    names that fields have in compact ones.
    """

    name: str
    version: int
    status: ReleaseStatus
    digest: str
    path: Path
    parent: str | None
    changelog: str
    schema_name: str
    parameters: Parameters
    inputs: tuple[Input, ...]
    sections: tuple[Section, ...]
    evidence: EvidenceStyle = "quotation"
    names: dict[str, str] | None = None

    @property
    def id(self) -> str:
        """`name@version`."""
        return f"{self.name}@{self.version}"

    def render(self, article: Article, form: str = "{}") -> tuple[Message, ...]:
        """The conversation that asks about `article`: one message for each section.

        The same article gives the same characters, always. Raises `InvalidPrompt` when
        a template fails on it.
        """
        values = template_values(article, self.inputs, form, self.evidence)
        return tuple(
            Message(role=section.role, content=self._filled(section, values))
            for section in self.sections
        )

    def _filled(self, section: Section, values: dict[str, str | None]) -> str:
        try:
            names = _names_in(section.source)
            if "text" in names or not names <= values.keys():
                return _template(section.source).render(values)
            return _rendered(section.source, tuple((name, values[name]) for name in sorted(names)))
        except Exception as cause:  # a template fails in as many ways as Python, all its own fault
            raise InvalidPrompt(
                f"{self.path}: the {section.role} section at line {section.line} cannot be "
                f"rendered: {cause}",
                hint="what an article lacks is none: {% if title %}…{% endif %}",
            ) from cause


def template_values(
    article: Article,
    inputs: Iterable[Input],
    form: str = "{}",
    evidence: EvidenceStyle = "quotation",
) -> dict[str, str | None]:
    """What a template with these inputs is given for `article`: the inputs, and `fence`."""
    published = article.published
    known: dict[Input, str | None] = {
        "text": shown_text(article.text, evidence),
        "title": _line(article.title),
        "published": published.isoformat() if published else None,
        "outlet": _line(article.outlet),
        "language": _line(article.language),
        "form": form,
    }
    given: dict[str, str | None] = {name: known[name] for name in inputs}
    return {**given, FENCE: fence_for(given.values())}


def shown_text(text: str, evidence: EvidenceStyle) -> str:
    """An article's text as a model is shown it."""
    numbered = evidence != "quotation"
    return spoken(number_sentences(text).text if numbered else as_shown(text))


def fence_for(values: Iterable[str | None]) -> str:
    """`article`, or else the first of `article-2`, `article-3`, … that is a tag in no value.

    Capitals and spaces inside a tag make no difference: to a model they may not either.
    """
    taken = {int(tag[1] or 1) for value in values if value for tag in _TAG.finditer(value)}
    number = 1
    while number in taken:
        number += 1
    return "article" if number == 1 else f"article-{number}"


def spoken(text: str) -> str:
    """The text without control tokens: servers of open models read `<|im_start|>` and its
    like in a message as the beginning of a role. The bars become broken bars."""
    return _CONTROL_TOKEN.sub(r"<¦\1¦>", text) if "<" in text else text


def _line(value: str | None) -> str | None:
    if value is not None:
        value = spoken(value)
    return " ".join(_CONTROL.sub(" ", value or "").split()) or None


def template_names(source: str) -> set[str]:
    """The names that a template expects to be given.

    Raises `jinja2.TemplateSyntaxError` (line from 1 in `lineno`), and `ValueError` for one
    that needs other files.
    """
    tree = _environment().parse(source)
    if any(True for _ in find_referenced_templates(tree)):
        raise ValueError("include, import and extends are not available: a prompt is one file")
    return find_undeclared_variables(tree)


# Pure functions of their argument, so these caches can be seen by nobody; compiling takes
# a millisecond a section, which a large backfill would pay for each article.
@cache
def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.clear()
    del environment.filters["random"]
    return environment


@lru_cache(maxsize=256)
def _template(source: str) -> Template:
    return _environment().from_string(source)


@lru_cache(maxsize=256)
def _names_in(source: str) -> frozenset[str]:
    return frozenset(template_names(source))


@lru_cache(maxsize=256)
def _rendered(source: str, values: tuple[tuple[str, str | None], ...]) -> str:
    """A section that is not about the text: instructions and worked examples, of which each
    article is shown the same."""
    return _template(source).render(dict(values))
