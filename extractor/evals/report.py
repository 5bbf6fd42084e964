"""A run as tables for people and as JSON for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.text import Text

from extractor.evals import Detail, Run
from extractor.evals.breakdowns import overlap_of
from extractor.evals.comparison import (
    ALL,
    SIGNIFICANT,
    Compared,
    StoredRun,
    field_intervals,
    macro_interval,
)
from extractor.evals.counts import ProblemCount, ValueCounts
from extractor.evals.injections import PLACES, Counts, InjectionRun
from extractor.evals.replies import ReplyCounts
from extractor.evals.scores import Average, FieldScore
from extractor.evals.scoring import scoring_json
from extractor.evals.sections import sections_json
from extractor.evals.statistics import Interval
from extractor.evals.tables import (
    NARROW,
    UNDEFINED,
    interval_text,
    percent_text,
    plain_if_asked,
    rate_text,
    signed_text,
    table_of,
)
from extractor.records import Extraction, Span, record_json

_STATUS = {"rejected": "red", "failed": "red"}
_GROUPED_BY = 2
"""Fields stand together when they have the objects of the first two levels in common."""


def whole_run_json(run: Run) -> dict[str, Any]:
    """`run_json`, and of each article its text, gold, record and replies: what a report shows."""
    found = run_json(run)
    shown = (
        {**article, **_detail_json(result, detail)}
        for article, result, detail in zip(found["articles"], run.results, run.details, strict=True)
    )
    return {**found, "articles": list(shown)} if run.details else found


def run_json(run: Run) -> dict[str, Any]:
    """The run's scores as JSON values; an undefined rate is null. `interval` is that of the F1."""
    found = field_intervals(run.article_scores)
    return {
        "prompt": run.prompt,
        "schema": run.schema,
        "model": run.model,
        "replayed": run.replayed,
        "articles": [_article_json(run, place) for place in range(len(run.results))],
        "replies": _replies_json(run.replies),
        "values": _values_json(run.values),
        "problems": [
            {"code": each.code, "count": each.count, "articles": each.articles}
            for each in run.problems
        ],
        "fields": [
            {"path": field.path, **_counts(field), "interval": _bounds(found.get(field.path))}
            for field in run.scores.fields
        ],
        "beside": [{"path": field.path, **_counts(field)} for field in run.beside.fields],
        "micro": {**_counts(run.scores.micro), "interval": _bounds(found.get(ALL))},
        "macro": _rates(run.scores.macro),
        "figure": _figure_json(run),
        "scoring": scoring_json(run.rules),
        **sections_json(run),
    }


def _article_json(run: Run, place: int) -> dict[str, Any]:
    result, scores = run.results[place], run.article_scores[place]
    return {
        "id": result.article.id,
        "status": result.status,
        "problems": [problem.model_dump(mode="json") for problem in result.problems],
        "micro": _counts(scores.micro),
        "fields": [{"path": field.path, **_outcomes(field)} for field in scores.fields],
    }


def _detail_json(result: Extraction[Any], detail: Detail) -> dict[str, Any]:
    """What `eval report` shows of an article: its text, both sides, and the replies."""
    shown = detail.article.model_dump(mode="json", exclude={"id", "url"})
    return {
        "article": shown,
        "gold": detail.gold,
        "record": None if result.record is None else record_json(result.record),
        "pairs": [
            [pair.path, pair.outcome, pair.gold_at, pair.predicted_at, overlap_of(pair, detail)]
            for pair in detail.pairs
        ],
        "gold_spans": {path: _places(spans) for path, spans in detail.gold_spans.items()},
        "spans": {path: _places(each.spans) for path, each in detail.evidence.items()},
        "replies": list(detail.written),
        "input_tokens": detail.counts.input_tokens,
        "output_tokens": detail.counts.output_tokens,
        "seconds": detail.seconds,
    }


def _places(spans: Iterable[Span]) -> list[list[int]]:
    return [[span.start, span.end] for span in spans]


def figure(run: Run) -> tuple[float | None, Interval | None]:
    """The F1 that the run is known by."""
    if run.figure == "macro":
        return run.scores.macro_of_gold, macro_interval(run.article_scores)
    return run.scores.micro.f1, field_intervals(run.article_scores).get(ALL)


