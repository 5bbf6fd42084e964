"""What repairs are worth, measured: against nothing, and against asking for it all again.

Asking again is what instructor does when a reply fails: the reply and its errors are put
behind the conversation, and everything is sent and written once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from extractor.cases import Case
from extractor.cassettes import cassette_path, recorder, replaying
from extractor.catalog import Recipe
from extractor.errors import InputError
from extractor.evals.replies import written
from extractor.evals.scores import score
from extractor.failures import NOT_ASKED_AGAIN, failures
from extractor.model import Completion, Message, Model, Request
from extractor.pace import ONE_BY_ONE, Pace, paced
from extractor.pipeline import assemble, final_draft
from extractor.reading import Reading, answer, build_request
from extractor.records import Problem, Usage, record_json
from extractor.repair import Repairer
from extractor.windows import Window

AGAIN = "-again"
"""What the variant of recordings is called, in which articles are asked again whole."""
_LOST = ("ungrounded", "furniture", "instruction")


@dataclass(frozen=True)
class Counted:
    """What is in a draft: quotations and those found in the article, fields to be asked
    again, and values against gold (right, and the F1 of them)."""

    quotations: int
    found: int
    failed: int
    f1: float | None


@dataclass(frozen=True)
class Measured:
    """One article: its first draft, and what either way of going on made of it and took.

    `repaired` and `again` are None where nothing had failed.
    """

    article: str
    first: Counted
    repaired: tuple[Counted, Usage] | None
    again: tuple[Counted, Usage] | None
    began: Usage


async def measure(
    cases: Sequence[Case],
    recipe: Recipe,
    model: Model,
    root: Path,
    *,
    replay: bool,
    pace: Pace = ONE_BY_ONE,
) -> list[Measured]:
    """Each case asked once, repaired, and asked again whole; recorded under `root`, or
    replayed from there, one after the other. Raises `CassetteError`, and `InputError` for an
    article in windows."""
    with nullcontext() if replay else recorder() as studio:
        tape = studio.recording if studio else replaying

        async def work(case: Case) -> Measured:
            path = cassette_path(root, recipe, model, case.id)
            with tape(path):
                readings = await answer(case.article, recipe, model)
            first = readings[0]
            if len(readings) > 1 or not isinstance(first.reply, Completion):
                raise InputError(f"case {case.id} was read in windows", hint="measure shorter ones")
            again = None
            if first.repairs:
                request = asked_again(case, recipe, first.reply)
                with tape(path.parent.with_name(path.parent.name + AGAIN) / path.name):
                    again = await model.complete(request)
            return _measured(case, recipe, model, first, again)

        return await paced(cases, work, replace(pace, concurrency=1) if replay else pace)


def asked_again(case: Case, recipe: Recipe, reply: Completion) -> Request:
    """The whole request once more, with the reply and what is wrong with it behind (as
    instructor's `handle_reask_json` does)."""
    whole = Window(0, len(case.article.text))
    mended = final_draft(case.article, recipe, Reading(whole, reply))
    wrong: Sequence[Problem] = (mended,) if isinstance(mended, Problem) else ()
    if not isinstance(mended, Problem):
        problems = Repairer(case.article, recipe).judge(mended.draft, mended.hints).problems
        # Either way is told the same: what a repair does not ask for is no error here.
        told = [each for each in problems if each.code not in NOT_ASKED_AGAIN]
        wrong = [each for each in told if each.severity != "info"]
    errors = "\n".join(f"{p.path}: {p.message} ({p.quote!r})" for p in wrong)
    request = build_request(case.article, recipe)
    said = (
        Message(role="assistant", content=reply.content or ""),
        Message(
            role="user",
            content=f"Correct your JSON ONLY RESPONSE, based on the following errors:\n{errors}",
        ),
    )
    return replace(request, messages=(*request.messages, *said))


def _measured(
    case: Case, recipe: Recipe, model: Model, first: Reading, again: Completion | None
) -> Measured:
    def counted(reading: Reading) -> Counted:
        return _counted(case, recipe, model, reading)

    paid = sum((r.usage for r in first.repairs if isinstance(r, Completion)), Usage())
    return Measured(
        case.id,
        counted(replace(first, repairs=())),
        (counted(first), paid) if first.repairs else None,
        (counted(Reading(first.window, again)), again.usage) if again else None,
        first.completions[0].usage,
    )


def _counted(case: Case, recipe: Recipe, model: Model, reading: Reading) -> Counted:
    schema = recipe.schema.json_schema
    record = assemble(case.article, recipe, (reading,), model).record
    f1 = score([(case.gold, record and record_json(record))], schema).micro.f1
    mended = final_draft(case.article, recipe, reading)
    if isinstance(mended, Problem):
        return Counted(0, 0, 1, f1)
    judged = Repairer(case.article, recipe).judge(mended.draft, mended.hints)
    quotations = len(list(written(mended.draft, schema, schema)))
    lost = sum(problem.code in _LOST for problem in judged.problems)
    failed = len(failures(mended.draft, schema, judged.problems))
    return Counted(quotations, quotations - lost, failed, f1)


def show(found: Sequence[Measured], console: Console) -> None:
    """Print a line an article that was repaired, and the totals, in 80 columns."""
    table = Table(box=None, pad_edge=False, header_style="bold", width=79)
    table.add_column("article", overflow="fold", ratio=1)
    for name in ("failed", "repaired", "again", "tokens", "again", "share"):
        table.add_column(name, justify="right", no_wrap=True)
    asked = [each for each in found if each.repaired and each.again]
    for each in asked:
        table.add_row(each.article, *_row([each]))
    table.add_row("all", *_row(asked), style="bold")
    console.print(table)
    for line in summary(found):
        console.print(line, soft_wrap=True, markup=False)


def _row(several: Sequence[Measured]) -> list[str]:
    """Fields that failed, ended by repair and by asking again; tokens of both, and their share."""
    pairs = [(e.first, *e.repaired, *e.again) for e in several if e.repaired and e.again]
    failed = sum(first.failed for first, *_ in pairs)
    repaired = failed - sum(after.failed for _, after, _, _, _ in pairs)
    again = failed - sum(after.failed for _, _, _, after, _ in pairs)
    small = sum(map(_tokens, (usage for _, _, usage, _, _ in pairs)))
    large = sum(map(_tokens, (usage for *_, usage in pairs)))
    share = f"{small / large:.1%}" if large else "–"
    return [*map(str, (failed, repaired, again, small, large)), share]


def _tokens(usage: Usage) -> int:
    return usage.input_tokens + usage.output_tokens


def summary(found: Sequence[Measured]) -> Iterator[str]:
    """The figures of all articles, in sentences."""
    after = [each.repaired[0] if each.repaired else each.first for each in found]
    whole = [each.again[0] if each.again else each.first for each in found]
    first = [each.first for each in found]
    yield f"{len(found)} articles, {sum(bool(each.repaired) for each in found)} with failed fields"
    for name, counted in (("first", first), ("repaired", after), ("asked again whole", whole)):
        asked, right = sum(c.quotations for c in counted), sum(c.found for c in counted)
        rates = [c.f1 for c in counted if c.f1 is not None]
        grounded = f"{right / asked:.1%}" if asked else "–"
        mean = f"{sum(rates) / len(rates):.3f}" if rates else "–"
        yield f"{name}: {grounded} of {asked} quotations found, mean F1 of articles {mean}"
    small = [each.repaired[1] for each in found if each.repaired]
    uncached = sum(u.input_tokens - u.cached_tokens + u.output_tokens for u in small)
    # At best: the first request and its reply are in the cache, and only the errors are not.
    pairs = [(each.again[1], each.began) for each in found if each.again]
    best = sum(_tokens(usage) - _tokens(began) for usage, began in pairs)
    if small:
        yield (
            f"not from a cache, and written: {uncached} tokens for repairs, {best} at the least "
            f"for asking again ({uncached / max(best, 1):.1%})"
        )
