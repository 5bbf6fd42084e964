"""Plain instructor on PolNeAR, as a competent user would write it: one call, the fields of
`attributions@2`, whole clauses and whole quotations asked for.

    python polnear.py CASES.jsonl BASE_URL OUT.jsonl

needs openai and instructor, and nothing of extractor. Of the file every line is asked. Writes one
line an article: `{"id", "attributions": [{"source", "cue", "content", "parent"}, ...], "seconds",
"tokens", "error"}`, which `extractor eval import` reads.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import instructor
from openai import OpenAI
from pydantic import BaseModel, Field

SYSTEM = (
    "You are an expert in journalism. Find all attributions in the news article: every place where"
    " somebody is reported to have said, written, thought, shown or claimed something. Go through"
    " the article from the beginning to the end, headline included. Copy the source, the cue and"
    " the content exactly as they appear in the article. Give the content in full: the whole"
    " clause, or the whole quotation with its quotation marks. Do not paraphrase, and list each"
    " attribution only once."
)


class Attribution(BaseModel):
    """One statement that the article attributes to a source."""

    source: str | None = Field(
        description="Who says it, exactly as in the text: a name with its title, a noun phrase or"
        " a pronoun ('police', 'a senior official', 'she'). Null if the text names nobody."
    )
    cue: str = Field(
        description="The word or words that link source and content, exactly as in the text, such"
        " as 'said', 'told', 'according to', 'claimed', 'believes' or ':'"
    )
    content: str = Field(
        description="What is said, in full and exactly as in the text: the whole clause or the"
        " whole quotation"
    )
    parent: str | None = Field(
        description="The source through which this one is heard, if the article cites one source"
        " through another, else null"
    )


class Attributions(BaseModel):
    """All attributions of the article, in the order of the text."""

    attributions: list[Attribution] = Field(max_length=30)


def main(cases: Path, base_url: str, out: Path) -> None:
    """Asks for each article and writes each answer as soon as it is there."""
    client = instructor.from_openai(
        OpenAI(base_url=base_url, api_key="local", timeout=1200, max_retries=0),
        mode=instructor.Mode.JSON_SCHEMA,
    )
    with cases.open(encoding="utf-8") as lines, out.open("w", encoding="utf-8") as answers:
        for case in map(json.loads, lines):
            start = time.perf_counter()
            answer = {"id": case["id"], **_asked(client, case["text"])}
            answer["seconds"] = round(time.perf_counter() - start, 1)
            answers.write(json.dumps(answer, ensure_ascii=False) + "\n")
            answers.flush()


def _asked(client: instructor.Instructor, text: str) -> dict[str, object]:
    """An error is an empty answer, and is kept."""
    try:
        record, reply = client.chat.completions.create_with_completion(
            model="m",
            temperature=0,
            max_tokens=3000,
            max_retries=1,
            response_model=Attributions,
            messages=[{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}],
        )
    except Exception as error:
        return {
            "attributions": [],
            "tokens": None,
            "error": f"{type(error).__name__}: {str(error)[:200]}",
        }
    found = record.model_dump()["attributions"]
    return {"attributions": found, "tokens": reply.usage.completion_tokens, "error": None}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
