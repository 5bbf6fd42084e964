"""How a prompt is written down: YAML front matter, then the sections of the roles.

    ---
    id: event
    version: 1
    status: draft              # or released: from then on nothing in the file may change
    parent: null               # the version it was made from, event@1 for example
    changelog: What is new, and why.
    schema: event@1            # what it is written for
    parameters: {temperature: 0, max_tokens: 1200, seed: null}
    inputs: [text]             # of text, title, published, outlet, language
    evidence: quotation        # or sentence, or both: what the model gives; may be left out
    wire: full                 # or compact: drafts in a shorter form; may be left out
    names: {places: where}     # shorter names of fields, where the wire is compact
    ---
    <!-- role: system -->
    Instructions.

    <!-- role: user -->
    <{{ fence }}>
    {{ text }}
    </{{ fence }}>

A section begins below a line that is exactly a role's marker, which no prose holds by
chance. Sections are split before they are rendered, so no article can open a role. A
`system` comes first or not at all; then `user` and `assistant` take turns, each pair a
worked example with its article in a plain `<article>`; the last turn is the user's. It
alone uses inputs (but for `form`): what does not change stands first, where endpoints
cache it, and an article's words never stand among the instructions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from textwrap import shorten
from typing import Annotated, Literal, Self, get_args

import yaml
from jinja2 import TemplateSyntaxError
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from extractor.catalog.lock import file_digest
from extractor.catalog.prompt import (
    FENCE,
    Input,
    Prompt,
    ReleaseStatus,
    Role,
    Section,
    shown_text,
    template_names,
    template_values,
)
from extractor.catalog.shelf import NAME_PATTERN, NUMBER_PATTERN, Version, read_source
from extractor.errors import InvalidPrompt
from extractor.model import Parameters
from extractor.numbering import EvidenceStyle
from extractor.records import Article, Frozen

_FRONT = re.compile(r"---\n(.*?\n)---(?:\n|\Z)", re.DOTALL)
_MARKER = re.compile(r"<!-- role: (system|user|assistant) -->")
_LIKE_MARKER = re.compile(r"\s*<!--\s*role\b", re.IGNORECASE)
_ROLES: Mapping[str, Role] = {role: role for role in get_args(Role)}
# Stated by name: a parameter that the code learns later must not make a released file wrong.
_STATED = ("temperature", "max_tokens", "seed")
_PARENT = rf"^{NAME_PATTERN}@{NUMBER_PATTERN}$"
_WRITTEN_FOR = rf"^{NAME_PATTERN}(@{NUMBER_PATTERN})?$"


class FrontMatter(Frozen):
    """What stands between the `---` lines. A schema without version is a user's own model."""

    id: str
    version: int
    status: ReleaseStatus
    parent: Annotated[str, Field(pattern=_PARENT)] | None = None
    changelog: Annotated[str, Field(min_length=1)]
    written_for: Annotated[str, Field(alias="schema", pattern=_WRITTEN_FOR)]
    parameters: Parameters
    inputs: list[Input]
    evidence: EvidenceStyle = "quotation"
    wire: Literal["full", "compact"] = "full"
    names: Annotated[dict[str, Annotated[str, Field(min_length=1)]], Field(default_factory=dict)]

    @model_validator(mode="after")
    def _named_where_compact(self) -> Self:
        if self.names and self.wire != "compact":
            raise ValueError("names are for a compact wire alone: write 'wire: compact' above")
        return self

    @field_validator("parameters")
    @classmethod
    def _stated(cls, parameters: Parameters) -> Parameters:
        if missing := [key for key in _STATED if key not in parameters.model_fields_set]:
            raise ValueError(
                f"{', '.join(missing)} must be stated, for a default in the code may change"
            )
        return parameters


def load_prompt(version: Version) -> Prompt:
    """The prompt in a version's file. Raises `InvalidPrompt` with all that is wrong in it."""
    path = version.path
    text = read_source(path, InvalidPrompt)
    match = _FRONT.match(text)
    if match is None:
        raise InvalidPrompt(
            f"{path}: no front matter: expected a first line '---' and another below the keys",
            hint="the form: extractor prompts show NAME@VERSION of a prompt that works",
        )
    front, problems = _front_matter(match[1], version)
    body, first_line = text[match.end() :], text.count("\n", 0, match.end()) + 1
    sections, wrong = _sections(body, first_line)
    problems += wrong or _order_problems(sections)
    if front is not None:
        problems += _template_problems(sections, front.inputs)
    if problems or front is None:
        raise InvalidPrompt(f"{path}: {'; '.join(problems)}", hint="correct the file")
    prompt = Prompt(
        name=version.name,
        version=version.number,
        status=front.status,
        digest=file_digest(path),
        path=path,
        parent=front.parent,
        changelog=front.changelog,
        schema_name=front.written_for,
        parameters=front.parameters,
        inputs=tuple(front.inputs),
        sections=sections,
        evidence=front.evidence,
        names=front.names if front.wire == "compact" else None,
    )
    _rehearse(prompt)
    return prompt


