"""`extractor cassettes` and `eval` over cases of the test's own, asked of a server on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from extractor.cli import app
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
