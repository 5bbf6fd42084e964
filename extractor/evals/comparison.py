"""Two stored runs over the same articles, field by field, and whether one is worse.

A stored run is what `extractor eval run --format json` prints.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from extractor.errors import InputError
from extractor.evals.scores import Scores
from extractor.evals.statistics import (
    Counts,
    Difference,
    Interval,
    differences,
    holm,
    intervals,
    mean_interval,
)

ALL = ""
"""The path under which all values together are compared (micro)."""
SIGNIFICANT = 0.05

Verdict = Literal["no worse", "worse", "cannot tell"]


@dataclass(frozen=True)
class StoredRun:
    """What a comparison needs of a run: its counts by article and field.

    `articles` are ids; `counts` maps a field's path to an array `[article, (right, gold,
    predicted)]`; `failed` are the articles that got no answer; `scoring` are the rules of the
    scoring file, as JSON values by field.
    """

    name: str
    articles: tuple[str, ...]
    counts: Mapping[str, Counts]
    failed: tuple[str, ...]
    scoring: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Compared:
    """A field in both runs. `p` is corrected for the number of fields (Holm)."""

    path: str
    difference: Difference
    p: float | None


def read_run(path: Path) -> StoredRun:
    """A run from its file. Raises `InputError` for what is none."""
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
        articles = tuple(article["id"] for article in run["articles"])
        paths = sorted({f["path"] for article in run["articles"] for f in article["fields"]})
        counts = {name: np.zeros((len(articles), 3), np.int64) for name in (*paths, ALL)}
        scoring = dict(run.get("scoring", {}))
        weights = {name: int(rule["weight"]) for name, rule in scoring.items()}
        for place, article in enumerate(run["articles"]):
            for found in article["fields"]:
                row = np.array(_row(found))
                counts[found["path"]][place] += row
                counts[ALL][place] += row * weights.get(found["path"], 1)
        failed = tuple(a["id"] for a in run["articles"] if a["status"] == "failed")
        name = f"{run['prompt']} · {run['schema']} · {run['model']}"
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}", hint="check the path") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: not a stored run ({error!r})",
            hint="`extractor eval run ... --format json > run.json` writes one",
        ) from error
    return StoredRun(name, articles, counts, failed, scoring)


def _row(found: Mapping[str, Any]) -> list[int]:
    right, wrong = int(found["right"]), int(found["wrong"])
    missing, spurious = int(found["missing"]), int(found["spurious"])
    return [right, right + wrong + missing, right + wrong + spurious]


def field_intervals(articles: Sequence[Scores]) -> dict[str, Interval | None]:
    """The interval of each field's F1 over articles, and under `ALL` that of all values."""
    if not articles:
        return {}
    paths, counts = _counted([Scores((*scores.fields, scores.micro)) for scores in articles])
    return dict(zip(paths, intervals(counts), strict=True))


def macro_interval(articles: Sequence[Scores]) -> Interval | None:
    """The interval of `Scores.macro_of_gold` over articles."""
    return mean_interval(_counted(articles)[1]) if articles else None


def _counted(articles: Sequence[Scores]) -> tuple[list[str], Counts]:
    """The paths of all fields, and the counts by article and field."""
    paths = sorted({field.path for scores in articles for field in scores.fields})
    places = {path: place for place, path in enumerate(paths)}
    counts = np.zeros((len(articles), len(paths), 3), np.int64)
    for number, scores in enumerate(articles):
        for each in scores.fields:
            counts[number, places[each.path]] += (each.right, each.gold, each.predicted)
    return paths, counts


def compare(first: StoredRun, second: StoredRun) -> list[Compared]:
    """All values together, and then every field that either run has.

    Raises `InputError` when the runs are not of the same articles, or were scored by other rules.
    """
    if set(first.articles) != set(second.articles):
        odd = sorted(set(first.articles) ^ set(second.articles))
        raise InputError(
            f"the runs are not of the same articles: {', '.join(odd[:5])}"
            + (" and more" if len(odd) > 5 else ""),
            hint="run both over one set of cases",
        )
    ruled = sorted(first.scoring.keys() | second.scoring.keys())
    if odd := [name for name in ruled if first.scoring.get(name) != second.scoring.get(name)]:
        raise InputError(
            f"the runs were scored by different rules for {', '.join(odd)}",
            hint="score the older run again: `extractor eval rescore`, or `eval run --replay`",
        )
    paths = sorted(first.counts.keys() | second.counts.keys())
    one = _stacked(first, first.articles, paths)
    other = _stacked(second, first.articles, paths)
    found = differences(one, other)
    fields = [place for place, path in enumerate(paths) if path != ALL]
    corrected = dict(zip(fields, holm([found[place].p for place in fields]), strict=True))
    return [
        Compared(path, found[place], corrected.get(place, found[place].p))
        for place, path in enumerate(paths)
    ]


def _stacked(run: StoredRun, articles: Sequence[str], paths: Sequence[str]) -> Counts:
    order = [run.articles.index(article) for article in articles]
    nothing = np.zeros((len(articles), 3), np.int64)
    return np.stack([run.counts.get(path, nothing)[order] for path in paths], axis=1)


@dataclass(frozen=True)
class Gated:
    """A field that is held to a margin, and whether it keeps it."""

    path: str
    margin: float
    change: float | None
    verdict: Verdict

    def __str__(self) -> str:
        """In one line, for people."""
        change = "no F1" if self.change is None else f"{self.change:+.3f}"
        return f"{self.path or 'all values'}: {self.verdict} ({change}, margin {self.margin:g})"


def hold(compared: Sequence[Compared], margins: Mapping[str, float]) -> list[Gated]:
    """Each field of `margins` held to its own. Raises `KeyError` for one that no run has."""
    by_path = {each.path: each for each in compared}
    return [
        Gated(path, margin, by_path[path].difference.change, judge(by_path[path], margin))
        for path, margin in margins.items()
    ]


def judge(compared: Compared, margin: float) -> Verdict:
    """Whether the second run is worse than the first by more than `margin` of F1.

    No worse: the whole interval of the difference lies above minus the margin. Worse: it lies
    below zero, and the difference itself is more than the margin. Otherwise the articles are
    too few to tell.
    """
    interval, change = compared.difference.interval, compared.difference.change
    if interval is None or change is None:
        return "cannot tell"
    if interval.low >= -margin:
        return "no worse"
    return "worse" if interval.high < 0 and change < -margin else "cannot tell"
