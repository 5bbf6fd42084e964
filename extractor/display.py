"""An extraction for people: the article with its evidence marked, the fields, the problems.

Whatever stands in an article is only ever shown: control characters, which could steer a
terminal, and bidirectional overrides appear as `·`.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from extractor.records import Evidence, Extraction, Problem, Span
from extractor.tree import pointer

_STATUS = {"complete": "green", "partial": "yellow", "rejected": "red", "failed": "red"}
_SEVERITY = {"error": "red", "warning": "yellow", "info": "dim"}
_MARKED = "bold underline cyan"
_NUMBER = "cyan"
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_QUOTATION_MARKS = "“”„\"'‘’«»「『"
_LONGEST_QUOTE = 100

Place = tuple[int, int]


def show(extraction: Extraction[Any], text: str, console: Console) -> None:
    """Print an extraction of the article `text`, at most as wide as the console.

    Without colour (`NO_COLOR`, or no terminal) it is plain text, free of escape codes.
    """
    if console.no_color:  # rich would leave bold and underlined
        console = Console(file=console.file, width=console.width, color_system=None)
    console.print(Group(*_parts(extraction, text)))


def _parts(extraction: Extraction[Any], text: str) -> Iterator[RenderableType]:
    info = extraction.article
    about = (_line(part) for part in (info.outlet, str(info.published or ""), info.id) if part)
    yield Text(_line(info.title or info.id), style="bold")
    yield Text(" · ".join(about), style="dim")
    yield Rule(style="dim")
    if extraction.record is not None:
        numbers = number_places(extraction.evidence)
        yield marked_text(text, numbers)
        yield Rule(style="dim")
        yield _fields(extraction.to_dict()["record"], extraction.evidence, numbers)
        yield Rule(style="dim")
    if extraction.problems:
        yield _problems(extraction.problems)
        yield Rule(style="dim")
    yield _footer(extraction)


def safe(text: str) -> str:
    """`text` with every character that could steer a terminal replaced."""
    return "".join("·" if _steers(char) else char for char in text.replace("\r\n", "\n"))


def _line(text: str) -> str:
    """`text` made safe, in one line."""
    return safe(" ".join(text.split()))


def _steers(char: str) -> bool:
    if char in "\n\t":
        return False
    return char in _BIDI or unicodedata.category(char) in {"Cc", "Cs"}


def _marked_spans(evidence: Evidence) -> tuple[Span, ...]:
    """The spans to mark: of an ambiguous quotation, which stands in many places, the first."""
    if evidence.support != "quoted":
        return ()
    is_ambiguous = any(span.alignment == "ambiguous" for span in evidence.spans)
    return evidence.spans[:1] if is_ambiguous else evidence.spans


def number_places(evidence: dict[str, Evidence]) -> dict[Place, int]:
    """The quoted places in the order of the text, numbered from 1."""
    places = {(span.start, span.end) for item in evidence.values() for span in _marked_spans(item)}
    return {place: number for number, place in enumerate(sorted(places), start=1)}


def marked_text(text: str, numbers: dict[Place, int]) -> Text:
    """The article with every numbered place in brackets, its number behind it: `[words]3`.

    Where two places overlap and neither holds the other, the number stands in front too:
    `[1:one [2:two]1 three]2`.
    """
    crossing = _crossing(numbers)
    opening: dict[int, list[Place]] = {}
    closing: dict[int, list[Place]] = {}
    for place in sorted(numbers, key=lambda place: (place[0], -place[1])):
        opening.setdefault(place[0], []).append(place)
        closing.setdefault(place[1], []).insert(0, place)
    shown = Text()
    depth = 0
    cuts = sorted({0, len(text), *opening, *closing})
    for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True):
        for place in closing.get(start, ()):
            shown.append("]", "dim").append(str(numbers[place]), _NUMBER)
            depth -= 1
        for place in opening.get(start, ()):
            shown.append("[", "dim").append(f"{numbers[place]}:" * (place in crossing), _NUMBER)
            depth += 1
        shown.append(safe(text[start:end]), _MARKED if depth else "")
    shown.rstrip()
    return shown


def _crossing(places: dict[Place, int]) -> set[Place]:
    """The places that overlap with another one without one holding the other."""
    found: set[Place] = set()
    around: list[Place] = []
    for start, end in sorted(places, key=lambda place: (place[0], -place[1])):
        around = [place for place in around if place[1] > start]
        if cut := [place for place in around if place[1] < end]:
            found.update(cut, [(start, end)])
        around.append((start, end))
    return found


def _fields(
    record: object, evidence: dict[str, Evidence], numbers: dict[Place, int]
) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False, expand=True)
    table.add_column("field", max_width=32, overflow="fold")
    table.add_column("value", ratio=1, overflow="fold")
    table.add_column("support", no_wrap=True)
    table.add_column("at", justify="right", no_wrap=True)
    for path, name, value in _rows(record, "", "", 0):
        item = evidence.get(path)
        if item is None:
            table.add_row(Text(name, "dim"), Text(value, "dim"))
            continue
        places = {(span.start, span.end) for span in item.spans} & numbers.keys()
        at = [str(number) for number in sorted(numbers[place] for place in places)]
        words = item.support == "quoted" and value[:1] not in _QUOTATION_MARKS
        table.add_row(
            Text(name),
            Text(f"“{value}”" if words else value),
            Text(item.support, "red" if item.support == "none" else "dim"),
            Text(", ".join(at[:3]) + (" …" if len(at) > 3 else ""), _NUMBER),
        )
    return table


def _rows(value: object, path: str, name: str, depth: int) -> Iterator[tuple[str, str, str]]:
    """Path, indented name and value of each field; a line of its own for what holds fields."""
    shown = "  " * max(depth - 1, 0) + _line(name)
    if not isinstance(value, dict | list) or not value:
        yield path, shown, _shown(value)
        return
    pairs = list(value.items() if isinstance(value, dict) else enumerate(value))
    if isinstance(value, list) and depth:
        # An item is called after its list: actors/0, as in the paths of problems.
        for i, child in pairs:
            yield from _rows(child, pointer(path, i), f"{name}/{i}", depth)
        return
    if depth:
        yield path, shown, ""
    for key, child in pairs:
        yield from _rows(child, pointer(path, key), str(key), depth + 1)


def _shown(value: object) -> str:
    if value is None or value in ([], {}):
        return "–"
    return _line(value) if isinstance(value, str) else json.dumps(value)


def _problems(problems: Sequence[Problem]) -> RenderableType:
    """The problems; those that differ in their place only are one."""
    places: dict[tuple[str, str, str, str], list[str]] = {}
    for problem in problems:
        kind = (problem.code, problem.severity, problem.message, problem.quote or "")
        places.setdefault(kind, []).append(_line(problem.path) or "the whole record")
    lines: list[RenderableType] = []
    for (code, severity, message, quote), paths in places.items():
        lines.append(Text(code, _SEVERITY[severity]).append(f"  {', '.join(paths)}", "dim"))
        said = Text(_line(message))
        if quote:
            short = quote if len(quote) <= _LONGEST_QUOTE else quote[: _LONGEST_QUOTE - 1] + "…"
            said.append(f": “{_line(short)}”", "italic")
        lines.append(Padding(said, (0, 0, 0, 2)))
    return Group(*lines)


def _footer(extraction: Extraction[Any]) -> Text:
    line = Text(extraction.status, style=f"bold {_STATUS[extraction.status]}")
    if (made := extraction.provenance) is None:
        return line
    where = "embedded model" if made.endpoint == "embedded" else "model"
    line.append(
        f" · {_line(made.prompt.id)} · {where} {_line(made.model_asked)} · "
        f"{made.usage.input_tokens:,} tokens in ({made.usage.cached_tokens:,} cached), "
        f"{made.usage.output_tokens:,} out · {made.seconds:.1f} s",
        "dim",
    )
    return line
