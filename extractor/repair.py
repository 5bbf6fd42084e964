"""Failed fields, asked again: one small request, and what of its reply is taken.

A reply's draft is judged as the record will be. Of the fields that failed, and only of
these, a schema is made; the model sees what was wrong with each and the sentences around,
not the whole article. A value is taken where it ends its field's problem. What was right
stays: its words keep their places, and a repair that would cost a right value is not taken.
Nothing here knows a schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_result,
    stop_after_attempt,
)

from extractor.catalog import Recipe
from extractor.catalog.prompt import fence_for, spoken
from extractor.checks.offers import offers
from extractor.citations import take_apart, with_citations
from extractor.errors import ExtractorError
from extractor.evidence import Hints, ground_draft
from extractor.failures import Failure, failures, path_of, put
from extractor.furniture import as_shown
from extractor.grammar import grammar
from extractor.merging import window_schema
from extractor.model import Completion, Message, Request
from extractor.passages import passages
from extractor.records import Article, Problem
from extractor.reply import read_reply
from extractor.resolve import RESOLVERS
from extractor.shape import JsonSchema, nullable
from extractor.tree import Tree, Value, pointer
from extractor.validation import contradictions, validate
from extractor.wire import wire_form

MOST_FIELDS = 12
"""How many fields one request asks again; the problems of the others stay."""
TOKENS_A_FIELD = 80
"""What the reply may take for each field, beside as much for its frame."""
MOST_TOKENS = 20_000
"""What all repairs of one text may take, input and output; after that none is begun."""
MOST_SECONDS = 1_800.0
"""The same for the time that their replies took, queues included."""
_SHOWN = 300

INSTRUCTION = """\
You filled in a record from a news article, and some fields of it are wrong. Fill in these \
fields again, and nothing else. Text is copied from the sentences shown, character by \
character and as short as possible: never paraphrase. A field that the sentences do not \
answer is null."""
_SHOWN_SENTENCES = """\
Norland's foreign minister, Pavel Dorn, will visit Tervia next week, the newspaper Kurier \
reported on Monday.
Dorn's ministry denied the report."""
_SHOWN_FIELDS = """\
- "name_1": meeting/guest/name of {"office": "minister"}. Wrong: 'Tervia' is a place of the event \
and did not take part.
- "source_2": claims/0/source of {"verb": "denied"}. Wrong: 'Kurier' is not who speaks by \
'denied': that is "Dorn's ministry".
- "day_3": meeting/day. You wrote "Mondays". Wrong: these words stand nowhere in the article."""
_SHOWN_REPLY = '{"name_1": "Pavel Dorn", "source_2": "Dorn\'s ministry", "day_3": "next week"}'


@dataclass(frozen=True)
class Mended:
    """A draft as far as it is repaired.

    `hints` are what is known of its words, and what was right before the last repair is
    settled there; `tried` is what was answered in vain, by field; `notes` say what became of
    each field.
    """

    draft: dict[str, Any]
    hints: Hints = field(default_factory=Hints)
    tried: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Judged:
    """What a draft amounts to: its values by their places in it, and what is wrong."""

    values: Mapping[str, Value]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Plan:
    """A repair: what is asked, for which fields, and how the draft was judged before."""

    fields: Mapping[str, Failure]
    form: JsonSchema
    before: Judged
    request: Request


