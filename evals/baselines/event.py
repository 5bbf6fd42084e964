"""Plain instructor on our own articles, as a competent user would write it: one call, the fields of
`event@2` that are not computed from others, and what they mean said in the prompt.

    python event.py CASES BASE_URL OUT.jsonl [CONCURRENCY]

Writes one line an article, `{"id", "record", "seconds", "tokens", "error"}`, which `extractor eval
import` reads.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import instructor
from openai import OpenAI
from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo

from extractor.cases import Case, read_cases
from extractor.catalog import Catalog
from extractor.records import X_SUPPORT

SYSTEM = (
    "You are an expert in news analysis. Extract the event that the news article reports, the"
    " sources that it cites, and the other events that it mentions. Copy all texts (lead, names,"
    " places, times, triggers, cues, quantities, sources, contents) exactly as they stand in the"
    " article, and keep them short. main_event is the newest event, and null if the text is not a"
    " report. actors are those who do it, recipients those it is done to. type and mode follow"
    " PLOVER, sector too. certainty: CT certain, PR probable, PS possible, U unknown; polarity: +"
    " happens, - does not happen, u unknown. An attribution has the source that says something,"
    " the cue (said, reported) and the content; named is whether the source is named. kind of"
    " another event: background (happened before), planned, feared. Use null, or an empty list,"
    " for what the article does not say."
)


@cache
def asked(model: type[BaseModel]) -> type[BaseModel]:
    """The model without its computed fields, and without validators."""
    said = model.model_json_schema()["properties"]
    fields: dict[str, Any] = {
        name: (_asked_type(field), field.default if not field.is_required() else ...)
        for name, field in model.model_fields.items()
        if "by" not in said[name].get(X_SUPPORT, {})
    }
    return create_model(model.__name__, __doc__=model.__doc__, **fields)


def _asked_type(field: FieldInfo) -> Any:
    limits = [each for each in field.metadata if type(each).__module__ == "annotated_types"]
    kind = _without_computed(field.annotation)
    return Annotated[(kind, *limits)] if limits else kind


def _without_computed(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return asked(kind)
    if get_origin(kind) is list:
        return list[_without_computed(get_args(kind)[0])]
    if type(None) in get_args(kind):
        [alone] = set(get_args(kind)) - {type(None)}
        return _without_computed(alone) | None
    return kind


def answered(client: instructor.Instructor, case: Case, record: type[BaseModel]) -> dict[str, Any]:
    """The answer to one article; an error is an empty answer, and is kept."""
    start = time.perf_counter()
    answer: dict[str, Any] = {"id": case.id, "record": None, "tokens": None, "error": None}
    try:
        found, reply = client.chat.completions.create_with_completion(
            model="m",
            temperature=0,
            max_tokens=3000,
            max_retries=1,
            response_model=record,
            messages=[
                {"role": "system", "content": SYSTEM},
                {"role": "user", "content": case.article.text},
            ],
        )
        answer |= {
            "record": found.model_dump(mode="json"),
            "tokens": reply.usage.completion_tokens,
        }
    except Exception as error:
        answer["error"] = f"{type(error).__name__}: {str(error)[:200]}"
    return answer | {"seconds": round(time.perf_counter() - start, 1)}


def main(cases: Path, base_url: str, out: Path, concurrency: int) -> None:
    """Asks for each article and writes each answer as soon as it is there."""
    client = instructor.from_openai(
        OpenAI(base_url=base_url, api_key="local", timeout=1200, max_retries=0),
        mode=instructor.Mode.JSON_SCHEMA,
    )
    record = asked(Catalog.open().schema("event@2").model)
    with ThreadPoolExecutor(concurrency) as pool, out.open("w", encoding="utf-8") as answers:
        for answer in pool.map(lambda case: answered(client, case, record), read_cases(cases)):
            answers.write(json.dumps(answer, ensure_ascii=False) + "\n")
            answers.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]) if sys.argv[4:] else 1)
