"""`extractor cassettes` and `eval` over cases of the test's own, asked of a server on loopback."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from extractor.cli import app
from tests.recorded import EVALS
from tests.small_context import SmallContext


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallContext]:
    """An endpoint that finds nothing in any article; the settings name it."""
    reply = (
        '{"lead": null, "genre": null, "main_event": null, "attributions": [], "other_events": []}'
    )
    with SmallContext(10**6, reply) as running:
        for name in ("OPENAI_API_KEY", "EXTRACTOR_DECODING"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("EXTRACTOR_BASE_URL", running.url)
        monkeypatch.setenv("EXTRACTOR_MODEL", "small")
        yield running


def write_cases(root: Path, **texts: str) -> Path:
    folder = root / "cases"
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        case = {"article": {"text": text}, "schema": "event@1", "gold": {"main_event": None}}
        (folder / f"{name}.json").write_text(json.dumps(case), encoding="utf-8")
    return folder


def extractor(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_only_what_is_missing_or_stale_is_recorded_again(
    server: SmallContext, tmp_path: Path
) -> None:
    cases = write_cases(tmp_path, one="Ann met Bob.", two="It rained.")
    options = (cases, "--prompt", "event@1", "--cassettes", tmp_path / "tapes", "--missing")
    assert extractor("cassettes", "record", *options).exit_code == 0
    assert server.answered == 2

    write_cases(tmp_path, two="It snowed.", three="It thawed.")
    again = extractor("cassettes", "record", *options)
    assert sorted(Path(line).stem for line in again.stdout.split()) == ["three", "two"]
    assert server.answered == 4

    nothing = extractor("cassettes", "record", *options)
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "nothing is missing or stale" in nothing.stderr
    assert server.answered == 4


def test_a_recording_is_found_by_the_decoding_that_it_was_made_with(
    server: SmallContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = write_cases(tmp_path, one="Ann met Bob.")
    options = (cases, "--prompt", "event@1", "--cassettes", tmp_path / "tapes")
    monkeypatch.setenv("EXTRACTOR_DECODING", "grammar")
    assert extractor("cassettes", "record", *options).exit_code == 0
    assert extractor("cassettes", "status", *options).stdout.split() == ["fresh", "one"]
    done = extractor("eval", "run", *options, "--replay", "--format", "json")
    assert (done.exit_code, server.answered) == (0, 1), done.output
    [article] = json.loads(done.stdout)["articles"]
    assert article["id"] == "one"
    monkeypatch.setenv("EXTRACTOR_DECODING", "schema")
    assert extractor("cassettes", "status", *options).stdout.split() == ["missing", "one"]


def test_repairs_are_measured_against_asking_for_all_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The words of `lead` are wrong whenever all is asked, and right when they alone are."""
    reply: dict[str, object] = {
        "lead": "It poured.",
        "genre": "briefs",
        "main_event": None,
        "attributions": [],
    }
    content = json.dumps({**reply, "other_events": [], "lead_1": "It rained."})
    cases = write_cases(tmp_path, one="It rained.")
    options = ("eval", "repairs", cases, "--prompt", "event@1", "--cassettes", tmp_path / "tapes")
    monkeypatch.setenv("EXTRACTOR_MODEL", "small")
    monkeypatch.setenv("EXTRACTOR_DECODING", "schema")
    with SmallContext(10**6, content) as endpoint:
        monkeypatch.setenv("EXTRACTOR_BASE_URL", endpoint.url)
        recorded = extractor(*options, "--record")
        assert (recorded.exit_code, endpoint.answered) == (0, 3), recorded.output
    replayed = extractor(*options)
    assert (replayed.exit_code, replayed.stdout) == (0, recorded.stdout)
    lines = replayed.stdout.splitlines()
    name, failed, repaired, again, small, large, share = lines[1].split()
    assert (name, failed, repaired, again) == ("one", "1", "1", "0")
    assert int(small) < int(large)
    assert share == f"{int(small) / int(large):.1%}"
    assert "1 articles, 1 with failed fields" in lines
    assert any(line.startswith("first: 0.0% of 1 quotations") for line in lines)
    assert any(line.startswith("repaired: 100.0% of 1 quotations") for line in lines)
    assert any(line.startswith("asked again whole: 0.0% of 1 quotations") for line in lines)


@pytest.mark.slow
def test_the_recorded_repairs_take_a_third_of_the_tokens_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of the embedded model without a grammar, on our articles: `make bench-repair`."""
    for name in ("OPENAI_API_KEY", "EXTRACTOR_BASE_URL", "EXTRACTOR_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EXTRACTOR_DECODING", "schema")
    recorded = EVALS / "repairs" / "cassettes"
    told = extractor("eval", "repairs", EVALS / "articles", "--cassettes", recorded)
    assert told.exit_code == 0, told.output
    [total] = [line.split() for line in told.stdout.splitlines() if line.startswith("all ")]
    assert float(total[-1].rstrip("%")) <= 35.0
    found = re.findall(r"(first|repaired): ([0-9.]+)% of (\d+) quotations found", told.stdout)
    (_, before, asked), (_, after, asked_then) = found
    assert asked == asked_then
    assert float(after) > float(before)
    cases, repaired = map(int, re.findall(r"(\d+) articles, (\d+) with failed", told.stdout)[0])
    assert len(list(recorded.rglob("*.yaml"))) == cases + repaired, "nothing else is recorded"