@dataclass(frozen=True)
class Repairer:
    """Repairs drafts of one text. `whole` is False for a window of a longer article, where
    the schema has no last word: other windows may have what this one lacks."""

    article: Article
    recipe: Recipe
    whole: bool = True

    def plan(self, state: Mended) -> Plan | None:
        """What is to be asked now; None when nothing is wrong that asking can help."""
        before = self.judge(state.draft, state.hints)
        failed = failures(state.draft, self.schema, before.problems)[:MOST_FIELDS]
        if not failed:
            return None
        named = {each.name(number): each for number, each in enumerate(failed, start=1)}
        shown = passages(self.article.text, failed, before.values)
        offered = {
            name: offers(each.code, shown, _refused(each, before, state))
            for name, each in named.items()
        }
        form = _form_of(named, offered, self.recipe.schema.json_schema)
        listed = "\n".join(
            _line(name, each, state.tried.get(each.path, ()), offered[name])
            for name, each in named.items()
        )
        return Plan(named, form, before, self._request(form, shown, listed, state))

    def mend(self, state: Mended, plan: Plan, answer: Completion | ExtractorError) -> Mended:
        """The draft with those answers in it that help; the others are told."""
        reply = read_reply(answer) if isinstance(answer, Completion) else _no_reply(answer)
        if isinstance(reply, Problem):
            number = len(plan.fields)
            return _noted(
                state, _note("not_repaired", "", f"{number} asked again: {reply.message}")
            )
        answers = _Answers.read(reply, plan, cites=state.hints.citations is not None)
        full = answers.put_into(state, plan)
        after = self.judge(full.draft, full.hints)
        helping = answers.only(
            name for name in answers.values if not _still_fails(plan.fields[name], after)
        )
        mended = helping.put_into(state, plan)
        if helping.values and not _keeps(_right(plan), self.judge(mended.draft, mended.hints)):
            helping = answers.only(())
        return _told(mended if helping.values else state, plan, answers, helping)

    def judge(self, draft: dict[str, Any], hints: Hints) -> Judged:
        """The draft grounded and, of a whole article, validated."""
        schema = self.schema
        grounded = ground_draft(draft, schema, self.article, RESOLVERS, self.recipe.policy, hints)
        tree, problems = grounded.tree, grounded.problems
        if self.whole and tree is not None:
            checked = validate(tree, self.recipe.schema.model, schema)
            contradicted = contradictions(checked, schema, self.article)
            tree, problems = checked.tree, (*problems, *checked.problems, *contradicted)
        return Judged({} if tree is None else dict(_leaves(tree, "")), problems)

    @property
    def schema(self) -> JsonSchema:
        """What the draft is to be an instance of."""
        schema = self.recipe.schema.json_schema
        return schema if self.whole else window_schema(schema)

    def _request(self, form: JsonSchema, shown: str, listed: str, state: Mended) -> Request:
        recipe = self.recipe
        fields = len(form["properties"])
        if state.hints.citations is not None:
            form = with_citations(form)
        wire = wire_form(form)
        parameters = recipe.prompt.parameters
        room = min(parameters.max_tokens, TOKENS_A_FIELD * (1 + fields))
        return Request(
            messages=(
                Message(role="system", content=INSTRUCTION),
                Message(role="user", content=_asking(_SHOWN_SENTENCES, _SHOWN_FIELDS)),
                Message(role="assistant", content=_SHOWN_REPLY),
                Message(role="user", content=_asking(spoken(shown), spoken(listed))),
            ),
            schema_name=f"{recipe.schema.name}_repair",
            wire_schema=wire.schema,
            strict=wire.strict,
            parameters=parameters.model_copy(update={"max_tokens": room}),
            grammar=grammar(form, as_shown(self.article.text)),
        )


def is_repair(request: Request) -> bool:
    """Whether a request asks again for fields that failed."""
    return request.messages[0].content == INSTRUCTION


def repair_policy(rounds: int, answers: Sequence[Completion | ExtractorError]) -> AsyncRetrying:
    """Repeats an asking that says that another may be worth it, within the budget.

    The budget is `rounds`, and what the answers so far took. Errors are not tried again
    here: retries of a request are the model's own business.
    """

    asked = stop_after_attempt(rounds)

    def spent(state: RetryCallState) -> bool:
        paid = [answer for answer in answers if isinstance(answer, Completion)]
        tokens = sum(each.usage.input_tokens + each.usage.output_tokens for each in paid)
        seconds = sum(each.seconds for each in paid)
        return asked(state) or tokens >= MOST_TOKENS or seconds >= MOST_SECONDS

    return AsyncRetrying(
        retry=retry_if_result(bool),
        stop=spent,
        retry_error_callback=lambda _: None,
    )


def _asking(shown: str, listed: str) -> str:
    tag = fence_for([shown, listed])
    return f"<{tag}>\n{shown}\n</{tag}>\n\nThe fields, and what is wrong with each:\n{listed}"


def _form_of(
    fields: Mapping[str, Failure], offered: Mapping[str, Sequence[str]], root: JsonSchema
) -> JsonSchema:
    """A schema of just these fields, each of which may be null; words are among those offered."""
    properties: dict[str, JsonSchema] = {}
    for name, each in fields.items():
        if offered[name]:
            one_of = {"type": "string", "enum": list(offered[name])}
            properties[name] = {"anyOf": [one_of, {"type": "null"}]}
        elif nullable(each.schema, root):
            properties[name] = each.schema
        else:
            properties[name] = {"anyOf": [each.schema, {"type": "null"}]}
    form = {"type": "object", "properties": properties, "required": list(properties)}
    return {**form, "$defs": root["$defs"]} if "$defs" in root else form


def _refused(failure: Failure, before: Judged, state: Mended) -> list[str]:
    """The words that were wrong in a field, and those of fields like it in the parts beside."""
    above = path_of(failure.steps[:-3]) if len(failure.steps) > 3 else ""
    beside = [
        value.value
        for path, value in before.values.items()
        if path.startswith(f"{above}/")
        and path.endswith(f"/{failure.steps[-1]}")
        and not failure.holds(path)
    ]
    tried = state.tried.get(failure.path, ())
    return [each for each in (failure.value, *tried, *beside) if isinstance(each, str)]


