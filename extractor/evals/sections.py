"""What a run can be asked for beside its table: breakdowns, as tables and as JSON values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from rich.console import Console, Group, RenderableType
from rich.text import Text

from extractor.evals import Run
from extractor.evals.breakdowns import (
    GROUPINGS,
    Confusion,
    confusions,
    day_errors,
    evidence_scores,
    groups,
    mean_of_articles,
)
from extractor.evals.tables import (
    UNDEFINED,
    percent_text,
    plain_if_asked,
    rate_text,
    table_of,
)

Section = Literal["evidence", "outlet", "language", "confusion", "days"]
SECTIONS: tuple[Section, ...] = get_args(Section)


def sections_json(run: Run) -> dict[str, Any]:
    """All sections as JSON values."""
    return {
        "evidence": [
            {
                **{"path": each.path, "gold": each.gold, "predicted": each.predicted},
                **{"right": each.right, "f1": each.f1, "overlap": each.overlap},
                **{"right_values": each.right_values, "elsewhere": each.elsewhere},
            }
            for each in evidence_scores(run)
        ],
        "groups": {
            grouping: [
                {
                    **{"name": group.name, "articles": group.articles},
                    **{"f1": group.scores.micro.f1, "macro_f1": group.scores.macro.f1},
                    "fields": {field.path: field.f1 for field in group.scores.fields},
                }
                for group in groups(run, grouping)
            ]
            for grouping in GROUPINGS
        },
        "mean_of_articles": mean_of_articles(run),
        "confusion": {
            path: [[gold, found, count] for (gold, found), count in sorted(cells.items())]
            for path, cells in confusions(run).items()
        },
        "days": [
            {"path": each.path, "dates": len(each.days), "mean": each.mean, "exact": each.within(0)}
            for each in day_errors(run)
        ],
    }


def show_sections(run: Run, names: Sequence[Section], console: Console) -> None:
    """Print those sections, as tables of at most 80 columns."""
    console = plain_if_asked(console)
    for name in names:
        console.print(Group("", _section(run, name)))


def _section(run: Run, name: Section) -> RenderableType:
    match name:
        case "evidence":
            return _evidence(run)
        case "confusion":
            return _confusion(confusions(run))
        case "days":
            return _days(run)
        case _:
            return _groups(run, name)


def _evidence(run: Run) -> RenderableType:
    table = table_of("words of", "gold", "found", "right", "F1", "chars", "elsewhere")
    scores = evidence_scores(run)
    for each in scores:
        table.add_row(
            *(Text(each.path), str(each.gold), str(each.predicted), str(each.right)),
            *(rate_text(each.f1), rate_text(each.overlap), str(each.elsewhere)),
        )
    if not scores:
        return Text("no words of gold are known")
    everything = sum(scores[1:], start=scores[0])
    rights = everything.right_values
    table.add_row(
        *("all values", str(everything.gold), str(everything.predicted), str(everything.right)),
        *(rate_text(everything.f1), rate_text(everything.overlap), str(everything.elsewhere)),
        style="bold",
    )
    share = percent_text(everything.elsewhere / rights if rights else None)
    note = (
        "right: at least half of the characters that either has. chars: mean overlap of values "
        "that belong together. elsewhere: right value, wrong evidence "
        f"({share} of the right values)."
    )
    return Group(table, Text(note, "dim"))


def _groups(run: Run, grouping: str) -> RenderableType:
    table = table_of(grouping, "articles", "gold", "right", "P", "R", "F1", "macro")
    for group in groups(run, grouping):
        micro = group.scores.micro
        rates = (micro.precision, micro.recall, micro.f1, group.scores.macro.f1)
        numbers = (group.articles, micro.gold, micro.right)
        table.add_row(Text(group.name), *map(str, numbers), *map(rate_text, rates))
    note = f"macro: the mean of fields. The mean of articles is {rate_text(mean_of_articles(run))}."
    return Group(table, Text(note, "dim"))


def _confusion(found: Mapping[str, Confusion]) -> RenderableType:
    table = table_of("enumeration", "gold", "answered", "times")
    for path, cells in found.items():
        right = sum(count for (gold, answer), count in cells.items() if gold == answer)
        table.add_row(Text(path, "bold"), "", "as in gold", str(right))
        wrong = [(count, gold, answer) for (gold, answer), count in cells.items() if gold != answer]
        for count, gold, answer in sorted(wrong, key=lambda cell: (-cell[0], *cell[1:])):
            table.add_row("", Text(gold), Text(answer), str(count))
    if not found:
        return Text("no enumerations")
    return Group(table, Text(f"{UNDEFINED}: no value that belongs to it.", "dim"))


def _days(run: Run) -> RenderableType:
    table = table_of("days off", "dates", "exact", "≤ 1", "≤ 7", "mean")
    for each in day_errors(run):
        shares = (percent_text(each.within(days)) for days in (0, 1, 7))
        table.add_row(Text(each.path), str(len(each.days)), *shares, f"{each.mean:.1f}")
    return table if table.row_count else Text("no dates that belong together")
