"""`extractor eval rescore`: kept replies scored again, with the endpoint gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from extractor.cli import app
from extractor.errors import InputError
from tests.small_context import SmallContext

RAIN: dict[str, Any] = {
    "lead": "It rained.",
    "genre": "briefs",
    "main_event": None,
    "attributions": [],
    "other_events": [],
}
PROMPT = ("--prompt", "event@1")


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings name an endpoint that is not there."""
    for name in ("OPENAI_API_KEY", "EXTRACTOR_DECODING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EXTRACTOR_BASE_URL", "http://model.invalid/v1")
    monkeypatch.setenv("EXTRACTOR_MODEL", "small")


def write_case(root: Path, name: str, text: str, gold: dict[str, Any]) -> None:
    root.mkdir(exist_ok=True)
    case = {"article": {"text": text}, "schema": "event@1", "gold": gold}
    (root / f"{name}.json").write_text(json.dumps(case), encoding="utf-8")


def extractor(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def keep(endpoint: SmallContext, cases: Path, folder: Path) -> dict[str, Any]:
    """The run that the replies in `folder` are kept of."""
    done = extractor(
        *("eval", "run", cases, *PROMPT, "--keep", folder, "--format", "json"),
        *("--base-url", endpoint.url),
    )
    assert done.exit_code == 0, done.output
    parsed: dict[str, Any] = json.loads(done.stdout)
    return parsed


def rescored(cases: Path, folder: Path, *options: str) -> Result:
    return extractor(
        "eval", "rescore", cases, *PROMPT, "--keep", folder, "--format", "json", *options
    )


@pytest.mark.usefixtures("named")
def test_gold_that_changed_is_scored_without_the_endpoint(tmp_path: Path) -> None:
    cases, folder = tmp_path / "cases", tmp_path / "kept"
    write_case(cases, "rain", "It rained.", {"genre": "report"})
    with SmallContext(10**6, json.dumps(RAIN)) as endpoint:
        run = keep(endpoint, cases, folder)
    assert (run["micro"]["right"], run["micro"]["wrong"]) == (0, 1)
    assert json.loads(rescored(cases, folder).stdout) == run

    write_case(cases, "rain", "It rained.", {"genre": "briefs"})
    again = rescored(cases, folder)
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)["micro"]["right"] == 1


@pytest.mark.usefixtures("named")
def test_a_metric_that_changed_is_scored_without_the_endpoint(tmp_path: Path) -> None:
    """One word of three is the same: wrong, until the scoring file says that this will do."""
    cases, folder = tmp_path / "cases", tmp_path / "kept"
    write_case(cases, "rain", "It rained.", {"lead": "It poured."})
    with SmallContext(10**6, json.dumps(RAIN)) as endpoint:
        assert keep(endpoint, cases, folder)["micro"]["wrong"] == 1
    file = cases / "scoring.toml"
    file.write_text('lead = {metric = "tokens", tolerance = 0.7, weight = 2}', encoding="utf-8")
    again = json.loads(rescored(cases, folder).stdout)
    assert (again["micro"]["right"], again["micro"]["wrong"]) == (2, 0)
    assert again["scoring"] == {"lead": {"metric": "tokens", "tolerance": 0.7, "weight": 2}}
    file.write_text("leed.weight = 2", encoding="utf-8")
    refused = rescored(cases, folder)
    assert isinstance(refused.exception, InputError)
    assert "the schema has no field 'leed'" in refused.exception.message


@pytest.mark.usefixtures("named")
def test_an_article_without_a_kept_reply_has_failed(tmp_path: Path) -> None:
    cases, folder = tmp_path / "cases", tmp_path / "kept"
    write_case(cases, "rain", "It rained.", {"genre": "briefs"})
    with SmallContext(10**6, json.dumps(RAIN)) as endpoint:
        keep(endpoint, cases, folder)
    write_case(cases, "snow", "It snowed.", {"genre": "briefs"})
    done = rescored(cases, folder)
    assert done.exit_code == 1
    assert "snow: no reply of small to this request is kept" in done.stderr
    statuses = {each["id"]: each["status"] for each in json.loads(done.stdout)["articles"]}
    assert statuses == {"rain": "complete", "snow": "failed"}


@pytest.mark.usefixtures("named")
def test_a_text_that_was_read_in_windows_is_so_again(tmp_path: Path) -> None:
    cases, folder = tmp_path / "cases", tmp_path / "kept"
    text = "It rained. " + "It poured in Brenna all day long. " * 400
    write_case(cases, "long", text, {"genre": "briefs"})
    with SmallContext(20_000, json.dumps(RAIN)) as endpoint:
        run = keep(endpoint, cases, folder)
        assert endpoint.refused > 0
        assert keep(endpoint, cases, folder) == run  # refused again, and kept once
        answered, refused = endpoint.answered, endpoint.refused
    assert answered > 1
    assert len((folder / "refusals.jsonl").read_text().splitlines()) == refused / 2
    assert json.loads(rescored(cases, folder).stdout) == run


def test_a_folder_without_replies_is_refused(tmp_path: Path) -> None:
    write_case(tmp_path / "cases", "rain", "It rained.", {"genre": "briefs"})
    done = rescored(tmp_path / "cases", tmp_path / "none")
    assert isinstance(done.exception, InputError)
    assert done.exception.message.endswith("none: no replies are kept here")
    assert not (tmp_path / "none").exists()
