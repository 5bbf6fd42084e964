"""Gold data that others made, scored their way: MUC-4, PolNeAR and CASIE.

A file has one JSON object a line: `{"id", "text", "published", "outlet", "gold"}`, with offsets in
code points. Such gold is no record of a schema of ours, and so it has scores of its own:
MUC-4 for role fillers, PolNeAR for attributions, CASIE for whether events happened (realis).
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from extractor.articles import parse_article
from extractor.cases import read_values
from extractor.errors import InputError
from extractor.evals.alignment import assign
from extractor.evals.overlap import OVERLAP, Characters, closest, places
from extractor.evals.scores import FieldScore, Scores
from extractor.numbering import without_own_numbers
from extractor.records import Article, Extraction, record_json

POLNEAR_ARTICLES = 20
POLNEAR_CHARACTERS = 6_000
CASIE_ARTICLES = 20

Figure = Literal["micro", "macro"]
"""The F1 that a data set is known by: of all values together, or the mean of its classes."""


@dataclass(frozen=True)
class Marked:
    """The scores of one article: those that the data set's own figure sums up, and others."""

    scores: Scores
    beside: Scores


@dataclass(frozen=True)
class Benchmark:
    """A data set of others: its articles as they are asked about, what is right of each, the
    prompt it is for, and how an article is marked."""

    name: str
    prompt: str
    articles: tuple[Article, ...]
    golds: tuple[Any, ...]
    mark: Mark
    figure: Figure = "micro"

    def first(self, number: int | None) -> Benchmark:
        """Of its articles the first so many; all for None."""
        return replace(self, articles=self.articles[:number], golds=self.golds[:number])


def read_benchmark(path: Path) -> Benchmark | None:
    """The data set of a `.jsonl` file; None when its first line is none of a form known here.

    Of PolNeAR the first 20 articles of at most 6,000 characters are taken, of CASIE the first 20.
    Raises `InputError`.
    """
    if path.is_dir() or path.suffix.lower() != ".jsonl":
        return None
    lines = list(read_values(path))
    if not lines or (kind := _kind(lines[0][1])) is None:
        return None
    form = _KINDS[kind]
    pairs = form.taken([(_article(value, where, kind), value["gold"]) for where, value in lines])
    if not pairs:
        raise InputError(f"{path}: no article is short enough", hint="see docs/evaluation.md")
    articles, golds = zip(*pairs, strict=True)
    return Benchmark(kind, form.prompt, articles, golds, form.mark, form.figure)


def _kind(line: Any) -> str | None:
    gold = line.get("gold") if isinstance(line, Mapping) else None
    if not isinstance(gold, Mapping) or "text" not in line:
        return None
    if "roles" in gold:
        return "muc4"
    if _each(gold.get("events"), _is_event):
        return "casie"
    spans = _each(gold.get("attributions"), lambda each: isinstance(each["cue"], list))
    return "polnear" if spans else None


def _is_event(event: Any) -> bool:
    trigger = event["trigger"]
    return event["realis"] in REALIS and 0 <= trigger["start"] < trigger["end"]


def _each(items: Any, right: Callable[[Any], bool]) -> bool:
    """Whether there is a list, and every object of it is right."""
    try:
        return isinstance(items, list) and all(map(right, items))
    except (KeyError, TypeError):
        return False


def _article(value: Any, where: str, kind: str) -> Article:
    if _kind(value) != kind:
        raise InputError(f"{where}: not of the form of the first line", hint="see the data set")
    return parse_article({k: v for k, v in value.items() if k != "gold"}, where=where)


# ------------------------------------------------------------------------------------- MUC-4

ROLES: Mapping[str, str] = {
    "PerpInd": "perpetrator_individuals",
    "PerpOrg": "perpetrator_organizations",
    "Target": "physical_targets",
    "Victim": "victims",
    "Weapon": "weapons",
}
_ARTICLE_WORD = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normal(mention: str) -> str:
    """A mention as the scorer of CEAF-REE compares it: lower case, without ASCII punctuation
    and a, an, the; white space squeezed."""
    return " ".join(_ARTICLE_WORD.sub(" ", mention.lower().translate(_PUNCTUATION)).split())


