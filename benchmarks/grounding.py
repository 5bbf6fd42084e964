"""The benchmark of grounding: `make bench-grounding`, or `python -m benchmarks.grounding`.

Exit status 1 when ours misses a bar: of each class that is to be found 99.5 % at the right
place, of each class that is to be refused nothing accepted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from random import Random

from benchmarks.cases import Case
from benchmarks.generator import CLASSES, SEED, SIZE, generate
from benchmarks.measure import Score, measure
from benchmarks.speed import report
from benchmarks.systems import HOW_TO_INSTALL_LANGEXTRACT, LangExtract, Ours, System, peers
from benchmarks.table import missed, table


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    cases = generate(asked.seed, asked.size, [name for name in CLASSES if asked.only in name])
    print(f"{sum(map(len, cases.values()))} cases, seed {asked.seed}\n", flush=True)
    systems: list[System] = [Ours(), *(() if asked.ours else peers())]
    scores = {system.name: _scores(system, cases, asked.sample) for system in systems}
    print(table(scores, {each.name: asked.sample for each in systems if each.slow}))
    if not asked.ours and LangExtract.name not in scores:
        print(HOW_TO_INSTALL_LANGEXTRACT)
    ours = scores[Ours.name]
    print("\n" + (missed(ours, asked.show) or "no bar is missed"), flush=True)
    for line in report() if asked.speed else ():
        print(line, flush=True)
    return 0 if all(score.holds for score in ours.values()) else 1


def _scores(system: System, cases: Mapping[str, list[Case]], sample: int) -> dict[str, Score]:
    """The score of each class; a slow system is asked a sample, the same each time."""
    return {
        name: measure(system, _sample(name, all_cases, sample) if system.slow else all_cases)
        for name, all_cases in cases.items()
    }


def _sample(name: str, cases: Sequence[Case], size: int) -> list[Case]:
    """At most `size` cases of the class, and fewer where its texts are long."""
    longest = max(len(case.text) for case in cases)
    number = min(len(cases), max(2, min(size, size * 10_000 // longest)))
    return Random(name).sample(cases, number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grounding", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--size", type=int, default=SIZE, help="cases of a class (%(default)s)")
    parser.add_argument("--only", default="", metavar="TEXT", help="classes whose name has it")
    parser.add_argument("--ours", action="store_true", help="leave the peers out")
    parser.add_argument("--speed", action="store_true", help="measure times as well")
    parser.add_argument("--sample", type=int, default=30, help="cases of a class for a slow peer")
    parser.add_argument("--show", type=int, default=2, help="failures shown of a class")
    return parser


if __name__ == "__main__":
    sys.exit(main())