def _line(name: str, failure: Failure, tried: Sequence[object], offered: Sequence[str] = ()) -> str:
    """What the model is told of one field, in one line."""
    around = f" of {_shown(failure.around)}" if failure.around else ""
    about = f" ({failure.description})" if failure.description else ""
    # Small models copy what they read twice.
    told = isinstance(failure.value, str) and failure.value in failure.message
    wrote = [] if failure.value is None or told else [failure.value]
    answers = ", then ".join(map(_shown, [*wrote, *tried]))
    written = f" You wrote {answers}." if answers else ""
    choice = f" One of {', '.join(map(_shown, offered))}." if offered else ""
    return f'- "{name}": {failure.place}{about}{around}.{written} Wrong: {failure.message}.{choice}'


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _leaves(tree: Tree, path: str) -> Iterator[tuple[str, Value]]:
    """Every value with its place in the draft; null is none."""
    if isinstance(tree, Value):
        if tree.value is not None:
            yield path, tree
    elif isinstance(tree, dict | list):
        for key, child in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from _leaves(child, pointer(path, key))


def _within(path: str, fields: Mapping[str, Failure]) -> bool:
    return any(each.holds(path) for each in fields.values())


def _right(plan: Plan) -> dict[str, Value]:
    """The values that had support and are not asked again; what resolvers computed follows
    from them, and is not among them."""
    return {
        path: value
        for path, value in plan.before.values.items()
        if value.support in {"quoted", "derived"} and not _within(path, plan.fields)
    }


def _keeps(right: Mapping[str, Value], after: Judged) -> bool:
    """Whether each right value is there still, with its own words if it is a quotation.

    What a derived value rests upon may have grown by what was repaired.
    """
    values = after.values
    return all(
        path in values
        and (values[path] == value if value.support == "quoted" else _same(values[path], value))
        for path, value in right.items()
    )


def _same(one: Value, other: Value) -> bool:
    return one.value == other.value and one.support == other.support


def _still_fails(failure: Failure, after: Judged) -> bool:
    """Whether something is wrong with the field, or all of it is lost."""
    wrong = (p.path for p in after.problems if p.severity != "info")
    return any(map(failure.holds, wrong)) or not any(map(failure.holds, after.values))


@dataclass(frozen=True)
class _Answers:
    """What a reply says of the fields that it was asked for: values, by the form's names, and
    the words cited for them, by pointer into the form."""

    values: Mapping[str, object]
    citations: Mapping[str, str]

    @classmethod
    def read(cls, reply: dict[str, Any], plan: Plan, *, cites: bool) -> _Answers:
        """Null, and what was not asked, is no answer."""
        apart, citations = take_apart(reply, plan.form) if cites else (reply, {})
        values = {name: apart[name] for name in plan.fields if apart.get(name) is not None}
        return cls(values, citations)

    def only(self, names: Iterable[str]) -> _Answers:
        """Those of some fields."""
        return replace(self, values={name: self.values[name] for name in names})

    def put_into(self, state: Mended, plan: Plan) -> Mended:
        """The draft with these values in place of what failed, and nothing else changed: what
        was right is settled."""
        draft, cited = state.draft, state.hints.citations
        for name, value in self.values.items():
            failure = plan.fields[name]
            draft = put(draft, failure.steps, value)
            if cited is not None:
                kept = {path: words for path, words in cited.items() if not failure.holds(path)}
                cited = {**kept, **self._cited(name, failure.path)}
        settled = {
            path: value
            for path, value in _right(plan).items()
            if value.support == "quoted" or path in (state.hints.citations or ())
        }
        return replace(
            state, draft=draft, hints=replace(state.hints, citations=cited, settled=settled)
        )

    def _cited(self, name: str, path: str) -> dict[str, str]:
        start = pointer("", name)
        return {
            path + place.removeprefix(start): words
            for place, words in self.citations.items()
            if f"{place}/".startswith(f"{start}/")
        }


def _told(state: Mended, plan: Plan, answers: _Answers, helping: _Answers) -> Mended:
    """The state with a note on each field that was asked for."""
    notes, tried = [], dict(state.tried)
    for name, failure in plan.fields.items():
        given = answers.values.get(name)
        answer = _shown(given)
        if name in helping.values:
            message = (
                f"asked again: {answer} in place of {_shown(failure.value)} ({failure.message})"
            )
            notes.append(_note("repaired", failure.path, message, failure.value))
            continue
        tried[failure.path] = (*tried.get(failure.path, ()), given)
        message = f"asked again in vain: the answer was {answer}"
        notes.append(_note("not_repaired", failure.path, message, given))
    return replace(_noted(state, *notes), tried=tried)


def _noted(state: Mended, *notes: Problem) -> Mended:
    return replace(state, notes=(*state.notes, *notes))


def _note(code: str, path: str, message: str, quote: object = None) -> Problem:
    words = quote if isinstance(quote, str) else None
    return Problem(code=code, path=path, message=message, severity="info", quote=words)


def _no_reply(error: ExtractorError) -> Problem:
    return Problem(code=error.code, path="", message=error.message)