def ceaf_ree(
    path: str, gold: Sequence[Iterable[str]], predicted: Sequence[Iterable[str]]
) -> FieldScore:
    """The entity-level score of one role of one document (Du, Rush and Cardie, 2021).

    An entity is a set of mentions. A predicted one matches a gold one when every mention of it
    is among the gold one's; each is used once, with the most matches in all.
    """
    golds = [{normal(mention) for mention in entity} for entity in gold]
    found = [{normal(mention) for mention in entity} for entity in predicted]
    weights = [[int(bool(one) and one <= entity) for one in found] for entity in golds]
    right = len(assign(weights))
    return FieldScore(path, right=right, missing=len(golds) - right, spurious=len(found) - right)


def mark_muc4(gold: Any, result: Extraction[Any]) -> Marked:
    """CEAF-REE by role; beside it that of relevant articles alone, and the incident type.

    The type is right when a template of the article has it, or when it is "none" and the
    article is not relevant. An article without a record has predicted nothing.
    """
    record = {} if result.record is None else record_json(result.record)
    found = {role: [[said] for said in record.get(field, [])] for role, field in ROLES.items()}
    marked = mark_entities(gold, found)
    right = mark_type(gold, record.get("incident_type"))
    return Marked(marked.scores, Scores((right, *marked.beside.fields)))


def mark_type(gold: Any, found: str | None) -> FieldScore:
    """Whether the incident type is right, which a missing one never is."""
    types = {template["incident_type"] for template in gold["templates"]} or {"none"}
    right = found in types
    return FieldScore("incident type", right=int(right), wrong=int(not right))


def mark_entities(gold: Any, found: Mapping[str, Sequence[Iterable[str]]]) -> Marked:
    """CEAF-REE by role, of entities as sets of mentions; beside it that of relevant articles."""
    roles = (ceaf_ree(role, gold["roles"].get(role, []), found.get(role, [])) for role in ROLES)
    scores = Scores(tuple(roles))
    beside = []
    if gold["relevant"]:
        micro = scores.micro
        beside.append(
            FieldScore(
                "roles, relevant articles",
                right=micro.right,
                missing=micro.missing,
                spurious=micro.spurious,
            )
        )
    return Marked(scores, Scores(tuple(beside)))


# ----------------------------------------------------------------------------------- PolNeAR


def mark_polnear(gold: Any, result: Extraction[Any]) -> Marked:
    """Sources, cues and contents by overlap; beside them whole attributions, whose source and
    content both have to overlap. A gold source of no words is matched by none."""
    return mark_attributions(gold, [_predicted(result, n) for n in range(_number(result))])


def mark_attributions(gold: Any, found: Sequence[Mapping[str, list[Characters]]]) -> Marked:
    """The same of attributions as the places that each of their parts can have."""
    golds = [
        {part: _of_spans(each.get(part, [])) for part in PARTS} for each in gold["attributions"]
    ]
    parts = tuple(
        _matched(
            part,
            [[each[part]] for each in golds if each[part]],
            [each[part] for each in found if any(each[part])],
        )
        for part in PARTS
    )
    weights = [
        [int(all(_meets([g[part]], p[part]) for part in ("source", "content"))) for p in found]
        for g in golds
    ]
    right = len(assign(weights))
    whole = FieldScore(
        "attribution", right=right, missing=len(golds) - right, spurious=len(found) - right
    )
    return Marked(Scores(parts), Scores((whole,)))


PARTS = ("source", "cue", "content")


def _matched(
    path: str, golds: Sequence[Sequence[Characters]], found: Sequence[Sequence[Characters]]
) -> FieldScore:
    weights = [[int(_meets(gold, one)) for one in found] for gold in golds]
    right = len(assign(weights))
    return FieldScore(path, right=right, missing=len(golds) - right, spurious=len(found) - right)


def _meets(golds: Sequence[Characters], found: Sequence[Characters]) -> bool:
    return closest(golds, found) >= OVERLAP


def _of_spans(spans: Iterable[Mapping[str, Any]]) -> Characters:
    return frozenset(at for span in spans for at in range(span["start"], span["end"]))


def _number(result: Extraction[Any]) -> int:
    return 0 if result.record is None else len(record_json(result.record)["attributions"])


def _predicted(result: Extraction[Any], number: int) -> dict[str, list[Characters]]:
    """The places that each part of an attribution can have; one without characters for null."""
    found: dict[str, list[Characters]] = {}
    for part in PARTS:
        evidence = result.evidence.get(f"/attributions/{number}/{part}")
        found[part] = [frozenset()] if evidence is None else places(evidence.spans)
    return found


