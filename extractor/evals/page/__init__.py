"""The report of a run: one HTML file that needs nothing else, and no network.

All markup is made here and escaped by the template engine; the script has no data in it. So an
article can say `</script>` without being believed.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from extractor.evals.comparison import ALL, Compared, compare
from extractor.evals.page import plots
from extractor.evals.page.views import WholeRun, articles
from extractor.evals.tables import UNDEFINED, percent_text, rate_text, signed_text

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class _Field:
    """A line of the table of fields."""

    path: str
    numbers: dict[str, Any]
    plot: Markup | None
    compared: Compared | None


@dataclass(frozen=True)
class _Table:
    """Any other table: what its first column is stands left, the rest is numbers."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


def report(run: WholeRun, previous: WholeRun | None = None) -> str:
    """The report as HTML. Raises `InputError` where the runs are not of the same articles."""
    compared = compare(previous.stored, run.stored) if previous else []
    by_path = {each.path: each for each in compared}
    cases = articles(run, previous)
    style, script = _own("page.css"), _own("page.js")
    engine = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    engine.filters |= {"rate": rate_text, "signed": signed_text, "percent": percent_text}
    html = engine.get_template("page.html").render(
        run=run,
        previous=previous,
        cases=cases,
        fields=[
            _field(field["path"], field, by_path.get(field["path"])) for field in run.data["fields"]
        ],
        everything=_field("all values", run.data["micro"], by_path.get(ALL)),
        tables=_tables(run),
        plots=_plots(run, previous),
        style=Markup(style),  # ours
        script=Markup(script),  # ours
        policy=(
            f"default-src 'none'; style-src {_hashed(style)}; script-src {_hashed(script)}; "
            "base-uri 'none'; form-action 'none'"
        ),
    )
    # Half a character, which a problem may quote, can stand in no file.
    return html.encode("utf-8", "replace").decode()


def _own(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _field(path: str, numbers: dict[str, Any], compared: Compared | None) -> _Field:
    low, high = numbers["interval"] or (None, None)
    before = compared.difference.first if compared else None
    value = numbers["f1"]
    plot = None if value is None else plots.whiskers(plots.Bar(value, low, high, before))
    return _Field(path, numbers, plot, compared)


def _plots(run: WholeRun, previous: WholeRun | None) -> list[tuple[str, Markup]]:
    """Quality against what it took, article by article."""
    found = []
    for name, across, heading in (
        ("output_tokens", "tokens written", "F1 against tokens"),
        ("seconds", "seconds", "F1 against seconds"),
    ):
        points = _points(run, name, "now") + (_points(previous, name, "before") if previous else [])
        if points:
            found.append((heading, plots.scatter(points, across, "F1")))
    return found


def _points(run: WholeRun, name: str, group: str) -> list[plots.Point]:
    return [
        plots.Point(article[name], article["micro"]["f1"], article["id"], group)
        for article in run.data["articles"]
        if article[name] is not None and article["micro"]["f1"] is not None
    ]


def _tables(run: WholeRun) -> list[_Table]:
    data = run.data
    evidence = [
        (
            *(each["path"], str(each["gold"]), str(each["predicted"]), str(each["right"])),
            *(rate_text(each["f1"]), rate_text(each["overlap"]), str(each["elsewhere"])),
        )
        for each in data["evidence"]
    ]
    groups = [
        _Table(
            f"By {name}",
            (name, "articles", "F1", "mean of fields"),
            [
                (
                    *(each["name"], str(each["articles"])),
                    *(rate_text(each["f1"]), rate_text(each["macro_f1"])),
                )
                for each in members
            ],
        )
        for name, members in data["groups"].items()
    ]
    mixed = [
        (path, f"{gold} → {answer}", str(count))
        for path, cells in data["confusion"].items()
        for gold, answer, count in sorted(cells, key=lambda cell: -cell[2])
        if gold != answer
    ]
    days = [
        (each["path"], str(each["dates"]), percent_text(each["exact"]), f"{each['mean']:.1f}")
        for each in data["days"]
    ]
    columns = ("field", "in gold", "found", "right", "F1", "characters", "elsewhere")
    about = (
        "Right: at least half of the characters that either has. "
        "Elsewhere: right value, wrong words."
    )
    found = [
        _Table("Evidence", columns, evidence, about),
        *groups,
        _Table("Mixed up", ("field", "gold → answer", "times"), mixed, f"{UNDEFINED}: no value"),
        _Table("Days off", ("field", "dates", "exact", "mean"), days),
    ]
    return [table for table in found if table.rows]