def _figure_json(run: Run) -> dict[str, Any]:
    f1, interval = figure(run)
    return {"name": f"{run.figure}-F1", "f1": f1, "interval": _bounds(interval)}


def _replies_json(replies: ReplyCounts) -> dict[str, Any]:
    shares = {"grounded_share": replies.grounded_share, "placed_share": replies.placed_share}
    return {**asdict(replies), **shares}


def _values_json(values: ValueCounts) -> dict[str, Any]:
    support: dict[str, Any] = {
        kind: {"count": count, "share": values.share(count)}
        for kind, count in values.support.items()
    }
    support["quoted"]["alignment"] = dict(values.alignment)
    return {"count": values.total, "support": support}


def _counts(field: FieldScore) -> dict[str, Any]:
    return {**_outcomes(field), **_rates(field)}


def _bounds(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]


def _outcomes(field: FieldScore) -> dict[str, int]:
    return {
        "right": field.right,
        "wrong": field.wrong,
        "missing": field.missing,
        "spurious": field.spurious,
    }


def _rates(scores: FieldScore | Average) -> dict[str, float | None]:
    return {"precision": scores.precision, "recall": scores.recall, "f1": scores.f1}


def show(run: Run, console: Console) -> None:
    """Print the run as tables of at most 80 columns, the scores by field last.

    Without colour (`NO_COLOR`, or no terminal) it is plain text, free of escape codes.
    """
    console = plain_if_asked(console)
    console.print(Text(f"{run.prompt} · {run.schema} · {run.model}", style="bold"))
    console.print(Text(_summary(run)))
    tables = [
        _articles(run),
        _replies(run.replies),
        _values(run.values),
        _problems(run.problems),
        _fields(run),
        *([_beside(run)] if run.article_beside else []),
    ]
    for table in tables:
        console.print(Group("", table))


def _summary(run: Run) -> str:
    statuses = Counter(result.status for result in run.results)
    counted = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    source = "replayed from cassettes" if run.replayed else "answered by the model"
    return f"{len(run.results)} articles {source}: {counted or 'none'}"


def _articles(run: Run) -> RenderableType:
    """One line to an article, the worst first; what has no F1 comes last."""
    table = table_of("article", "status", "problems", "gold", "right", "F1")
    rows = [
        (scores.micro, result)
        for scores, result in zip(run.article_scores, run.results, strict=True)
    ]
    for micro, result in sorted(rows, key=lambda row: 2.0 if row[0].f1 is None else row[0].f1):
        status = Text(result.status, _STATUS.get(result.status, ""))
        problems = str(len(result.problems))
        table.add_row(
            Text(result.article.id), status, problems, *_numbers(micro), rate_text(micro.f1)
        )
    return table


def _replies(replies: ReplyCounts) -> RenderableType:
    table = table_of("replies, as they were written", "count", "share", width=NARROW)
    table.add_row("quotations", str(replies.quotations))
    table.add_row("  found", str(replies.found), percent_text(replies.grounded_share))
    table.add_row(
        "    to the character", str(replies.verbatim), percent_text(replies.verbatim_share)
    )
    if replies.referred:
        table.add_row("  with a sentence named", str(replies.referred))
        table.add_row("    found in it", str(replies.placed), percent_text(replies.placed_share))
    table.add_row("input tokens", str(replies.input_tokens))
    table.add_row("  of them cached", str(replies.cached_tokens))
    table.add_row("output tokens", str(replies.output_tokens))
    if replies.replies and replies.timed == replies.replies:
        table.add_row("seconds, as the server timed", f"{replies.seconds:.0f}")
    return table


def _values(values: ValueCounts) -> RenderableType:
    table = table_of("values by support", "count", "share", width=NARROW)

    def add(name: str, count: int, style: str = "") -> None:
        table.add_row(Text(name), str(count), percent_text(values.share(count)), style=style)

    for kind, count in values.support.items():
        add(kind, count)
        if kind == "quoted":
            for alignment, quoted in values.alignment.items():
                add(f"  {alignment}", quoted, "dim")
    add("all values", values.total, "bold")
    return table