def _front_matter(source: str, version: Version) -> tuple[FrontMatter | None, list[str]]:
    try:
        twice = _repeated(yaml.compose(source, yaml.SafeLoader))
        values = yaml.safe_load(source)
    except (yaml.YAMLError, ValueError, RecursionError) as cause:
        return None, [f"the front matter is not YAML: {' '.join(str(cause).split())}"]
    if not isinstance(values, dict):
        return None, ["the front matter holds no 'key: value' lines"]
    problems = [f"the key {key!r} stands twice" for key in twice]
    expected = {"id": version.name, "version": version.number}
    wrong = [key for key in expected if key in values and values[key] != expected[key]]
    problems += [f"{k} is {values[k]!r}: expected {expected[k]!r}, as in the path" for k in wrong]
    try:
        return FrontMatter.model_validate(values, strict=True), problems
    except ValidationError as error:
        details = [
            detail for detail in error.errors() if detail["loc"][:1] not in [(k,) for k in wrong]
        ]
        return None, problems + [_problem(detail) for detail in details]


def _repeated(node: yaml.Node | None) -> list[str]:
    """Keys that stand twice in one mapping; YAML's own loader silently takes the last."""
    if not isinstance(node, yaml.MappingNode):
        return []
    keys = [str(key.value) for key, _ in node.value]
    inner = [key for _, value in node.value for key in _repeated(value)]
    return [*dict.fromkeys(key for key in keys if keys.count(key) > 1), *inner]


def _problem(detail: ErrorDetails) -> str:
    key = ".".join(map(str, detail["loc"]))
    if not key:
        return str(detail["ctx"]["error"])
    if detail["type"] == "missing":
        return f"{key} is missing"
    if detail["type"] == "extra_forbidden":
        model = FrontMatter if len(detail["loc"]) == 1 else Parameters
        known = [field.alias or name for name, field in model.model_fields.items()]
        return f"unknown key {key!r}: expected one of {', '.join(known)}"
    return f"{key} is {shorten(repr(detail['input']), 60)}: {detail['msg']}"


def _sections(body: str, first_line: int) -> tuple[tuple[Section, ...], list[str]]:
    found: list[tuple[Role, int, list[str]]] = []
    problems: list[str] = []
    for number, line in enumerate(body.split("\n"), start=first_line):
        if marker := _MARKER.fullmatch(line.rstrip()):
            found.append((_ROLES[marker[1]], number + 1, []))
        elif _LIKE_MARKER.match(line):
            problems.append(
                f"line {number} is {line!r}: expected exactly '<!-- role: system -->', or the "
                "same with user or assistant"
            )
        elif found:
            found[-1][2].append(line)
        elif line.strip():
            problems.append(f"line {number} stands above the first role: {line[:40]!r}")
    return tuple(_section(*parts) for parts in found), problems


def _section(role: Role, line: int, lines: list[str]) -> Section:
    source = "\n".join(lines).rstrip("\n")
    start = source.lstrip("\n")
    return Section(role, start, line + len(source) - len(start))


def _order_problems(sections: tuple[Section, ...]) -> list[str]:
    if not sections:
        return ["the body has no role: expected a line '<!-- role: user -->' at least"]
    problems = [f"the {s.role} section at line {s.line} is empty" for s in sections if not s.source]
    roles = [section.role for section in sections]
    turns = roles[1:] if roles[0] == "system" else roles
    expected = ["assistant" if index % 2 else "user" for index in range(len(turns))]
    if turns != expected or len(turns) % 2 == 0:
        problems.append(
            f"the roles are {', '.join(roles)}: expected system or not, then user and assistant "
            "in turn, and a user's at the end"
        )
    return problems


def _template_problems(sections: tuple[Section, ...], inputs: list[Input]) -> list[str]:
    problems: list[str] = []
    used: set[str] = set()
    for section in sections:
        where = f"the {section.role} section at line {section.line}"
        try:
            names = template_names(section.source)
        except TemplateSyntaxError as error:
            problems.append(f"line {section.line + error.lineno - 1}: {error.message}")
            continue
        except ValueError as error:
            problems.append(f"{where}: {error}")
            continue
        for name in sorted(names - {FENCE, *inputs}):
            problems.append(f"{where} uses {name!r}, which inputs does not name")
        if section is not sections[-1] and (early := sorted(names & ({FENCE, *inputs} - {"form"}))):
            problems.append(f"{where} uses {', '.join(early)}: only the last section may")
        used |= names
    unused = [name for name in inputs if name not in used]
    problems += [f"inputs names {name!r}, which no section uses" for name in unused]
    problems += [f"inputs names {name!r} twice" for name in set(inputs) if inputs.count(name) > 1]
    return problems


# What a careless template would break: the closing tag, white space, markup, length.
_HARD = 'He said: "</Article>" & <b>left</b>.\r\n\r\n\t{{ braces }} ' + "On and on. " * 400 + "End."
_REHEARSALS = (
    Article(text=_HARD),
    Article(text=_HARD, title="T", published=date(2026, 3, 9), outlet="O", language="en"),
)


def _rehearse(prompt: Prompt) -> None:
    """Renders two articles, so that a prompt that cannot work fails before it costs money."""
    for article in _REHEARSALS:
        content = prompt.render(article)[-1].content
        fence = template_values(article, prompt.inputs)[FENCE]
        opening, closing = f"<{fence}>", f"</{fence}>"
        inside = content.partition(opening)[2].partition(closing)[0]
        shown = shown_text(article.text, prompt.evidence)
        once = [content.count(part) for part in (opening, closing, shown)] == [1, 1, 1]
        if not once or inside.removeprefix("\n").removesuffix("\n") != shown:
            raise InvalidPrompt(
                f"{prompt.path}: the article's text does not stand once, unaltered and fenced in "
                "the last section",
                hint="write it as three lines: <{{ fence }}>, {{ text }}, </{{ fence }}>",
            )
