"""One table of all classes and systems, 80 columns wide."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from benchmarks.measure import Failure, Score, total

Scores = Mapping[str, Score]

_KEY = """\
acc: accepted; rgt: the right span; wrg: accepted with a wrong span, or at all
where it is to be refused; in %, 0 and 100 only where there is no exception.
us: microseconds of processor time a quotation, the median, index not counted
(1k4 is 1,400 and 0M3 is 300,000).
A peer gives one span of a quotation: pieces and all places are beyond it."""


def table(by_system: Mapping[str, Scores], sampled: Mapping[str, int]) -> str:
    """The rows of each class, and totals of what is to be found and to be refused.

    `sampled` says of the systems that were asked fewer cases how many of a class.
    """
    systems = list(by_system)
    ours = by_system[systems[0]]
    found = [name for name, score in ours.items() if score.to_be_found]
    refused = [name for name in ours if name not in found]
    rule = "-" * 80
    lines = [
        f"{'':29}" + "".join(f"|{name:^15} " for name in systems).rstrip(),
        f"{'class':23}{'cases':>6}" + "| acc rgt wrg  us" * len(systems),
    ]
    for title, names in (("to be found", found), ("to be refused", refused)):
        if not names:
            continue
        lines += [rule]
        lines += [_row(name, {s: by_system[s][name] for s in systems}) for name in names]
        sums = {s: total([by_system[s][name] for name in names]) for s in systems}
        lines += [_row(title.upper(), sums)]
    notes = [f"{name}: at most {size} cases of a class." for name, size in sampled.items()]
    return "\n".join([*(line.rstrip() for line in lines), rule, *notes, _KEY])


def _row(name: str, scores: Mapping[str, Score]) -> str:
    cases = next(iter(scores.values())).cases
    return f"{name:23}{cases:6}" + "".join("|" + _cells(score) for score in scores.values())


def _cells(score: Score) -> str:
    right = _percent(score.right, score.cases) if score.to_be_found else "-"
    cells = [_percent(score.accepted, score.cases), right, _percent(score.wrong, score.cases)]
    return "".join(f"{cell:>4}" for cell in cells) + f"{_micro(score.microseconds):>4}"


def _percent(part: int, whole: int) -> str:
    """Never rounded to 0 or 100."""
    share = 100 * part / whole
    return str(math.floor(share) if share > 50 else math.ceil(share))


def _micro(microseconds: float) -> str:
    """In at most three characters: `42`, `1k4` for 1,400, `14k`, `0M3` for 300,000."""
    for size, letter in ((1, ""), (1e3, "k"), (1e6, "M")):
        scaled = microseconds / size
        if letter and scaled < 9.95:
            return f"{scaled:.1f}".replace(".", letter)
        if scaled < (999.5, 99.5)[bool(letter)]:
            return f"{scaled:.0f}{letter}"
    return "..."


def missed(scores: Scores, shown: int) -> str:
    """The classes that miss the bar, with some of their cases."""
    lines = []
    for name, score in scores.items():
        if score.holds:
            continue
        good = score.right if score.to_be_found else score.cases - score.accepted
        lines.append(f"missed the bar: {name}: {good} of {score.cases} as they should be")
        lines += [_told(failure) for failure in score.failures[:shown]]
    return "\n".join(lines)


def _told(failure: Failure) -> str:
    case = failure.case
    return (
        f"  quoted   {case.quote!r}\n"
        f"  expected {_places(case.text, case.expected)}\n"
        f"  got      {_places(case.text, failure.answer.spans)}"
        + (" (ambiguous)" if failure.answer.ambiguous else "")
    )


def _places(text: str, spans: Sequence[tuple[int, int]]) -> str:
    told = [f"{start}-{end} {text[start:end]!r}" for start, end in spans[:4]]
    return "; ".join(told) + ("; ..." if len(spans) > 4 else "") if told else "nothing"