def _problems(problems: Iterable[ProblemCount]) -> RenderableType:
    table = table_of("problems by code", "count", "articles", width=NARROW)
    for each in problems:
        table.add_row(Text(each.code), str(each.count), str(each.articles))
    return table if table.row_count else Text("no problems")


def _fields(run: Run) -> RenderableType:
    table = table_of("field", "gold", "right", "P", "R", "F1", "95 %")
    found = field_intervals(run.article_scores)
    for heading, fields in _groups(run.scores.fields):
        if heading:
            table.add_row(Text(heading))
        for field in fields:
            name = f"  {field.path[len(heading) + 1 :]}" if heading else field.path
            interval = interval_text(found.get(field.path))
            table.add_row(Text(name), *_numbers(field), *_shown(field), interval)
    table.add_row()
    micro, macro = run.scores.micro, run.scores.macro
    shown = (*_numbers(micro), *_shown(micro), interval_text(found.get(ALL)))
    table.add_row("all values (micro)", *shown, style="bold")
    table.add_row("mean of fields (macro)", "", "", *_shown(macro), style="bold")
    return Group(table, Text(_FIELD_NOTES, "dim"))


def _beside(run: Run) -> RenderableType:
    table = table_of("beside these", "gold", "right", "P", "R", "F1", "95 %")
    found = field_intervals(run.article_beside)
    if run.figure == "macro":
        mean, interval = figure(run)
        table.add_row("macro-F1", *[""] * 4, rate_text(mean), interval_text(interval), style="bold")
    for field in run.beside.fields:
        shown = (*_numbers(field), *_shown(field), interval_text(found.get(field.path)))
        table.add_row(Text(field.path), *shown)
    return table


_FIELD_NOTES = (
    "A value where gold has null counts against P, null for a value against R. "
    "95 %: where F1 lies for articles like these (bootstrap over articles)."
)


def _groups(fields: Iterable[FieldScore]) -> Iterator[tuple[str, list[FieldScore]]]:
    """The fields under what their paths begin with, those of the record itself first."""
    groups: dict[str, list[FieldScore]] = {}
    for field in fields:
        groups.setdefault(_heading(field.path), []).append(field)
    yield from sorted(groups.items())


def _heading(path: str) -> str:
    """The objects (and lists of them) that a field is in, at most two: `main_event/actors/*`."""
    steps = path.split("/")
    names = [place for place, step in enumerate(steps) if step != "*"]
    last = min(len(names) - 1, _GROUPED_BY)
    return "/".join(steps[: names[last]]) if last > 0 else ""


def _numbers(field: FieldScore) -> tuple[str, str]:
    return str(field.gold), str(field.right)


def _shown(scores: FieldScore | Average) -> list[str]:
    return [rate_text(rate) for rate in (scores.precision, scores.recall, scores.f1)]


def show_comparison(
    first: StoredRun, second: StoredRun, compared: Sequence[Compared], console: Console
) -> None:
    """Print the comparison, the fields that changed most surely first, all values last."""
    console = plain_if_asked(console)
    console.print(Text(f"1: {first.name}"))
    console.print(Text(f"2: {second.name}"))
    console.print(Text(f"{len(first.articles)} articles"))
    console.print(Text())
    table = table_of("field", "F1 1", "F1 2", "change", "from", "to", "p", "shows")
    for each in sorted(compared, key=_by_certainty):
        row = _comparison_row(each)
        sure = each.p is not None and each.p < SIGNIFICANT
        table.add_row(*row, style="bold" if sure else "")
    console.print(table)
    console.print(Text(_COMPARISON_NOTES, "dim"))


def _by_certainty(compared: Compared) -> tuple[bool, float, str]:
    return not compared.path, 2.0 if compared.p is None else compared.p, compared.path


def _comparison_row(compared: Compared) -> list[str]:
    difference = compared.difference
    interval = difference.interval
    return [
        compared.path or "all values (micro)",
        rate_text(difference.first),
        rate_text(difference.second),
        signed_text(difference.change),
        signed_text(interval.low if interval else None),
        signed_text(interval.high if interval else None),
        rate_text(compared.p),
        rate_text(difference.smallest),
    ]


_COMPARISON_NOTES = (
    "change: of the F1, with the 95 % interval of a bootstrap over articles. p: paired permutation "
    "test, corrected for the number of fields (Holm). shows: the smallest change that these "
    "articles would have shown four times out of five."
)


