"""An extraction for people: the article with its evidence marked, the fields, the problems.

Whatever stands in an article is only ever shown: control characters, which could steer a
terminal, and bidirectional overrides appear as `·`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from extractor.records import Evidence, Extraction, Problem, Span

_STATUS = {"complete": "green", "partial": "yellow", "rejected": "red", "failed": "red"}
_SEVERITY = {"error": "red", "warning": "yellow", "info": "dim"}
_MARKED = "bold underline cyan"
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")

Place = tuple[int, int]


def show(extraction: Extraction[Any], text: str, console: Console) -> None:
    """Print an extraction of the article `text`, at most as wide as the console."""
    console.print(Group(*_parts(extraction, text)))


def _parts(extraction: Extraction[Any], text: str) -> Iterator[RenderableType]:
    info = extraction.article
    about = " · ".join(
        safe(part) for part in (info.outlet, str(info.published or ""), info.id) if part
    )
    yield Rule(Text(safe(info.title or info.id), style="bold"), align="left")
    yield Text(about, style="dim")
    numbers = number_places(extraction.evidence)
    if extraction.record is not None:
        yield Text()
        yield marked_text(text, numbers)
        yield Text()
        yield _fields(extraction.to_dict()["record"], extraction.evidence, numbers)
    if extraction.problems:
        yield Text()
        yield _problems(extraction.problems)
    yield Text()
    yield _footer(extraction)


def safe(text: str) -> str:
    """`text` with every character that could steer a terminal replaced, one for one."""
    return "".join("·" if _steers(char) else char for char in text)


def _steers(char: str) -> bool:
    if char in "\n\t":
        return False
    return char in _BIDI or unicodedata.category(char) in {"Cc", "Cs"}


def _first_place(evidence: Evidence) -> Iterable[Span]:
    """The spans to mark: of an ambiguous quotation, which stands in many places, the first."""
    if evidence.support != "quoted":
        return ()
    ambiguous = evidence.spans[:1] if evidence.spans[0].alignment == "ambiguous" else ()
    return ambiguous or evidence.spans


def number_places(evidence: dict[str, Evidence]) -> dict[Place, int]:
    """The quoted places in the order of the text, numbered from 1."""
    places = {(span.start, span.end) for item in evidence.values() for span in _first_place(item)}
    return {place: number for number, place in enumerate(sorted(places), start=1)}


def marked_text(text: str, numbers: dict[Place, int]) -> Text:
    """The article with every numbered place in brackets, its number behind it: `[words]3`."""
    opening: dict[int, int] = {}
    closing: dict[int, list[int]] = {}
    for (start, end), number in numbers.items():
        opening[start] = opening.get(start, 0) + 1
        closing.setdefault(end, []).append(number)
    shown = Text()
    depth = 0
    cuts = sorted({0, len(text), *opening, *closing})
    for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True):
        for number in sorted(closing.get(start, ()), reverse=True):
            shown.append("]", "dim").append(str(number), "dim cyan")
            depth -= 1
        shown.append("[" * opening.get(start, 0), "dim")
        depth += opening.get(start, 0)
        shown.append(safe(text[start:end]), _MARKED if depth else "")
    return shown


def _fields(
    record: object, evidence: dict[str, Evidence], numbers: dict[Place, int]
) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=True, header_style="dim")
    table.add_column("field", no_wrap=False, ratio=5)
    table.add_column("value", ratio=7)
    table.add_column("support", no_wrap=True)
    table.add_column("at", justify="right", no_wrap=True)
    for path, value in _rows(record, ""):
        item = evidence.get(path)
        support = item.support if item else ""
        places = [
            str(numbers[place])
            for span in (item.spans if item else ())
            if (place := (span.start, span.end)) in numbers
        ]
        at = ",".join(places[:3]) + ("…" if len(places) > 3 else "")
        table.add_row(
            Text(path.strip("/").replace("/", ".") or "record"),
            Text(safe(value), style="" if item else "dim"),
            Text(support, style="red" if support == "none" else "dim"),
            at,
        )
    return table


def _rows(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from _rows(child, f"{path}/{key}")
    elif isinstance(value, list) and value:
        for i, child in enumerate(value):
            yield from _rows(child, f"{path}/{i}")
    else:
        empty = value is None or value in ([], {})
        yield path, "–" if empty else str(value)


def _problems(problems: Sequence[Problem]) -> RenderableType:
    lines: list[RenderableType] = [Text("problems", style="dim")]
    for problem in problems:
        line = Text(problem.code, style=_SEVERITY[problem.severity])
        line.append(f" {problem.path or '(all)'}: ", "dim")
        line.append(safe(problem.message))
        if problem.quote:
            quote = safe(" ".join(problem.quote.split()))
            line.append(f" “{quote if len(quote) <= 100 else quote[:99] + '…'}”", "italic")
        lines.append(Padding(line, (0, 0, 0, 2)))
    return Group(*lines)


def _footer(extraction: Extraction[Any]) -> Text:
    line = Text(extraction.status, style=f"bold {_STATUS[extraction.status]}")
    if (made := extraction.provenance) is None:
        return line
    where = "embedded model" if made.endpoint == "embedded" else "model"
    line.append(
        f" · {made.prompt.id} · {where} {safe(made.model_asked)} · "
        f"{made.usage.input_tokens:,} tokens in ({made.usage.cached_tokens:,} cached), "
        f"{made.usage.output_tokens:,} out · {made.seconds:.1f} s",
        "dim",
    )
    return line