# ------------------------------------------------------------------------------------- CASIE

REALIS = ("Actual", "Generic", "Other")
"""The classes, by the data set's names; ours are the same in small letters."""


def number_triggers(text: str, gold: Any) -> str:
    """The text with `[1] ` before the words of the first event, and so on; a number in brackets
    of its own is shown in full-width ones."""
    shown = without_own_numbers(text)
    for number, (start, _) in reversed(list(enumerate(_triggers(gold), start=1))):
        shown = f"{shown[:start]}{_number_sign(number)}{shown[start:]}"
    return shown


def mark_casie(gold: Any, result: Extraction[Any]) -> Marked:
    """The classes of realis, each event's by its numbered trigger; beside them the accuracy.

    An event without an answer is wrong: missing in its class, spurious in none.
    """
    answers = _answers(gold, result)
    pairs = [
        (event["realis"], answer) for event, answer in zip(_events(gold), answers, strict=True)
    ]
    classes = tuple(
        FieldScore(
            name,
            right=pairs.count((name, name)),
            missing=sum(right == name != answer for right, answer in pairs),
            spurious=sum(right != name == answer for right, answer in pairs),
        )
        for name in REALIS
    )
    right = sum(right == answer for right, answer in pairs)
    accuracy = FieldScore("accuracy", right=right, wrong=len(pairs) - right)
    return Marked(Scores(classes), Scores((accuracy,)))


def _answers(gold: Any, result: Extraction[Any]) -> list[str | None]:
    """What was answered to each event, None for nothing.

    An answer belongs to the event whose numbered words its own share the most with, of those
    that have none yet; one that shares no character with any belongs to none.
    """
    events = _numbered_places(gold)
    answers: list[str | None] = [None] * len(events)
    record = {"mentions": []} if result.record is None else record_json(result.record)
    for number, mention in enumerate(record["mentions"]):
        evidence = result.evidence.get(f"/mentions/{number}/trigger")
        found = places(evidence.spans) if evidence is not None else []
        shares = {
            event: closest([events[event]], found)
            for event, answer in enumerate(answers)
            if answer is None
        }
        best = max(shares, key=shares.__getitem__, default=0)
        if shares.get(best, 0.0) > 0:
            answers[best] = mention["realis"].capitalize()
    return answers


def _events(gold: Any) -> list[Any]:
    """The events in the order of their triggers, which is that of their numbers."""
    return sorted(gold["events"], key=lambda e: (e["trigger"]["start"], e["trigger"]["end"]))


def _triggers(gold: Any) -> list[tuple[int, int]]:
    return [(e["trigger"]["start"], e["trigger"]["end"]) for e in _events(gold)]


def _number_sign(number: int) -> str:
    return f"[{number}] "


def _numbered_places(gold: Any) -> list[Characters]:
    """Where the events' words, with their numbers, stand in the numbered text."""
    triggers = _triggers(gold)
    signs = [len(_number_sign(number)) for number in range(1, len(triggers) + 1)]
    return [
        frozenset(
            range(
                start + sum(signs[:place]),
                end + sum(sign for sign, (at, _) in zip(signs, triggers, strict=True) if at < end),
            )
        )
        for place, (start, end) in enumerate(triggers)
    ]


# ------------------------------------------------------------------------------ the data sets

Cases = list[tuple[Article, Any]]
Mark = Callable[[Any, Extraction[Any]], Marked]


@dataclass(frozen=True)
class _Kind:
    """What is asked of a data set, of which of its articles, and how the answers are marked."""

    prompt: str
    mark: Mark
    figure: Figure = "micro"
    taken: Callable[[Cases], Cases] = lambda cases: cases


def _short(cases: Cases) -> Cases:
    short = [case for case in cases if len(case[0].text) <= POLNEAR_CHARACTERS]
    return short[:POLNEAR_ARTICLES]


def _numbered(cases: Cases) -> Cases:
    return [
        (article.model_copy(update={"text": number_triggers(article.text, gold)}), gold)
        for article, gold in cases[:CASIE_ARTICLES]
    ]


_KINDS: Mapping[str, _Kind] = {
    "muc4": _Kind("incident@production", mark_muc4),
    "polnear": _Kind("attributions@production", mark_polnear, taken=_short),
    "casie": _Kind("realis@production", mark_casie, "macro", _numbered),
}