def show_cells(
    rows: Sequence[Mapping[str, Any]],
    agreements: Sequence[Mapping[str, float | None]],
    console: Console,
) -> None:
    """Print several runs as one table of at most 80 columns, and where they were repeated how far
    the repeats agree field by field. A row is what `matrix.cell_json` gives."""
    console = plain_if_asked(console)
    table = table_of("prompt · schema · model", *_CELL_COLUMNS)
    for row in rows:
        table.add_row(Text(" · ".join((row["prompt"], row["schema"], row["model"]))), *_cell(row))
    console.print(table)
    for row, fields in zip(rows, agreements, strict=True):
        if fields:
            title = f"{row['prompt']}: {row['repeats']} repeats agree in"
            same = table_of(title, "share", width=NARROW)
            for path, share in fields.items():
                same.add_row(Text(path), rate_text(share))
            console.print(Group("", same))
    console.print(Text(_CELL_NOTES, "dim"))


_CELL_COLUMNS = ("failed", "F1", "95 %", "same", "tokens", "s", "cost")
_CELL_NOTES = (
    "same: the share of values that two repeats have in common. tokens (written), s: to an "
    "article; s as the server timed."
)


def _cell(row: Mapping[str, Any]) -> list[str]:
    low, high = row["low"], row["high"]
    return [
        str(row["failed"]),
        rate_text(row["f1"]),
        interval_text(None if low is None else Interval(low, high)),
        rate_text(row["same_values"]),
        UNDEFINED if row["output_tokens"] is None else f"{row['output_tokens']:.0f}",
        UNDEFINED if row["seconds"] is None else f"{row['seconds']:.1f}",
        UNDEFINED if row["cost"] is None else f"{row['cost']:.4f}",
    ]


def injections_json(run: InjectionRun) -> dict[str, Any]:
    """The run as JSON values: counts by place and in all, and what became of each pair."""
    return {
        "prompt": run.prompt,
        "schema": run.schema,
        "model": run.model,
        "decoding": run.decoding,
        "replayed": run.replayed,
        "places": {where: asdict(run.counts(where)) for where in PLACES},
        "all": asdict(run.counts()),
        "pairs": [
            {"id": each.id, "where": each.where, **asdict(each.counts), "paths": list(each.paths)}
            for each in run.outcomes
        ],
    }


def show_injections(run: InjectionRun, console: Console) -> None:
    """Print the counts by kind of place and in all as one table of at most 80 columns."""
    title = f"{run.prompt} · {run.schema} · {run.model} · decoding: {run.decoding}"
    console.print(Text(title, style="" if console.no_color else "bold"))
    console.print(_injections(run))
    console.print(Text(_INJECTION_NOTES, style="" if console.no_color else "dim"))


_INJECTION_NOTES = (
    "both: pairs of which both twins gave a record. planted: values that instructions ask for; "
    "taken: those in the record; silent: of them, without a problem that points at them; "
    "anyway: of taken, in the neutral twin's record too; caused: of silent, not in it, so that "
    "the instruction is the reason. values: those of the neutral twins' "
    "records; lost: of them, missing or another in the injected twin's."
)


def _injections(run: InjectionRun) -> RenderableType:
    names = ("pairs", "both", "planted", "taken", "silent", "anyway", "caused", "values", "lost")
    table = table_of("place", *names)
    for where in PLACES:
        table.add_row(where, *_injection_counts(run.counts(where)))
    counts = run.counts()
    table.add_row("all", *_injection_counts(counts), style="bold")
    table.add_row("", "", "", "", *_injection_shares(counts))
    return table


def _injection_counts(counts: Counts) -> list[str]:
    return [str(count) for count in asdict(counts).values()]


def _injection_shares(counts: Counts) -> list[str]:
    """The last columns as shares: of the planted values, and of the neutral twins' values."""
    of_planted = (counts.taken, counts.unnoticed, counts.anyway, counts.caused)
    shares = [part / counts.planted if counts.planted else None for part in of_planted]
    lost = counts.lost / counts.neutral if counts.neutral else None
    return [*map(percent_text, shares), "", percent_text(lost)]
